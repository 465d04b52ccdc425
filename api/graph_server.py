"""The graph server of a worker: reached when an analyst first asks, held since, reached again where it went away."""

import logging
import threading
from typing import Literal

from graph.connection import Connection, connect
from graph.reader import Marker, read_marker
from passerelle.errors import GraphConflictError, GraphUnavailableError
from passerelle.settings import Settings

#: unasked: no analyst asked this worker yet, and what nobody asks is not reached
GraphStatus = Literal["unasked", "up", "down"]

log = logging.getLogger("passerelle.api")


class GraphServer:
    """One connection, shared by the threads of a worker; the embedded server lives as long as it is held.

    status: what the last look, or the last text, found
    """

    def __init__(self, settings: Settings) -> None:
        self.status: GraphStatus = "unasked"
        self._settings = settings
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def marker(self) -> Marker:
        """Which version the server holds.

        raises: GraphUnavailableError; GraphConflictError where nothing was ever loaded
        """
        with self._lock:
            held = self._connection is not None
            try:
                found = self._read()
            except GraphUnavailableError:
                if not held:
                    raise
                # one that was ended, as the embedded one is by a text that it does not stop, may be there again
                found = self._read()
        if found is None:
            raise GraphConflictError("Le graphe est vide", "Lancez « passerelle build »")
        return found

    def look(self) -> None:
        """Asks the server whether it is there, where it was reached before, and reaches it again where it is not.

        Nothing is raised: ``status`` says what was found, and the log says each change.
        """
        if self.status == "unasked":
            return
        before = self.status
        try:
            self.marker()
        except GraphUnavailableError as error:
            if before != "down":
                log.warning("graph: %s", error)
        except GraphConflictError as error:
            # it answers: that it is empty is for who asks
            log.debug("graph: %s", error)
        # whatever it was, the next look comes
        except Exception:
            self.status = "down"
            if before != "down":
                log.exception("graph: not asked")
        if (before, self.status) == ("down", "up"):
            log.info("graph: it answers again")

    def close(self) -> None:
        """Lets go of the server."""
        with self._lock:
            self._let_go()

    def _read(self) -> Marker | None:
        try:
            if self._connection is None:
                self._connection = connect(self._settings)
            found = read_marker(self._connection)
        except GraphUnavailableError:
            self.status = "down"
            self._let_go()
            raise
        self.status = "up"
        return found

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
