"""Analysts' texts on both servers: they read within limits; hostile ones change nothing, even past the first fence."""

import json
from collections.abc import Iterator

import neo4j
import pytest
from neo4j.exceptions import Neo4jError

from graph import embedded
from graph.analyst import run_read_only, stream_read_only
from graph.analyst_plan import refuse_plan
from graph.connection import Connection
from graph.reader import read_graph
from graph.writer import write_graph
from passerelle.errors import RefusedQueryError
from tests.integration.conftest import KINDS, GraphServer, embedded_server, neo4j_server
from tests.integration.invented import invented_tables

TABLES = invented_tables(0)
CODE = TABLES.nodes["Occupation"]["codeRome"].iloc[1]
DOUBLING = "WITH s + s AS s " * 40

#: each would change the graph, if it came past the words
WRITES = [
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
    "MATCH (n:Skill) SET n = {} RETURN n",
    "MATCH (n:Skill) SET n += {label: 'x'} RETURN n",
    "MATCH ()-[r:REQUIRES]->() SET r.importance = 'core' RETURN count(r) AS c",
    "MATCH (n:Skill) CALL (n) { SET n.x = 1 } RETURN count(n) AS c",
    "MATCH (n:Skill) CALL { WITH n DETACH DELETE n } RETURN count(n) AS c",
    "MATCH (n:Skill) WITH n LIMIT 1 MERGE (n)-[:PART_OF]->(:Skill {codeOgr: 'z'}) RETURN n",
    "MATCH (n:Skill) FOREACH (x IN [n] | SET x.label = '') RETURN count(n) AS c",
]
#: others: dressed, hidden, or reaching for files, procedures and the server itself
REACHING_OUT = [
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    "LOAD CSV WITH HEADERS FROM 'http://127.0.0.1:1/x' AS line RETURN line",
    "WITH 1 AS one LOAD CSV FROM 'file:///proc/self/environ' AS line RETURN line",
    "CALL { LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line } RETURN line",
    "SHOW TRANSACTIONS",
    "SHOW SETTINGS",
    "SHOW USERS",
    "SHOW DATABASES YIELD name RETURN name",
    "SHOW FUNCTIONS",
    "TERMINATE TRANSACTIONS 'x'",
    "USE system SHOW USERS",
    "ALTER CURRENT USER SET PASSWORD FROM 'a' TO 'b'",
    "CREATE USER eve SET PASSWORD 'evilevil'",
    "GRANT ROLE admin TO eve",
    "STOP DATABASE neo4j",
    "CALL dbms.listConfig() YIELD name, value RETURN name, value",
    "CALL db.labels()",
    "CALL `db`.`labels`()",
    "MATCH (n) CALL db.propertyKeys() YIELD propertyKey RETURN propertyKey",
    "CALL tx.setMetaData({a: 1})",
    "CALL { CALL db.labels() YIELD label RETURN label } RETURN label",
    "CALL { MATCH (n) RETURN n } IN TRANSACTIONS OF 10 ROWS RETURN n",
    "RETURN apoc.load.json('http://127.0.0.1:1/') AS x",
    "RETURN {a: apoc.cypher.runFirstColumnSingle('CREATE (n) RETURN n', {})} AS x",
    "RETURN file() AS f, linenumber() AS n",
    "EXPLAIN MATCH (n) RETURN n",
    "PROFILE MATCH (n) RETURN n",
    "CYPHER runtime=parallel MATCH (n) RETURN n",
    "RETURN 1 AS a; MATCH (n) DETACH DELETE n",
    "RETURN 1 AS a // \r MATCH (n) DETACH DELETE n",
    "RETURN 1 AS a /* */ WITH a MATCH (n) DETACH DELETE n",
    "MATCH (n) /* ' */ DETACH /* ' */ DELETE n",
    "MATCH (n) \\u0053ET n.x = 1 RETURN n",
    "RETURN '\\u0027 AS a MATCH (n) DETACH DELETE n //'",
    "MATCH (n)\u2028DETACH\u2028DELETE n",
    "MATCH (n) S\u200bET n.x = 1 RETURN n",
    "MATCH (n) dEtAcH dElEtE n",
]
#: what a server could not stop, or not in time, refused by its words
ENDLESS = [
    "RETURN range(1, 1000000000) AS x",
    "UNWIND range(1, 1000000000) AS i RETURN collect(i) AS x",
    "RETURN size([i IN range(1, 1000000000) | i]) AS x",
    "RETURN reduce(t = '', i IN range(1, 1000000000) | t + 'x') AS x",
    "RETURN [i IN range(1, 9223372036854775806) WHERE i < 0] AS x",
    "RETURN reduce(t = 0, i IN range(1, 99999) | t + reduce(u = 0, j IN range(1, 99999) | u + j)) AS x",
    "MATCH (n) WITH collect(n) AS l RETURN all(x IN l WHERE all(y IN l WHERE all(z IN l WHERE x <> y))) AS x",
    "RETURN 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' =~ '(a|aa)+$' AS x",
    f"RETURN {'(' * 5000}1{')' * 5000} AS x",
    f"RETURN {'[' * 500}1{']' * 500} AS x",
    f"{'MATCH (n) WITH n ' * 500}RETURN n",
    f"{'RETURN 1 AS a UNION ' * 900}RETURN 1 AS a",
    f"RETURN '{'x' * 30_000}' AS x",
]
#: reach the server, and must be stopped there, or with it
BOMBS = [
    "MATCH (a:Skill), (b:Skill), (c:Skill), (d:Skill) WHERE a.label + b.label = c.label + d.label + 'x' RETURN a",
    "UNWIND range(1, 100000) AS i UNWIND range(1, 100000) AS j UNWIND range(1, 9) AS k RETURN sum(i * j * k) AS x",
    "MATCH p = (a)-[*..30]-(b) RETURN count(p) AS x",
    "MATCH (a:Occupation) RETURN [(a)-[:MOVES_TO*1..40]-(b) | b.codeRome] AS x",
    "MATCH (a:Occupation) RETURN sum(COUNT { (a)-[:MOVES_TO*1..40]-(:Occupation) }) AS x",
    "MATCH (a), (b), (c) RETURN collect(a.label + b.label + c.label) AS x",
    "MATCH (a:Skill), (b:Skill), (c:Skill), (d:Skill) RETURN a.label AS x ORDER BY a.label + b.label + d.label",
    "RETURN size(reduce(t = 'x', i IN range(1, 40) | t + t)) AS x",
    f"WITH 'x' AS s {DOUBLING}RETURN size(s) AS x",
]


