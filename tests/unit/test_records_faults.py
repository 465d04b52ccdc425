"""What can go wrong with the file: each has a clear error, nothing is half written, nothing is removed."""

import json
import os
import sqlite3
import stat
import sys
import threading
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from passerelle.errors import (
    InvalidRecordError,
    RecordsBusyError,
    RecordsDamagedError,
    RecordsError,
    RecordsFullError,
    RecordsUnavailableError,
    RecordsVersionError,
)
from records import database, schema
from records.forms import Question, SeekerProfile, Verdict
from records.store import Records
from records.surroundings import written
from tests.unit.records_toy import ASKED, CONTEXTS, LACEMAKER, START, bytes_on_disk, open_toy, shown

KEEP = Verdict(code_rome="H2605", choice="keep")


def _rows(path: Path) -> dict[str, int]:
    connection = sqlite3.connect(path)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    counts = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # noqa: S608
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    return counts


def _delete_then_break_a_rule(records: Records) -> None:
    with records._database.write() as connection:
        assert connection.execute("DELETE FROM upkeep").rowcount == 1
        connection.execute("INSERT INTO seeker_refusal VALUES ('nobody', 0, '5001')")


def test_what_is_acknowledged_is_synced_and_deleted_bytes_are_overwritten(tmp_path: Path) -> None:
    with open_toy(tmp_path / "r.sqlite") as records, records._database.write() as connection:
        found = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 5000,
    }


