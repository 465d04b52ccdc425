"""Audit: each answer that was shown to somebody, by its own id, without a name and without a seeker's id.

What was asked for a seeker are her codes, and rare codes together tell one person from all others: the question of
what was shown for a seeker is therefore erased with her, and what was shown stays (docs/records.md).
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passerelle.errors import UnknownRecordError
from records.database import Database
from records.forms import Question
from records.shown import Shown
from records.surroundings import Surroundings, read_moment, written


@dataclass(frozen=True)
class Recommendation:
    """An answer that was shown: a list of recommendations, or another kind (``Shown.kind``).

    question: None once the seeker that it was asked for is erased
    """

    id: str
    shown_at: datetime
    question: Question | None
    shown: Shown

    def document(self) -> dict[str, Any]:
        """As JSON would have it."""
        question = None if self.question is None else self.question.document()
        return {"id": self.id, "shownAt": written(self.shown_at), "question": question, **self.shown.document()}


class Audit:
    """The audit trail."""

    def __init__(self, database: Database, surroundings: Surroundings) -> None:
        self._database = database
        self._surroundings = surroundings

    def record(self, question: Question, shown: Shown, *, seeker_id: str | None = None) -> Recommendation:
        """Records what is about to be shown; it is on the disk when this returns.

        seeker_id: for whom it was asked, kept in a table of its own; None for a profile that is nobody's record
        raises: UnknownRecordError for a seeker that is not, or no longer, there: then nothing is recorded; RecordsError
        """
        entry = Recommendation(self._surroundings.new_id(), self._surroundings.now(), question, shown)
        with self._database.write() as connection:
            if seeker_id is not None and not _exists(connection, seeker_id):
                raise UnknownRecordError("seeker")
            _insert(connection, entry, seeker_id)
        return entry

    def record_each(self, asked: Sequence[tuple[Question, Shown, str]]) -> list[Recommendation | None]:
        """Records what is about to be shown of several seekers, in one transaction: all of it, or nothing.

        asked: question, answer and seeker's id of each
        returns: in the same order; None for a seeker who is not, or no longer, there: hers is not recorded
        raises: RecordsError: then nothing is recorded
        """
        now = self._surroundings.now()
        recorded: list[Recommendation | None] = []
        with self._database.write() as connection:
            for question, shown, seeker_id in asked:
                if not _exists(connection, seeker_id):
                    recorded.append(None)
                    continue
                entry = Recommendation(self._surroundings.new_id(), now, question, shown)
                _insert(connection, entry, seeker_id)
                recorded.append(entry)
        return recorded

    def get(self, recommendation_id: str) -> Recommendation:
        """What was shown under that id.

        raises: UnknownRecordError, RecordsError
        """
        with self._database.read() as connection:
            return recommendation_of(connection, recommendation_id)

    def of_seeker(self, seeker_id: str) -> list[Recommendation]:
        """What was shown for a seeker, oldest first; none for an unknown one.

        raises: RecordsError
        """
        with self._database.read() as connection:
            return recommendations_of_seeker(connection, seeker_id)


def recommendation_of(connection: sqlite3.Connection, recommendation_id: str) -> Recommendation:
    """What was shown under that id, in the transaction of ``connection``.

    raises: UnknownRecordError
    """
    row = connection.execute("SELECT * FROM recommendation WHERE id = ?", (recommendation_id,)).fetchone()
    if row is None:
        raise UnknownRecordError("recommendation")
    return _read(row)


def recommendations_of_seeker(connection: sqlite3.Connection, seeker_id: str) -> list[Recommendation]:
    """What was shown for a seeker, oldest first, in the transaction of ``connection``."""
    rows = connection.execute(
        "SELECT recommendation.* FROM recommendation"
        " JOIN seeker_recommendation AS link ON link.recommendation = recommendation.id"
        " WHERE link.seeker = ? ORDER BY shown_at, id",
        (seeker_id,),
    )
    return [_read(row) for row in rows]


def _insert(connection: sqlite3.Connection, entry: Recommendation, seeker_id: str | None) -> None:
    shown = entry.shown
    connection.execute(
        "INSERT INTO recommendation (id, shown_at, kind, data_version, model_version, lens, question, shown)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.id,
            written(entry.shown_at),
            shown.kind,
            shown.data_version,
            shown.model_version,
            shown.lens,
            None if entry.question is None else _json(entry.question.document()),
            _json(shown.held()),
        ),
    )
    if seeker_id is not None:
        connection.execute(
            "INSERT INTO seeker_recommendation (recommendation, seeker) VALUES (?, ?)", (entry.id, seeker_id)
        )


def _read(row: sqlite3.Row) -> Recommendation:
    made = {name: row[name] for name in ("kind", "data_version", "model_version", "lens")}
    return Recommendation(
        row["id"],
        read_moment(row["shown_at"]),
        None if row["question"] is None else Question.model_validate_json(row["question"]),
        Shown.model_validate({**made, **json.loads(row["shown"])}),
    )


def _exists(connection: sqlite3.Connection, seeker_id: str) -> bool:
    return connection.execute("SELECT 1 FROM seeker WHERE id = ?", (seeker_id,)).fetchone() is not None


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
