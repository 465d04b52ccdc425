"""The API against its own description, what it may not be told, and that nobody's answer depends on who asks beside."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from schemathesis.core.failures import FailureGroup

from api.openapi import examples
from tests.unit.api_cases import Asker, ask_many, asking
from tests.unit.api_toy import LACEMAKER, running, sample_home, settings_for
from tests.unit.test_api_conventions import check_problem, operations

__all__ = ["sample_home"]

#: of every operation; all together 1,500
CASES = 44
#: what a recommender of occupations is never told
PERSONAL = (
    *("age", "sex", "gender", "name", "lastName", "nationality", "health", "disability", "nir", "birthDate", "email"),
    *("sexe", "nom", "prenom", "nationalite", "sante", "handicap", "adresse"),
)
#: names that an analyst gives to the parameters of a text of hers
_FREE = {"parameters"}


@pytest.fixture(scope="module")
def asker(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    with asking(sample_home, tmp_path_factory.mktemp("cases") / "r" / "records.sqlite") as asker:
        yield asker


@pytest.fixture(scope="module")
def client(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    records = tmp_path_factory.mktemp("records") / "r" / "records.sqlite"
    with running(settings_for(sample_home, PASSERELLE_RECORDS=records)) as client:
        yield client


def test_every_answer_is_one_that_the_description_has(asker: Asker) -> None:
    for label in asker.operations:
        ask_many(asker, label, CASES)
    # the cases reach what is behind the checks of what is asked, everywhere
    assert not [label for label in asker.operations if not asker.fitting[label]]
    assert asker.statuses[422] > 100


def test_an_answer_that_the_description_does_not_have_is_found(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.routes.about.model_document", lambda *_: {"unknown": 1})
    with pytest.raises(FailureGroup):
        ask_many(asker, "GET /v1/model", 5)


def objects_in(value: Any, pointer: str = "") -> Iterator[str]:
    """Pointers of the objects of a body whose fields the API names."""
    if isinstance(value, dict):
        yield pointer
        for name, one in value.items():
            if name not in _FREE:
                yield from objects_in(one, f"{pointer}/{name}")
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from objects_in(one, f"{pointer}/{place}")


def with_field(value: Any, pointer: str, field: str) -> Any:
    """The body with a field more in the object at a pointer."""
    if not pointer:
        return value | {field: "x"}
    name, _, rest = pointer[1:].partition("/")
    rest = f"/{rest}" if rest else ""
    if isinstance(value, list):
        return [with_field(one, rest, field) if place == int(name) else one for place, one in enumerate(value)]
    return value | {name: with_field(value[name], rest, field)}


def test_what_a_person_is_cannot_be_told_anywhere_and_the_refusal_names_it(client: TestClient) -> None:
    seen = set()
    for method, path, operation in operations(client):
        if "requestBody" not in operation:
            continue
        body = examples()[operation["operationId"]]["request"]
        if "skills" in body:
            body = body | {"skills": [{"codeOgr": "2002", "origin": "declared", "level": None}]}
        address = path.format(id="00000000-0000-4000-8000-000000000000")
        for pointer in objects_in(body):
            for field in PERSONAL:
                answer = client.request(method, address, json=with_field(body, pointer, field))
                problem = check_problem(answer, 422)
                assert {"detail": "ce champ n'existe pas", "pointer": f"{pointer}/{field}"} in problem["errors"]
            seen.add(f"{path}{pointer}")
    # in the profile and in each of its occupations and skills as well
    assert {"/v1/seekers", "/v1/seekers/skills/0", "/v1/gap/profile", "/v1/potential/profile/pastOccupations/0"} <= seen
    assert "/v1/seekers/{id}/profile/pastOccupations/0" in seen


def test_the_other_gendered_title_leads_to_the_same_bytes(client: TestClient) -> None:
    codes = [one["codeRome"] for one in client.get("/v1/occupations?limit=500").json()["occupations"]]
    compared = 0
    for code in codes:
        title = client.get(f"/v1/occupations/{code}").json()["titles"][0]
        if title["masculine"] == title["feminine"]:
            continue
        found = [answer_to(client, title[form]) for form in ("masculine", "feminine")]
        assert found[0] == found[1], title
        compared += 1
    assert compared > 30


def answer_to(client: TestClient, title: str) -> tuple[Any, bytes]:
    """What a title leads to, but for the title itself; and the bytes of what separates who had that occupation from
    another, but for the id and the time that each answer has for itself."""
    found = client.get("/v1/occupations/search", params={"q": title, "limit": 5}).json()
    del found["query"]
    body = {"profile": {"pastOccupations": [{"codeRome": found["hits"][0]["codeRome"]}]}, "codeRome": "H2605"}
    content, own = re.subn(
        rb'^{"id":"[0-9a-f-]{36}","shownAt":"[0-9TZ:-]{20}",', b"{", client.post("/v1/gap", json=body).content
    )
    assert own == 1
    return found, content


def test_eight_at_once_get_what_each_gets_alone(client: TestClient) -> None:
    asked: list[tuple[str, str, Any]] = [
        ("POST", "/v1/recommendations", {"profile": LACEMAKER, "lens": lens, "limit": limit})
        for lens in ("experts", "skills")
        for limit in (1, 5)
    ]
    asked += [
        ("POST", "/v1/gap", {"profile": LACEMAKER, "codeRome": "H2605"}),
        ("POST", "/v1/potential", {"profile": LACEMAKER, "near": "bourg"}),
        ("GET", "/v1/paths?from=B1804&to=H2605", None),
        ("GET", "/v1/occupations/search?q=dentelliere", None),
        ("GET", "/v1/territories?q=bourg", None),
        ("GET", "/v1/compare?codeRome=B1804&codeRome=H2605", None),
    ]

    def answer(question: tuple[str, str, Any]) -> Any:
        method, path, body = question
        found = client.request(method, path, json=body)
        assert found.status_code == 200, found.text
        document = found.json()
        for of_its_own in ("id", "shownAt"):
            document.pop(of_its_own, None)
        return document

    alone = [answer(question) for question in asked]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(answer, asked * 8))
    assert together == alone * 8
