"""What the API answers from the records: lists that were shown, decisions, seekers (see ``api.shapes``)."""

from typing import Any, Literal

from api.shapes import Shape, Versioned
from api.shapes_answers import Explained
from records.forms import Choice, Level, Origin, Reason, Years


class AskedOccupationShape(Shape):
    """A past occupation that was asked for; years null where nobody said, or they were not recorded yet."""

    code_rome: str
    years: Years | None


class QuestionShape(Shape):
    """What was asked, as codes; area: of the place that was given, whose commune is not recorded."""

    past_occupations: list[AskedOccupationShape]
    skills: list[str]
    refused_contexts: list[str]
    area: str | None
    reach_km: int | None
    kind: str | None
    sort: str | None


class ShownOccupation(Shape):
    """An occupation as it was shown; label null where today's data have it no more."""

    code_rome: str
    label: str | None
    rank: int
    score: float | None
    contributions: dict[str, float]


class Decision(Shape):
    """A counselor's decision."""

    recommendation_id: str
    code_rome: str
    choice: Choice
    changed_to: str | None
    reason: Reason | None
    choice_label: str
    reason_label: str | None
    decided_at: str


class RecordedList(Shape):
    """A list as it was shown, with the versions of that day."""

    id: str
    shown_at: str
    question: QuestionShape | None
    data_version: str
    model_version: str
    lens: str


class Recorded(RecordedList):
    """The same with the decisions on it and, where it can be made again exactly, its explanation."""

    occupations: list[ShownOccupation]
    decisions: list[Decision]
    explanation: Explained | None
    explanation_notice: str | None


class PastOccupationShape(Shape):
    """A past occupation of a record."""

    code_rome: str
    years: Years


class HeldSkillShape(Shape):
    """A skill of a record."""

    code_ogr: str
    origin: Origin
    level: Level | None


class Seeker(Shape):
    """A seeker's record."""

    id: str
    past_occupations: list[PastOccupationShape]
    skills: list[HeldSkillShape]
    refused_contexts: list[str]
    area: str | None
    reach_km: int | None
    created: str
    updated: str
    revision: int


class SeekerAnswer(Seeker, Versioned):
    """A seeker's record, beside the versions of the data in use."""


class ExportedList(RecordedList):
    """A list that was shown for a seeker."""

    occupations: list[dict[str, Any]]


class Export(Versioned):
    """Everything that is recorded about a seeker."""

    seeker: Seeker
    recommendations: list[ExportedList]
    decisions: list[Decision]


class Erased(Versioned):
    """What went with a seeker: links to lists that were shown."""

    erased: Literal[True]
    links: int


class DecisionAnswer(Decision, Versioned):
    """A decision as it was recorded."""


class ReasonShape(Shape):
    """A reason for which a counselor dismisses."""

    reason: Reason
    label: str


class Reasons(Versioned):
    """The closed list of reasons."""

    reasons: list[ReasonShape]
