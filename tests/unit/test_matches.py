"""``passerelle match``: off until it is turned on, explained, and nothing that a recruiter wrote is markup."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.offers_model import AskedSkill, Condition, Offer
from ingest.offers_store import ShownOffer
from passerelle import matches
from passerelle.answers import Asked
from passerelle.builds import BuildInfo
from passerelle.cli import main
from passerelle.offers_ready import ReadyOffers
from passerelle.snapshot import Snapshot, save_build
from recommend.learned import shipped
from tests.unit.toy import toy_tables

NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    save_build(home, toy_tables(), BuildInfo("toy", "toy", False, "", "essai", "0", {}, [], "toy"), [], shipped())
    return home


def _shown(number: int, skills: list[str], **more: object) -> ShownOffer:
    asked = tuple(AskedSkill(code=code, label=code, required=True, how="code") for code in skills)
    offer = Offer.model_validate({"id": f"{number}", "skills": asked, **more})
    return ShownOffer(offer, "essai", NOW)


def test_the_best_offers_come_first_and_say_why(home: Path) -> None:
    snapshot = Snapshot.open(home)
    graph = snapshot.graph
    start = graph.codes[0]
    held = [graph.skill_codes[int(column)] for column in graph.skills_of(0)]
    other = next(code for code in graph.skill_codes if code not in held)
    licence = Condition(kind="licence", label="Permis B", required=True)
    shown = [
        _shown(1, [held[0], other]),
        _shown(2, held[:2], title="[red]Titre[/]", conditions=(licence,), occupation=start),
    ]
    document = matches.match_document(snapshot, Asked(start, None, [start], "experts"), ReadyOffers.of(snapshot, shown))
    # a must-have that nothing answers keeps the first out
    assert [one["id"] for one in document["matches"]] == ["2"]
    (found,) = document["matches"]
    assert sum(one["contribution"] for one in found["asked"]) == pytest.approx(found["value"], abs=1e-4)
    assert found["toCheck"] == ["Permis B"]
    assert "francetravail" in found["mention"]
    assert document["offersKept"] == 2
    assert any("Distance inconnue" in sentence for sentence in found["sentences"])


@pytest.mark.parametrize(
    ("on", "words", "status", "said"),
    [
        (None, [], 1, "PASSERELLE_MATCHING"),
        ("false", [], 1, "PASSERELLE_MATCHING"),
        ("true", ["--km", "10"], 1, "--near"),
        ("true", ["--json"], 0, '"offersKept": 0'),
        ("true", [], 0, "offers fetch"),
    ],
)
def test_it_is_off_until_it_is_turned_on(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    on: str | None,
    words: list[str],
    status: int,
    said: str,
) -> None:
    monkeypatch.setenv("PASSERELLE_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("PASSERELLE_MATCHING", raising=False)
    if on is not None:
        monkeypatch.setenv("PASSERELLE_MATCHING", on)
    start = Snapshot.open(home).graph.codes[0]
    monkeypatch.setattr(sys, "argv", ["passerelle", "match", start, *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert int(ended.value.code or 0) == status
    printed = capsys.readouterr()
    assert said in (printed.err if status else printed.out)
    if "--json" in words:
        assert json.loads(printed.out)["matches"] == []


def test_what_a_recruiter_wrote_is_text(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = Snapshot.open(home)
    start = snapshot.graph.codes[0]
    held = [snapshot.graph.skill_codes[int(column)] for column in snapshot.graph.skills_of(0)]
    shown = [_shown(3, held[:1], title="[red]Titre[/]", employer="[link=x]Y")]
    document = matches.match_document(snapshot, Asked(start, None, [start], "experts"), ReadyOffers.of(snapshot, shown))
    matches.out(document, False, matches.match_screen)
    printed = capsys.readouterr().out
    assert "[red]Titre[/]" in printed
    assert "[link=x]Y" in printed
