"""What the API answers, for the OpenAPI description: problems, reference data, model, sources; docs/json.md tells what
the fields mean.

Documents are made by the answers themselves and sent as they are; a test holds every one against its shape.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

SkillKind = Literal["know-how", "soft", "knowledge", "certification"]
Importance = Literal["core", "emerging", "other"]


class Shape(BaseModel):
    """Base of answers: camelCase, and nothing that is not described."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, validate_by_alias=True)


class Versioned(Shape):
    """Every answer says of which data and model it is."""

    data_version: str
    sample: bool
    model_version: str


class Owed(Shape):
    """An answer about somebody: recorded under its id, with the mention that a public body owes (CRPA L. 311-3-1)."""

    id: str
    shown_at: str
    mention: str


class Problem(Shape):
    """An error (RFC 9457): ``type`` leads to what the kind of problem is, ``errors`` say what is wrong where."""

    type: str = Field(examples=["/v1/problems/invalid-request"])
    title: str
    status: int
    detail: str
    request_id: str
    errors: list["FaultShape"] = []
    suggestions: list["Suggestion"] = []


class FaultShape(Shape):
    """One thing that is wrong: in the body at a JSON pointer, or in a parameter of the address."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Suggestion(Shape):
    """A code to try instead."""

    code: str
    label: str


class ProblemKind(Shape):
    """A kind of problem."""

    code: str
    status: int
    title: str


class Named(Shape):
    """An occupation in a list."""

    code_rome: str
    label: str


class Group(Shape):
    """A domain or grand domain; label null where the data have none."""

    code: str
    label: str | None


class Title(Shape):
    """A title of an occupation, in both gendered forms."""

    code_ogr: str
    label: str
    masculine: str
    feminine: str
    main: bool


class NamedSkill(Shape):
    """A skill in a list."""

    code_ogr: str
    label: str
    kind: SkillKind


class RequiredSkill(NamedSkill):
    """A skill that an occupation requires."""

    importance: Importance


class Context(Shape):
    """A work context, which a person may refuse."""

    code: str
    label: str
    type: str


class Mobility(Named):
    """A move that experts list; rank 1 is their first."""

    rank: int


class Occupation(Versioned):
    """An occupation; null is what ROME does not say."""

    code_rome: str
    label: str
    definition: str | None
    access: str | None
    domain: Group
    grand_domain: Group
    access_level: int | None
    regulated: bool | None
    manager: bool | None
    titles: list[Title]
    skills: list[RequiredSkill]
    contexts: list[Context]
    mobilities: list[Mobility]


class Paged(Versioned):
    """A page of a list: ``next`` is the cursor of the following one, null on the last."""

    total: int
    next: str | None


class OccupationPage(Paged):
    """Occupations by code."""

    occupations: list[Named]


class RequiringOccupation(Named):
    """An occupation that requires a skill."""

    importance: Importance


class RequiringPage(Paged):
    """Occupations that require a skill, most important first."""

    occupations: list[RequiringOccupation]


class SkillPage(Paged):
    """Skills by code."""

    skills: list[NamedSkill]


class ContextList(Versioned):
    """Every work context."""

    contexts: list[Context]


class Hit(Named):
    """An occupation that a text leads to; score is relative, no probability."""

    title: str | None
    code_ogr: str | None
    score: float
    why: str


class Search(Versioned):
    """Occupations that a text leads to; ``clear``: the first can be taken without asking."""

    query: str
    notice: str | None
    clear: bool
    hits: list[Hit]


class SkillHit(NamedSkill):
    """A skill that a text leads to."""

    why: str


class SkillSearch(Versioned):
    """Skills that a text leads to."""

    query: str
    hits: list[SkillHit]


class Skill(NamedSkill, Versioned):
    """A skill; requiredBy: how many occupations require it."""

    definition: str | None
    macro: bool
    macro_skill: NamedSkill | None
    required_by: int


class ScoredSkill(NamedSkill):
    """A skill that answers another, in part or in whole: in (0, 1]."""

    score: float


class Similar(NamedSkill, Versioned):
    """What a skill answers when held, and what answers it when required."""

    answers: list[ScoredSkill]
    answered_by: list[ScoredSkill]


class SourceShape(Shape):
    """Where a part of the data comes from; year null where the publisher gives none."""

    name: str
    publisher: str
    licence: str
    vintage: str
    year: int | None
    page: str


class Sources(Versioned):
    """Where the data come from; loadedAt: when they were read; counts: rows by table."""

    sources: list[SourceShape]
    loaded_at: str
    counts: dict[str, int]


class Live(Shape):
    """The process answers."""

    status: Literal["live"]


class Ready(Versioned):
    """Questions can be answered. status: degraded while the graph server does not answer, as analysts' Cypher is then
    refused and everything else goes on; graph: unasked until an analyst first asks this worker; access: open (loopback,
    no key was ever made) or keys; territories: whether places and their market are among the data."""

    status: Literal["ready", "degraded"]
    graph: Literal["unasked", "up", "down"]
    territories: bool
    access: Literal["open", "keys"]
