"""Territories over HTTP: the documents of the command line, places in three ways, and what is said without them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.state import Build
from passerelle import pipeline
from passerelle.answers import Asked, recommend_document
from passerelle.market import market_document, with_market
from passerelle.place import Location, WholeArea, resolve_code, resolve_place
from passerelle.potential import Whereabouts, potential_document, potential_geojson
from passerelle.snapshot import Snapshot
from tests.unit.api_toy import LACEMAKER, RECORDED, Silent, running, sample_home, settings_for

__all__ = ["sample_home"]

ASKED = Asked("", None, ["B1804"], "experts", years=["6+"])
BOURG, PARIS = "01001", "75056"
GEOJSON = {"Accept": "application/geo+json"}
#: what an answer about somebody bears beside the document
OWED = ("id", "shownAt", "mention")
NUMBERS = ("rank", "potential", "low", "high", "outOf")


@pytest.fixture(scope="module")
def client(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    records = tmp_path_factory.mktemp("records") / "r" / "records.sqlite"
    with running(settings_for(sample_home, PASSERELLE_RECORDS=records)) as client:
        yield client


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Over a build without files of territories."""
    home = tmp_path_factory.mktemp("bare")
    pipeline.build(settings_for(home), Silent())
    with running(settings_for(home)) as client:
        yield client


@pytest.fixture(scope="module")
def snapshot(client: TestClient) -> Snapshot:
    app = client.app
    assert isinstance(app, FastAPI)
    build: Build = app.state.passerelle.build
    return build.snapshot


def as_json(document: Any) -> Any:
    return json.loads(json.dumps(document))


def faults(answer: Any, status: int = 422) -> list[dict[str, str]]:
    assert answer.status_code == status, answer.text
    found: list[dict[str, str]] = answer.json()["errors"]
    return found


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: one for name, one in document.items() if name not in names}


