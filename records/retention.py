"""Retention: audit and decisions go after so many months, and never before the least that the law asks for."""

import calendar
from dataclasses import dataclass
from datetime import datetime

from passerelle.errors import RetentionTooShortError
from passerelle.settings import LEAST_RETENTION_MONTHS
from records.database import Database
from records.erase import mark_scrub_due, scrub_if_due
from records.surroundings import Surroundings, written


@dataclass(frozen=True)
class Purged:
    """How many rows a purge removed; the links from seekers go with the recommendations."""

    recommendations: int
    decisions: int


class Retention:
    """What is past its time.

    raises: RetentionTooShortError for fewer months than the law asks for
    """

    def __init__(self, database: Database, surroundings: Surroundings, months: int) -> None:
        if months < LEAST_RETENTION_MONTHS:
            raise RetentionTooShortError(months, LEAST_RETENTION_MONTHS)
        self._database = database
        self._surroundings = surroundings
        self.months = months

    def purge(self) -> Purged:
        """Removes decisions older than the retention, then what was shown before it and bears no younger decision.

        A list stays as long as a decision on it does: a decision is never removed before its own time.

        raises: RecordsError
        """
        limit = written(months_before(self._surroundings.now(), self.months))
        with self._database.write() as connection:
            decisions = connection.execute("DELETE FROM decision WHERE decided_at < ?", (limit,)).rowcount
            recommendations = connection.execute(
                "DELETE FROM recommendation WHERE shown_at < ?"
                " AND NOT EXISTS (SELECT 1 FROM decision WHERE recommendation = recommendation.id)",
                (limit,),
            ).rowcount
            if decisions or recommendations:
                mark_scrub_due(connection)
        scrub_if_due(self._database)
        return Purged(recommendations, decisions)


def months_before(moment: datetime, months: int) -> datetime:
    """The same day and time so many months earlier; the month's last day where it has no such day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    month += 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
