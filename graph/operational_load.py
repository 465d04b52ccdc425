"""A generated population -> the graph's server: its own load, sweep and removal, apart from the published data's.

It is far larger than one transaction may be, so that it goes in blocks. A marker says from the first to the last that
the load is unfinished; the next load then sweeps what is there and starts again: nothing is doubled.
"""

import hashlib
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from neo4j.exceptions import Neo4jError

from graph.connection import Connection
from graph.operational import OPERATIONAL_NODES, OPERATIONAL_RELATIONSHIPS, block_of
from graph.operational_write import write_by_bolt, write_by_bulk
from graph.queries import template
from graph.schema import NODE_BY_LABEL
from passerelle.errors import GraphConflictError, PopulationError

#: people of a block: 200,000 HAS_SKILL or so, what is in memory at once
AT_ONCE = 16_384
#: people removed in one transaction, each with some fifteen relationships
_REMOVED_AT_ONCE = 2_000
FILES = {"Seeker": "seekers.parquet", "Offer": "offers.parquet"}
#: label, people written so far, people of that label
PeopleProgress = Callable[[str, int, int], None]


@dataclass
class PeopleReport:
    """What a load did.

    nodes, relationships: how many the graph now holds of those who were drawn at random, by label and by type
    unknown:   ends that the graph does not have, by table of ``OPERATIONAL_RELATIONSHIPS``: these were left out
    removed:   people of another population, or of a load that was cut short, who were swept first
    unchanged: True when the graph held this very population, and nothing was written
    seconds:   wall clock
    """

    nodes: dict[str, int] = field(default_factory=dict)
    relationships: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    removed: int = 0
    unchanged: bool = False
    seconds: float = 0.0


def load_people(
    connection: Connection, directory: Path, progress: PeopleProgress | None = None, *, force: bool = False
) -> PeopleReport:
    """Makes the graph hold the population that ``passerelle population`` wrote into a directory, and no other.

    force:  writes again even where the marker says that this population is in the graph
    raises: PopulationError when the files are no generated population; GraphConflictError when the graph has no
        published data, when another load began meanwhile, or when the graph does not hold in the end what was written;
        GraphUnavailableError when the server goes away.
    """
    began = time.perf_counter()
    source = _source(directory)
    report = PeopleReport()
    marker = connection.read(template("operational_marker_read"))
    if not force and marker and marker[0]["finished"] and marker[0]["source"] == source:
        report.unchanged = True
    else:
        with _refusals():
            _replace(connection, directory, source, report, progress)
    counts = _counts(connection)
    labels = {spec.label for spec in OPERATIONAL_NODES}
    report.nodes = {name: total for name, total in counts.items() if name in labels}
    report.relationships = {name: total for name, total in counts.items() if name not in labels}
    report.seconds = time.perf_counter() - began
    return report


def remove_people(connection: Connection) -> int:
    """Removes everybody who was drawn at random, with the marker; returns how many people there were."""
    removed = _sweep(connection)
    connection.run(template("operational_marker_remove"))
    return removed


def _replace(
    connection: Connection, directory: Path, source: str, report: PeopleReport, progress: PeopleProgress | None
) -> None:
    known = _known(connection)
    for name in ("operational_marker_constraint", *_texts("constraint")):
        connection.run(template(name))
    load = str(uuid.uuid4())
    connection.run(template("operational_marker_begin"), {"load": load, "source": source, "at": _now()})
    if connection.lease is not None:
        # the server may still be writing a block of a client that was killed
        connection.lease.settle()
    report.removed = _sweep(connection)
    wanted = _write(connection, directory, known, load, report, progress)
    _compare(wanted, _counts(connection))
    if not _end(connection, load):
        raise _another_load()


@contextmanager
def _refusals() -> Iterator[None]:
    """Gives what a server refuses as an error with what to do."""
    try:
        yield
    except Neo4jError as error:
        raise GraphConflictError(
            f"Le serveur de graphe a refusé la population ({error.code} : {error.message})",
            "Relancez la commande, qui reprend du début ; les données publiées n'ont pas changé",
        ) from error


def _end(connection: Connection, load: str) -> bool:
    """Says in the marker that the load is over; False when another one began meanwhile."""
    with connection.transaction() as transaction:
        return bool(transaction.rows(template("operational_marker_end"), load=load, at=_now()))


