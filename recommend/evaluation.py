"""Held-out evaluation of a ranking against the experts' mobilities.

Protocol: folds are drawn over UNORDERED pairs, so that a mobility and its reverse are never on two sides; the
mobilities of the test fold are absent from everything a scorer sees. Each held-out mobility is ranked among the
occupations that experts list in neither direction ("unknown pairs"): listed ones are neither right nor wrong here, and
are passed over (filtered ranking, Bordes et al. 2013). Ties get their mean rank.

Two harder questions take whole occupations: ``cold_folds_of`` (an occupation that no mobility names) and
``without_lists_of`` (one whose list is not written yet). ``recommend.measures`` says what else ranks are worth.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommend.skillgraph import SkillGraph

Floats = NDArray[np.float64]
#: candidates of a source that ``predictions`` keeps
KEPT = 300


class LeakError(ValueError):
    """A scorer of a fold was given a mobility that it is asked to find, or the reverse of one."""

    def __init__(self, fold: int, where: str, source: int, target: int, count: int) -> None:
        self.fold, self.where, self.source, self.target, self.count = fold, where, source, target, count
        super().__init__(
            f"fold {fold}: {where} holds {count} of the hidden mobilities or their reverses, "
            f"the first from row {source} to row {target}: make it from the fold's graph alone"
        )


@dataclass(frozen=True)
class Fold:
    """One fold: what a scorer may see, and what it is asked.

    graph:       the SkillGraph without the fold's mobilities
    held_out:    (n, 2) rows of source and target of each hidden mobility
    occupations: (m,) rows whose mobilities are hidden as a whole, in order; none where pairs were drawn
    """

    number: int
    graph: SkillGraph
    held_out: NDArray[np.int64]
    occupations: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))


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


def cold_folds_of(graph: SkillGraph, seed: int, count: int = 10) -> Iterator[Fold]:
    """Folds over occupations: no mobility of a ``count``-th of them is seen, neither from nor to them.

    Asked are the mobilities from them; each occupation is asked in one fold.
    """
    moves = graph.moves.toarray()
    for number, rows in enumerate(_shares(len(moves), seed, count)):
        seen = moves.copy()
        seen[rows, :] = 0
        seen[:, rows] = 0
        yield Fold(number, replace(graph, moves=csr_matrix(seen)), _lists_of(moves, rows), rows)


def without_lists_of(graph: SkillGraph, seed: int, count: int = 5) -> Iterator[Fold]:
    """Folds over occupations: a ``count``-th of them have no list, all others keep theirs as published.

    Asked are the mobilities of the hidden lists. A list that names the source of one as its target gives the pair
    away: that one reverse direction is hidden too, and nothing else.
    """
    moves = graph.moves.toarray()
    for number, rows in enumerate(_shares(len(moves), seed, count)):
        held_out = _lists_of(moves, rows)
        seen = moves.copy()
        seen[rows, :] = 0
        seen[held_out[:, 1], held_out[:, 0]] = 0
        yield Fold(number, replace(graph, moves=csr_matrix(seen)), held_out, rows)


def refuse_leak(
    fold: Fold,
    matrices: Mapping[str, "csr_matrix | NDArray[np.generic]"] | None = None,
    pairs: Mapping[str, NDArray[np.int64]] | None = None,
) -> None:
    """Checks that neither the fold's graph nor what a scorer is given holds a hidden mobility or its reverse.

    matrices: (n_occupations, n_occupations) mobilities, by name: a pair that is not 0 is held
    pairs:    (m, 2) rows of source and target, by name: mobilities that something was fitted on
    raises:   LeakError with the first of them
    """
    given: dict[str, csr_matrix | NDArray[np.generic]] = {"the fold's graph": fold.graph.moves, **(matrices or {})}
    asked = np.concatenate([fold.held_out, fold.held_out[:, ::-1]])
    if not len(asked):
        return
    for name, matrix in given.items():
        values = matrix.tocsr() if isinstance(matrix, csr_matrix) else np.asarray(matrix)
        _refuse(fold.number, name, asked, np.asarray(values[asked[:, 0], asked[:, 1]]).ravel() != 0)
    size = len(fold.graph.codes)
    for name, rows in (pairs or {}).items():
        held = np.isin(asked @ np.array([size, 1]), np.asarray(rows) @ np.array([size, 1]))
        _refuse(fold.number, name, asked, held)


def _refuse(fold: int, where: str, asked: NDArray[np.int64], held: NDArray[np.bool_]) -> None:
    if held.any():
        source, target = asked[held][0].tolist()
        raise LeakError(fold, where, source, target, int(held.sum()))


def _shares(size: int, seed: int, count: int) -> list[NDArray[np.int64]]:
    """Row numbers in ``count`` shares of one size, to one row."""
    number_of = np.random.default_rng(seed).permutation(size) % count
    return [np.flatnonzero(number_of == number) for number in range(count)]


def _lists_of(moves: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    at, target = np.nonzero(moves[rows])
    return np.column_stack([rows[at], target]).astype(np.int64)


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
        others = np.sort(scores[source, unknown_of(source, listed)])
        rows = np.flatnonzero(held_out[:, 0] == source)
        ranks[rows] = _ranks_among(others, scores[source, held_out[rows, 1]])
    return ranks


def unknown_of(source: int, listed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rows of the candidates of a source: every other occupation listed neither from it nor to it."""
    unknown = ~listed[source]
    unknown[source] = False
    return np.flatnonzero(unknown)


