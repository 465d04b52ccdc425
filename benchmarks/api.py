"""How fast the API answers: requests a second and latency of the main routes, beside the documents' own time.

    python -m benchmarks.api [--seconds 3] [--workers 1 2] [--connections 1 16]

The server is ``passerelle serve`` in processes of its own, on loopback, over the build of PASSERELLE_HOME; its records
are thrown away. The load comes from this process, one thread a connection, kept alive, uncompressed. Beside it:
``benchmarks.api_steady`` for minutes on end, and ``benchmarks.api_cypher`` for the same question in Cypher.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from urllib.parse import quote

from benchmarks.api_load import Question, load, served
from passerelle.answers import Asked, paths_document, recommend_document, search_document
from passerelle.market import market_document, with_market
from passerelle.place import resolve_place
from passerelle.potential import Whereabouts, potential_document
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot

_NEAR = "calais"
_WORDS = ("dentellière", "aide soignante", "chauffeur", "boulanger", "secretaire medicale", "macon", "infirmier")


def questions(snapshot: Snapshot, profiles: int = 40) -> list[Question]:
    """The main routes, asked of so many profiles in turn; those of places where the build has territories."""
    codes = list(snapshot.graph.codes)[:: max(1, len(snapshot.graph.codes) // profiles)]

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
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16])
    given = parser.parse_args()
    home = Settings().home
    snapshot = Snapshot.open(home)
    asked = questions(snapshot)
    print("| route | workers | connections | median ms | p99 ms | requests/s | median / document's own |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for workers in given.workers:
        with served(home, workers) as server:
            for question in asked:
                own = own_time(question, given.seconds / 3)
                load([question], server.port, workers, 0.3)
                for connections in given.connections:
                    found = load([question], server.port, connections, given.seconds)
                    ratio = f"{found.median / own:.1f} ({own:.2f} ms)" if own > 0.01 else ""
                    times = f"{found.median:.1f}", f"{found.last_hundredth:.1f}", f"{found.rate:.0f}"
                    print(
                        f"| {' | '.join(map(str, (question.name, workers, connections, *times, ratio)))} |", flush=True
                    )
        print(f"{workers} worker{'s' if workers > 1 else ''}: ready {server.ready_s:.1f} s after the start", flush=True)


if __name__ == "__main__":
    main()
