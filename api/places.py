"""Places: from what was asked to a place, and the documents of places."""

import math
from dataclasses import dataclass

from api.problems import Fault, ProblemError, invalid, problem_of
from ingest.territory_match import PlaceAnswer
from passerelle.answers import versions
from passerelle.errors import NoTerritoryError, UnknownPlaceError
from passerelle.market import market_document
from passerelle.output import Document
from passerelle.place import Location, Place, WholeArea, place_document, resolve_area, resolve_code, resolve_place
from passerelle.potential import resolve_region
from passerelle.snapshot import Snapshot
from recommend.search_query import personal_kind


@dataclass(frozen=True)
class Somewhere:
    """What names a place, one of three at the most.

    near: as one types it; code_insee: of a commune or arrondissement; area: of an employment area
    in_body: whether they stand in the body, or in the address
    """

    near: str | None
    code_insee: str | None
    area: str | None
    in_body: bool

    def place(self, snapshot: Snapshot) -> Location | None:
        """The place that is named; None where none is.

        raises: ProblemError (422: a text that means none or several, or is personal), NoTerritoryError
        """
        given = [name for name in ("near", "code_insee", "area") if getattr(self, name) is not None]
        if len(given) > 1:
            raise invalid(self._fault("area", "donnez « near », « codeInsee » ou « area », l'un des trois"))
        try:
            if self.near is not None:
                self._refuse_personal(self.near)
                return resolve_place(snapshot, self.near)
            if self.code_insee is not None:
                return resolve_code(snapshot, self.code_insee)
            return None if self.area is None else resolve_area(snapshot, self.area)
        except UnknownPlaceError as error:
            name = "codeInsee" if given == ["code_insee"] else given[0]
            fault = self._fault(name, "")
            raise problem_of(error, fault.pointer, fault.parameter) from None

    def _refuse_personal(self, text: str) -> None:
        kind = personal_kind(text)
        if kind is not None:
            raise personal_text(kind, self._fault("near", "ce texte paraît personnel"))

    def _fault(self, name: str, detail: str) -> Fault:
        return Fault(detail, pointer=f"/{name}") if self.in_body else Fault(detail, parameter=name)


def personal_text(kind: str, fault: Fault) -> ProblemError:
    """A text that holds something that is somebody's own; kind: in French, with its article."""
    return ProblemError(
        "personal-text", f"Ce texte ressemble à {kind} : il n'est ni cherché ni conservé.", faults=[fault]
    )


def region_asked(snapshot: Snapshot, text: str | None) -> str | None:
    """Code of the region that a body names by its code or its name; None where it names none.

    raises: ProblemError (422 with all regions), NoTerritoryError
    """
    if text is None:
        return None
    try:
        return resolve_region(snapshot, text)
    except UnknownPlaceError as error:
        raise problem_of(error, "/region") from None


def load_territories(snapshot: Snapshot) -> bool:
    """Reads territories, market and homes, so that no request waits for them; False where there are none."""
    try:
        arrays = snapshot.market
    except NoTerritoryError:
        return False
    # tables make what they look in when they are first asked
    snapshot.places.find("paris")
    for seat in [*filter(None, arrays.seats)][:1]:
        place = resolve_code(snapshot, seat)
        market_document(snapshot, snapshot.graph.codes[0], place)
        territory_document(snapshot, place)
    return True


def places_document(snapshot: Snapshot, text: str, answer: PlaceAnswer) -> Document:
    """The places that a text may mean, best first."""
    territories = snapshot.country.territories
    return {
        "query": text,
        "clear": answer.clear,
        "reason": answer.reason or None,
        "places": [
            place_document(snapshot, Place(match, territories.area(match.code)))
            | {"name": match.name, "how": match.how, "formerly": list(match.formerly)}
            for match in answer.matches
        ],
        **versions(snapshot),
    }


def territory_document(snapshot: Snapshot, place: Place) -> Document:
    """A commune or arrondissement: where it lies, and what a home costs there; null where nobody publishes it."""
    latitude, longitude = snapshot.country.territories.point(place.match.code)
    homes = snapshot.country.housing.read(place.match.code)
    return {
        **place_document(snapshot, place),
        "point": None if math.isnan(latitude) else {"latitude": latitude, "longitude": longitude},
        "formerly": list(place.match.formerly),
        "housing": None if homes is None else {"rent": homes.rent_sentence, "price": homes.price_sentence},
        **versions(snapshot),
    }


def area_document(snapshot: Snapshot, place: WholeArea) -> Document:
    """An employment area, with the commune where most of its offers are."""
    arrays = snapshot.market
    row = arrays.area_index_of[place.area]
    seat = arrays.seats[row] or None
    latitude, longitude = float(arrays.latitude[row]), float(arrays.longitude[row])
    found = place_document(snapshot, place)
    return {
        "code": place.area,
        "label": found["label"],
        "department": found["department"],
        "region": found["region"],
        "point": None if math.isnan(latitude) else {"latitude": latitude, "longitude": longitude},
        "seat": None if seat is None else {"codeInsee": seat, "label": snapshot.country.territories.label(seat)},
        **versions(snapshot),
    }
