"""The graph server of a worker: reached when an analyst first asks, held since, reached again where it went away."""

import threading

from graph.connection import Connection, connect
from graph.reader import Marker, read_marker
from passerelle.errors import GraphConflictError, GraphUnavailableError
from passerelle.settings import Settings


class GraphServer:
    """One connection, shared by the threads of a worker; the embedded server lives as long as it is held."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def marker(self) -> Marker:
        """Which version the server holds.

        raises: GraphUnavailableError; GraphConflictError where nothing was ever loaded
        """
        with self._lock:
            try:
                found = read_marker(self._reached())
            except GraphUnavailableError:
                # one that was ended, as the embedded one is by a text that it does not stop, may be there again
                self._let_go()
                found = read_marker(self._reached())
        if found is None:
            raise GraphConflictError("Le graphe est vide", "Lancez « passerelle build »")
        return found

    def close(self) -> None:
        """Lets go of the server."""
        with self._lock:
            self._let_go()

    def _reached(self) -> Connection:
        if self._connection is None:
            self._connection = connect(self._settings)
        return self._connection

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
