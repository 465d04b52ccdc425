"""Lists for everyone, on what is built: ``python -m benchmarks.scale [--seekers N] [--threads N] [--seed N]``.

Draws a population, ranks every occupation for each of its seekers in a process of its own, and prints how fast and in
how much memory, beside two bounds of the machine reckoned from what the method has to do: its multiply-adds at the rate
of a matrix product, and the bytes that it reads at the rate of a copy. And scikit-learn and PySpark's joins
(``benchmarks.scale_spark``, where the extra is installed) on a simpler question: the twenty occupations of the greatest
cosine to the skills held, with no evidence, kinds, places kept nor refusals. PySpark ranks everyone as well, by
``mapInArrow``.
"""

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table
from scipy.sparse import csr_matrix
from sklearn.metrics.pairwise import cosine_similarity

from ingest.catalogue import find_data
from ingest.market_files import read_market
from ingest.population import Population
from ingest.population_schema import SEEKERS
from ingest.territory_files import read_territory
from passerelle.batch import run_batch
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from recommend.batch import recommend_block
from recommend.batch_profiles import Profiles
from recommend.batch_rows import BatchRows
from recommend.batch_space import BatchSpace
from recommend.rank import rank

_SAMPLE = 4096
#: profiles without past occupation, and how many of them are asked one by one
_BARE, _ALONE = 1024, 64
#: occupations that the simpler question keeps
_FIRST = 20


def draw(snapshot: Snapshot, path: Path, seekers: int, seed: int) -> float:
    """Writes that many seekers; seconds that drawing and writing took."""
    data = find_data(Settings(), Path.cwd()).path
    territories = read_territory(data / "territory")
    market = read_market(data, territories, snapshot.tables.nodes["OccupationFamily"]["codeRome3"])
    began = time.perf_counter()
    population = Population.of(snapshot.tables, market, territories.communes, seed)
    with pq.ParquetWriter(path, SEEKERS) as writer:
        for batch, _ in population.seekers(seekers):
            writer.write_batch(batch)
    return time.perf_counter() - began


