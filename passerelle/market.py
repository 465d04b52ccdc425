"""What is published of the market of an occupation's family, as documents: in a place, and beside recommendations."""

import math
from datetime import date
from typing import Literal, get_args

from ingest.market import MarketFigure
from passerelle.answers import named, versions
from passerelle.output import Document
from passerelle.place import Location, Place, place_document
from passerelle.snapshot import Snapshot
from recommend.territory_reasons import CAUSES_FRENCH, family_name, tension, tension_sentence
from recommend.territory_whatif import WANTED_FRENCH, Standing, standings

Sort = Literal["rank", "market"]
SORTS: tuple[Sort, ...] = get_args(Sort)
#: measure -> what it is, in French, and its unit
MEASURES = {
    "tension": ("Difficulté à recruter", "sur 5"),
    # Dares' own names: 1 is weak, so that what CAUSES_FRENCH says of a strong cause would be wrong
    "hiring_intensity": ("Intensité d'embauches", "sur 5"),
    "workforce_shortage": ("Manque de main-d'œuvre disponible", "sur 5"),
    "unstable_jobs": ("Non-durabilité de l'emploi", "sur 5"),
    "working_conditions": ("Conditions de travail contraignantes", "sur 5"),
    "geographic_mismatch": ("Inadéquation géographique", "sur 5"),
    "training_link": ("Lien entre formation et emploi", "sur 5"),
    "registered_offers": ("Offres enregistrées, moyenne de l'année", "offres"),
    "seekers": ("Demandeurs d'emploi (catégories A, B, C), moyenne de l'année", "personnes"),
    "median_wage": ("Salaire médian", "€ par mois"),
    "wage_below_1250": ("Salaires de moins de 1 250 €", "%"),
    "wage_1250_1500": ("Salaires de 1 250 à 1 500 €", "%"),
    "wage_1500_2000": ("Salaires de 1 500 à 2 000 €", "%"),
    "wage_2000_more": ("Salaires de 2 000 € ou plus", "%"),
    "fixed_term_share": ("Embauches en CDD", "%"),
}


def family_of(snapshot: Snapshot, row: int) -> str:
    """ROME 3 code of the family that an occupation reads its figures from."""
    graph = snapshot.graph
    return str(graph.family_codes[int(graph.family[row])])


def market_document(snapshot: Snapshot, code: str, place: Location | None) -> Document:
    """What is published of an occupation's family in a place, else in the nation; each figure at the level that has it.

    raises: UnknownOccupationError, NoTerritoryError
    """
    row = snapshot.graph.occupation(code)
    family = family_of(snapshot, row)
    market = snapshot.country.market
    area = None if place is None else place.area
    commune = place.match if isinstance(place, Place) else None
    department = None if commune is None else commune.department
    figures = [market.read(family, area, measure, department=department) for measure in MEASURES]
    homes = None if commune is None else snapshot.country.housing.read(commune.code)
    return {
        "occupation": named(snapshot, row),
        "family": family_document(snapshot, family),
        "place": None if place is None else place_document(snapshot, place),
        "here": None if area is None else standing_document(snapshot, family, area),
        "offers": _offers(snapshot, family, place),
        "figures": [_figure_document(snapshot, figure) for figure in figures if figure is not None],
        "missing": [label for (label, _), figure in zip(MEASURES.values(), figures, strict=True) if figure is None],
        "housing": None if homes is None else {"rent": homes.rent_sentence, "price": homes.price_sentence},
        **versions(snapshot),
    }


def with_market(snapshot: Snapshot, document: Document, place: Location, sort: Sort = "rank") -> Document:
    """A document of recommendations, with the market of each in a place.

    sort: "market" puts what was recommended in the order of the least that the offers for each seeker may be, unknown
        ones last; what is recommended stays the same
    """
    entries = document["recommendations"]
    families = [family_of(snapshot, snapshot.graph.occupation(entry["codeRome"])) for entry in entries]
    added = [
        entry | {"market": None if place.area is None else standing_document(snapshot, family, place.area)}
        for entry, family in zip(entries, families, strict=True)
    ]
    if sort == "market":
        added.sort(key=lambda entry: -_least(entry["market"]))
    return document | {"place": place_document(snapshot, place), "sort": sort, "recommendations": added}


