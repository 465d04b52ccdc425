"""Where offers are kept: one SQLite file, written scope by scope, each in one transaction.

SQLite and not Parquet: an offer is changed by its id, its status beside its history, and a run that is killed must
leave each scope either as it was or as it became; a Parquet file would be written whole for one change.

A *scope* is what one question to the source covers: a department, or a file. Only what confirmed a scope whole may
close an offer of it. What is not open has no content any more: its id, its status and its history are all that stays.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from ingest.offers_database import OffersDatabase, store_error
from ingest.offers_model import LICENCE, LICENCE_URL, NOT_SAID, Offer

Status = Literal["open", "closed", "expired"]
#: France Travail's licence, article 5.2: what it deletes is deleted here within so long
FRESH = timedelta(hours=24)
#: a whole answer without more than this share of at least so many open offers: it is rather the answer that is wrong
MOST_GONE, LEAST_OPEN = 0.5, 20


@dataclass(frozen=True)
class Change:
    """One change of an offer's status: at (UTC), before (None: it was not known), after, and the reason in French."""

    offer: str
    at: datetime
    before: Status | None
    after: Status
    reason: str


@dataclass(frozen=True)
class ScopeOutcome:
    """What one scope's offers did to what was kept.

    withheld: offers that are missing from a whole answer and were not closed, because too many are
    older:    offers of which something more recent was known
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    reopened: int = 0
    closed: int = 0
    withheld: int = 0
    older: int = 0


@dataclass(frozen=True)
class ShownOffer:
    """An offer as it may be shown.

    source:    who publishes it; confirmed: when it was last seen there (UTC)
    """

    offer: Offer
    source: str
    confirmed: datetime

    @property
    def mention(self) -> str:
        """What France Travail's licence asks beside each display, in French."""
        changed = self.offer.last_changed
        day = f"{changed:%d/%m/%Y}" if changed else NOT_SAID
        return (
            f"Source : {self.source}. Dernière mise à jour de l'offre : {day} ; vérifiée le "
            f"{self.confirmed:%d/%m/%Y à %H:%M} (UTC). {LICENCE} : {LICENCE_URL}"
        )


