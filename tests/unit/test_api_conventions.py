"""Conventions of the API, over every route: problems, parameters, paging, ETag, gzip, ids, limits."""

import gzip
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.gate import DEEPEST, depth
from api.problems import KINDS, problem_of
from passerelle import errors
from tests.unit.api_toy import LACEMAKER, new_key, running, sample_home, settings_for

__all__ = ["sample_home"]

PROBLEM = {"type", "title", "status", "detail", "requestId", "errors", "suggestions"}


@pytest.fixture(scope="module")
def client(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    records = tmp_path_factory.mktemp("records") / "r" / "records.sqlite"
    with running(settings_for(sample_home, PASSERELLE_RECORDS=records)) as client:
        yield client


def operations(client: TestClient) -> list[tuple[str, str, dict[str, Any]]]:
    paths = client.get("/v1/openapi.json").json()["paths"]
    return [(method.upper(), path, one) for path, found in paths.items() for method, one in found.items()]


def address(path: str) -> str:
    """A template with codes that lead nowhere."""
    nobody = "00000000-0000-4000-8000-000000000000"
    return path.format(codeRome="A9999", codeOgr="9999999", id=nobody, kind="none", codeInsee="99999", area="9999")


def check_problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "requestId"} <= set(problem) <= PROBLEM
    kind = problem["type"].removeprefix("/v1/problems/")
    assert (KINDS[kind].status, KINDS[kind].title) == (status, problem["title"])
    assert problem["status"] == status
    assert problem["requestId"] == answer.headers["x-request-id"]
    if KINDS[kind].retry_after is not None or status == 429:
        assert int(answer.headers["retry-after"]) >= 1
    return problem


def test_every_route_refuses_an_unknown_parameter_by_its_name_and_never_without_a_problem(client: TestClient) -> None:
    for method, path, operation in operations(client):
        told = operation["responses"]
        body = {"age": 52} if "requestBody" in operation else None
        problem = check_problem(client.request(method, address(path) + "?age=52", json=body), 422)
        assert {"detail": "ce paramètre n'existe pas", "parameter": "age"} in problem["errors"]
        assert "422" in told
        if body:
            problem = check_problem(client.request(method, address(path), json=body), 422)
            pointers = {fault["pointer"] for fault in problem["errors"]}
            assert "/age" in pointers, (path, problem)
            check_problem(client.request(method, address(path), content=b"{", headers=JSON), 400)
            check_problem(client.request(method, address(path), content=b"[1]", headers={"Content-Type": "x/y"}), 415)
            check_problem(client.request(method, address(path), content=b" " * 70_000, headers=JSON), 413)
            deep = b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1)
            check_problem(client.request(method, address(path), content=deep, headers=JSON), 400)
        elif "{" in path:
            assert check_problem(client.request(method, address(path)), 404)["status"] in map(int, told)
        check_problem(client.request("PATCH", address(path)), 405)
    check_problem(client.get("/v1/nowhere"), 404)
    check_problem(client.get("/"), 404)


JSON = {"Content-Type": "application/json"}


def test_every_error_of_the_house_is_a_problem() -> None:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.PasserelleError)
    ]
    assert len(kinds) > 20
    for kind in kinds:
        # made without its facts: only where it belongs is looked at
        error = kind.__new__(kind)
        Exception.__init__(error, "/a/path/of/the/server")
        error.__dict__.update(problem="ceci", pointer="/x")
        problem = problem_of(error)
        # what names the server's own files is for the log
        assert KINDS[problem.kind].status < 500 or "/a/path" not in problem.detail


def test_a_parameter_given_twice_is_refused_where_it_may_stand_once(client: TestClient) -> None:
    problem = check_problem(client.get("/v1/occupations?limit=2&limit=3"), 422)
    assert problem["errors"] == [{"detail": "donné plusieurs fois", "parameter": "limit"}]


def test_what_is_not_the_name_of_a_field_is_not_said_again(client: TestClient) -> None:
    for name in ("06 12 34 56 78", "jeanne@exemple.fr", "Jeanne Martin"):
        answers = [client.get("/v1/model", params={name: "1"}), client.post("/v1/recommendations", json={name: 1})]
        for answer in answers:
            check_problem(answer, 422)
            assert name not in answer.text


