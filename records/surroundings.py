"""What the room takes from outside, so that a test may give it: the clock and chance."""

import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Surroundings:
    """Clock and chance.

    clock:        the time, with its zone
    monotonic:    seconds that never go back, for what is kept in memory for a while
    random_bytes: as many as asked, fit for secrets
    """

    clock: Callable[[], datetime] = _now
    monotonic: Callable[[], float] = time.monotonic
    random_bytes: Callable[[int], bytes] = secrets.token_bytes

    def now(self) -> datetime:
        """The time in UTC, cut to the second.

        raises: ValueError for a clock that gives no zone
        """
        moment = self.clock()
        if moment.tzinfo is None:
            raise ValueError("the clock must give its zone")
        return moment.astimezone(UTC).replace(microsecond=0)

    def today(self) -> date:
        """The day in UTC."""
        return self.now().date()

    def new_id(self) -> str:
        """A random UUID (version 4)."""
        return str(uuid.UUID(bytes=self.random_bytes(16), version=4))


def written(moment: datetime) -> str:
    """A moment as it is stored: ``2026-11-25T14:52:57Z``, always 20 characters, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(text: str) -> datetime:
    """The moment that ``written`` gave."""
    return datetime.fromisoformat(text)
