"""Keys of the machines that ask: shown once, kept as Argon2id hashes, found by a prefix, revocable.

A token is ``psl_<prefix>_<secret>``: 8 hexadecimal digits that name the key, then 256 bits of chance. Nobody can make a
token from what the file holds.
"""

import hashlib
import re
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Literal, cast, get_args

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from passerelle.errors import InvalidRecordError, UnknownRecordError
from records.database import Database
from records.surroundings import Surroundings, read_moment, written

Scope = Literal["read", "recommend", "seekers", "analyst", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_TOKEN = re.compile(r"psl_(?P<prefix>[0-9a-f]{8})_(?P<secret>[0-9a-f]{64})", re.ASCII)
_CACHED_S = 300.0
_CACHED_KEYS = 1024


def _hasher() -> PasswordHasher:
    # the least that OWASP's Password Storage Cheat Sheet recommends: 19 MiB, two passes, one lane. A secret of 256 bits
    # cannot be guessed in any case, and each unknown token costs this too
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@dataclass(frozen=True)
class Key:
    """A key without its secret.

    last_used: the day in UTC, None before the first use
    revoked:   None while it is good
    """

    prefix: str
    scopes: frozenset[Scope]
    created: datetime
    last_used: date | None
    revoked: datetime | None


@dataclass(frozen=True)
class NewKey:
    """A key just made, with its token: the only time that it is known."""

    key: Key
    token: str = field(repr=False)


class Keys:
    """The keys.

    What was proved is remembered for five minutes by the token's SHA-256, so that Argon2 is paid once; the key's row is
    read each time all the same, so that a revocation counts at once, in every process.
    """

    def __init__(self, database: Database, surroundings: Surroundings, hasher: PasswordHasher | None = None) -> None:
        self._database = database
        self._surroundings = surroundings
        self._hasher = hasher or _hasher()
        # SHA-256 of a token -> (the hash it was proved against, until when)
        self._proved: OrderedDict[bytes, tuple[str, float]] = OrderedDict()
        self._lock = threading.Lock()

    def create(self, scopes: Collection[str]) -> NewKey:
        """Makes a key for these scopes.

        raises: InvalidRecordError for a scope that there is not, or for none; RecordsError
        """
        known = frozenset(scope for scope in SCOPES if scope in scopes)
        if not known or len(known) < len(set(scopes)):
            raise InvalidRecordError("/scopes", f"au moins une portée, parmi : {', '.join(SCOPES)}")
        secret = self._surroundings.random_bytes(32).hex()
        argon2 = self._hasher.hash(secret)
        created = self._surroundings.now()
        with self._database.write() as connection:
            prefix = self._free_prefix(connection)
            connection.execute(
                "INSERT INTO api_key (prefix, argon2, scopes, created_at) VALUES (?, ?, ?, ?)",
                (prefix, argon2, " ".join(sorted(known)), written(created)),
            )
        return NewKey(Key(prefix, known, created, None, None), f"psl_{prefix}_{secret}")

    def check(self, token: str) -> Key | None:
        """The key of a token; None for a token that is malformed, unknown, wrong or revoked.

        These last three cost the same work, so that time does not tell which prefixes there are.

        raises: RecordsError
        """
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM api_key WHERE prefix = ?", (match["prefix"],)).fetchone()
        nobody = self._nobody
        good = row is not None and row["revoked_at"] is None
        proved = self._prove(token, match["secret"], nobody if row is None else row["argon2"], remember=good)
        if not (good and proved):
            return None
        key = _read(row)
        today = self._surroundings.today()
        if key.last_used != today:
            with self._database.write() as connection:
                connection.execute(
                    "UPDATE api_key SET last_used_day = ? WHERE prefix = ?", (today.isoformat(), key.prefix)
                )
        return key

    def revoke(self, prefix: str) -> Key:
        """Ends a key for good; one that was revoked before keeps the time of the first.

        raises: UnknownRecordError, RecordsError
        """
        with self._database.write() as connection:
            connection.execute(
                "UPDATE api_key SET revoked_at = coalesce(revoked_at, ?) WHERE prefix = ?",
                (written(self._surroundings.now()), prefix),
            )
            row = connection.execute("SELECT * FROM api_key WHERE prefix = ?", (prefix,)).fetchone()
        if row is None:
            raise UnknownRecordError("key")
        with self._lock:
            for digest in [digest for digest, (argon2, _) in self._proved.items() if argon2 == row["argon2"]]:
                del self._proved[digest]
        return _read(row)

    def all(self) -> list[Key]:
        """Every key, the revoked ones too, oldest first."""
        with self._database.read() as connection:
            return [_read(row) for row in connection.execute("SELECT * FROM api_key ORDER BY created_at, prefix")]

    @cached_property
    def _nobody(self) -> str:
        """A hash that no token has: what an unknown prefix is weighed against."""
        return self._hasher.hash(self._surroundings.random_bytes(32).hex())

    def _prove(self, token: str, secret: str, argon2: str, *, remember: bool) -> bool:
        digest = hashlib.sha256(token.encode()).digest()
        now = self._surroundings.monotonic()
        with self._lock:
            if self._proved.get(digest, ("", 0.0))[0] == argon2 and self._proved[digest][1] > now:
                return True
        try:
            self._hasher.verify(argon2, secret)
        except VerifyMismatchError:
            return False
        if not remember:
            return True
        with self._lock:
            self._proved[digest] = (argon2, now + _CACHED_S)
            self._proved.move_to_end(digest)
            # the oldest first: those past their time, and those too many
            while len(self._proved) > _CACHED_KEYS or next(iter(self._proved.values()))[1] <= now:
                self._proved.popitem(last=False)
        return True

    def _free_prefix(self, connection: sqlite3.Connection) -> str:
        while True:
            prefix = self._surroundings.random_bytes(4).hex()
            if connection.execute("SELECT 1 FROM api_key WHERE prefix = ?", (prefix,)).fetchone() is None:
                return prefix


def _read(row: sqlite3.Row) -> Key:
    return Key(
        row["prefix"],
        frozenset(cast("list[Scope]", row["scopes"].split())),
        read_moment(row["created_at"]),
        None if row["last_used_day"] is None else date.fromisoformat(row["last_used_day"]),
        None if row["revoked_at"] is None else read_moment(row["revoked_at"]),
    )
