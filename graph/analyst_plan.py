"""What Neo4j would do with a text, judged by its own plan: only operators that read and compute may stand in it.

Names are those of ``EXPLAIN`` (Neo4j Cypher Manual 5, "Operators"). An operator that the list does not hold is refused
by its name: a list of what reads cannot be outgrown by a version that learns to write in a new way.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from passerelle.errors import RefusedQueryError

_SCANS = frozenset(
    {
        *("AllNodesScan", "NodeByLabelScan", "UnionNodeByLabelsScan", "IntersectionNodeByLabelsScan"),
        *("SubtractionNodeByLabelsScan", "NodeByIdSeek", "NodeByElementIdSeek", "NodeIndexSeek"),
        *("NodeIndexSeekByRange", "NodeUniqueIndexSeek", "NodeUniqueIndexSeekByRange", "NodeIndexScan"),
        *("NodeIndexContainsScan", "NodeIndexEndsWithScan", "MultiNodeIndexSeek", "AssertingMultiNodeIndexSeek"),
        *("NodeCountFromCountStore", "RelationshipCountFromCountStore"),
    }
)
#: each exists for relationships of one direction ("Directed") and of both ("Undirected")
_RELATIONSHIP_SCANS = frozenset(
    {
        *("AllRelationshipsScan", "RelationshipTypeScan", "UnionRelationshipTypesScan", "RelationshipByIdSeek"),
        *("RelationshipByElementIdSeek", "RelationshipIndexSeek", "RelationshipIndexSeekByRange"),
        *("RelationshipUniqueIndexSeek", "RelationshipUniqueIndexSeekByRange", "RelationshipIndexScan"),
        *("RelationshipIndexContainsScan", "RelationshipIndexEndsWithScan"),
    }
)
_PATHS = frozenset(
    {
        *("Expand", "OptionalExpand", "VarLengthExpand", "ProjectEndpoints", "ShortestPath", "StatefulShortestPath"),
        *("Repeat", "BidirectionalRepeat", "NullifyMetadata"),
    }
)
_COMBINING = frozenset(
    {
        *("Argument", "Apply", "SemiApply", "AntiSemiApply", "LetSemiApply", "LetAntiSemiApply", "SelectOrSemiApply"),
        *("SelectOrAntiSemiApply", "LetSelectOrSemiApply", "LetSelectOrAntiSemiApply", "ConditionalApply"),
        *("AntiConditionalApply", "RollUpApply", "Anti", "Optional", "AssertSameNode", "AssertSameRelationship"),
        *("TriadicSelection", "TriadicBuild", "TriadicFilter", "CartesianProduct", "NodeHashJoin"),
        *("NodeLeftOuterHashJoin", "NodeRightOuterHashJoin", "ValueHashJoin", "Union", "OrderedUnion", "Input"),
    }
)
_ROWS = frozenset(
    {
        *("Filter", "CacheProperties", "Projection", "Unwind", "EagerAggregation", "OrderedAggregation", "Distinct"),
        *("OrderedDistinct", "Eager", "Limit", "Skip", "Sort", "PartialSort", "Top", "PartialTop", "Top1WithTies"),
        *("PreserveOrder", "EmptyRow", "ProduceResults"),
    }
)
#: what may stand in a plan, without the mode in parentheses ("VarLengthExpand(Pruning)")
READING_OPERATORS = frozenset(
    {
        *(*_SCANS, *_PATHS, *_COMBINING, *_ROWS),
        *(f"{way}{name}" for name in _RELATIONSHIP_SCANS for way in ("Directed", "Undirected")),
    }
)


def refuse_plan(query_type: str | None, plan: Mapping[str, Any] | None) -> None:
    """Refuses a plan that is not of the kind "read", or that holds an operator out of ``READING_OPERATORS``.

    query_type: "r" for what reads, as the server says
    plan:       the driver's: ``operatorType`` and ``children``
    raises: RefusedQueryError naming the operators; also where the server gave no plan at all.
    """
    names = sorted({re.split("[@(]", name)[0] for name in _operators(plan)})
    refused = [name for name in names if name not in READING_OPERATORS]
    if refused:
        raise RefusedQueryError(
            f"Le plan du serveur contient ce qui n'est pas sur la liste des lectures ({', '.join(refused)}) : "
            "la requête n'a pas été lancée."
        )
    if query_type != "r" or not names:
        raise RefusedQueryError("Le serveur ne dit pas que cette requête ne fait que lire : elle n'a pas été lancée.")


def _operators(plan: Mapping[str, Any] | None) -> Iterator[str]:
    if plan:
        yield str(plan.get("operatorType", ""))
        for child in plan.get("children", ()):
            yield from _operators(child)
