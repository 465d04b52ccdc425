"""The graph's server -> GraphTables, identical to the tables that were written."""

import json
import time
from dataclasses import dataclass
from typing import Any

import neo4j
import pandas as pd
from neo4j.exceptions import Neo4jError

from graph.connection import Connection, Transaction
from graph.queries import template
from graph.schema import NODE_BY_LABEL, NODES, RELATIONSHIPS, NodeSpec, RelationshipSpec
from graph.tables import GraphTables, Source, TablesMeta
from passerelle.errors import GraphConflictError

#: what the writer sets on a node that the published data no longer have, and that operational data still name
RETIRED = "retiredIn"
#: properties of every relationship: where it comes from, and the year it stands for
RELATIONSHIP_SOURCE = ("source", "year")
#: the marker's checksum between the transactions of a load
UNFINISHED = ""
#: a commit shows within this time; then a content that differs was changed by somebody
_PAUSES_S = (0.0, 0.5, 1.5)


@dataclass(frozen=True)
class Marker:
    """Which version of the data the server holds.

    checksum:  of the tables that were written (``GraphTables.checksum``); "" while a load is not over, or was cut short
    loaded_at: UTC, ISO 8601
    """

    checksum: str
    meta: TablesMeta
    loaded_at: str


def read_marker(connection: Connection) -> Marker | None:
    """The version that the server holds; None where nothing was ever loaded."""
    with connection.transaction(neo4j.READ_ACCESS) as transaction:
        return marker_of(transaction)


def read_graph(connection: Connection) -> GraphTables:
    """The tables that the server holds, without the nodes that were retired.

    The checksum of what was read is compared with the one that the load wrote: a load that commits meanwhile is seen,
    and the reading starts again.
    raises: GraphConflictError when nothing is loaded, or the content is not what the load wrote.
    """
    problem = ""
    for pause_s in _PAUSES_S:
        time.sleep(pause_s)
        try:
            marker, nodes, relationships = _read(connection)
            tables = GraphTables.of(nodes, relationships, marker.meta)
        except (Neo4jError, ValueError) as error:
            # what a load removes may be missed by a reading that began before: the embedded server says so by an error
            problem = str(error)
        else:
            if tables.checksum() == marker.checksum:
                return tables
            problem = f"sa somme de contrôle n'est pas celle que la version {marker.meta.data_version} y a écrite"
    raise GraphConflictError(
        f"Le contenu du graphe n'est pas celui qui y a été chargé, ou il change sans cesse ({problem})",
        "Attendez la fin des chargements, puis lancez « passerelle build --force », qui réécrit ce qui diffère",
    )


def _read(connection: Connection) -> tuple[Marker, dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    with connection.transaction(neo4j.READ_ACCESS) as transaction:
        marker = marker_of(transaction)
        if marker is None:
            raise GraphConflictError("Le graphe est vide", "Lancez « passerelle build »")
        nodes = {spec.label: _without_retired(read_nodes(transaction, spec), spec) for spec in NODES}
        relationships = {
            spec.table: read_relationships(transaction, spec)[[column.name for column in spec.columns]]
            for spec in RELATIONSHIPS
        }
    return marker, nodes, relationships


def marker_of(transaction: Transaction) -> Marker | None:
    """The version that the transaction sees."""
    rows = transaction.rows(template("marker_read"))
    # a load in progress has locked a marker that has no checksum yet
    if not rows or rows[0][0] is None:
        return None
    checksum, meta, loaded_at = rows[0]
    content = json.loads(meta)
    sources = tuple(Source(**source) for source in content.pop("sources"))
    return Marker(checksum, TablesMeta(sources=sources, **content), loaded_at)


def read_nodes(transaction: Transaction, spec: NodeSpec) -> pd.DataFrame:
    """All nodes of a label, retired ones too: the columns of the schema, and ``retiredIn``; dtype object."""
    columns = node_columns(spec)
    rows = transaction.rows(template("nodes_read", label=spec.label), properties=columns)
    return _frame(rows, columns)


def read_relationships(transaction: Transaction, spec: RelationshipSpec) -> pd.DataFrame:
    """All relationships of a table: the columns of the schema, ``source`` and ``year`` among them; dtype object."""
    columns = relationship_columns(spec)
    text = template(
        "relationships_read",
        type=spec.type,
        start=spec.start,
        startKey=NODE_BY_LABEL[spec.start].key,
        end=spec.end,
        endKey=NODE_BY_LABEL[spec.end].key,
    )
    return _frame(transaction.rows(text, properties=columns[2:]), columns)


def node_columns(spec: NodeSpec) -> list[str]:
    """Names of the properties that a node of the label may have on the server, its key first."""
    columns = [column.name for column in spec.columns]
    return columns if RETIRED in columns else [*columns, RETIRED]


def relationship_columns(spec: RelationshipSpec) -> list[str]:
    """``start``, ``end``, then the properties that a relationship of the table may have on the server."""
    own = [column.name for column in spec.columns]
    return [*own, *(name for name in RELATIONSHIP_SOURCE if name not in own)]


def _frame(rows: list[list[Any]], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame([row for (row,) in rows], columns=columns, dtype=object)


def _without_retired(frame: pd.DataFrame, spec: NodeSpec) -> pd.DataFrame:
    kept = frame[frame[RETIRED].isna()]
    return kept[[column.name for column in spec.columns]]
