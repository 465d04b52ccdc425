"""Analysts' texts over HTTP on both servers: rows, refusals, a limit that holds, a server that was ended."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.openapi import examples
from graph import embedded
from graph.tables import GraphTables
from graph.writer import write_graph
from passerelle.snapshot import Snapshot
from tests.integration.conftest import KINDS, GraphServer, embedded_server, neo4j_server
from tests.unit.api_toy import build_sample, running, settings_for

#: seconds: what no index helps, and no server ends by itself
LIMIT_S = 2
ENDLESS = (
    "UNWIND range(1, 10000) AS a UNWIND range(1, 10000) AS b UNWIND range(1, 10000) AS c RETURN sum(a * b * c) AS n"
)


@pytest.fixture(scope="module", params=[pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in KINDS])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphServer]:
    """Each server in turn, holding the sample."""
    home = build_sample(tmp_path_factory.mktemp("api") / "home")
    found = embedded_server(home) if request.param == "embedded" else neo4j_server()
    if found.kind == "neo4j":
        found.wipe()
        found.environment["PASSERELLE_HOME"] = str(home)
    with found.connect() as connection:
        write_graph(connection, GraphTables.load(Snapshot.open(home).directory / "tables"))
        # held, so that the embedded one is not started twice
        yield found


@pytest.fixture(scope="module")
def client(server: GraphServer) -> Iterator[TestClient]:
    home = Path(server.environment["PASSERELLE_HOME"])
    settings = settings_for(home, **server.environment | {"PASSERELLE_CYPHER_TIMEOUT_S": str(LIMIT_S)})
    with running(settings) as client:
        yield client


def lines(answer: Any) -> list[Any]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_the_recorded_example_is_what_the_server_gives(client: TestClient) -> None:
    example = examples()["askGraph"]
    head, *rows, end = lines(client.post("/v1/cypher", json=example["request"]))
    recorded_head, *recorded_rows, recorded_end = map(json.loads, example["response"].splitlines())
    assert (set(head), head["columns"], head["current"]) == (set(recorded_head), recorded_head["columns"], True)
    assert rows == recorded_rows
    assert end | {"seconds": 0} == recorded_end | {"seconds": 0}


def test_more_rows_than_the_limit_are_said(client: TestClient) -> None:
    answer = client.post("/v1/cypher", json={"query": "MATCH (o:Occupation) RETURN o.codeRome AS code", "limit": 5})
    assert len(lines(answer)) == 7
    assert lines(answer)[-1]["stoppedBy"] == "rows"


@pytest.mark.parametrize(
    "body",
    [
        {"query": "CREATE (n:Occupation {codeRome: 'X'}) RETURN n"},
        {"query": "RETURN $missing AS x"},
        {"query": "MATCH (o:Occupation RETURN o"},
        {"query": "RETURN nothing AS x"},
    ],
    ids=str,
)
def test_refusals_are_problems_with_their_reason(client: TestClient, body: dict[str, Any]) -> None:
    answer = client.post("/v1/cypher", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "/v1/problems/refused-query"), answer.text


def test_an_endless_text_is_stopped_and_the_server_answers_again(client: TestClient, server: GraphServer) -> None:
    stopped = client.post("/v1/cypher", json={"query": ENDLESS})
    if stopped.status_code == 200:
        problem = lines(stopped)[-1]["problem"]
    else:
        assert stopped.status_code == 422, stopped.text
        problem = stopped.json()
    assert problem["type"] == "/v1/problems/refused-query"
    assert f"{LIMIT_S} s" in problem["detail"]
    if server.kind == "embedded":
        # as what it does not stop by itself ends it
        status = embedded.status(Path(server.environment["PASSERELLE_HOME"]) / "graph")
        assert status is not None
        os.kill(status.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    assert (
        lines(client.post("/v1/cypher", json={"query": "MATCH (g:GrandDomain) RETURN count(g) AS n"}))[-1]["rows"] == 1
    )
