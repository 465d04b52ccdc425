"""A load in its own process, which a test may kill at a moment it chooses."""

import contextlib
import time
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from graph.connection import connect
from graph.schema import PARTS, RELATIONSHIPS
from graph.tables import GraphTables
from graph.writer import write_graph
from passerelle.errors import GraphUnavailableError
from passerelle.settings import Settings
from tests.integration.killable import CONTEXT, KillableProcess

CONTEXT.set_forkserver_preload([__name__])
#: tables of the part that is written last
_LAST = {spec.table for spec in RELATIONSHIPS if spec.part == PARTS[-1]}


class LoadProcess(KillableProcess):
    """A load of the tables of a directory, under way in another process."""

    def __init__(self, environment: dict[str, str], directory: Path) -> None:
        super().__init__(_load, environment, directory)

    def wait_for_share(self, share: float) -> None:
        """Returns once this share of the rows was sent (1: all of them, the commit not yet asked)."""
        with contextlib.suppress(EOFError):
            while self._pipe.recv() < share:
                pass


def _load(environment: dict[str, str], directory: Path, pipe: Pipe) -> None:
    tables = GraphTables.load(directory)
    # the server may be killed first: the load is then cut short, as the test wants it
    with contextlib.suppress(GraphUnavailableError), connect(Settings.model_validate(environment)) as connection:
        pipe.send(None if connection.lease is None else connection.lease.status.pid)
        before = 0

        def tell(table: str, done: int, total: int) -> None:
            nonlocal before
            last = table in _LAST and done == total
            pipe.send(1.0 if last else min(0.99, (before + done) / (tables.node_count + tables.relationship_count)))
            before += done if done == total else 0

        write_graph(connection, tables, tell)
        # holds the server until the kill comes, late as it may be
        time.sleep(600)
