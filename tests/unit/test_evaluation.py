"""The evaluation, by hand; and that it sees a leak."""

import numpy as np
import pytest

from recommend.evaluation import filtered_ranks, folds_of, listed_either_way, metrics
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
