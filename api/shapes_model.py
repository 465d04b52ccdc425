"""What the API answers of the model: what it reads, its weights, what was measured of it (see ``api.shapes``)."""

from pydantic import Field

from api.shapes import Shape, Versioned
from recommend.rank import Lens, ModelName


class Feature(Shape):
    """Evidence that is weighed."""

    feature: str
    label: str


class GroupWeights(Shape):
    """A group of learned evidence: weights in log-odds; centre: what the group adds to a pair taken at random."""

    group: str
    label: str
    centre: float
    weights: dict[str, float]


class ModelShape(Shape):
    """One model: weights of what is read anew for each profile, in log-odds; groups null where they are not known."""

    name: ModelName
    lens: Lens
    intercept: float
    weights: dict[str, float]
    groups: list[GroupWeights] | None


class LearnedShape(Shape):
    """What the weights were learned from, and when."""

    data_version: str
    mobilities: int
    seed: int
    date: str


class RankingMeasure(Shape):
    """How well a method finds hidden mobilities again."""

    method: str
    mrr: float
    hits_at1: float = Field(alias="hitsAt1")
    hits_at10: float = Field(alias="hitsAt10")
    ndcg_at10: float = Field(alias="ndcgAt10")
    median_rank: float
    mrr_other_grand_domain: float
    hits_at10_other_grand_domain: float = Field(alias="hitsAt10OtherGrandDomain")
    mrr_without_ten_most_listed: float


class ShownMeasure(Shape):
    """Who is shown: share of occupations shown at all, how unevenly, and the part of the ten most shown."""

    method: str
    coverage: float
    gini: float
    ten_most_shown: float


class CalibrationMeasure(Shape):
    """Whether the number is true for a kind of move; kept: within both limits."""

    move: str
    pairs: int
    listed: float
    expected_error: float
    brier: float
    brier_skill: float
    kept: bool


class CalibrationLimits(Shape):
    """What the number must keep."""

    expected_error_below: float
    brier_skill_above: float


class Measured(Shape):
    """What was measured of the shipped weights, by which command and when."""

    command: str
    date: str
    data_version: str
    model_version: str
    of_this_build: bool
    hidden_mobilities: int
    folds: int
    ranking: list[RankingMeasure]
    new_occupation: list[RankingMeasure]
    shown: list[ShownMeasure]
    calibration: list[CalibrationMeasure]
    calibration_limits: CalibrationLimits


class ModelCard(Versioned):
    """What ranks, and what it is not."""

    lenses: dict[Lens, str]
    features: list[Feature]
    learned: LearnedShape | None
    models: list[ModelShape]
    measured: Measured
    limits: list[str]
