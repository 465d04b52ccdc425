"""A generated population in the graph: the same on both servers and in pandas, beside published data that stay."""

import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.connection import Connection, Row
from graph.operational import OPERATIONAL_NODES, OPERATIONAL_RELATIONSHIPS, block_of
from graph.operational_load import FILES, load_people, remove_people
from graph.queries import query_names
from graph.reader import read_graph
from graph.schema import NODES
from graph.tables import GraphTables
from graph.writer import write_graph
from ingest.market_files import read_market
from ingest.population import Population
from ingest.territory_files import read_territory
from passerelle.errors import GraphConflictError, PopulationError
from passerelle.population import write_population
from tests.integration.conftest import KINDS, GraphServer, embedded_server, neo4j_server
from tests.integration.people_client import PeopleProcess

pytestmark = [pytest.mark.real_data, pytest.mark.timeout(300)]
AREA, OCCUPATION = "3216", "K1304"
Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def populations(
    data_dir: Path, built_tables: GraphTables, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """Two directories: one population of 1,259 seekers and 278 offers, and another a third as large."""
    territories = read_territory(data_dir / "territory")
    market = read_market(data_dir, territories, built_tables.nodes["OccupationFamily"]["codeRome3"])
    found = []
    for seed, scale in ((1, 0.0003), (2, 0.0001)):
        directory = tmp_path_factory.mktemp("population")
        write_population(Population.of(built_tables, market, territories.communes, seed), directory, scale, {})
        found.append(directory)
    return found[0], found[1]


@pytest.fixture(scope="module")
def tables(built_tables: GraphTables, populations: tuple[Path, Path]) -> GraphTables:
    """What these people are linked to and the questions go through: the rest would only take time."""
    links = built_tables.relationships
    people = [frames(one, built_tables) for one in populations]
    keys = {
        label: {
            key
            for one in people
            for spec in OPERATIONAL_RELATIONSHIPS
            if spec.end == label
            for key in one[spec.table]["end"]
        }
        for label in {spec.end for spec in OPERATIONAL_RELATIONSHIPS}
    }
    required = links["requires"].pipe(_where, "start", OCCUPATION)
    keys["Occupation"].add(OCCUPATION)
    keys["Skill"] |= set(required["end"])
    contexts = links["has_context"]
    nodes = {label: built_tables.nodes[label] for label in keys}
    return GraphTables.of(
        {label: frame[frame.iloc[:, 0].isin(keys[label])] for label, frame in nodes.items()},
        {
            "requires": required,
            "has_context": contexts[
                contexts["start"].isin(keys["Occupation"]) & contexts["end"].isin(keys["WorkContext"])
            ],
        },
        built_tables.meta,
    )


@pytest.fixture(scope="module", params=[pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in KINDS])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tables: GraphTables
) -> Iterator[GraphServer]:
    """Each server in turn, holding the published data."""
    if request.param == "embedded":
        found = embedded_server(tmp_path_factory.mktemp("people"))
    else:
        found = neo4j_server()
        found.wipe()
    with found.connect() as connection:
        write_graph(connection, tables)
        # the embedded server lives until here, but for its kills
        yield found
    found.wipe()


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, list[Row]]]:
    """Question -> server -> rows, as the tests below find them."""
    return {}


def frames(directory: Path, tables: GraphTables) -> Frames:
    """The population as tables of nodes and of relationships."""
    known = {spec.end: pa.array(tables.nodes[spec.end].iloc[:, 0], pa.string()) for spec in OPERATIONAL_RELATIONSHIPS}
    found: Frames = {}
    for label, name in FILES.items():
        (batch,) = pq.read_table(directory / name).combine_chunks().to_batches()
        block = block_of(label, batch, known)
        assert block.unknown == {}
        found[label] = block.nodes.to_pandas()
        found |= {table: rows.to_pandas() for table, rows in block.links.items()}
    return found


