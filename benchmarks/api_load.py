"""A server of its own, and load on it: what the benchmarks of the API stand on."""

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Question:
    """A route's name, its i-th request (method, address, body), and the i-th document that it answers."""

    name: str
    request: Callable[[int], tuple[str, str, str | None]]
    document: Callable[[int], object]


@dataclass(frozen=True)
class Served:
    """A server that is ready: its port, its supervisor, and the seconds from its start until every worker was ready."""

    port: int
    process: "subprocess.Popen[bytes]"
    ready_s: float


@contextmanager
def served(home: Path, workers: int) -> Iterator[Served]:
    """``passerelle serve`` over the build of a home; its records are thrown away."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as directory:
        environment = os.environ | {
            "PASSERELLE_HOME": str(home),
            "PASSERELLE_RECORDS": str(Path(directory) / "records.sqlite"),
            "PASSERELLE_RATE_PER_MINUTE": "1000000",
        }
        program = [sys.executable, "-c", "from passerelle.cli import main; main()"]
        command = [*program, "serve", "--port", str(port), "--workers", str(workers)]
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            yield Served(port, process, _until_ready(port, workers, process) - began)
        finally:
            process.terminate()
            process.wait(30)


def _until_ready(port: int, workers: int, process: "subprocess.Popen[bytes]") -> float:
    ready, first = 0, 0.0
    while ready < 10 * workers:
        assert process.poll() is None, "the server ended"
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/v1/health/ready")
            status = connection.getresponse().status
            connection.close()
        except OSError:
            status = 0
        # one that is ready a moment after another starts the count anew
        ready, first = (ready + 1, first or time.perf_counter()) if status == 200 else (0, 0.0)
        if status != 200:
            time.sleep(0.02)
    return first


@dataclass(frozen=True)
class Loaded:
    """What a load found: milliseconds of each request, and how many were answered a second, over ``seconds``."""

    took: list[float]
    seconds: float

    @property
    def median(self) -> float:
        """Milliseconds."""
        return statistics.median(self.took)

    @property
    def last_hundredth(self) -> float:
        """Milliseconds that one in a hundred passes."""
        return statistics.quantiles(self.took, n=100)[98]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.took) / self.seconds


def load(questions: Sequence[Question], port: int, connections: int, seconds: float) -> Loaded:
    """Asks the questions in turn on so many connections at once, each as soon as it has its answer.

    raises: RuntimeError with the first answer that is none, or the first connection that broke
    """
    took: list[list[float]] = [[] for _ in range(connections)]
    wrong: list[str] = []
    over = time.perf_counter() + seconds

    def ask(place: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = place * 7
        while time.perf_counter() < over and not wrong:
            question = questions[number % len(questions)]
            method, address, body = question.request(number)
            began = time.perf_counter()
            connection.request(method, address, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            answer.read()
            took[place].append(1000 * (time.perf_counter() - began))
            if answer.status != 200:
                wrong.append(f"{question.name}: {answer.status}")
            number += 1
        connection.close()

    def ask_or_say(place: int) -> None:
        try:
            ask(place)
        except (OSError, http.client.HTTPException) as error:
            wrong.append(repr(error))

    began = time.perf_counter()
    threads = [threading.Thread(target=ask_or_say, args=(place,)) for place in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(wrong[0])
    return Loaded([one for several in took for one in several], time.perf_counter() - began)
