"""Fixtures that every kind of test shares, and the rule that nothing is skipped where everything is installed."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from embeddings.similar import with_similar
from embeddings.triples import Triples
from embeddings.vectors import find_vectors
from graph.tables import GraphTables
from ingest.catalogue import find_data, find_rome
from ingest.country_files import CountryReading, read_country
from ingest.country_tables import with_country
from ingest.rome import read_rome
from passerelle.settings import Settings
from recommend.content import Content
from recommend.learned import shipped
from recommend.rank import Recommender
from recommend.skillgraph import SkillGraph

# no test is timed: the machine may do something else at the same time
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


class _ByRoom(LoadScopeScheduling):
    """Spreads the tests (-n) so that a file's share their fixtures, and all that need a server are one process's."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "servers" if "/integration/" in file else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByRoom:
    return _ByRoom(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true everything optional is installed, so that a skip hides something: it fails."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped under CI=true: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that is skipped whole."""
    report = yield
    if report.outcome == "skipped" and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped under CI=true: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The published files; skips where there are none."""
    location = find_data(Settings(), Path.cwd())
    if location.sample:
        pytest.skip("needs the published files: run `passerelle fetch`, or set PASSERELLE_DATA")
    return location.path


@pytest.fixture(scope="session")
def real_tables(data_dir: Path) -> GraphTables:
    """The tables of the real ROME, read once a run."""
    return read_rome(find_rome(data_dir, Settings().rome_version)).tables


@pytest.fixture(scope="session")
def rome_tables(real_tables: GraphTables) -> GraphTables:
    """The tables of the real ROME, and which skill answers which: what recommendations are made from."""
    return with_similar(real_tables, find_vectors(Triples.of(real_tables)))


@pytest.fixture(scope="session")
def built_tables(rome_tables: GraphTables, published_country: CountryReading) -> GraphTables:
    """What a build writes."""
    return with_country(rome_tables, published_country)


@pytest.fixture(scope="session")
def published_country(data_dir: Path, real_tables: GraphTables) -> CountryReading:
    """The territories, the market and the homes that are published, read once a run."""
    reading = read_country(data_dir, real_tables.nodes["OccupationFamily"]["codeRome3"])
    if reading is None:
        pytest.skip("needs the territories: run `passerelle fetch`, or set PASSERELLE_DATA")
    return reading


@pytest.fixture(scope="session")
def real_recommender(rome_tables: GraphTables) -> Recommender:
    """What a build of the real ROME ranks with."""
    return Recommender.of(SkillGraph.of(rome_tables), Content.of(rome_tables), shipped())
