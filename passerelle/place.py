"""A place that somebody named, with the territories it lies in."""

from dataclasses import dataclass

from ingest.territory_match import PlaceMatch
from passerelle.errors import UnknownPlaceError
from passerelle.output import Document
from passerelle.snapshot import Snapshot
from recommend.search_query import personal_kind
from recommend.territory_arrays import MarketArrays

_SUGGESTED = 5


@dataclass(frozen=True)
class Place:
    """One commune or arrondissement.

    area: code of its employment area; None where it has none (overseas collectivities)
    """

    match: PlaceMatch
    area: str | None


@dataclass(frozen=True)
class WholeArea:
    """An employment area as a whole, by its code: all that a seeker's record says of where she is."""

    area: str


Location = Place | WholeArea


def resolve_place(snapshot: Snapshot, text: str) -> Place:
    """The place that a text means: a name, a postcode or INSEE's code, as one types it.

    raises: UnknownPlaceError with suggestions when it means none or several; NoTerritoryError
    """
    personal = personal_kind(text)
    if personal is not None:
        raise UnknownPlaceError("", f"ce texte ressemble à {personal} : il n'est ni cherché ni conservé", [])
    answer = snapshot.places.find(text, limit=_SUGGESTED)
    suggestions = [(one.code, f"{one.label}, {one.department_label}") for one in answer.matches]
    if not answer.matches or not answer.clear:
        problem = answer.reason or ("plusieurs lieux sont possibles" if suggestions else "aucun lieu ne correspond")
        raise UnknownPlaceError(text, problem.rstrip("."), suggestions)
    match = answer.matches[0]
    return Place(match, snapshot.country.territories.area(match.code))


def resolve_code(snapshot: Snapshot, code: str) -> Place:
    """The commune or arrondissement of INSEE's code, which no postcode is taken for.

    raises: UnknownPlaceError, NoTerritoryError
    """
    match = snapshot.places.by_code(code)
    if match is None:
        raise UnknownPlaceError(code, "aucune commune n'a ce code INSEE", [])
    return Place(match, snapshot.country.territories.area(match.code))


def resolve_area(snapshot: Snapshot, code: str) -> WholeArea:
    """An employment area as a whole, by its code.

    raises: UnknownPlaceError, NoTerritoryError
    """
    if code not in snapshot.market.area_index_of:
        raise UnknownPlaceError(code, "aucun bassin d'emploi n'a ce code", [])
    return WholeArea(code)


def place_document(snapshot: Snapshot, place: Location) -> Document:
    """A place as it is shown; an area as a whole has no code of INSEE's, and the department of most of its communes."""
    arrays = snapshot.market
    area = None if place.area is None else arrays.area_index_of[place.area]
    region = -1 if area is None else int(arrays.region[area])
    return {
        **(_commune(place) if isinstance(place, Place) else _whole(arrays, arrays.area_index_of[place.area])),
        "area": None if area is None else {"code": place.area, "label": arrays.area_labels[area]},
        "region": None if region < 0 else {"code": arrays.region_codes[region], "label": arrays.region_labels[region]},
    }


def _commune(place: Place) -> Document:
    match = place.match
    return {
        "codeInsee": match.code,
        "label": match.label,
        "postcodes": list(match.postcodes),
        "department": {"code": match.department, "label": match.department_label},
    }


def _whole(arrays: MarketArrays, area: int) -> Document:
    row = int(arrays.department[area])
    department = None if row < 0 else {"code": arrays.department_codes[row], "label": arrays.department_labels[row]}
    return {"codeInsee": None, "label": arrays.area_labels[area], "postcodes": [], "department": department}
