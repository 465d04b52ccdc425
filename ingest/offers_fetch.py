"""All the offers of a scope, by questions that each stay within what one question can reach; and the whole sync.

A question reaches 3,150 offers: France is asked by department, and a department that has more by the day, then the hour
of creation, halved until each part is within reach.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ingest.offers import OfferReader, read_records
from ingest.offers_api import LAST_START, REACH, OffersApi
from ingest.offers_errors import OffersServiceError
from ingest.offers_model import SOURCE
from ingest.offers_store import OffersStore, ScopeOutcome
from ingest.report import IngestReport
from passerelle.errors import DataFileError

#: no offer in force was created before
OLDEST = datetime(2010, 1, 1, tzinfo=UTC)
#: the offers move while they are read: a question that gave fewer than it has is asked again
PASSES = 3
#: scopes that may fail one after the other before the rest is left for another day
_MOST_FAILED = 3
_SECOND = timedelta(seconds=1)


@dataclass
class Collected:
    """Records of a scope, each id once.

    missing: how many the service said it has and did not give, after ``PASSES`` readings; 0 where all came
    parts:   questions that it took
    """

    records: dict[str, Any] = field(default_factory=dict)
    missing: int = 0
    parts: int = 0

    @property
    def whole(self) -> bool:
        """Everything that the service says it has."""
        return self.missing == 0


def collect(api: OffersApi, department: str | None, *, now: datetime, oldest: datetime = OLDEST) -> Collected:
    """The offers of a department, or of France.

    raises: OffersAccessError, OffersServiceError
    """
    found = Collected()
    question = {} if department is None else {"departement": department}
    if not _gather(api, question, found):
        _by_date(api, question, oldest, now.replace(microsecond=0), found)
    return found


def _by_date(api: OffersApi, question: dict[str, str], first: datetime, last: datetime, found: Collected) -> None:
    """Both ends are in; each part is asked, and halved where it is out of reach."""
    waiting = [(first, last)]
    while waiting:
        first, last = waiting.pop()
        dated = {**question, "minCreationDate": _moment(first), "maxCreationDate": _moment(last)}
        if _gather(api, dated, found, divisible=last > first):
            continue
        middle = first + (last - first) // (2 * _SECOND) * _SECOND
        waiting += [(middle + _SECOND, last), (first, middle)]


def _gather(api: OffersApi, question: dict[str, str], found: Collected, *, divisible: bool = True) -> bool:
    """Adds all records of a question; False, with nothing lost, where it must be divided."""
    own: dict[str, Any] = {}
    total = 0
    for _ in range(PASSES):
        total = 0
        for page_total, key, record in _pages(api, question):
            total = page_total
            if total > REACH and divisible:
                return False
            if key:
                own[key] = record
        if len(own) >= total or total > REACH:
            break
    found.parts += 1
    found.records |= own
    found.missing += max(0, total - len(own))
    return True


def _pages(api: OffersApi, question: dict[str, str]) -> Iterator[tuple[int, str, Any]]:
    """(total at this moment, id, record) of each record; a page without any gives its total alone, with no id."""
    start, total = 0, 1
    while start < total and start <= LAST_START:
        page = api.page(question, start)
        total = page.total
        if not page.records:
            yield total, "", None
            return
        for place, record in enumerate(page.records, start=start):
            identified = isinstance(record, dict) and record.get("id")
            yield total, str(record["id"]) if identified else f"#{place}", record
        # a page may be shorter than what was asked for
        start += len(page.records)


@dataclass(frozen=True)
class ScopeReport:
    """What became of one scope; ``problem`` in French where it did not come, or not whole."""

    scope: str
    outcome: ScopeOutcome | None
    reading: IngestReport | None
    problem: str | None = None

    @property
    def message(self) -> str:
        """One line in French."""
        if self.outcome is None:
            return f"{self.scope} : {self.problem}"
        done = self.outcome
        text = (
            f"{self.scope} : {done.added} nouvelles, {done.updated} modifiées, {done.unchanged} inchangées, "
            f"{done.reopened} rouvertes, {done.closed} closes"
        )
        if done.withheld:
            text += f", {done.withheld} absentes et non closes (trop à la fois : à confirmer)"
        return text + (f". {self.problem}" if self.problem else "")


def sync(
    api: OffersApi,
    reader: OfferReader,
    store: OffersStore,
    departments: Sequence[str | None],
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    confirmed: bool = False,
) -> Iterator[ScopeReport]:
    """Asks for each department (None: France as one), keeps what came, and tells of each as soon as it is kept.

    What a failed department has stays as it was; after three that fail in a row the others are not asked. At the end,
    what nothing confirmed for a day expires.

    confirmed: closes what is gone even where it is most of a department
    raises:    OffersAccessError, which no other department would escape; OffersStoreError
    """
    failed = 0
    for department in departments:
        scope = "France" if department is None else f"département {department}"
        if failed >= _MOST_FAILED:
            yield ScopeReport(scope, None, None, "non demandé : le service échoue")
            continue
        asked = now()
        try:
            found = collect(api, department, now=asked)
        except OffersServiceError as error:
            failed += 1
            yield ScopeReport(scope, None, None, str(error))
            continue
        failed = 0
        reading = reader.read(found.records.values(), scope)
        outcome = store.apply(
            SOURCE,
            scope,
            reading.offers,
            at=asked,
            whole=found.whole,
            unreadable=reading.unreadable,
            confirmed=confirmed,
        )
        problem = None if found.whole else f"{found.missing} offres annoncées ne sont pas venues : rien n'est clos ici"
        yield ScopeReport(scope, outcome, reading.report, problem)
    # not before: a sync a minute more than a day after the last would end every offer and open it again
    store.expire(now())


def load(path: Path, reader: OfferReader, store: OffersStore, *, as_of: datetime | None = None) -> ScopeReport:
    """Takes in a file of offers, whole.

    as_of:  when it was taken from the source; else the last date in it, which it is at least as recent as
    raises: DataFileError when it is unreadable, or has no date and none is given; OffersStoreError
    """
    reading = reader.read(read_records(path), path.name)
    at = as_of or reading.newest
    if at is None:
        raise DataFileError(path, "aucune offre datée", "Dites de quand est ce fichier (--as-of 2026-01-31).")
    outcome = store.apply(
        SOURCE, f"fichier {path.name}", reading.offers, at=at, whole=True, unreadable=reading.unreadable
    )
    return ScopeReport(f"fichier {path.name}", outcome, reading.report)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
