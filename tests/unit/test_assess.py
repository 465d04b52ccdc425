"""The whole evaluation, on the built-in sample; and that it refuses a leak."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from graph.tables import GraphTables
from ingest.rome import read_rome
from ingest.sample import sample_directory
from recommend import assess as assessment
from recommend.assess import Assessment, assess
from recommend.baselines import popularity
from recommend.content import Content
from recommend.evaluation import Fold, LeakError, folds_of, metrics, ranks_of
from recommend.skillgraph import SkillGraph


@pytest.fixture(scope="module")
def sample() -> tuple[GraphTables, SkillGraph, Content]:
    tables = read_rome(sample_directory()).tables
    return tables, SkillGraph.of(tables), Content.of(tables)


@pytest.fixture(scope="module")
def found(sample: tuple[GraphTables, SkillGraph, Content]) -> Assessment:
    _, graph, content = sample
    told: list[str] = []
    result = assess(
        graph, content, {"popularity": popularity}, of_pairs={}, seed=1, counts=(2, 3, 3), progress=told.append
    )
    assert any("Pli 2 sur 2" in text for text in told)
    return result


def test_every_mobility_is_asked_once(found: Assessment, sample: tuple[GraphTables, SkillGraph, Content]) -> None:
    _, graph, _ = sample
    assert found.folds == 2
    assert found.held_out == graph.moves.nnz
    assert found.methods["experts"]["all"]["count"] == graph.moves.nnz
    assert set(found.methods) == {"experts", "skills", "bare", "popularity"}
    assert found.cold["experts"]["all"]["count"] == graph.moves.nnz
    assert found.without_lists["experts"]["all"]["count"] == graph.moves.nnz


def test_the_file_gives_the_figures_back(found: Assessment) -> None:
    ranks = ranks_of(found.predictions).to_numpy()
    assert metrics(ranks) == pytest.approx(found.methods["experts"]["all"])


def test_lists_and_numbers_are_measured(found: Assessment) -> None:
    assert 0 < found.exposure["experts"]["coverage"] <= 1
    assert 0 <= found.calibration["all"].error <= 1
    assert set(found.diversity) == {"by score alone", "with places kept"}
    for measured in found.diversity.values():
        kinds = sum(measured[kind] for kind in ("close", "step-up", "reconversion", "unknown"))
        assert kinds == pytest.approx(20, abs=0.5)


def test_a_fold_that_leaks_is_refused(
    sample: tuple[GraphTables, SkillGraph, Content], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, graph, content = sample

    def leaking(whole: SkillGraph, seed: int, count: int) -> Iterator[Fold]:
        for fold in folds_of(whole, seed, count):
            yield replace(fold, graph=whole)

    monkeypatch.setattr(assessment, "folds_of", leaking)
    with pytest.raises(LeakError, match="hidden mobilities"):
        assess(graph, content, {}, of_pairs={}, seed=1, counts=(2, 3, 3))


def test_the_same_seed_gives_the_same_scores(sample: tuple[GraphTables, SkillGraph, Content]) -> None:
    _, graph, content = sample
    once, again = (
        assess(graph, content, {}, of_pairs={}, seed=1, quick=True, counts=(3, 3, 3)).predictions for _ in range(2)
    )
    assert once["target"].tolist() == again["target"].tolist()
    np.testing.assert_array_equal(once["score"], again["score"])
