"""Seekers: what a counselor enters of a person, under a random id."""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from passerelle.errors import RecordConflictError, UnknownRecordError
from records.database import Database
from records.forms import SeekerProfile
from records.surroundings import Surroundings


@dataclass(frozen=True)
class Seeker:
    """A seeker's record.

    id:       random UUID, made here
    revision: 1, then one more at each change
    """

    id: str
    profile: SeekerProfile
    created: date
    updated: date
    revision: int

    def document(self) -> dict[str, Any]:
        """As JSON would have it."""
        days = {"created": self.created.isoformat(), "updated": self.updated.isoformat()}
        return {"id": self.id, **self.profile.document(), **days, "revision": self.revision}


class Seekers:
    """The seekers' records."""

    def __init__(self, database: Database, surroundings: Surroundings) -> None:
        self._database = database
        self._surroundings = surroundings

    def create(self, profile: SeekerProfile, *, contexts: Collection[str]) -> Seeker:
        """Records a new seeker.

        contexts: the closed list of work contexts that may be refused (codes)
        raises: InvalidRecordError, RecordsError
        """
        profile.check_contexts(contexts)
        today = self._surroundings.today()
        seeker = Seeker(self._surroundings.new_id(), profile, today, today, 1)
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO seeker (id, area, reach_km, created_day, updated_day, revision) VALUES (?, ?, ?, ?, ?, ?)",
                (seeker.id, profile.area, profile.reach_km, today.isoformat(), today.isoformat(), 1),
            )
            _insert_codes(connection, seeker.id, profile)
        return seeker

    def get(self, seeker_id: str) -> Seeker:
        """The record of that id.

        raises: UnknownRecordError, RecordsError
        """
        with self._database.read() as connection:
            return seeker_of(connection, seeker_id)

    def replace(self, seeker_id: str, profile: SeekerProfile, *, revision: int, contexts: Collection[str]) -> Seeker:
        """Puts another profile in the place of revision ``revision``; what the old one held is deleted.

        raises: RecordConflictError when somebody else changed it since; InvalidRecordError, UnknownRecordError,
            RecordsError
        """
        profile.check_contexts(contexts)
        with self._database.write() as connection:
            old = seeker_of(connection, seeker_id)
            if old.revision != revision:
                raise RecordConflictError(revision, old.revision)
            new = Seeker(seeker_id, profile, old.created, self._surroundings.today(), revision + 1)
            connection.execute(
                "UPDATE seeker SET area = ?, reach_km = ?, updated_day = ?, revision = ? WHERE id = ?",
                (profile.area, profile.reach_km, new.updated.isoformat(), new.revision, seeker_id),
            )
            connection.execute("DELETE FROM seeker_occupation WHERE seeker = ?", (seeker_id,))
            connection.execute("DELETE FROM seeker_skill WHERE seeker = ?", (seeker_id,))
            connection.execute("DELETE FROM seeker_refusal WHERE seeker = ?", (seeker_id,))
            _insert_codes(connection, seeker_id, profile)
        return new

    def all(self) -> list[Seeker]:
        """Every record as it is at one moment, by id.

        raises: RecordsError
        """
        with self._database.read() as connection:
            occupations = _by_seeker(connection, "SELECT * FROM seeker_occupation ORDER BY seeker, position")
            skills = _by_seeker(connection, "SELECT * FROM seeker_skill ORDER BY seeker, position")
            refused = _by_seeker(connection, "SELECT * FROM seeker_refusal ORDER BY seeker, position")
            rows = connection.execute("SELECT * FROM seeker ORDER BY id").fetchall()
        return [_read(row, occupations[row["id"]], skills[row["id"]], refused[row["id"]]) for row in rows]

    def untouched_since(self, day: date) -> list[str]:
        """Ids of those not changed since before ``day``, oldest first: whom a service may want to erase."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id FROM seeker WHERE updated_day < ? ORDER BY updated_day, id", (day.isoformat(),)
            )
            return [row["id"] for row in rows]


def seeker_of(connection: sqlite3.Connection, seeker_id: str) -> Seeker:
    """The record of that id, in the transaction of ``connection``.

    raises: UnknownRecordError
    """
    row = connection.execute("SELECT * FROM seeker WHERE id = ?", (seeker_id,)).fetchone()
    if row is None:
        raise UnknownRecordError("seeker")
    occupations = connection.execute(
        "SELECT code_rome, years FROM seeker_occupation WHERE seeker = ? ORDER BY position", (seeker_id,)
    )
    skills = connection.execute(
        "SELECT code_ogr, origin, level FROM seeker_skill WHERE seeker = ? ORDER BY position", (seeker_id,)
    )
    refused = connection.execute("SELECT context FROM seeker_refusal WHERE seeker = ? ORDER BY position", (seeker_id,))
    return _read(row, occupations, skills, refused)


def _by_seeker(connection: sqlite3.Connection, statement: str) -> dict[str, list[sqlite3.Row]]:
    """Rows of a table by their seeker, in the order of the statement; none for another."""
    found: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in connection.execute(statement):
        found[row["seeker"]].append(row)
    return found


def _read(
    row: sqlite3.Row, occupations: Iterable[sqlite3.Row], skills: Iterable[sqlite3.Row], refused: Iterable[sqlite3.Row]
) -> Seeker:
    profile = SeekerProfile.model_validate(
        {
            "past_occupations": [{name: line[name] for name in ("code_rome", "years")} for line in occupations],
            "skills": [{name: line[name] for name in ("code_ogr", "origin", "level")} for line in skills],
            "refused_contexts": [line["context"] for line in refused],
            "area": row["area"],
            "reach_km": row["reach_km"],
        }
    )
    created, updated = (date.fromisoformat(row[name]) for name in ("created_day", "updated_day"))
    return Seeker(row["id"], profile, created, updated, row["revision"])


def _insert_codes(connection: sqlite3.Connection, seeker_id: str, profile: SeekerProfile) -> None:
    connection.executemany(
        "INSERT INTO seeker_occupation (seeker, position, code_rome, years) VALUES (?, ?, ?, ?)",
        [(seeker_id, place, one.code_rome, one.years) for place, one in enumerate(profile.past_occupations)],
    )
    connection.executemany(
        "INSERT INTO seeker_skill (seeker, position, code_ogr, origin, level) VALUES (?, ?, ?, ?, ?)",
        [(seeker_id, place, one.code_ogr, one.origin, one.level) for place, one in enumerate(profile.skills)],
    )
    connection.executemany(
        "INSERT INTO seeker_refusal (seeker, position, context) VALUES (?, ?, ?)",
        [(seeker_id, place, context) for place, context in enumerate(profile.refused_contexts)],
    )
