"""The kept offers that may be shown, made ready to be matched; read again only when the file or the build changes."""

import json
import threading
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from ingest.offers_model import Offer
from ingest.offers_store import FRESH, OffersStore, ShownOffer
from ingest.territory_distance import distance_km
from passerelle.errors import MatchingOffError, UnknownOfferError
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from recommend import matching
from recommend.matching import Matcher
from recommend.skillgraph import SkillGraph

#: of a file: device, inode, size, and when it was last written (ns)
_Mark = tuple[int, int, int, int]


@dataclass(frozen=True)
class ReadyOffers:
    """Offers as they may be shown, and the arrays of what they ask, in the same order.

    until: when the first of them may no longer be shown; None where there are none
    mark:  of which offers they are, in which order
    """

    shown: tuple[ShownOffer, ...]
    matcher: Matcher
    until: datetime | None
    mark: str

    @classmethod
    def of(cls, snapshot: Snapshot, shown: Sequence[ShownOffer]) -> "ReadyOffers":
        """Makes them ready."""
        asked = matching_offers(snapshot.graph, [one.offer for one in shown])
        matcher = Matcher(snapshot.graph, snapshot.space.idf, asked, distance_km)
        until = min((one.confirmed + FRESH for one in shown), default=None)
        which = json.dumps([[one.offer.id, one.offer.occupation] for one in shown])
        return cls(tuple(shown), matcher, until, blake2b(which.encode(), digest_size=8).hexdigest())

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

    @property
    def held(self) -> ReadyOffers | None:
        """What is held in memory; None once the build that it was made with is gone."""
        return self._ready

    def _forget(self, gone: "weakref.ref[Snapshot]") -> None:
        if gone is self._of:
            self._ready = None

    def _read(self, now: datetime) -> list[ShownOffer]:
        with OffersStore(self._path) as store:
            return list(store.shown(now))


def matching_offers(graph: SkillGraph, offers: Sequence[Offer]) -> matching.Offers:
    """Offers as the arrays that matching reads; a skill of which nobody says that it is required is a nice-to-have."""
    must = [[one.code for one in offer.skills if one.code and one.required] for offer in offers]
    wished = [[one.code for one in offer.skills if one.code and not one.required] for offer in offers]
    place = np.array([(offer.place.latitude, offer.place.longitude) for offer in offers], dtype=np.float64)
    latitude, longitude = place.reshape(-1, 2).T
    return matching.Offers(
        tuple(offer.id for offer in offers),
        np.array([graph.index_of.get(offer.occupation or "", -1) for offer in offers], dtype=np.int64),
        flags(must, graph.skill_index_of),
        flags(wished, graph.skill_index_of),
        latitude,
        longitude,
    )


def to_check(offer: Offer) -> tuple[str, ...]:
    """What an offer requires and no profile can state, in its own words, for a person to check."""
    conditions = [one.label for one in offer.conditions if one.required]
    return (*conditions, *(one.label for one in offer.skills if one.required and one.code is None))


def check_matching(settings: Settings) -> None:
    """Lets nobody through until somebody who answers for it has turned matching on.

    raises: MatchingOffError
    """
    if not settings.matching:
        raise MatchingOffError


def store_path(settings: Settings) -> Path:
    """The file of the offers."""
    return settings.home / "offers" / "offers.sqlite"


def _mark(path: Path) -> _Mark | None:
    """None where there is no file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def flags(rows: Sequence[Sequence[str]], columns: Mapping[str, int]) -> csr_matrix:
    """(n_rows, n_columns) 0/1 of each row's codes; a code that the arrays have not (another version's) is left out."""
    known = [[columns[code] for code in codes if code in columns] for codes in rows]
    row = np.repeat(np.arange(len(rows)), [len(codes) for codes in known])
    column = np.array([place for codes in known for place in codes], dtype=np.int64)
    return csr_matrix((np.ones(len(column)), (row, column)), shape=(len(rows), len(columns)))