class OffersStore:
    """The offers' file, opened; ``with OffersStore(path) as store``.

    raises: OffersStoreError when the file cannot be opened, is not ours, is damaged, full or held by another
    """

    def __init__(self, path: Path, *, busy_timeout_s: float = 5.0) -> None:
        self.path = path
        self._database = OffersDatabase(path, busy_timeout_s=busy_timeout_s)

    def __enter__(self) -> "OffersStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def apply(
        self,
        source: str,
        scope: str,
        offers: Iterable[Offer],
        *,
        at: datetime,
        whole: bool,
        unreadable: Collection[str] = (),
        confirmed: bool = False,
    ) -> ScopeOutcome:
        """Takes in what a scope's question gave, all of it or nothing.

        at:        when the source was asked (with its zone)
        whole:     it is all that the source has in that scope: open offers of it that are not there are closed
        unreadable: ids that are there and could not be read: closed for that reason
        confirmed: closes them even where they are suspiciously many (``MOST_GONE``)
        raises:    OffersStoreError when ``at`` is before what is known of the scope, or the file fails
        """
        when = _text_of(at)
        counted = dict.fromkeys(ScopeOutcome.__dataclass_fields__, 0)
        with self._database.write() as connection:
            row = connection.execute("SELECT confirmed FROM scope WHERE source = ? AND scope = ?", (source, scope))
            known = row.fetchone()
            if known is not None and known[0] > when:
                raise store_error(
                    self.path, f"« {scope} » : données du {when}, plus anciennes que celles du {known[0]}"
                )
            for offer in offers:
                counted[self._upsert(connection, source, scope, offer, when)] += 1
            if whole:
                gone = connection.execute(
                    "SELECT id FROM offer WHERE source = ? AND scope = ? AND status = 'open' AND last_seen < ?",
                    (source, scope, when),
                ).fetchall()
                still = connection.execute(
                    "SELECT count(*) FROM offer WHERE source = ? AND scope = ? AND status = 'open'", (source, scope)
                ).fetchone()[0]
                before = still - counted["added"] - counted["reopened"]
                if before >= LEAST_OPEN and len(gone) > MOST_GONE * before and not confirmed:
                    counted["withheld"] = len(gone)
                else:
                    for (offer_id,) in gone:
                        why = "illisible" if offer_id in unreadable else "absente"
                        self._end(connection, offer_id, "closed", when, f"{why} à la source ({scope}) le {when}")
                    counted["closed"] = len(gone)
                    connection.execute(
                        "INSERT INTO scope VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET confirmed = excluded.confirmed",
                        (source, scope, when),
                    )
        return ScopeOutcome(**counted)

    def expire(self, now: datetime, *, fresh: timedelta = FRESH) -> int:
        """Ends the open offers that nothing confirmed for longer than ``fresh``; how many."""
        limit, when = _text_of(now - fresh), _text_of(now)
        with self._database.write() as connection:
            old = connection.execute(
                "SELECT id, last_seen FROM offer WHERE status = 'open' AND last_seen < ?", (limit,)
            ).fetchall()
            for offer_id, seen in old:
                hours = fresh.total_seconds() / 3600
                self._end(connection, offer_id, "expired", when, f"non confirmée depuis le {seen}, plus de {hours:g} h")
        return len(old)

    def shown(self, now: datetime, *, fresh: timedelta | None = FRESH) -> Iterator[ShownOffer]:
        """The offers that may be shown, by id: open, seen since their scope was last confirmed, and not long ago.

        fresh: how long ago at the most; None shows a file of any age, for study and tests: never to a person as current
        """
        since = "" if fresh is None else _text_of(now - fresh)
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT offer.id, content, offer.source, last_seen FROM offer LEFT JOIN scope USING (source, scope) "
                "WHERE status = 'open' AND last_seen >= coalesce(confirmed, '') AND last_seen >= ? ORDER BY offer.id",
                (since,),
            ).fetchall()
        for offer_id, content, source, seen in rows:
            try:
                offer = Offer.model_validate_json(content)
            except ValidationError as error:
                raise store_error(self.path, f"offre {offer_id} illisible") from error
            yield ShownOffer(offer, source, datetime.fromisoformat(seen))

    def statuses(self) -> dict[Status, int]:
        """How many offers have each status."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT status, count(*) FROM offer GROUP BY status").fetchall()
        return dict(rows)

    def confirmed(self) -> dict[tuple[str, str], datetime]:
        """When each (source, scope) was last confirmed whole."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT source, scope, confirmed FROM scope").fetchall()
        return {(source, scope): datetime.fromisoformat(at) for source, scope, at in rows}

    def history(self, offer: str) -> list[Change]:
        """Every change of an offer's status, the first one first."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT offer, at, before, after, reason FROM change WHERE offer = ? ORDER BY number", (offer,)
            ).fetchall()
        return [Change(one, datetime.fromisoformat(at), before, after, why) for one, at, before, after, why in rows]

    def _upsert(self, connection: sqlite3.Connection, source: str, scope: str, offer: Offer, when: str) -> str:
        row = connection.execute("SELECT status, content, last_seen FROM offer WHERE id = ?", (offer.id,)).fetchone()
        content = offer.model_dump_json(exclude_none=True)
        if row is None:
            connection.execute(
                "INSERT INTO offer VALUES (?, ?, ?, 'open', ?, ?, ?)", (offer.id, source, scope, content, when, when)
            )
            _log(connection, offer.id, when, None, "open", f"vue pour la première fois ({source}, {scope})")
            return "added"
        status, known, seen = row
        if seen > when:
            return "older"
        connection.execute(
            "UPDATE offer SET source = ?, scope = ?, status = 'open', content = ?, last_seen = ? WHERE id = ?",
            (source, scope, content, when, offer.id),
        )
        if status != "open":
            _log(connection, offer.id, when, status, "open", f"vue de nouveau ({source}, {scope})")
            return "reopened"
        return "unchanged" if known == content else "updated"

    @staticmethod
    def _end(connection: sqlite3.Connection, offer: str, status: Status, when: str, reason: str) -> None:
        connection.execute("UPDATE offer SET status = ?, content = NULL WHERE id = ?", (status, offer))
        _log(connection, offer, when, "open", status, reason)


def _log(
    connection: sqlite3.Connection, offer: str, when: str, before: Status | None, after: Status, reason: str
) -> None:
    connection.execute(
        "INSERT INTO change (offer, at, before, after, reason) VALUES (?, ?, ?, ?, ?)",
        (offer, when, before, after, reason),
    )


def _text_of(moment: datetime) -> str:
    """UTC, to the microsecond, always as long: texts compare as their moments do."""
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
