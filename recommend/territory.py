"""Recruitment potential: in which employment areas the occupations of a person are wanted, and why.

    potential = Σ over families f of  weight(f) · [1 - 2^-(offers(f, area) + 1/2)] · E[1 - exp(-θ(f, area))]

The weight in [0, 1] says how well the family suits the person, the second factor that an offer is open there at all,
the third that there are enough of them for those who seek: θ is the offers for each seeker. Both are estimated in
``recommend.territory_shrinkage``. It reads "of so many occupations, so many are open there". The class of tension is
shown and never part of it: half of the published classes are 5. Distance is shown and filters; it is the person's to
weigh.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from recommend.territory_arrays import MarketArrays
from recommend.territory_shrinkage import INTERVAL, NOWHERE, Floats, chance, open_again

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Pursuit:
    """The families that a person may look for work in, each once however many of its occupations are wanted.

    rows:    (n,) rows of families in ``MarketArrays``, in their order
    weights: (n,) in (0, 1], the greatest of the weights of the family's occupations
    own:     (n,) the family of a past occupation
    unknown: ROME 3 codes that the arrays have not
    """

    rows: Rows
    weights: Floats
    own: NDArray[np.bool_]
    unknown: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, arrays: MarketArrays, past: Iterable[str], reconversions: Iterable[tuple[str, float]] = ()
    ) -> "Pursuit":
        """Makes the families distinct: offers of a family are the same whichever of its occupations is meant.

        past:          families (ROME 3) of the past occupations, of weight 1
        reconversions: (family, share) of each occupation ranked for the person, share in [0, 1]; 0 is left out
        raises:        ValueError when a share is not in [0, 1]
        """
        own = set(past)
        weights = dict.fromkeys(own, 1.0)
        for family, share in reconversions:
            if not 0 <= share <= 1:
                raise ValueError(f"share of {family}: {share} is not in [0, 1]")
            weights[family] = max(weights.get(family, 0.0), share)
        wanted = sorted(family for family, weight in weights.items() if weight > 0)
        known = [family for family in wanted if family in arrays.family_index_of]
        return cls(
            np.array([arrays.family_index_of[family] for family in known], dtype=np.int64),
            np.array([weights[family] for family in known]),
            np.array([family in own for family in known], dtype=np.bool_),
            tuple(family for family in wanted if family not in arrays.family_index_of),
        )


@dataclass(frozen=True)
class Potential:
    """The potential of every area for one person; every array is (n_areas,) unless said otherwise.

    value:      0 to ``out_of``; NaN where no family has figures
    low, high:  90% interval of it, wider where counts are small or a figure is a larger territory's
    out_of:     sum of the weights of the families that have figures
    parts:      (n_families, n_areas) what each family adds; 0 where it has no figure
    counted:    (n_families,) families that have figures; seekers of the others are published nowhere
    own_offers, other_offers:   open offers of the past occupations' families, of the reconversions'; NaN where unknown,
        or where there is no such family
    own_seekers, other_seekers: their competition, sums of what is published; NaN where nothing is
    """

    pursuit: Pursuit
    value: Floats
    low: Floats
    high: Floats
    out_of: float
    parts: Floats
    counted: NDArray[np.bool_]
    own_offers: Floats
    other_offers: Floats
    own_seekers: Floats
    other_seekers: Floats


def potential(arrays: MarketArrays, pursuit: Pursuit) -> Potential:
    """The potential of every area.

    The interval takes the families as independent, and their weighted mean as beta with its mean and variance.
    """
    rows, weights = pursuit.rows, pursuit.weights
    level = arrays.level[rows]
    counted = (level != NOWHERE).any(axis=1)
    used, share = rows[counted], weights[counted]
    parts = np.zeros(level.shape)
    total = float(share.sum())
    if len(used):
        mean, variance = chance(arrays.shape[used], arrays.rate[used])
        factor = share[:, None] * open_again(arrays.offers[used])
        parts[counted] = factor * mean
        value = parts.sum(axis=0)
        low, high = _interval(value / total, ((factor / total) ** 2 * variance).sum(axis=0))
        low, high = total * low, total * high
    else:
        value = low = high = np.full(len(arrays.area_codes), np.nan)
    return Potential(
        pursuit,
        value,
        low,
        high,
        total,
        parts,
        counted,
        own_offers=_sum(arrays.offers[rows[pursuit.own]]),
        other_offers=_sum(arrays.offers[rows[~pursuit.own]]),
        own_seekers=_sum(arrays.seekers[rows[pursuit.own]]),
        other_seekers=_sum(arrays.seekers[rows[~pursuit.own]]),
    )


@dataclass(frozen=True)
class Destination:
    """One area among the best; what is unknown is None.

    area:      column in ``MarketArrays``; rank is 1 for the best of what was asked for
    potential: with its 90% interval, low and high, all out of ``out_of``
    km:        as the crow flies
    own_offers, other_offers, own_seekers, other_seekers: as in ``Potential``
    """

    area: int
    code: str
    label: str
    rank: int
    potential: float
    low: float
    high: float
    out_of: float
    km: float | None
    own_offers: int | None
    other_offers: int | None
    own_seekers: float | None
    other_seekers: float | None


@dataclass(frozen=True)
class Destinations:
    """The best areas of what was asked for.

    considered: areas in reach; unplaced: areas that have no point, so that nobody knows whether they are
    own_offers, other_offers: open offers of all areas in reach; None where unknown, or no such family is looked for
    """

    best: tuple[Destination, ...]
    considered: int
    unplaced: int
    own_offers: int | None
    other_offers: int | None


def best_areas(
    arrays: MarketArrays,
    found: Potential,
    *,
    km: Floats | None = None,
    within: float | None = None,
    region: str | None = None,
    home: str | None = None,
    limit: int = 10,
) -> Destinations:
    """The areas of greatest potential: in France, in a region, or within so many km; equal ones by their code.

    km:     (n_areas,) distance of each area from the person's place, NaN where unknown
    within: the most km; an area without a distance is out, and counted
    region: code of a region ("32")
    home:   code of the person's own area, which is in reach whatever its distance
    raises: ValueError when ``within`` comes without ``km``, KeyError when there is no such region or area
    """
    reach = np.ones(len(arrays.area_codes), dtype=np.bool_)
    unplaced = 0
    if region is not None:
        places = list(arrays.region_codes)
        if region not in places:
            raise KeyError(region)
        reach &= arrays.region == places.index(region)
    if within is not None:
        if km is None:
            raise ValueError("within asks for km")
        own = np.zeros_like(reach)
        if home is not None:
            own[arrays.area_index_of[home]] = True
        unplaced = int((reach & np.isnan(km) & ~own).sum())
        reach &= own | (km <= within)
    order = np.argsort(-found.value, kind="stable")
    ordered = [int(area) for area in order if reach[area] and not np.isnan(found.value[area])]
    best = tuple(
        Destination(
            area=area,
            code=arrays.area_codes[area],
            label=arrays.area_labels[area],
            rank=rank,
            potential=float(found.value[area]),
            low=float(found.low[area]),
            high=float(found.high[area]),
            out_of=found.out_of,
            km=_number(km[area]) if km is not None else None,
            own_offers=_count(found.own_offers[area]),
            other_offers=_count(found.other_offers[area]),
            own_seekers=_number(found.own_seekers[area]),
            other_seekers=_number(found.other_seekers[area]),
        )
        for rank, area in enumerate(ordered[:limit], start=1)
    )
    return Destinations(
        best,
        int(reach.sum()),
        unplaced,
        _count(_sum(found.own_offers[reach][:, None])[0]),
        _count(_sum(found.other_offers[reach][:, None])[0]),
    )


def _interval(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Quantiles of the beta of this mean, in (0, 1), and variance; the mean itself where nothing is uncertain."""
    spread = mean * (1 - mean)
    certain = ~((variance > 1e-18) & (spread > variance))
    size = np.where(certain, 1.0, spread / np.where(certain, 1.0, variance) - 1)
    a, b = mean * size, (1 - mean) * size
    low, high = (np.where(certain, mean, betaincinv(a, b, quantile)) for quantile in INTERVAL)
    # the mean of a very skewed beta may lie outside the two quantiles
    return np.minimum(low, mean), np.maximum(high, mean)


def _sum(counts: Floats) -> Floats:
    """(n_areas,) sum over the first axis of what is known; NaN where nothing is, and of no families."""
    known = ~np.isnan(counts)
    return np.where(known.any(axis=0), np.where(known, counts, 0.0).sum(axis=0), np.nan)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _count(value: float) -> int | None:
    return None if np.isnan(value) else round(float(value))