def areas_of(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The areas of a map."""
    properties = [one["properties"] for one in found["features"]]
    return [one for one in properties if one["level"] == "area"]


def seeker_of(client: TestClient, **more: Any) -> str:
    answer = client.post("/v1/seekers", json=RECORDED | more)
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


def test_places_are_found_as_one_types_them(client: TestClient) -> None:
    found = client.get("/v1/territories", params={"q": "LE BOURG"}).json()
    assert (found["clear"], found["reason"]) == (True, None)
    assert found["places"][0]["codeInsee"] == BOURG
    assert found["places"][0]["area"] == {"code": "0101", "label": "BOURG"}
    none = client.get("/v1/territories", params={"q": "zzzzqqqq"}).json()
    assert (none["clear"], none["places"]) == (False, [])
    assert none["reason"]
    assert client.get("/v1/territories", params={"q": "01000"}).json()["places"][0]["codeInsee"] == BOURG


def test_a_code_of_insee_is_never_taken_for_a_postcode(client: TestClient) -> None:
    assert client.get(f"/v1/territories/{BOURG}").json()["postcodes"] == ["01000"]
    assert client.get("/v1/territories/01000").status_code == 404
    in_body = client.post("/v1/potential", json={"profile": LACEMAKER, "codeInsee": "01000"})
    assert faults(in_body)[0]["pointer"] == "/codeInsee"


def test_every_area_of_the_list_is_told_and_may_be_recorded(client: TestClient, snapshot: Snapshot) -> None:
    areas = client.get("/v1/territories/areas").json()["areas"]
    assert [one["code"] for one in areas] == list(snapshot.market.area_codes)
    for one in areas:
        area = client.get(f"/v1/territories/areas/{one['code']}").json()
        assert area["label"] == one["label"]
        seat = area["seat"]
        # one of the toy's areas has but a commune that no file names
        if seat["label"] is not None:
            assert client.get(f"/v1/territories/{seat['codeInsee']}").json()["area"]["code"] == one["code"]
        assert seeker_of(client, area=one["code"])


@pytest.mark.parametrize(
    "asked", [{}, {"near": "bourg"}, {"near": "75056"}, {"codeInsee": BOURG}, {"area": "0101"}], ids=str
)
def test_the_market_is_the_document_of_the_command_line(
    client: TestClient, snapshot: Snapshot, asked: dict[str, str]
) -> None:
    place: Location | None = None
    if asked:
        place = WholeArea("0101") if "area" in asked else resolve_place(snapshot, next(iter(asked.values())))
    for code in ("H2605", "B1804"):
        answer = client.get(f"/v1/occupations/{code}/market", params=asked)
        assert answer.json() == as_json(market_document(snapshot, code, place))
        etag = {"If-None-Match": answer.headers["etag"]}
        assert client.get(f"/v1/occupations/{code}/market", params=asked, headers=etag).status_code == 304


def test_an_area_has_the_figures_of_its_communes(client: TestClient) -> None:
    by_area, by_commune = (
        client.get("/v1/occupations/H2605/market", params=one).json()
        for one in ({"area": "0101"}, {"codeInsee": BOURG})
    )
    assert by_area["here"] == by_commune["here"]
    assert by_area["offers"] == by_commune["offers"]
    # a home is a commune's
    assert (by_area["place"]["codeInsee"], by_area["housing"]) == (None, None)
    assert by_commune["housing"]


@pytest.mark.parametrize(
    "body", [{}, {"near": "bourg", "reachKm": 20}, {"codeInsee": PARIS, "region": "Corse"}], ids=str
)
def test_a_potential_is_the_document_of_the_command_line_as_a_list_and_as_a_map(
    client: TestClient, snapshot: Snapshot, body: dict[str, Any]
) -> None:
    place = resolve_place(snapshot, "bourg") if "near" in body else None
    if "codeInsee" in body:
        place = resolve_code(snapshot, PARIS)
    where = Whereabouts(place, body.get("reachKm"), "94" if "region" in body else None)
    answer = client.post("/v1/potential", json={"profile": LACEMAKER, "limit": 3} | body)
    expected = potential_document(snapshot, ASKED, where, limit=3)
    assert without(answer.json(), *OWED) == as_json(without(expected, "query"))
    found = client.post("/v1/potential", json={"profile": LACEMAKER} | body, headers=GEOJSON)
    assert found.headers["content-type"] == "application/geo+json"
    assert {one.headers["vary"].split(",")[0] for one in (found, answer)} == {"Accept"}
    assert without(found.json(), *OWED) == as_json(potential_geojson(snapshot, ASKED, where))
    for shown, bearing in ((answer.json()["areas"], True), (areas_of(found.json()), False)):
        recorded = client.get(f"/v1/recommendations/{(answer if bearing else found).json()['id']}").json()
        assert [one["area"] for one in recorded["areas"]] == [one["code"] for one in shown]
        for kept, one in zip(recorded["areas"], shown, strict=True):
            assert without(kept, "area", "contributions") == {name: one[name] for name in NUMBERS}
            parts = {part["codeRome3"]: part["contribution"] for part in one.get("contributions", ())}
            assert (kept["contributions"], bool(parts)) == (parts, bearing)
            assert not bearing or sum(parts.values()) == pytest.approx(one["potential"], abs=1e-4)
        assert (recorded["kind"], recorded["explanation"]) == ("potential", None)
        assert "commune" in recorded["explanationNotice"]
        assert recorded["question"]["reachKm"] == body.get("reachKm")
        assert recorded["question"]["region"] == where.region
        assert BOURG not in json.dumps(recorded["question"])


@pytest.mark.parametrize(
    ("accept", "map_wanted"),
    [
        ("application/geo+json", True),
        ("application/json;q=0.5, application/geo+json;q=0.9", True),
        ("application/geo+json;q=0.1, application/json", False),
        ("application/geo+json;q=0", False),
        ("*/*", False),
        ("application/geo+json;q=many", False),
        ("", False),
    ],
)
def test_a_map_comes_where_accept_asks_for_one(client: TestClient, accept: str, map_wanted: bool) -> None:
    answer = client.post("/v1/potential", json={"profile": LACEMAKER}, headers={"Accept": accept})
    assert (answer.headers["content-type"] == "application/geo+json") is map_wanted


def test_a_list_with_a_place_says_the_market_and_keeps_the_same_occupations(
    client: TestClient, snapshot: Snapshot
) -> None:
    question = {"profile": LACEMAKER, "limit": 8}
    plain = client.post("/v1/recommendations", json=question).json()
    assert not {"place", "sort"} & set(plain)
    by_market = client.post("/v1/recommendations", json=question | {"near": "bourg", "sort": "market"}).json()
    document = recommend_document(snapshot, ASKED, limit=8)
    expected = as_json(with_market(snapshot, document, resolve_place(snapshot, "bourg"), "market"))
    assert by_market["recommendations"] == expected["recommendations"]
    assert by_market["place"] == expected["place"]
    assert {one["codeRome"] for one in plain["recommendations"]} == {
        one["codeRome"] for one in by_market["recommendations"]
    }


def test_where_no_place_is_given_the_area_of_her_record_serves(client: TestClient) -> None:
    seeker = seeker_of(client, area="0101", reachKm=30)
    shown = client.post("/v1/recommendations", json={"seekerId": seeker, "limit": 3}).json()
    assert (shown["place"]["codeInsee"], shown["place"]["area"]["code"]) == (None, "0101")
    found = client.post("/v1/potential", json={"seekerId": seeker}).json()
    assert (found["place"]["area"]["code"], found["km"]) == ("0101", 30.0)
    assert client.post("/v1/potential", json={"seekerId": seeker, "reachKm": 7}).json()["km"] == 7.0
    # her reach counts from where she is, not from another place
    elsewhere = client.post("/v1/potential", json={"seekerId": seeker, "near": "paris"}).json()
    assert (elsewhere["place"]["codeInsee"], elsewhere["km"]) == (PARIS, None)
    # an area of before, or of other data
    unknown = seeker_of(client, area="9999", reachKm=30)
    assert "place" not in client.post("/v1/recommendations", json={"seekerId": unknown, "limit": 1}).json()
    assert client.post("/v1/potential", json={"seekerId": unknown}).json()["place"] is None
    refused = client.post("/v1/recommendations", json={"seekerId": unknown, "sort": "market"})
    assert faults(refused)[0]["pointer"] == "/sort"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"near": "zzzzqqqq"}, "/near"),
        ({"codeInsee": "99999"}, "/codeInsee"),
        ({"codeInsee": "1001"}, "/codeInsee"),
        ({"area": "9999"}, "/area"),
        ({"near": "bourg", "area": "0101"}, ""),
        ({"reachKm": 30}, "/reachKm"),
        ({"near": "bourg", "reachKm": -1}, "/reachKm"),
        ({"near": "bourg", "region": "Atlantide"}, "/region"),
        ({"near": "bourg", "sort": "market"}, "/sort"),
    ],
    ids=str,
)
def test_what_is_wrong_of_a_place_is_pointed_at(client: TestClient, body: dict[str, Any], pointer: str) -> None:
    answer = client.post("/v1/potential", json={"profile": LACEMAKER} | body)
    assert [fault["pointer"] for fault in faults(answer)] == [pointer]
    assert "zzzz" not in answer.text
    assert "Atlantide" not in answer.text


def test_a_text_that_means_several_places_gives_them_to_choose_from(client: TestClient) -> None:
    answer = client.post("/v1/potential", json={"profile": LACEMAKER, "near": "75"})
    assert faults(answer)
    assert PARIS in {one["code"] for one in answer.json()["suggestions"]}
    several = client.get("/v1/occupations/H2605/market?near=bourg&area=0101")
    assert faults(several)[0]["parameter"] == "area"


@pytest.mark.parametrize("typed", ["06 12 34 56 78", "jeanne@exemple.fr"])
def test_a_place_that_names_a_person_is_refused(client: TestClient, typed: str) -> None:
    answers = [
        client.post("/v1/potential", json={"profile": LACEMAKER, "near": typed}),
        client.post("/v1/recommendations", json={"profile": LACEMAKER, "near": typed}),
        client.get("/v1/occupations/H2605/market", params={"near": typed}),
    ]
    for answer in answers:
        assert faults(answer)
        assert answer.json()["type"] == "/v1/problems/personal-text"
        assert typed not in answer.text


def test_without_files_of_territories_it_says_which_and_answers_the_rest(bare: TestClient) -> None:
    assert bare.get("/v1/health/ready").json()["territories"] is False
    body = {"profile": LACEMAKER}
    missing = [
        bare.get("/v1/territories?q=paris"),
        bare.get(f"/v1/territories/{PARIS}"),
        bare.get("/v1/territories/areas"),
        bare.get("/v1/territories/areas/0101"),
        bare.get("/v1/occupations/H2605/market"),
        bare.post("/v1/potential", json=body),
        bare.post("/v1/potential", json=body, headers=GEOJSON),
        *(bare.post("/v1/recommendations", json=body | place) for place in ({"near": "paris"}, {"area": "0101"})),
    ]
    for answer in missing:
        assert (answer.status_code, answer.json()["type"]) == (409, "/v1/problems/no-territory")
        assert "passerelle fetch" in answer.json()["detail"]
    seeker = seeker_of(bare, area="0101")
    shown = bare.post("/v1/recommendations", json={"seekerId": seeker, "limit": 2})
    assert (shown.status_code, "place" in shown.json()) == (200, False)
