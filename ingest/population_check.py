"""Whether what was drawn is faithful to what is published: totals, and Pearson's chi-square over pooled cells."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

#: cells are pooled until each is expected to hold so many (Cochran 1954)
LEAST_EXPECTED = 5.0


@dataclass(frozen=True)
class Faithfulness:
    """How counts drawn compare with those published.

    published: their total; drawn: how many were drawn; ratio: drawn over published times the scale
    chi_square, degrees, p: Pearson 1900, over ``cells`` pooled ones; p is how often chance alone gives more, in [0, 1]
    """

    published: float
    drawn: int
    ratio: float
    cells: int
    chi_square: float
    degrees: int
    p: float


def faithfulness(
    drawn: NDArray[np.int64], published: NDArray[np.float64], groups: NDArray[np.int64], scale: float
) -> Faithfulness:
    """Compares counts cell by cell.

    drawn, published: (n_cells,); groups: (n_cells,) from 0; small cells are pooled within a group first
    """
    total, wanted = int(drawn.sum()), float(published.sum())
    pools = _pools(published * (total / wanted), groups)
    expected = np.bincount(pools, published) * (total / wanted)
    observed = np.bincount(pools, drawn)
    statistic = float(((observed - expected) ** 2 / expected).sum())
    degrees = len(expected) - 1
    p = float(chi2.sf(statistic, degrees)) if degrees else 1.0
    return Faithfulness(wanted, total, total / (scale * wanted), len(expected), statistic, degrees, p)


def _pools(expected: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of each cell's pool: its own, its group's small cells', or that of all groups whose own are too few."""
    small = expected < LEAST_EXPECTED
    of_group = np.bincount(groups, expected * small)
    pooled = np.where(of_group >= LEAST_EXPECTED, np.arange(len(of_group)), -1)
    key = np.where(small, pooled[groups], len(of_group) + np.arange(len(expected)))
    if of_group[pooled < 0].sum() < LEAST_EXPECTED and (key >= 0).any():
        # what is left of all groups together is too few, too: it joins the largest
        key = np.where(key < 0, key[int(np.argmax(np.where(key >= 0, expected, -1.0)))], key)
    return np.unique(key, return_inverse=True)[1].astype(np.int64)
