"""What the API answers from the records: lists that were shown, decisions, seekers (see ``api.shapes``)."""

from typing import Literal

from pydantic import Field

from api.shapes import Shape, Versioned
from api.shapes_answers import Explained, GapAgain
from records.forms import Choice, Level, Origin, Reason, Subject, Years
from records.shown import AnswerKind


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
    region: str | None
    kind: str | None
    sort: str | None


class ShownTensionShape(Shape):
    """The tension that was shown, 1 to 5, with its level and year."""

    low: int
    high: int
    level: str
    year: int | None


class ShownMarketShape(Shape):
    """The market that was shown beside an occupation, with the day and year of its figures."""

    code_rome3: str = Field(alias="codeRome3")
    wanted: str
    ratio: float | None
    low: float | None
    high: float | None
    level: str | None
    offers: int | None
    seekers: float | None
    offers_day: str | None
    seekers_year: int | None
    tension: ShownTensionShape | None


class ExportedOccupation(Shape):
    """An occupation as it was shown."""

    code_rome: str
    rank: int
    score: float | None
    contributions: dict[str, float]
    market: ShownMarketShape | None


class ShownOccupation(ExportedOccupation):
    """The same; label null where today's data have it no more."""

    label: str | None


class ShownAreaShape(Shape):
    """An employment area as it was shown; contributions: what each family added, none on a map."""

    area: str
    rank: int
    potential: float
    low: float
    high: float
    out_of: float
    contributions: dict[str, float]


class ShownGapShape(Shape):
    """A gap as it was shown: items: how many things separated."""

    code_rome: str
    items: int
    skills_asked: int
    skills_held: int


class ShownOfferShape(Shape):
    """An offer as it was shown, by its source's id; contributions: by how a skill is asked."""

    offer: str
    rank: int
    value: float | None
    contributions: dict[str, float]


class Decision(Shape):
    """A counselor's decision on an occupation or an offer: one of codeRome and offer, the other is null."""

    recommendation_id: str
    code_rome: str | None
    offer: str | None
    choice: Choice
    changed_to: str | None
    reason: Reason | None
    choice_label: str
    reason_label: str | None
    decided_at: str


class RecordedAnswer(Shape):
    """What was shown, with the versions of that day; lens: none where none ranks."""

    id: str
    shown_at: str
    question: QuestionShape | None
    kind: AnswerKind
    data_version: str
    model_version: str
    lens: str
    areas: list[ShownAreaShape]
    gap: ShownGapShape | None
    offers: list[ShownOfferShape]


class Recorded(RecordedAnswer):
    """The same with the decisions on it and, where it can be made again exactly, its explanation."""

    mention: str
    occupations: list[ShownOccupation]
    decisions: list[Decision]
    explanation: Explained | GapAgain | None
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


class ExportedAnswer(RecordedAnswer):
    """What was shown for a seeker."""

    occupations: list[ExportedOccupation]


class Export(Versioned):
    """Everything that is recorded about a seeker."""

    seeker: Seeker
    recommendations: list[ExportedAnswer]
    decisions: list[Decision]


class Erased(Versioned):
    """What went with a seeker: links to lists that were shown."""

    erased: Literal[True]
    links: int


class DecisionAnswer(Decision, Versioned):
    """A decision as it was recorded."""


class ReasonShape(Shape):
    """A reason for which a counselor dismisses; appliesTo: what it may be said of."""

    reason: Reason
    label: str
    applies_to: list[Subject]


class Reasons(Versioned):
    """The closed list of reasons."""

    reasons: list[ReasonShape]
