"""The kept offers that may be shown, made ready to be matched; read again only when the file or the build changes."""

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingest.offers_store import FRESH, OffersStore, ShownOffer
from ingest.territory_distance import distance_km
from passerelle.errors import MatchingOffError, UnknownOfferError
from passerelle.offers import matching_offers
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from recommend.matching import Matcher

#: of a file: device, inode, size, and when it was last written (ns)
_Mark = tuple[int, int, int, int]


@dataclass(frozen=True)
class ReadyOffers:
    """Offers as they may be shown, and the arrays of what they ask, in the same order.

    until: when the first of them may no longer be shown; None where there are none
    """

    shown: tuple[ShownOffer, ...]
    matcher: Matcher
    until: datetime | None

    @classmethod
    def of(cls, snapshot: Snapshot, shown: Sequence[ShownOffer]) -> "ReadyOffers":
        """Makes them ready."""
        asked = matching_offers(snapshot.graph, [one.offer for one in shown])
        matcher = Matcher(snapshot.graph, snapshot.space.idf, asked, distance_km)
        return cls(tuple(shown), matcher, min((one.confirmed + FRESH for one in shown), default=None))

    def row(self, offer: str) -> int:
        """The place of the offer of an id.

        raises: UnknownOfferError
        """
        found = next((row for row, one in enumerate(self.shown) if one.offer.id == offer), None)
        if found is None:
            raise UnknownOfferError
        return found


class KeptOffers:
    """The offers of one file, for threads that share them.

    Reading 20,000 offers takes a second: they are read when the file was written since, when another build is asked
    with, and when one of them is no longer confirmed for long enough to be shown.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._ready: ReadyOffers | None = None
        self._mark: _Mark | None = None
        self._of: weakref.ref[Snapshot] | None = None

    def ready(self, snapshot: Snapshot, now: datetime) -> ReadyOffers:
        """What may be shown now.

        raises: OffersStoreError
        """
        with self._lock:
            # before it is read: what is written meanwhile is seen the next time
            mark = _mark(self._path)
            ready = self._ready
            known = self._of is not None and self._of() is snapshot and mark == self._mark
            if ready is None or not known or (ready.until is not None and ready.until < now):
                ready = ReadyOffers.of(snapshot, self._read(now) if mark else [])
                # a build that is no longer in use goes, and with it what was made of it
                self._ready, self._mark, self._of = ready, mark, weakref.ref(snapshot, self._forget)
            return ready

    def _forget(self, gone: "weakref.ref[Snapshot]") -> None:
        if gone is self._of:
            self._ready = None

    def _read(self, now: datetime) -> list[ShownOffer]:
        with OffersStore(self._path) as store:
            return list(store.shown(now))


def check_matching(settings: Settings) -> None:
    """Lets nobody through until somebody who answers for it has turned matching on.

    raises: MatchingOffError
    """
    if not settings.matching:
        raise MatchingOffError


def _mark(path: Path) -> _Mark | None:
    """None where there is no file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
