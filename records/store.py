"""Records: the room's door. Everything that people do is read and written through one of these."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from argon2 import PasswordHasher

from records.audit import Audit
from records.database import Database
from records.decisions import Decisions
from records.erase import Erased, erase_seeker, export_seeker, scrub_if_due
from records.keys import Keys
from records.retention import Purged, Retention
from records.seekers import Seekers
from records.surroundings import Surroundings


class Records:
    """Seekers, decisions, audit and keys of one file; threads may share it, a process opens its own.

    with Records.open(settings.records, retention_months=settings.retention_months) as records:
        seeker = records.seekers.create(profile, contexts=codes)
    """

    def __init__(
        self, database: Database, retention_months: int, surroundings: Surroundings, hasher: PasswordHasher | None
    ) -> None:
        self._database = database
        self._retention = Retention(database, surroundings, retention_months)
        self.seekers = Seekers(database, surroundings)
        self.audit = Audit(database, surroundings)
        self.decisions = Decisions(database, surroundings)
        self.keys = Keys(database, surroundings, hasher)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        retention_months: int = 12,
        surroundings: Surroundings | None = None,
        busy_timeout_s: float = 5.0,
        hasher: PasswordHasher | None = None,
    ) -> Self:
        """Opens the file, makes it where there is none, brings its tables up to date.

        retention_months: 6 at the least; busy_timeout_s: how long one waits for another process's writing
        surroundings, hasher: for tests
        raises: RetentionTooShortError; RecordsUnavailableError, RecordsVersionError, RecordsDamagedError,
            RecordsBusyError, RecordsFullError
        """
        database = Database(path, busy_timeout_s=busy_timeout_s)
        try:
            return cls(database, retention_months, surroundings or Surroundings(), hasher)
        except BaseException:
            database.close()
            raise

    def export(self, seeker_id: str) -> dict[str, Any]:
        """Everything that is recorded about a seeker, as JSON would have it.

        raises: UnknownRecordError, RecordsError
        """
        return export_seeker(self._database, seeker_id)

    def erase(self, seeker_id: str) -> Erased:
        """Erases a seeker so that no trace is left in the files (docs/records.md).

        raises: UnknownRecordError; RecordsBusyError or RecordsFullError where it may be that the rows are gone and
            their bytes not yet: ``finish_erasures``, or the same call again, finishes; RecordsError
        """
        return erase_seeker(self._database, seeker_id)

    def purge(self) -> Purged:
        """Removes what is past the retention; to be called daily.

        raises: RecordsError
        """
        return self._retention.purge()

    def finish_erasures(self) -> bool:
        """Finishes an erasure or a purge that was cut short; True where there was something to do. Call it at a start.

        raises: RecordsError
        """
        return scrub_if_due(self._database)

    def close(self) -> None:
        """Closes the file; a second time does nothing."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