def test_what_reads_cannot_write(tmp_path: Path) -> None:
    with open_toy(tmp_path / "r.sqlite") as records:
        with pytest.raises(RecordsUnavailableError), records._database.read() as connection:
            connection.execute("DELETE FROM seeker")
        records.seekers.create(LACEMAKER, contexts=CONTEXTS)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_the_files_are_their_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "home" / "records" / "records.sqlite"
    old = os.umask(0)
    try:
        with open_toy(path) as records:
            records.seekers.create(LACEMAKER, contexts=CONTEXTS)
            modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()}
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    finally:
        os.umask(old)
    assert modes == {"records.sqlite": 0o600, "records.sqlite-wal": 0o600, "records.sqlite-shm": 0o600}
    path.chmod(0o644)
    open_toy(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_full_disk_is_said_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    many = SeekerProfile.read({"skills": [{"codeOgr": str(code), "origin": "declared"} for code in range(400)]})
    with open_toy(path) as records:
        seeker = records.seekers.create(LACEMAKER, contexts=CONTEXTS)
        entry = records.audit.record(ASKED, shown(), seeker_id=seeker.id)
        before = _rows(path)
        with records._database.write() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(RecordsFullError, match="disque est plein"):
            records.seekers.create(many, contexts=CONTEXTS)
        assert _rows(path) == before
        # what was there can be read, and writing goes on once there is room
        assert records.seekers.get(seeker.id) == seeker
        with records._database.write() as connection:
            connection.execute("PRAGMA max_page_count = 100000")
        records.decisions.record(entry.id, KEEP)
        records.seekers.create(many, contexts=CONTEXTS)
    assert _rows(path) == before | {
        "decision": 1,
        "seeker": before["seeker"] + 1,
        "seeker_skill": before["seeker_skill"] + 400,
    }


def test_an_error_in_the_middle_of_a_change_undoes_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    with open_toy(path) as records:
        entry = records.audit.record(ASKED, shown())
        before = _rows(path)
        with pytest.raises(InvalidRecordError):
            records.decisions.record(entry.id, Verdict(code_rome="A1201", choice="keep"))
        with pytest.raises(sqlite3.IntegrityError):
            _delete_then_break_a_rule(records)
        assert _rows(path) == before
        records.decisions.record(entry.id, KEEP)


def test_a_file_that_another_program_writes_to_is_waited_for_then_said_busy(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    with open_toy(path, wait_s=0.05) as records:
        seeker = records.seekers.create(LACEMAKER, contexts=CONTEXTS)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordsBusyError, match="un autre programme s'en sert, rien"):
            records.audit.record(ASKED, shown())
        # who only reads does not wait
        assert records.seekers.get(seeker.id) == seeker
        other.execute("ROLLBACK")
        other.close()
        records.audit.record(ASKED, shown())


def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    open_toy(path).close()
    newer = len(schema.MIGRATIONS) + 1
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {newer}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(RecordsVersionError, match="plus récente") as caught:
        open_toy(path)
    assert (caught.value.found, caught.value.known) == (newer, newer - 1)
    assert path.read_bytes() == before


def test_whose_file_it_is_is_read_at_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # another process may be making it: its number and its tables come together, and are to be read together
    recognise = database.Database._recognise
    together: list[bool] = []

    def watched(self: database.Database) -> int:
        together.append(self._writer.in_transaction)
        return recognise(self)

    monkeypatch.setattr(database.Database, "_recognise", watched)
    open_toy(tmp_path / "r.sqlite").close()
    assert together == [True, True]


def test_another_programs_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (a TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(RecordsUnavailableError, match="autre programme"):
        open_toy(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all, but long enough for a header" * 30, b"SQLite format 3\0"])
def test_a_file_that_is_no_database_is_said_damaged_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.sqlite"
    path.write_bytes(content)
    with pytest.raises(RecordsDamagedError, match="laissé tel quel"):
        open_toy(path)
    assert path.read_bytes() == content


def test_damaged_pages_are_said_and_left_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    with open_toy(path) as records:
        ids = [records.seekers.create(LACEMAKER, contexts=CONTEXTS).id for _ in range(50)]
    connection = sqlite3.connect(path)
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    roots = [row[0] for row in connection.execute("SELECT rootpage FROM sqlite_schema WHERE rootpage > 0")]
    connection.close()
    damaged = bytearray(path.read_bytes())
    for root in roots:
        damaged[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(damaged)
    with open_toy(path) as records:
        for action in (
            lambda: records.seekers.get(ids[0]),
            lambda: records.erase(ids[0]),
            lambda: records.audit.record(ASKED, shown()),
        ):
            with pytest.raises(RecordsDamagedError):
                action()
    assert path.read_bytes() == damaged


def test_a_place_where_no_file_can_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "directory").mkdir()
    for path in (tmp_path / "file" / "r.sqlite", tmp_path / "directory"):
        with pytest.raises(RecordsUnavailableError, match="accès impossible"):
            open_toy(path)


def test_an_old_sqlite_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(RecordsUnavailableError, match="trop ancien"):
        open_toy(tmp_path / "r.sqlite")
    assert not (tmp_path / "r.sqlite").exists()


def test_every_error_of_the_file_is_one_that_the_interfaces_can_answer() -> None:
    kinds = (RecordsBusyError, RecordsDamagedError, RecordsFullError, RecordsUnavailableError, RecordsVersionError)
    assert all(issubclass(kind, RecordsError) for kind in kinds)
    assert len({kind.code for kind in kinds}) == len(kinds)


def test_a_migration_keeps_what_was_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.sqlite"
    with open_toy(path) as records:
        seeker = records.seekers.create(LACEMAKER, contexts=CONTEXTS)
    added = ("ALTER TABLE seeker ADD COLUMN later TEXT", "CREATE TABLE more (a TEXT) STRICT")
    monkeypatch.setattr(database, "MIGRATIONS", (*schema.MIGRATIONS, added))
    for _ in range(2):
        with open_toy(path) as records:
            assert records.seekers.get(seeker.id) == seeker
            with records._database.read() as connection:
                assert connection.execute("PRAGMA user_version").fetchone()[0] == len(schema.MIGRATIONS) + 1
                assert connection.execute("SELECT later FROM seeker").fetchone()[0] is None


@pytest.mark.parametrize("version", [1, 2])
def test_a_file_of_an_older_version_is_brought_up_to_date_with_all_that_it_holds(tmp_path: Path, version: int) -> None:
    path = tmp_path / "r.sqlite"
    occupations = shown().document()["occupations"]
    for one in occupations:
        del one["market"]
    past: list[Any] = ["K1105", "B1804"]
    if version == 2:
        past = [{"codeRome": code, "years": None} for code in past]
    questions = [{"pastOccupations": past, "skills": ["126847"], "area": "8407"}, {}, None]
    ids = [str(uuid.UUID(int=number)) for number in range(1, 4)]
    connection = sqlite3.connect(path)
    with closing(connection), connection:
        for statement in (one for statements in schema.MIGRATIONS[:version] for one in statements):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
        for entry, question in zip(ids, questions, strict=True):
            told = None if question is None else json.dumps(question)
            row = (entry, written(START), "rome-460", "first", "skills", told, json.dumps(occupations))
            connection.execute("INSERT INTO recommendation VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    for _ in range(2):
        with open_toy(path) as records:
            first, second, erased = (records.audit.get(entry) for entry in ids)
            assert first.question is not None
            assert [(one.code_rome, one.years) for one in first.question.past_occupations] == [
                ("K1105", None),
                ("B1804", None),
            ]
            assert (first.question.skills, first.question.area) == (("126847",), "8407")
            assert (second.question, erased.question) == (Question(), None)
            assert [one.shown for one in (first, second, erased)] == [shown()] * 3
            records.decisions.record(ids[0], KEEP)


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.sqlite"
    with open_toy(path) as records:
        seeker = records.seekers.create(LACEMAKER, contexts=CONTEXTS)
    with monkeypatch.context() as patched:
        broken = ("CREATE TABLE more (a TEXT) STRICT", "ALTER TABLE nothing ADD COLUMN a TEXT")
        patched.setattr(database, "MIGRATIONS", (*schema.MIGRATIONS, broken))
        with pytest.raises(sqlite3.OperationalError, match="nothing"):
            open_toy(path)
    assert "more" not in _rows(path)
    with open_toy(path) as records:
        assert records.seekers.get(seeker.id) == seeker


def test_the_first_migration_is_never_changed_once_released() -> None:
    # a released file has these tables: a change belongs into a new migration
    connection = sqlite3.connect(":memory:")
    for statement in schema.MIGRATIONS[0]:
        connection.execute(statement)
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    connection.close()
    assert tables == {
        *("seeker", "seeker_occupation", "seeker_skill", "seeker_refusal", "recommendation", "seeker_recommendation"),
        *("decision", "api_key", "upkeep"),
    }


def test_threads_share_one_file(tmp_path: Path) -> None:
    made: list[str] = []
    with open_toy(tmp_path / "r.sqlite") as records:

        def work() -> None:
            for _ in range(20):
                seeker = records.seekers.create(LACEMAKER, contexts=CONTEXTS)
                records.audit.record(ASKED, shown(), seeker_id=seeker.id)
                assert len(records.export(seeker.id)["recommendations"]) == 1
                made.append(seeker.id)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(set(made)) == 80
    assert _rows(tmp_path / "r.sqlite")["seeker_recommendation"] == 80


def test_to_close_twice_is_harmless_and_leaves_one_file(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    records = Records.open(path)
    records.close()
    records.close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.sqlite"]
    assert bytes_on_disk(path).startswith(b"SQLite format 3\0")
