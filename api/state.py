"""What a worker holds while it answers: the build in use, the records, the graph server, who asks how often.

A build that is put in use is taken within seconds. It is opened beside the one that answers and takes its place in one
step; a request that took the one before keeps it to its end.
"""

import gc
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import anyio
import pyarrow

from api.graph_server import GraphServer
from api.limiter import Limiter
from api.places import load_territories
from api.problems import ProblemError, problem_of
from api.reference import Reference
from passerelle.address import is_loopback
from passerelle.builds import BuildInfo, current_build
from passerelle.errors import NotBuiltError, PasserelleError
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from records.store import Records

#: analysts' texts that a worker has asked of the graph at once
CYPHER_AT_ONCE = 2
#: seconds between two looks at which build is in use, and at the graph server where it was reached before
LOOK_S = 1.0
GRAPH_LOOK_S = 5.0
#: the same, at most, where the server does not answer: each look at an embedded one starts it
GRAPH_AGAIN_S = 60.0
#: seconds after which a build that could not be opened is tried again
AGAIN_S = 30.0

log = logging.getLogger("passerelle.api")


@dataclass(frozen=True)
class Build:
    """A build and what the routes read of its tables: taken once a request, so that no request sees two."""

    snapshot: Snapshot
    reference: Reference
    #: whether territories, their market and homes are among the data
    territories: bool


class State:
    """Settings, build, records and limiter of one worker; ``start`` fills it, beside the first requests, and keeps it
    up to date until ``close``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.limiter = Limiter(settings.rate_per_minute, settings.failures_per_minute)
        self.loopback = is_loopback(settings.host)
        self.graph = GraphServer(settings)
        #: a text of an analyst holds a thread while the server thinks, and none of those of who reads arrays
        self.cypher_seats = threading.BoundedSemaphore(CYPHER_AT_ONCE)
        self.cypher_threads = anyio.CapacityLimiter(CYPHER_AT_ONCE)
        self._build: Build | None = None
        self._records: Records | None = None
        #: why there is no build, or no records, or why a newer build was not taken; an error nobody foresaw as well
        self._build_error: Exception | None = None
        self._records_error: Exception | None = None
        #: the build that could not be opened, and when it is tried again
        self._refused: BuildInfo | None = None
        self._again = 0.0
        self._loaded = threading.Event()
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep_up, name="load"),
            threading.Thread(target=self._keep_graph, name="graph"),
        ]

    def start(self) -> None:
        """Opens records and build in a thread, and looks from then on for what is new."""
        for thread in self._threads:
            thread.start()

    def wait(self) -> None:
        """Waits until records and build were tried once."""
        self._loaded.wait()

    def close(self) -> None:
        """Waits for what is being opened, lets go of the graph server, and closes the records."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        self.graph.close()
        if self._records is not None:
            self._records.close()

    def look(self) -> None:
        """Opens the records where they could not be opened, and takes the build that is in use now. Of what fails the
        log says why, once; what is held already goes on answering."""
        if self._records is None:
            self._records_error = self._try("records", self._open_records, self._records_error)
        self._build_error = self._try("build", self._take_build, self._build_error)

    def _keep_up(self) -> None:
        while not self._over.is_set():
            self.look()
            self._loaded.set()
            self._over.wait(LOOK_S)

    def _keep_graph(self) -> None:
        pause = GRAPH_LOOK_S
        while not self._over.wait(pause):
            self.graph.look()
            pause = min(2 * pause, GRAPH_AGAIN_S) if self.graph.status == "down" else GRAPH_LOOK_S

    def _try(self, what: str, action: Callable[[], Exception | None], before: Exception | None) -> Exception | None:
        """What an action gives, or the error that it raised, said unless it is the one of before."""
        try:
            return action()
        except PasserelleError as error:
            if str(error) != str(before):
                log.warning("%s: %s", what, error)
            return error
        # whatever it was, what is held goes on answering and the next look comes
        except Exception as error:
            if repr(error) != repr(before):
                log.exception("%s: not opened", what)
            return error

    def _open_records(self) -> None:
        self._records = Records.open(self.settings.records, retention_months=self.settings.retention_months)

    def _take_build(self) -> Exception | None:
        """Takes the build that is in use; gives why it cannot be opened where that was found out a moment ago.

        raises: NotBuiltError, DataFileError, OSError where it was removed meanwhile
        """
        named = current_build(self.settings.home)
        if named is None:
            raise NotBuiltError(self.settings.home)
        if self._build is not None and self._build.snapshot.info == named:
            return None
        if named == self._refused and time.monotonic() < self._again:
            return self._build_error
        # until it proves good
        self._refused, self._again = named, time.monotonic() + AGAIN_S
        snapshot = Snapshot.open(self.settings.home)
        build = Build(snapshot, Reference.of(snapshot), load_territories(snapshot))
        before, self._refused, self._build = self._build, None, build
        # what reading the tables took
        pyarrow.default_memory_pool().release_unused()
        if before is not None:
            # with what only the one before held
            del before
            gc.unfreeze()
            gc.collect()
        # what lasts is not looked through for garbage again and again: that is a fifth of a list's time
        gc.freeze()
        log.info("build: %s, ranked by %s", snapshot.info.data_version, snapshot.info.model_version)
        return None

    @property
    def build(self) -> Build:
        """The build in use: to be taken once a request, as the next moment it may be another.

        raises: ProblemError (503) while it loads, or where there is none
        """
        if self._build is not None:
            return self._build
        raise self._unavailable(self._build_error)

    @property
    def records(self) -> Records:
        """The records.

        raises: ProblemError (503) while they load, or where they cannot be opened
        """
        if self._records is not None:
            return self._records
        raise self._unavailable(self._records_error)

    @property
    def open_access(self) -> bool:
        """Whether one may ask without a key: on loopback, until the first key is made. A key that was revoked since
        counts: what was closed never opens again by itself.

        raises: ProblemError, RecordsError
        """
        return self.loopback and not self.records.keys.all()

    def _unavailable(self, error: Exception | None) -> ProblemError:
        if error is None:
            return ProblemError("loading", "Les données se chargent : recommencez dans un instant.")
        if isinstance(error, PasserelleError):
            return problem_of(error)
        return ProblemError("internal", "Les données n'ont pas pu être ouvertes : le journal du serveur dit pourquoi.")
