"""``passerelle serve`` and ``passerelle keys`` as processes: start, answer, refuse, end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import requests
from typer.testing import CliRunner

from passerelle import serve
from passerelle.cli import app
from passerelle.errors import InvalidRecordError, KeyRequiredError, PortTakenError, UnknownRecordError
from passerelle.settings import Settings
from records.store import Records
from tests.unit.api_toy import LACEMAKER, sample_home, settings_for
from tests.unit.records_toy import ASKED, Clock, open_toy, shown

__all__ = ["sample_home"]

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = [sys.executable, "-c", "from passerelle.cli import main; main()"]


def environment(home: Path, records: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PASSERELLE_", "NEO4J_"))}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "PASSERELLE_HOME": str(home),
        "PASSERELLE_RECORDS": str(records),
        "COLUMNS": "120",
    }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def place(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return environment(sample_home, tmp_path_factory.mktemp("records") / "r" / "records.sqlite")


@pytest.fixture(scope="module")
def server(place: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[psutil.Popen, int, Path]]:
    """Two workers that are ready, their port, and their log."""
    port, log = free_port(), tmp_path_factory.mktemp("log") / "serve.log"
    with log.open("wb") as written:
        command = [*PROGRAM, "serve", "--port", str(port), "--workers", "2"]
        process = psutil.Popen(command, env=place, stderr=written, stdout=written, cwd=log.parent)
        try:
            until_ready(port, process)
            yield process, port, log
        finally:
            if process.is_running():
                for child in [*process.children(recursive=True), process]:
                    child.kill()
            process.wait(10)


def until_ready(port: int, process: psutil.Popen) -> None:
    deadline = time.monotonic() + 60
    ready = 0
    while time.monotonic() < deadline:
        assert process.poll() is None
        try:
            answer = requests.get(f"http://127.0.0.1:{port}/v1/health/ready", timeout=5)
        # the port listens before the workers do: one waits, or is refused
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.1)
            continue
        # each worker answers for itself
        ready = ready + 1 if answer.status_code == 200 else 0
        if ready == 20:
            return
        time.sleep(0.02)
    pytest.fail("the server was not ready in a minute")


def test_it_serves_says_that_it_is_open_and_ends_with_its_workers(
    server: tuple[psutil.Popen, int, Path],
) -> None:
    process, port, log = server
    address = f"http://127.0.0.1:{port}/v1"
    answer = requests.post(f"{address}/recommendations", json={"profile": LACEMAKER, "limit": 2}, timeout=30)
    assert answer.status_code == 200
    assert "server" not in answer.headers
    # another worker, or the same, finds what was recorded
    again = [requests.get(f"{address}/recommendations/{answer.json()['id']}", timeout=30) for _ in range(6)]
    assert {one.status_code for one in again} == {200}
    assert requests.get(f"{address}/occupations/search?q=secretchose", timeout=30).status_code == 200
    with pytest.raises(PortTakenError):
        serve.listen("127.0.0.1", port)
    children = process.children(recursive=True)
    assert len([one for one in children if "spawn_main" in " ".join(one.cmdline())]) == 2
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    written = log.read_text()
    assert "aucune clé" in written
    assert '"route": "/v1/occupations/search"' in written
    assert "secretchose" not in written
    assert "purge: 0 recommendations" in written
    assert "Traceback" not in written


def test_workers_end_when_their_supervisor_is_killed(place: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    process = psutil.Popen([*PROGRAM, "serve", "--port", str(port)], env=place, stderr=subprocess.DEVNULL, cwd=tmp_path)
    until_ready(port, process)
    children = process.children(recursive=True)
    process.kill()
    process.wait(10)
    gone, alive = psutil.wait_procs(children, timeout=20)
    assert gone
    assert not alive


def test_an_address_that_others_reach_asks_for_a_key_that_is_good(sample_home: Path, tmp_path: Path) -> None:
    everywhere = settings_for(
        sample_home,
        PASSERELLE_RECORDS=tmp_path / "r" / "r.sqlite",
        PASSERELLE_HOST="0.0.0.0",  # noqa: S104
    )
    with pytest.raises(KeyRequiredError):
        serve.prepare(everywhere)
    with Records.open(everywhere.records) as records:
        made = records.keys.create(["read"])
    assert serve.prepare(everywhere) is False
    with Records.open(everywhere.records) as records:
        records.keys.revoke(made.key.prefix)
    with pytest.raises(KeyRequiredError):
        serve.prepare(everywhere)


def test_a_purge_removes_what_is_past_its_time_and_survives_a_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "r" / "r.sqlite"
    settings = Settings.model_validate({"PASSERELLE_RECORDS": path})
    clock = Clock()
    clock.time -= timedelta(days=3000)
    with open_toy(path, clock) as records:
        old = records.audit.record(ASKED, shown())
    caplog.set_level("INFO", logger="passerelle.serve")
    serve.purge(settings)
    with Records.open(path) as records, pytest.raises(UnknownRecordError):
        records.audit.get(old.id)
    assert "purge: 1 recommendations" in caplog.text
    path.write_bytes(b"damaged" * 1000)
    serve.purge(settings)
    assert "endommagé" in caplog.text or "autre programme" in caplog.text


def test_keys_are_made_shown_once_listed_and_revoked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r" / "r.sqlite"
    monkeypatch.setenv("PASSERELLE_RECORDS", str(path))

    def keys(*words: str) -> str:
        done = CliRunner().invoke(app, ["keys", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    token = keys("create", "--scope", "read", "--scope", "recommend").strip()
    with Records.open(path) as records:
        key = records.keys.check(token)
    assert key is not None
    assert key.scopes == {"read", "recommend"}
    listed = json.loads(keys("list", "--json"))["keys"]
    assert [(one["prefix"], one["scopes"], one["revoked"]) for one in listed] == [
        (key.prefix, ["read", "recommend"], None)
    ]
    assert key.prefix in keys("list")
    assert token.rpartition("_")[2] not in keys("list") + keys("list", "--json")
    assert key.prefix in keys("revoke", key.prefix)
    assert json.loads(keys("list", "--json"))["keys"][0]["revoked"]
    with pytest.raises(InvalidRecordError, match="read, recommend, seekers, analyst, admin"):
        keys("create", "--scope", "everything")
    assert len(json.loads(keys("list", "--json"))["keys"]) == 1