def held(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """All that the graph holds of seekers and offers, sorted."""
    found = {}
    for spec in OPERATIONAL_NODES:
        names = [column.name for column in spec.columns]
        text = f"MATCH (n:{spec.label}) RETURN " + ", ".join(f"n.{name} AS {name}" for name in names)
        found[spec.label] = [tuple(row[name] for name in names) for row in connection.read(text)]
    for link in OPERATIONAL_RELATIONSHIPS:
        columns = "".join(f", r.{one.name} AS {one.name}" for one in link.properties)
        key = next(spec.key for spec in NODES if spec.label == link.end)
        text = f"MATCH (a:{link.start})-[r:{link.type}]->(b:{link.end}) RETURN a.id AS start, b.{key} AS end{columns}"
        names = ["start", "end", *(one.name for one in link.properties)]
        found[link.table] = [tuple(row[name] for name in names) for row in connection.read(text)]
    return {name: sorted(rows, key=str) for name, rows in found.items()}


def expected(people: Frames) -> dict[str, list[tuple[Any, ...]]]:
    return {
        name: sorted(
            (tuple(None if pd.isna(v) else v for v in row) for row in frame.itertuples(index=False, name=None)),
            key=lambda row: str(tuple(int(v) if isinstance(v, float) else v for v in row)),
        )
        for name, frame in people.items()
    }


def test_the_graph_holds_what_the_files_say_and_the_published_data_stay(
    server: GraphServer, tables: GraphTables, populations: tuple[Path, Path]
) -> None:
    large, small = populations
    seen: list[tuple[str, int, int]] = []
    with server.connect() as connection:
        report = load_people(connection, small)
        assert (report.removed, report.unchanged, report.unknown) == (0, False, {})
        assert held(connection) == expected(frames(small, tables))
        # another population takes its place
        report = load_people(connection, large, lambda label, done, total: seen.append((label, done, total)))
        people = frames(large, tables)
        assert report.removed == sum(len(pq.read_table(small / name)) for name in FILES.values())
        assert report.nodes == {label: len(people[label]) for label in FILES}
        assert sum(report.relationships.values()) == sum(len(people[one.table]) for one in OPERATIONAL_RELATIONSHIPS)
        assert [(done, total) for _, done, total in seen] == [(len(people[label]),) * 2 for label in FILES]
        assert held(connection) == expected(people)
        assert load_people(connection, large).unchanged
        assert connection.read("MATCH (n:Seeker|Offer) WHERE n.generated IS NULL RETURN count(n) AS n") == [{"n": 0}]
        # the published data are what they were, to the last bit
        assert read_graph(connection).checksum() == tables.checksum()


def _where(frame: pd.DataFrame, column: str, value: str) -> pd.DataFrame:
    return frame[frame[column] == value]


def _top(frame: pd.DataFrame, by: list[str], limit: int) -> list[dict[str, Any]]:
    """The first rows: the first column of ``by`` falling, the others rising."""
    ranked = frame.sort_values(by, ascending=[False] + [True] * (len(by) - 1)).head(limit)
    return [{str(name): value for name, value in row.items()} for row in ranked.to_dict("records")]


def _labels(tables: GraphTables, label: str) -> "pd.Series[str]":
    frame = tables.nodes[label]
    return frame.set_index(frame.columns[0])["label"]


def areas_with_skill(people: Frames, tables: GraphTables, skill: str, limit: int) -> list[dict[str, Any]]:
    having = (
        people["has_skill"].pipe(_where, "end", skill).merge(people["lives_in"], on="start", suffixes=("", "_area"))
    )
    found = having.groupby("end_area").agg(
        seekers=("start", "size"), expert=("level", lambda level: int((level == "expert").sum()))
    )
    found = found.reset_index(names="area")
    found.insert(1, "label", found["area"].map(_labels(tables, "EmploymentArea")))
    return _top(found, ["seekers", "area"], limit)


def skills_asked(people: Frames, tables: GraphTables, area: str, limit: int) -> list[dict[str, Any]]:
    here = people["asks"][people["asks"]["start"].isin(people["offer_in_area"].pipe(_where, "end", area)["start"])]
    found = here.groupby("end").agg(offers=("start", "size"), required=("required", "sum"))
    living = people["lives_in"].pipe(_where, "end", area)["start"]
    holding = people["has_skill"][people["has_skill"]["start"].isin(living)]["end"].value_counts()
    found = found.astype({"required": int}).reset_index(names="codeOgr")
    found.insert(1, "label", found["codeOgr"].map(_labels(tables, "Skill")))
    found["seekers"] = found["codeOgr"].map(holding).fillna(0).astype(int)
    return _top(found, ["offers", "codeOgr"], limit)


def for_offers(people: Frames, _tables: GraphTables, occupation: str, limit: int) -> list[dict[str, Any]]:
    musts = people["asks"][people["asks"]["required"].eq(True)].groupby("start")["end"].agg(set)
    skills = people["has_skill"].groupby("start")["end"].agg(set)
    living = people["lives_in"].groupby("end")["start"].agg(list)
    area = people["offer_in_area"].set_index("start")["end"]
    found = []
    for offer in sorted(people["for_occupation"].pipe(_where, "end", occupation)["start"]):
        if offer in musts.index and offer in area.index:
            here = living.get(area[offer], [])
            able = sum(1 for one in here if one in skills.index and musts[offer] <= skills[one])
            found.append({"offer": offer, "area": area[offer], "required": len(musts[offer]), "seekers": able})
    return found[:limit]


def newcomers(people: Frames, tables: GraphTables, occupation: str, limit: int) -> list[dict[str, Any]]:
    core = tables.relationships["requires"].pipe(_where, "start", occupation).pipe(_where, "importance", "core")["end"]
    worked = people["worked_as"]
    known = people["has_skill"][people["has_skill"]["end"].isin(core)]
    known = known[~known["start"].isin(worked.pipe(_where, "end", occupation)["start"])]
    count = known.groupby("start").size().rename("held").reset_index()
    found = worked.merge(count, on="start").groupby("end").agg(seekers=("start", "size"), skills=("held", "sum"))
    found = found.reset_index(names="codeRome")
    found.insert(1, "label", found["codeRome"].map(_labels(tables, "Occupation")))
    return _top(found, ["seekers", "codeRome"], limit)


def refused(people: Frames, tables: GraphTables, area: str, limit: int) -> list[dict[str, Any]]:
    living = people["lives_in"].pipe(_where, "end", area)["start"]
    found = people["refuses"][people["refuses"]["start"].isin(living)].groupby("end").size().rename("seekers")
    here = people["for_occupation"][
        people["for_occupation"]["start"].isin(people["offer_in_area"].pipe(_where, "end", area)["start"])
    ]
    offers = here.merge(tables.relationships["has_context"], left_on="end", right_on="start")["end_y"].value_counts()
    frame = found.reset_index(name="seekers").rename(columns={"end": "code"})
    frame.insert(1, "label", frame["code"].map(_labels(tables, "WorkContext")))
    frame["offers"] = frame["code"].map(offers).fillna(0).astype(int)
    return _top(frame, ["seekers", "code"], limit)


QUESTIONS: dict[str, tuple[Callable[[Frames, GraphTables, str, int], list[dict[str, Any]]], str, str]] = {
    "people_areas_with_skill": (areas_with_skill, "codeOgr", "300490"),
    "people_skills_asked_in_area": (skills_asked, "area", AREA),
    "people_for_offers": (for_offers, "codeRome", OCCUPATION),
    "people_newcomers_to_occupation": (newcomers, "codeRome", OCCUPATION),
    "people_refused_contexts": (refused, "area", AREA),
}


def test_every_question_on_people_is_tried() -> None:
    assert {name for name in query_names() if name.startswith("people_")} == set(QUESTIONS)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_has_the_rows_that_pandas_finds(
    server: GraphServer,
    tables: GraphTables,
    populations: tuple[Path, Path],
    answers: dict[str, dict[str, list[Row]]],
    name: str,
) -> None:
    reckoned, parameter, value = QUESTIONS[name]
    with server.connect() as connection:
        load_people(connection, populations[0])
        rows = connection.ask(name, limit=12, **{parameter: value})
    assert rows
    assert rows == reckoned(frames(populations[0], tables), tables, value, 12)
    answers.setdefault(name, {})[server.kind] = rows
    assert len({str(found) for found in answers[name].values()}) == 1


def test_killed_in_the_middle_the_next_load_makes_it_whole(
    server: GraphServer, tables: GraphTables, populations: tuple[Path, Path]
) -> None:
    moments = random.Random(7)
    small = populations[1]
    whole = expected(frames(small, tables))
    # the embedded server with its client, and then the client alone: the server may still be writing a block
    for kill in (False, True):
        load = PeopleProcess(server.environment, small, moments.randint(1, 4))
        load.wait()
        time.sleep(moments.random() * 0.1)
        load.kill(server=kill)
        with server.connect() as connection:
            marker = connection.read("MATCH (m:OperationalLoad) RETURN m.finished AS finished")
            assert marker == [{"finished": False}]
            load_people(connection, small)
            assert held(connection) == whole
            assert read_graph(connection).checksum() == tables.checksum()


def test_another_load_that_begins_ends_the_first(server: GraphServer, populations: tuple[Path, Path]) -> None:
    large, small = populations
    with server.connect() as connection, server.connect() as other:

        def interfere(label: str, _done: int, _total: int) -> None:
            if label == "Seeker":
                load_people(other, small)

        with pytest.raises(GraphConflictError, match="Un autre chargement"):
            load_people(connection, large, interfere, force=True)
        assert load_people(other, small).unchanged


def test_a_real_person_is_refused_and_nothing_of_her_is_written(
    server: GraphServer, populations: tuple[Path, Path], tmp_path: Path
) -> None:
    shutil.copytree(populations[1], tmp_path, dirs_exist_ok=True)
    seekers = pq.read_table(tmp_path / FILES["Seeker"])
    real = pa.array([True] * (len(seekers) - 1) + [False])
    pq.write_table(seekers.set_column(1, seekers.schema.field(1), real), tmp_path / FILES["Seeker"])
    with server.connect() as connection:
        with pytest.raises(PopulationError, match="personnes réelles"):
            load_people(connection, tmp_path)
        assert connection.read("MATCH (s:Seeker) RETURN count(s) AS n") == [{"n": 0}]


def test_they_go_and_the_published_data_stay(
    server: GraphServer, tables: GraphTables, populations: tuple[Path, Path]
) -> None:
    with server.connect() as connection:
        load_people(connection, populations[1])
        assert remove_people(connection) == sum(len(pq.read_table(populations[1] / one)) for one in FILES.values())
        assert all(rows == [] for rows in held(connection).values())
        assert connection.read("MATCH (m:OperationalLoad) RETURN count(m) AS n") == [{"n": 0}]
        assert remove_people(connection) == 0
        assert read_graph(connection).checksum() == tables.checksum()
