"""How fast the API answers: requests a second and latency of the main routes, beside the documents' own time.

    python -m benchmarks.api [--seconds 3] [--workers 1 2] [--connections 1 8]

The server is ``passerelle serve`` in processes of its own, on loopback, over the build of PASSERELLE_HOME; its records
are thrown away. The load comes from this process, one thread a connection, kept alive, uncompressed.
"""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from passerelle.answers import Asked, paths_document, recommend_document, search_document
from passerelle.market import market_document, with_market
from passerelle.place import resolve_place
from passerelle.potential import Whereabouts, potential_document
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot

_NEAR = "calais"
_PROFILES = 40
_WORDS = ("dentellière", "aide soignante", "chauffeur", "boulanger", "secretaire medicale", "macon", "infirmier")


@dataclass(frozen=True)
class Question:
    """A route's name, its i-th request (method, address, body), and the i-th document that it answers."""

    name: str
    request: Callable[[int], tuple[str, str, str | None]]
    document: Callable[[int], object]


def questions(snapshot: Snapshot) -> list[Question]:
    """The main routes; those of places where the build has territories."""
    codes = list(snapshot.graph.codes)[:: max(1, len(snapshot.graph.codes) // _PROFILES)]

    def code(place: int) -> str:
        return codes[place % len(codes)]

    def asked(place: int) -> Asked:
        return Asked("", None, [code(place)], "experts", years=["6+"])

    def post(route: str, **more: object) -> Callable[[int], tuple[str, str, str | None]]:
        def request(place: int) -> tuple[str, str, str | None]:
            profile = {"pastOccupations": [{"codeRome": code(place), "years": "6+"}]}
            return "POST", f"/v1/{route}", json.dumps({"profile": profile} | more)

        return request

    def word(place: int) -> str:
        return _WORDS[place % len(_WORDS)]

    found = [
        Question("health/live", lambda _: ("GET", "/v1/health/live", None), lambda _: None),
        Question(
            "search",
            lambda place: ("GET", f"/v1/occupations/search?q={quote(word(place))}", None),
            lambda place: search_document(snapshot, snapshot.search.search(word(place), limit=10)),
        ),
        Question(
            "recommendations, 20 explained",
            post("recommendations"),
            lambda place: recommend_document(snapshot, asked(place)),
        ),
        Question(
            "paths",
            lambda place: ("GET", f"/v1/paths?from={code(place)}&to={code(place + 1)}", None),
            lambda place: paths_document(snapshot, code(place), code(place + 1)),
        ),
    ]
    if not (snapshot.directory / "country").is_dir():
        return found
    place_of = resolve_place(snapshot, _NEAR)
    return [
        *found,
        Question(
            "the same near a place",
            post("recommendations", near=_NEAR, sort="market"),
            lambda place: with_market(snapshot, recommend_document(snapshot, asked(place)), place_of, "market"),
        ),
        Question(
            "potential, 10 areas",
            post("potential", near=_NEAR, reachKm=100),
            lambda place: potential_document(snapshot, asked(place), Whereabouts(place_of, 100.0)),
        ),
        Question(
            "market",
            lambda place: ("GET", f"/v1/occupations/{code(place)}/market?near={_NEAR}", None),
            lambda place: market_document(snapshot, code(place), place_of),
        ),
        Question(
            "territories",
            lambda _: ("GET", "/v1/territories?q=st+etienne", None),
            lambda _: snapshot.places.find("st etienne"),
        ),
    ]


@contextmanager
def served(home: Path, workers: int) -> Iterator[tuple[int, float]]:
    """A server's port, and the seconds from its start until every worker was ready."""
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
            yield port, _until_ready(port, workers, process) - began
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


def load(question: Question, port: int, connections: int, seconds: float) -> tuple[list[float], float]:
    """Milliseconds of each request, and requests a second, of so many connections at once."""
    took: list[list[float]] = [[] for _ in range(connections)]
    over = time.perf_counter() + seconds

    def ask(place: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = place * 7
        while time.perf_counter() < over:
            method, address, body = question.request(number)
            began = time.perf_counter()
            connection.request(method, address, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            answer.read()
            took[place].append(1000 * (time.perf_counter() - began))
            assert answer.status == 200, (question.name, answer.status)
            number += 1
        connection.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=ask, args=(place,)) for place in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    together = [one for several in took for one in several]
    return together, len(together) / (time.perf_counter() - began)


def own_time(question: Question, seconds: float) -> float:
    """Median milliseconds of the document alone, in this process."""
    question.document(0)
    took: list[float] = []
    over, number = time.perf_counter() + seconds, 0
    while time.perf_counter() < over or not took:
        began = time.perf_counter()
        question.document(number)
        took.append(1000 * (time.perf_counter() - began))
        number += 1
    return statistics.median(took)


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8])
    given = parser.parse_args()
    home = Settings().home
    snapshot = Snapshot.open(home)
    asked = questions(snapshot)
    print("| route | workers | connections | median ms | p99 ms | requests/s | median / document's own |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for workers in given.workers:
        with served(home, workers) as (port, ready):
            for question in asked:
                own = own_time(question, given.seconds / 3)
                load(question, port, workers, 0.3)
                for connections in given.connections:
                    took, rate = load(question, port, connections, given.seconds)
                    median, last = statistics.median(took), statistics.quantiles(took, n=100)[98]
                    ratio = f"{median / own:.1f} ({own:.2f} ms)" if own > 0.01 else ""
                    cells = (question.name, workers, connections, f"{median:.1f}", f"{last:.1f}", f"{rate:.0f}", ratio)
                    print(f"| {' | '.join(map(str, cells))} |", flush=True)
        print(f"{workers} worker{'s' if workers > 1 else ''}: ready {ready:.1f} s after the start", flush=True)


if __name__ == "__main__":
    main()
