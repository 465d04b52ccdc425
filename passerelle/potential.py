"""Where a person is wanted, as documents: the best areas, why, what a home costs there, and the same as a map."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graph.labels import fold
from ingest.territory_distance import distance_km
from passerelle.answers import Asked, named, profile_document, versions
from passerelle.errors import UnknownPlaceError
from passerelle.market import family_document, family_of
from passerelle.output import Document
from passerelle.place import Location, Place, place_document
from passerelle.snapshot import Snapshot
from recommend.gap import regulation
from recommend.rank import LENS_FRENCH, rank
from recommend.territory import Destination, Destinations, Potential, Pursuit, best_areas, potential
from recommend.territory_reasons import outlook_sentence, reasons
from recommend.territory_shrinkage import Floats
from recommend.territory_whatif import WANTED_FRENCH, Outlook, what_if

#: reconversions whose families are looked for beside the past occupation's
RECONVERSIONS = 20
MEANING = (
    "parmi les familles de métiers visées, combien seraient ouvertes dans ce bassin ; ce n'est pas la chance d'une "
    "personne d'être recrutée"
)


@dataclass(frozen=True)
class Whereabouts:
    """Where to look: around a place, in a region, or in all of France.

    place:  the person's own; None: nobody said
    within: km from it; None: anywhere
    region: code of a region; None: any
    """

    place: Location | None = None
    within: float | None = None
    region: str | None = None


@dataclass(frozen=True)
class _Found:
    pursuit: Pursuit
    occupations: dict[str, list[int]]
    potential: Potential
    km: Floats | None
    #: families of which every occupation that is looked for is regulated, but for those of past occupations
    notes: dict[str, str]


def resolve_region(snapshot: Snapshot, text: str) -> str:
    """The code of a region named by its code or label.

    raises: UnknownPlaceError with all regions, NoTerritoryError
    """
    arrays = snapshot.market
    wanted = _plain(text)
    regions = list(zip(arrays.region_codes, arrays.region_labels, strict=True))
    for code, label in regions:
        if wanted in (code, _plain(label)):
            return code
    raise UnknownPlaceError(text, "cette région n'existe pas", regions)


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", fold(text)).strip()


def potential_document(snapshot: Snapshot, asked: Asked, where: Whereabouts, *, limit: int = 10) -> Document:
    """The areas where a person is wanted most, each with its reasons and what a home costs there.

    limit:  areas shown
    raises: NoTerritoryError, UnknownOccupationError, UnknownSkillError
    """
    found = _find(snapshot, asked, where)
    arrays = snapshot.market
    best = _best(snapshot, found, where, limit)
    home = where.place.area if where.place else None
    outlooks = [] if home is None else what_if(arrays, found.pursuit, home, reach=_reach(snapshot, found, where))
    return {
        "query": asked.query,
        "lens": asked.lens,
        "lensLabel": LENS_FRENCH[asked.lens],
        "profile": profile_document(snapshot, asked),
        "place": None if where.place is None else place_document(snapshot, where.place),
        "km": where.within,
        "region": where.region,
        "families": [
            _family_document(snapshot, found, place) for place in np.argsort(-found.pursuit.weights, kind="stable")
        ],
        "withoutFigures": list(found.pursuit.unknown),
        "areasConsidered": best.considered,
        "areasWithoutPoint": best.unplaced,
        "ownOffers": best.own_offers,
        "otherOffers": best.other_offers,
        "areas": [_destination_document(snapshot, found, one) for one in best.best],
        "whatIf": [_outlook_document(snapshot, one, found.notes) for one in outlooks],
        "offersDay": arrays.offers_day[0] or None,
        "seekersYear": int(arrays.seekers_year[0]) or None,
        "meaning": MEANING,
        **versions(snapshot),
    }


def potential_geojson(snapshot: Snapshot, asked: Asked, where: Whereabouts) -> Document:
    """The same for every area in reach, as a GeoJSON map (RFC 7946): a point for each area, then outlines.

    An outline of a department has the greatest potential of its areas: no file here has outlines of the areas. Areas
    without a point, and departments without an outline (overseas), have a null geometry.
    raises: as ``potential_document``
    """
    found = _find(snapshot, asked, where)
    arrays = snapshot.market
    best = _best(snapshot, found, where, len(arrays.area_codes))
    features = [_area_feature(snapshot, one) for one in best.best]
    outlines = snapshot.country.outlines.get("departments", {})
    of_department: dict[int, list[Destination]] = defaultdict(list)
    for one in best.best:
        of_department[int(arrays.department[one.area])].append(one)
    for department, areas in sorted(of_department.items()):
        first = areas[0]
        code = arrays.department_codes[department]
        properties = {
            "level": "department",
            "code": code,
            "label": arrays.department_labels[department],
            "bestArea": first.code,
            "potential": round(first.potential, 4),
            "outOf": round(first.out_of, 4),
            "areas": len(areas),
        }
        features.append({"type": "Feature", "geometry": outlines.get(code), "properties": properties})
    return {
        "type": "FeatureCollection",
        "features": features,
        "meaning": MEANING,
        "offersDay": arrays.offers_day[0] or None,
        "seekersYear": int(arrays.seekers_year[0]) or None,
        **versions(snapshot),
    }


def _find(snapshot: Snapshot, asked: Asked, where: Whereabouts) -> _Found:
    arrays, profile = snapshot.market, asked.profile(snapshot.graph)
    ranking = rank(snapshot.recommender, profile, lens=asked.lens, kind=asked.kind, limit=RECONVERSIONS)
    occupations: dict[str, list[int]] = defaultdict(list)
    for row in (*profile.past, *(entry.occupation for entry in ranking.ranked)):
        occupations[family_of(snapshot, row)].append(row)
    pursuit = Pursuit.of(
        arrays,
        past=[family_of(snapshot, row) for row in profile.past],
        reconversions=[(family_of(snapshot, entry.occupation), entry.share) for entry in ranking.ranked],
    )
    own = {family_of(snapshot, row) for row in profile.past}
    notes = {
        family: "métier réglementé"
        for family, rows in occupations.items()
        if family not in own and all(regulation(snapshot.graph, row) for row in rows)
    }
    return _Found(pursuit, occupations, potential(arrays, pursuit), _distances(snapshot, where.place), notes)


def _distances(snapshot: Snapshot, place: Location | None) -> Floats | None:
    """(n_areas,) km from a commune, or an area's own point; None without a place, NaN where a point is unknown."""
    if place is None:
        return None
    arrays = snapshot.market
    if isinstance(place, Place):
        point = snapshot.country.territories.point(place.match.code)
    else:
        row = arrays.area_index_of[place.area]
        point = float(arrays.latitude[row]), float(arrays.longitude[row])
    return distance_km(*point, arrays.latitude, arrays.longitude)


