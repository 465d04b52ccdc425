"""What the API answers to a question: recommendations, gap, paths, comparison (see ``api.shapes``)."""

from typing import Any

from pydantic import Field

from api.shapes import Importance, Named, Owed, Shape, Versioned
from api.shapes_territory import Place, Standing
from passerelle.market import Sort
from recommend.kinds import Kind
from recommend.rank import Lens, ModelName
from recommend.requirements import GapKind
from records.forms import Years


class GapItem(Shape):
    """Something that is asked and not held."""

    kind: GapKind
    label: str
    importance: Importance | None
    code_ogr: str | None
    bridges: list[str]


class GapAgain(Named, Versioned):
    """What separates somebody from an occupation, most binding first."""

    gap: list[GapItem]
    skills_asked: int
    skills_held: int


class Gap(Owed, GapAgain):
    """The same as it is first shown."""


class Contribution(Shape):
    """What one feature adds to the log-odds."""

    feature: str
    label: str
    value: float | None
    contribution: float


class Cypher(Shape):
    """The query that shows a path in the graph."""

    query: str
    text: str
    parameters: dict[str, Any]


class Path(Shape):
    """A way through the graph, with what it added."""

    kind: str
    contribution: float
    sentence: str
    nodes: list[str]
    cypher: Cypher


class Recommendation(Named):
    """An occupation that is recommended, explained."""

    rank: int
    score: float
    log_odds: float
    kind: Kind
    kind_label: str
    known_mobility: bool
    reasons: list[str]
    intercept: float
    contributions: list[Contribution]
    paths: list[Path]
    gap: list[GapItem]
    skills_asked: int
    skills_held: int


class LensRecommendation(Recommendation):
    """The same by one lens."""

    lens_label: str


class ProfileOccupation(Named):
    """A past occupation; years null where nobody said."""

    years: Years | None


class DeclaredSkill(Shape):
    """A declared skill."""

    code_ogr: str
    label: str


class Profile(Shape):
    """The profile as it was understood; skills: how many it brings in all."""

    occupations: list[ProfileOccupation]
    matched_title: str | None
    declared_skills: list[DeclaredSkill]
    skills: int


class _Ranked(Versioned):
    lens: Lens
    lens_label: str
    kind: Kind | None
    situation: ModelName
    profile: Profile
    score_meaning: str


class LocalRecommendation(Recommendation):
    """An occupation with its market in the place, null where the place has no employment area; absent without one."""

    market: Standing | None = None


class Explained(_Ranked):
    """Recommendations with all that explains them. place, sort: absent without a place."""

    place: Place | None = None
    sort: Sort | None = None
    recommendations: list[LocalRecommendation]


class Recommendations(Owed, Explained):
    """A list that was recorded under its id; dismissed: codes left out, as a counselor had dismissed them for her."""

    dismissed: list[str]


class Route(Shape):
    """Mobilities that lead from one to the other; ranks: the experts' order of each."""

    occupations: list[Named]
    ranks: list[int]


class Stone(Named):
    """An occupation on the way."""

    score_to_it: float
    score_from_it: float


class Paths(Versioned):
    """Everything that leads from one occupation to another."""

    start: Named = Field(alias="from")
    to: Named
    lenses: dict[Lens, LensRecommendation]
    routes: list[Route]
    stepping_stones: list[Stone]


class Compared(Named):
    """An occupation beside others."""

    access_level: int | None
    regulated: bool | None
    skills: int


class SharedSkill(Shape):
    """A skill and which of the occupations require it."""

    code_ogr: str
    label: str
    required_by: list[str]


class Comparison(Versioned):
    """Occupations side by side; overlap[i][j]: share of what j requires that i requires too."""

    occupations: list[Compared]
    skills: list[SharedSkill]
    overlap: list[list[float]]
