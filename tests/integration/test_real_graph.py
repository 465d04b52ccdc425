"""The real ROME on both servers: the same rows to every question, the same tables read back, the same as the files."""

import math
from typing import Any

import pandas as pd
import pytest

from graph.connection import Connection, Row
from graph.queries import query, query_names
from graph.reader import read_graph
from graph.tables import GraphTables

pytestmark = [pytest.mark.real_data, pytest.mark.timeout(900)]
#: the lacemaker of the project's first case, and an occupation that experts list for her
FROM, TO = "B1804", "B1801"


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, list[Row]]]:
    """Server -> question -> rows, as the tests below find them."""
    return {}


def _parameters(tables: GraphTables) -> dict[str, Any]:
    """A value for every parameter of every question, that gives rows."""
    links = tables.relationships
    skills = tables.nodes["Skill"].set_index("codeOgr")
    required = links["requires"]
    shared = sorted(_ends(required, FROM) & _ends(required, TO))
    parts = links["skill_in_macro"]
    moves = links["moves_to"]
    via = sorted(_ends(moves, FROM) & set(moves.loc[moves["end"] == TO, "start"]))[0]
    return {
        "codeRome": FROM,
        "otherCodeRome": TO,
        "limit": 20,
        "prefix": "dentel",
        "codeOgr": shared[0],
        "past": [FROM, "B1803"],
        "to": TO,
        "via": via,
        "onward": sorted(_ends(moves, via))[0],
        "skill": shared[0],
        "macro": next(code for code in shared if skills.loc[code, "macro"]),
        "context": sorted(_ends(links["has_context"], FROM) & _ends(links["has_context"], TO))[0],
        "family": sorted(_ends(links["in_family"], FROM))[0],
        # Lille, its employment area and its department
        "codeInsee": "59350",
        "area": "3216",
        "departement": "59",
        "_macro_with_parts": parts["end"].value_counts().sort_index().idxmax(),
    }


def _transfer(tables: GraphTables) -> dict[str, str]:
    """The first skill that one of ``FROM`` answers, and the first occupation that requires it."""
    alike, required = tables.relationships["similar_to"], tables.relationships["requires"]
    first = alike[alike["start"].isin(_ends(required, FROM))].iloc[0]
    to = required.loc[(required["end"] == first["end"]) & (required["start"] != FROM), "start"].iloc[0]
    return {"held": first["start"], "skill": first["end"], "to": to}


def _ends(links: pd.DataFrame, start: str) -> set[str]:
    return set(links.loc[links["start"] == start, "end"])


def ask(connection: Connection, tables: GraphTables, name: str) -> list[Row]:
    values: dict[str, Any] = dict(_parameters(tables))
    if name == "macro_skill_members":
        values["codeOgr"] = values["_macro_with_parts"]
    if name == "tension_in_departement":
        # the lacemaker's families have none there
        values["codeRome"] = "K2111"
    if name == "path_transferable_skill":
        values |= _transfer(tables)
    if name == "path_common_macro_skill":
        values["held"] = sorted(_ends(tables.relationships["requires"], FROM))
    return connection.ask(name, **{parameter: values[parameter] for parameter in query(name).parameters})


def test_the_arrays_source_read_back_is_the_files(loaded: Connection, built_tables: GraphTables) -> None:
    assert built_tables.node_count > 85_000
    assert built_tables.relationship_count > 400_000
    read = read_graph(loaded)
    assert read.checksum() == built_tables.checksum()
    assert read.meta == built_tables.meta


# those on people have theirs in test_people.py
@pytest.mark.parametrize("name", [name for name in query_names() if not name.startswith("people_")])
def test_a_question_gives_its_columns_and_the_same_rows_on_every_server(
    loaded: Connection, built_tables: GraphTables, answers: dict[str, dict[str, list[Row]]], name: str
) -> None:
    rows = ask(loaded, built_tables, name)
    for row in rows:
        assert tuple(row) == query(name).columns
        # when it was loaded differs, and nothing else
        row.pop("loadedAt", None)
    assert rows == ask_again(loaded, built_tables, name)
    answers.setdefault(name, {})[loaded.kind] = rows
    assert len({str(found) for found in answers[name].values()}) == 1
    if name != "retired_occupations":
        assert rows or name.startswith("path_")


def ask_again(connection: Connection, tables: GraphTables, name: str) -> list[Row]:
    return [{column: row[column] for column in row if column != "loadedAt"} for row in ask(connection, tables, name)]


