"""What differs between two tables, checked against doing the changes."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from graph.changes import as_objects, changes

_ROW = st.fixed_dictionaries(
    {"start": st.sampled_from("abc"), "end": st.sampled_from("xyz"), "rank": st.none() | st.integers(0, 2)}
)
_ROWS = st.lists(_ROW, max_size=12)
_UNIQUE_ROWS = st.lists(_ROW, max_size=9, unique_by=lambda row: (row["start"], row["end"]))
_COLUMNS = ["start", "end", "rank"]


def frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=_COLUMNS, dtype=object)


@given(_ROWS, _UNIQUE_ROWS)
def test_doing_the_changes_gives_what_is_wanted(held: list[dict[str, object]], wanted: list[dict[str, object]]) -> None:
    found = changes(frame(held), frame(wanted).astype({"rank": "Int64"}), ["start", "end"])
    content: dict[tuple[object, object], list[object]] = {}
    for row in held:
        content.setdefault((row["start"], row["end"]), []).append(row["rank"])
    for row in found.removed.itertuples(index=False):
        del content[row.start, row.end]
    for row in found.updated.itertuples(index=False):
        assert content[row.start, row.end] != [row.rank]
        content[row.start, row.end] = [row.rank]
    for row in found.created.itertuples(index=False):
        content.setdefault((row.start, row.end), []).append(row.rank)
    assert content == {(row["start"], row["end"]): [row["rank"]] for row in wanted}


@given(_UNIQUE_ROWS)
def test_the_same_table_has_no_change(rows: list[dict[str, object]]) -> None:
    assert len(changes(frame(rows), frame(rows), ["start", "end"])) == 0


def test_missing_values_become_none() -> None:
    typed = pd.DataFrame({"a": pd.array([True, None], dtype="boolean"), "b": pd.array(["x", None], dtype="string")})
    assert as_objects(typed).to_dict("records") == [{"a": True, "b": "x"}, {"a": None, "b": None}]
