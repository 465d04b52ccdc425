"""Who is shown, for whom it works, and whether a number is true: by hand, and for what must hold always."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from recommend.evaluation import listed_either_way, metrics
from recommend.measures import (
    cross_domain,
    exposure,
    metrics_by_source,
    most_listed,
    not_to,
    reliability,
    reliability_by,
    shown_outcomes,
    top_lists,
)
from recommend.skillgraph import SkillGraph
from tests.unit.toy import toy_tables

GRAPH = SkillGraph.of(toy_tables())
#: forecasts in [0, 1], many of them equal, each with its outcome
FORECASTS = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), st.booleans()), min_size=1)


def _split(pairs: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    forecast, outcome = zip(*pairs, strict=True)
    return np.array(forecast), np.array(outcome)


def test_top_lists_leave_out_the_source_and_what_is_passed_over() -> None:
    scores = np.array([[9.0, 5, 7, 5]] * 4)
    passed_over = np.zeros((4, 4), dtype=bool)
    passed_over[0, 2] = True
    passed_over[3, [0, 1, 2]] = True
    lists = top_lists(scores, passed_over, k=3)
    # row number decides between 1 and 3, which tie
    assert lists.tolist() == [[1, 3, -1], [0, 2, 3], [0, 1, 3], [-1, -1, -1]]


def test_exposure_by_hand() -> None:
    found = exposure(np.array([[0, 1], [0, -1], [0, 1]]), size=4)
    assert found["coverage"] == 2 / 4
    # shown 3, 2, 0 and 0 times: mean absolute difference over twice the mean, 26 / 16 over 2 * 5 / 4
    counts = [3, 2, 0, 0]
    spread = sum(abs(one - other) for one in counts for other in counts) / 16
    assert found["gini"] == pytest.approx(spread / (2 * np.mean(counts)))
    assert found["mostShown"] == 1.0
    assert np.isnan(exposure(np.full((2, 2), -1), size=4)["gini"])


def test_the_ten_most_shown_take_their_share_of_the_places() -> None:
    # ten are shown ten times each, another ten once: 100 of the 110 places
    lists = np.array([*list(range(10)) * 10, *range(10, 20)])[:, None]
    assert exposure(lists, size=30)["mostShown"] == pytest.approx(100 / 110)


@given(st.lists(st.integers(0, 5), min_size=1), st.integers(1, 4))
def test_exposure_is_a_share_and_an_even_one_has_no_gini(shown: list[int], times: int) -> None:
    found = exposure(np.array([shown]), size=6)
    assert 0 < found["coverage"] <= 1
    assert -1e-12 <= found["gini"] < 1
    assert found["coverage"] == len(Counter(shown)) / 6
    assert exposure(np.array([list(range(6)) * times]), size=6)["gini"] == pytest.approx(0)


def test_masks_by_hand() -> None:
    at = GRAPH.occupation
    # B1803 is listed by three others, B1804 by two
    assert most_listed(GRAPH.moves, count=1).tolist() == [at("B1803")]
    held_out = np.array([[at("B1804"), at("B1803")], [at("B1804"), at("H2604")], [at("K1103"), at("B1804")]])
    assert not_to(held_out, most_listed(GRAPH.moves, count=1)).tolist() == [False, True, True]
    assert cross_domain(held_out, GRAPH.grand_domain).tolist() == [False, True, True]


def test_a_long_list_counts_no_more_than_a_short_one() -> None:
    ranks, sources = np.array([1.0, 1.0, 1.0, 4.0]), np.array([7, 7, 7, 2])
    found = metrics_by_source(ranks, sources)
    assert found["mrr"] == pytest.approx((1 + 1 / 4) / 2)
    assert found["hits@1"] == 0.5
    assert (found["medianRank"], found["count"]) == (2.5, 2)
    assert metrics(ranks)["mrr"] == pytest.approx((3 + 1 / 4) / 4)
    nothing = metrics_by_source(np.empty(0), np.empty(0, dtype=int))
    assert nothing["count"] == 0
    assert np.isnan(nothing["mrr"])


def test_reliability_by_hand() -> None:
    forecast = np.array([0.1, 0.1, 0.6, 0.8])
    outcome = np.array([False, False, True, False])
    found = reliability(forecast, outcome, bins=2)
    assert found.size.tolist() == [2, 2]
    assert found.forecast.tolist() == pytest.approx([0.1, 0.7])
    assert found.observed.tolist() == [0.0, 0.5]
    assert found.error == pytest.approx((2 * 0.1 + 2 * 0.2) / 4)
    assert found.brier == pytest.approx((0.01 + 0.01 + 0.16 + 0.64) / 4)
    assert found.base_rate == 0.25
    assert found.skill == pytest.approx(1 - 0.205 / (0.25 * 0.75))


@given(FORECASTS, st.randoms(use_true_random=False))
def test_the_order_of_forecasts_tells_nothing(pairs: list[tuple[float, bool]], random: object) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = reliability(*_split(pairs)), reliability(*_split(shuffled))
    assert one.error == pytest.approx(other.error, abs=1e-12)
    assert one.size.tolist() == other.size.tolist()
    assert one.size.sum() == len(pairs)
    assert 0 <= one.error <= 1 + 1e-12


@given(FORECASTS)
def test_the_bins_hold_all_that_was_forecast(pairs: list[tuple[float, bool]]) -> None:
    forecast, outcome = _split(pairs)
    found = reliability(forecast, outcome)
    assert found.forecast @ found.size == pytest.approx(forecast.sum())
    assert found.observed @ found.size == pytest.approx(outcome.sum())
    assert (np.diff(found.forecast) > 0).all()


@given(st.lists(st.booleans(), min_size=1), st.sampled_from([0.0, 0.006, 0.3, 1.0]))
def test_a_constant_never_passes(outcome: list[bool], constant: float) -> None:
    came_true = np.array(outcome)
    assert not reliability(np.full(len(came_true), constant), came_true).passes
    base = reliability(np.full(len(came_true), came_true.mean()), came_true)
    assert base.error == pytest.approx(0, abs=1e-12)
    assert np.isnan(base.skill) if base.base_rate in {0, 1} else base.skill == pytest.approx(0, abs=1e-9)
    assert not base.passes


def test_only_forecasts_that_tell_apart_and_are_true_pass() -> None:
    """20,000 pairs whose chance is known, one in 16 of them listed, as in lists of twenty."""
    rng = np.random.default_rng(5)
    chance = rng.beta(0.3, 4.5, 20_000)
    outcome = rng.random(20_000) < chance
    true = reliability(chance, outcome)
    assert true.passes
    assert len(true.size) == 10
    assert set(true.size.tolist()) == {2_000}
    assert not reliability(np.full(20_000, 0.006), outcome).passes
    boastful = reliability(np.minimum(1, 2 * chance), outcome)
    assert boastful.error > true.error
    assert not boastful.passes
    assert reliability(rng.permutation(chance), outcome).skill < 0


def test_reliability_by_kind_and_of_nothing() -> None:
    forecast, outcome = np.array([0.5, 0.5, 1.0]), np.array([True, False, True])
    by = reliability_by(forecast, outcome, np.array([0, 0, 1]), {0: "close", 1: "step-up", 2: "unknown"})
    assert list(by) == ["close", "step-up", "unknown"]
    assert (by["close"].error, by["close"].skill) == (0, 0)
    assert (by["step-up"].error, by["step-up"].passes) == (0, False)
    assert by["unknown"].count == 0
    assert np.isnan(by["unknown"].error)
    assert not by["unknown"].passes
    for wrong in (1.2, -0.1, np.nan):
        with pytest.raises(ValueError, match=r"in \[0, 1\]"):
            reliability(np.array([wrong]), np.array([True]))


def test_what_is_shown_is_checked_against_what_was_held_out() -> None:
    lists = np.array([[2, 1], [-1, -1], [0, -1]])
    pairs, outcome = shown_outcomes(lists, np.array([[0, 1], [1, 0], [2, 1]]))
    assert pairs.tolist() == [[0, 2], [0, 1], [2, 0]]
    assert outcome.tolist() == [False, True, False]


def test_lists_without_the_listed_pairs_hold_none_of_them() -> None:
    listed = listed_either_way(GRAPH)
    lists = top_lists(np.zeros(listed.shape), listed)
    pairs, outcome = shown_outcomes(lists, np.argwhere(csr_matrix(GRAPH.moves).toarray() > 0))
    assert len(pairs) == (~listed).sum() - len(listed)
    assert not outcome.any()
