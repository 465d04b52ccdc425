"""Decisions on offers: from closed lists, on what was shown, the last one counts, kept and forgotten as the others."""

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerelle.errors import InvalidRecordError, RecordsFullError
from records import schema
from records.forms import OFFER_CHOICE_FRENCH, REASON_APPLIES_TO, REASON_FRENCH, Choice, Verdict
from records.retention import Purged
from records.shown import Shown
from records.store import Records
from records.surroundings import written
from tests.unit.records_toy import ASKED, CONTEXTS, EACH_KIND, LACEMAKER, START, Clock, open_toy, shown

OFFER = "048KLTP"
KEEP = Verdict(offer=OFFER, choice="keep")
DISMISS = Verdict(offer=OFFER, choice="dismiss", reason="hours")
OFFERS = ("048KLTP", "H2605", "(3/a)")


def matches(*offers: str) -> Shown:
    """A list of offers that was shown."""
    told = [{"offer": offer, "rank": rank, "value": 0.5} for rank, offer in enumerate(offers or OFFERS, start=1)]
    return Shown.read(EACH_KIND["matches"].document() | {"offers": told})


def test_a_decision_on_an_offer_comes_back_as_it_was_made_in_words_that_agree_with_it(tmp_path: Path) -> None:
    with open_toy(tmp_path / "r.sqlite") as records:
        entry = records.audit.record(ASKED, matches())
        made = [records.decisions.record(entry.id, verdict) for verdict in (KEEP, DISMISS)]
        assert records.decisions.of_recommendation(entry.id) == made
        assert made[1].document() == {
            "recommendationId": entry.id,
            "codeRome": None,
            "offer": OFFER,
            "choice": "dismiss",
            "changedTo": None,
            "reason": "hours",
            "choiceLabel": "écartée",
            "reasonLabel": "Durée ou horaires de travail non souhaités",
            "decidedAt": "2026-03-31T09:30:00Z",
        }


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"choice": "keep"}, ""),
        ({"codeRome": "H2605", "offer": OFFER, "choice": "keep"}, ""),
        ({"offer": OFFER, "choice": "change", "changedTo": "H2604"}, "/choice"),
        ({"offer": OFFER, "choice": "keep", "changedTo": "H2604"}, ""),
        ({"offer": OFFER, "choice": "dismiss"}, ""),
        ({"offer": OFFER, "choice": "keep", "reason": "hours"}, ""),
        ({"offer": OFFER, "choice": "dismiss", "reason": "few-openings"}, "/reason"),
        ({"codeRome": "H2605", "choice": "dismiss", "reason": "already-applied"}, "/reason"),
        ({"offer": "offre de Jeanne", "choice": "keep"}, "/offer"),
        ({"offer": "x" * 51, "choice": "keep"}, "/offer"),
        ({"offer": "", "choice": "keep"}, "/offer"),
    ],
)
def test_a_verdict_on_an_offer_is_of_its_closed_lists(document: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidRecordError) as caught:
        Verdict.read(document)
    assert caught.value.pointer == pointer
    assert "Jeanne" not in str(caught.value)


def test_every_reason_is_said_of_an_occupation_or_of_an_offer_and_of_these_alone() -> None:
    assert set(REASON_APPLIES_TO) == set(REASON_FRENCH)
    of: dict[str, dict[str, str]] = {"occupation": {"codeRome": "H2605"}, "offer": {"offer": OFFER}}
    for reason, subjects in REASON_APPLIES_TO.items():
        assert subjects
        for subject, what in of.items():
            document = what | {"choice": "dismiss", "reason": reason}
            if subject in subjects:
                assert Verdict.read(document).reason == reason
                continue
            with pytest.raises(InvalidRecordError, match="ne se dit pas"):
                Verdict.read(document)


def test_a_decision_needs_the_offer_to_have_been_shown(tmp_path: Path) -> None:
    with open_toy(tmp_path / "r.sqlite") as records:
        # an offer whose id looks like the code of an occupation is not one, nor the other way
        for entry, verdict, pointer in (
            (matches("H2605"), KEEP, "/offer"),
            (matches("H2605"), Verdict(code_rome="H2605", choice="keep"), "/codeRome"),
            (shown("H2605"), Verdict(offer="H2605", choice="keep"), "/offer"),
            (EACH_KIND["potential"], KEEP, "/offer"),
        ):
            recorded = records.audit.record(ASKED, entry)
            with pytest.raises(InvalidRecordError) as caught:
                records.decisions.record(recorded.id, verdict)
            assert caught.value.pointer == pointer
            assert records.decisions.of_recommendation(recorded.id) == []


