"""What was shown to somebody, again by its id: what it holds, its explanation where that is exact, the mention owed."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.unit.api_toy import LACEMAKER, RECORDED, ask_everything, running, sample_home, settings_for

__all__ = ["sample_home"]

MOTHER = {"pastOccupations": [{"codeRome": "B1804"}]}
BOURG = "01001"


@pytest.fixture(scope="module")
def client(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    records = tmp_path_factory.mktemp("records") / "r" / "records.sqlite"
    with running(settings_for(sample_home, PASSERELLE_RECORDS=records)) as client:
        yield client


def records_of(client: TestClient) -> Path:
    app = client.app
    assert isinstance(app, FastAPI)
    path: Path = app.state.passerelle.settings.records
    return path


def test_a_list_is_recorded_under_its_id_and_explained_again(client: TestClient) -> None:
    shown = client.post("/v1/recommendations", json={"profile": MOTHER, "kind": "reconversion", "limit": 3}).json()
    again = client.get(f"/v1/recommendations/{shown['id']}").json()
    assert again["shownAt"] == shown["shownAt"]
    assert again["question"]["pastOccupations"] == [{"codeRome": "B1804", "years": None}]
    assert again["explanation"]["recommendations"] == shown["recommendations"]
    assert [one["codeRome"] for one in again["occupations"]] == [one["codeRome"] for one in shown["recommendations"]]
    for entry, recorded in zip(shown["recommendations"], again["occupations"], strict=True):
        assert sum(recorded["contributions"].values()) == pytest.approx(entry["logOdds"], abs=1e-9)


def test_no_explanation_is_given_that_is_not_what_was_shown(client: TestClient) -> None:
    past = [{"codeRome": "B1804", "years": "6+"}, {"codeRome": "H2605", "years": "0-2"}]
    shown = client.post("/v1/recommendations", json={"profile": {"pastOccupations": past}, "limit": 5}).json()
    again = client.get(f"/v1/recommendations/{shown['id']}").json()
    assert again["question"]["pastOccupations"] == past
    assert again["explanation"]["recommendations"] == shown["recommendations"]
    # as the first lists were recorded, without the years that weighed
    connection = sqlite3.connect(records_of(client))
    with closing(connection), connection:
        old = json.dumps(again["question"] | {"pastOccupations": [one | {"years": None} for one in past]})
        connection.execute("UPDATE recommendation SET question = ? WHERE id = ?", (old, shown["id"]))
    again = client.get(f"/v1/recommendations/{shown['id']}").json()
    # what was shown stands, number by number
    assert [one["score"] for one in again["occupations"]] == [one["score"] for one in shown["recommendations"]]
    assert again["explanation"] is None
    assert "années" in again["explanationNotice"]


def test_a_gap_is_recorded_counted_and_told_again(client: TestClient) -> None:
    seeker = client.post("/v1/seekers", json=RECORDED).json()["id"]
    shown = client.post("/v1/gap", json={"seekerId": seeker, "codeRome": "H2605"}).json()
    again = client.get(f"/v1/recommendations/{shown['id']}").json()
    told = {name: shown[name] for name in ("codeRome", "skillsAsked", "skillsHeld")}
    assert again["gap"] == told | {"items": len(shown["gap"])}
    owed = ("id", "shownAt", "mention")
    assert again["explanation"] == {name: one for name, one in shown.items() if name not in owed}
    assert (again["kind"], again["lens"], again["occupations"]) == ("gap", "none", [])
    # what somebody lacks tells what she holds: no code of it is in the file
    with closing(sqlite3.connect(records_of(client))) as connection:
        row = connection.execute("SELECT shown FROM recommendation WHERE id = ?", (shown["id"],)).fetchone()
    assert not [item["codeOgr"] for item in shown["gap"] if item["codeOgr"] and item["codeOgr"] in row[0]]
    assert client.delete(f"/v1/seekers/{seeker}").json()["links"] == 1
    left = client.get(f"/v1/recommendations/{shown['id']}").json()
    assert (left["gap"], left["question"], left["explanation"]) == (again["gap"], None, None)


def test_an_answer_about_somebody_bears_the_mention_and_no_other_does(client: TestClient) -> None:
    answered = ask_everything(client)
    about = {"recommend", "getRecommendation", "getGap", "getPotential", "match", "findCandidates"}
    bearing = {name for name, (_, answer) in answered.items() if isinstance(answer, dict) and "mention" in answer}
    assert bearing == about
    for name in about:
        said = answered[name][1]["mention"]
        # the purpose, the right, whom to ask, and what then (R. 311-3-1-1)
        for owed in ("traitement algorithmique", "pour préparer", "sur demande", "L. 311-3-1", "CADA"):
            assert owed in said, name
        assert "l'organisme qui utilise cet outil" in said


def test_of_a_place_the_area_is_recorded_and_the_list_is_explained_again(client: TestClient) -> None:
    question = {"profile": LACEMAKER, "codeInsee": BOURG, "sort": "market", "limit": 5}
    shown = client.post("/v1/recommendations", json=question).json()
    again = client.get(f"/v1/recommendations/{shown['id']}").json()
    assert (again["question"]["area"], again["question"]["sort"]) == ("0101", "market")
    assert BOURG not in json.dumps(again)
    # with the market that stood beside it, and its vintage
    assert again["explanation"]["recommendations"] == shown["recommendations"]
    assert (again["explanation"]["sort"], again["explanation"]["place"]["area"]["code"]) == ("market", "0101")
    beside = [one["market"] for one in shown["recommendations"]]
    kept = [one["market"] for one in again["occupations"]]
    for market, recorded in zip(beside, kept, strict=True):
        assert recorded["codeRome3"] == market["family"]["codeRome3"]
        names = ("wanted", "ratio", "low", "high", "level", "offers", "seekers", "offersDay", "seekersYear")
        assert {name: recorded[name] for name in names} == {name: market[name] for name in names}
        assert (recorded["tension"] is None) == (market["tension"] is None)
    assert {market["seekersYear"] for market in kept} == {2021}


def change_shown(client: TestClient, entry: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Makes what was recorded of each occupation another."""
    connection = sqlite3.connect(records_of(client))
    with closing(connection), connection:
        (text,) = connection.execute("SELECT shown FROM recommendation WHERE id = ?", (entry,)).fetchone()
        kept = json.loads(text)
        for one in kept["occupations"]:
            change(one)
        connection.execute("UPDATE recommendation SET shown = ? WHERE id = ?", (json.dumps(kept), entry))


def test_another_market_than_the_one_that_was_shown_is_not_given_for_it(client: TestClient) -> None:
    question = {"profile": LACEMAKER, "area": "0101", "limit": 5}
    shown = client.post("/v1/recommendations", json=question).json()
    # as the first lists were recorded: the list is told again, without what nobody wrote down
    change_shown(client, shown["id"], lambda one: one.pop("market"))
    again = client.get(f"/v1/recommendations/{shown['id']}").json()
    assert again["explanation"]["recommendations"] == [
        {name: one[name] for name in one if name != "market"} for one in shown["recommendations"]
    ]
    # the figures are others since
    other = client.post("/v1/recommendations", json=question).json()
    change_shown(client, other["id"], lambda one: one["market"].update(offers=99_999))
    again = client.get(f"/v1/recommendations/{other['id']}").json()
    assert again["explanation"] is None
    assert "exactement" in again["explanationNotice"]
    assert {one["market"]["offers"] for one in again["occupations"]} == {99_999}
