"""``passerelle match``: off until it is turned on, explained, and nothing that a recruiter wrote is markup."""

import json
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.offers_model import AskedSkill, Condition, Offer
from ingest.offers_store import OffersStore, ShownOffer
from passerelle import candidates, matches
from passerelle.answers import Asked
from passerelle.builds import BuildInfo
from passerelle.cli import main
from passerelle.offers_ready import KeptOffers, ReadyOffers, store_path
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot, save_build
from recommend.learned import shipped
from records.forms import SeekerProfile, Verdict
from records.seekers import Seeker
from records.store import Records
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


def test_what_a_recruiter_wrote_is_text_and_no_address_is_cut(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    snapshot = Snapshot.open(home)
    start = snapshot.graph.codes[0]
    held = [snapshot.graph.skill_codes[int(column)] for column in snapshot.graph.skills_of(0)]
    shown = [_shown(3, held[:1], title="[red]Titre[/]", employer="[link=x]Y")]
    document = matches.match_document(snapshot, Asked(start, None, [start], "experts"), ReadyOffers.of(snapshot, shown))
    matches.out(document, False, matches.match_screen)
    printed = capsys.readouterr().out
    assert "[red]Titre[/]" in printed
    assert "[link=x]Y" in printed
    assert "…" not in printed


@pytest.fixture
def kept(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[str, Settings]:
    """An offer that is kept, seen now, and settings under which matching is on."""
    start = Snapshot.open(home).graph.codes[0]
    offer = Offer.model_validate({"id": "OFFRE1", "title": "[red]Titre[/]", "occupation": start})
    with OffersStore(home / "offers" / "offers.sqlite") as store:
        store.apply("essai", "essai", [offer], at=datetime.now(UTC), whole=True)
    monkeypatch.setenv("PASSERELLE_HOME", str(home))
    monkeypatch.setenv("PASSERELLE_RECORDS", str(tmp_path / "records" / "r.sqlite"))
    monkeypatch.setenv("PASSERELLE_MATCHING", "true")
    monkeypatch.setenv("COLUMNS", "200")
    return start, Settings()


def _run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["passerelle", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_a_kept_offer_leads_to_recorded_seekers(
    kept: tuple[str, Settings], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    start, settings = kept
    profile = SeekerProfile.read({"pastOccupations": [{"codeRome": start, "years": "6+"}], "area": "0101"})
    gone = SeekerProfile.read({"pastOccupations": [{"codeRome": "N9999", "years": "6+"}]})
    with Records.open(settings.records) as records:
        seeker = records.seekers.create(profile, contexts=[])
        records.seekers.create(gone, contexts=[])
    assert _run(monkeypatch, "candidates", "OFFRE1", "--json", "--km", "10") == 0
    document = json.loads(capsys.readouterr().out)
    # where no territory is known, nobody is kept out by a distance; a code that the data have no more is nothing
    assert (document["seekers"], document["withoutProfile"], document["suited"]) == (1, 1, 1)
    (found,) = document["matches"]
    assert (found["seekerId"], found["value"], found["km"]) == (seeker.id, 1.0, None)
    with Records.open(settings.records) as records:
        (shown,) = records.audit.of_seeker(seeker.id)
        assert shown.id == found["id"]
        assert shown.question is not None
        assert (shown.question.area, shown.question.reach_km) == ("0101", 10)
    assert _run(monkeypatch, "candidates", "OFFRE1") == 0
    printed = capsys.readouterr().out
    for said in ("[red]Titre[/]", seeker.id, "francetravail.io", "Rien n'est envoyé", "algorithmique", "par jour"):
        assert said in printed
    with Records.open(settings.records) as records:
        records.decisions.record(found["id"], Verdict(offer="OFFRE1", choice="dismiss", reason="hours"))
    assert _run(monkeypatch, "candidates", "OFFRE1") == 0
    printed = capsys.readouterr().out
    assert "Un conseiller l'a écartée pour 1 fiche." in printed
    assert seeker.id not in printed


@pytest.mark.parametrize(
    ("on", "offer", "status", "said"),
    [
        ("false", "OFFRE1", 1, "PASSERELLE_MATCHING"),
        ("true", "ZZ", 2, "offers status"),
        ("true", "OFFRE1", 0, "0 fiche"),
    ],
)
def test_an_offer_leads_nowhere(
    kept: tuple[str, Settings],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    on: str,
    offer: str,
    status: int,
    said: str,
) -> None:
    assert kept
    monkeypatch.setenv("PASSERELLE_MATCHING", on)
    assert _run(monkeypatch, "candidates", offer) == status
    printed = capsys.readouterr()
    assert said in (printed.err if status else printed.out)
    assert "ZZ" not in printed.err


def test_who_is_erased_meanwhile_is_left_out(kept: tuple[str, Settings], home: Path) -> None:
    start, settings = kept
    profile = SeekerProfile.read({"pastOccupations": [{"codeRome": start, "years": "6+"}]})
    snapshot, now = Snapshot.open(home), datetime.now(UTC)
    offers = KeptOffers(store_path(settings)).ready(snapshot, now)
    with Records.open(settings.records) as records:
        seekers = [records.seekers.create(profile, contexts=[]) for _ in range(3)]
        document = candidates.candidates_document(snapshot, offers, 0, seekers, now.date())
        assert len(document["matches"]) == 3
        records.erase(document["matches"][0]["seekerId"])
        candidates.record_candidates(records, snapshot, document, seekers)
        assert [one["rank"] for one in document["matches"]] == [1, 2]
        assert {one["seekerId"] for one in document["matches"]} == {one.id for one in records.seekers.all()}


def test_what_is_dismissed_leaves_her_list_and_the_next_takes_its_place(home: Path) -> None:
    snapshot = Snapshot.open(home)
    graph = snapshot.graph
    held = [graph.skill_codes[int(column)] for column in graph.skills_of(0)]
    offers = ReadyOffers.of(snapshot, [_shown(number, held[:1]) for number in range(4)])
    asked = Asked(graph.codes[0], None, [graph.codes[0]], "experts")
    whole = matches.match_document(snapshot, asked, offers, limit=4)["matches"]
    # one that is no longer kept is nothing to leave out
    left = matches.match_document(snapshot, asked, offers, limit=2, dismissed={whole[0]["id"], whole[2]["id"], "gone"})
    assert left["matches"] == [whole[1], whole[3]]
    assert [one["rank"] for one in left["matches"]] == [2, 4]
    assert matches.dismissed_here(offers, {"2", "gone", "0"}) == ["0", "2"]


def test_an_offer_that_is_dismissed_leads_no_more_to_her_and_her_place_stays_empty_for_the_day(
    kept: tuple[str, Settings], home: Path
) -> None:
    start, settings = kept
    snapshot, day = Snapshot.open(home), datetime.now(UTC).date()
    offers = KeptOffers(store_path(settings)).ready(snapshot, datetime.now(UTC))
    profile = SeekerProfile.read({"pastOccupations": [{"codeRome": start, "years": "6+"}]})
    with Records.open(settings.records) as records:
        people = [records.seekers.create(profile, contexts=[]) for _ in range(5)]

    def told(dismissed: dict[str, dict[str, date]], limit: int = 3) -> tuple[list[str], tuple[int, ...]]:
        document = candidates.candidates_document(snapshot, offers, 0, people, day, dismissed, limit=limit)
        counts = tuple(document[name] for name in ("seekers", "withoutProfile", "dismissed", "suited", "betterServed"))
        return [one["seekerId"] for one in document["matches"]], counts

    whole, counts = told({})
    assert counts == (5, 0, 0, 5, 0)
    for gone in whole:
        # today: nobody else is shown in her place
        assert told({gone: {"OFFRE1": day}}) == ([one for one in whole if one != gone], (4, 0, 1, 4, 0))
        # from the day after on, the place is another's
        later, counts = told({gone: {"OFFRE1": day - timedelta(days=1)}})
        assert (len(later), counts) == (3, (4, 0, 1, 4, 0))
        assert set(whole) - {gone} < set(later)
    # however many are dismissed that day, nobody is shown who was not
    for some in ([], whole[:1], whole[1:], whole):
        shown, _ = told({one: {"OFFRE1": day} for one in [*some, *(one.id for one in people if one.id not in whole)]})
        assert shown == [one for one in whole if one not in some]
    # another offer that is dismissed, or one of somebody who is erased, changes nothing here
    assert told({whole[0]: {"OFFRE2": day}, "somebody": {"OFFRE1": day}})[0] == whole
    everybody = {one.id: {"OFFRE1": day - timedelta(days=1)} for one in people}
    assert told(everybody) == ([], (0, 0, 5, 0, 0))


def test_nobody_is_left_to_a_better_offer_that_was_dismissed_for_her(home: Path) -> None:
    snapshot, day = Snapshot.open(home), NOW.date()
    graph = snapshot.graph
    held = [graph.skill_codes[int(column)] for column in graph.skills_of(0)]
    others = [code for code in graph.skill_codes if code not in held]
    poor = Offer.model_validate(
        {"id": "poor", "skills": [AskedSkill(code=code, label=code, how="code") for code in [held[0], *others]]}
    )
    offers = ReadyOffers.of(snapshot, [ShownOffer(poor, "essai", NOW), _shown(1, held[:1]), _shown(2, held[:1])])
    seeker = Seeker("s", SeekerProfile.read({"pastOccupations": [{"codeRome": graph.codes[0], "years": "6+"}]}),
                    day, day, 1)  # fmt: skip

    def told(*dismissed: str, on: date = day - timedelta(days=1)) -> tuple[int, int]:
        found = candidates.candidates_document(snapshot, offers, 0, [seeker], day, {"s": dict.fromkeys(dismissed, on)})
        return len(found["matches"]), found["betterServed"]

    assert told() == told("1") == told("2") == (0, 1)
    assert told("1", "2") == (1, 0)
    # what is dismissed today counts from tomorrow: asking again shows nobody else that day
    assert told("1", "2", on=day) == (0, 1)


def test_where_no_offers_are_kept_none_are_looked_for(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "offers.sqlite"
    assert KeptOffers(path).ready(Snapshot.open(home), NOW).shown == ()
    assert not path.exists()
