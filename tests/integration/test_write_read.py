"""What is written is what is read back, on both servers; what is not ours is left alone."""

import dataclasses
import threading
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from graph.connection import Connection
from graph.reader import read_graph, read_marker
from graph.schema import PARTS, RELATIONSHIPS
from graph.tables import GraphTables
from graph.writer import write_graph
from passerelle.errors import GraphConflictError
from tests.integration.conftest import GraphServer
from tests.integration.invented import invented_tables

OLD = invented_tables(0)
NEW = invented_tables(1)


def rows(connection: Connection, text: str, **parameters: Any) -> list[dict[str, Any]]:
    return [
        record.data()
        for record in connection.driver.execute_query(text, parameters, database_=connection.database).records
    ]


def replaced(tables: GraphTables, **frames: pd.DataFrame) -> GraphTables:
    nodes = {name: frames.get(name, frame) for name, frame in tables.nodes.items()}
    relationships = {name: frames.get(name, frame) for name, frame in tables.relationships.items()}
    return GraphTables.of(nodes, relationships, dataclasses.replace(tables.meta, data_version="changed"))


def without_occupation(tables: GraphTables, code: str) -> GraphTables:
    occupations = tables.nodes["Occupation"]
    frames = {"Occupation": occupations[occupations["codeRome"] != code]}
    for name, frame in tables.relationships.items():
        frames[name] = frame[(frame["start"] != code) & (frame["end"] != code)]
    return replaced(tables, **frames)


def test_what_is_written_is_read_back(empty_server: GraphServer) -> None:
    with empty_server.connect() as connection:
        report = write_graph(connection, OLD)
        read = read_graph(connection)
    assert report.created == {name: count for name, count in OLD.counts().items() if count}
    assert (report.updated, report.removed, report.retired, report.unchanged) == ({}, {}, [], False)
    assert read.checksum() == OLD.checksum()
    assert read.meta == OLD.meta
    for name, frame in OLD.nodes.items():
        pd.testing.assert_frame_equal(read.nodes[name], frame)
    for name, frame in OLD.relationships.items():
        pd.testing.assert_frame_equal(read.relationships[name], frame)


def test_a_new_version_replaces_the_old_whole(empty_server: GraphServer) -> None:
    with empty_server.connect() as connection:
        write_graph(connection, OLD)
        report = write_graph(connection, NEW)
        assert read_graph(connection).checksum() == NEW.checksum()
        marker = read_marker(connection)
        assert marker is not None
        assert marker.meta == NEW.meta
        assert report.created["Skill"] == report.removed["Skill"] > 0
        assert report.updated["Skill"] > 0
        totals = {row["name"]: row["total"] for row in connection.ask("counts")}
        macro = int(NEW.nodes["Skill"]["macro"].sum())
        assert totals["MacroSkill"] == macro
        assert totals["Skill"] == len(NEW.nodes["Skill"])


def test_an_unchanged_version_is_neither_read_nor_written(empty_server: GraphServer) -> None:
    with empty_server.connect() as connection:
        write_graph(connection, OLD)
        before = read_marker(connection)
        report = write_graph(connection, OLD)
        assert report.unchanged
        assert read_marker(connection) == before


def test_a_second_pass_finds_nothing_to_change(empty_server: GraphServer) -> None:
    with empty_server.connect() as connection:
        write_graph(connection, OLD)
        report = write_graph(connection, OLD, force=True)
    assert (report.created, report.updated, report.removed, report.unchanged) == ({}, {}, {}, False)


def test_progress_counts_to_the_end(empty_server: GraphServer) -> None:
    seen: list[tuple[str, int, int]] = []
    with empty_server.connect() as connection:
        write_graph(connection, OLD, lambda table, done, total: seen.append((table, done, total)))
    ends = [done for _, done, total in seen if done == total]
    assert sum(ends) == OLD.node_count + OLD.relationship_count
    assert len(ends) == len(PARTS)
    assert seen[-1][1] == seen[-1][2]


def test_every_relationship_says_where_it_comes_from(empty_server: GraphServer) -> None:
    with empty_server.connect() as connection:
        write_graph(connection, OLD)
        # those of the country give the source and year of each row
        text = (
            "MATCH ()-[r]->() WHERE r.model IS NULL AND NOT type(r) IN $country "
            "RETURN DISTINCT r.source AS source, r.year AS year"
        )
        text = text.replace("$country", str([spec.type for spec in RELATIONSHIPS if spec.part != "rome"]))
        assert rows(connection, text) == [{"source": "ROME 4.0", "year": 2025}]
        # what a model computed names the model instead
        text = "MATCH ()-[r]->() WHERE r.model IS NOT NULL AND r.source IS NOT NULL RETURN count(r) AS total"
        assert rows(connection, text) == [{"total": 0}]


