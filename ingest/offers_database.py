"""The SQLite file of the offers: opened, recognised, made where there is none; its errors told as ours."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.offers_errors import OffersStoreError

_ADVICE = "Rien n'a été enregistré à moitié. Relancez, ou mettez ce fichier de côté : les offres seront reprises."

_APPLICATION_ID = 0x50534F46  # "PSOF"
_FORMAT = 1
_TABLES = """
CREATE TABLE scope (
  source TEXT NOT NULL, scope TEXT NOT NULL, confirmed TEXT NOT NULL, PRIMARY KEY (source, scope)
) STRICT, WITHOUT ROWID;
CREATE TABLE offer (
  id TEXT PRIMARY KEY, source TEXT NOT NULL, scope TEXT NOT NULL, status TEXT NOT NULL
    CHECK (status IN ('open', 'closed', 'expired')),
  content TEXT CHECK ((content IS NULL) = (status <> 'open')), first_seen TEXT NOT NULL, last_seen TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX offer_by_scope ON offer (source, scope, status);
CREATE TABLE change (
  number INTEGER PRIMARY KEY, offer TEXT NOT NULL, at TEXT NOT NULL, before TEXT, after TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX change_by_offer ON change (offer);
"""


class OffersDatabase:
    """One connection to the file.

    raises: OffersStoreError when the file cannot be opened, is not ours, is damaged, full or held by another
    """

    def __init__(self, path: Path, *, busy_timeout_s: float = 5.0) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise store_error(path, f"dossier impossible à créer ({error.strerror})") from error
        with self._translated():
            self._connection = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Closes the file; a second time does nothing."""
        self._connection.close()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """The connection, to read."""
        with self._translated():
            yield self._connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: on the disk when the block ends, nothing of it when the block raises."""
        with self._translated(), self._transaction():
            yield self._connection

    def _prepare(self) -> None:
        # what was deleted is deleted on the disk, too
        self._connection.execute("PRAGMA secure_delete = ON")
        self._connection.execute("PRAGMA synchronous = FULL")
        with self._transaction():
            application = self._connection.execute("PRAGMA application_id").fetchone()[0]
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]
            empty = self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
            if empty and application == version == 0:
                for statement in _TABLES.split(";\n")[:-1]:
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                self._connection.execute(f"PRAGMA user_version = {_FORMAT}")
            elif application != _APPLICATION_ID:
                raise store_error(self.path, "c'est la base d'un autre programme")
            elif version != _FORMAT:
                raise store_error(self.path, f"format {version} au lieu de {_FORMAT}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            # on a full disk SQLite has rolled back by itself
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise store_error(self.path, f"base des offres inutilisable ({error})") from error


def store_error(path: Path, problem: str) -> OffersStoreError:
    """The error of a file of offers."""
    return OffersStoreError(f"{path} : {problem}", _ADVICE)
