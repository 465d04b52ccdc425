"""Every Cypher text of the project: one question a file, loaded by its name.

A question for people (``occupation_skills.cypher``) begins with three comment lines: the question in French, its
parameters and its columns. The texts of the writer and the reader (``load_*.cypher``) hold names between guillemets,
«label», that only names of ``graph.schema`` may replace: Cypher has no parameter for a label, a type or a key's name.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from graph.schema import NODES, RELATIONSHIPS

ParameterType = Literal["string", "integer", "list"]

_HEAD = re.compile(
    r"// (?P<question>[^\n]+)\n// parameters: (?P<parameters>[^\n]+)\n// columns: (?P<columns>[^\n]+)\n(?P<text>.+)",
    re.DOTALL,
)
_PARAMETER = re.compile(r"(?P<name>\w+) \((?P<type>string|integer|list)\)")
_PLACEHOLDER = re.compile(r"«(\w+)»")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TEMPLATE_PREFIX = "load_"
_SCHEMA_NAMES = frozenset(
    {name for node in NODES for name in (node.label, node.key, *node.extra_labels.values())}
    | {relationship.type for relationship in RELATIONSHIPS}
)


@dataclass(frozen=True)
class Query:
    """A question that people may ask the graph.

    question:   in French, what a list of the queries shows
    parameters: name -> type, all required
    columns:    names of the columns of its answer, in their order
    """

    name: str
    question: str
    parameters: dict[str, ParameterType]
    columns: tuple[str, ...]
    text: str


@cache
def query_names() -> tuple[str, ...]:
    """Names of the questions for people, sorted."""
    names = (path.name.removesuffix(".cypher") for path in files(__name__).iterdir() if path.name.endswith(".cypher"))
    return tuple(sorted(name for name in names if not name.startswith(_TEMPLATE_PREFIX)))


@cache
def query(name: str) -> Query:
    """The question of that name.

    raises: KeyError for a name that ``query_names`` does not give; ValueError for a file without its head comment.
    """
    if name not in query_names():
        raise KeyError(name)
    head = _HEAD.fullmatch(_text(name))
    if head is None:
        raise ValueError(f"{name}.cypher does not begin with its question, parameters and columns")
    return Query(
        name, head["question"], _parameters(name, head["parameters"]), tuple(head["columns"].split(", ")), head["text"]
    )


@cache
def template(template_name: str, **names: str) -> str:
    """The text of ``load_<template_name>.cypher``, each placeholder replaced by a name of the schema.

    raises: ValueError for a name that the schema does not have, or where placeholders and names are not the same.
    """
    lines = _text(_TEMPLATE_PREFIX + template_name).splitlines()
    text = "\n".join(line for line in lines if not line.startswith("//"))
    placeholders = set(_PLACEHOLDER.findall(text))
    if placeholders != set(names):
        raise ValueError(f"{template_name} has the placeholders {sorted(placeholders)}, not {sorted(names)}")
    return _PLACEHOLDER.sub(lambda match: _checked(names[match[1]]), text)


def _parameters(name: str, text: str) -> dict[str, ParameterType]:
    if text == "none":
        return {}
    parameters: dict[str, ParameterType] = {}
    for part in text.split(", "):
        match = _PARAMETER.fullmatch(part)
        if match is None:
            raise ValueError(f"{name}.cypher: parameter {part!r} is not written 'name (string | integer | list)'")
        parameters[match["name"]] = cast("ParameterType", match["type"])
    return parameters


def _checked(name: str) -> str:
    if name not in _SCHEMA_NAMES or not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of the schema")
    return name


def _text(name: str) -> str:
    return (files(__name__) / f"{name}.cypher").read_text(encoding="utf-8")