@pytest.fixture(scope="module")
def loaded(graph_server: GraphServer) -> Iterator[Connection]:
    graph_server.wipe()
    with graph_server.connect() as connection:
        write_graph(connection, TABLES)
        yield connection


@pytest.fixture(scope="module", params=[pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in KINDS])
def apart(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphServer]:
    """A loaded server that may be ended: nobody else's."""
    server = embedded_server(tmp_path_factory.mktemp("apart")) if request.param == "embedded" else neo4j_server()
    server.wipe()
    with server.connect() as connection:
        write_graph(connection, TABLES)
    yield server
    with server.connect() as connection:
        assert read_graph(connection).checksum() == TABLES.checksum()
    if server.kind == "embedded":
        embedded.down(server.settings.home / "graph")


@pytest.fixture
def running(apart: GraphServer) -> GraphServer:
    """The same, started again where a text ended it."""
    if apart.kind == "embedded":
        embedded.up(apart.settings.home / "graph", apart.settings.embedded_heap_mib)
    return apart


def test_a_text_that_reads_gives_its_rows(loaded: Connection, graph_server: GraphServer) -> None:
    text = (
        "MATCH (o:Occupation {codeRome: $code})-[r:REQUIRES]->(s:Skill) "
        "RETURN o.codeRome AS code, r.importance AS importance, s.codeOgr AS skill ORDER BY skill"
    )
    answer = run_read_only(loaded, text, {"code": CODE}, limit=1000, timeout_s=30)
    required = TABLES.relationships["requires"]
    wanted = required[required["start"] == CODE]
    assert answer.columns == ("code", "importance", "skill")
    assert answer.rows == [(CODE, row.importance, row.end) for row in wanted.itertuples()]
    assert not answer.truncated
    with stream_read_only(graph_server.settings, text, {"code": CODE}, limit=1000, timeout_s=30) as stream:
        lines = list(stream.ndjson())
    assert [json.loads(line) for line in lines] == [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    assert stream.stopped_by is None


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


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("limit", "max_bytes", "stopped_by"), [(5, 10**6, "rows"), (100, 10_000, "bytes"), (100, 10**6, None)]
)
def test_a_stream_ends_at_its_bounds(
    graph_server: GraphServer, limit: int, max_bytes: int, stopped_by: str | None
) -> None:
    text = f"UNWIND range(1, 100) AS i RETURN i, '{'é' * 500}' AS s, date('2020-01-02') AS d, {{a: [i]}} AS m"
    with stream_read_only(graph_server.settings, text, limit=limit, timeout_s=30, max_bytes=max_bytes) as stream:
        rows = list(stream)
    assert stream.stopped_by == stopped_by
    assert rows[0] == [1, "é" * 500, "2020-01-02", {"a": [1]}]
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) <= limit
    assert sum(len(json.dumps(row, ensure_ascii=False).encode()) for row in rows) <= max_bytes


