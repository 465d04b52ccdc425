"""GraphTables -> the graph's server: only what differs, in transactions that readers see whole or not at all."""

import json
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from neo4j.exceptions import Neo4jError

from graph.changes import Changes, changes
from graph.connection import Connection, Transaction
from graph.queries import template
from graph.reader import RELATIONSHIP_SOURCE, RETIRED, UNFINISHED, read_marker, read_nodes, read_relationships
from graph.schema import NODE_BY_LABEL, NODES, PARTS, RELATIONSHIPS, NodeSpec, Part, RelationshipSpec
from graph.tables import GraphTables
from passerelle.errors import GraphConflictError, GraphUnavailableError

#: rows a statement: enough to keep turns few, small enough for the server's memory
BATCH = 2_000

#: rows that differ, after which a part is committed before the next: 1.5 GiB of Neo4j's heap hold the ROME, and no more
COMMIT_AFTER = 50_000
#: table, rows of the part written so far, rows of the part to write
Progress = Callable[[str, int, int], None]


@dataclass
class WriteReport:
    """What a load changed.

    created, updated, removed: rows by node label or relationship table; tables without a change are absent
    retired: (label, key) of nodes that the data no longer have and that stay, because something still names them
    unchanged: True when the server held this very version, and nothing was read or written
    seconds: wall clock of the whole load
    """

    created: dict[str, int] = field(default_factory=dict)
    updated: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    retired: list[tuple[str, str]] = field(default_factory=list)
    unchanged: bool = False
    seconds: float = 0.0


def write_graph(
    connection: Connection,
    tables: GraphTables,
    progress: Progress | None = None,
    *,
    named: Collection[str] = (),
    force: bool = False,
) -> WriteReport:
    """Makes the server hold these tables, and nothing else of theirs; operational data are left as they are.

    Everything is read, compared and written in one transaction: killed at any moment, the server holds the old version
    or the new one. Where more than ``COMMIT_AFTER`` rows differ, as in a first load, each part (``graph.schema.PARTS``)
    may have its own, and the next load finishes what was cut short. A node that is gone from the tables is removed,
    unless a seeker, an offer or an employer of the graph, or ``named``, still names it: it then stays with
    ``retiredIn`` and without its relationships of the tables.

    named: codes of occupations that records outside the graph still name
    force: compare with the content even where the marker says that this version is loaded
    raises: GraphConflictError when another load went on at the same time, or the server refuses the content;
        GraphUnavailableError when the server goes away or lacks memory; ValueError for tables with a ``retiredIn``.
    """
    started = time.perf_counter()
    if tables.nodes["Occupation"][RETIRED].notna().any():
        raise ValueError("retiredIn is set by the load: tables that are written have none")
    checksum = tables.checksum()
    report = WriteReport()
    marker = read_marker(connection)
    if not force and marker is not None and (marker.checksum, marker.meta) == (checksum, tables.meta):
        report.unchanged = True
    else:
        with _refusals():
            if marker is None or force:
                _constrain(connection)
            parts, load = list(PARTS), str(uuid.uuid4())
            while parts:
                with connection.transaction() as transaction:
                    one = _Load(transaction, tables, report, progress, frozenset(named))
                    one.begin(load, first=parts == list(PARTS))
                    written = 0
                    while parts and written < COMMIT_AFTER:
                        written += one.write(parts.pop(0))
                    one.end(load, UNFINISHED if parts else checksum)
    report.seconds = time.perf_counter() - started
    return report