@pytest.mark.parametrize(
    "tampering",
    [
        "MATCH (o:Occupation) WITH o ORDER BY o.codeRome LIMIT 1 SET o.label = 'autre'",
        "MATCH (:Occupation)-[r:REQUIRES]->() WITH r LIMIT 1 DELETE r",
        "MATCH (a:Occupation)-[:REQUIRES]->(b:Skill) WITH a, b ORDER BY a.codeRome, b.codeOgr LIMIT 1 "
        "CREATE (a)-[:REQUIRES {importance: 'core'}]->(b)",
        "CREATE (:Skill {codeOgr: 'intrus', label: 'x', labelNorm: 'x', kind: 'soft', macro: false})",
        "MATCH (t:Theme) WITH t ORDER BY t.code LIMIT 1 DETACH DELETE t",
    ],
)
def test_a_content_that_somebody_changed_is_seen_and_mended(empty_server: GraphServer, tampering: str) -> None:
    with empty_server.connect() as connection:
        write_graph(connection, OLD)
        rows(connection, tampering)
        with pytest.raises(GraphConflictError, match="passerelle build"):
            read_graph(connection)
        write_graph(connection, OLD, force=True)
        assert read_graph(connection).checksum() == OLD.checksum()


def test_operational_data_stay_as_they_are(empty_server: GraphServer) -> None:
    code = OLD.nodes["Occupation"]["codeRome"].iloc[1]
    skill = OLD.nodes["Skill"]["codeOgr"].iloc[1]
    operational = (
        "MATCH (s:Seeker)-[w:WORKED_AS]->(o:Occupation) MATCH (s)-[h:HAS_SKILL]->(k:Skill) "
        "MATCH (f:Offer)-[:FOR_OCCUPATION]->(o) MATCH (f)-[a:ASKS]->(k) MATCH (f)-[:PUBLISHED_BY]->(e:Employer) "
        "RETURN s.id AS seeker, w.years AS years, h.level AS level, a.required AS required, e.id AS employer, "
        "o.codeRome AS codeRome, k.codeOgr AS codeOgr"
    )
    with empty_server.connect() as connection:
        write_graph(connection, OLD)
        rows(
            connection,
            "MATCH (o:Occupation {codeRome: $code}) MATCH (k:Skill {codeOgr: $skill}) "
            "CREATE (s:Seeker {id: 's'})-[:WORKED_AS {years: '3-5'}]->(o) CREATE (s)-[:HAS_SKILL {level: 2}]->(k) "
            "CREATE (f:Offer {id: 'f'})-[:FOR_OCCUPATION]->(o) CREATE (f)-[:ASKS {required: true}]->(k) "
            "CREATE (f)-[:PUBLISHED_BY]->(:Employer {id: 'e'})",
            code=code,
            skill=skill,
        )
        before = rows(connection, operational)
        assert len(before) == 1
        write_graph(connection, NEW)
        assert rows(connection, operational) == before
        assert read_graph(connection).checksum() == NEW.checksum()


@pytest.mark.parametrize("named_by", ["Seeker", "Offer", "Employer", "records"])
def test_an_occupation_that_is_gone_but_named_stays_retired(empty_server: GraphServer, named_by: str) -> None:
    code, other = OLD.nodes["Occupation"]["codeRome"].iloc[[1, 2]]
    later = without_occupation(without_occupation(OLD, code), other)
    named = [code] if named_by == "records" else []
    with empty_server.connect() as connection:
        write_graph(connection, OLD)
        if named_by != "records":
            rows(
                connection,
                f"MATCH (o:Occupation {{codeRome: $code}}) CREATE (:{named_by} {{id: 'x'}})-[:NAMES]->(o)",
                code=code,
            )
        report = write_graph(connection, later, named=named)
        assert report.retired == [("Occupation", code)]
        assert report.removed["Occupation"] == 1
        kept = connection.ask("retired_occupations")
        assert [(row["codeRome"], row["retiredIn"]) for row in kept] == [(code, "changed")]
        assert kept[0]["namedBy"] == len(named_by.replace("records", "")) // max(1, len(named_by))
        assert read_graph(connection).checksum() == later.checksum()
        # it comes back into the data: no longer retired
        write_graph(connection, OLD)
        assert connection.ask("retired_occupations") == []
        assert read_graph(connection).checksum() == OLD.checksum()