@pytest.mark.usefixtures("loaded")
def test_a_stream_may_be_left(graph_server: GraphServer) -> None:
    text = "UNWIND range(1, 100000) AS i RETURN i"
    with stream_read_only(graph_server.settings, text, limit=100_000, timeout_s=30) as stream:
        assert next(iter(stream)) == [1]


@pytest.mark.parametrize("text", ["MATCH (n RETURN n", "MATCH (n) RETURN m", "RETURN abs('a', 'b', 'c') AS x"])
def test_a_text_that_is_not_cypher_says_so(loaded: Connection, text: str) -> None:
    with pytest.raises(RefusedQueryError, match="Le serveur refuse"):
        run_read_only(loaded, text, limit=10, timeout_s=30)


def test_a_mistake_is_shown_where_the_analyst_wrote_it(loaded: Connection, graph_server: GraphServer) -> None:
    pattern = "1:9" if loaded.kind == "embedded" else "ligne 1, colonne 10"
    with pytest.raises(RefusedQueryError, match=pattern):
        stream_read_only(graph_server.settings, "MATCH (n RETURN n", limit=10, timeout_s=30)


def test_there_are_enough_hostile_texts() -> None:
    assert len({*WRITES, *REACHING_OUT, *ENDLESS, *BOMBS}) >= 60


@pytest.mark.parametrize("text", [*WRITES, *REACHING_OUT, *ENDLESS])
def test_a_hostile_text_is_refused(loaded: Connection, graph_server: GraphServer, text: str) -> None:
    with pytest.raises(RefusedQueryError):
        run_read_only(loaded, text, limit=10, timeout_s=30)
    with pytest.raises(RefusedQueryError):
        stream_read_only(graph_server.settings, text, limit=10, timeout_s=30)


@pytest.mark.parametrize("text", WRITES)
def test_a_hostile_text_past_the_first_fence_changes_nothing(loaded: Connection, text: str) -> None:
    with loaded.session(neo4j.READ_ACCESS, analyst=True) as session, pytest.raises(Neo4jError):
        session.run(text).consume()


def test_after_all_of_them_the_graph_is_what_it_was(loaded: Connection) -> None:
    assert read_graph(loaded).checksum() == TABLES.checksum()


@pytest.mark.parametrize("text", [*WRITES[:11], *REACHING_OUT[:10], "CALL db.labels()", "CALL dbms.listConfig()"])
def test_the_plan_alone_refuses_a_hostile_text(loaded: Connection, text: str) -> None:
    if loaded.kind == "embedded":
        return
    with loaded.session(neo4j.READ_ACCESS) as session:
        try:
            planned = session.run("EXPLAIN " + text).consume()
        except Neo4jError:
            # the server itself will not plan it
            return
    with pytest.raises(RefusedQueryError):
        refuse_plan(planned.query_type, planned.plan)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", BOMBS)
def test_a_text_without_end_is_stopped(running: GraphServer, text: str) -> None:
    with (
        pytest.raises(RefusedQueryError),
        stream_read_only(running.settings, text, limit=10, timeout_s=0.5) as stream,
    ):
        list(stream)


def test_an_embedded_server_that_does_not_stop_is_ended_and_starts_again(running: GraphServer) -> None:
    if running.kind != "embedded":
        return
    before = embedded.status(running.settings.home / "graph")
    with (
        pytest.raises(RefusedQueryError, match="repart à la prochaine demande"),
        stream_read_only(running.settings, BOMBS[3], limit=10, timeout_s=0.2) as stream,
    ):
        list(stream)
    with running.connect() as after:
        assert before is not None
        assert after.lease is not None
        assert after.lease.status.pid != before.pid
        assert len(after.ask("counts")) > 10


@pytest.mark.parametrize("limit", [0, -1, 10**9])
def test_a_limit_out_of_range_is_refused(loaded: Connection, graph_server: GraphServer, limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        run_read_only(loaded, "RETURN 1 AS a", limit=limit, timeout_s=30)
    with pytest.raises(ValueError, match="limit"):
        stream_read_only(graph_server.settings, "RETURN 1 AS a", limit=limit, timeout_s=30)
