"""A counselor's decision on an offer over HTTP: on what was shown, from closed lists, and what her next answers say."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from passerelle.snapshot import Snapshot
from records.forms import REASON_APPLIES_TO, REASON_FRENCH
from tests.unit.api_toy import LACEMAKER, new_key, running, settings_for
from tests.unit.matching_toy import lace_seeker, toy_offers, write_offers
from tests.unit.test_api_conventions import check_problem
from tests.unit.test_api_matching import LACE, candidates, client, home, ids, post, record

__all__ = ["client", "home"]

DISMISS = {"offer": LACE, "choice": "dismiss", "reason": "hours"}
KEEP = {"offer": LACE, "choice": "keep"}


def decide(client: TestClient, shown: str, body: Any) -> Any:
    return client.post(f"/v1/recommendations/{shown}/feedback", json=body)


def test_an_offer_that_was_dismissed_for_her_is_left_out_on_both_sides_until_it_is_kept(client: TestClient) -> None:
    seeker, other = record(client), record(client)
    question = {"seekerId": seeker, "limit": 3}
    first = post(client, "/v1/matches", question)
    assert first["dismissed"] == []
    decided = decide(client, first["id"], DISMISS)
    assert decided.status_code == 201
    told = {"offer": LACE, "codeRome": None, "choiceLabel": "écartée"}
    assert told.items() <= decided.json().items()
    assert decided.json()["reasonLabel"] == "Durée ou horaires de travail non souhaités"
    again = post(client, "/v1/matches", question)
    assert again["dismissed"] == [LACE]
    # the list is as long, by what came next; the rank is that among all
    assert ids(again) == [one for one in ids(post(client, "/v1/matches", {"seekerId": other})) if one != LACE][:3]
    found = candidates(client)
    assert (ids(found, "seekerId"), found["dismissed"], found["seekers"], found["suited"]) == ([other], 1, 1, 1)
    assert seeker not in json.dumps(found)
    assert set(ids(candidates(client, "100LACE1"), "seekerId")) == {seeker, other}
    # decided anew, on whatever list had it
    of_other_list = candidates(client, "100LACE1")["matches"][0]["id"]
    check_problem(decide(client, of_other_list, KEEP), 422)
    assert decide(client, first["id"], KEEP).json()["choiceLabel"] == "retenue"
    last = post(client, "/v1/matches", question)
    assert (last["matches"], last["dismissed"]) == (first["matches"], [])
    assert set(ids(candidates(client), "seekerId")) == {seeker, other}


def test_a_seeker_whom_an_offer_fits_is_kept_or_dismissed_by_the_id_of_her_match(client: TestClient) -> None:
    seeker = record(client)
    (match,) = candidates(client)["matches"]
    decided = decide(client, match["id"], DISMISS).json()
    assert post(client, "/v1/matches", {"seekerId": seeker})["dismissed"] == [LACE]
    shown = client.get(f"/v1/recommendations/{match['id']}").json()
    versions = ("dataVersion", "sample", "modelVersion")
    told = {name: one for name, one in decided.items() if name not in versions}
    assert shown["decisions"] == [told]
    exported = client.get(f"/v1/seekers/{seeker}/export").json()
    assert exported["decisions"] == [told]
    assert client.delete(f"/v1/seekers/{seeker}").status_code == 200
    left = client.get(f"/v1/recommendations/{match['id']}").json()
    assert (left["question"], left["decisions"]) == (None, [told])


def test_for_a_profile_nothing_is_left_out(client: TestClient) -> None:
    first = post(client, "/v1/matches", {"profile": LACEMAKER})
    assert decide(client, first["id"], DISMISS).status_code == 201
    again = post(client, "/v1/matches", {"profile": LACEMAKER})
    assert (again["matches"], again["dismissed"]) == (first["matches"], [])


def test_what_is_dismissed_of_an_occupation_says_nothing_of_its_offers(client: TestClient) -> None:
    seeker = record(client)
    listed = post(client, "/v1/recommendations", {"seekerId": seeker, "limit": 5})
    code = listed["recommendations"][0]["codeRome"]
    assert decide(client, listed["id"], {"codeRome": code, "choice": "dismiss", "reason": "not-wanted"}).is_success
    found = post(client, "/v1/matches", {"seekerId": seeker})
    assert decide(client, found["id"], DISMISS).is_success
    # and the other way: each has its own decisions
    assert post(client, "/v1/recommendations", {"seekerId": seeker, "limit": 5})["dismissed"] == [code]
    assert post(client, "/v1/matches", {"seekerId": seeker})["dismissed"] == [LACE]


def test_an_offer_that_its_source_closed_is_named_no_more(home: Path, client: TestClient) -> None:
    seeker = record(client)
    found = post(client, "/v1/matches", {"seekerId": seeker})
    assert decide(client, found["id"], DISMISS).is_success
    write_offers(home, [one for one in toy_offers(Snapshot.open(home)) if one.id != LACE])
    again = post(client, "/v1/matches", {"seekerId": seeker})
    assert again["dismissed"] == []
    assert LACE not in json.dumps(again)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"choice": "keep"}, ""),
        (KEEP | {"codeRome": "B1804"}, ""),
        ({"offer": LACE, "choice": "change", "changedTo": "B1804"}, "/choice"),
        ({"offer": LACE, "choice": "dismiss"}, ""),
        (DISMISS | {"reason": "training"}, "/reason"),
        (DISMISS | {"reason": "elle est trop âgée"}, "/reason"),
        ({"offer": "300NONE0", "choice": "keep"}, "/offer"),
        ({"offer": "une offre", "choice": "keep"}, "/offer"),
        ({"codeRome": "B1804", "choice": "keep"}, "/codeRome"),
        (KEEP | {"comment": "Jeanne"}, "/comment"),
    ],
)
def test_what_cannot_be_decided_is_pointed_at(client: TestClient, body: dict[str, str], pointer: str) -> None:
    shown = post(client, "/v1/matches", {"profile": LACEMAKER})
    answer = decide(client, shown["id"], body)
    problem = check_problem(answer, 422)
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert "âgée" not in answer.text
    assert client.get(f"/v1/recommendations/{shown['id']}").json()["decisions"] == []


def test_each_reason_says_what_it_is_of(client: TestClient) -> None:
    told = client.get("/v1/feedback/reasons").json()["reasons"]
    assert {one["reason"]: one["label"] for one in told} == REASON_FRENCH
    shown = post(client, "/v1/matches", {"profile": LACEMAKER})["id"]
    listed = post(client, "/v1/recommendations", {"profile": LACEMAKER, "limit": 1})
    code = listed["recommendations"][0]["codeRome"]
    for one in told:
        assert tuple(one["appliesTo"]) == REASON_APPLIES_TO[one["reason"]]
        of_offer = decide(client, shown, DISMISS | {"reason": one["reason"]})
        of_occupation = decide(client, listed["id"], {"codeRome": code, "choice": "dismiss", "reason": one["reason"]})
        statuses = (of_occupation.status_code, of_offer.status_code)
        assert statuses == tuple(201 if what in one["appliesTo"] else 422 for what in ("occupation", "offer"))


def test_who_may_decide_and_that_what_was_shown_can_be_decided_on_once_matching_is_off(
    home: Path, tmp_path: Path
) -> None:
    given = {"PASSERELLE_RECORDS": tmp_path / "r" / "r.sqlite"}
    settings = settings_for(home, **given)
    write_offers(home)
    seekers, recommend = (new_key(settings, scope) for scope in ("seekers", "recommend"))
    with running(settings) as client:
        assert client.post("/v1/seekers", json=lace_seeker(), headers=seekers).status_code == 201
        found = post(client, f"/v1/offers/{LACE}/candidates", {}, headers=seekers)
    path = f"/v1/recommendations/{found['matches'][0]['id']}/feedback"
    with running(settings_for(home, PASSERELLE_MATCHING=False, **given)) as client:
        statuses = [client.post(path, json=DISMISS, headers=key).status_code for key in (seekers, recommend)]
    assert statuses == [403, 201]