def test_a_retired_occupation_goes_once_nobody_names_it(empty_server: GraphServer) -> None:
    code = OLD.nodes["Occupation"]["codeRome"].iloc[1]
    later = without_occupation(OLD, code)
    with empty_server.connect() as connection:
        write_graph(connection, OLD)
        write_graph(connection, later, named=[code])
        # the version that retired it stays written, load after load
        write_graph(connection, replaced(later, Theme=later.nodes["Theme"].assign(label="autre")), named=[code])
        assert [row["retiredIn"] for row in connection.ask("retired_occupations")] == ["changed"]
        write_graph(connection, later)
        assert connection.ask("retired_occupations") == []


def test_what_was_derived_from_a_node_that_is_gone_goes_with_it(empty_server: GraphServer) -> None:
    code, other = OLD.nodes["Occupation"]["codeRome"].iloc[[1, 2]]
    with empty_server.connect() as connection:
        write_graph(connection, OLD)
        text = "MATCH (a:Occupation {codeRome: $a}) MATCH (b:Occupation {codeRome: $b}) CREATE (a)-[:RESEMBLES]->(b)"
        rows(connection, text, a=code, b=other)
        report = write_graph(connection, without_occupation(OLD, code))
        assert report.retired == []
        assert rows(connection, "MATCH ()-[r:RESEMBLES]->() RETURN count(r) AS total") == [{"total": 0}]


def test_a_skill_that_becomes_or_ceases_to_be_a_macro_skill_changes_its_label(empty_server: GraphServer) -> None:
    skills = OLD.nodes["Skill"]
    turned = replaced(OLD, Skill=skills.assign(macro=~skills["macro"]))
    with empty_server.connect() as connection:
        write_graph(connection, OLD)
        write_graph(connection, turned)
        found = rows(connection, "MATCH (m:MacroSkill) RETURN m.codeOgr AS code ORDER BY code")
        assert [row["code"] for row in found] == skills.loc[~skills["macro"], "codeOgr"].tolist()
        assert read_graph(connection).checksum() == turned.checksum()


def test_nodes_of_somebody_else_are_not_swept(empty_server: GraphServer) -> None:
    with empty_server.connect() as connection:
        rows(connection, "CREATE (:Skill {codeOgr: 'à eux', label: 'x'})")
        with pytest.raises(GraphConflictError, match="1 nœuds Skill"):
            write_graph(connection, OLD)
        assert rows(connection, "MATCH (n:Skill) RETURN n.label AS label") == [{"label": "x"}]
        assert read_marker(connection) is None


def test_an_empty_graph_says_so(empty_server: GraphServer) -> None:
    with empty_server.connect() as connection:
        assert read_marker(connection) is None
        with pytest.raises(GraphConflictError, match="vide"):
            read_graph(connection)


def test_tables_that_already_retire_are_refused(empty_server: GraphServer) -> None:
    retired = replaced(OLD, Occupation=OLD.nodes["Occupation"].assign(retiredIn="x"))
    with empty_server.connect() as connection, pytest.raises(ValueError, match="retiredIn"):
        write_graph(connection, retired)


def test_a_load_that_fails_leaves_the_old_version(empty_server: GraphServer) -> None:
    def stop(_table: str, done: int, total: int) -> None:
        if done > total / 2:
            raise KeyboardInterrupt

    with empty_server.connect() as connection:
        write_graph(connection, OLD)
        with pytest.raises(KeyboardInterrupt):
            write_graph(connection, NEW, stop)
        assert read_graph(connection).checksum() == OLD.checksum()


@pytest.mark.parametrize("first", [True, False])
def test_two_loads_at_once_leave_one_version_whole(empty_server: GraphServer, first: bool) -> None:
    if not first:
        with empty_server.connect() as connection:
            write_graph(connection, OLD)
    third = invented_tables(2)
    failures: list[GraphConflictError] = []

    def load(tables: GraphTables) -> None:
        with empty_server.connect() as own:
            try:
                write_graph(own, tables)
            except GraphConflictError as error:
                failures.append(error)

    loads: list[Callable[[], None]] = [lambda: load(NEW), lambda: load(third)]
    threads = [threading.Thread(target=run) for run in loads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with empty_server.connect() as connection:
        assert len(failures) < 2
        assert read_graph(connection).checksum() in {NEW.checksum(), third.checksum()}
