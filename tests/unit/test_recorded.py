"""What is recorded of an answer on the command line and elsewhere, and the mention that goes with it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from rich.console import Console
from typer.testing import CliRunner

from passerelle.cli import app
from passerelle.errors import RecordsUnavailableError
from passerelle.mention import mention
from passerelle.recorded import market_shown, matches_shown, owed_here
from passerelle.screens import owed_line
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from records.forms import Question
from records.shown import ANSWER_KINDS
from records.store import Records
from tests.unit.api_toy import build_sample, settings_for
from tests.unit.records_toy import EACH_KIND

CONTACT = "Mission locale de Calais, 1 rue Mollien, rgpd@exemple.fr"
MARKET = {
    "family": {"codeRome3": "H2605", "label": "Montage", "told": "la famille"},
    "wanted": "yes",
    "wantedLabel": "recherché",
    "ratio": 1.25,
    "low": 0.5,
    "high": 2.0,
    "level": "department",
    "offers": 12,
    "seekers": None,
    "offersDay": "2021-12-21",
    "seekersYear": 2021,
    "tension": {"low": 4, "high": 5, "level": "region", "year": None, "causes": ["x"], "sentence": "y"},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sample(tmp_path_factory.mktemp("recorded") / "home")


def ask(home: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    monkeypatch.setenv("PASSERELLE_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "200")
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return result.output


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        count: int = connection.execute("SELECT count(*) FROM recommendation").fetchone()[0]
    return count


ASKED = (
    ("recommend", "B1804", "--years", "6+", "--near", "bourg", "--sort", "market"),
    ("recommend", "B1804", "--explain", "H2605"),
    ("potential", "B1804", "--near", "bourg", "--km", "50"),
    ("potential", "B1804", "--geojson"),
)


@pytest.mark.parametrize("words", ASKED, ids=" ".join)
def test_what_the_command_line_shows_is_recorded_where_records_are_in_use(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    path = tmp_path / "r" / "records.sqlite"
    monkeypatch.setenv("PASSERELLE_RECORDS", str(path))
    as_json = words if "--geojson" in words else (*words, "--json")
    nobody = json.loads(ask(home, monkeypatch, *as_json))
    # no record is begun by asking
    assert not path.exists()
    assert "id" not in nobody
    with Records.open(path):
        pass
    document = json.loads(ask(home, monkeypatch, *as_json))
    assert {name: one for name, one in document.items() if name not in ("id", "shownAt")} == nobody
    with Records.open(path) as records:
        entry = records.audit.get(document["id"])
    assert entry.question is not None
    assert [one.code_rome for one in entry.question.past_occupations] == ["B1804"]
    if words[0] == "recommend":
        assert [one.code_rome for one in entry.shown.occupations] == [
            one["codeRome"] for one in document["recommendations"]
        ]
        assert all(bool(one.market) == ("--near" in words) for one in entry.shown.occupations)
    else:
        assert entry.shown.areas
        assert entry.question.reach_km == (50 if "--km" in words else None)
    if "--geojson" not in words:
        screen = ask(home, monkeypatch, *words)
        assert "traitement algorithmique" in screen
        assert "Enregistré : " in screen
        assert rows(path) == 2


def test_what_cannot_be_recorded_is_not_shown_on_the_command_line(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "records.sqlite"
    path.write_bytes(b"no database at all" * 100)
    monkeypatch.setenv("PASSERELLE_HOME", str(home))
    monkeypatch.setenv("PASSERELLE_RECORDS", str(path))
    result = CliRunner().invoke(app, ["recommend", "B1804", "--json"])
    assert result.exit_code != 0
    assert not result.stdout
    unreadable = Settings.model_validate({"PASSERELLE_RECORDS": tmp_path / ("x" * 300)})
    with pytest.raises(RecordsUnavailableError):
        owed_here(unreadable, Question(), EACH_KIND["potential"])


def test_an_example_owes_nothing_and_is_recorded_nowhere() -> None:
    assert owed_line({"recommendations": []}) == []


@pytest.mark.parametrize("kind", ANSWER_KINDS)
def test_the_mention_says_whom_to_ask_and_claims_no_decision(kind: Any) -> None:
    said = mention(kind, Settings.model_validate({"PASSERELLE_MENTION_CONTACT": CONTACT}))
    assert f"sur demande à {CONTACT} (CRPA" in said
    assert "rien n'est décidé automatiquement" in said
    assert len(said) < 600
    assert said != mention(kind, Settings())
    # markup in what a body wrote is text
    console = Console(width=2000)
    with console.capture() as printed:
        console.print(*owed_line({"mention": "[red]x[/]"}))
    assert printed.get() == "[red]x[/]\n"


@pytest.mark.parametrize("contact", ["x", "y" * 201, "deux\nlignes", " bord ", "\x1b[31m rouge"])
def test_a_contact_is_one_line_of_text(monkeypatch: pytest.MonkeyPatch, contact: str) -> None:
    monkeypatch.setenv("PASSERELLE_MENTION_CONTACT", contact)
    with pytest.raises(ValidationError):
        Settings()


def test_a_market_is_recorded_with_its_vintage_and_without_its_words() -> None:
    kept = market_shown(MARKET).document()
    assert kept["tension"] == {"low": 4, "high": 5, "level": "region", "year": None}
    assert (kept["codeRome3"], kept["seekers"], kept["offersDay"]) == ("H2605", None, "2021-12-21")
    assert not {"family", "wantedLabel"} & set(kept)


def test_offers_are_recorded_by_their_id_without_the_codes_that_made_the_match(home: Path) -> None:
    snapshot = Snapshot.open(settings_for(home).home)
    asked = [
        {"codeOgr": "126847", "how": "must", "contribution": 0.25},
        {"codeOgr": "483091", "how": "must", "contribution": 0.25},
        {"codeOgr": "121288", "how": "wished", "contribution": 0.125},
    ]
    document = {"matches": [{"id": "048KLTP", "rank": 1, "value": 0.625, "asked": asked}]}
    (kept,) = matches_shown(snapshot, document).held()["offers"]
    contributions = {"must": 0.5, "wished": 0.125}
    assert kept == {"offer": "048KLTP", "rank": 1, "value": 0.625, "contributions": contributions}
