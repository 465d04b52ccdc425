"""The embedded server's life: who may reach it, who keeps it alive, what ends it."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from graph import embedded
from graph.connection import connect
from graph.reader import read_graph
from graph.writer import write_graph
from passerelle.errors import GraphConflictError, GraphUnavailableError
from tests.integration.conftest import embedded_server
from tests.integration.invented import invented_tables

pytestmark = pytest.mark.embedded
HEAP = 512
_HOLDER = """
import sys, time
from pathlib import Path
from graph import embedded
held = embedded.lease(Path(sys.argv[1]), 512)
print(held.status.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    embedded_server(tmp_path)
    yield tmp_path / "graph"
    embedded.down(tmp_path / "graph")


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_only_this_machine_can_reach_it(directory: Path) -> None:
    with embedded.lease(directory, HEAP) as held:
        listening = [
            connection.laddr
            for connection in psutil.Process(held.status.pid).net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        # Bolt, HTTP and the control channel
        assert len(listening) == 3
        assert {address.ip.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}
        assert int(held.uri.rsplit(":", 1)[1]) in {address.port for address in listening}


def test_its_secrets_are_its_owners_alone(directory: Path) -> None:
    with embedded.lease(directory, HEAP) as held:
        for path in directory.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        process = psutil.Process(held.status.pid)
        for secret in (held.root[1], held.analyst[1]):
            assert len(secret) >= 32
            assert secret not in " ".join(process.cmdline())
            assert secret not in " ".join(process.environ().values())
            assert secret not in (directory / embedded.LOG_FILE).read_text(encoding="utf-8")


def test_each_directory_has_its_own_password(tmp_path: Path) -> None:
    embedded_server(tmp_path)
    with embedded.lease(tmp_path / "a", HEAP) as one, embedded.lease(tmp_path / "b", HEAP) as other:
        assert one.status.pid != other.status.pid
        assert len({one.root[1], other.root[1], one.analyst[1], other.analyst[1]}) == 4
        before = one.root
    with embedded.lease(tmp_path / "a", HEAP) as again:
        assert again.root == before


def test_it_lives_as_long_as_somebody_holds_it(directory: Path) -> None:
    first = embedded.lease(directory, HEAP)
    pid = first.status.pid
    second = embedded.lease(directory, HEAP)
    assert second.status.pid == pid
    first.close()
    assert embedded.status(directory) is not None
    second.close()
    assert embedded.status(directory) is None
    assert wait_until(lambda: not psutil.pid_exists(pid))
    assert embedded.attach(directory) is None


def test_it_ends_when_its_holder_is_killed(directory: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", _HOLDER, directory], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    pid = int(holder.stdout.readline())
    assert psutil.pid_exists(pid)
    holder.kill()
    holder.communicate()
    assert wait_until(lambda: embedded.status(directory) is None and not psutil.pid_exists(pid))


def test_up_keeps_it_and_down_stops_it(directory: Path) -> None:
    kept = embedded.up(directory, HEAP)
    assert kept == embedded.status(directory)
    assert kept.kept
    with embedded.lease(directory, HEAP) as held:
        assert held.status.pid == kept.pid
    assert embedded.status(directory) == kept
    assert embedded.down(directory)
    assert wait_until(lambda: not psutil.pid_exists(kept.pid))
    assert not embedded.down(directory)


def test_sigterm_stops_it_in_order(tmp_path: Path, directory: Path) -> None:
    settings = embedded_server(tmp_path).settings
    tables = invented_tables(0)
    pid = embedded.up(directory, HEAP).pid
    with connect(settings) as connection:
        write_graph(connection, tables)
    os.kill(pid, signal.SIGTERM)
    assert wait_until(lambda: not psutil.pid_exists(pid))
    log = (directory / embedded.LOG_FILE).read_text(encoding="utf-8")
    assert "ArcadeDB Server is down" in log
    assert not (directory / "server.json").exists()
    with connect(settings) as connection:
        assert read_graph(connection).checksum() == tables.checksum()


def test_two_that_start_it_at_once_share_it(directory: Path) -> None:
    leases: list[embedded.Lease] = []
    threads = [threading.Thread(target=lambda: leases.append(embedded.lease(directory, HEAP))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert len({held.status.pid for held in leases}) == 1
        assert len(leases) == 3
    finally:
        for held in leases:
            held.close()


def test_a_state_file_left_by_a_killed_server_is_seen_through(directory: Path) -> None:
    killed = embedded.up(directory, HEAP)
    psutil.Process(killed.pid).kill()
    assert wait_until(lambda: not psutil.pid_exists(killed.pid))
    assert (directory / "server.json").exists()
    assert embedded.status(directory) is None
    with embedded.lease(directory, HEAP) as held:
        assert held.status.pid != killed.pid


def test_a_program_that_took_the_port_of_a_killed_server_is_no_server(directory: Path) -> None:
    with embedded.lease(directory, HEAP):
        state = json.loads((directory / "server.json").read_text(encoding="utf-8"))
        other = directory.parent / "other"
        other.mkdir()
        (other / "server.json").write_text(json.dumps({**state, "nonce": "wrong"}), encoding="utf-8")
        assert embedded.attach(other) is None


def test_a_server_that_cannot_start_says_why(directory: Path) -> None:
    with pytest.raises(GraphUnavailableError, match=r"journal .*server\.log"):
        embedded.lease(directory, 1)


def test_files_that_were_damaged_are_seen_and_may_be_removed(tmp_path: Path, directory: Path) -> None:
    settings = embedded_server(tmp_path).settings
    tables = invented_tables(0)
    with connect(settings) as connection:
        write_graph(connection, tables)
    (directory / "databases" / "passerelle" / "schema.json").write_text("{", encoding="utf-8")
    # the engine forgets, in silence, what it cannot read: the checksum sees it
    with connect(settings) as connection, pytest.raises(GraphConflictError, match="n'est pas celui qui"):
        read_graph(connection)
    shutil.rmtree(directory / "databases")
    with connect(settings) as connection:
        write_graph(connection, tables)
        assert read_graph(connection).checksum() == tables.checksum()


def test_its_data_survive_a_stop_and_a_start(tmp_path: Path) -> None:
    settings = embedded_server(tmp_path).settings
    tables = invented_tables(0)
    with connect(settings) as connection:
        write_graph(connection, tables)
    with connect(settings) as connection:
        assert write_graph(connection, tables).unchanged
        assert read_graph(connection).checksum() == tables.checksum()


def test_a_wrong_password_says_what_to_do(tmp_path: Path, directory: Path) -> None:
    settings = embedded_server(tmp_path).settings
    with embedded.lease(directory, HEAP):
        credentials = directory / "credentials.json"
        credentials.write_text('{"root": "x", "analyst": "y"}', encoding="utf-8")
        with pytest.raises(GraphUnavailableError, match="passerelle down"):
            connect(settings)
    # the next start gives the server the passwords of the file
    credentials.write_text(json.dumps({"root": "a" * 32, "analyst": "b" * 32}), encoding="utf-8")
    with connect(settings) as connection:
        assert connection.lease is not None
        assert connection.lease.root == ("root", "a" * 32)
