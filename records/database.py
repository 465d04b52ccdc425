"""One SQLite file, written so that what was acknowledged stays: WAL, ``synchronous=FULL``, one transaction a change.

A connection that writes and one that only reads, each behind its own lock, so that threads may share a ``Database`` and
readers never wait for a disk. Processes may share the file; a forked child must open its own.
"""

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from passerelle.errors import (
    RecordsBusyError,
    RecordsDamagedError,
    RecordsFullError,
    RecordsUnavailableError,
    RecordsVersionError,
)
from records.schema import APPLICATION_ID, MIGRATIONS

#: STRICT tables
_OLDEST_SQLITE = (3, 37, 0)
_RETRY_S = 0.02
_TRACES = "ce qui devait disparaître ne se lit plus, mais des traces peuvent rester dans le fichier"
# closing any descriptor of a file drops every lock that the process has on it (POSIX), SQLite's among them: a new file
# is made and closed while no other thread of ours can have opened it
_CREATING = threading.Lock()


class Database:
    """The open file. ``read`` and ``write`` are the only ways to it.

    raises: RecordsUnavailableError, RecordsVersionError, RecordsDamagedError, RecordsBusyError, RecordsFullError
    """

    def __init__(self, path: Path, *, busy_timeout_s: float = 5.0) -> None:
        """Opens ``path``, makes it where there is none (0600, its directory 0700), brings its tables up to date.

        busy_timeout_s: seconds that one waits for another process's writing
        """
        self.path = path
        self.busy_timeout_s = busy_timeout_s
        self._writing = threading.RLock()
        self._reading = threading.RLock()
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise RecordsUnavailableError(
                path,
                f"SQLite {sqlite3.sqlite_version} est trop ancien",
                "Installez un Python avec SQLite 3.37 ou plus.",
            )
        _create(path)
        with self._translated():
            self._writer = self._connect()
            try:
                self._prepare()
                self._reader = self._connect()
                self._reader.execute("PRAGMA query_only = ON")
            except BaseException:
                self._writer.close()
                raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the file throughout, and cannot write."""
        with self._reading, self._translated(), _transaction(self._reader, "BEGIN"):
            yield self._reader

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: on the disk when the block ends, nothing of it when the block raises."""
        with self._writing, self._translated(), _transaction(self._writer, "BEGIN IMMEDIATE"):
            yield self._writer

    def scrub(self) -> None:
        """Writes the file anew without what was deleted, and empties the log beside it.

        raises: RecordsBusyError when another process reads an older state for longer than one waits;
            RecordsFullError: it needs as much room again as the file
        """
        with self._writing, self._translated(_TRACES):
            self._writer.execute("VACUUM")
            # the log can only be emptied while nobody reads from it
            with self._reading:
                emptied = self._until(self._empty_log)
        if not emptied:
            raise RecordsBusyError(self.path, _TRACES)

    def close(self) -> None:
        """Closes both connections; a second time does nothing."""
        with self._writing, self._reading, self._translated():
            self._reader.close()
            self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        # transactions are ours to begin: isolation_level None; the locks of this class stand in for the thread check
        connection = sqlite3.connect(
            self.path, timeout=self.busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        try:
            for pragma in ("foreign_keys = ON", "secure_delete = ON", "trusted_schema = OFF", "cell_size_check = ON"):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self) -> None:
        # nothing is written before the file is known to be ours; all at one moment, as another process may be making it
        with _transaction(self._writer, "BEGIN"):
            self._recognise()
        self._to_wal()
        self._writer.execute("PRAGMA synchronous = FULL")
        with _transaction(self._writer, "BEGIN IMMEDIATE"):
            done = self._recognise()
            for statements in MIGRATIONS[done:]:
                for statement in statements:
                    self._writer.execute(statement)
            if done < len(MIGRATIONS):
                self._writer.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self._writer.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _recognise(self) -> int:
        """How many migrations the file has seen, 0 for a new one."""
        application, version = (
            int(self._writer.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("application_id", "user_version")
        )
        empty = self._writer.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
        if application != APPLICATION_ID and not (empty and application == version == 0):
            raise RecordsUnavailableError(
                self.path,
                "c'est la base d'un autre programme",
                "Donnez un autre fichier par PASSERELLE_RECORDS.",
            )
        if version > len(MIGRATIONS):
            raise RecordsVersionError(self.path, version, len(MIGRATIONS))
        return version

    def _empty_log(self) -> bool:
        return not self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()["busy"]

    def _until(self, done: Callable[[], bool]) -> bool:
        """Asks again until it is done or the wait is over: two processes that make the file, or that empty the log, at
        once are refused by SQLite without its own waiting (sqlite3_wal_checkpoint_v2, "busy-handler").
        """
        deadline = time.monotonic() + self.busy_timeout_s
        while True:
            try:
                if done():
                    return True
            except sqlite3.OperationalError as error:
                if _primary(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            if time.monotonic() > deadline:
                return False
            time.sleep(_RETRY_S)

    def _in_wal(self) -> bool:
        return bool(self._writer.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal")

    def _to_wal(self) -> None:
        if not self._until(self._in_wal):
            raise RecordsUnavailableError(
                self.path,
                "ce disque ne permet pas le journal de SQLite (un disque du réseau ?)",
                "Donnez un fichier d'un disque de cette machine par PASSERELLE_RECORDS.",
            )

    @contextmanager
    def _translated(self, outcome: str = "rien n'a été enregistré") -> Iterator[None]:
        """SQLite's errors as ours, where a person can do something about them; ``outcome`` is what became of it all."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            match _primary(error):
                case sqlite3.SQLITE_FULL:
                    raise RecordsFullError(self.path, outcome) from error
                case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                    raise RecordsBusyError(self.path, outcome) from error
                case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
                    raise RecordsDamagedError(self.path) from error
                case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_IOERR:
                    raise _unavailable(self.path, str(error)) from error
            raise


def _primary(error: sqlite3.Error) -> int | None:
    """SQLite's result code without what it adds to say more; None for an error of the Python module itself."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # on a full disk SQLite has rolled back by itself
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _create(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _CREATING:
            try:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            except FileExistsError:
                if not path.is_file():
                    raise _unavailable(path, "ce n'est pas un fichier") from None
                # others' rights go, the owner's stay as they are; SQLite gives the files beside it the same mode
                mode = stat.S_IMODE(path.stat().st_mode)
                if mode & 0o077:
                    path.chmod(mode & 0o700)
    except OSError as error:
        raise _unavailable(path, error.strerror or str(error)) from error


def _unavailable(path: Path, problem: str) -> RecordsUnavailableError:
    return RecordsUnavailableError(
        path, f"accès impossible ({problem})", "Vérifiez le disque et les droits, ou PASSERELLE_RECORDS."
    )
