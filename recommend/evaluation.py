"""Held-out evaluation of a ranking against the experts' mobilities.

Protocol: folds are drawn over UNORDERED pairs, so that a mobility and its reverse are never on two sides; the
mobilities of the test fold are absent from everything a scorer sees. Each held-out mobility is ranked among the
occupations that experts list in neither direction ("unknown pairs"): listed ones are neither right nor wrong here, and
are passed over (filtered ranking, Bordes et al. 2013). Ties get their mean rank.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommend.skillgraph import SkillGraph

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fold:
    """One fold: what a scorer may see, and what it is asked.

    graph:    the SkillGraph without the fold's mobilities
    held_out: (n, 2) rows of source and target of each hidden mobility
    """

    number: int
    graph: SkillGraph
    held_out: NDArray[np.int64]


def folds_of(graph: SkillGraph, seed: int, count: int = 5) -> Iterator[Fold]:
    """The folds of a seed, in order; the same seed gives the same folds."""
    listed = listed_either_way(graph)
    first, second = np.nonzero(np.triu(listed))
    number_of = np.random.default_rng(seed).permutation(len(first)) % count
    moves = graph.moves.toarray()
    for number in range(count):
        hidden = number_of == number
        pairs = np.column_stack([first[hidden], second[hidden]])
        both = np.concatenate([pairs, pairs[:, ::-1]])
        held_out = both[moves[both[:, 0], both[:, 1]] > 0]
        seen = moves.copy()
        seen[both[:, 0], both[:, 1]] = 0
        yield Fold(number, replace(graph, moves=csr_matrix(seen)), held_out.astype(np.int64))


def listed_either_way(graph: SkillGraph) -> NDArray[np.bool_]:
    """(n_occupations, n_occupations) whether experts list the pair in one direction or the other."""
    listed = graph.moves.toarray() > 0
    return np.asarray(listed | listed.T)


def filtered_ranks(scores: Floats, held_out: NDArray[np.int64], listed: NDArray[np.bool_]) -> Floats:
    """Rank of each held-out mobility among the unknown pairs of its source.

    scores:   (n_occupations, n_occupations), higher first
    held_out: (n, 2) rows of source and target
    listed:   (n_occupations, n_occupations) pairs to pass over, held-out ones included
    returns:  (n,) from 1, the mean rank on ties
    raises:   ValueError when a score is not a number: a comparison with one would count as a win
    """
    if not np.isfinite(scores).all():
        raise ValueError("scores hold values that are not finite")
    ranks = np.empty(len(held_out))
    for source in np.unique(held_out[:, 0]):
        unknown = ~listed[source]
        unknown[source] = False
        others = np.sort(scores[source, unknown])
        rows = np.flatnonzero(held_out[:, 0] == source)
        own = scores[source, held_out[rows, 1]]
        above = len(others) - np.searchsorted(others, own, "right")
        tied = len(others) - np.searchsorted(others, own, "left") - above
        ranks[rows] = 1 + above + tied / 2
    return ranks


def metrics(ranks: Floats) -> dict[str, float]:
    """MRR, Hits@1, 5 and 10 and nDCG@10 in [0, 1], median rank from 1, and how many mobilities; NaN for none."""
    if not len(ranks):
        return dict.fromkeys(("mrr", "hits@1", "hits@5", "hits@10", "ndcg@10", "medianRank"), float("nan")) | {
            "count": 0
        }
    return {
        "mrr": float((1 / ranks).mean()),
        **{f"hits@{k}": float((ranks <= k).mean()) for k in (1, 5, 10)},
        # one right answer a query: its gain is discounted by its own place (Järvelin and Kekäläinen 2002)
        "ndcg@10": float(np.where(ranks <= 10, 1 / np.log2(1 + ranks), 0.0).mean()),
        "medianRank": float(np.median(ranks)),
        "count": len(ranks),
    }
