"""Analysts' texts on both servers: they read within limits; hostile ones change nothing, even past the first fence."""

import neo4j
import pytest
from neo4j.exceptions import Neo4jError

from graph.analyst import run_read_only
from graph.connection import Connection
from graph.reader import read_graph
from graph.writer import write_graph
from passerelle.errors import RefusedQueryError
from tests.integration.conftest import GraphServer
from tests.integration.invented import invented_tables

TABLES = invented_tables(0)
CODE = TABLES.nodes["Occupation"]["codeRome"].iloc[1]

#: each would change the graph, or reach out of it
HOSTILE = [
    "CREATE (:Skill {codeOgr: 'x'})",
    "MATCH (n) DETACH DELETE n",
    "MATCH (n:Occupation) SET n.label = 'x' RETURN n",
    "MATCH (n:Skill) REMOVE n.label RETURN n",
    "MATCH (n:Skill) SET n:Other RETURN n",
    "MERGE (n:Skill {codeOgr: 'x'}) RETURN n",
    "MATCH (a:Occupation), (b:Skill) WITH a, b LIMIT 1 CREATE (a)-[:REQUIRES]->(b)",
    "MATCH ()-[r:REQUIRES]->() DELETE r",
    "UNWIND [1] AS x FOREACH (y IN [x] | CREATE (:Skill {codeOgr: 'y'}))",
    "CALL { CREATE (n:Skill {codeOgr: 'x'}) RETURN n } RETURN n",
    "DROP CONSTRAINT Skill_key",
    "CREATE INDEX FOR (n:Skill) ON (n.label)",
]
ONLY_REFUSED_BY_ITS_WORDS = [
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    "SHOW TRANSACTIONS",
    "SHOW SETTINGS",
    "TERMINATE TRANSACTIONS 'x'",
    "CALL dbms.listConfig() YIELD name, value RETURN name, value",
    "USE system SHOW USERS",
]


@pytest.fixture(scope="module")
def loaded(graph_server: GraphServer) -> Connection:
    graph_server.wipe()
    connection = graph_server.connect()
    write_graph(connection, TABLES)
    return connection


@pytest.fixture(scope="module", autouse=True)
def closing(loaded: Connection) -> object:
    yield
    loaded.close()


def test_a_text_that_reads_gives_its_rows(loaded: Connection) -> None:
    answer = run_read_only(
        loaded,
        "MATCH (o:Occupation {codeRome: $code})-[r:REQUIRES]->(s:Skill) "
        "RETURN o.codeRome AS code, r.importance AS importance, s.codeOgr AS skill ORDER BY skill",
        {"code": CODE},
        limit=1000,
        timeout_s=30,
    )
    required = TABLES.relationships["requires"]
    wanted = required[required["start"] == CODE]
    assert answer.columns == ("code", "importance", "skill")
    assert answer.rows == [(CODE, row.importance, row.end) for row in wanted.itertuples()]
    assert not answer.truncated


def test_rows_past_the_limit_are_left(loaded: Connection) -> None:
    text = "MATCH (o:Occupation) RETURN o.codeRome AS code ORDER BY code"
    codes = TABLES.nodes["Occupation"]["codeRome"].tolist()
    answer = run_read_only(loaded, text, limit=4, timeout_s=30)
    assert (answer.rows, answer.truncated) == ([(code,) for code in codes[:4]], True)
    answer = run_read_only(loaded, text, limit=len(codes), timeout_s=30)
    assert (len(answer.rows), answer.truncated) == (len(codes), False)
    union = "MATCH (o:Occupation) RETURN o.codeRome AS code UNION ALL MATCH (s:Skill) RETURN s.codeOgr AS code"
    answer = run_read_only(loaded, union, limit=7, timeout_s=30)
    assert (len(answer.rows), answer.truncated) == (7, True)


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (a:Skill), (b:Skill), (c:Skill), (d:Skill) WHERE a.label + b.label = c.label + d.label + 'x' RETURN a",
        "UNWIND range(1, 1000000) AS i UNWIND range(1, 1000000) AS j RETURN sum(i * j) AS total",
        "MATCH p = (a)-[*..30]-(b) RETURN count(p) AS total",
    ],
)
def test_a_text_that_lasts_is_stopped(loaded: Connection, text: str) -> None:
    with pytest.raises(RefusedQueryError, match="arrêtée après 1 s"):
        run_read_only(loaded, text, limit=10, timeout_s=1)
    # the limit was that text's own
    assert len(loaded.ask("counts")) > 10


@pytest.mark.parametrize("text", ["MATCH (n RETURN n", "MATCH (n) RETURN m", "RETURN nosuchfunction(1)"])
def test_a_text_that_is_not_cypher_says_so(loaded: Connection, text: str) -> None:
    with pytest.raises(RefusedQueryError, match="Le serveur refuse"):
        run_read_only(loaded, text, limit=10, timeout_s=30)


def test_a_mistake_is_shown_where_the_analyst_wrote_it(loaded: Connection) -> None:
    pattern = "1:9" if loaded.kind == "embedded" else "ligne 1, colonne 10"
    with pytest.raises(RefusedQueryError, match=pattern):
        run_read_only(loaded, "MATCH (n RETURN n", limit=10, timeout_s=30)


@pytest.mark.parametrize("text", [*HOSTILE, *ONLY_REFUSED_BY_ITS_WORDS])
def test_a_hostile_text_is_refused(loaded: Connection, text: str) -> None:
    with pytest.raises(RefusedQueryError):
        run_read_only(loaded, text, limit=10, timeout_s=30)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_past_the_first_fence_changes_nothing(loaded: Connection, text: str) -> None:
    with loaded.session(neo4j.READ_ACCESS, analyst=True) as session, pytest.raises(Neo4jError):
        session.run(text).consume()
    assert read_graph(loaded).checksum() == TABLES.checksum()


@pytest.mark.parametrize("limit", [0, -1, 10**9])
def test_a_limit_out_of_range_is_refused(loaded: Connection, limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        run_read_only(loaded, "RETURN 1 AS a", limit=limit, timeout_s=30)
