"""What the API answers of where somebody is wanted, as a list and as a map (see ``api.shapes``)."""

from typing import Any, Literal

from pydantic import Field

from api.shapes import Named, Owed, Shape, Versioned
from api.shapes_answers import Profile
from api.shapes_territory import Family, Homes, Place, Wanted
from recommend.rank import Lens


class WantedFamily(Family):
    """A family that is looked for; own: of a past occupation; counted: its seekers are published."""

    weight: float
    own: bool
    counted: bool
    regulated: bool
    occupations: list[Named]


class SeatHomes(Homes):
    """What a home costs in the area's seat."""

    code_insee: str
    label: str | None


class Part(Shape):
    """What a family adds to the potential of an area."""

    code_rome3: str = Field(alias="codeRome3")
    contribution: float


class Destination(Shape):
    """An area where a person is wanted; potential with an interval of 90%, the sum of its contributions."""

    code: str
    label: str
    rank: int
    potential: float
    low: float
    high: float
    out_of: float
    km: float | None
    own_offers: int | None
    other_offers: int | None
    own_seekers: float | None
    other_seekers: float | None
    contributions: list[Part]
    reasons: list[str]
    housing: SeatHomes | None


class Elsewhere(Shape):
    """An area that wants what is not wanted here."""

    code: str
    label: str


class Outlook(Shape):
    """A family here and elsewhere."""

    code_rome3: str = Field(alias="codeRome3")
    label: str | None
    own: bool
    here: Wanted
    here_label: str
    elsewhere: list[Elsewhere]
    areas_wanting: int
    sentence: str


class Potential(Owed, Versioned):
    """The areas where a person is wanted most, why, and what a home costs there."""

    lens: Lens
    lens_label: str
    profile: Profile
    place: Place | None
    km: float | None
    region: str | None
    families: list[WantedFamily]
    without_figures: list[str]
    areas_considered: int
    areas_without_point: int
    own_offers: int | None
    other_offers: int | None
    areas: list[Destination]
    what_if: list[Outlook]
    offers_day: str | None
    seekers_year: int | None
    meaning: str


class MapFeature(Shape):
    """A point of an area, or an outline of a department (RFC 7946)."""

    type: Literal["Feature"]
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class PotentialMap(Owed, Versioned):
    """The same for every area in reach, as a map: GeoJSON (RFC 7946)."""

    type: Literal["FeatureCollection"]
    features: list[MapFeature]
    meaning: str
    offers_day: str | None
    seekers_year: int | None