def _best(snapshot: Snapshot, found: _Found, where: Whereabouts, limit: int) -> Destinations:
    return best_areas(
        snapshot.market,
        found.potential,
        km=found.km,
        within=where.within,
        region=where.region,
        home=where.place.area if where.place else None,
        limit=limit,
    )


def _reach(snapshot: Snapshot, found: _Found, where: Whereabouts) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    arrays = snapshot.market
    reach = np.ones(len(arrays.area_codes), dtype=np.bool_)
    if where.region is not None:
        reach &= arrays.region == list(arrays.region_codes).index(where.region)
    if where.within is not None and found.km is not None:
        reach &= found.km <= where.within
    return reach


def _family_document(snapshot: Snapshot, found: _Found, place: int) -> Document:
    pursuit = found.pursuit
    family = snapshot.market.family_codes[int(pursuit.rows[place])]
    return {
        **family_document(snapshot, family),
        "weight": round(float(pursuit.weights[place]), 4),
        "own": bool(pursuit.own[place]),
        "counted": bool(found.potential.counted[place]),
        "regulated": family in found.notes,
        "occupations": [named(snapshot, row) for row in found.occupations[family]],
    }


def _destination_document(snapshot: Snapshot, found: _Found, one: Destination) -> Document:
    arrays = snapshot.market
    seat = arrays.seats[one.area]
    homes = snapshot.country.housing.read(seat) if seat else None
    seat_label = snapshot.country.territories.label(seat) if seat else None
    return {
        **_measures(one),
        "km": None if one.km is None else round(one.km, 1),
        "ownOffers": one.own_offers,
        "otherOffers": one.other_offers,
        "ownSeekers": one.own_seekers,
        "otherSeekers": one.other_seekers,
        "contributions": _parts(snapshot, found, one.area),
        "reasons": list(reasons(arrays, found.potential, one, found.notes)),
        "housing": None
        if homes is None
        else {"codeInsee": seat, "label": seat_label, "rent": homes.rent_sentence, "price": homes.price_sentence},
    }


def _parts(snapshot: Snapshot, found: _Found, area: int) -> list[Document]:
    """What each family that has figures adds to the potential of an area, most first."""
    parts, families = found.potential.parts[:, area], snapshot.market.family_codes
    return [
        {"codeRome3": families[int(found.pursuit.rows[place])], "contribution": round(float(parts[place]), 6)}
        for place in np.argsort(-parts, kind="stable")
        if found.potential.counted[place]
    ]


def _area_feature(snapshot: Snapshot, one: Destination) -> Document:
    arrays = snapshot.market
    latitude, longitude = float(arrays.latitude[one.area]), float(arrays.longitude[one.area])
    point = None if np.isnan(latitude) else {"type": "Point", "coordinates": [longitude, latitude]}
    return {"type": "Feature", "geometry": point, "properties": {"level": "area", **_measures(one)}}


def _measures(one: Destination) -> Document:
    return {
        "code": one.code,
        "label": one.label,
        "rank": one.rank,
        **{name: round(getattr(one, name), 4) for name in ("potential", "low", "high")},
        "outOf": round(one.out_of, 4),
    }


def _outlook_document(snapshot: Snapshot, one: Outlook, notes: Mapping[str, str]) -> Document:
    arrays = snapshot.market
    return {
        "codeRome3": one.family,
        "label": one.label or None,
        "own": one.own,
        "here": one.here.wanted,
        "hereLabel": WANTED_FRENCH[one.here.wanted],
        "elsewhere": [
            {"code": arrays.area_codes[there.area], "label": arrays.area_labels[there.area]} for there in one.elsewhere
        ],
        "areasWanting": one.wanted_areas,
        "sentence": outlook_sentence(arrays, one, notes.get(one.family)),
    }
