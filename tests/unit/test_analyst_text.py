"""The words of an analyst's text: what reads passes, what does anything else is refused before it reaches a server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.analyst_text import MAX_CLAUSES, MAX_DEPTH, MAX_TEXT_LENGTH, refuse_more_than_reading, with_limit
from graph.queries import query, query_names
from passerelle.errors import RefusedQueryError

READS = [
    "MATCH (n:Occupation) RETURN n.label AS label ORDER BY label LIMIT 5",
    "match (n) where n.label contains 'CREATE (m)' return n.label",
    "MATCH (n) RETURN n.set, n.`delete`, {create: 1} AS c, n.use // SET n.x = 1",
    "MATCH (n:Create|Set) /* DELETE n */ RETURN n;",
    'RETURN "it\\"s; DROP" AS s',
    "MATCH (start:Occupation)-[:MOVES_TO]->(stop) RETURN start.label AS a, stop.label AS b",
    "CALL { MATCH (n:Skill) RETURN count(n) AS c } RETURN c",
    "MATCH (o:Occupation) CALL (o) { MATCH (o)-[:REQUIRES]->(s) RETURN count(s) AS c } RETURN o.codeRome, c",
    "OPTIONAL MATCH (n {codeRome: $code}) RETURN n",
    "UNWIND range(1, 3) AS i WITH i WHERE i > 1 RETURN i",
    "RETURN date('2020-01-01') AS d, duration.between(date('2020-01-01'), date('2021-01-01')) AS e",
    "MATCH (n) WHERE EXISTS { (n)-[:REQUIRES]->() } RETURN COUNT { (n)--() } AS c",
    "MATCH (n) WITH n.label AS `set`, $set AS p RETURN `set`, p",
    "MATCH p = shortestPath((a)-[:MOVES_TO*..4]->(b)) RETURN [o IN nodes(p) | o.label] AS labels",
    "MATCH p = (a)-[*1..2]->(b) RETURN reduce(t = 0, r IN relationships(p) | t + r.rank) AS ranks",
    "MATCH p = (a)-[*1..2]->(b) UNWIND range(0, size(nodes(p)) - 2) AS i RETURN i, range(-5, 5, 2) AS odd",
    "MATCH (a) WHERE a.code IN [x IN $codes WHERE x <> ''] RETURN {a: toUpper(a.label)} AS m",
    "MATCH (a) WHERE (a.x = 1 OR (NOT (a)--())) RETURN CASE WHEN (a.x > 1) THEN (1) ELSE (2) END AS c",
]
MORE_THAN_READS = [
    "CREATE (n)",
    "MATCH (n) DETACH DELETE n",
    "MATCH (n) SET n.x = 1 RETURN n",
    "match (n) set n:Foo return n",
    "MATCH (n) REMOVE n.label",
    "MERGE (n:Skill {codeOgr: '1'}) RETURN n",
    "MATCH (n) FOREACH (x IN [1] | CREATE (:Y)) RETURN n",
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    "WITH 1 AS x LOAD CSV FROM 'http://example.org' AS line RETURN line",
    "CALL db.labels()",
    "MATCH (n) CALL db.labels() YIELD label RETURN label",
    "CALL dbms.listConfig() YIELD name RETURN name",
    "CALL `dbms`.`listConfig`()",
    "CALL { CREATE (n) RETURN n } RETURN n",
    "MATCH (n) CALL (n) { SET n.x = 1 } RETURN n",
    "CALL { MATCH (n) RETURN n } IN TRANSACTIONS OF 10 ROWS RETURN n",
    "SHOW USERS",
    "SHOW TRANSACTIONS YIELD transactionId RETURN transactionId",
    "TERMINATE TRANSACTIONS 'neo4j-transaction-1'",
    "USE system MATCH (n) RETURN n",
    "DROP CONSTRAINT Skill_key",
    "ALTER USER neo4j SET PASSWORD 'x'",
    "GRANT ROLE admin TO x",
    "EXPLAIN MATCH (n) RETURN n",
    "PROFILE MATCH (n) RETURN n",
    "CYPHER runtime=slotted MATCH (n) RETURN n",
    "INSERT (:Skill)",
    "MATCH (n) INSERT (:Skill) RETURN n",
    "RETURN 1; CREATE (n)",
    "RETURN 1 // comment \r CREATE (n)",
    "RETURN 1 /* */ WITH 1 AS x CREATE (n)",
    "MATCH (n) \\u0053ET n.x = 1",
    "RETURN '\\u0027 CREATE (n) //'",
    "MATCH (n) RETURN 1. CREATE (m)",
    "MATCH (n) RETURN [1 ..2] CREATE (m)",
    "MATCH (n) S\u200bET n.x = 1",
    "MATCH (n)\u2028SET n.x = 1",
    "MATCH (n)\x00SET n.x = 1",
    "RETURN apoc.load.json('http://example.org') AS x",
    "RETURN apoc . cypher . runFirstColumnSingle('MATCH (n) SET n.x = 1', {}) AS x",
    "RETURN `apoc`.`load`.json('x') AS x",
    "RETURN {a: apoc.load.json('x')} AS x",
    "RETURN [x IN [1] | apoc.load.json('x')] AS x",
    "RETURN shell('ls') AS x",
    "RETURN `match`(1) AS x",
    "RETURN file() AS x",
    "WITH 'a' AS s RETURN s =~ '(a+)+b' AS x",
    "RETURN range(1, 1000000000) AS x",
    "RETURN range(1, 1000 * 1000000) AS x",
    "RETURN range(1, 1e9) AS x",
    "WITH 1000000000 AS n RETURN range(1, n) AS x",
    "RETURN range(1, $unknown) AS x",
    "RETURN range(1, size) AS x",
    "RETURN range(1, 100000 + 100000 + 100000) AS x",
    "RETURN `range`(1, 1000000000) AS x",
    "RETURN range(1, size(range(1, 1000000000))) AS x",
    "RETURN [i IN range(1, 9) | [j IN range(1, 9) | i * j]] AS x",
    "RETURN any(i IN $l WHERE all(j IN $l WHERE i = j)) AS x",
    "RETURN reduce(t = 0, i IN $l | t + reduce(u = 0, j IN $l | u + j)) AS x",
    "",
    " // nothing",
    ";",
    "(n) RETURN n",
    "{cypher} MATCH (n) RETURN n",
]


@pytest.mark.parametrize("text", READS)
def test_what_reads_passes(text: str) -> None:
    refuse_more_than_reading(text)


@pytest.mark.parametrize("name", query_names())
def test_our_own_questions_pass(name: str) -> None:
    refuse_more_than_reading(query(name).text)


@pytest.mark.parametrize("text", MORE_THAN_READS)
def test_what_does_more_is_refused(text: str) -> None:
    with pytest.raises(RefusedQueryError):
        refuse_more_than_reading(text)


def test_a_text_too_long_is_refused() -> None:
    with pytest.raises(RefusedQueryError, match="trop longue"):
        refuse_more_than_reading("RETURN 1" + " " * MAX_TEXT_LENGTH)


def test_a_parameter_that_bounds_a_range_is_small() -> None:
    text = "UNWIND range(1, $n) AS i RETURN i"
    refuse_more_than_reading(text, {"n": 100})
    for n in (10**9, -(10**9), "100", None):
        with pytest.raises(RefusedQueryError, match="bornes de range"):
            refuse_more_than_reading(text, {"n": n})


def test_brackets_and_clauses_are_counted() -> None:
    refuse_more_than_reading("RETURN " + "(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH)
    with pytest.raises(RefusedQueryError, match="Trop de parenthèses"):
        refuse_more_than_reading("RETURN " + "[" * (MAX_DEPTH + 1) + "1" + "]" * (MAX_DEPTH + 1))
    with pytest.raises(RefusedQueryError, match="Trop de clauses"):
        refuse_more_than_reading("MATCH (a) " + "WITH a " * MAX_CLAUSES + "RETURN a")


@given(
    st.sampled_from(["CREATE (m)", "SET n.x = 1", "DETACH DELETE n", "REMOVE n.x", "MERGE (m)", "CALL db.labels()"]),
    st.lists(st.sampled_from([" ", "\t", "\n", "/* ' */", "// `\n", "/**/", "\r\n"]), min_size=1, max_size=4),
    st.lists(st.booleans(), min_size=16, max_size=16),
)
def test_a_writing_clause_is_found_however_it_is_dressed(clause: str, blanks: list[str], upper: list[bool]) -> None:
    cased = "".join(c.upper() if up else c.lower() for c, up in zip(clause, upper, strict=False))
    with pytest.raises(RefusedQueryError):
        refuse_more_than_reading(f"MATCH (n:`a'b` {{label: 'x\\'y'}}){''.join(blanks)}{cased} RETURN n")


@given(st.text(max_size=60))
def test_any_text_passes_or_is_refused_and_nothing_else(text: str) -> None:
    try:
        refuse_more_than_reading("RETURN " + text)
    except RefusedQueryError as error:
        assert str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("text", "bounded"),
    [
        ("MATCH (n) RETURN n", "MATCH (n) RETURN n\nLIMIT 3"),
        ("MATCH (n) RETURN n ORDER BY n.x ; // end", "MATCH (n) RETURN n ORDER BY n.x\nLIMIT 3"),
        ("MATCH (n) RETURN n LIMIT 9", "MATCH (n) RETURN n LIMIT 9"),
        ("MATCH (n) WITH n LIMIT 9 RETURN n", "MATCH (n) WITH n LIMIT 9 RETURN n\nLIMIT 3"),
        ("CALL { RETURN 1 AS a LIMIT 1 } RETURN a", "CALL { RETURN 1 AS a LIMIT 1 } RETURN a\nLIMIT 3"),
        ("RETURN 1 AS a UNION RETURN 2 AS a", "RETURN 1 AS a UNION RETURN 2 AS a"),
        (
            "CALL { RETURN 1 AS a UNION RETURN 2 AS a } RETURN a",
            "CALL { RETURN 1 AS a UNION RETURN 2 AS a } RETURN a\nLIMIT 3",
        ),
    ],
)
def test_a_text_without_a_limit_gets_one(text: str, bounded: str) -> None:
    assert with_limit(text, refuse_more_than_reading(text), 3) == bounded