def family_document(snapshot: Snapshot, family: str) -> Document:
    """A family as it is shown: what is published is the family's, and is told as the family's."""
    arrays = snapshot.market
    row = arrays.family_index_of.get(family)
    label = "" if row is None else arrays.family_labels[row]
    return {
        "codeRome3": family,
        "label": label or None,
        "told": f"la famille {family}" if row is None else family_name(arrays, row),
    }


def standing_document(snapshot: Snapshot, family: str, area: str) -> Document:
    """How much a family is wanted in an area: offers for each seeker, tension, and from where each figure is."""
    arrays = snapshot.market
    (standing,) = standings(arrays, [family], area)
    row, column = arrays.family_index_of.get(family), arrays.area_index_of[area]
    tight = None if row is None else tension(arrays, row, column)
    return {
        "family": family_document(snapshot, family),
        **_ratio_document(standing),
        "offersDay": arrays.offers_day[0] or None,
        "seekersYear": int(arrays.seekers_year[0]) or None,
        "tension": None
        if tight is None or row is None
        else {
            "low": tight.low,
            "high": tight.high,
            "level": tight.level,
            "year": tight.year,
            "causes": [CAUSES_FRENCH[name] for name in tight.causes],
            "sentence": tension_sentence(arrays, row, column, tight),
        },
    }


def _ratio_document(standing: Standing | None) -> Document:
    if standing is None:
        names = ("ratio", "low", "high", "level", "offers", "seekers")
        return {"wanted": "unknown", "wantedLabel": WANTED_FRENCH["unknown"], **dict.fromkeys(names)}
    return {
        "wanted": standing.wanted,
        "wantedLabel": WANTED_FRENCH[standing.wanted],
        **{name: None if (v := getattr(standing, name)) is None else round(v, 4) for name in ("ratio", "low", "high")},
        "level": standing.level,
        "offers": standing.offers,
        "seekers": None if standing.seekers is None else round(standing.seekers, 1),
    }


def _offers(snapshot: Snapshot, family: str, place: Location | None) -> Document | None:
    """Open offers of a family in the place's area, else in the nation; None where nobody counted them."""
    arrays, row = snapshot.market, snapshot.market.family_index_of.get(family)
    if row is None or not arrays.offers_day[0]:
        return None
    day = arrays.offers_day[0]
    if place is not None and place.area is not None:
        column = arrays.area_index_of[place.area]
        where = {"level": "area", "code": place.area, "label": arrays.area_labels[column]}
        return {"count": int(arrays.offers[row, column]), "day": day, **where}
    found = snapshot.country.market.read(family, None, "offers")
    where = {"level": "nation", "code": "FR", "label": "France"}
    return None if found is None else {"count": int(found.low), "day": day, **where}


def _figure_document(snapshot: Snapshot, figure: MarketFigure) -> Document:
    label, unit = MEASURES[figure.measure]
    return {
        "measure": figure.measure,
        "label": label,
        "unit": unit,
        "low": figure.low,
        "high": figure.high,
        "values": [{"codeFap": fap, "value": value} for fap, value in figure.values],
        "level": figure.level,
        "territory": {"code": figure.territory, "label": _territory_label(snapshot, figure)},
        "year": figure.year,
        "period": figure.period,
        "vintage": figure.vintage(date.today().year),
        "source": figure.source_label,
        "without": list(figure.without),
    }


def _territory_label(snapshot: Snapshot, figure: MarketFigure) -> str:
    arrays = snapshot.market
    tables = {
        "area": (arrays.area_codes, arrays.area_labels),
        "department": (arrays.department_codes, arrays.department_labels),
        "region": (arrays.region_codes, arrays.region_labels),
    }
    if figure.level not in tables:
        return "France"
    codes, labels = tables[figure.level]
    return labels[list(codes).index(figure.territory)]


def _least(market: Document | None) -> float:
    return -math.inf if market is None or market["low"] is None else float(market["low"])