_DECIDED = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 1), st.sampled_from(OFFERS), st.sampled_from([*OFFER_CHOICE_FRENCH])),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(decided=_DECIDED)
def test_what_is_dismissed_for_each_is_what_was_decided_last_in_whatever_list(
    tmp_path_factory: pytest.TempPathFactory, decided: list[tuple[int, int, str, Choice]]
) -> None:
    clock = Clock()
    with open_toy(tmp_path_factory.mktemp("r") / "r.sqlite", clock) as records:
        seekers = [records.seekers.create(LACEMAKER, contexts=CONTEXTS).id for _ in range(2)]
        lists = [[records.audit.record(ASKED, matches(), seeker_id=one).id for _ in range(2)] for one in seekers]
        # of nobody in particular, and on an occupation: neither counts for anybody
        records.decisions.record(records.audit.record(ASKED, matches()).id, DISMISS)
        other = records.audit.record(ASKED, shown("H2605"), seeker_id=seekers[0])
        records.decisions.record(other.id, Verdict(code_rome="H2605", choice="dismiss", reason="wage"))
        last: dict[tuple[int, str], tuple[Choice, date]] = {}
        for seeker, which, offer, choice in decided:
            clock.ahead(hours=9)
            reason = "wage" if choice == "dismiss" else None
            records.decisions.record(lists[seeker][which], Verdict(offer=offer, choice=choice, reason=reason))
            last[seeker, offer] = choice, clock.now().date()
        expected = {
            one: {
                offer: day for (whose, offer), (choice, day) in last.items() if (whose, choice) == (number, "dismiss")
            }
            for number, one in enumerate(seekers)
        }
        assert records.decisions.dismissed_offers() == {one: found for one, found in expected.items() if found}
        for number, one in enumerate(seekers):
            standing = records.decisions.standing_on_offers(one)
            assert {
                (number, offer): (found.verdict.choice, found.decided_at.date()) for offer, found in standing.items()
            } == {(whose, offer): found for (whose, offer), found in last.items() if whose == number}
        assert sorted(records.decisions.standing_for(seekers[0])) == ["H2605"]


def test_a_decision_on_an_offer_is_exported_purged_and_erased_as_the_others(tmp_path: Path) -> None:
    clock = Clock()
    with open_toy(tmp_path / "r.sqlite", clock) as records:
        seeker = records.seekers.create(LACEMAKER, contexts=CONTEXTS)
        entry = records.audit.record(ASKED, matches(), seeker_id=seeker.id)
        decision = records.decisions.record(entry.id, DISMISS)
        assert records.export(seeker.id)["decisions"] == [decision.document()]
        records.erase(seeker.id)
        assert records.decisions.of_recommendation(entry.id) == [decision]
        # nothing leads from a person to it any more
        assert records.decisions.dismissed_offers() == {}
        assert seeker.id not in json.dumps(decision.document())
        clock.ahead(days=400)
        assert records.purge() == Purged(1, 1)
        assert records.decisions.of_recommendation(entry.id) == []


def test_a_file_from_before_there_were_decisions_on_offers_keeps_its_decisions_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    entry = "00000000-0000-4000-8000-000000000001"
    rows = [("H2605", "dismiss", None, "too-far"), ("H2604", "change", "B1804", None), ("H2605", "keep", None, None)]
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in (one for statements in schema.MIGRATIONS[:3] for one in statements):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 3")
        connection.execute(
            "INSERT INTO recommendation (id, shown_at, data_version, model_version, lens, question, shown)"
            " VALUES (?, ?, 'rome-460', 'first', 'skills', NULL, ?)",
            (entry, written(START), json.dumps(shown().held())),
        )
        for sequence, row in enumerate(rows):
            # with gaps, as a purge leaves them
            connection.execute(
                "INSERT INTO decision (sequence, recommendation, code_rome, choice, changed_to, reason, decided_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (3 + 4 * sequence, entry, *row, written(START)),
            )
    for _ in range(2):
        with open_toy(path) as records:
            found = [one.verdict for one in records.decisions.of_recommendation(entry)]
            assert [(one.code_rome, one.choice, one.changed_to, one.reason) for one in found] == rows
    with open_toy(path) as records:
        records.decisions.record(records.audit.record(ASKED, matches()).id, DISMISS)
        assert records.decisions.record(entry, Verdict(code_rome="H2605", choice="keep")) is not None
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert [one[0] for one in connection.execute("SELECT sequence FROM decision")] == [3, 7, 11, 12, 13]
        indexes = {
            one[0] for one in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql NOTNULL")
        }
    assert indexes >= {"decision_by_recommendation", "decision_by_time", "decision_by_offer"}


@pytest.mark.parametrize(
    "wrong",
    [
        "code_rome = NULL",
        "offer = '048KLTP'",
        "code_rome = NULL, offer = '048KLTP', choice = 'change', changed_to = 'B1804', reason = NULL",
        "code_rome = NULL, offer = ''",
        "reason = NULL",
    ],
)
def test_the_file_itself_refuses_half_a_decision(tmp_path: Path, wrong: str) -> None:
    with open_toy(tmp_path / "r.sqlite") as records:
        entry = records.audit.record(ASKED, shown("H2605"))
        records.decisions.record(entry.id, Verdict(code_rome="H2605", choice="dismiss", reason="wage"))
        with pytest.raises(sqlite3.IntegrityError, match="CHECK"), records._database.write() as connection:
            connection.execute(f"UPDATE decision SET {wrong}")  # noqa: S608 -- of this test


def _full_after(records: Records, pages: int) -> None:
    """Leaves room for so many pages more."""
    with records._database.write() as connection:
        held = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {held + pages}")


@pytest.mark.parametrize("pages", [0, 1, 7])
def test_what_is_shown_of_several_seekers_is_recorded_whole_or_not_at_all(tmp_path: Path, pages: int) -> None:
    with open_toy(tmp_path / "r.sqlite") as records:
        ids = [records.seekers.create(LACEMAKER, contexts=CONTEXTS).id for _ in range(40)]
        asked = [(ASKED, matches(*(f"{seeker}-{n}" for n in range(20))), seeker) for seeker in ids]
        _full_after(records, pages)
        with pytest.raises(RecordsFullError):
            records.audit.record_each(asked)
        assert [one for seeker in ids for one in records.audit.of_seeker(seeker)] == []
        _full_after(records, 10_000)
        records.erase(ids[7])
        recorded = records.audit.record_each(asked)
        assert [place for place, one in enumerate(recorded) if one is None] == [7]
        for seeker, one in zip(ids, recorded, strict=True):
            assert records.audit.of_seeker(seeker) == ([] if one is None else [one])
