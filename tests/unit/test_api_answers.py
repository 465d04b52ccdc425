"""What the API answers: the documents of ``--json``, in the shapes described; lists recorded, seekers erased."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from api import (
    shapes,
    shapes_answers,
    shapes_cypher,
    shapes_matching,
    shapes_model,
    shapes_potential,
    shapes_records,
    shapes_territory,
)
from api.openapi import examples
from api.problems import KINDS
from api.state import State
from passerelle.answers import Asked, compare_document, paths_document, recommend_document, search_document
from tests.unit.api_toy import EXAMPLES, LACEMAKER, RECORDED, ask_everything, running, sample_home, settings_for

__all__ = ["sample_home"]

ROOMS = (
    *(shapes, shapes_model, shapes_answers, shapes_records),
    *(shapes_territory, shapes_potential, shapes_matching, shapes_cypher),
)
MOTHER = {"pastOccupations": [{"codeRome": "B1804"}]}


@pytest.fixture(scope="module")
def client(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    records = tmp_path_factory.mktemp("records") / "r" / "records.sqlite"
    with running(settings_for(sample_home, PASSERELLE_RECORDS=records)) as client:
        yield client


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, dict[str, Any]]:
    """operationId -> its description."""
    paths = client.get("/v1/openapi.json").json()["paths"]
    return {one["operationId"]: one for found in paths.values() for one in found.values()}


@pytest.fixture(scope="module")
def answered(client: TestClient) -> dict[str, tuple[Any, Any]]:
    return ask_everything(client)


def state(client: TestClient) -> State:
    app = client.app
    assert isinstance(app, FastAPI)
    found: State = app.state.passerelle
    return found


def shape_of(operation: dict[str, Any]) -> type[BaseModel]:
    name = success_of(operation)["schema"]["$ref"].rpartition("/")[2]
    found: type[BaseModel] = next(vars(room)[name] for room in ROOMS if name in vars(room))
    assert issubclass(found, BaseModel)
    return found


def success_of(operation: dict[str, Any]) -> dict[str, Any]:
    """What is described of the answer: of its first media type, where there are several."""
    (success,) = (answer for status, answer in operation["responses"].items() if status.startswith("2"))
    found: dict[str, Any] = success["content"].get("application/json") or success["content"]["application/x-ndjson"]
    return found


def documents(answer: Any) -> list[Any]:
    """The documents of an answer: one, or one a line."""
    return [json.loads(line) for line in answer.splitlines()] if isinstance(answer, str) else [answer]


def test_every_route_is_asked_here(answered: dict[str, Any], described: dict[str, Any]) -> None:
    assert set(answered) == set(described)


def test_every_route_is_described_with_examples_and_its_problems(described: dict[str, dict[str, Any]]) -> None:
    for name, operation in described.items():
        assert operation["summary"], name
        assert len(operation["description"]) > 20, name
        assert operation["tags"], name
        for example in documents(success_of(operation)["example"]):
            shape_of(operation).model_validate(example)
        if "requestBody" in operation:
            assert operation["requestBody"]["content"]["application/json"]["example"], name
        for parameter in operation.get("parameters", ()):
            assert parameter["schema"] or parameter["examples"], name
        needed = {"422", "500", "503"} | ({"401", "403", "421", "429"} if operation.get("x-scopes") else set())
        assert needed <= set(operation["responses"]), name
        for status, answer in operation["responses"].items():
            if not status.startswith("2"):
                assert list(answer["content"]) == ["application/problem+json"], name
        assert ("security" in operation) == bool(operation.get("x-scopes")), name


def test_every_route_and_kind_of_problem_has_its_place_in_the_docs(client: TestClient) -> None:
    page = (EXAMPLES.parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
    assert not [path for path in client.get("/v1/openapi.json").json()["paths"] if path not in page]
    assert not [kind for kind in KINDS if f"`{kind}`" not in page]


def test_every_answer_has_the_shape_that_is_described_and_says_its_versions(
    answered: dict[str, tuple[Any, Any]], described: dict[str, dict[str, Any]]
) -> None:
    for name, (_, answer) in answered.items():
        first, *lines = documents(answer)
        for document in (first, *lines):
            # a field that is not described, or lacks, is an error
            shape_of(described[name]).model_validate(document)
        if name not in ("getLive", "getProblem"):
            assert {"dataVersion", "modelVersion"} <= set(first), name


def test_the_examples_are_recorded_ones(answered: dict[str, tuple[Any, Any]]) -> None:
    assert set(json.loads(EXAMPLES.read_text(encoding="utf-8"))) == set(examples()) == set(answered)
    for name, (body, answer) in answered.items():
        assert examples()[name].get("request") == body
        recorded = examples()[name]["response"]
        assert set(documents(recorded)[0]) == set(documents(answer)[0]), name


def test_the_description_loads_nothing_from_elsewhere(client: TestClient) -> None:
    for page in ("/docs", "/redoc"):
        assert client.get(page).status_code == 404
    described = client.get("/v1/openapi.json").json()
    # sources name their publishers' pages, and offers their licence's, which nothing loads
    naming = {"getSources", "match", "listOffers", "findCandidates"}
    for operation in (one for found in described["paths"].values() for one in found.values()):
        if operation["operationId"] in naming:
            assert "://" in str(success_of(operation).pop("example"))
    assert "://" not in str(described)


def test_documents_are_those_of_the_command_line(client: TestClient) -> None:
    snapshot = state(client).build.snapshot
    found = client.get("/v1/occupations/search?q=dentellière&limit=5").json()
    assert found == search_document(snapshot, snapshot.search.search("dentellière", limit=5))
    assert client.get("/v1/paths?from=B1804&to=H2605&limit=2").json() == paths_document(
        snapshot, "B1804", "H2605", limit=2
    )
    assert client.get("/v1/compare?codeRome=B1804&codeRome=H2605").json() == compare_document(
        snapshot, ["B1804", "H2605"]
    )
    shown = client.post("/v1/recommendations", json={"profile": LACEMAKER, "limit": 4}).json()
    expected = recommend_document(snapshot, Asked("", None, ["B1804"], "experts", years=["6+"]), limit=4)
    del expected["query"]
    assert {name: shown[name] for name in expected} == json.loads(json.dumps(expected))


def test_an_occupation_is_told_whole(client: TestClient) -> None:
    graph = state(client).build.snapshot.graph
    for row, code in enumerate(graph.codes):
        occupation = client.get(f"/v1/occupations/{code}").json()
        assert {one["codeOgr"] for one in occupation["skills"]} == {
            graph.skill_codes[int(column)] for column in graph.skills_of(row)
        }
        assert len(occupation["contexts"]) == graph.contexts[[row]].nnz
        assert [one["rank"] for one in occupation["mobilities"]] == sorted(graph.moves[[row]].data.astype(int).tolist())
        assert sum(one["main"] for one in occupation["titles"]) <= 1
        assert occupation["domain"]["label"]
    skill = occupation["skills"][0]["codeOgr"]
    requiring = client.get(f"/v1/skills/{skill}/occupations").json()
    assert code in {one["codeRome"] for one in requiring["occupations"]}
    assert client.get(f"/v1/skills/{skill}").json()["requiredBy"] == requiring["total"]


def test_similar_skills_answer_both_ways(client: TestClient) -> None:
    graph = state(client).build.snapshot.graph
    required, held = (int(place[0]) for place in graph.answered_by.nonzero())
    codes = graph.skill_codes
    one = client.get(f"/v1/skills/{codes[required]}/similar").json()
    other = client.get(f"/v1/skills/{codes[held]}/similar").json()
    score = round(float(graph.answered_by[required, held]), 3)
    assert (codes[held], score) in {(each["codeOgr"], each["score"]) for each in one["answeredBy"]}
    assert (codes[required], score) in {(each["codeOgr"], each["score"]) for each in other["answers"]}


def test_skills_are_found_by_their_label_whatever_its_accents(client: TestClient) -> None:
    graph = state(client).build.snapshot.graph
    for label in list(graph.skill_labels)[::40]:
        for typed in (label, label.upper(), label.replace("é", "e")):
            hits = client.get("/v1/skills/search", params={"q": typed}).json()["hits"]
            assert hits[0]["label"] == label
            assert hits[0]["why"] == "libellé exact"
    assert client.get("/v1/skills/search", params={"q": "zzzzqqq"}).json()["hits"] == []
    # a letter that lacks, in the longest word of a label
    longest = max((word for label in graph.skill_labels for word in label.split() if word.isalpha()), key=len)
    hits = client.get("/v1/skills/search", params={"q": longest[:3] + longest[4:]}).json()["hits"]
    assert hits[0]["why"] == "orthographe voisine"
    assert longest.lower() in hits[0]["label"].lower()


def test_two_askings_are_two_records_of_the_same_list(client: TestClient) -> None:
    first, second = (client.post("/v1/recommendations", json={"profile": MOTHER}).json() for _ in range(2))
    assert first.pop("id") != second.pop("id")
    first.pop("shownAt"), second.pop("shownAt")
    assert first == second


def test_occupations_with_a_refused_context_are_left_out(client: TestClient) -> None:
    build = state(client).build
    whole = client.post("/v1/recommendations", json={"profile": MOTHER, "limit": 50}).json()["recommendations"]
    first = client.get(f"/v1/occupations/{whole[0]['codeRome']}").json()
    refused = first["contexts"][0]["code"]
    profile = MOTHER | {"refusedContexts": [refused]}
    left = client.post("/v1/recommendations", json={"profile": profile, "limit": 50}).json()["recommendations"]
    column = list(build.snapshot.graph.context_codes).index(refused)
    bearing = {build.snapshot.graph.codes[int(row)] for row in build.snapshot.graph.contexts[:, [column]].nonzero()[0]}
    assert first["codeRome"] in bearing
    assert left
    assert not bearing & {one["codeRome"] for one in left}


@pytest.mark.parametrize(
    ("profile", "pointer"),
    [
        ({"pastOccupations": [{"codeRome": "A0000"}]}, "/profile/pastOccupations/0/codeRome"),
        ({"skills": ["9999999"]}, "/profile/skills/0"),
        ({"pastOccupations": [{"codeRome": "B1804"}], "refusedContexts": ["9999999"]}, "/profile/refusedContexts/0"),
        ({}, "/profile"),
        ({"pastOccupations": [{"codeRome": "B1804", "years": "40"}]}, "/profile/pastOccupations/0/years"),
        ({"pastOccupations": [{"codeRome": "B1804", "sex": "F"}]}, "/profile/pastOccupations/0/sex"),
        ({"pastOccupations": [{"codeRome": "B1804"}], "nationality": "FR"}, "/profile/nationality"),
        ({"skills": [str(code) for code in range(501)]}, "/profile/skills"),
    ],
)
def test_what_is_wrong_in_a_profile_is_pointed_at(client: TestClient, profile: dict[str, Any], pointer: str) -> None:
    for path, more in (("recommendations", {}), ("gap", {"codeRome": "H2605"})):
        answer = client.post(f"/v1/{path}", json={"profile": profile} | more)
        assert answer.status_code == 422
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


def test_a_seeker_is_recorded_changed_exported_and_erased(client: TestClient) -> None:
    created = client.post("/v1/seekers", json=RECORDED)
    seeker = created.json()["id"]
    assert created.headers["location"] == f"/v1/seekers/{seeker}"
    change = {"revision": 1, "profile": RECORDED | {"area": "8407"}}
    assert client.put(f"/v1/seekers/{seeker}", json=change).json()["revision"] == 2
    stale = client.put(f"/v1/seekers/{seeker}", json=change)
    assert (stale.status_code, stale.json()["type"]) == (409, "/v1/problems/record-conflict")
    assert client.get(f"/v1/seekers/{seeker}").json()["area"] == "8407"
    shown = client.post("/v1/recommendations", json={"seekerId": seeker, "limit": 3}).json()
    exported = client.get(f"/v1/seekers/{seeker}/export").json()
    assert [one["id"] for one in exported["recommendations"]] == [shown["id"]]
    assert client.delete(f"/v1/seekers/{seeker}").json()["links"] == 1
    for answer in (client.get(f"/v1/seekers/{seeker}"), client.delete(f"/v1/seekers/{seeker}")):
        assert answer.status_code == 404
        assert seeker not in answer.text
    left = client.get(f"/v1/recommendations/{shown['id']}").json()
    assert (left["question"], left["explanation"]) == (None, None)
    assert "effacée" in left["explanationNotice"]


def test_what_a_counselor_dismissed_is_not_proposed_to_her_again(client: TestClient) -> None:
    seeker = client.post("/v1/seekers", json=RECORDED).json()["id"]
    question = {"seekerId": seeker, "limit": 5}
    first = client.post("/v1/recommendations", json=question).json()
    code = first["recommendations"][0]["codeRome"]
    path = f"/v1/recommendations/{first['id']}/feedback"
    decided = client.post(path, json={"codeRome": code, "choice": "dismiss", "reason": "too-far"})
    assert (decided.status_code, decided.json()["reasonLabel"]) == (201, "Trop loin du secteur de recherche")
    second = client.post("/v1/recommendations", json=question).json()
    assert second["dismissed"] == [code]
    assert code not in {one["codeRome"] for one in second["recommendations"]}
    assert len(second["recommendations"]) == 5
    client.post(path, json={"codeRome": code, "choice": "keep"})
    third = client.post("/v1/recommendations", json=question).json()
    assert third["recommendations"] == first["recommendations"]
    # for nobody in particular nothing is left out
    profile = {"pastOccupations": RECORDED["pastOccupations"]}
    assert client.post("/v1/recommendations", json={"profile": profile, "limit": 5}).json()["dismissed"] == []


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        ({"choice": "dismiss"}, 422),
        ({"choice": "dismiss", "reason": "she is too old"}, 422),
        ({"choice": "change"}, 422),
        ({"choice": "change", "changedTo": "A0000"}, 422),
        ({"choice": "keep", "comment": "Jeanne"}, 422),
        ({"choice": "change", "changedTo": "B1803"}, 201),
    ],
)
def test_decisions_come_from_closed_lists(client: TestClient, verdict: dict[str, str], status: int) -> None:
    shown = client.post("/v1/recommendations", json={"profile": MOTHER, "limit": 1}).json()
    code = shown["recommendations"][0]["codeRome"]
    answer = client.post(f"/v1/recommendations/{shown['id']}/feedback", json={"codeRome": code} | verdict)
    assert answer.status_code == status, answer.text
    assert "too old" not in answer.text
