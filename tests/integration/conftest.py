"""The graph's servers that the integration tests run on: the embedded one, and a Neo4j named by NEO4J_TEST_*."""

import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from graph.connection import Connection, Kind, connect
from graph.reader import read_marker
from graph.tables import GraphTables
from graph.writer import write_graph
from passerelle.settings import Settings

KINDS: tuple[Kind, ...] = ("embedded", "neo4j")


@dataclass(frozen=True)
class GraphServer:
    """A server for tests, and how to reach it."""

    kind: Kind
    #: environment that makes ``passerelle.settings`` point to it, here or in another process
    environment: dict[str, str]

    @property
    def settings(self) -> Settings:
        return Settings.model_validate(self.environment)

    def connect(self) -> Connection:
        return connect(self.settings)

    def wipe(self) -> None:
        """Removes every node, in pieces that fit the server's memory."""
        with self.connect() as connection:
            while connection.driver.execute_query(
                "MATCH (n) WITH n LIMIT 1000 DETACH DELETE n RETURN count(*) AS removed",
                database_=connection.database,
            ).records[0]["removed"]:
                pass


def embedded_server(home: Path) -> GraphServer:
    """The embedded server of a home directory; skips where the engine is not installed."""
    if importlib.util.find_spec("arcadedb_embedded") is None:
        pytest.skip("needs the embedded graph server: pip install '.[embedded]'")
    return GraphServer("embedded", {"PASSERELLE_HOME": str(home), "PASSERELLE_EMBEDDED_HEAP_MIB": "768"})


def neo4j_server() -> GraphServer:
    """The Neo4j of NEO4J_TEST_URI, _USER and _PASSWORD; skips where they are unset."""
    names = {"NEO4J_URI", "NEO4J_USER", "NEO4J_PASSWORD"}
    given = {name: os.environ.get(name.replace("NEO4J_", "NEO4J_TEST_"), "") for name in names}
    if not all(given.values()):
        pytest.skip("needs a Neo4j 5 server for tests: NEO4J_TEST_URI, NEO4J_TEST_USER, NEO4J_TEST_PASSWORD")
    return GraphServer("neo4j", given)


@pytest.fixture(scope="session", params=[pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in KINDS])
def graph_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphServer]:
    """Each server in turn; the embedded one runs for the whole session."""
    if request.param == "neo4j":
        yield neo4j_server()
        return
    server = embedded_server(tmp_path_factory.mktemp("embedded"))
    with server.connect():
        yield server


@pytest.fixture(scope="session", params=[pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in KINDS])
def real_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphServer]:
    """Each server in turn for the published data, which take a minute to load: the embedded one is nobody else's."""
    if request.param == "neo4j":
        yield neo4j_server()
        return
    server = embedded_server(tmp_path_factory.mktemp("real"))
    with server.connect():
        yield server


@pytest.fixture(scope="module")
def loaded(real_server: GraphServer, built_tables: GraphTables) -> Iterator[Connection]:
    """A connection to a server that holds what a build writes: loaded once, and anew where another test wiped it."""
    with real_server.connect() as connection:
        marker = read_marker(connection)
        if marker is None or marker.checksum != built_tables.checksum():
            real_server.wipe()
            write_graph(connection, built_tables)
        yield connection


@pytest.fixture
def empty_server(graph_server: GraphServer) -> GraphServer:
    """The server, with nothing in it."""
    graph_server.wipe()
    return graph_server