class _Load:
    """One transaction of a load."""

    def __init__(
        self,
        transaction: Transaction,
        tables: GraphTables,
        report: WriteReport,
        progress: Progress | None,
        named: frozenset[str],
    ) -> None:
        self._transaction = transaction
        self._tables = tables
        self._report = report
        self._progress = progress
        self._named = named
        self._done = 0
        self._total = 0
        self._loaded_before = False

    def begin(self, load: str, *, first: bool) -> None:
        """Locks the marker.

        load:   id of the load; first: whether this is its first transaction
        raises: GraphConflictError when another load wrote since the transaction before
        """
        # the marker is written first, so that a second load waits for this one or fails when it commits
        before, last = self._transaction.rows(template("marker_lock"), load=load)[0]
        if not first and last != load:
            raise GraphConflictError(
                "Un autre chargement a commencé pendant celui-ci",
                "Attendez sa fin, puis lancez « passerelle build --force », qui réécrit ce qui diffère",
            )
        self._loaded_before = before is not None

    def write(self, part: Part) -> int:
        """Reads, compares and writes a part; returns how many rows differed."""
        labels = [spec for spec in NODES if spec.part == part]
        links = [spec for spec in RELATIONSHIPS if spec.part == part]
        nodes = {spec.label: self._node_changes(spec) for spec in labels}
        relationships = {spec.table: self._relationship_changes(spec) for spec in links}
        self._done, self._total = 0, sum(len(change) for change in (*nodes.values(), *relationships.values()))
        for link in links:
            self._write_relationships("relationship_delete", link, relationships[link.table].removed)
        for node in labels:
            self._write_nodes(node, nodes[node.label])
        for link in links:
            change = relationships[link.table]
            self._write_relationships("relationship_create", link, change.created)
            self._write_relationships("relationship_update", link, change.updated)
            self._count(link.table, change, len(change.removed))
        for node in labels:
            kept = self._sweep(node, nodes[node.label].removed)
            self._count(node.label, nodes[node.label], len(nodes[node.label].removed) - kept)
        return self._total

    def end(self, load: str, checksum: str) -> None:
        """Says in the marker what the server holds once this transaction is over."""
        self._transaction.run(
            template("marker_write"),
            checksum=checksum,
            meta=json.dumps(asdict(self._tables.meta), ensure_ascii=False),
            dataVersion=self._tables.meta.data_version,
            loadedAt=datetime.now(UTC).isoformat(timespec="seconds"),
            load=load,
        )

    def _node_changes(self, spec: NodeSpec) -> Changes:
        held = read_nodes(self._transaction, spec)
        if len(held) and not self._loaded_before:
            raise GraphConflictError(
                f"Cette base contient déjà {len(held)} nœuds {spec.label} que Passerelle n'a pas écrits",
                "Rien n'y a été changé ; donnez à Passerelle une base qui lui est réservée",
            )
        return changes(held, self._tables.nodes[spec.label].assign(**{RETIRED: None}), [spec.key])

    def _relationship_changes(self, spec: RelationshipSpec) -> Changes:
        held = read_relationships(self._transaction, spec)
        wanted = self._tables.relationships[spec.table]
        own = {column.name for column in spec.properties}
        if not own.issuperset(RELATIONSHIP_SOURCE):
            # the ROME is the first source; what a model computed names the model: it is in no publication
            rome = None if "model" in own else next(iter(self._tables.meta.sources), None)
            source = (None, None) if rome is None else (rome.name, rome.year)
            wanted = wanted.assign(**dict(zip(RELATIONSHIP_SOURCE, source, strict=True)))
        return changes(held, wanted, ["start", "end"])

    def _write_nodes(self, spec: NodeSpec, change: Changes) -> None:
        created = change.created
        for column, extra in spec.extra_labels.items():
            # the embedded server cannot give a label to a node that the same transaction created
            labelled = created[column].eq(True)
            self._create(spec, created[labelled], template("node_create_labelled", label=spec.label, extra=extra))
            created = created[~labelled]
        self._create(spec, created, template("node_create", label=spec.label))
        update = template("node_update", label=spec.label, key=spec.key)
        for batch in self._batches(spec.label, change.updated):
            self._transaction.run(
                update,
                rows=[{"key": row[spec.key], "properties": row} for row in batch],
            )
        for column, extra in spec.extra_labels.items():
            for name, flag in (("label_add", True), ("label_remove", False)):
                text = template(name, label=spec.label, key=spec.key, extra=extra)
                keys = change.updated.loc[change.updated[column].eq(flag), spec.key].tolist()
                for start in range(0, len(keys), BATCH):
                    self._transaction.run(text, keys=keys[start : start + BATCH])

    def _create(self, spec: NodeSpec, frame: pd.DataFrame, text: str) -> None:
        for batch in self._batches(spec.label, frame):
            self._transaction.run(
                text, rows=[{name: value for name, value in row.items() if value is not None} for row in batch]
            )

    def _write_relationships(self, name: str, spec: RelationshipSpec, frame: pd.DataFrame) -> None:
        text = template(
            name,
            type=spec.type,
            start=spec.start,
            startKey=NODE_BY_LABEL[spec.start].key,
            end=spec.end,
            endKey=NODE_BY_LABEL[spec.end].key,
        )
        properties = [column for column in frame.columns if column not in ("start", "end")]
        for batch in self._batches(spec.table, frame):
            rows = [
                {
                    "start": row["start"],
                    "end": row["end"],
                    "properties": {name: row[name] for name in properties if row[name] is not None},
                }
                for row in batch
            ]
            self._transaction.run(text, rows=rows)

    def _sweep(self, spec: NodeSpec, gone: pd.DataFrame) -> int:
        """Removes nodes that are gone; those still named stay, retired. Returns how many stay."""
        names = {"label": spec.label, "key": spec.key}
        kept = 0
        for batch in self._batches(spec.label, gone):
            keys = [row[spec.key] for row in batch]
            named = {key for (key,) in self._transaction.rows(template("node_named", **names), keys=keys)}
            if spec.label == "Occupation":
                named |= self._named.intersection(keys)
            newly = [row[spec.key] for row in batch if row[spec.key] in named and row[RETIRED] is None]
            version = self._tables.meta.data_version
            self._transaction.run(template("node_retire", **names), keys=newly, dataVersion=version)
            self._transaction.run(template("node_delete", **names), keys=[key for key in keys if key not in named])
            self._report.retired += [(spec.label, key) for key in keys if key in named]
            kept += len(named)
        return kept

    def _batches(self, table: str, frame: pd.DataFrame) -> Iterator[list[dict[str, Any]]]:
        for start in range(0, len(frame), BATCH):
            rows = frame.iloc[start : start + BATCH]
            yield [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]
            self._done += len(rows)
            if self._progress is not None:
                self._progress(table, self._done, self._total)

    def _count(self, table: str, change: Changes, removed: int) -> None:
        for counts, rows in (
            (self._report.created, len(change.created)),
            (self._report.updated, len(change.updated)),
            (self._report.removed, removed),
        ):
            if rows:
                counts[table] = rows


def _constrain(connection: Connection) -> None:
    connection.run(template("marker_constraint"))
    for spec in NODES:
        connection.run(template("constraint", label=spec.label, key=spec.key))


@contextmanager
def _refusals() -> Iterator[None]:
    """Gives what a server answers to a load that it refuses as an error with what to do."""
    try:
        yield
    except Neo4jError as error:
        if "OutOfMemory" in (error.code or ""):
            raise GraphUnavailableError(
                "Le serveur de graphe n'a pas assez de mémoire pour charger les données d'un seul tenant",
                "Rien n'y a été changé ; donnez-lui au moins 1,5 Gio de tas "
                "(NEO4J_server_memory_heap_max__size, ou PASSERELLE_EMBEDDED_HEAP_MIB)",
            ) from error
        raise GraphConflictError(
            f"Le serveur de graphe a refusé le chargement ({error.code} : {error.message})",
            "Rien n'y a été changé ; si un autre chargement était en cours, attendez sa fin et relancez",
        ) from error
