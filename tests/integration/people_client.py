"""A load of a population in its own process, which a test may kill at a moment it chooses."""

import contextlib
import multiprocessing
import time
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import psutil

from graph import operational_load
from graph.connection import connect
from passerelle.errors import GraphUnavailableError
from passerelle.settings import Settings

#: few, so that a small population has several blocks
PEOPLE_A_BLOCK = 100
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


class PeopleProcess:
    """A load under way in another process."""

    def __init__(self, environment: dict[str, str], directory: Path) -> None:
        self._pipe, other = _CONTEXT.Pipe(duplex=False)
        self.process = _CONTEXT.Process(target=_load, args=(environment, directory, other))
        self.process.start()
        other.close()
        #: process of the embedded server, None for a Neo4j
        self.server_pid: int | None = self._pipe.recv()

    def wait(self, blocks: int) -> None:
        """Returns when so many blocks were written."""
        for _ in range(blocks):
            self._pipe.recv()

    def kill(self, *, server: bool) -> None:
        """kill -9 of the client; with ``server``, of the embedded server's process, and then of the client."""
        if server and self.server_pid is not None:
            victim = psutil.Process(self.server_pid)
            victim.kill()
            victim.wait(30)
        self.process.kill()
        self.process.join()
        self.process.close()
        self._pipe.close()


def _load(environment: dict[str, str], directory: Path, pipe: Pipe) -> None:
    # the server may be killed first: the load is then cut short, as the test wants it
    with contextlib.suppress(GraphUnavailableError), connect(Settings.model_validate(environment)) as connection:
        pipe.send(None if connection.lease is None else connection.lease.status.pid)
        operational_load.AT_ONCE = PEOPLE_A_BLOCK
        operational_load.load_people(connection, directory, lambda *_: pipe.send(None), force=True)
        # holds the server until the kill comes, late as it may be
        time.sleep(600)
