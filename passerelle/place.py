"""A place that somebody named, with the territories it lies in."""

from dataclasses import dataclass

from ingest.territory_match import PlaceMatch
from passerelle.errors import UnknownPlaceError
from passerelle.output import Document
from passerelle.snapshot import Snapshot
from recommend.search_query import personal_kind

_SUGGESTED = 5


@dataclass(frozen=True)
class Place:
    """One commune or arrondissement.

    area: code of its employment area; None where it has none (overseas collectivities)
    """

    match: PlaceMatch
    area: str | None


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


def place_document(snapshot: Snapshot, place: Place) -> Document:
    """A place as it is shown."""
    arrays = snapshot.market
    area = None if place.area is None else arrays.area_index_of[place.area]
    region = -1 if area is None else int(arrays.region[area])
    return {
        "codeInsee": place.match.code,
        "label": place.match.label,
        "postcodes": list(place.match.postcodes),
        "department": {"code": place.match.department, "label": place.match.department_label},
        "area": None if area is None else {"code": place.area, "label": arrays.area_labels[area]},
        "region": None if region < 0 else {"code": arrays.region_codes[region], "label": arrays.region_labels[region]},
    }
