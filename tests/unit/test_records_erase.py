"""Export gives everything about a seeker; erasure leaves no byte of it in the file, its log or its index."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerelle.errors import RecordsBusyError, RecordsFullError, UnknownRecordError
from records.erase import Erased
from records.forms import HeldSkill, Question, SeekerProfile, Verdict
from records.store import Records
from tests.unit.records_toy import ASKED, CONTEXTS, LACEMAKER, PROFILES, Clock, bytes_on_disk, open_toy, shown

DISMISS = Verdict(code_rome="H2605", choice="dismiss", reason="too-far")
#: nobody else's codes
RARE = ("7310001", "7310002", "7310003")
RARE_PROFILE = SeekerProfile(
    skills=tuple(HeldSkill(code_ogr=code, origin="declared") for code in RARE), area="9731", refused_contexts=("5017",)
)
RARE_QUESTION = Question(skills=RARE, area="9731", refused_contexts=("5017",))


def _traces(path: Path, seeker_id: str) -> list[str]:
    """What of the seeker can still be found in the bytes on the disk."""
    content = bytes_on_disk(path)
    looked_for = [seeker_id, seeker_id.replace("-", ""), *RARE, "9731"]
    found = [text for text in looked_for if text.encode() in content]
    return found + ["raw id"] * (bytes.fromhex(seeker_id.replace("-", "")) in content)


def _fill(records: Records, number: int) -> list[str]:
    """Other seekers, each with a list that was shown: pages for the erased rows to lie among."""
    ids = []
    for _ in range(number):
        seeker = records.seekers.create(LACEMAKER, contexts=CONTEXTS)
        entry = records.audit.record(ASKED, shown(), seeker_id=seeker.id)
        records.decisions.record(entry.id, DISMISS)
        ids.append(seeker.id)
    return ids


def test_an_export_holds_everything_as_json(tmp_path: Path) -> None:
    with open_toy(tmp_path / "r.sqlite") as records:
        _fill(records, 2)
        seeker = records.seekers.create(LACEMAKER, contexts=CONTEXTS)
        entry = records.audit.record(ASKED, shown(), seeker_id=seeker.id)
        decision = records.decisions.record(entry.id, DISMISS)
        export = records.export(seeker.id)
        assert json.loads(json.dumps(export)) == export
        assert export == {
            "seeker": {
                "id": seeker.id,
                "pastOccupations": [{"codeRome": "B1804", "years": "6+"}],
                "skills": [
                    {"codeOgr": "126847", "origin": "declared", "level": "expert"},
                    {"codeOgr": "483091", "origin": "inferred", "level": None},
                ],
                "refusedContexts": ["5003", "5011"],
                "area": "8407",
                "reachKm": 30,
                "created": "2026-03-31",
                "updated": "2026-03-31",
                "revision": 1,
            },
            "recommendations": [entry.document()],
            "decisions": [decision.document()],
        }


def test_an_export_reads_every_table_that_leads_to_a_seeker(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    open_toy(path).close()
    connection = sqlite3.connect(path)
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    leading = {
        table
        for table in tables
        for key in connection.execute(f"PRAGMA foreign_key_list({table})").fetchall()
        if key[2] == "seeker" and key[6] == "CASCADE"
    }
    by_name = {
        table
        for table in tables
        for column in connection.execute(f"PRAGMA table_info({table})").fetchall()
        if "seeker" in column[1]
    }
    connection.close()
    # a table added later must be exported, and go with the seeker: this list and the test above are then to be changed
    assert leading == by_name == {"seeker_occupation", "seeker_skill", "seeker_refusal", "seeker_recommendation"}


def test_an_erased_seeker_leaves_no_byte_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    with open_toy(path) as records:
        _fill(records, 20)
        seeker = records.seekers.create(RARE_PROFILE, contexts=CONTEXTS)
        others = _fill(records, 20)
        entries = [records.audit.record(RARE_QUESTION, shown(), seeker_id=seeker.id) for _ in range(3)]
        decision = records.decisions.record(entries[0].id, DISMISS)
        # an older state too: what a change replaced
        records.seekers.replace(seeker.id, LACEMAKER, revision=1, contexts=CONTEXTS)
        assert set(_traces(path, seeker.id)) >= {seeker.id, *RARE, "9731"}
        assert Path(f"{path}-wal").stat().st_size > 0

        assert records.erase(seeker.id) == Erased(links=3)
        assert _traces(path, seeker.id) == []
        with pytest.raises(UnknownRecordError):
            records.export(seeker.id)
        assert records.audit.of_seeker(seeker.id) == []
        # what was shown stays, without what was asked; so does what was decided; nothing leads there from a person
        kept = records.audit.get(entries[0].id)
        assert (kept.question, kept.shown, kept.shown_at) == (None, shown(), entries[0].shown_at)
        assert records.decisions.of_recommendation(entries[0].id) == [decision]
        assert len(records.export(others[0])["recommendations"]) == 1
    assert _traces(path, seeker.id) == []


@settings(max_examples=15, deadline=None)
@given(profiles=st.lists(PROFILES, min_size=2, max_size=5), data=st.data())
def test_erasing_one_changes_nothing_of_the_others(
    tmp_path_factory: pytest.TempPathFactory, profiles: list[SeekerProfile], data: st.DataObject
) -> None:
    with open_toy(tmp_path_factory.mktemp("r") / "r.sqlite") as records:
        seekers = [records.seekers.create(profile, contexts=CONTEXTS) for profile in profiles]
        for seeker in seekers:
            entry = records.audit.record(ASKED, shown(), seeker_id=seeker.id)
            records.decisions.record(entry.id, DISMISS)
        before = {seeker.id: records.export(seeker.id) for seeker in seekers}
        gone = data.draw(st.sampled_from(sorted(before)))
        assert records.erase(gone).links == 1
        del before[gone]
        assert {seeker_id: records.export(seeker_id) for seeker_id in before} == before
        with pytest.raises(UnknownRecordError):
            records.seekers.get(gone)


def test_what_is_purged_leaves_no_byte_either(tmp_path: Path) -> None:
    path, clock = tmp_path / "r.sqlite", Clock()
    with open_toy(path, clock) as records:
        _fill(records, 5)
        records.audit.record(RARE_QUESTION, shown())
        assert RARE[0].encode() in bytes_on_disk(path)
        clock.ahead(days=400)
        records.purge()
        assert RARE[0].encode() not in bytes_on_disk(path)


def test_an_erasure_cut_short_between_its_two_steps_is_finished_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.sqlite"
    with open_toy(path) as records:
        seeker = records.seekers.create(RARE_PROFILE, contexts=CONTEXTS)
        with monkeypatch.context() as patched:
            patched.setattr("records.database.Database.scrub", _cut)
            with pytest.raises(KeyboardInterrupt):
                records.erase(seeker.id)
        assert _traces(path, seeker.id)
        # its close must not be what cleans up: another one keeps the log in use
        with open_toy(path) as later:
            assert later.finish_erasures()
            assert _traces(path, seeker.id) == []
            assert not later.finish_erasures()


def _cut(_database: object) -> None:
    raise KeyboardInterrupt


class NoRoomToVacuum:
    """A connection on a disk that has no room for a second copy of the file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, *arguments: Any) -> sqlite3.Cursor:
        if statement == "VACUUM":
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        return self._connection.execute(statement, *arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def test_a_full_disk_delays_the_erasure_and_does_not_say_that_nothing_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.sqlite"
    with open_toy(path) as records:
        seeker = records.seekers.create(RARE_PROFILE, contexts=CONTEXTS)
        with monkeypatch.context() as patched:
            patched.setattr(records._database, "_writer", NoRoomToVacuum(records._database._writer))
            with pytest.raises(RecordsFullError, match="des traces peuvent rester"):
                records.erase(seeker.id)
        with pytest.raises(UnknownRecordError):
            records.seekers.get(seeker.id)
        assert records.finish_erasures()
        assert _traces(path, seeker.id) == []


def test_a_reader_of_an_older_state_delays_the_erasure_with_a_clear_error_and_a_second_try_finishes(
    tmp_path: Path,
) -> None:
    path = tmp_path / "r.sqlite"
    with open_toy(path, wait_s=0.05) as records:
        _fill(records, 3)
        seeker = records.seekers.create(RARE_PROFILE, contexts=CONTEXTS)
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM seeker").fetchone()
        with pytest.raises(RecordsBusyError, match="des traces"):
            records.erase(seeker.id)
        with pytest.raises(UnknownRecordError):
            records.seekers.get(seeker.id)
        reader.execute("COMMIT")
        reader.close()
        with pytest.raises(UnknownRecordError):
            records.erase(seeker.id)
        assert _traces(path, seeker.id) == []


def test_what_another_process_deletes_during_a_scrub_stays_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.sqlite"
    with open_toy(path) as one, open_toy(path) as other:
        first, second = (one.seekers.create(RARE_PROFILE, contexts=CONTEXTS) for _ in range(2))
        scrub = one._database.scrub

        def scrub_and_delete_elsewhere() -> None:
            scrub()
            with monkeypatch.context() as patched:
                patched.setattr(other._database, "scrub", lambda: _cut(other))
                with pytest.raises(KeyboardInterrupt):
                    other.erase(second.id)

        with monkeypatch.context() as patched:
            patched.setattr(one._database, "scrub", scrub_and_delete_elsewhere)
            one.erase(first.id)
        assert other.finish_erasures()
        assert _traces(path, second.id) == []
