"""The evaluation, by hand; and that it sees a leak."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_matrix

from recommend.evaluation import (
    Fold,
    LeakError,
    cold_folds_of,
    filtered_ranks,
    folds_of,
    listed_either_way,
    metrics,
    predictions,
    ranks_of,
    refuse_leak,
    without_lists_of,
)
from recommend.skillgraph import SkillGraph
from tests.unit.toy import toy_tables

GRAPH = SkillGraph.of(toy_tables())


def test_folds_hide_both_directions_and_together_hold_every_mobility_once() -> None:
    seen = []
    for fold in folds_of(GRAPH, seed=1, count=3):
        left = fold.graph.moves.toarray() > 0
        for source, target in fold.held_out:
            assert not left[source, target]
            assert not left[target, source]
            seen.append((int(source), int(target)))
    assert sorted(seen) == sorted(zip(*map(np.ndarray.tolist, np.nonzero(GRAPH.moves.toarray())), strict=True))


def test_the_same_seed_gives_the_same_folds_and_another_seed_others() -> None:
    def drawn(seed: int) -> list[list[list[int]]]:
        return [fold.held_out.tolist() for fold in folds_of(GRAPH, seed, count=3)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_ranks_by_hand() -> None:
    scores = np.array([[9.0, 5, 5, 3, 7, 5]] * 6)
    listed = np.zeros((6, 6), dtype=bool)
    listed[0, [1, 4]] = True
    # from 0: 1 is asked; 4 is listed and passed over, 0 is itself; 2 and 5 tie with it, 3 is below: places 1 to 3
    assert filtered_ranks(scores, np.array([[0, 1]]), listed).tolist() == [2.0]
    # 4 is above all of 2, 3 and 5
    assert filtered_ranks(scores, np.array([[0, 4]]), listed).tolist() == [1.0]
    with pytest.raises(ValueError, match="not finite"):
        filtered_ranks(np.full((6, 6), np.nan), np.array([[0, 1]]), listed)


def test_metrics_by_hand() -> None:
    found = metrics(np.array([1.0, 2.0, 20.0]))
    assert found["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 20) / 3)
    assert (found["hits@1"], found["hits@10"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert found["ndcg@10"] == pytest.approx((1 + 1 / np.log2(3)) / 3)
    assert (found["medianRank"], found["count"]) == (2.0, 3)


def test_a_planted_leak_is_seen() -> None:
    """A scorer that reads the hidden mobilities ranks them all first: what an honest one cannot do here."""
    listed = listed_either_way(GRAPH)
    leak = GRAPH.moves.toarray() > 0
    leaking, honest = [], []
    for fold in folds_of(GRAPH, seed=1, count=3):
        leaking.append(filtered_ranks(leak.astype(float), fold.held_out, listed))
        honest.append(filtered_ranks((fold.graph.moves.toarray() > 0).astype(float), fold.held_out, listed))
    assert metrics(np.concatenate(leaking))["mrr"] == 1.0
    assert metrics(np.concatenate(honest))["mrr"] < 1.0


SIZE = len(GRAPH.codes)
#: mobilities drawn at random among the toy's occupations, none to itself
MOBILITIES = arrays(bool, (SIZE, SIZE)).map(lambda moves: moves & ~np.eye(SIZE, dtype=bool))


def _with(moves: np.ndarray) -> SkillGraph:
    return replace(GRAPH, moves=csr_matrix(moves.astype(np.float32)))


def _all_once(graph: SkillGraph, folds: list[Fold]) -> bool:
    asked = [tuple(pair) for fold in folds for pair in fold.held_out.tolist()]
    return sorted(asked) == [tuple(pair) for pair in np.argwhere(graph.moves.toarray() > 0).tolist()]


@given(MOBILITIES, st.integers(0, 99))
def test_cold_occupations_have_no_mobility_left(moves: np.ndarray, seed: int) -> None:
    graph = _with(moves)
    folds = list(cold_folds_of(graph, seed, count=3))
    assert sorted(np.concatenate([fold.occupations for fold in folds]).tolist()) == list(range(SIZE))
    assert _all_once(graph, folds)
    for fold in folds:
        refuse_leak(fold)
        left = fold.graph.moves.toarray() > 0
        assert not left[fold.occupations, :].any()
        assert not left[:, fold.occupations].any()
        others = np.setdiff1d(np.arange(SIZE), fold.occupations)
        assert np.array_equal(left[np.ix_(others, others)], moves[np.ix_(others, others)])


@given(MOBILITIES, st.integers(0, 99))
def test_without_lists_the_others_keep_theirs_but_the_reverse_of_what_is_asked(moves: np.ndarray, seed: int) -> None:
    graph = _with(moves)
    folds = list(without_lists_of(graph, seed, count=3))
    assert _all_once(graph, folds)
    for fold in folds:
        refuse_leak(fold)
        expected = moves.copy()
        expected[fold.occupations, :] = False
        for source, target in fold.held_out:
            expected[target, source] = False
        assert np.array_equal(fold.graph.moves.toarray() > 0, expected)


def test_the_same_seed_takes_the_same_occupations() -> None:
    def drawn(seed: int) -> list[list[int]]:
        return [fold.occupations.tolist() for fold in cold_folds_of(GRAPH, seed, count=3)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_planted_leak_is_refused_by_name(reverse: bool) -> None:
    fold = next(folds_of(GRAPH, seed=1, count=3))
    refuse_leak(fold, {"similar lists": np.zeros((SIZE, SIZE))}, {"training pairs": np.argwhere(fold.graph.moves > 0)})
    source, target = fold.held_out[-1, ::-1] if reverse else fold.held_out[-1]
    planted = fold.graph.moves.toarray()
    planted[source, target] = 1
    leaking = replace(fold, graph=replace(fold.graph, moves=csr_matrix(planted)))
    with pytest.raises(LeakError, match=r"fold 0: the fold's graph holds") as caught:
        refuse_leak(leaking)
    assert {caught.value.source, caught.value.target} == {source, target}
    with pytest.raises(LeakError, match="similar lists"):
        refuse_leak(fold, {"similar lists": planted})
    with pytest.raises(LeakError, match="similar lists"):
        refuse_leak(fold, {"similar lists": csr_matrix(planted)})
    with pytest.raises(LeakError, match="training pairs"):
        refuse_leak(fold, pairs={"training pairs": np.array([[source, target]])})


@given(MOBILITIES, arrays(float, (SIZE, SIZE), elements=st.sampled_from([0.1, 0.2, 1 / 3, 0.7])), st.integers(1, 6))
def test_ranks_are_recomputed_from_the_predictions(moves: np.ndarray, scores: np.ndarray, kept: int) -> None:
    graph = _with(moves)
    listed = listed_either_way(graph)
    for fold in folds_of(graph, seed=3, count=2):
        frame = predictions(fold, scores, listed, kept=kept)
        found = ranks_of(frame, kept=kept)
        asked = frame.loc[found.index]
        ranks = filtered_ranks(scores, fold.held_out, listed)
        codes = [tuple(graph.codes[row] for row in pair) for pair in fold.held_out]
        expected = pd.Series(ranks, index=pd.MultiIndex.from_tuples(codes, names=["source", "target"]), dtype=float)
        expected = expected.reindex(pd.MultiIndex.from_frame(asked[["source", "target"]]))
        assert len(found) == len(fold.held_out)
        assert (found.to_numpy() == expected.to_numpy())[expected.to_numpy() <= kept].all()
        assert (found.to_numpy()[expected.to_numpy() > kept] > kept).all()


def test_the_file_is_enough_for_the_figures(tmp_path: Path) -> None:
    listed = listed_either_way(GRAPH)
    scores = np.random.default_rng(2).random((SIZE, SIZE)) / 3
    folds = list(folds_of(GRAPH, seed=1, count=3))
    file = tmp_path / "predictions.csv"
    pd.concat([predictions(fold, scores, listed) for fold in folds], ignore_index=True).to_csv(file, index=False)
    read = pd.read_csv(file)
    assert list(read.columns) == ["fold", "source", "target", "score", "held_out"]
    ranks = np.concatenate([filtered_ranks(scores, fold.held_out, listed) for fold in folds])
    assert metrics(ranks_of(read).to_numpy()) == pytest.approx(metrics(ranks))


def test_predictions_keep_the_best_of_each_source_and_what_was_held_out() -> None:
    graph = _with(np.eye(SIZE, k=1, dtype=bool))
    fold = Fold(4, graph, np.array([[0, 1]]))
    scores = np.tile(np.array([0.0, 1, 5, 4, 4, 3]), (SIZE, 1))
    frame = predictions(fold, scores, listed_either_way(graph), kept=2)
    # 3 and 4 tie for the second place: both are kept; 5 is not
    assert frame["target"].tolist() == [graph.codes[row] for row in (2, 3, 4, 1)]
    assert frame["held_out"].tolist() == [False, False, False, True]
    assert set(frame["fold"]) == {4}
    assert np.isinf(ranks_of(frame, kept=2)).all(), "below what was kept a rank is not known"