def measure(source: Path, out: Path, threads: int) -> dict[str, float]:
    """In a process of its own: seconds to prepare and to rank, processor seconds, and peak memory in MiB."""
    snapshot = Snapshot.open(Settings().home)
    began = time.perf_counter()
    reader = BatchRows(BatchSpace.of(snapshot.recommender, "experts"))
    prepared = time.perf_counter()
    used = time.process_time()
    report = run_batch(reader, source, out, {"build": snapshot.info.fingerprint}, workers=threads)
    assert report.recommended == report.rows, report
    return {
        "preparing": prepared - began,
        "seconds": time.perf_counter() - prepared,
        "processor": time.process_time() - used,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def needed(space: BatchSpace, profiles: Profiles) -> tuple[float, float]:
    """Multiply-adds and bytes read that a seeker needs at least: a row of each table for each past occupation.

    What past occupations share and what is declared comes beside: it is left out of both, so that they are bounds.
    """
    rows = len(profiles.past) / len(profiles) * (len(space.features) + 1)
    return len(space.graph.codes) * rows, 8.0 * len(space.graph.codes) * rows


def matrix_rate(threads: int) -> float:
    """Multiply-adds a second of a product of matrices in double precision, in each of so many threads."""
    matrix = np.random.default_rng(0).random((1024, 1024))
    return threads * _best(lambda: matrix @ matrix, 1024.0**3)


def copy_rate(threads: int) -> float:
    """Bytes a second that so many threads read while they copy what no cache holds."""
    halves = [np.zeros(64 << 20, dtype=np.uint8) for _ in range(2 * threads)]
    with ThreadPoolExecutor(threads) as pool:
        pairs = list(zip(halves[::2], halves[1::2], strict=True))
        return _best(lambda: list(pool.map(lambda pair: np.copyto(*pair), pairs)), float(threads << 26))


def _best(work: object, amount: float, times: int = 5) -> float:
    assert callable(work)
    found = 0.0
    for _ in range(times):
        began = time.perf_counter()
        work()
        found = max(found, amount / (time.perf_counter() - began))
    return found


def without_past(space: BatchSpace, sample: Profiles) -> tuple[float, float]:
    """Seconds a seeker, one thread, for who declares the skills of the sample and no past occupation: many, and one."""
    n = min(_BARE, len(sample))
    part, none = sample.part(0, n), np.zeros(0, dtype=np.int64)
    bare = Profiles(
        np.zeros(n + 1, dtype=np.int64),
        none,
        none.astype(np.int8),
        part.skills_at,
        part.skills,
        part.refused_at,
        part.refused,
    )
    many = _best(lambda: recommend_block(space, bare), n, times=2)
    alone = [bare.profile(space, row) for row in range(_ALONE)]
    one = _best(lambda: [rank(space.recommender, own, lens=space.lens) for own in alone], _ALONE, times=2)
    return 1 / many, 1 / one


def held_of(space: BatchSpace, profiles: Profiles) -> csr_matrix:
    """(n, n_skills) what past occupations require, and what is declared, added up."""
    graph, n = space.graph, len(profiles)
    past = csr_matrix((np.ones(len(profiles.past)), profiles.past, profiles.past_at), shape=(n, len(graph.codes)))
    shape = (n, len(graph.skill_codes))
    declared = csr_matrix((np.ones(len(profiles.skills)), profiles.skills, profiles.skills_at), shape)
    return csr_matrix(past @ graph.requires + declared)


def scikit_learn(held: csr_matrix, required: csr_matrix) -> tuple[float, np.ndarray]:
    """Seekers a second, one thread; (n, 20) the greatest cosines of all skills held, greatest first."""
    began = time.perf_counter()
    found = []
    for start in range(0, held.shape[0], 512):
        alike = cosine_similarity(held[start : start + 512], required)
        first = np.argpartition(-alike, _FIRST, axis=1)[:, :_FIRST]
        order = np.argsort(-np.take_along_axis(alike, first, axis=1), axis=1)
        found.append(np.take_along_axis(alike, np.take_along_axis(first, order, axis=1), axis=1))
    return held.shape[0] / (time.perf_counter() - began), np.concatenate(found)


def beside(space: BatchSpace, source: Path, sample: Profiles, threads: int) -> Iterator[tuple[str, str]]:
    """What others do: the simpler question, and everyone's lists by Spark."""
    held, required = held_of(space, sample), csr_matrix(space.graph.requires)
    rate, cosines = scikit_learn(held, required)
    yield "scikit-learn, cosine of skills alone, one thread", f"{rate:,.0f} a second"
    if importlib.util.find_spec("pyspark") is None:
        yield "PySpark", "not installed (make setup-spark)"
        return
    from benchmarks.scale_spark import joined, local_session, mapped  # noqa: PLC0415

    with local_session(threads) as session:
        rate, by_joins = joined(session, held, required, _FIRST, source.parent)
        np.testing.assert_allclose(by_joins, cosines, atol=1e-6)
        yield f"PySpark's joins, the same cosines, {threads} threads", f"{rate:,.0f} a second"
        rate = mapped(session, space.recommender, source)
        yield f"PySpark, mapInArrow: our lists, {threads} processes", f"{rate:,.0f} a second, their start included"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seekers", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--measure", nargs=2, type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measure(*asked.measure, asked.threads)))
        return
    snapshot = Snapshot.open(Settings().home)
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "seekers.parquet"
        drawing = draw(snapshot, source, asked.seekers, asked.seed)
        command = [sys.executable, "-m", "benchmarks.scale", "--threads", str(asked.threads)]
        command += ["--measure", str(source), str(Path(place) / "out")]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        space = BatchSpace.of(snapshot.recommender, "experts")
        reader = BatchRows(space)
        with pq.ParquetFile(source) as file:
            sample = reader.profiles(next(file.iter_batches(_SAMPLE)))
        others = list(beside(space, source, sample, asked.threads))
    multiply_adds, octets = needed(space, sample)
    rate = asked.seekers / found["seconds"]
    many, one = without_past(space, sample)
    arithmetic = matrix_rate(asked.threads) / multiply_adds
    memory = copy_rate(asked.threads) / octets
    table = Table("what", "measured", title=f"{asked.seekers} seekers, {asked.threads} threads, seed {asked.seed}")
    for what, value in (
        ("drawn and written", f"{asked.seekers / drawing:,.0f} a second ({drawing:.1f} s)"),
        ("prepared", f"{found['preparing']:.1f} s"),
        ("ranked, first 20 of every occupation", f"{rate:,.0f} a second ({found['seconds']:.1f} s)"),
        ("processor", f"{1e6 * found['processor'] / asked.seekers:.0f} µs a seeker"),
        ("a core kept for it alone would do", f"{asked.seekers / found['processor']:,.0f} a second"),
        ("cores that the threads had", f"{found['processor'] / found['seconds']:.2f}"),
        ("without past occupation, one thread", f"{1e6 * many:.0f} µs a seeker; one by one {1e6 * one:,.0f} µs"),
        ("peak memory", f"{found['peak']:,.0f} MiB"),
        ("multiply-adds needed", f"{multiply_adds:,.0f} a seeker"),
        ("arithmetic bound", f"{arithmetic:,.0f} a second; reached {rate / arithmetic:.3f} of it"),
        ("bound of reading memory", f"{memory:,.0f} a second; reached {rate / memory:.3f} of it"),
        *others,
    ):
        table.add_row(what, value)
    Console().print(table)


if __name__ == "__main__":
    main()