def test_counts_are_those_of_the_tables(loaded: Connection, built_tables: GraphTables) -> None:
    found = {(row["kind"], row["name"]): row["total"] for row in loaded.ask("counts")}
    for label, frame in built_tables.nodes.items():
        assert found.pop(("node", label)) == len(frame)
    assert found.pop(("node", "MacroSkill")) == built_tables.nodes["Skill"]["macro"].sum()
    assert found.pop(("node", "DataVersion")) == 1
    assert {kind for kind, _ in found} == {"relationship"}
    assert sum(found.values()) == built_tables.relationship_count


def test_skills_of_an_occupation_are_those_of_the_tables(loaded: Connection, built_tables: GraphTables) -> None:
    required = built_tables.relationships["requires"].query("start == @FROM")
    rows = loaded.ask("occupation_skills", codeRome=FROM)
    assert {row["codeOgr"]: row["importance"] for row in rows} == dict(
        zip(required["end"], required["importance"], strict=True)
    )


def test_shared_skills_are_those_of_the_tables(loaded: Connection, built_tables: GraphTables) -> None:
    required = built_tables.relationships["requires"]
    occupations = required["end"].value_counts()
    rows = loaded.ask("shared_skills", codeRome=FROM, otherCodeRome=TO)
    assert {row["codeOgr"] for row in rows} == _ends(required, FROM) & _ends(required, TO)
    assert all(row["occupations"] == occupations[row["codeOgr"]] for row in rows)


def test_the_overlap_ranking_is_that_of_the_tables(loaded: Connection, built_tables: GraphTables) -> None:
    required = built_tables.relationships["requires"]
    total = len(built_tables.nodes["Occupation"])
    idf = (total / required["end"].value_counts()).map(math.log)
    others = required[required["end"].isin(_ends(required, FROM)) & (required["start"] != FROM)]
    scores = others["end"].map(idf).groupby(others["start"]).sum()
    ranked = sorted(scores.items(), key=lambda item: (-round(item[1], 6), item[0]))[:20]
    rows = loaded.ask("overlap_ranking", codeRome=FROM, limit=20)
    assert [row["codeRome"] for row in rows] == [code for code, _ in ranked]
    assert [row["score"] for row in rows] == pytest.approx([score for _, score in ranked], abs=2e-6)


def test_titles_by_prefix_are_those_of_the_tables(loaded: Connection, built_tables: GraphTables) -> None:
    titles = built_tables.nodes["JobTitle"]
    wanted = titles[titles["labelNorm"].str.startswith("dentel")]
    rows = loaded.ask("titles_by_prefix", prefix="dentel", limit=1000)
    assert sorted(row["codeOgr"] for row in rows) == sorted(wanted["codeOgr"])
    assert FROM in {row["codeRome"] for row in rows}


def test_the_market_of_an_area_is_that_of_the_tables(loaded: Connection, built_tables: GraphTables) -> None:
    market = built_tables.relationships["market_area"]
    here = market[(market["end"] == "3216") & market["offers"].notna() & market["seekers"].notna()]
    ratio = (here["offers"].astype("float64") / here["seekers"]).round(6)
    ranked = sorted(zip(-ratio, here["start"], strict=True))[:20]
    rows = loaded.ask("market_of_area", area="3216", limit=20)
    assert [(row["codeRome3"], row["ratio"]) for row in rows] == [(code, -ratio) for ratio, code in ranked]
    assert loaded.ask("territories_of_commune", codeInsee="59350")[0]["area"] == "3216"
    wages = loaded.read("MATCH (:ProfessionalFamily)-[w:WAGES]->(:Nation) RETURN count(w.medianWage) AS n")
    assert wages[0]["n"] == built_tables.relationships["wages"]["medianWage"].notna().sum()


def test_mobilities_are_those_of_the_tables(loaded: Connection, built_tables: GraphTables) -> None:
    moves = built_tables.relationships["moves_to"]
    rows = loaded.ask("mobilities", codeRome=FROM)
    outward = {(row["codeRome"], row["rank"]) for row in rows if row["direction"] == "to"}
    inward = {row["codeRome"] for row in rows if row["direction"] == "from"}
    listed = moves[moves["start"] == FROM]
    assert outward == set(zip(listed["end"], listed["rank"], strict=True))
    assert inward == set(moves.loc[moves["end"] == FROM, "start"])
