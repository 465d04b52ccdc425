"""Seekers and offers in the graph: their labels and relationships, apart from those of the published data.

A load of the published data never touches them, and theirs (``graph.operational_load``) touches nothing else. Of a
person the graph knows an employment area and never a commune.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from graph.schema import NODE_BY_LABEL, NodeSpec, Property, RelationshipSpec

_GENERATED = Property("generated", "boolean", required=True)

#: ``generated``: true for who was drawn at random and does not exist
OPERATIONAL_NODES: tuple[NodeSpec, ...] = (
    NodeSpec("Seeker", "id", (_GENERATED, Property("reachKm", "Int64"))),
    # titleCode: codeOgr of a JobTitle; euros a month
    NodeSpec(
        "Offer",
        "id",
        (_GENERATED, Property("titleCode"), Property("contract"), Property("monthlyWage", "Int64")),
    ),
)
OPERATIONAL_RELATIONSHIPS: tuple[RelationshipSpec, ...] = (
    # years: 0-2 | 3-5 | 6+
    RelationshipSpec("worked_as", "WORKED_AS", "Seeker", "Occupation", (Property("years", required=True),)),
    # known how: declared | inferred | confirmed; and how well: beginner | independent | expert
    RelationshipSpec(
        "has_skill", "HAS_SKILL", "Seeker", "Skill", (Property("origin", required=True), Property("level"))
    ),
    RelationshipSpec("refuses", "REFUSES", "Seeker", "WorkContext"),
    RelationshipSpec("lives_in", "LIVES_IN", "Seeker", "EmploymentArea"),
    RelationshipSpec("for_occupation", "FOR_OCCUPATION", "Offer", "Occupation"),
    # required: true, a must; false, wished; absent: not said
    RelationshipSpec("asks", "ASKS", "Offer", "Skill", (Property("required", "boolean"),)),
    RelationshipSpec("located_in", "LOCATED_IN", "Offer", "Commune"),
    RelationshipSpec("offer_in_area", "IN_AREA", "Offer", "EmploymentArea"),
)
#: label -> name of its nodes' column in the files of a population, and property -> column
_COLUMNS: dict[str, dict[str, str]] = {
    "Seeker": {"id": "seeker", "generated": "generated", "reachKm": "reach_km"},
    "Offer": {
        "id": "offer",
        "generated": "generated",
        "titleCode": "title",
        "contract": "contract",
        "monthlyWage": "monthly_wage",
    },
}
#: table -> column of the other end, and its field where the column is a list of structures
_ENDS: dict[str, tuple[str, str | None]] = {
    "worked_as": ("past_occupations", "code_rome"),
    "has_skill": ("skills", "code_ogr"),
    "refuses": ("refused_contexts", None),
    "lives_in": ("area", None),
    "for_occupation": ("occupation", None),
    "asks": ("asked", "code_ogr"),
    "located_in": ("commune", None),
    "offer_in_area": ("area", None),
}


@dataclass(frozen=True)
class Block:
    """Some seekers or some offers, as rows of nodes and relationships.

    nodes:   columns of ``spec.columns``
    links:   table -> columns start, end, then the properties; only ends that the graph has
    unknown: table -> how many ends the graph does not have, left out of ``links``
    """

    spec: NodeSpec
    nodes: pa.Table
    links: dict[str, pa.Table]
    unknown: dict[str, int]


def block_of(label: str, batch: pa.RecordBatch, known: Mapping[str, pa.Array]) -> Block:
    """The rows of a batch of a population's file (``ingest.population_schema``).

    label: "Seeker" or "Offer"
    known: label of the published data -> keys of the nodes that the graph holds
    """
    columns = _COLUMNS[label]
    spec = next(one for one in OPERATIONAL_NODES if one.label == label)
    nodes = pa.table({name: batch[column] for name, column in columns.items()})
    links, unknown = {}, {}
    for link in OPERATIONAL_RELATIONSHIPS:
        if link.start != label:
            continue
        rows = _link_rows(link, batch[columns["id"]], batch[_ENDS[link.table][0]])
        there = pc.is_in(rows["end"], value_set=known[link.end])
        links[link.table] = rows.filter(there)
        missing = rows.num_rows - links[link.table].num_rows
        if missing:
            unknown[link.table] = missing
    return Block(spec, nodes, links, unknown)


def end_key(link: RelationshipSpec) -> str:
    """Name of the key of the nodes at the other end."""
    return NODE_BY_LABEL[link.end].key


def _link_rows(link: RelationshipSpec, ids: pa.Array, column: pa.Array) -> pa.Table:
    """One row a relationship; what is blank makes none."""
    start, values = ids, column
    if pa.types.is_list(column.type):
        start, values = ids.take(pc.list_parent_indices(column)), pc.list_flatten(column)
    field = _ENDS[link.table][1]
    end = values if field is None else values.field(field)
    properties = {name.name: values.field(name.name) for name in link.properties}
    return pa.table({"start": start, "end": end, **properties}).filter(pc.is_valid(end))
