"""Learning the weights: found again on data made to have them, and blind to each pair's own mobility."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from recommend.calibrate import Calibration, fit_scale
from recommend.content import Content
from recommend.features import FeatureSpace
from recommend.fit import learn
from recommend.learn import Sample, cross_fitted, fit_weights, occupation_folds, pair_folds
from recommend.learned import SITUATIONS, Learned, shipped
from recommend.likeness import Likeness
from recommend.skillgraph import SkillGraph
from tests.unit.toy import toy_tables

GRAPH = SkillGraph.of(toy_tables())
CONTENT = Content.of(toy_tables())
SPACE = FeatureSpace.of(GRAPH)
LIKENESS = Likeness.of(GRAPH, SPACE, CONTENT)
LISTED = GRAPH.moves.toarray() > 0


def _made(weights: np.ndarray, sources: int = 300, targets: int = 40) -> tuple[np.ndarray, Sample]:
    """Pairs of which each source's list was drawn by the softmax of known weights."""
    rng = np.random.default_rng(1)
    evidence = rng.normal(size=(sources * targets, len(weights))).astype(np.float32)
    score = (evidence @ weights).reshape(sources, targets)
    listed = np.zeros((sources, targets), dtype=bool)
    for row in range(sources):
        chance = np.exp(score[row] - score[row].max())
        listed[row, rng.choice(targets, p=chance / chance.sum())] = True
    source = np.repeat(np.arange(sources), targets)
    flat = np.zeros(len(source), dtype=bool)
    return evidence, Sample(source, np.tile(np.arange(targets), sources), listed.ravel(), np.ones(len(source)), flat)


def test_weights_are_found_again() -> None:
    true = np.array([2.0, -1.0, 0.0])
    evidence, sample = _made(true)
    found = fit_weights(evidence, sample, np.zeros(3, dtype=bool), penalty=1e-4)
    np.testing.assert_allclose(found, true, atol=0.25)
    # what must not take away is left at nothing, and what never changes has no weight
    held = fit_weights(evidence, sample, np.array([False, True, False]), penalty=1e-4)
    assert held[1] == 0
    assert held[0] > 1
    constant = np.column_stack([evidence, np.ones(len(evidence), dtype=np.float32)])
    assert fit_weights(constant, sample, np.zeros(4, dtype=bool))[3] == 0


def test_a_sample_holds_every_listed_pair_and_stands_for_every_other() -> None:
    rng = np.random.default_rng(2)
    listed = rng.random((300, 300)) < 0.02
    np.fill_diagonal(listed, False)
    letters = rng.integers(0, 3, 300).astype(np.int32)
    sample = Sample.draw(listed, rng.random((300, 300)).astype(np.float32), letters, seed=1)
    assert set(zip(sample.source[sample.listed], sample.target[sample.listed], strict=True)) == set(
        zip(*np.nonzero(listed), strict=True)
    )
    others = ~sample.listed
    # a pair listed the other way round only is neither right nor wrong
    assert not listed[sample.target[others], sample.source[others]].any()
    assert (sample.source != sample.target).all()
    for source in np.unique(sample.source):
        unknown = ~(listed[source] | listed[:, source])
        assert sample.weight[others & (sample.source == source)].sum() == pytest.approx(unknown.sum() - 1)
    np.testing.assert_array_equal(sample.across, letters[sample.source] != letters[sample.target])


@given(size=st.integers(2, 30), count=st.integers(2, 5), seed=st.integers(0, 9))
@settings(deadline=None, max_examples=30)
def test_a_pair_and_its_reverse_are_in_one_fold(size: int, count: int, seed: int) -> None:
    folds = pair_folds(size, count, seed)
    np.testing.assert_array_equal(folds, folds.T)
    assert set(np.unique(folds)) <= set(range(count))
    by_source = occupation_folds(size, count, seed)
    assert (by_source == by_source[:, [0]]).all()


@pytest.mark.parametrize("cold", [False, True])
def test_what_is_learned_from_lacks_the_pairs_own_mobility(cold: bool) -> None:
    sample = Sample.draw(LISTED, LIKENESS.blends[0], GRAPH.grand_domain, seed=1)
    start, end = GRAPH.occupation("B1804"), GRAPH.occupation("H2604")
    own = np.flatnonzero((sample.source == start) & (sample.target == end))
    assert own.size == 1
    flipped = LISTED.copy()
    flipped[start, end] = flipped[end, start] = False
    before, after = (
        dict(cross_fitted(GRAPH, LIKENESS, listed, sample, cold=cold, seed=3)) for listed in (LISTED, flipped)
    )
    for name, column in before.items():
        np.testing.assert_allclose(column[own], after[name][own], atol=1e-3, err_msg=name)
    assert any(not np.allclose(column, after[name]) for name, column in before.items())


def test_learned_weights_are_a_text_that_reads_back() -> None:
    learned = learn(GRAPH, CONTENT, date="2026-01-01", seed=5)
    assert set(learned.situations) == set(SITUATIONS)
    again = Learned.from_json(learned.to_json())
    assert again.to_json() == learned.to_json()
    assert learn(GRAPH, CONTENT, date="2026-01-01", seed=5).to_json() == learned.to_json()
    for situation in SITUATIONS:
        fitted = learned.situations[situation]
        assert all(weight >= 0 for name, weight in fitted.weights.items() if name.startswith("live/"))
        assert list(fitted.shares) == sorted(fitted.shares)


def test_no_mobility_means_nothing_to_learn() -> None:
    without = replace(GRAPH, moves=csr_matrix(GRAPH.moves.shape, dtype=np.float32))
    with pytest.raises(ValueError, match="no mobility"):
        learn(without, CONTENT, date="")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "damaged"),
        ('{"format": 99}', "another format"),
        ("nothing", "Expecting value"),
        ('{"format": 1, "situations": {}}', "situations"),
    ],
)
def test_damaged_weights_are_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Learned.from_json(text)


def test_shipped_weights_say_where_they_were_learned() -> None:
    learned = shipped()
    assert learned.data_version == "rome-460"
    assert learned.mobilities == 14_912
    assert learned.name.startswith("rome-460-14912-")


def test_weights_count_as_repetitions_in_scale_and_calibration() -> None:
    rng = np.random.default_rng(3)
    score = np.repeat(rng.normal(size=300), 3)
    listed = rng.random(900) < 0.3
    weight = rng.integers(1, 4, 900)
    twice = np.repeat(score, weight), np.repeat(listed, weight)
    # equal-count bins are not quite the same bins
    np.testing.assert_allclose(fit_scale(score, listed, weight.astype(float)), fit_scale(*twice), atol=0.02)
    order = np.argsort(score + rng.normal(size=900) * 1e-9)
    once = Calibration.fit(score[order] + np.arange(900) * 1e-9, listed[order], weight[order].astype(float))
    many = Calibration.fit(
        np.repeat(score[order] + np.arange(900) * 1e-9, weight[order]), np.repeat(listed[order], weight[order])
    )
    np.testing.assert_allclose(once.share(score), many.share(score), atol=1e-6)
