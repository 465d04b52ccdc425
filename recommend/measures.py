"""What ranks and forecasts are worth, beyond the mean: who is shown, to whom it works, and whether a number is true."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommend.evaluation import metrics, unknown_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

#: length of the list that a person is shown
SHOWN = 20
#: how many of the most listed or most shown occupations are looked at apart
MOST = 10
_BINS = 10
#: what a calibration must reach, see ``Reliability.passes``
LEAST_SKILL, GREATEST_ERROR = 0.05, 0.02


def top_lists(scores: Floats, passed_over: Booleans, k: int = SHOWN) -> Integers:
    """The ``k`` best targets of each source, best first, by row number on ties.

    scores:      (n_occupations, n_occupations), higher first
    passed_over: (n_occupations, n_occupations) pairs that are not shown; a source is never shown to itself
    returns:     (n_occupations, k); -1 where there are fewer
    """
    lists = np.full((len(scores), k), -1, dtype=np.int64)
    for source in range(len(scores)):
        candidates = unknown_of(source, passed_over)
        best = candidates[np.argsort(-scores[source, candidates], kind="stable")[:k]]
        lists[source, : len(best)] = best
    return lists


def exposure(lists: Integers, size: int) -> dict[str, float]:
    """How evenly the occupations are shown.

    lists:   (n_lists, k) rows of the occupations shown, -1 for none
    size:    number of occupations
    returns: ``coverage``, share of the occupations in one list or more; ``gini``, coefficient of how often each is
        shown (Gini 1912), 0 when all are alike, near 1 when one has it all; ``mostShown``, share of the places that go
        to the ten most shown. NaN when nothing is shown
    """
    shown = np.sort(np.bincount(lists[lists >= 0], minlength=size)).astype(np.float64)
    places = shown.sum()
    if places == 0:
        return dict.fromkeys(("coverage", "gini", "mostShown"), float("nan"))
    weight = 2 * np.arange(1, size + 1) - size - 1
    return {
        "coverage": float((shown > 0).mean()),
        "gini": float(weight @ shown / (size * places)),
        "mostShown": float(shown[-MOST:].sum() / places),
    }


def most_listed(moves: csr_matrix, count: int = MOST) -> Integers:
    """Rows of the occupations that most others list, most first, by row number on ties.

    moves: (n_occupations, n_occupations) all published mobilities: which targets are left out must not hang on a fold
    """
    incoming = np.bincount(moves.indices, minlength=moves.shape[1])
    return np.argsort(-incoming, kind="stable")[:count].astype(np.int64)


def not_to(held_out: Integers, targets: Integers) -> Booleans:
    """(n,) whether each held-out mobility leads elsewhere than to ``targets``."""
    return ~np.isin(held_out[:, 1], targets)


def cross_domain(held_out: Integers, grand_domain: NDArray[np.integer]) -> Booleans:
    """(n,) whether each held-out mobility leads to another grand domain (first letter of the code)."""
    letters = grand_domain[held_out]
    return np.asarray(letters[:, 0] != letters[:, 1])


def metrics_by_source(ranks: Floats, sources: Integers) -> dict[str, float]:
    """``metrics`` of each source, then their mean: a long list counts no more than a short one.

    ranks, sources: (n,) rank and source of each held-out mobility
    returns:        the same names; ``count`` is the number of sources
    """
    each = [metrics(ranks[sources == source]) for source in np.unique(sources)]
    if not each:
        return metrics(ranks)
    means = {name: float(np.mean([own[name] for own in each])) for name in each[0]}
    return means | {"count": len(each)}


@dataclass(frozen=True)
class Reliability:
    """Whether forecasts of how often something happens come true.

    count, base_rate: forecasts, and the share of them that came true
    error:    expected calibration error: mean over the forecasts of the distance between their bin's mean forecast and
              the share that came true (Naeini et al. 2015), in [0, 1]
    brier:    mean square distance between forecast and outcome (Brier 1950)
    skill:    1 - brier / that of forecasting the base rate each time: 0 for that constant, 1 for a seer, negative
              for less than nothing; NaN where all came true, or none
    forecast, observed, size: (n_bins,) mean forecast, share that came true and forecasts of each bin
    """

    count: int
    base_rate: float
    error: float
    brier: float
    skill: float
    forecast: Floats
    observed: Floats
    size: Integers

    @property
    def passes(self) -> bool:
        """Skill above 0.05 and error below 0.02.

        The number on the screen is "n in 100": an error of 0.02 is two of them. Any constant fails by its skill, which
        is 0 at best: it is true on average and tells no two occupations apart.
        """
        return self.skill > LEAST_SKILL and self.error < GREATEST_ERROR


def reliability(forecast: Floats, outcome: Booleans, bins: int = _BINS) -> Reliability:
    """Compares forecasts with what came true, in bins of equal mass; equal forecasts share a bin.

    forecast: (n,) in [0, 1]
    outcome:  (n,) whether it came true
    returns:  all NaN, and no bin, for no forecast
    raises:   ValueError on a forecast outside [0, 1], or that is not a number
    """
    if not ((forecast >= 0) & (forecast <= 1)).all():
        raise ValueError("forecasts must be shares in [0, 1]")
    if not len(forecast):
        nan = float("nan")
        return Reliability(0, nan, nan, nan, nan, np.empty(0), np.empty(0), np.empty(0, dtype=np.int64))
    levels, level_of, alike = np.unique(forecast, return_inverse=True, return_counts=True)
    # a level goes where its middle lies: in no order of equal forecasts would halves of it be two bins
    middle = np.cumsum(alike) - alike / 2
    bin_of_level = np.minimum((middle * bins / len(forecast)).astype(np.int64), bins - 1)
    size = np.bincount(bin_of_level, weights=alike, minlength=bins)
    came_true = np.bincount(bin_of_level[level_of], weights=outcome.astype(np.float64), minlength=bins)
    total = np.bincount(bin_of_level, weights=levels * alike, minlength=bins)
    used = size > 0
    mean, observed, size = total[used] / size[used], came_true[used] / size[used], size[used]
    base_rate = float(outcome.mean())
    brier, constant = float(np.mean((forecast - outcome) ** 2)), base_rate * (1 - base_rate)
    return Reliability(
        count=len(forecast),
        base_rate=base_rate,
        error=float(np.abs(mean - observed) @ size / len(forecast)),
        brier=brier,
        skill=1 - brier / constant if constant > 0 else float("nan"),
        forecast=mean,
        observed=observed,
        size=size.astype(np.int64),
    )


def reliability_by(
    forecast: Floats, outcome: Booleans, group: NDArray[np.integer], names: Mapping[int, str], bins: int = _BINS
) -> dict[str, Reliability]:
    """``reliability`` within each group (kinds of moves), by name; a group without a forecast counts none.

    group: (n,) keys of ``names``
    """
    return {name: reliability(forecast[group == key], outcome[group == key], bins) for key, name in names.items()}


def shown_outcomes(lists: Integers, held_out: Integers) -> tuple[Integers, Booleans]:
    """The pairs that are shown, and which of them were held out: what the shown numbers are checked against.

    lists:    (n_occupations, k) as ``top_lists`` gives them, held-out pairs among the candidates
    held_out: (n, 2) rows of source and target
    returns:  (m, 2) rows of source and target, list by list; (m,) whether experts list the pair
    """
    source, place = np.nonzero(lists >= 0)
    pairs = np.column_stack([source, lists[source, place]]).astype(np.int64)
    key = np.array([len(lists), 1])
    return pairs, np.isin(pairs @ key, held_out @ key)