def _ranks_among(others: Floats, own: Floats) -> Floats:
    """Rank of each of ``own`` were it alone among ``others`` (sorted upwards), from 1, the mean rank on ties."""
    above = len(others) - np.searchsorted(others, own, "right")
    tied = len(others) - np.searchsorted(others, own, "left") - above
    return np.asarray(1 + above + tied / 2, dtype=np.float64)


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


def predictions(fold: Fold, scores: Floats, listed: NDArray[np.bool_], kept: int = KEPT) -> pd.DataFrame:
    """What the ranks of a fold are recomputed from, without us: fold, source, target (codeRome), score, held_out.

    For each source with a held-out mobility: its ``kept`` best unknown pairs (all those that tie with the last too,
    so that a mean rank comes out the same) and every held-out one. By source, best first.

    scores, listed: as for ``filtered_ranks``
    """
    columns: list[list[NDArray[np.generic]]] = [[], [], [], []]
    for source in np.unique(fold.held_out[:, 0]):
        candidates = unknown_of(source, listed)
        own = scores[source, candidates]
        if len(candidates) > kept:
            candidates = candidates[own >= np.partition(own, -kept)[-kept]]
        targets = np.concatenate([candidates, fold.held_out[fold.held_out[:, 0] == source, 1]])
        held_out = np.arange(len(targets)) >= len(candidates)
        order = np.lexsort((targets, -scores[source, targets]))
        found = (np.full(len(order), source), targets[order], scores[source, targets[order]], held_out[order])
        for column, values in zip(columns, found, strict=True):
            column.append(values)
    codes = np.array(list(fold.graph.codes))
    nothing = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0), np.empty(0, dtype=bool))
    source, target, score, held_out = (np.concatenate([none, *c]) for none, c in zip(nothing, columns, strict=True))
    named = {"fold": fold.number, "source": codes[source], "target": codes[target]}
    return pd.DataFrame({**named, "score": score, "held_out": held_out})


def ranks_of(frame: pd.DataFrame, kept: int = KEPT) -> "pd.Series[float]":
    """Rank of each held-out row of ``predictions``, on its index: that of ``filtered_ranks`` up to ``kept``.

    Below the candidates that were kept a rank is not known: it is infinite, counts as 0 in an MRR, and is no hit.
    A file must keep every digit, as ``to_csv`` and ``read_csv`` do unasked: rounded, scores would tie.
    """
    ranks = pd.Series(np.nan, index=frame.index[frame["held_out"]])
    for _, rows in frame.groupby(["fold", "source"], sort=False):
        asked = rows[rows["held_out"]]
        others = np.sort(rows.loc[~rows["held_out"], "score"].to_numpy())
        own = asked["score"].to_numpy()
        found = _ranks_among(others, own)
        if len(others) >= kept:
            found[own < others[0]] = np.inf
        ranks[asked.index] = found
    return ranks
