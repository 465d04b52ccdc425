"""A load of a population in its own process, which a test may kill at a moment it chooses."""

import contextlib
import time
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from graph import operational_load
from graph.connection import connect
from passerelle.errors import GraphUnavailableError
from passerelle.settings import Settings
from tests.integration.killable import CONTEXT, KillableProcess

#: few, so that a small population has several blocks
PEOPLE_A_BLOCK = 100
CONTEXT.set_forkserver_preload([__name__])


class PeopleProcess(KillableProcess):
    """A load under way in another process."""

    def __init__(self, environment: dict[str, str], directory: Path, blocks: int) -> None:
        """Goes on to the block after ``blocks``, and no further: on a fast machine too, a kill comes before the end."""
        self._blocks = blocks
        super().__init__(_load, environment, directory, blocks)

    def wait(self) -> None:
        """Returns when so many blocks were written, and the next is on its way."""
        for _ in range(self._blocks):
            self._pipe.recv()


def _load(environment: dict[str, str], directory: Path, blocks: int, pipe: Pipe) -> None:
    written = 0

    def tell(*_: object) -> None:
        nonlocal written
        written += 1
        pipe.send(None)
        if written > blocks:
            time.sleep(600)

    # the server may be killed first: the load is then cut short, as the test wants it
    with contextlib.suppress(GraphUnavailableError), connect(Settings.model_validate(environment)) as connection:
        pipe.send(None if connection.lease is None else connection.lease.status.pid)
        operational_load.AT_ONCE = PEOPLE_A_BLOCK
        operational_load.load_people(connection, directory, tell, force=True)
