"""Audit, decisions and retention: what was shown is kept as shown, and for as long as it must, no longer."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from passerelle.errors import InvalidRecordError, RetentionTooShortError, UnknownRecordError
from passerelle.settings import Settings
from records.forms import CHOICE_FRENCH, REASON_APPLIES_TO, REASON_FRENCH, Question, Verdict
from records.retention import Purged, months_before
from records.shown import ANSWER_KINDS, AnswerKind, Shown
from records.store import Records
from tests.unit.records_toy import ASKED, CONTEXTS, EACH_KIND, LACEMAKER, START, Clock, open_toy, shown

KEEP = Verdict(code_rome="H2605", choice="keep")
CHANGE = Verdict(code_rome="H2605", choice="change", changed_to="H2604")
DISMISS = Verdict(code_rome="H2605", choice="dismiss", reason="wage")


def test_what_was_shown_comes_back_by_its_id(tmp_path: Path) -> None:
    with open_toy(tmp_path / "r.sqlite") as records:
        seeker = records.seekers.create(LACEMAKER, contexts=CONTEXTS)
        mine = records.audit.record(ASKED, shown(), seeker_id=seeker.id)
        nobodys = records.audit.record(Question(), shown("K1105"))
        assert records.audit.get(mine.id) == mine
        assert records.audit.get(nobodys.id) == nobodys
        assert records.audit.of_seeker(seeker.id) == [mine]
        assert mine.shown_at == START
        assert (mine.question, mine.shown) == (ASKED, shown())


def test_neither_the_entry_nor_its_document_names_the_seeker(tmp_path: Path) -> None:
    with open_toy(tmp_path / "r.sqlite") as records:
        seeker = records.seekers.create(LACEMAKER, contexts=CONTEXTS)
        entry = records.audit.record(ASKED, shown(), seeker_id=seeker.id)
        decision = records.decisions.record(entry.id, DISMISS)
        assert seeker.id not in str(entry.document()) + str(decision.document())


@pytest.mark.parametrize("kind", ANSWER_KINDS)
def test_an_answer_of_every_kind_is_kept_exported_and_forgotten_alike(tmp_path: Path, kind: AnswerKind) -> None:
    clock = Clock()
    with open_toy(tmp_path / "r.sqlite", clock) as records:
        seekers = [records.seekers.create(LACEMAKER, contexts=CONTEXTS) for _ in range(2)]
        entries = [records.audit.record(ASKED, EACH_KIND[kind], seeker_id=seeker.id) for seeker in seekers]
        assert records.audit.get(entries[0].id) == entries[0]
        assert Shown.read(EACH_KIND[kind].document()) == EACH_KIND[kind]
        assert records.export(seekers[0].id)["recommendations"] == [entries[0].document()]
        records.erase(seekers[0].id)
        kept = records.audit.get(entries[0].id)
        assert (kept.question, kept.shown) == (None, EACH_KIND[kind])
        assert records.audit.get(entries[1].id).question == ASKED
        clock.ahead(days=400)
        assert records.purge() == Purged(2, 0)


@pytest.mark.parametrize("kind", ANSWER_KINDS)
def test_an_answer_holds_nothing_of_another_kind(kind: AnswerKind) -> None:
    document = EACH_KIND[kind].document()
    for other in set(ANSWER_KINDS) - {kind}:
        with pytest.raises(InvalidRecordError):
            Shown.read(document | {"kind": other})


def test_every_verdict_comes_back_in_the_order_in_which_it_was_made(tmp_path: Path) -> None:
    with open_toy(tmp_path / "r.sqlite") as records:
        entry = records.audit.record(ASKED, shown())
        made = [records.decisions.record(entry.id, verdict) for verdict in (DISMISS, KEEP, CHANGE)]
        assert records.decisions.of_recommendation(entry.id) == made
        assert made[0].document() == {
            "recommendationId": entry.id,
            "codeRome": "H2605",
            "offer": None,
            "choice": "dismiss",
            "changedTo": None,
            "reason": "wage",
            "choiceLabel": "écarté",
            "reasonLabel": "Rémunération insuffisante",
            "decidedAt": "2026-03-31T09:30:00Z",
        }


def test_the_last_decision_on_an_occupation_counts_in_whatever_list_it_was_shown(tmp_path: Path) -> None:
    with open_toy(tmp_path / "r.sqlite") as records:
        ada, bea = (records.seekers.create(LACEMAKER, contexts=CONTEXTS) for _ in range(2))
        first, second = (records.audit.record(ASKED, shown(), seeker_id=ada.id) for _ in range(2))
        other = records.audit.record(ASKED, shown(), seeker_id=bea.id)
        records.decisions.record(second.id, KEEP)
        records.decisions.record(other.id, CHANGE)
        records.decisions.record(second.id, Verdict(code_rome="H2604", choice="keep"))
        last = records.decisions.record(first.id, DISMISS)
        standing = records.decisions.standing_for(ada.id)
        assert standing["H2605"] == last
        assert sorted(standing) == ["H2604", "H2605"]


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"codeRome": "H2605", "choice": "hire"}, "/choice"),
        ({"codeRome": "H2605", "choice": "dismiss"}, ""),
        ({"codeRome": "H2605", "choice": "dismiss", "reason": "elle est trop âgée"}, "/reason"),
        ({"codeRome": "H2605", "choice": "keep", "reason": "wage"}, ""),
        ({"codeRome": "H2605", "choice": "keep", "comment": "x"}, "/comment"),
        ({"codeRome": "H2605", "choice": "change"}, ""),
        ({"codeRome": "H2605", "choice": "change", "changedTo": "H2605"}, ""),
        ({"codeRome": "H2605", "choice": "keep", "changedTo": "H2604"}, ""),
        ({"codeRome": "H2605", "choice": "change", "changedTo": "couture"}, "/changedTo"),
    ],
)
def test_a_verdict_out_of_the_closed_lists_is_refused(document: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidRecordError) as caught:
        Verdict.read(document)
    assert caught.value.pointer == pointer
    assert "âgée" not in str(caught.value)


def test_a_decision_needs_something_that_was_shown(tmp_path: Path) -> None:
    with open_toy(tmp_path / "r.sqlite") as records:
        entry = records.audit.record(ASKED, shown("H2604"))
        with pytest.raises(InvalidRecordError) as caught:
            records.decisions.record(entry.id, KEEP)
        assert caught.value.pointer == "/codeRome"
        for kind in ("potential", "gap", "matches"):
            other = records.audit.record(ASKED, EACH_KIND[kind])
            with pytest.raises(InvalidRecordError):
                records.decisions.record(other.id, KEEP)
        with pytest.raises(UnknownRecordError) as unknown:
            records.decisions.record("nothing", KEEP)
        assert unknown.value.kind == "recommendation"
        with pytest.raises(UnknownRecordError):
            records.audit.get("nothing")
        assert records.decisions.of_recommendation(entry.id) == []


@pytest.mark.parametrize(
    "document",
    [
        {"lens": "Jeanne Dupont"},
        {"dataVersion": "rome 460 de Jeanne"},
        {"occupations": [{"codeRome": "H2605", "rank": 1, "contributions": {"Jeanne Dupont": 1.0}}]},
        {"occupations": [{"codeRome": "H2605", "rank": 1, "contributions": {"x": float("nan")}}]},
        {"occupations": [{"codeRome": "H2605", "rank": 0}]},
        {"occupations": [{"codeRome": "H2605", "rank": 1, "score": 101}]},
        {"occupations": [{"codeRome": "H2605", "rank": 1}, {"codeRome": "H2605", "rank": 2}]},
    ],
)
def test_an_audit_entry_holds_codes_and_numbers_only(document: dict[str, Any]) -> None:
    assert Shown.read(shown().document()) == shown()
    with pytest.raises(InvalidRecordError):
        Shown.read({**shown().document(), **document})


def test_every_choice_and_reason_has_its_french(tmp_path: Path) -> None:
    choices = set(Verdict.model_json_schema()["properties"]["choice"]["enum"])
    reasons = set(Verdict.model_json_schema()["properties"]["reason"]["anyOf"][0]["enum"])
    assert (choices, reasons) == (set(CHOICE_FRENCH), set(REASON_FRENCH))
    with open_toy(tmp_path / "r.sqlite") as records:
        entry = records.audit.record(ASKED, shown())
        for reason in [one for one, of in REASON_APPLIES_TO.items() if "occupation" in of]:
            verdict = Verdict(code_rome="H2605", choice="dismiss", reason=reason)
            assert records.decisions.record(entry.id, verdict).document()["reasonLabel"] == REASON_FRENCH[reason]


AGES_DAYS = st.lists(st.tuples(st.integers(0, 900), st.lists(st.integers(0, 900), max_size=2)), max_size=5)


@settings(max_examples=25, deadline=None)
@given(lists=AGES_DAYS, months=st.integers(6, 24))
def test_a_purge_removes_what_is_past_its_time_and_nothing_before(
    tmp_path_factory: pytest.TempPathFactory, lists: list[tuple[int, list[int]]], months: int
) -> None:
    clock = Clock()
    now = START + timedelta(days=900)
    limit = months_before(now, months)

    def days_ago(days: int) -> datetime:
        return now - timedelta(days=days)

    with open_toy(tmp_path_factory.mktemp("r") / "r.sqlite", clock, retention_months=months) as records:
        made = []
        for shown_ago, decided_ago in lists:
            clock.time = days_ago(shown_ago)
            entry = records.audit.record(ASKED, shown())
            # a decision comes after what was shown
            times = [days_ago(min(ago, shown_ago)) for ago in decided_ago]
            for clock.time in times:
                records.decisions.record(entry.id, KEEP)
            made.append((entry, times))
        clock.time = now
        counts = records.purge()
        kept_decisions = [[time for time in times if time >= limit] for _, times in made]
        stays = [bool(kept) or entry.shown_at >= limit for (entry, _), kept in zip(made, kept_decisions, strict=True)]
        for (entry, _), kept, there in zip(made, kept_decisions, stays, strict=True):
            found = [decision.decided_at for decision in records.decisions.of_recommendation(entry.id)]
            assert found == kept
            assert _there(records, entry.id) == there
        decisions = sum(len(times) for _, times in made) - sum(map(len, kept_decisions))
        assert counts == Purged(len(made) - sum(stays), decisions)
        assert records.purge() == Purged(0, 0)


def test_the_last_second_of_the_retention_is_still_kept(tmp_path: Path) -> None:
    clock = Clock()
    with open_toy(tmp_path / "r.sqlite", clock) as records:
        entry = records.audit.record(ASKED, shown())
        records.decisions.record(entry.id, KEEP)
        clock.time = START.replace(year=START.year + 1)
        assert records.purge() == Purged(0, 0)
        clock.ahead(seconds=1)
        assert records.purge() == Purged(1, 1)


def _there(records: Records, recommendation_id: str) -> bool:
    try:
        records.audit.get(recommendation_id)
    except UnknownRecordError:
        return False
    return True


def test_a_purge_takes_the_links_along_and_leaves_the_seeker(tmp_path: Path) -> None:
    clock = Clock()
    with open_toy(tmp_path / "r.sqlite", clock) as records:
        seeker = records.seekers.create(LACEMAKER, contexts=CONTEXTS)
        entry = records.audit.record(ASKED, shown(), seeker_id=seeker.id)
        records.decisions.record(entry.id, DISMISS)
        clock.ahead(days=400)
        assert records.purge() == Purged(1, 1)
        export = records.export(seeker.id)
        assert (export["recommendations"], export["decisions"]) == ([], [])
        assert export["seeker"] == seeker.document()


@given(
    moment=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    months=st.integers(1, 120),
)
def test_so_many_months_before_is_that_month_and_at_most_that_day(moment: datetime, months: int) -> None:
    before = months_before(moment, months)
    assert (moment.year - before.year) * 12 + moment.month - before.month == months
    assert before.timetz() == moment.timetz()
    last_day = (before + timedelta(days=1)).month != before.month
    assert before.day == moment.day or (last_day and before.day < moment.day)


@pytest.mark.parametrize("months", [5, 0, -12])
def test_a_retention_under_six_months_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, months: int) -> None:
    with pytest.raises(RetentionTooShortError, match="jamais moins de 6"):
        open_toy(tmp_path / "r.sqlite", retention_months=months)
    monkeypatch.setenv("PASSERELLE_RETENTION_MONTHS", str(months))
    with pytest.raises(ValidationError, match="jamais moins de 6 mois"):
        Settings()


def test_the_settings_keep_twelve_months_under_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PASSERELLE_RECORDS", "PASSERELLE_RETENTION_MONTHS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    assert (Settings().records, Settings().retention_months) == (tmp_path / "records" / "records.sqlite", 12)
    monkeypatch.setenv("PASSERELLE_RECORDS", str(tmp_path / "elsewhere.sqlite"))
    monkeypatch.setenv("PASSERELLE_RETENTION_MONTHS", "6")
    assert (Settings().records, Settings().retention_months) == (tmp_path / "elsewhere.sqlite", 6)
