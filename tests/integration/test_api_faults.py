"""The embedded graph server killed while the API serves: arrays go on, Cypher says so or answers, and it is back."""

import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from fastapi.testclient import TestClient

from graph import embedded
from graph.tables import GraphTables
from graph.writer import write_graph
from passerelle.errors import GraphUnavailableError
from passerelle.snapshot import Snapshot
from tests.integration.conftest import embedded_server
from tests.unit.api_toy import LACEMAKER, build_sample, running, settings_for

TEXT = {"query": "MATCH (g:GrandDomain) RETURN count(g) AS n"}


def kill(home: Path) -> int:
    """Ends the server as nothing warns of; returns which process it was."""
    status = embedded.status(home / "graph")
    assert status is not None
    os.kill(status.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    return status.pid


@pytest.mark.embedded
def test_a_server_that_is_killed_degrades_and_comes_back_by_itself(tmp_path: Path) -> None:
    home = build_sample(tmp_path / "home")
    server = embedded_server(home)
    with (
        server.connect() as connection,
        patch.multiple("api.state", GRAPH_LOOK_S=0.2, GRAPH_AGAIN_S=0.2),
        running(settings_for(home, **server.environment)) as client,
    ):
        write_graph(connection, GraphTables.load(Snapshot.open(home).directory / "tables"))
        assert client.post("/v1/cypher", json=TEXT).status_code == 200
        assert readiness(client) == ("ready", "up")
        over = threading.Event()
        with ThreadPoolExecutor(2) as pool:
            arrays = pool.submit(ask_arrays, client, over)
            states = pool.submit(ask_ready, client, over)
            try:
                # as where it does not start again: nothing answers until it may
                down = GraphUnavailableError("Le serveur de graphe ne démarre pas", "Relancez")
                with patch("api.graph_server.connect", side_effect=down):
                    killed = kill(home)
                    until(lambda: readiness(client) == ("degraded", "down"))
                    refused = client.post("/v1/cypher", json=TEXT)
                    assert (refused.status_code, refused.json()["type"]) == (503, "/v1/problems/graph-unavailable")
                    assert int(refused.headers["retry-after"]) >= 1
                # nobody asks: the worker starts it again
                until(lambda: readiness(client) == ("ready", "up"))
            finally:
                over.set()
            assert set(arrays.result()) == {200}
            assert set(states.result()) == {(200, "ready"), (200, "degraded")}
        assert client.post("/v1/cypher", json=TEXT).status_code == 200
        status = embedded.status(home / "graph")
        assert status is not None
        assert status.pid != killed


def readiness(client: TestClient) -> tuple[str, str]:
    found = client.get("/v1/health/ready").json()
    return found["status"], found["graph"]


def ask_arrays(client: TestClient, over: threading.Event) -> list[int]:
    """Statuses of what needs no graph server, until it is over."""
    asked: list[tuple[str, str, Any]] = [
        ("POST", "/v1/recommendations", {"profile": LACEMAKER, "limit": 3}),
        ("GET", "/v1/paths?from=B1804&to=H2605", None),
        ("GET", "/v1/occupations/search?q=dentelliere", None),
    ]
    found = []
    while not over.is_set():
        found += [client.request(method, path, json=body).status_code for method, path, body in asked]
        time.sleep(0.05)
    return found


def ask_ready(client: TestClient, over: threading.Event) -> list[tuple[int, str]]:
    """What readiness says, until it is over."""
    found = []
    while not over.is_set():
        answer = client.get("/v1/health/ready")
        found.append((answer.status_code, answer.json()["status"]))
        time.sleep(0.05)
    return found


def until(condition: Any) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
