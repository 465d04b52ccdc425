"""The API of offers and people: off until it is on, both ways, explained, by ids alone, spread, recorded, forgotten."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from passerelle.snapshot import Snapshot
from tests.unit.api_toy import LACEMAKER, build_sample, new_key, running, settings_for
from tests.unit.matching_toy import lace_seeker, toy_offers, write_offers
from tests.unit.test_api_conventions import check_problem

LACE = "100LACE0"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # of its own: what is kept of offers changes here
    return build_sample(tmp_path_factory.mktemp("matching") / "home")


@pytest.fixture
def client(home: Path, tmp_path: Path) -> Iterator[TestClient]:
    write_offers(home)
    with running(settings_for(home, PASSERELLE_RECORDS=tmp_path / "r" / "records.sqlite")) as client:
        yield client


def post(client: TestClient, path: str, body: Any, **others: Any) -> Any:
    answer = client.post(path, json=body, **others)
    assert answer.status_code < 300, answer.text
    return answer.json()


def record(client: TestClient, **others: Any) -> str:
    return str(post(client, "/v1/seekers", lace_seeker(**others))["id"])


def candidates(client: TestClient, offer: str = LACE, **body: Any) -> Any:
    return post(client, f"/v1/offers/{offer}/candidates", body)


def ids(document: Any, name: str = "id") -> list[str]:
    return [one[name] for one in document["matches"]]


def test_it_is_refused_until_somebody_turns_it_on_and_says_who_and_how(home: Path, tmp_path: Path) -> None:
    settings = settings_for(home, PASSERELLE_RECORDS=tmp_path / "r" / "r.sqlite", PASSERELLE_MATCHING=False)
    with running(settings) as client:
        bodies: dict[str, Any] = {"/v1/matches": {"profile": LACEMAKER}, f"/v1/offers/{LACE}/candidates": {}}
        for path, body in bodies.items():
            problem = check_problem(client.post(path, json=body), 403)
            assert problem["type"] == "/v1/problems/matching-off"
            assert "Qui en répond l'allume par PASSERELLE_MATCHING=true" in problem["detail"]
        # offers alone are matched with nobody
        assert client.get("/v1/offers").json()["total"] == 6


def test_a_profile_gets_the_offers_that_fit_with_why_and_what_to_check(client: TestClient) -> None:
    found = post(client, "/v1/matches", {"profile": LACEMAKER, "near": "bourg", "reachKm": 30})
    # Paris is too far, what nobody can answer is left out, an offer that is nowhere stays and says so
    assert set(ids(found)) == {LACE, "100LACE1", "100LACE3", "200CARD0"}
    assert found["offersKept"] == 6
    for rank, one in enumerate(found["matches"], start=1):
        assert one["rank"] == rank
        assert sum(skill["contribution"] for skill in one["asked"]) == pytest.approx(one["value"], abs=1e-4)
        assert one["toCheck"] == ["Permis B"]
        assert "licence-offres-emploi" in one["mention"]
        assert (one["km"] is None) == (one["id"] == "100LACE3")
    assert "algorithmique" in found["mention"]
    assert "query" not in found
    shown = client.get(f"/v1/recommendations/{found['id']}").json()
    assert [one["offer"] for one in shown["offers"]] == ids(found)
    assert shown["question"]["area"] == "0101"
    everywhere = post(client, "/v1/matches", {"profile": LACEMAKER})
    assert "100LACE2" in ids(everywhere)
    assert everywhere["place"] is None


def test_a_seeker_is_asked_for_with_her_area_her_reach_and_what_she_refuses(client: TestClient) -> None:
    seeker = record(client, reachKm=5)
    found = post(client, "/v1/matches", {"seekerId": seeker})
    assert found["km"] == 5
    assert "100LACE1" not in ids(found)
    # from another place, how far she goes from her own area says nothing
    assert "100LACE1" in ids(post(client, "/v1/matches", {"seekerId": seeker, "codeInsee": "01001"}))
    (context, *_) = client.get("/v1/occupations/B1804").json()["contexts"]
    refusing = record(client, refusedContexts=[context["code"]])
    assert LACE not in ids(post(client, "/v1/matches", {"seekerId": refusing}))
    exported = client.get(f"/v1/seekers/{seeker}/export").json()["recommendations"]
    assert {one["kind"] for one in exported} == {"matches"}


def test_an_offer_leads_to_seekers_by_their_ids_and_says_why(client: TestClient) -> None:
    near = record(client)
    nowhere = record(client, area=None, reachKm=None)
    far = record(client, area="1107", reachKm=50)
    other = record(client, pastOccupations=[], skills=[], area="0101")
    (context, *_) = client.get("/v1/occupations/B1804").json()["contexts"]
    refusing = record(client, refusedContexts=[context["code"]])
    found = candidates(client)
    assert set(ids(found, "seekerId")) == {near, nowhere}
    assert not {far, other, refusing} & set(UUID.findall(json.dumps(found)))
    assert (found["seekers"], found["withoutProfile"], found["suited"]) == (4, 1, 2)
    assert found["offer"]["id"] == LACE
    assert "licence-offres-emploi" in found["offer"]["mention"]
    for one in found["matches"]:
        # nothing of a person but her id, and no number but of the match
        assert set(one) == {"rank", "id", "seekerId", "value", "km", "asked", "sentences"}
        assert sum(skill["contribution"] for skill in one["asked"]) == pytest.approx(one["value"], abs=1e-4)
    by_seeker = {one["seekerId"]: one for one in found["matches"]}
    assert by_seeker[near]["km"] == 0
    # a match is the same from both its sides
    her_list = post(client, "/v1/matches", {"seekerId": near})
    (same,) = [one for one in her_list["matches"] if one["id"] == LACE]
    for name in ("value", "km", "asked", "sentences"):
        assert same[name] == by_seeker[near][name]
    assert any("Distance inconnue" in sentence for sentence in by_seeker[nowhere]["sentences"])
    assert ids(candidates(client, "300NONE0"), "seekerId") == []


def test_a_limit_of_distance_is_added_to_what_each_accepts(client: TestClient) -> None:
    short, long = record(client, reachKm=5), record(client, reachKm=50)
    open_to_all = record(client, reachKm=None)
    assert set(ids(candidates(client, "100LACE1"), "seekerId")) == {long, open_to_all}
    assert set(ids(candidates(client, "100LACE1", reachKm=20), "seekerId")) == {long, open_to_all}
    assert set(ids(candidates(client, LACE, reachKm=5), "seekerId")) == {short, long, open_to_all}
    assert ids(candidates(client, "100LACE1", reachKm=5), "seekerId") == []


def test_each_match_is_recorded_for_its_seeker_and_goes_with_her(client: TestClient) -> None:
    first, second = record(client), record(client)
    found = candidates(client)
    of_first = next(one for one in found["matches"] if one["seekerId"] == first)
    (exported,) = client.get(f"/v1/seekers/{first}/export").json()["recommendations"]
    assert (exported["id"], exported["kind"]) == (of_first["id"], "matches")
    (offer,) = exported["offers"]
    assert offer["offer"] == LACE
    assert sum(offer["contributions"].values()) == pytest.approx(offer["value"], abs=1e-4)
    assert client.delete(f"/v1/seekers/{first}").json()["links"] == 1
    shown = client.get(f"/v1/recommendations/{of_first['id']}").json()
    assert shown["question"] is None
    assert first not in json.dumps(shown)
    assert ids(candidates(client), "seekerId") == [second]


def test_an_offer_is_shown_for_few_the_same_all_day_and_fewer_are_among_them(client: TestClient) -> None:
    # an offer of cards suits all; those who make lace have several others
    for _ in range(55):
        record(client)
    most = candidates(client, limit=50)
    assert most["suited"] == 55
    assert len(most["matches"]) == 50
    everybody = set(ids(most, "seekerId"))
    for limit in (1, 7, 50):
        some = candidates(client, limit=limit)
        assert len(some["matches"]) == limit
        assert set(ids(some, "seekerId")) <= everybody
    check_problem(client.post(f"/v1/offers/{LACE}/candidates", json={"limit": 51}), 422)


def test_whoever_has_much_better_is_left_to_it(client: TestClient) -> None:
    lace = record(client)
    values = {one["id"]: one["value"] for one in post(client, "/v1/matches", {"seekerId": lace})["matches"]}
    assert values["200CARD0"] < 0.5 * values[LACE]
    # one who refuses what comes with lace has nothing better
    contexts = client.get("/v1/occupations/B1804").json()["contexts"]
    cards = {one["code"] for one in client.get("/v1/occupations/H2605").json()["contexts"]}
    refused = next(one["code"] for one in contexts if one["code"] not in cards)
    other = record(client, refusedContexts=[refused])
    found = candidates(client, "200CARD0")
    assert (found["suited"], found["betterServed"]) == (2, 1)
    assert ids(found, "seekerId") == [other]


def test_who_may_ask(home: Path, tmp_path: Path) -> None:
    settings = settings_for(home, PASSERELLE_RECORDS=tmp_path / "r" / "r.sqlite")
    read, recommend, seekers = (new_key(settings, scope) for scope in ("read", "recommend", "seekers"))
    both = new_key(settings, "recommend", "seekers")
    with running(settings) as client:
        seeker = client.post("/v1/seekers", json=lace_seeker(), headers=seekers).json()["id"]
        path = f"/v1/offers/{LACE}/candidates"
        statuses = [client.post(path, json={}, headers=key).status_code for key in (read, recommend, seekers)]
        assert statuses == [403, 403, 200]
        statuses = [
            [client.post("/v1/matches", json=body, headers=key).status_code for key in (read, seekers, recommend, both)]
            for body in ({"profile": LACEMAKER}, {"seekerId": seeker})
        ]
        # a seeker's list asks for both
        assert statuses == [[403, 403, 200, 200], [403, 403, 403, 200]]
        assert [client.get("/v1/offers", headers=key).status_code for key in (recommend, read)] == [403, 200]


def test_an_offer_that_its_source_closed_is_gone_at_once(home: Path, client: TestClient) -> None:
    assert LACE in ids(post(client, "/v1/matches", {"profile": LACEMAKER}))
    cursor = client.get("/v1/offers?limit=2").json()["next"]
    write_offers(home, [one for one in toy_offers(Snapshot.open(home)) if one.id != LACE])
    assert LACE not in ids(post(client, "/v1/matches", {"profile": LACEMAKER}))
    problem = check_problem(client.post(f"/v1/offers/{LACE}/candidates", json={}), 404)
    assert problem["type"] == "/v1/problems/unknown-offer"
    assert LACE not in json.dumps(problem)
    # a page of another list would skip one
    problem = check_problem(client.get("/v1/offers", params={"limit": 2, "cursor": cursor}), 422)
    assert problem["errors"][0]["parameter"] == "cursor"


def test_offers_are_read_to_their_end_and_by_occupation(client: TestClient) -> None:
    whole = client.get("/v1/offers").json()["offers"]
    assert [one["id"] for one in whole] == sorted(one["id"] for one in whole)
    for query, expected in (("", whole), ("&codeRome=B1804", [one for one in whole if one["codeRome"] == "B1804"])):
        following, seen = f"/v1/offers?limit=1{query}", []
        while following:
            answer = client.get(following)
            assert answer.json()["total"] == len(expected)
            seen += answer.json()["offers"]
            following = answer.links.get("next", {}).get("url", "")
        assert seen == expected
        assert len(expected) in (4, 6)
    assert client.get("/v1/offers").headers["cache-control"] == "no-store"
    problem = check_problem(client.get("/v1/offers?codeRome=A9999"), 422)
    assert problem["errors"] == [{"detail": "aucun métier n'a ce code", "parameter": "codeRome"}]


def test_offers_that_cannot_be_read_are_a_problem_that_names_no_file(home: Path, client: TestClient) -> None:
    path = home / "offers" / "offers.sqlite"
    before = path.read_bytes()
    try:
        path.write_bytes(b"no database" * 1000)
        problem = check_problem(client.get("/v1/offers"), 503)
        assert str(home) not in json.dumps(problem)
    finally:
        path.write_bytes(before)


def test_what_was_typed_and_whom_it_is_about_are_not_logged(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seeker = record(client)
    answers = [
        client.post("/v1/matches", json={"profile": LACEMAKER, "near": "zzchaudronnerie"}),
        client.post("/v1/matches", json={"profile": LACEMAKER, "near": "06 12 34 56 78"}),
        client.post("/v1/matches", json={"seekerId": seeker}),
        client.post(f"/v1/offers/{LACE}/candidates", json={}),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 200, 200]
    lines = [one.getMessage() for one in caplog.records if not one.name.startswith(("httpx2", "httpcore2"))]
    assert [line for line in lines if "/v1/offers/{id}/candidates" in line]
    for secret in (seeker, LACE, "zzchaudronnerie", "06 12 34", *ids(answers[3].json())):
        assert not [line for line in lines if secret in line]


def test_a_day_without_news_and_nothing_is_shown(home: Path, client: TestClient) -> None:
    assert client.get("/v1/offers").json()["total"] == 6
    kept = client.app.state.offers  # type: ignore[attr-defined]
    build = client.app.state.passerelle.build  # type: ignore[attr-defined]
    now = datetime.now(UTC)
    ready = kept.ready(build.snapshot, now)
    # read once while nothing changes, and again when the first of them is too old
    assert kept.ready(build.snapshot, now) is ready
    assert kept.ready(build.snapshot, ready.until) is ready
    assert kept.ready(build.snapshot, now.replace(year=now.year + 1)).shown == ()
    # of another build, and nothing is held of the one that went
    other = Snapshot.open(home)
    again = kept.ready(other, now)
    assert again is not ready
    assert again.matcher.graph is other.graph
    del other, again
    assert kept.held is None
