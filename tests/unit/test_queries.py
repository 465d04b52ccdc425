"""The Cypher texts: their head comments are true, and nothing but names of the schema fills a template."""

import re
from pathlib import Path

import pytest

from graph import queries
from graph.queries import query, query_names, template

_FIVE_THAT_THE_EMBEDDED_SERVER_LACKS = (
    r"\)\s*\)\s*(?:\{\d|[+*])",  # quantified path patterns
    r"FULLTEXT",
    r"VECTOR",
    r"db\.index",
    r"LOAD CSV",
)
FOLDER = Path(queries.__file__).parent


def test_there_are_questions() -> None:
    assert {"counts", "occupation_skills", "shared_skills", "explanation_paths", "overlap_ranking"} <= set(
        query_names()
    )


@pytest.mark.parametrize("name", query_names())
def test_the_head_comment_says_what_the_text_takes_and_gives(name: str) -> None:
    asked = query(name)
    assert set(re.findall(r"\$(\w+)", asked.text)) == set(asked.parameters)
    result = asked.text.rsplit("RETURN", 1)[1].split("ORDER BY")[0]
    # a column is the name after AS, or the expression itself
    parts = re.split(r",\s*(?![^({]*[)}])", result.split("LIMIT")[0].removeprefix(" DISTINCT").strip())
    assert tuple(re.split(r"\s+AS\s+", part.strip())[-1] for part in parts) == asked.columns
    assert asked.question.endswith("?")


@pytest.mark.parametrize("name", query_names())
def test_its_rows_come_in_one_order(name: str) -> None:
    assert "ORDER BY" in query(name).text or name == "data_version"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.cypher")), ids=lambda path: path.stem)
def test_no_text_needs_what_the_embedded_server_lacks(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for feature in _FIVE_THAT_THE_EMBEDDED_SERVER_LACKS:
        assert not re.search(feature, text, re.IGNORECASE)


def test_there_is_no_cypher_elsewhere() -> None:
    clause = re.compile(r"\b(?:MATCH|MERGE|UNWIND|DETACH DELETE)\b.*[({\[$]")
    root = FOLDER.parent.parent
    for folder in ("graph", "ingest", "recommend", "passerelle"):
        for path in (root / folder).rglob("*.py"):
            # the guard of analysts' texts names the clauses in a sentence
            lines = [
                line for line in path.read_text(encoding="utf-8").splitlines() if "Une requête commence" not in line
            ]
            assert not clause.search("\n".join(lines)), path


def test_a_template_takes_names_of_the_schema_only() -> None:
    assert "CREATE (n:Skill)" in template("node_create", label="Skill")
    for label in ("Skill) DETACH DELETE (n", "Seeker", "skill", ""):
        with pytest.raises(ValueError, match="no name of the schema"):
            template("node_create", label=label)


def test_a_template_takes_all_its_names_and_no_other() -> None:
    with pytest.raises(ValueError, match="placeholders"):
        template("node_create")
    with pytest.raises(ValueError, match="placeholders"):
        template("node_create", label="Skill", key="codeOgr")


def test_a_template_is_no_question() -> None:
    assert not [name for name in query_names() if name.startswith("load_")]
    with pytest.raises(KeyError):
        query("load_node_create")
    with pytest.raises(KeyError):
        query("../schema")


def test_every_question_is_in_the_documentation() -> None:
    text = (FOLDER.parent.parent / "docs" / "graph.md").read_text(encoding="utf-8")
    assert [name for name in query_names() if f"`{name}`" not in text and not name.startswith("path_")] == []