@pytest.mark.parametrize("typed", ["06 12 34 56 78", "jeanne@exemple.fr", "2 75 03 75 116 001 22", "+33612345678"])
@pytest.mark.parametrize("box", ["occupations/search", "skills/search", "territories"])
def test_what_names_a_person_is_neither_searched_nor_logged(
    client: TestClient, box: str, typed: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = client.get(f"/v1/{box}", params={"q": typed})
    problem = check_problem(answer, 422)
    assert problem["type"] == "/v1/problems/personal-text"
    assert typed not in answer.text
    assert not [record for record in caplog.records if record.name != "httpx2" and typed[:6] in record.getMessage()]


def test_the_log_names_the_route_and_nothing_that_was_typed(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="passerelle.access")
    client.get("/v1/occupations/search?q=chaudronniere")
    client.get("/v1/occupations/B1804?secret=chaudronniere")
    client.get("/v1/chaudronniere")
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "passerelle.access"]
    assert [line["route"] for line in lines] == ["/v1/occupations/search", "/v1/occupations/{codeRome}", None]
    assert [line["status"] for line in lines] == [200, 422, 404]
    assert "chaudronniere" not in json.dumps(lines)


def test_lists_are_read_to_their_end_by_their_links(client: TestClient) -> None:
    for path, name in (("/v1/occupations", "occupations"), ("/v1/skills", "skills")):
        whole = client.get(path, params={"limit": 500}).json()[name]
        following, seen = f"{path}?limit=40", []
        while following:
            answer = client.get(following)
            seen += answer.json()[name]
            assert answer.json()["total"] == len(whole)
            assert (answer.json()["next"] is None) == ("next" not in answer.links)
            following = answer.links.get("next", {}).get("url", "")
        assert seen == whole


def test_a_cursor_that_is_not_of_the_list_is_refused(client: TestClient) -> None:
    other = client.get("/v1/skills?limit=2").json()["next"]
    for cursor in (other, "x", "é", "AAAA", other[:-2]):
        problem = check_problem(client.get("/v1/occupations", params={"cursor": cursor}), 422)
        assert problem["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize(
    "path", ["/v1/occupations/B1804", "/v1/model", "/v1/contexts", "/v1/paths?from=B1804&to=H2605"]
)
def test_reference_data_are_sent_once(client: TestClient, path: str) -> None:
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    # strong: other bytes, another mark
    assert plain.headers["etag"] != packed.headers["etag"]
    assert not plain.headers["etag"].startswith("W/")
    for answer, encoding in ((plain, "identity"), (packed, "gzip")):
        headers = {"If-None-Match": answer.headers["etag"], "Accept-Encoding": encoding}
        again = client.get(path, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == answer.headers["etag"]
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_request_id_comes_back_unless_it_could_be_something_else(client: TestClient) -> None:
    given = "0af7651916cd43dd8448eb211c80319c"
    assert client.get("/v1/model", headers={"X-Request-Id": given}).headers["x-request-id"] == given
    for wrong in ("0612345678", "2750375116001", "a" * 65, "jeanne martin", "x\ny"):
        answer = client.get("/v1/model", headers={"X-Request-Id": wrong.replace("\n", " ")})
        assert answer.headers["x-request-id"] != wrong


def test_other_sites_get_no_leave_from_a_browser(client: TestClient) -> None:
    asked = {"Origin": "https://exemple.fr", "Access-Control-Request-Method": "POST"}
    check_problem(client.options("/v1/recommendations", headers=asked), 405)
    assert "access-control-allow-origin" not in client.get("/v1/model", headers=asked).headers
    # a name that somebody else's server gave to this machine, whatever else is sent
    for sent in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer "}):
        check_problem(client.get("/v1/model", headers={"Host": "exemple.fr:8000"} | sent), 421)
    assert client.get("/v1/model", headers={"Host": "[::1]:8000"}).status_code == 200


def test_an_origin_that_is_named_gets_leave(sample_home: Path, tmp_path: Path) -> None:
    named = settings_for(
        sample_home, PASSERELLE_CORS_ORIGINS="https://exemple.fr", PASSERELLE_RECORDS=tmp_path / "r" / "r.sqlite"
    )
    with running(named) as client:
        answer = client.get("/v1/model", headers={"Origin": "https://exemple.fr"})
        assert answer.headers["access-control-allow-origin"] == "https://exemple.fr"
        assert "access-control-allow-origin" not in client.get("/v1/model", headers={"Origin": "https://x.fr"}).headers


def test_answers_are_compressed_and_are_not_kept_by_caches(client: TestClient) -> None:
    answer = client.post("/v1/recommendations", json={"profile": LACEMAKER, "limit": 1})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


@given(st.recursive(st.none() | st.booleans() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)))
def test_depth_is_that_of_the_document(document: Any) -> None:
    def deep(value: Any) -> int:
        return 1 + max(map(deep, value), default=0) if isinstance(value, list) else 0

    assert depth(json.dumps(document).encode()) == deep(document)


