"""What was learned from the experts' lists: weights of named evidence by situation, and how their sum is read.

It is a text that one can read: ``weights.json`` ships what was learned on the version of ROME in its card.
"""

import importlib.resources
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal, Self, get_args

import numpy as np

from recommend.features import FEATURES
from recommend.rank_model import Model

#: what is known of where a person comes from: a past occupation with mobilities; one without; one where nobody's are
#: published; no past occupation, only skills
Situation = Literal["known", "cold", "content", "bare"]
SITUATIONS: tuple[Situation, ...] = get_args(Situation)
#: name of a weight of what is read anew for each profile: "live/know-how-share"
LIVE = "live/"
FORMAT = 1


@dataclass(frozen=True)
class Fitted:
    """One situation.

    weights: by name of the evidence, in log-odds
    centres: by group of evidence, what it adds to a pair taken at random: a contribution is what goes beyond that
    knots, shares: see ``Calibration``
    """

    weights: Mapping[str, float]
    centres: Mapping[str, float]
    intercept: float
    knots: tuple[float, ...]
    shares: tuple[float, ...]

    @property
    def model(self) -> Model:
        """The part that is read anew for each profile, and how the sum is read."""
        live = np.array([self.weights.get(LIVE + name, 0.0) for name in FEATURES])
        return Model(live, np.array([self.intercept]), np.array(self.knots), np.array(self.shares))


@dataclass(frozen=True)
class Learned:
    """Every situation, and where it was learned.

    data_version, mobilities: what from; seed of the draws; date: day, ISO 8601
    """

    data_version: str
    mobilities: int
    seed: int
    date: str
    situations: Mapping[Situation, Fitted]

    @property
    def name(self) -> str:
        """Short text that tells what was learned from another: "rome-460-14912-460"."""
        return f"{self.data_version}-{self.mobilities}-{self.seed}-{self.date}"

    def to_json(self) -> str:
        """Text that ``from_json`` reads; weights to six digits, one a line, so that a change is seen."""
        content = {"format": FORMAT, **asdict(self)}
        return json.dumps(_rounded(content), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """raises: ValueError on a text of another format, or one that is damaged"""
        content = json.loads(text)
        try:
            if content.pop("format") != FORMAT:
                raise ValueError("weights of another format")
            situations = {
                name: Fitted(**one | {"knots": tuple(one["knots"]), "shares": tuple(one["shares"])})
                for name, one in content.pop("situations").items()
            }
            if set(situations) != set(SITUATIONS):
                raise ValueError(f"situations {sorted(situations)}, expected {sorted(SITUATIONS)}")
            return cls(situations=situations, **content)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"damaged weights ({error})") from error


def shipped() -> Learned:
    """What ships with Passerelle."""
    return Learned.from_json(importlib.resources.files("recommend").joinpath("weights.json").read_text("utf-8"))


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return value
