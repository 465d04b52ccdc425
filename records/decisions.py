"""Decisions: a counselor keeps, changes or dismisses an occupation that was recommended, keeps or dismisses an offer.

Nothing happens by itself: neither is anything sent, nor is a person refused.
"""

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from passerelle.errors import InvalidRecordError
from records.audit import recommendation_of
from records.database import Database
from records.forms import CHOICE_FRENCH, OFFER_CHOICE_FRENCH, REASON_FRENCH, Verdict
from records.shown import Shown
from records.surroundings import Surroundings, read_moment, written


@dataclass(frozen=True)
class Decision:
    """A verdict on one occupation or offer of a list that was shown. Who decided is not recorded."""

    recommendation_id: str
    verdict: Verdict
    decided_at: datetime

    def document(self) -> dict[str, Any]:
        """As JSON would have it, with the French labels of what was chosen."""
        reason = self.verdict.reason
        labels = CHOICE_FRENCH if self.verdict.offer is None else OFFER_CHOICE_FRENCH
        return {
            "recommendationId": self.recommendation_id,
            **self.verdict.document(),
            "choiceLabel": labels[self.verdict.choice],
            "reasonLabel": None if reason is None else REASON_FRENCH[reason],
            "decidedAt": written(self.decided_at),
        }


class Decisions:
    """The counselors' decisions: added to, never overwritten; the last one on an occupation or an offer counts."""

    def __init__(self, database: Database, surroundings: Surroundings) -> None:
        self._database = database
        self._surroundings = surroundings

    def record(self, recommendation_id: str, verdict: Verdict) -> Decision:
        """Records a decision; it is on the disk when this returns.

        raises: UnknownRecordError for a list that was never shown or is past its retention; InvalidRecordError for an
            occupation or an offer that is not in that list; RecordsError
        """
        decision = Decision(recommendation_id, verdict, self._surroundings.now())
        with self._database.write() as connection:
            _check_shown(verdict, recommendation_of(connection, recommendation_id).shown)
            connection.execute(
                "INSERT INTO decision (recommendation, code_rome, offer, choice, changed_to, reason, decided_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    recommendation_id,
                    verdict.code_rome,
                    verdict.offer,
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
        decided = self._of_seeker(seeker_id)
        return {one.verdict.code_rome: one for one in decided if one.verdict.code_rome is not None}

    def standing_on_offers(self, seeker_id: str) -> dict[str, Decision]:
        """The decision that counts on each offer for a seeker.

        returns: id of an offer -> the last decision on it, in any list that was shown for her
        raises: RecordsError
        """
        return {one.verdict.offer: one for one in self._of_seeker(seeker_id) if one.verdict.offer is not None}

    def dismissed_offers(self) -> dict[str, dict[str, date]]:
        """The offers that are dismissed for each seeker, by the last decision on each: what is shown leaves them out.

        returns: seeker's id -> id of an offer -> day (UTC) of that decision; who has none dismissed is not in it
        raises: RecordsError
        """
        with self._database.read() as connection:
            # beside max(), SQLite takes the other columns from the row that has the greatest: its documentation of
            # SELECT says so, of bare columns in an aggregate query
            rows = connection.execute(
                "SELECT seeker, offer, decided_at FROM ("
                " SELECT link.seeker AS seeker, offer, choice, decided_at, max(sequence)"
                " FROM decision JOIN seeker_recommendation AS link ON link.recommendation = decision.recommendation"
                " WHERE offer IS NOT NULL GROUP BY link.seeker, offer"
                ") WHERE choice = 'dismiss'"
            ).fetchall()
        found: dict[str, dict[str, date]] = {}
        for row in rows:
            found.setdefault(row["seeker"], {})[row["offer"]] = read_moment(row["decided_at"]).date()
        return found

    def _of_seeker(self, seeker_id: str) -> list[Decision]:
        with self._database.read() as connection:
            return decisions_of_seeker(connection, seeker_id)


def decisions_of_seeker(connection: sqlite3.Connection, seeker_id: str) -> list[Decision]:
    """Every decision on the lists shown for a seeker, in their order, in the transaction of ``connection``."""
    rows = connection.execute(
        "SELECT decision.* FROM decision"
        " JOIN seeker_recommendation AS link ON link.recommendation = decision.recommendation"
        " WHERE link.seeker = ? ORDER BY sequence",
        (seeker_id,),
    )
    return [_read(row) for row in rows]


def _check_shown(verdict: Verdict, shown: Shown) -> None:
    """raises: InvalidRecordError where what is decided on was not shown"""
    if verdict.offer is not None:
        if all(entry.offer != verdict.offer for entry in shown.offers):
            raise InvalidRecordError("/offer", "cette offre n'est pas de celles qui ont été montrées")
    elif all(entry.code_rome != verdict.code_rome for entry in shown.occupations):
        raise InvalidRecordError("/codeRome", "ce métier n'est pas de ceux qui ont été montrés")


def _read(row: sqlite3.Row) -> Decision:
    names = ("code_rome", "offer", "choice", "changed_to", "reason")
    verdict = Verdict.model_validate({name: row[name] for name in names})
    return Decision(row["recommendation"], verdict, read_moment(row["decided_at"]))
