"""A process at work on a server, which a test may kill at a moment it chooses."""

import multiprocessing
from collections.abc import Callable

import psutil

# forked from a process that has imported everything: twenty loads start twenty times
CONTEXT = multiprocessing.get_context("forkserver")


class KillableProcess:
    """Another process, and a pipe from it: first the embedded server's process id (None for a Neo4j), then its news."""

    def __init__(self, target: Callable[..., None], *arguments: object) -> None:
        """The target is called with the arguments, then its end of the pipe."""
        self._pipe, other = CONTEXT.Pipe(duplex=False)
        self.process = CONTEXT.Process(target=target, args=(*arguments, other))
        self.process.start()
        other.close()
        #: process of the embedded server, None for a Neo4j
        self.server_pid: int | None = self._pipe.recv()

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
