"""What the API answers to analysts (see ``api.shapes``)."""

from typing import Any, Literal

from pydantic import RootModel

from api.shapes import Shape, Versioned
from graph.queries import ParameterType


class Question(Shape):
    """A ready-made question; parameters: name -> type, all of them needed."""

    name: str
    question: str
    parameters: dict[str, ParameterType]
    columns: list[str]
    text: str


class Questions(Versioned):
    """The ready-made questions."""

    questions: list[Question]


class Head(Versioned):
    """The first line. dataVersion and sample are the graph's; current: it holds what the build in use was made from."""

    columns: list[str]
    current: bool


class End(Shape):
    """The last line: without it the answer was cut. stoppedBy: the limit beyond which there were more rows."""

    rows: int
    stopped_by: Literal["rows", "bytes"] | None
    seconds: float


class Failure(Shape):
    """The last line where the text was stopped after rows had come: the problem that it would have been."""

    problem: dict[str, Any]


class CypherLine(RootModel[Head | list[Any] | End | Failure]):
    """A line: the head, then rows (the values of the columns, in their order), then the end or the failure."""
