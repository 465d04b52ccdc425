"""What the API answers of places: territories and their market (see ``api.shapes``)."""

from typing import Literal

from pydantic import Field

from api.shapes import Named, Shape, Versioned
from ingest.territory_match import How

Wanted = Literal["yes", "no", "unsure", "unknown"]


class Coded(Shape):
    """A territory by its code; label null where no file names it."""

    code: str
    label: str | None


class Place(Shape):
    """A commune or arrondissement, or an employment area as a whole: then codeInsee is null."""

    code_insee: str | None
    label: str | None
    postcodes: list[str]
    department: Coded | None
    area: Coded | None
    region: Coded | None


class FoundPlace(Place):
    """A place that a text may mean; name: what was found of it; formerly: communes that it took in."""

    name: str
    how: How
    formerly: list[str]


class PlaceSearch(Versioned):
    """Places, best first; ``clear``: the first is the one meant; reason: why it is not."""

    query: str
    clear: bool
    reason: str | None
    places: list[FoundPlace]


class Point(Shape):
    """Degrees (WGS 84)."""

    latitude: float
    longitude: float


class Homes(Shape):
    """What a home costs: sentences with place, source and year."""

    rent: str
    price: str


class Territory(Place, Versioned):
    """A commune or arrondissement; null is what nobody publishes."""

    point: Point | None
    formerly: list[str]
    housing: Homes | None


class Seat(Shape):
    """The commune of an area where most offers are."""

    code_insee: str
    label: str | None


class Area(Versioned):
    """An employment area, in the department of most of its communes."""

    code: str
    label: str
    department: Coded | None
    region: Coded | None
    point: Point | None
    seat: Seat | None


class AreaPage(Versioned):
    """Every employment area, by code."""

    areas: list[Coded]


class Family(Shape):
    """The family (ROME 3) that figures are published for; told: how it is named in a sentence."""

    code_rome3: str = Field(alias="codeRome3")
    label: str | None
    told: str


class Tension(Shape):
    """Difficulty to recruit, from 1 to 5 (the tightest)."""

    low: int
    high: int
    level: str
    year: int
    causes: list[str]
    sentence: str


class Standing(Shape):
    """How much a family is wanted in an area: offers for each seeker, with an interval of 90%."""

    family: Family
    wanted: Wanted
    wanted_label: str
    ratio: float | None
    low: float | None
    high: float | None
    level: str | None
    offers: int | None
    seekers: float | None
    offers_day: str | None
    seekers_year: int | None
    tension: Tension | None


class Offers(Coded):
    """Open offers of a day in a territory."""

    count: int
    day: str
    level: str


class FapValue(Shape):
    """A figure of one professional family (FAP); codeFap null where it is published for the family of ROME itself."""

    code_fap: str | None
    value: float | None


class Figure(Shape):
    """A published figure, at the smallest level that has it."""

    measure: str
    label: str
    unit: str
    low: float
    high: float
    values: list[FapValue]
    level: str
    territory: Coded
    year: int | None
    period: str | None
    vintage: str | None
    source: str
    without: list[str]


class Market(Versioned):
    """What is published of an occupation's family in a place; missing: labels of what nobody publishes."""

    occupation: Named
    family: Family
    place: Place | None
    here: Standing | None
    offers: Offers | None
    figures: list[Figure]
    missing: list[str]
    housing: Homes | None
