"""Steady load on the API: whether anything fails, and whether memory stays flat.

    python -m benchmarks.api_steady [--seconds 600] [--workers 2] [--connections 16]

Every route of ``benchmarks.api`` in turn, of every occupation, but for paths, which are slow and say the same. Memory
is the workers' own (USS), read every five seconds; the first tenth of the time, in which labels are read for the first
time, is told apart.
"""

import argparse
import threading

import psutil

from benchmarks.api import questions
from benchmarks.api_load import load, served
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot

_MIB = 1024 * 1024
_EVERY_S = 5.0


class OwnMemory:
    """What the processes under one hold alone, in MiB, sampled until it is left."""

    def __init__(self, pid: int) -> None:
        self.samples: list[float] = []
        self._workers = psutil.Process(pid).children(recursive=True)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "OwnMemory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_EVERY_S):
            # a worker that died raises: another one in its place would look like memory given back
            self.samples.append(sum(worker.memory_full_info().uss for worker in self._workers) / _MIB)


def main() -> None:
    """Prints what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, default=16)
    given = parser.parse_args()
    home = Settings().home
    snapshot = Snapshot.open(home)
    asked = [one for one in questions(snapshot, len(snapshot.graph.codes)) if one.name != "paths"]
    with served(home, given.workers) as server, OwnMemory(server.process.pid) as memory:
        found = load(asked, server.port, given.connections, given.seconds)
    first = len(memory.samples) // 10
    early, late = memory.samples[:first], memory.samples[first:]
    print(f"{len(found.took)} requests in {found.seconds:.0f} s, none failed: {found.rate:.0f} a second")
    print(f"median {found.median:.1f} ms, p99 {found.last_hundredth:.1f} ms, longest {max(found.took):.0f} ms")
    print(f"memory of {given.workers} workers in the first tenth: {min(early):.0f} to {max(early):.0f} MiB")
    print(f"then {late[0]:.0f} at its start, {min(late):.0f} to {max(late):.0f}, {late[-1]:.0f} at the end")
    highest, last = (100 * (value / late[0] - 1) for value in (max(late), late[-1]))
    print(f"at the most {highest:.1f} % above its start; {last:.1f} % at the end")


if __name__ == "__main__":
    main()
