"""Offers for each seeker, shrunken toward the larger territory where counts are small (gamma-Poisson model).

The open offers O of a family in an area are taken as Poisson with mean θ·S, S its seekers, and θ as gamma with shape
``SHAPE`` and the mean m of the larger territory. Then θ given O is gamma with

    shape = O + SHAPE    and    rate = S + SHAPE / m

where m is the mean of the department, itself shrunken to the region, the region to the nation, the nation to all
families together (Clayton and Kaldor, "Empirical Bayes estimates of age-standardized relative risks for use in disease
mapping", Biometrics 43, 1987; the levels one after the other, each taken as known by the next). One more offer raises O
and every m, one more seeker raises S and lowers every m: the estimate follows either, and never goes the other way.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

Floats = NDArray[np.float64]
Places = NDArray[np.int32]

#: shape of the prior: its standard deviation is 63% (1/√2.5) of its mean. Of 0.5, 1, 1.5, 2, 2.5, 3, 4 and 6 the one
#: with the greatest likelihood over the published cells, each left out of its own prior (docs/potential.md)
SHAPE = 2.5
#: the least and greatest quantile of an interval
INTERVAL = (0.05, 0.95)
#: position in ``recommend.territory_arrays.LEVELS``; no seekers of the family anywhere
NOWHERE = -1


@dataclass(frozen=True)
class Pooled:
    """(n_families, n_areas) shape and rate of θ, and the smallest level at which seekers are known (NOWHERE: none).

    overall: offers for each seeker of all families and areas together; NaN where no seekers are known at all
    """

    shape: Floats
    rate: Floats
    level: NDArray[np.int8]
    overall: float


def pool(offers: Floats, seekers: Floats, department: Places, region: Places) -> Pooled:
    """Estimates θ in each area.

    offers, seekers:    (n_families, n_areas) counts, at least 0; NaN where nobody publishes them
    department, region: (n_areas,) the larger territory of each area, from 0; -1 where it has none
    """
    known = ~(np.isnan(offers) | np.isnan(seekers))
    counted, exposed = np.where(known, offers, 0.0), np.where(known, seekers, 0.0)
    total = exposed.sum()
    # Jeffreys' prior for a Poisson mean, so that no offer at all is not a mean of zero
    overall = (counted.sum() + 0.5) / total if total > 0 else np.nan
    if not total > 0:
        empty = np.full(offers.shape, np.nan)
        return Pooled(empty, empty, np.full(offers.shape, NOWHERE, dtype=np.int8), overall)
    nation_offers, nation_seekers = counted.sum(axis=1, keepdims=True), exposed.sum(axis=1, keepdims=True)
    mean = np.broadcast_to(_mean(nation_offers, nation_seekers, overall), offers.shape)
    level = np.where(nation_seekers > 0, 3, NOWHERE).astype(np.int8) * np.ones(offers.shape, dtype=np.int8)
    for position, within in ((2, region), (1, department)):
        o, s = _summed(counted, within), _summed(exposed, within)
        mean = np.where(within >= 0, _mean(o, s, mean), mean)
        level[s > 0] = position
    level[known & (exposed > 0)] = 0
    return Pooled(counted + SHAPE, exposed + SHAPE / mean, level, float(overall))


def chance(shape: Floats, rate: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of 1 - exp(-θ), in [0, 1]; any one shape.

    It is the share of seekers for whom there is an offer, were each offer to fall to one of them at random: urn-ball
    matching (Butters 1977; Petrongolo and Pissarides, "Looking into the black box: a survey of the matching function",
    Journal of Economic Literature 39, 2001). A family with plenty of offers counts for one at most.
    """
    none = np.exp(-shape * np.log1p(1 / rate))
    return 1 - none, np.maximum(np.exp(-shape * np.log1p(2 / rate)) - none**2, 0.0)


def open_again(offers: Floats) -> Floats:
    """Chance that at least one offer is open on another such day, given how many were on the day of the count.

    Poisson with Jeffreys' prior: 1 - 2^-(offers + 1/2); same shape, from 0.29 for none (one day is not every day) to 1.
    """
    return 1 - 0.5 ** (offers + 0.5)


def ratio_interval(shape: Floats, rate: Floats) -> tuple[Floats, Floats]:
    """The least and greatest offers for each seeker, at the quantiles of ``INTERVAL``."""
    low, high = (gammaincinv(shape, quantile) / rate for quantile in INTERVAL)
    return low, high


def _mean(offers: Floats, seekers: Floats, prior: Floats | float) -> Floats:
    return np.asarray((offers + SHAPE) / (seekers + SHAPE / prior))


def _summed(counts: Floats, within: Places) -> Floats:
    """(n_families, n_areas) the sum over each area's larger territory; 0 where it has none."""
    width = int(within.max(initial=-1)) + 1
    inside = within >= 0
    sums = np.zeros((width + 1, counts.shape[0]))
    np.add.at(sums, within[inside], counts[:, inside].T)
    return sums[within].T
