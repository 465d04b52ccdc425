"""Times and memory of the foundation, printed beside the targets: ``python -m benchmarks.build``.

Wall-clock figures say something of this machine only; those side by side in one run say something of the methods.
Needs the published ROME, and psutil and scikit-learn (``make setup-dev``); the Neo4j of NEO4J_TEST_URI, _USER and
_PASSWORD is measured where they are set.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table
from scipy.sparse import csr_matrix
from sklearn.metrics.pairwise import cosine_similarity

from graph.connection import Connection, connect, connect_neo4j
from graph.tables import GraphTables
from graph.writer import write_graph
from ingest.catalogue import find_data, find_rome
from ingest.rome import read_rome
from passerelle import answers
from passerelle.arrays import open_arrays, save_arrays
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from recommend.content import Content
from recommend.features import FeatureSpace
from recommend.learned import shipped
from recommend.profile import Profile
from recommend.rank import LENSES, Recommender
from recommend.skillgraph import SkillGraph

ROOT = Path(__file__).resolve().parent.parent
_MIB = 1024 * 1024


class PeakMemory:
    """Greatest sum of resident memory of all child processes, sampled every 50 ms."""

    def __enter__(self) -> "PeakMemory":
        self.mib = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            total = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.mib = max(self.mib, total / _MIB)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def median_ms(work: Callable[[], object], times: int) -> float:
    return 1000 * statistics.median(timed(work)[1] for _ in range(times))


def overlap_by_arrays(graph: SkillGraph, space: FeatureSpace, row: int, limit: int = 20) -> list[str]:
    """The top 20 of the Cypher query, on arrays: sum of idf over the shared skills, ties by code."""
    held = np.zeros(len(graph.skill_codes))
    held[graph.skills_of(row)] = space.idf[graph.skills_of(row)]
    links = csr_matrix(
        (np.ones_like(graph.requires.data), graph.requires.indices, graph.requires.indptr), graph.requires.shape
    )
    score = np.round(links @ held, 6)
    score[row] = -1
    order = np.argsort(-score, kind="stable")[:limit]
    return [graph.codes[i] for i in order.tolist()]


def run_demo(home: str) -> tuple[float, float]:
    """Seconds from starting the demonstration to its first table, and to its end."""
    environment = os.environ | {"PASSERELLE_HOME": home, "PYTHONUNBUFFERED": "1"}
    command = [str(Path(sys.executable).parent / "passerelle"), "demo"]
    started = time.perf_counter()
    answered = 0.0
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        assert run.stdout is not None
        for line in run.stdout:
            if not answered and "◆" in line.decode():
                answered = time.perf_counter() - started
    assert run.returncode == 0
    return answered, time.perf_counter() - started


def main() -> None:
    settings = Settings()
    location = find_data(settings, Path.cwd())
    if location.sample:
        sys.exit("The published ROME is needed: run `passerelle fetch`, or set PASSERELLE_DATA.")
    rows: list[tuple[str, str, str]] = []
    rome = find_rome(location.path, settings.rome_version)
    reading, seconds = timed(lambda: read_rome(rome))
    tables: GraphTables = reading.tables
    rows.append(("ROME read, validated, tabled", f"{seconds:.1f} s", "10 s"))
    graph, seconds = timed(lambda: SkillGraph.of(tables))
    space, more = timed(lambda: FeatureSpace.of(graph))
    rows.append(("SkillGraph and features built", f"{seconds + more:.2f} s", "2 s"))
    with tempfile.TemporaryDirectory() as home:
        save_arrays(graph.to_arrays(), Path(home) / "graph")
        save_arrays(space.to_arrays(), Path(home) / "space")

        def reopen() -> None:
            SkillGraph.from_arrays(open_arrays(Path(home) / "graph"))
            FeatureSpace.from_arrays(open_arrays(Path(home) / "space"))

        rows.append(("the same opened", f"{median_ms(reopen, 9) / 1000:.3f} s", "0.3 s"))
    content, seconds = timed(lambda: Content.of(tables))
    _, more = timed(lambda: Recommender.of(graph, content, shipped()))
    rows.append(("every pair of occupations weighed", f"{seconds + more:.1f} s", ""))
    with tempfile.TemporaryDirectory() as home:
        with PeakMemory() as peak:
            _, seconds = run_demo(home)
        rows.append(("first `passerelle demo`, all of it", f"{seconds:.1f} s", ""))
        rows.append(("  peak of all its processes", f"{peak.mib:.0f} MiB", "1536 MiB"))
        answered, whole = run_demo(home)
        rows.append(("second one: to the answer (to its end)", f"{answered:.1f} s ({whole:.1f} s)", "5 s"))
        snapshot = Snapshot.open(Path(home))
        codes = list(graph.codes)[:: max(1, len(graph.codes) // 200)]
        for lens in LENSES:
            times = [
                timed(
                    lambda code=code, lens=lens: answers.recommend_document(
                        snapshot, answers.Asked(code, None, [code], lens)
                    )
                )[1]
                for code in codes
            ]
            rows.append(
                (
                    f"recommend, {lens}, 20 explained: median (95th)",
                    f"{1000 * statistics.median(times):.1f} ms ({1000 * np.quantile(times, 0.95):.1f})",
                    "10 ms",
                )
            )
        embedded = Settings(PASSERELLE_HOME=Path(home))
        with connect(embedded) as connection:
            report = write_graph(connection, GraphTables.of({}, {}, tables.meta), force=True)
            report = write_graph(connection, tables, force=True)
            rows.append(("written to the embedded server, empty before", f"{report.seconds:.1f} s", "60 s"))
            rows += side_by_side(connection, graph, space, "embedded")
    if "NEO4J_TEST_URI" in os.environ:
        test = (os.environ[f"NEO4J_TEST_{name}"] for name in ("URI", "USER", "PASSWORD"))
        with connect_neo4j(*test) as connection:
            write_graph(connection, GraphTables.of({}, {}, tables.meta), force=True)
            report = write_graph(connection, tables, force=True)
            rows.append(("written to Neo4j, empty before", f"{report.seconds:.1f} s", ""))
            rows += side_by_side(connection, graph, space, "Neo4j")
    table = Table("figure", "measured", "target", title=f"{tables.meta.data_version}, {os.cpu_count()} cores")
    for row in rows:
        table.add_row(*row)
    Console(width=110).print(table)


def side_by_side(
    connection: Connection, graph: SkillGraph, space: FeatureSpace, name: str
) -> list[tuple[str, str, str]]:
    """The same top 20 by idf overlap: on our arrays, by scikit-learn's cosine, by one Cypher query."""
    sample = list(graph.codes)[:: len(graph.codes) // 20]
    weighted = csr_matrix(graph.requires.astype(bool).astype(float).multiply(np.sqrt(space.idf)))
    same = cosine_same = 0
    for code in sample:
        ours = overlap_by_arrays(graph, space, graph.occupation(code))
        same += ours == [row["codeRome"] for row in connection.ask("overlap_ranking", codeRome=code, limit=20)]
        cosine = cosine_similarity(weighted[graph.occupation(code)], weighted).ravel()
        cosine[graph.occupation(code)] = -1
        cosine_same += len(set(ours) & {graph.codes[i] for i in np.argsort(-cosine)[:20].tolist()})
    row = graph.occupation(sample[0])
    arrays = median_ms(lambda: overlap_by_arrays(graph, space, row), 50)
    sklearn = median_ms(lambda: np.argsort(-cosine_similarity(weighted[row], weighted).ravel())[:20], 50)
    cypher = median_ms(lambda: connection.ask("overlap_ranking", codeRome=sample[0], limit=20), 20)
    ranked = median_ms(lambda: Profile.of_occupations(graph, [sample[0]]), 50)
    return [
        (f"top 20 by idf overlap: our arrays ({name} run)", f"{arrays + ranked:.2f} ms", ""),
        ("  scikit-learn's cosine", f"{sklearn:.2f} ms; shares {cosine_same / len(sample):.1f} of 20", ""),
        (f"  one Cypher query, {name}", f"{cypher:.1f} ms; same 20 for {same} of {len(sample)}", ""),
    ]


if __name__ == "__main__":
    main()
