"""The questions of docs/cypher.md, taken from the page: each gives on both servers the rows that the page says."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from graph.analyst import run_read_only
from graph.connection import Connection

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "cypher.md"
_QUESTION = re.compile(
    r"^### \d+\. (?P<title>[^\n]+\?)\n(?P<shows>[^\n]+)\n\n```cypher\n(?P<text>.+?)\n```\n\n"
    r"(?P<count>\d+) rows?, the first: `(?P<first>\[.+?\])`$",
    re.DOTALL | re.MULTILINE,
)


class Question(NamedTuple):
    """A question of the page: its title, its query, how many rows it gives, and the first."""

    title: str
    text: str
    count: int
    first: list[Any]


QUESTIONS = [
    Question(found["title"], found["text"], int(found["count"]), json.loads(found["first"]))
    for found in _QUESTION.finditer(PAGE.read_text(encoding="utf-8"))
]


def test_the_page_has_its_questions() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert len(QUESTIONS) == page.count("```cypher\n") >= 25
    assert all(question.count > 0 for question in QUESTIONS)


@pytest.mark.real_data
@pytest.mark.timeout(300)
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.title)
def test_a_question_gives_the_rows_of_the_page(loaded: Connection, question: Question) -> None:
    answer = run_read_only(loaded, question.text, limit=1_000, timeout_s=60)
    assert (len(answer.rows), list(answer.rows[0])) == (question.count, question.first)
    assert not answer.truncated
