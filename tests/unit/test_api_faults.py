"""A graph server that goes away, and a disk that is full: what is said, what goes on, and that it ends by itself."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import pytest
from fastapi.testclient import TestClient

from api.graph_server import GraphServer
from api.state import State
from passerelle.errors import GraphUnavailableError
from tests.unit.api_toy import LACEMAKER, RECORDED, Rows, running, sample_home, settings_for
from tests.unit.test_api_conventions import check_problem

__all__ = ["sample_home"]

DOWN = GraphUnavailableError("Le serveur de graphe ne répond pas (bolt://10.0.0.7)", "Vérifiez")
TEXT = {"query": "MATCH (o:Occupation) RETURN o.codeRome AS code"}
#: what a full disk refuses, and what it does not: every route that writes, and what each would have written
WRITES: dict[str, tuple[str, str, Any]] = {
    "recommend": ("POST", "/v1/recommendations", {"profile": LACEMAKER}),
    "for a seeker": ("POST", "/v1/recommendations", {"seekerId": "{seeker}"}),
    "decide": ("POST", "/v1/recommendations/{shown}/feedback", {"codeRome": "{first}", "choice": "keep"}),
    "decide on an offer": ("POST", "/v1/recommendations/{matched}/feedback", {"offer": "{offer}", "choice": "keep"}),
    "match": ("POST", "/v1/matches", {"seekerId": "{seeker}"}),
    # several seekers' matches: all of them, or none
    "candidates": ("POST", "/v1/offers/{offer}/candidates", {}),
    "create": (
        "POST",
        "/v1/seekers",
        RECORDED | {"skills": [{"codeOgr": "{skills}", "origin": "declared", "level": "expert"}]},
    ),
    "change": (
        "PUT",
        "/v1/seekers/{seeker}",
        {"revision": 1, "profile": {"skills": [{"codeOgr": "{skills}", "origin": "declared", "level": "expert"}]}},
    ),
}


@pytest.fixture(scope="module")
def client(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    records = tmp_path_factory.mktemp("records") / "r" / "records.sqlite"
    with running(settings_for(sample_home, PASSERELLE_RECORDS=records)) as client:
        yield client


def state_of(client: TestClient) -> State:
    found: State = client.app.state.passerelle  # type: ignore[attr-defined]
    return found


def readiness(client: TestClient) -> tuple[int, str, str]:
    answer = client.get("/v1/health/ready")
    return answer.status_code, answer.json()["status"], answer.json()["graph"]


def test_a_graph_server_that_goes_away_is_said_and_reached_again_by_itself(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="passerelle.api")
    state = state_of(client)
    info = state.build.snapshot.info
    marker = Mock(checksum=info.checksum, meta=Mock(data_version=info.data_version, sample=info.sample))
    there = True

    def reach(_: object) -> Mock:
        if not there:
            raise DOWN
        return Mock()

    def read(_: object) -> Mock:
        if not there:
            raise DOWN
        return marker

    with (
        patch("api.graph_server.connect", side_effect=reach) as connect,
        patch("api.graph_server.read_marker", side_effect=read),
        patch("api.routes.cypher.stream_read_only", side_effect=lambda *_, **__: Rows(("code",), [["A1203"]])),
    ):
        # nobody asked yet: a look reaches nothing, least of all an embedded server that it would start
        assert state.graph.status == "unasked"
        state.graph.look()
        assert (readiness(client), connect.call_count) == ((200, "ready", "unasked"), 0)
        assert client.post("/v1/cypher", json=TEXT).status_code == 200
        assert readiness(client) == (200, "ready", "up")
        there = False
        # found out by the look, before an analyst asks
        state.graph.look()
        state.graph.look()
        assert readiness(client) == (200, "degraded", "down")
        for _ in range(3):
            refused = check_problem(client.post("/v1/cypher", json=TEXT), 503)
            assert refused["type"] == "/v1/problems/graph-unavailable"
        with ThreadPoolExecutor(4) as pool:
            paths = ["/v1/occupations/B1804", "/v1/paths?from=B1804&to=H2605", "/v1/territories?q=bourg"] * 4
            assert {answer.status_code for answer in pool.map(client.get, paths)} == {200}
        assert client.post("/v1/recommendations", json={"profile": LACEMAKER}).status_code == 200
        there = True
        state.graph.look()
        assert readiness(client) == (200, "ready", "up")
        assert client.post("/v1/cypher", json=TEXT).status_code == 200
    said = [record.getMessage() for record in caplog.records if record.getMessage().startswith("graph: ")]
    # each change once, however often it is looked at
    assert len(said) == 2, said


def test_an_empty_graph_is_there_and_what_nobody_foresaw_does_not_end_the_looking(tmp_path: Path) -> None:
    server = GraphServer(settings_for(tmp_path))
    with patch("api.graph_server.connect"), patch("api.graph_server.read_marker") as read:
        server.marker()
        for found, status in ((None, "up"), (RuntimeError("never seen"), "down"), (Mock(), "up")):
            read.side_effect = [found]
            server.look()
            assert server.status == status


def counts(path: Path) -> dict[str, int]:
    connection = sqlite3.connect(path)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    found = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}  # noqa: S608
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    return found


def filled(body: Any, known: dict[str, str], skills: list[str]) -> Any:
    """A body with what is known in its place, and one entry for each skill, so that it needs room."""
    if isinstance(body, dict):
        return {name: filled(one, known, skills) for name, one in body.items()}
    if isinstance(body, list):
        # the skill stands for all
        many = [one | {"codeOgr": code} for one in body if "codeOgr" in one for code in skills]
        return many or body
    return known.get(body.strip("{}"), body) if isinstance(body, str) else body


@pytest.mark.parametrize("name", WRITES)
def test_a_full_disk_is_said_shows_nothing_and_leaves_nothing_half_written(client: TestClient, name: str) -> None:
    state = state_of(client)
    path = state.settings.records
    seeker = client.post("/v1/seekers", json=RECORDED).json()["id"]
    skills = [one["codeOgr"] for one in client.get("/v1/skills?limit=291").json()["skills"]]
    method, address, body = WRITES[name]
    shown = client.post("/v1/recommendations", json={"profile": LACEMAKER}).json()
    matched = client.post("/v1/matches", json={"profile": LACEMAKER}).json()
    known = {"seeker": seeker, "shown": shown["id"], "first": shown["recommendations"][0]["codeRome"]}
    known |= {"matched": matched["id"], "offer": matched["matches"][0]["id"]}
    address, body = address.format_map(known), filled(body, known, skills)
    with state.records._database.write() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    # a list of codes fits what is left of the last page: the disk is full once that is
    answer, before = client.request(method, address, json=body), counts(path)
    while answer.status_code < 300:
        before = counts(path)
        answer = client.request(method, address, json=body)
    problem = check_problem(answer, 507)
    assert problem["type"] == "/v1/problems/records-full"
    assert not {"id", "recommendations", "pastOccupations"} & set(problem)
    assert str(path.parent) not in answer.text
    assert counts(path) == before
    # what reads goes on, and so does what writes once there is room
    assert client.get(f"/v1/seekers/{seeker}").json()["revision"] == 1
    assert client.get("/v1/occupations/B1804").status_code == 200
    with state.records._database.write() as connection:
        connection.execute("PRAGMA max_page_count = 100000")
    assert client.request(method, address, json=body).status_code < 300
