"""People in the graph at scale: ``python -m benchmarks.graph_scale [--seekers N] [--offers N] [--seed N]``.

On the server that the settings name (NEO4J_URI, else the embedded one), which must hold the published data
(``passerelle build``): draws seekers and offers, writes them (``graph.operational_load``), asks the five analysts'
questions, and removes them. Beside each step, how busy the machine was with all its work: what others ran at the same
time is in the seconds, and is not taken off. A population that was in the graph before is replaced, and is lost.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Self

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from graph.connection import Connection, connect
from graph.operational_load import FILES, load_people, remove_people
from ingest.catalogue import find_data
from ingest.market_files import read_market
from ingest.population import Population
from ingest.population_schema import OFFERS, SEEKERS
from ingest.territory_files import read_territory
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot

#: the lacemaker's area, a skill that many hold, and an occupation that many had
QUESTIONS: dict[str, dict[str, str]] = {
    "people_areas_with_skill": {"codeOgr": "300490"},
    "people_skills_asked_in_area": {"area": "3216"},
    "people_for_offers": {"codeRome": "K1304"},
    "people_newcomers_to_occupation": {"codeRome": "K1304"},
    "people_refused_contexts": {"area": "3216"},
}


def draw(directory: Path, seekers: int, offers: int, seed: int) -> None:
    """Writes that many seekers and offers, as ``passerelle population`` does but for their proportion."""
    tables = Snapshot.open(Settings().home).tables
    data = find_data(Settings(), Path.cwd()).path
    territories = read_territory(data / "territory")
    market = read_market(data, territories, tables.nodes["OccupationFamily"]["codeRome3"])
    population = Population.of(tables, market, territories.communes, seed)
    for label, schema, blocks in (
        ("Seeker", SEEKERS, population.seekers(seekers)),
        ("Offer", OFFERS, population.offers(offers)),
    ):
        labelled = schema.with_metadata({"passerelle.generated": "true"})
        with pq.ParquetWriter(directory / FILES[label], labelled) as writer:
            for batch, _ in blocks:
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=labelled))


class Measured:
    """Of a ``with`` block: seconds, processor seconds of these processes, share of all cores that was busy (0 to 1)."""

    def __init__(self, *pids: int) -> None:
        self._processes = [psutil.Process(pid) for pid in (os.getpid(), *pids)]

    def __enter__(self) -> Self:
        psutil.cpu_percent()
        self._used = self._processor()
        self._began = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._began
        self.busy = psutil.cpu_percent() / 100
        self.processor = self._processor() - self._used

    def _processor(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self._processes)


def steps(connection: Connection, directory: Path) -> list[tuple[str, str]]:
    """Each step and what was measured."""
    shown = []
    remove_people(connection)
    # a Neo4j may be on another machine: its processor is not counted
    server = () if connection.lease is None else (connection.lease.status.pid,)
    with Measured(*server) as load:
        report = load_people(connection, directory)
    rows = sum(report.relationships.values())
    shown.append(("nodes", f"{sum(report.nodes.values()):,}"))
    shown.append(("relationships", f"{rows:,} ({report.relationships['HAS_SKILL']:,} HAS_SKILL)"))
    shown.append(("written and counted", f"{load.seconds:.1f} s, {rows / load.seconds:,.0f} relationships a second"))
    shown.append(("processor of this process" + " and the server's" * len(server), f"{load.processor:.1f} s"))
    shown.append(("cores busy meanwhile, with all that ran", f"{load.busy:.0%} of {os.cpu_count()} cores"))
    for name, parameters in QUESTIONS.items():
        with Measured() as asking:
            answer = connection.ask(name, limit=20, **parameters)
        shown.append((name, f"{asking.seconds:.2f} s, {len(answer)} rows"))
    with Measured() as removal:
        removed = remove_people(connection)
    shown.append(("removed", f"{removal.seconds:.1f} s, {removed / removal.seconds:,.0f} people a second"))
    return shown


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seekers", type=int, default=100_000)
    parser.add_argument("--offers", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        draw(Path(place), asked.seekers, asked.offers, asked.seed)
        with connect(Settings()) as connection:
            table = Table(
                "what", "measured", title=f"{asked.seekers} seekers, {asked.offers} offers, {connection.server}"
            )
            for row in steps(connection, Path(place)):
                table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
