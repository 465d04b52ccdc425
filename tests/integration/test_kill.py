"""Killed at any moment of a load, client or server: the graph is then the old version or the new one."""

import contextlib
import os
import random
import threading
import time
from pathlib import Path

import pytest

from graph.reader import read_graph
from graph.tables import GraphTables
from graph.writer import write_graph
from tests.integration.conftest import KINDS, GraphServer, embedded_server, neo4j_server
from tests.integration.invented import invented_tables
from tests.integration.load_client import LoadProcess

#: each takes the embedded server five seconds and more to start again: all twenty are the CI's
KILLS = 20 if os.environ.get("CI") == "true" else 5
#: share of the kills that come while the last statement or the commit is under way
LATE = 0.4
_SCALE = 1.0


@pytest.fixture(scope="module", params=[pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in KINDS])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> GraphServer:
    """A server of this module's own: nobody else holds the embedded one."""
    if request.param == "embedded":
        return embedded_server(tmp_path_factory.mktemp("kill"))
    server = neo4j_server()
    server.wipe()
    return server


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two versions that differ nearly everywhere, by checksum."""
    found = {}
    for seed in (0, 1):
        tables = invented_tables(seed, scale=_SCALE)
        directory = tmp_path_factory.mktemp("version") / str(seed)
        tables.save(directory)
        found[tables.checksum()] = directory
    return found


def test_killed_at_random_moments_the_graph_is_one_version_whole(
    server: GraphServer, versions: dict[str, Path]
) -> None:
    moments = random.Random(20_251_125)
    checksums = list(versions)
    with server.connect() as connection:
        write_graph(connection, GraphTables.load(versions[checksums[0]]))
    held, seen = checksums[0], []
    for kill in range(KILLS):
        wanted = next(checksum for checksum in checksums if checksum != held)
        late = moments.random() < LATE
        # every fourth time somebody else holds the embedded server, which then outlives the client that is killed
        with server.connect() if kill % 4 == 1 else contextlib.nullcontext():
            load = LoadProcess(server.environment, versions[wanted])
            load.wait_for_share(1.0 if late else moments.random())
            time.sleep(moments.random() * (0.5 if late else 0.05))
            load.kill(server=kill % 2 == 0)
            with server.connect() as connection:
                # raises when the content is not, to the last value, what the marker says
                found = read_graph(connection).checksum()
        assert found in (held, wanted)
        seen.append(found == held)
        held = found
    # some of the loads were cut short, or the kills all came too late to say anything
    assert any(seen)
    with server.connect() as connection:
        for directory in versions.values():
            tables = GraphTables.load(directory)
            write_graph(connection, tables)
            assert read_graph(connection).checksum() == tables.checksum()


def test_a_reader_during_a_load_sees_one_version_whole(server: GraphServer, versions: dict[str, Path]) -> None:
    tables = [GraphTables.load(directory) for directory in versions.values()]
    with server.connect() as connection:
        write_graph(connection, tables[0])
    ended = threading.Event()

    def load() -> None:
        try:
            with server.connect() as own:
                for version in (*tables[::-1], *tables[::-1]):
                    write_graph(own, version)
        finally:
            ended.set()

    loading = threading.Thread(target=load)
    loading.start()
    seen = set()
    with server.connect() as connection:
        while not ended.is_set():
            seen.add(read_graph(connection).checksum())
    loading.join()
    assert seen <= set(versions)
    assert seen
