"""What a worker holds while it answers: the build in use, the records, who asks how often."""

import logging
import threading
from dataclasses import dataclass
from ipaddress import ip_address

from api.graph_server import GraphServer
from api.limiter import Limiter
from api.places import load_territories
from api.problems import ProblemError, problem_of
from api.reference import Reference
from passerelle.errors import PasserelleError
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from records.store import Records

#: analysts' texts that a worker has asked of the graph at once
CYPHER_AT_ONCE = 2

log = logging.getLogger("passerelle.api")


@dataclass(frozen=True)
class Build:
    """A build and what the routes read of its tables: taken once a request, so that no request sees two."""

    snapshot: Snapshot
    reference: Reference
    #: whether territories, their market and homes are among the data
    territories: bool


class State:
    """Settings, build, records and limiter of one worker; ``load`` fills it, beside the first requests."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.limiter = Limiter(settings.rate_per_minute, settings.failures_per_minute)
        self.loopback = is_loopback(settings.host)
        self.graph = GraphServer(settings)
        #: a text of an analyst holds a thread while the server thinks: the others stay for who reads arrays
        self.cypher_seats = threading.BoundedSemaphore(CYPHER_AT_ONCE)
        self._build: Build | None = None
        self._records: Records | None = None
        #: why there is no build, or no records
        self._build_error: PasserelleError | None = None
        self._records_error: PasserelleError | None = None
        self._loaded = threading.Event()
        self._failed = False

    def load(self) -> None:
        """Opens records and build. What a person can act upon is kept, and told to who asks; anything else raises."""
        try:
            try:
                self._records = Records.open(self.settings.records, retention_months=self.settings.retention_months)
            except PasserelleError as error:
                self._records_error = error
                log.warning("records: %s", error)
            try:
                snapshot = Snapshot.open(self.settings.home)
                self._build = Build(snapshot, Reference.of(snapshot), load_territories(snapshot))
            except PasserelleError as error:
                self._build_error = error
                log.warning("build: %s", error)
        except BaseException:
            self._failed = True
            raise
        finally:
            self._loaded.set()

    def wait(self) -> None:
        """Waits for the loading to end."""
        self._loaded.wait()

    def close(self) -> None:
        """Waits for the loading to end, lets go of the graph server, and closes the records."""
        self.wait()
        self.graph.close()
        if self._records is not None:
            self._records.close()

    @property
    def build(self) -> Build:
        """The build in use.

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

    def _unavailable(self, error: PasserelleError | None) -> ProblemError:
        if self._failed:
            return ProblemError(
                "internal", "Les données n'ont pas pu être ouvertes : le journal du serveur dit pourquoi."
            )
        if error is None:
            return ProblemError("loading", "Les données se chargent : recommencez dans un instant.")
        return problem_of(error)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
