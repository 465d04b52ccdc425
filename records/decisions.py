"""Decisions: a counselor keeps, changes or dismisses an occupation that was recommended. Nothing happens by itself."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passerelle.errors import InvalidRecordError
from records.audit import recommendation_of
from records.database import Database
from records.forms import CHOICE_FRENCH, REASON_FRENCH, Verdict
from records.surroundings import Surroundings, read_moment, written


@dataclass(frozen=True)
class Decision:
    """A verdict on one occupation of a list that was shown. Who decided is not recorded."""

    recommendation_id: str
    verdict: Verdict
    decided_at: datetime

    def document(self) -> dict[str, Any]:
        """As JSON would have it, with the French labels of what was chosen."""
        reason = self.verdict.reason
        return {
            "recommendationId": self.recommendation_id,
            **self.verdict.document(),
            "choiceLabel": CHOICE_FRENCH[self.verdict.choice],
            "reasonLabel": None if reason is None else REASON_FRENCH[reason],
            "decidedAt": written(self.decided_at),
        }


class Decisions:
    """The counselors' decisions: added to, never overwritten; the last one on an occupation counts."""

    def __init__(self, database: Database, surroundings: Surroundings) -> None:
        self._database = database
        self._surroundings = surroundings

    def record(self, recommendation_id: str, verdict: Verdict) -> Decision:
        """Records a decision; it is on the disk when this returns.

        raises: UnknownRecordError for a list that was never shown or is past its retention; InvalidRecordError for an
            occupation that is not in that list; RecordsError
        """
        decision = Decision(recommendation_id, verdict, self._surroundings.now())
        with self._database.write() as connection:
            shown = recommendation_of(connection, recommendation_id).shown
            if all(entry.code_rome != verdict.code_rome for entry in shown.occupations):
                raise InvalidRecordError("/codeRome", "ce métier n'est pas de ceux qui ont été montrés")
            connection.execute(
                "INSERT INTO decision (recommendation, code_rome, choice, changed_to, reason, decided_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    recommendation_id,
                    verdict.code_rome,
                    verdict.choice,
                    verdict.changed_to,
                    verdict.reason,
                    written(decision.decided_at),
                ),
            )
        return decision

    def of_recommendation(self, recommendation_id: str) -> list[Decision]:
        """Every decision on a list, in the order in which they were made.

        raises: RecordsError
        """
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM decision WHERE recommendation = ? ORDER BY sequence", (recommendation_id,)
            )
            return [_read(row) for row in rows]

    def standing_for(self, seeker_id: str) -> dict[str, Decision]:
        """The decision that counts on each occupation for a seeker: what her next list takes into account.

        returns: codeRome -> the last decision on it, in any list that was shown for her
        raises: RecordsError
        """
        with self._database.read() as connection:
            decisions = decisions_of_seeker(connection, seeker_id)
        return {decision.verdict.code_rome: decision for decision in decisions}


def decisions_of_seeker(connection: sqlite3.Connection, seeker_id: str) -> list[Decision]:
    """Every decision on the lists shown for a seeker, in their order, in the transaction of ``connection``."""
    rows = connection.execute(
        "SELECT decision.* FROM decision"
        " JOIN seeker_recommendation AS link ON link.recommendation = decision.recommendation"
        " WHERE link.seeker = ? ORDER BY sequence",
        (seeker_id,),
    )
    return [_read(row) for row in rows]


def _read(row: sqlite3.Row) -> Decision:
    verdict = Verdict.model_validate({name: row[name] for name in ("code_rome", "choice", "changed_to", "reason")})
    return Decision(row["recommendation"], verdict, read_moment(row["decided_at"]))
