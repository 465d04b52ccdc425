"""From a sum of contributions to a number one may read: scale and monotone map, fitted on the experts' lists.

The number says: of a hundred comparisons that score like this one, so many are among the mobilities that ROME's experts
listed. It is not the probability that a person will make the move.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from graph.arrayset import ArraySet

Floats = NDArray[np.float64]
_BINS = 4_000


def fit_scale(score: Floats, listed: NDArray[np.bool_], weight: Floats | None = None) -> tuple[float, float]:
    """Slope and intercept that make a score a log-odds (Platt 1999), by Newton's method on equal-count bins.

    score:   (n_pairs,) any real number
    listed:  (n_pairs,) whether experts list the pair
    weight:  (n_pairs,) how many pairs each stands for; 1 where none is given
    returns: slope > 0 and intercept, of the log-odds ``slope * score + intercept``
    """
    order = np.argsort(score, kind="stable")
    edges = np.unique(np.linspace(0, len(score), _BINS + 1).astype(np.int64))
    stands_for = np.ones(len(score)) if weight is None else weight[order]
    count = np.add.reduceat(stands_for, edges[:-1])
    mean = np.add.reduceat(score[order] * stands_for, edges[:-1]) / count
    positive = np.add.reduceat(listed[order] * stands_for, edges[:-1])
    design = np.column_stack([mean, np.ones_like(mean)])
    rate = np.clip(positive.sum() / count.sum(), 1e-6, 1 - 1e-6)
    solution = np.array([0.0, np.log(rate / (1 - rate))])
    for _ in range(100):
        probability = expit(design @ solution)
        gradient = design.T @ (positive - count * probability)
        curvature = (design.T * (count * probability * (1 - probability))) @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        # a step of more than a few log-odds at once overshoots where listed pairs are one in two hundred
        solution += step / max(1.0, float(np.abs(step).max()) / 4.0)
        if np.abs(step).max() < 1e-9:
            break
    return max(float(solution[0]), 1e-6), float(solution[1])


@dataclass(frozen=True)
class Calibration(ArraySet):
    """A monotone map from log-odds to a share of listed pairs.

    knots:  (n_knots,) increasing log-odds
    shares: (n_knots,) share of pairs listed, non-decreasing in [0, 1]
    """

    knots: Floats
    shares: Floats

    @classmethod
    def fit(cls, log_odds: Floats, listed: NDArray[np.bool_], weight: Floats | None = None) -> Self:
        """Isotonic regression (Barlow et al. 1972) of ``listed`` on ``log_odds``, (n_pairs,) each, one pair or more.

        weight: (n_pairs,) how many pairs each stands for; 1 where none is given
        """
        # a sixth of a second to load, for which who only reads a calibration does not wait
        from scipy.optimize import isotonic_regression  # noqa: PLC0415

        order = np.argsort(log_odds, kind="stable")
        weights = None if weight is None else weight[order]
        fitted = isotonic_regression(listed[order].astype(np.float64), weights=weights).x
        # one knot in the middle of each level: between two levels the map rises in a straight line
        starts = np.flatnonzero(np.r_[True, np.diff(fitted) > 0])
        ends = np.r_[starts[1:], len(fitted)]
        middles = (log_odds[order][starts] + log_odds[order][ends - 1]) / 2
        knots, first = np.unique(middles, return_index=True)
        return cls(knots, np.asarray(fitted[starts][first], dtype=np.float64))

    def share(self, log_odds: Floats) -> Floats:
        """Share of pairs with such log-odds that experts list; same shape, in [0, 1], never decreasing in log-odds."""
        return np.interp(log_odds, self.knots, self.shares)