_CODES = st.sampled_from(["B1804", "H2605", "A0000", "b1804", "", "é"])
_WORDS = st.sampled_from(
    [
        "near",
        "codeInsee",
        "area",
        "reachKm",
        "region",
        "sort",
        "profile",
        "seekerId",
        "pastOccupations",
        "codeRome",
        "skills",
        "lens",
        "kind",
        "limit",
        "revision",
        "choice",
    ]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | _CODES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS | st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_ROUTES = [
    ("POST", "/v1/recommendations"),
    ("POST", "/v1/gap"),
    ("POST", "/v1/potential"),
    ("POST", "/v1/seekers"),
    ("PUT", "/v1/seekers/00000000-0000-4000-8000-000000000000"),
    ("POST", "/v1/recommendations/00000000-0000-4000-8000-000000000000/feedback"),
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(route=st.sampled_from(_ROUTES), body=st.dictionaries(_WORDS | st.text(max_size=8), _VALUES, max_size=5))
def test_no_body_makes_the_server_fail(client: TestClient, route: tuple[str, str], body: dict[str, Any]) -> None:
    # NaN, lone surrogates and numbers too large for JSON as well
    content = json.dumps(body).encode()
    answer = client.request(*route, content=content, headers=JSON)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        check_problem(answer, answer.status_code)


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=40), name=st.text(max_size=8), value=st.text(max_size=20))
def test_no_bytes_make_the_server_fail(client: TestClient, content: bytes, name: str, value: str) -> None:
    answers = [
        client.post("/v1/recommendations", content=content, headers=JSON),
        client.get("/v1/occupations/search", params={"q": value, name: value} if name else {"q": value}),
    ]
    for answer in answers:
        assert answer.status_code < 500, answer.text


def test_a_route_that_fails_says_nothing_of_why(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("jeanne@exemple.fr")

    monkeypatch.setattr("api.routes.about.model_document", fail)
    problem = check_problem(client.get("/v1/model"), 500)
    assert problem["type"] == "/v1/problems/internal"
    assert "RuntimeError" in caplog.text
    assert "jeanne" not in caplog.text + json.dumps(problem)


def test_a_key_opens_what_it_is_for(sample_home: Path, tmp_path: Path) -> None:
    closed = settings_for(sample_home, PASSERELLE_RECORDS=tmp_path / "r" / "r.sqlite")
    keys = {scope: new_key(closed, scope) for scope in ("read", "recommend", "seekers", "analyst")}
    with running(closed) as client:
        for method, path, operation in operations(client):
            scopes = operation.get("x-scopes", [])
            if not scopes:
                assert client.request(method, path.format(kind="internal")).status_code == 200
                continue
            bare = check_problem(client.request(method, address(path)), 401)
            assert bare["type"].endswith("/key-missing")
            other = next(scope for scope in keys if scope not in scopes)
            body: Any = {} if "requestBody" in operation else None
            check_problem(client.request(method, address(path), headers=keys[other], json=body), 403)
            right = client.request(method, address(path), headers=keys[scopes[0]], json=body)
            assert right.status_code not in (401, 403)


def test_gzip_bodies_are_refused(client: TestClient) -> None:
    packed = gzip.compress(json.dumps({"profile": LACEMAKER}).encode())
    headers = JSON | {"Content-Encoding": "gzip"}
    check_problem(client.post("/v1/recommendations", content=packed, headers=headers), 415)
