"""Seekers and offers as rows of the graph: what the files say, no more; what is blank makes nothing."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.operational import OPERATIONAL_NODES, OPERATIONAL_RELATIONSHIPS, block_of
from graph.operational_load import load_people
from graph.operational_write import shared_out
from graph.queries import template
from graph.schema import NODE_BY_LABEL, NODES, RELATIONSHIPS
from ingest.population_schema import OFFERS, SEEKERS
from passerelle.errors import PopulationError

KNOWN = {
    label: pa.array(keys)
    for label, keys in {
        "Occupation": ["B1804", "H2605"],
        "Skill": ["11", "12", "13"],
        "WorkContext": ["C1"],
        "EmploymentArea": ["3216"],
        "Commune": ["59350"],
    }.items()
}


def seeker(number: int, skills: list[tuple[str, str | None]], **other: Any) -> dict[str, Any]:
    return {
        "seeker": f"s{number}",
        "generated": True,
        "past_occupations": [{"code_rome": "B1804", "years": "3-5"}],
        "skills": [{"code_ogr": code, "origin": "declared", "level": level} for code, level in skills],
        "refused_contexts": [],
        "area": "3216",
        "reach_km": None,
    } | other


def batch(rows: list[dict[str, Any]], schema: pa.Schema = SEEKERS) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(rows, schema=schema)


def test_a_seeker_becomes_a_node_and_her_relationships() -> None:
    rows = [
        seeker(1, [("11", "expert"), ("13", None)], reach_km=30, refused_contexts=["C1"]),
        seeker(2, []),
        seeker(3, [("11", None)], past_occupations=[]),
    ]
    block = block_of("Seeker", batch(rows), KNOWN)
    assert block.nodes.to_pylist() == [
        {"id": "s1", "generated": True, "reachKm": 30},
        {"id": "s2", "generated": True, "reachKm": None},
        {"id": "s3", "generated": True, "reachKm": None},
    ]
    assert block.links["has_skill"].to_pylist() == [
        {"start": "s1", "end": "11", "origin": "declared", "level": "expert"},
        {"start": "s1", "end": "13", "origin": "declared", "level": None},
        {"start": "s3", "end": "11", "origin": "declared", "level": None},
    ]
    assert block.links["refuses"].to_pylist() == [{"start": "s1", "end": "C1"}]
    assert [row["start"] for row in block.links["worked_as"].to_pylist()] == ["s1", "s2"]
    assert block.links["lives_in"]["end"].to_pylist() == ["3216"] * 3
    assert block.unknown == {}


def test_an_offer_without_a_place_is_nowhere_and_what_is_not_said_is_absent() -> None:
    offer = {"offer": "gen-1", "generated": True, "occupation": "H2605", "family": "H2605", "asked": []}
    asked = [{"code_ogr": "12", "required": True}, {"code_ogr": "11", "required": False}]
    placed = offer | {"offer": "gen-2", "asked": asked, "commune": "59350", "area": "3216", "monthly_wage": 1900}
    block = block_of("Offer", batch([offer, placed], OFFERS), KNOWN)
    assert block.nodes.to_pylist() == [
        {"id": "gen-1", "generated": True, "titleCode": None, "contract": None, "monthlyWage": None},
        {"id": "gen-2", "generated": True, "titleCode": None, "contract": None, "monthlyWage": 1900},
    ]
    assert block.links["located_in"].to_pylist() == [{"start": "gen-2", "end": "59350"}]
    assert block.links["offer_in_area"].to_pylist() == [{"start": "gen-2", "end": "3216"}]
    assert block.links["asks"]["required"].to_pylist() == [True, False]
    assert block.links["for_occupation"].num_rows == 2


def test_what_the_graph_does_not_have_is_left_out_and_counted() -> None:
    block = block_of("Seeker", batch([seeker(1, [("11", None), ("99", None)], area="0000")]), KNOWN)
    assert block.links["has_skill"]["end"].to_pylist() == ["11"]
    assert block.unknown == {"has_skill": 1, "lives_in": 1}


@given(st.lists(st.sampled_from([f"{n}" for n in range(9)]), max_size=60), st.integers(1, 5))
def test_parts_share_no_end_and_lose_nothing(ends: list[str], parts: int) -> None:
    rows = pa.table({"start": pa.array(range(len(ends))), "end": pa.array(ends, pa.string())})
    found = shared_out(rows, parts)
    assert sorted(number for part in found for number in part["start"].to_pylist()) == list(range(len(ends)))
    seen: set[str] = set()
    for part in found:
        here = part["end"].to_pylist()
        assert here == sorted(here)
        assert not seen & set(here)
        seen |= set(here)


def test_nothing_of_a_person_is_in_the_published_schema_nor_the_other_way_round() -> None:
    published = {spec.table for spec in RELATIONSHIPS} | {spec.label for spec in NODES}
    assert not published & {spec.table for spec in OPERATIONAL_RELATIONSHIPS}
    assert not published & {spec.label for spec in OPERATIONAL_NODES}
    assert {spec.end for spec in OPERATIONAL_RELATIONSHIPS if spec.start == "Seeker"}.isdisjoint({"Commune"})


@pytest.mark.parametrize("spec", OPERATIONAL_RELATIONSHIPS, ids=lambda spec: spec.table)
def test_a_text_writes_what_the_specification_says(spec: Any) -> None:
    text = template(f"operational_{spec.table}")
    assert f"MATCH (a:{spec.start} {{id: row.start}})" in text
    assert f"MATCH (b:{spec.end} {{{NODE_BY_LABEL[spec.end].key}: row.end}})" in text
    assert f"CREATE (a)-[:{spec.type}" in text
    assert all(f"{one.name}: row.{one.name}" in text for one in spec.properties)


def test_every_label_type_and_property_is_documented() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "schema.md").read_text(encoding="utf-8")
    names = {spec.label for spec in OPERATIONAL_NODES} | {spec.type for spec in OPERATIONAL_RELATIONSHIPS}
    names |= {column.name for spec in OPERATIONAL_NODES for column in spec.columns}
    names |= {column.name for spec in OPERATIONAL_RELATIONSHIPS for column in spec.properties}
    assert not sorted(name for name in names if f"`{name}`" not in page)


@pytest.mark.parametrize("labelled", [None, b"false"])
def test_files_that_do_not_say_that_they_were_drawn_are_refused(tmp_path: Path, labelled: bytes | None) -> None:
    for name, schema in (("seekers", SEEKERS), ("offers", OFFERS)):
        metadata = None if labelled is None else {b"passerelle.generated": labelled}
        pq.write_table(pa.Table.from_batches([], schema.with_metadata(metadata)), tmp_path / f"{name}.parquet")
    # refused before anything is asked of a server
    with pytest.raises(PopulationError, match=r"seekers\.parquet"):
        load_people(None, tmp_path)  # type: ignore[arg-type]


def test_what_is_no_population_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PopulationError, match="passerelle population"):
        load_people(None, tmp_path)  # type: ignore[arg-type]
    (tmp_path / "seekers.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(PopulationError, match=r"seekers\.parquet"):
        load_people(None, tmp_path)  # type: ignore[arg-type]
