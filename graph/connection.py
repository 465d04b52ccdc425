"""One connection to the graph, whichever server holds it: a Neo4j of yours, or the embedded one."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urlsplit

import neo4j
from neo4j.exceptions import AuthError, ConfigurationError, ServiceUnavailable, SessionExpired

from graph import embedded
from graph.queries import query
from passerelle.errors import GraphUnavailableError
from passerelle.settings import Settings

# what the driver logs comes as an error with what to do; without a handler it would also go raw to the screen
logging.getLogger("neo4j").addHandler(logging.NullHandler())

Kind = Literal["embedded", "neo4j"]
Row = dict[str, Any]

#: rows that travel at once: fewer turns than the driver's 1,000, bounded memory
FETCH_SIZE = 5_000
_CONNECT_S = 10.0
_OLDEST_NEO4J = 5
_SCHEMES = frozenset({"bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"})


@dataclass
class Connection:
    """An open connection, to be used in a ``with`` block and from one thread at a time.

    kind:     which server it is
    server:   the server's own name and version
    database: None for the server's default
    lease:    what keeps the embedded server running; None with a Neo4j of yours
    """

    kind: Kind
    server: str
    driver: neo4j.Driver
    database: str | None = None
    lease: embedded.Lease | None = None
    _analyst: neo4j.Driver | None = field(default=None, repr=False)

    def ask(self, name: str, **parameters: Any) -> list[Row]:
        """The rows that answer the question ``graph/queries/<name>.cypher``.

        raises: KeyError for an unknown question; TypeError for parameters that are not the question's own.
        """
        asked = query(name)
        if set(parameters) != set(asked.parameters):
            raise TypeError(f"{name} takes {sorted(asked.parameters)}, not {sorted(parameters)}")
        return self.read(asked.text, parameters)

    def read(self, text: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows of a text of ours that only reads."""
        with self.session(neo4j.READ_ACCESS) as session:
            return [record.data() for record in session.run(text, dict(parameters or {}))]

    def run(self, text: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Runs a text of ours in its own transaction, as changes of the database's constraints need."""
        with self.session(neo4j.WRITE_ACCESS) as session:
            session.run(text, dict(parameters or {})).consume()

    @contextmanager
    def transaction(self, access: str = neo4j.WRITE_ACCESS) -> Iterator["Transaction"]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        with self.session(access) as session, session.begin_transaction() as transaction:
            yield Transaction(transaction)
            transaction.commit()

    @contextmanager
    def session(self, access: str, *, analyst: bool = False, fetch_size: int = FETCH_SIZE) -> Iterator[neo4j.Session]:
        """A session of the driver, its failures to reach the server given as GraphUnavailableError.

        analyst: as the embedded server's second user, who may only read; a Neo4j community server has no such roles.
        """
        driver = self._analyst_driver() if analyst else self.driver
        with (
            reaching(self.kind),
            driver.session(database=self.database, default_access_mode=access, fetch_size=fetch_size) as session,
        ):
            yield session

    def close(self) -> None:
        """Closes the connection; the embedded server ends when nobody else holds it."""
        for driver in (self._analyst, self.driver):
            if driver is not None:
                driver.close()
        if self.lease is not None:
            self.lease.close()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _analyst_driver(self) -> neo4j.Driver:
        if self.lease is None:
            return self.driver
        if self._analyst is None:
            self._analyst = _driver(self.lease.uri, self.lease.analyst)
        return self._analyst


class Transaction:
    """An open transaction; its texts are ours."""

    def __init__(self, transaction: neo4j.Transaction) -> None:
        self._transaction = transaction

    def rows(self, text: str, **parameters: Any) -> list[list[Any]]:
        """The rows of a text, each the values of its columns."""
        return self._transaction.run(text, parameters).values()

    def run(self, text: str, **parameters: Any) -> None:
        """Runs a text for its effect."""
        self._transaction.run(text, parameters).consume()


def connect(settings: Settings) -> Connection:
    """The connection that the settings ask for: ``NEO4J_URI``, else the embedded server under ``settings.home``.

    raises: GraphUnavailableError when the server cannot be reached, refuses the password, or does not start.
    """
    if settings.neo4j_uri is not None:
        password = None if settings.neo4j_password is None else settings.neo4j_password.get_secret_value()
        return connect_neo4j(settings.neo4j_uri, settings.neo4j_user, password)
    lease = embedded.lease(settings.home / "graph", settings.embedded_heap_mib)
    try:
        return _open("embedded", _driver(lease.uri, lease.root), lease.database, lease)
    except BaseException:
        lease.close()
        raise


def connect_neo4j(uri: str, user: str, password: str | None) -> Connection:
    """A connection to a Neo4j server.

    raises: GraphUnavailableError, as ``connect`` does.
    """
    if not password:
        raise GraphUnavailableError(
            "NEO4J_URI est donné sans mot de passe", "Donnez aussi NEO4J_USER et NEO4J_PASSWORD"
        )
    parts = urlsplit(uri)
    if parts.scheme not in _SCHEMES or not parts.hostname or "@" in parts.netloc:
        # the address itself is not shown: somebody may have put a password into it
        raise GraphUnavailableError(
            "NEO4J_URI n'est pas une adresse de serveur Neo4j",
            "Écrivez « bolt://hôte:7687 » ou « neo4j+s://hôte:7687 », sans utilisateur ni mot de passe",
        )
    with reaching("neo4j"):
        driver = _driver(uri, (user, password))
    return _open("neo4j", driver, None, None)


@contextmanager
def reaching(kind: Kind) -> Iterator[None]:
    """Gives the driver's failures to reach a server as GraphUnavailableError, with what to do."""
    try:
        yield
    except AuthError as error:
        raise GraphUnavailableError(
            "Le serveur de graphe refuse l'utilisateur ou le mot de passe",
            "Vérifiez NEO4J_USER et NEO4J_PASSWORD"
            if kind == "neo4j"
            else "Arrêtez-le par « passerelle down », puis relancez la commande",
        ) from error
    except (ServiceUnavailable, SessionExpired, ConfigurationError) as error:
        raise GraphUnavailableError(
            f"Le serveur de graphe ne répond pas ({error})",
            "Vérifiez NEO4J_URI et que le serveur est démarré"
            if kind == "neo4j"
            else "Relancez la commande ; le journal du serveur est dans le dossier « graph » de PASSERELLE_HOME",
        ) from error


def _open(kind: Kind, driver: neo4j.Driver, database: str | None, lease: embedded.Lease | None) -> Connection:
    try:
        with reaching(kind):
            server = driver.get_server_info().agent
        _refuse_old(server)
    except BaseException:
        driver.close()
        raise
    return Connection(kind, server, driver, database, lease)


def _refuse_old(server: str) -> None:
    name, _, version = server.partition("/")
    if name == "Neo4j" and int(version.split(".")[0]) < _OLDEST_NEO4J:
        raise GraphUnavailableError(f"Le serveur est {server}", f"Il faut Neo4j {_OLDEST_NEO4J} ou plus récent")


def _driver(uri: str, auth: tuple[str, str]) -> neo4j.Driver:
    return neo4j.GraphDatabase.driver(
        uri,
        auth=auth,
        connection_timeout=_CONNECT_S,
        connection_acquisition_timeout=_CONNECT_S,
        # a property that no node has yet is ordinary here, not a mistake in the text
        notifications_min_severity="OFF",
        telemetry_disabled=True,
    )
