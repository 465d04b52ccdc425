"""What was shown to somebody, as it is recorded: codes, closed lists and numbers, by the kind of answer that it was.

Texts, places smaller than an employment area and codes of what a person holds or lacks are left out: what was shown
outlives the question that it answered (docs/records.md).
"""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, StrictInt, StringConstraints, model_validator

from records.forms import AreaCode, CodeRome, Form, OfferId, Version, Word, each_once

#: a list of occupations; employment areas; what separates somebody from an occupation; offers
AnswerKind = Literal["recommendations", "potential", "gap", "matches"]
ANSWER_KINDS: tuple[AnswerKind, ...] = get_args(AnswerKind)
#: kind of answer -> the field that holds what was shown
_HOLDS: dict[AnswerKind, str] = {
    "recommendations": "occupations",
    "potential": "areas",
    "gap": "gap",
    "matches": "offers",
}

#: where nothing is ranked by a lens
NO_LENS = "none"

Rank = Annotated[StrictInt, Field(ge=1, le=10_000)]
Count = Annotated[StrictInt, Field(ge=0)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Year = Annotated[StrictInt, Field(ge=1900, le=2200)]
Class = Annotated[StrictInt, Field(ge=1, le=5)]


class ShownTension(Form):
    """How hard a family is to recruit for, 1 to 5, with the level and year of the figure."""

    low: Class
    high: Class
    level: Word
    year: Year | None = None


class ShownMarket(Form):
    """The market of an occupation's family in an employment area, with the vintage of each figure.

    code_rome3: the family; ratio, low, high: offers for each seeker, and its interval; None is not published
    """

    code_rome3: CodeRome
    wanted: Word
    ratio: Positive | None = None
    low: Positive | None = None
    high: Positive | None = None
    level: Word | None = None
    offers: Count | None = None
    seekers: Positive | None = None
    offers_day: Day | None = None
    seekers_year: Year | None = None
    tension: ShownTension | None = None


class ShownOccupation(Form):
    """One occupation as it was shown.

    rank: from 1; score: in [0, 100], None where none was shown; contributions: feature -> log-odds it added
    market: beside it, None where no place was asked for or it has no employment area
    """

    code_rome: CodeRome
    rank: Rank
    score: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = None
    contributions: dict[Word, Number] = Field(default={}, max_length=100)
    market: ShownMarket | None = None


class ShownArea(Form):
    """One employment area as it was shown.

    potential: with its interval, low and high, out of so many families; contributions: family -> what it added, none
    on a map, which shows the sums alone
    """

    area: AreaCode
    rank: Rank
    potential: Positive
    low: Positive
    high: Positive
    out_of: Positive
    contributions: dict[CodeRome, Positive] = Field(default={}, max_length=100)


class ShownGap(Form):
    """What separates somebody from an occupation, counted: which codes she lacks would tell which she holds."""

    code_rome: CodeRome
    items: Count
    skills_asked: Count
    skills_held: Count


class ShownOffer(Form):
    """One offer as it was shown.

    value: of the match, in [0, 1], None where it cannot be said
    contributions: "must", "wished", "occupation" -> what the skills asked so added
    """

    offer: OfferId
    rank: Rank
    value: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    contributions: dict[Word, Number] = Field(default={}, max_length=10)


class Shown(Form):
    """An answer as it was shown, with what made it; of its fields only that of its kind is filled.

    data_version, model_version: of the data and the model ("rome-460", "first")
    lens: "experts" or "skills", ``NO_LENS`` where none ranks
    """

    kind: AnswerKind = "recommendations"
    data_version: Version
    model_version: Version
    lens: Word
    occupations: Annotated[tuple[ShownOccupation, ...], Field(max_length=2000)] = ()
    areas: Annotated[tuple[ShownArea, ...], Field(max_length=2000)] = ()
    gap: ShownGap | None = None
    offers: Annotated[tuple[ShownOffer, ...], Field(max_length=2000)] = ()

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        each_once([entry.code_rome for entry in self.occupations])
        each_once([entry.area for entry in self.areas])
        each_once([entry.offer for entry in self.offers])
        if any(getattr(self, field) for kind, field in _HOLDS.items() if kind != self.kind):
            raise ValueError("ce qui a été montré n'est pas de ce genre de réponse")
        if self.kind == "gap" and self.gap is None:
            raise ValueError("un écart est celui d'un métier")
        return self

    def held(self) -> dict[str, Any]:
        """What was shown, without what made it, as JSON would have it; what is missing is left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True, include={_HOLDS[self.kind]})
