"""A plan of Neo4j is judged by a list of what reads: what is not on it is refused by its name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.analyst_plan import READING_OPERATORS, refuse_plan
from passerelle.errors import RefusedQueryError


def _plan(*names: str) -> dict[str, Any]:
    """A plan of one branch, the first name on top."""
    children: list[dict[str, Any]] = []
    for name in reversed(names):
        children = [{"operatorType": f"{name}@neo4j", "children": children}]
    return children[0]


def test_a_plan_that_reads_passes() -> None:
    refuse_plan("r", _plan("ProduceResults", "Top", "EagerAggregation", "VarLengthExpand(Pruning)", "NodeByLabelScan"))


@pytest.mark.parametrize(
    "name",
    # as a server names what writes, runs, reads files or manages it, and one that no version has yet
    [
        *("Create", "Merge", "LockingMerge", "Delete", "DetachDelete", "SetProperty", "SetLabels", "RemoveLabels"),
        *("Foreach", "SubqueryForeach", "TransactionForeach", "TransactionApply", "EmptyResult", "LoadCSV"),
        *("ProcedureCall", "ShowTransactions", "ShowSettings", "TerminateTransactions", "RunQueryAt", "CreateIndex"),
        *("DropConstraint", "UnheardOf", ""),
    ],
)
def test_an_operator_out_of_the_list_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(RefusedQueryError, match=name or "liste des lectures"):
        refuse_plan("r", _plan("ProduceResults", "Apply", name, "Argument"))


@pytest.mark.parametrize("kind", ["rw", "w", "s", None, ""])
def test_a_plan_of_another_kind_is_refused(kind: str | None) -> None:
    with pytest.raises(RefusedQueryError, match="ne fait que lire"):
        refuse_plan(kind, _plan("ProduceResults", "Argument"))


def test_no_plan_is_refused() -> None:
    with pytest.raises(RefusedQueryError, match="ne fait que lire"):
        refuse_plan("r", None)


@given(
    st.lists(st.sampled_from(sorted(READING_OPERATORS)), min_size=1, max_size=8),
    st.text(min_size=1, max_size=12).filter(lambda name: name.strip("@(") and "@" not in name and "(" not in name),
    st.data(),
)
def test_one_unknown_operator_anywhere_refuses_the_plan(names: list[str], unknown: str, data: st.DataObject) -> None:
    refuse_plan("r", _plan(*names))
    if unknown in READING_OPERATORS:
        return
    position = data.draw(st.integers(0, len(names)))
    with pytest.raises(RefusedQueryError):
        refuse_plan("r", _plan(*names[:position], unknown, *names[position:]))