def _write(
    connection: Connection,
    directory: Path,
    known: dict[str, pa.Array],
    load: str,
    report: PeopleReport,
    progress: PeopleProgress | None,
) -> dict[str, int]:
    """Writes all blocks; how many nodes of each label and relationships of each type they had."""
    wanted: dict[str, int] = {}
    for label, name in FILES.items():
        done = 0
        for batch, total in _batches(directory / name):
            if connection.read(template("operational_marker_read"))[0]["load"] != load:
                raise _another_load()
            block = block_of(label, batch, known)
            if connection.lease is None:
                write_by_bolt(connection, block, load, sessions=min(4, os.cpu_count() or 1))
            else:
                write_by_bulk(connection.lease, block, load)
            wanted[label] = wanted.get(label, 0) + block.nodes.num_rows
            for link in OPERATIONAL_RELATIONSHIPS:
                rows = block.links[link.table].num_rows if link.table in block.links else 0
                wanted[link.type] = wanted.get(link.type, 0) + rows
            for table, count in block.unknown.items():
                report.unknown[table] = report.unknown.get(table, 0) + count
            done += batch.num_rows
            if progress is not None:
                progress(label, done, total)
    return wanted


def _batches(path: Path) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Blocks of a file and how many people it has; a real person is refused before her block is written."""
    with _opened(path) as file:
        for batch in file.iter_batches(AT_ONCE):
            if not pc.all(batch["generated"], skip_nulls=False).as_py():
                raise PopulationError(
                    f"{path} nomme des personnes réelles",
                    "Seule une population tirée au hasard (« passerelle population ») entre dans le graphe.",
                )
            yield batch, file.metadata.num_rows


def _opened(path: Path) -> pq.ParquetFile:
    problem = "n'est pas une population tirée au hasard"
    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise PopulationError(f"{path} {problem} ({error})", _ADVICE) from error
    if (file.schema_arrow.metadata or {}).get(b"passerelle.generated") != b"true":
        file.close()
        raise PopulationError(f"{path} {problem}", _ADVICE)
    return file


_ADVICE = "Donnez le dossier que « passerelle population --out DOSSIER » a écrit."


def _source(directory: Path) -> str:
    """SHA-256 of the files: which population it is."""
    digest = hashlib.sha256()
    for name in FILES.values():
        _opened(directory / name).close()
        with (directory / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _known(connection: Connection) -> dict[str, pa.Array]:
    """Label -> keys that the graph holds, of the nodes that people are linked to."""
    labels = sorted({link.end for link in OPERATIONAL_RELATIONSHIPS})
    keys = {
        label: [row["key"] for row in connection.read(template("operational_keys", label=label, key=_key(label)))]
        for label in labels
    }
    if not keys["Occupation"]:
        raise GraphConflictError("Le graphe est vide", "Lancez « passerelle build »")
    return {label: pa.array(found, pa.string()) for label, found in keys.items()}


def _key(label: str) -> str:
    return NODE_BY_LABEL[label].key


def _sweep(connection: Connection) -> int:
    total = 0
    for name in _texts("remove"):
        removed = -1
        while removed:
            with connection.transaction() as transaction:
                removed = int(transaction.rows(template(name), batch=_REMOVED_AT_ONCE)[0][0])
            total += removed
    return total


def _texts(what: str) -> list[str]:
    return [f"operational_{spec.label.lower()}_{what}" for spec in OPERATIONAL_NODES]


def _counts(connection: Connection) -> dict[str, int]:
    found = {row["name"]: row["total"] for row in connection.read(template("operational_counts"))}
    names = (*(spec.label for spec in OPERATIONAL_NODES), *(link.type for link in OPERATIONAL_RELATIONSHIPS))
    return {name: found.get(name, 0) for name in names}


def _compare(wanted: dict[str, int], held: dict[str, int]) -> None:
    different = {name: (count, held[name]) for name, count in wanted.items() if held[name] != count}
    if different:
        words = ", ".join(f"{name} : {count} écrits, {there} trouvés" for name, (count, there) in different.items())
        raise GraphConflictError(
            f"Le graphe ne contient pas ce qui vient d'y être écrit ({words})",
            "Attendez la fin des autres chargements, puis relancez la commande, qui reprend du début",
        )


def _another_load() -> GraphConflictError:
    return GraphConflictError(
        "Un autre chargement de population a commencé pendant celui-ci", "Attendez sa fin, puis relancez la commande"
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
