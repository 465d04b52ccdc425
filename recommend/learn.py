"""Learning what makes experts list a mobility: weights of named evidence, fitted so that no pair explains itself.

Cross-fitting: the pairs are dealt into folds; a pair's evidence comes from the lists without its whole fold, both
directions of every pair in it. Leaving out one pair at a time would not do: a list that lacks exactly the pair in
question betrays it by its length.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from recommend.likeness import Likeness, Named, Pairs
from recommend.mobility import mobility_pairs
from recommend.skillgraph import SkillGraph

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

#: unlisted pairs of each source that are learned from: the likeliest, and some of the rest that stand for all of it
_HARD, _RANDOM = 140, 60
FOLDS, COLD_FOLDS = 16, 5
#: strength of the penalty on standardised weights, and how much more a listed mobility to another grand domain counts
#: than one within: reconversions are the rarer in the lists, and what a person needs us for. Both chosen on inner folds
#: (docs/ranking.md)
_PENALTY = 0.02
ACROSS = 1.25
_STEPS = 300


@dataclass(frozen=True)
class Sample:
    """Pairs to learn from, source by source.

    source, target: (m,) rows
    listed: (m,) whether the source's list names the target; pairs listed only the other way round are not among them,
        for a model that sees who lists the source would learn to push the likeliest moves down
    weight: (m,) how many unlisted pairs of its source each stands for; 1 for listed ones
    across: (m,) whether the pair is of two grand domains
    """

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    listed: Booleans
    weight: Floats
    across: Booleans

    @classmethod
    def draw(cls, listed: Booleans, likely: Pairs, grand_domain: NDArray[np.int32], seed: int) -> Self:
        """All listed pairs; of the others of each source that lists any, the likeliest and a random part of the rest.

        listed: (n, n); likely: (n, n) a first score, higher first
        """
        rng = np.random.default_rng(seed)
        parts: list[Sample] = []
        for source in np.flatnonzero(listed.any(axis=1)):
            unknown = ~(listed[source] | listed[:, source])
            unknown[source] = False
            order = np.flatnonzero(unknown)
            order = order[np.argsort(-likely[source, order], kind="stable")]
            rest = order[_HARD:]
            drawn = rng.choice(rest, min(_RANDOM, len(rest)), replace=False)
            names = np.flatnonzero(listed[source])
            targets = np.concatenate([names, order[:_HARD], drawn])
            weight = np.ones(len(targets))
            weight[len(targets) - len(drawn) :] = len(rest) / max(len(drawn), 1)
            is_listed = np.arange(len(targets)) < len(names)
            across = grand_domain[targets] != grand_domain[source]
            parts.append(cls(np.full(len(targets), source), targets, is_listed, weight, across))
        return cls(
            np.concatenate([part.source for part in parts]),
            np.concatenate([part.target for part in parts]),
            np.concatenate([part.listed for part in parts]),
            np.concatenate([part.weight for part in parts]),
            np.concatenate([part.across for part in parts]),
        )


def pair_folds(size: int, count: int, seed: int) -> NDArray[np.int64]:
    """(size, size) fold of each pair, the same both ways round."""
    drawn = np.triu(np.random.default_rng(seed).integers(0, count, (size, size)), 1)
    return drawn + drawn.T


def occupation_folds(size: int, count: int, seed: int) -> NDArray[np.int64]:
    """(size, size) fold of each pair: that of the source; an occupation's lists go with it as a whole."""
    drawn = np.random.default_rng(seed).permutation(size) % count
    return np.repeat(drawn[:, None], size, axis=1)


def cross_fitted(
    graph: SkillGraph, likeness: Likeness, listed: Booleans, sample: Sample, *, cold: bool, seed: int
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The mobility evidence of a sample's pairs, each from lists that lack its fold; by name, (m,).

    cold: the folds are of occupations, all of whose mobilities are hidden, from and to them
    """
    size = len(listed)
    count = COLD_FOLDS if cold else FOLDS
    fold_of = occupation_folds(size, count, seed) if cold else pair_folds(size, count, seed)
    of_pair = fold_of[sample.source, sample.target]
    columns: dict[str, NDArray[np.float32]] = {}
    for fold in range(count):
        hidden = fold_of == fold
        seen = listed & ~(hidden | hidden.T)
        rows = np.flatnonzero(of_pair == fold)
        for name, matrix in mobility_pairs(graph, likeness, seen):
            column = columns.setdefault(name, np.empty(len(of_pair), dtype=np.float32))
            column[rows] = matrix[sample.source[rows], sample.target[rows]]
    yield from columns.items()


def evidence_of(sample: Sample, named: Named) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The sample's values of evidence that no fold changes."""
    for name, matrix in named:
        yield name, matrix[sample.source, sample.target]


def fit_weights(
    evidence: NDArray[np.float32], sample: Sample, at_least_zero: Booleans, penalty: float = _PENALTY
) -> Floats:
    """Weights by which listed pairs come before the unlisted ones of their source.

    Maximises the likelihood that, put among its source's unlisted pairs, a listed one is chosen by the softmax of the
    weighted sums (McFadden 1974), less a quadratic penalty on standardised weights; by L-BFGS-B (Byrd et al. 1995).

    evidence:      (m, n_features)
    at_least_zero: (n_features,) whether a weight must not be negative
    returns:       (n_features,) in the evidence's own units
    """
    spread = evidence.std(axis=0).astype(np.float64)
    used = spread > 1e-6
    scale = np.where(used, spread, 1.0)
    rows = ((evidence - evidence.mean(axis=0)) / scale.astype(np.float32)).astype(np.float32)
    first = np.flatnonzero(np.r_[True, np.diff(sample.source) != 0])
    group = np.cumsum(np.r_[False, np.diff(sample.source) != 0])
    names = np.flatnonzero(sample.listed)
    of_names = group[names]
    others = np.where(sample.listed, 0.0, sample.weight)
    share = np.where(sample.across[names], ACROSS, 1.0)
    share /= share.sum()

    def loss(weights: Floats) -> tuple[float, Floats]:
        score = (rows @ weights.astype(np.float32)).astype(np.float64)
        raised = np.exp(score - np.maximum.reduceat(score, first)[group])
        rivals = raised * others
        total = np.add.reduceat(rivals, first)[of_names] + raised[names]
        slope = rivals * np.bincount(of_names, share / total, len(first))[group]
        slope[names] = share * (raised[names] / total - 1)
        gradient = (rows.T @ slope.astype(np.float32)).astype(np.float64) + penalty * weights
        return float(share @ np.log(total / raised[names]) + penalty * (weights @ weights) / 2), gradient

    bounds = [(0.0 if low else None, None if free else 0.0) for low, free in zip(at_least_zero, used, strict=True)]
    start = np.zeros(evidence.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _STEPS})
    return np.where(used, found.x, 0.0) / scale
