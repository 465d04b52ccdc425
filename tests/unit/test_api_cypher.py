"""Analysts' texts over HTTP, without a graph server: what is asked of it, and each way in which an answer may end."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import anyio
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from api.graph_server import GraphServer
from api.ndjson import Lines, NdjsonResponse
from api.routes import cypher
from api.state import CYPHER_AT_ONCE, State
from graph.analyst import ReadStream, stream_read_only
from graph.queries import query, query_names
from passerelle.errors import GraphUnavailableError, RefusedQueryError
from passerelle.settings import Settings
from tests.unit.api_toy import Rows, running, sample_home, settings_for, toy_graph

__all__ = ["sample_home"]

TEXT = "MATCH (o:Occupation) RETURN o.codeRome AS code"


@pytest.fixture(scope="module")
def client(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    records = tmp_path_factory.mktemp("records") / "r" / "records.sqlite"
    with running(settings_for(sample_home, PASSERELLE_RECORDS=records)) as client:
        yield client


def state_of(client: TestClient) -> State:
    app = client.app
    assert isinstance(app, FastAPI)
    found: State = app.state.passerelle
    return found


def ask(client: TestClient, **body: Any) -> Any:
    return client.post("/v1/cypher", json={"query": TEXT} | body)


def lines(answer: Any) -> list[Any]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def all_seats_are_free(client: TestClient) -> bool:
    seats = state_of(client).cypher_seats
    taken = [seats.acquire(blocking=False) for _ in range(CYPHER_AT_ONCE)]
    for one in taken:
        if one:
            seats.release()
    return all(taken)


def test_rows_come_a_line_between_a_head_and_an_end(client: TestClient) -> None:
    rows = [[f"A{number}", {"a": [None, 1.5, "é"]}] for number in range(3000)]
    stream = Rows(("code", "more"), rows)
    with toy_graph(client, stream) as asked:
        answer = ask(client, parameters={"n": 2}, limit=5000)
    head, *found, end = lines(answer)
    assert head["columns"] == ["code", "more"]
    assert (head["current"], head["dataVersion"], head["sample"]) == (True, "sample", True)
    assert found == rows
    assert end == {"rows": 3000, "stoppedBy": None, "seconds": 0.004}
    (_, text, values), limits = asked.call_args
    assert (text, values) == (TEXT, {"n": 2})
    assert limits == {"limit": 5000, "timeout_s": state_of(client).settings.cypher_timeout_s}
    assert stream.closed
    assert all_seats_are_free(client)


def test_a_ready_made_question_is_asked_with_its_own_text_and_parameters(client: TestClient) -> None:
    listed = client.get("/v1/cypher/questions").json()["questions"]
    assert [one["name"] for one in listed] == list(query_names())
    ready = query("shared_skills")
    values = dict.fromkeys(ready.parameters, "B1804")
    with toy_graph(client, Rows(ready.columns, [])) as asked:
        answer = client.post("/v1/cypher", json={"question": "shared_skills", "parameters": values})
    assert lines(answer)[0]["columns"] == list(ready.columns)
    assert asked.call_args.args[1:] == (ready.text, values)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"question": "nothing_of_this_name"}, "/question"),
        ({"question": "shared_skills"}, "/parameters"),
        ({"question": "shared_skills", "parameters": {"codeRome": "B1804", "more": 1}}, "/parameters"),
        ({"question": "counts", "query": TEXT}, ""),
        ({}, ""),
        ({"query": ""}, "/query"),
        ({"query": TEXT, "limit": 0}, "/limit"),
        ({"query": TEXT, "limit": 100_001}, "/limit"),
        ({"query": TEXT, "parameters": {"n": 2**63}}, ""),
        ({"query": TEXT, "parameters": [1]}, "/parameters"),
        ({"query": TEXT, "timeout": 1}, "/timeout"),
    ],
    ids=str,
)
def test_what_is_wrong_in_a_question_is_pointed_at(client: TestClient, body: dict[str, Any], pointer: str) -> None:
    answer = client.post("/v1/cypher", json=body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert all_seats_are_free(client)


def test_texts_that_write_are_refused_with_the_reason_before_any_server_is_asked(client: TestClient) -> None:
    for text in ("MATCH (n) DETACH DELETE n", "CALL dbms.shutdown()", "LOAD CSV FROM 'x' AS y RETURN y", "SHOW USERS"):
        with toy_graph(client, Rows((), [])) as asked:
            # the true one: it looks at the words first
            asked.side_effect = stream_read_only
            answer = ask(client, query=text)
        assert (answer.status_code, answer.json()["type"]) == (422, "/v1/problems/refused-query")
        assert len(answer.json()["detail"]) > 20
    assert all_seats_are_free(client)


def test_what_stops_a_text_after_its_first_rows_is_its_last_line(client: TestClient) -> None:
    stream = Rows(("code",), [["A1203"], RefusedQueryError("La requête a été arrêtée après 10 s.")])
    with toy_graph(client, stream):
        head, row, end = lines(ask(client))
    assert (head["columns"], row) == (["code"], ["A1203"])
    assert (end["problem"]["status"], end["problem"]["type"]) == (422, "/v1/problems/refused-query")
    assert "arrêtée" in end["problem"]["detail"]
    assert stream.closed
    # what nobody foresaw leaves the answer without its last line, which is how one knows
    unforeseen = Rows(("code",), [["A1203"], ZeroDivisionError()])
    with toy_graph(client, unforeseen), pytest.raises(ZeroDivisionError):
        ask(client)
    assert unforeseen.closed
    assert all_seats_are_free(client)


def test_limits_that_stopped_an_answer_are_said(client: TestClient) -> None:
    stream = Rows(("code",), [["A1203"]])
    stream.stopped_by = "rows"
    with toy_graph(client, stream):
        assert lines(ask(client, limit=1))[-1]["stoppedBy"] == "rows"


def test_a_graph_server_that_is_not_there_is_a_problem_and_everything_else_goes_on(client: TestClient) -> None:
    down = GraphUnavailableError("Le serveur de graphe ne répond pas (bolt://10.0.0.7)", "Vérifiez")
    with patch("api.graph_server.connect", side_effect=down):
        answer = ask(client)
    assert (answer.status_code, answer.json()["type"]) == (503, "/v1/problems/graph-unavailable")
    assert int(answer.headers["retry-after"]) > 0
    # what a server's own fault says is for the log
    assert "10.0.0.7" not in answer.text
    assert client.get("/v1/occupations/B1804").status_code == 200
    assert all_seats_are_free(client)


def test_a_graph_server_that_was_ended_is_reached_again(tmp_path: Path) -> None:
    server = GraphServer(settings_for(tmp_path))
    down = GraphUnavailableError("Le serveur de graphe ne répond pas", "Relancez")
    with (
        patch("api.graph_server.connect") as connect,
        patch("api.graph_server.read_marker", side_effect=["first", down, "second", down, down]),
    ):
        assert [server.marker(), server.marker()] == ["first", "second"]
        assert connect.call_count == 2
        with pytest.raises(GraphUnavailableError):
            server.marker()
        server.close()
        assert connect.return_value.close.call_count == connect.call_count == 3


def test_a_graph_that_holds_nothing_says_so(client: TestClient) -> None:
    with patch("api.graph_server.connect"), patch("api.graph_server.read_marker", return_value=None):
        answer = ask(client)
    assert (answer.status_code, answer.json()["type"]) == (409, "/v1/problems/graph-conflict")
    assert "passerelle build" in answer.json()["detail"]


def test_more_texts_at_once_than_may_be_are_told_to_ask_again(client: TestClient) -> None:
    state = state_of(client)
    for _ in range(CYPHER_AT_ONCE):
        state.cypher_seats.acquire()
    try:
        answer = ask(client)
        assert (answer.status_code, answer.json()["type"]) == (503, "/v1/problems/overloaded")
    finally:
        state.cypher_seats.release(CYPHER_AT_ONCE)


def test_a_server_that_thinks_leaves_the_threads_to_who_reads_arrays(sample_home: Path, tmp_path: Path) -> None:
    thinking, over = threading.Event(), threading.Event()

    class Thinking(Rows):
        def __iter__(self) -> Iterator[list[Any]]:
            thinking.set()
            assert over.wait(20)
            yield from super().__iter__()

    records = tmp_path / "r" / "records.sqlite"
    settings_of_one = settings_for(sample_home, PASSERELLE_RECORDS=records, PASSERELLE_API_THREADS=1)
    with running(settings_of_one) as client, toy_graph(client, Thinking(("code",), [["A1"]])):
        answers: list[Any] = []
        asking = threading.Thread(target=lambda: answers.append(ask(client)))
        asking.start()
        try:
            assert thinking.wait(10)
            assert client.get("/v1/occupations/H2605").status_code == 200
            assert not answers
        finally:
            over.set()
            asking.join()
        assert lines(answers[0])[1] == ["A1"]


def test_a_client_that_goes_away_ends_a_text_at_which_the_server_still_thinks() -> None:
    # as an analyst's process that never gives a row
    program = 'import time; print(\'{"columns": ["n"]}\', flush=True); time.sleep(600)'
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    let_go = Mock()
    sent: list[Any] = []

    async def go_away() -> Any:
        while len(sent) < 2:
            await anyio.sleep(0.01)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async def answer() -> None:
        response = NdjsonResponse(
            Lines({"columns": ["n"]}, ReadStream(process), "id", let_go), anyio.CapacityLimiter(1)
        )
        await response({"type": "http", "asgi": {"spec_version": "2.3"}}, go_away, send)

    anyio.run(answer)
    assert process.returncode is not None
    let_go.assert_called_once()
    assert b'"rows"' not in b"".join(message.get("body", b"") for message in sent)


def test_texts_and_parameters_are_not_logged(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with toy_graph(client, Rows(("a",), [["secretchose"]])):
        ask(client, query="RETURN 'secretchose' AS a", parameters={"secretnom": "secretchose"})
    said = [record.getMessage() for record in caplog.records]
    assert '"route": "/v1/cypher"' in " ".join(said)
    assert "secret" not in " ".join(said)


@settings(max_examples=60, deadline=None)
@given(
    parameters=st.dictionaries(
        st.text(max_size=5),
        st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4), st.lists),
        max_size=3,
    )
)
def test_no_parameter_reaches_the_server_that_the_driver_could_not_send(
    client: TestClient, parameters: dict[str, Any]
) -> None:
    content = json.dumps({"query": TEXT, "parameters": parameters}).encode()
    with toy_graph(client, Rows(("code",), [])) as asked:
        answer = client.post("/v1/cypher", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 422)
    assert (answer.status_code == 200) is asked.called
    if asked.called:
        # UTF-8, 64 bits, no infinity
        sent = json.dumps(asked.call_args.args[2], ensure_ascii=False, allow_nan=False).encode()
        assert json.loads(sent) == parameters


def test_the_graph_is_that_of_the_settings(client: TestClient) -> None:
    assert cypher.stream_read_only is stream_read_only
    with toy_graph(client, Rows(("code",), [])) as asked:
        ask(client)
    (given_settings, *_), _ = asked.call_args
    assert isinstance(given_settings, Settings)
    assert given_settings is state_of(client).settings
