"""Why an area: sentences in French, each with the level, the year and what is not known."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recommend.territory import Destination, Potential
from recommend.territory_arrays import CLASSES, LEVELS, MarketArrays
from recommend.territory_whatif import Outlook, Standing

#: a cause of this class or above is told
_STRONG = 4
#: families that are named for an area
_NAMED = 3
CAUSES_FRENCH = {
    "hiring_intensity": "beaucoup d'embauches",
    "workforce_shortage": "manque de candidats",
    "unstable_jobs": "emplois peu durables",
    "working_conditions": "conditions de travail contraignantes",
    "geographic_mismatch": "candidats éloignés des emplois",
    "training_link": "formation précise demandée",
}
TENSION_FRENCH = {1: "très faible", 2: "faible", 3: "moyenne", 4: "forte", 5: "très forte"}
_OF_LEVEL = {"area": "du bassin", "department": "du département", "region": "de la région", "nation": "de la France"}
_SPACE = "\N{NARROW NO-BREAK SPACE}"


@dataclass(frozen=True)
class Tension:
    """How hard a family is to recruit for: 1 to 5, **5 the tightest, best for a seeker**.

    low, high: the least and greatest of the family's FAP
    level:     where it was found, "area" to "nation"; year is None where unknown
    causes:    names (``CAUSES_FRENCH``) of the causes of class 4 or 5, in that territory, for all of the FAP
    """

    low: int
    high: int
    level: str
    year: int | None
    causes: tuple[str, ...]


def tension(arrays: MarketArrays, family: int, area: int) -> Tension | None:
    """The tension of a family in an area, else its department, its region, the nation; None where nobody publishes it.

    family, area: row and column in the arrays
    """
    for position, level in enumerate(LEVELS):
        place = arrays.territory(area, position)
        if place is None or not arrays.class_low[0, family, place]:
            continue
        causes = tuple(name for i, name in enumerate(CLASSES) if i and arrays.class_low[i, family, place] >= _STRONG)
        low, high = int(arrays.class_low[0, family, place]), int(arrays.class_high[0, family, place])
        return Tension(low, high, level, int(arrays.class_year[position]) or None, causes)
    return None


def reasons(
    arrays: MarketArrays, found: Potential, destination: Destination, notes: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Why an area has its potential, the most important first, then what is not known.

    notes: ROME 3 code -> what must be said beside a family, in French ("métier réglementé")
    """
    pursuit, area = found.pursuit, destination.area
    told = [_offers(arrays, destination, own=bool(pursuit.own.any()), other=bool((~pursuit.own).any()))]
    order = np.argsort(-found.parts[:, area], kind="stable")
    named = [int(place) for place in order if found.counted[place]][:_NAMED]
    told += [_family(arrays, int(pursuit.rows[place]), area, notes or {}) for place in named]
    for place in np.flatnonzero(pursuit.own).tolist():
        row = int(pursuit.rows[place])
        tight = tension(arrays, row, area)
        if tight is not None:
            told.append(tension_sentence(arrays, row, area, tight))
    if destination.km is not None:
        told.append(f"À {destination.km:.0f} km à vol d'oiseau.")
    return (*told, *_unknown(arrays, found, area))


def tension_sentence(arrays: MarketArrays, family: int, area: int, tight: Tension) -> str:
    """The tension in French, with its range, causes, territory and year."""
    if tight.low == tight.high:
        how = f"{TENSION_FRENCH[tight.low]} ({tight.low} sur 5)"
    else:
        how = f"{TENSION_FRENCH[tight.low]} à {TENSION_FRENCH[tight.high]} ({tight.low} à {tight.high} sur 5)"
    causes = f" : {', '.join(CAUSES_FRENCH[name] for name in tight.causes)}" if tight.causes else ""
    year = f", données de {tight.year}" if tight.year else ", année non précisée"
    where = place_name(arrays, area, tight.level)
    return f"Difficulté à recruter {how} pour {family_name(arrays, family)}{causes} ({where}{year})."


def outlook_sentence(arrays: MarketArrays, outlook: Outlook, note: str | None = None) -> str:
    """Whether one family is wanted here, and where else, in French; ``note`` is said beside its name."""
    name = (outlook.label or outlook.family) + (f" ({note})" if note else "")
    here = {
        "yes": "recherché ici",
        "no": "peu recherché ici",
        "unsure": "ici, trop peu de chiffres pour le dire",
        "unknown": "le nombre de demandeurs n'est publié nulle part",
    }[outlook.here.wanted]
    ratio = f" ({_ratio(outlook.here)})" if outlook.here.ratio is not None else ""
    if not outlook.wanted_areas:
        return f"{name} : {here}{ratio}."
    places = ", ".join(f"{arrays.area_labels[one.area]} ({_ratio(one)})" for one in outlook.elsewhere)
    many = _plural(outlook.wanted_areas, "bassin")
    return f"{name} : {here}{ratio} ; recherché ailleurs dans {many}, d'abord {places}."


def family_name(arrays: MarketArrays, family: int) -> str:
    """ "la famille « Dentelle » (B1804)": what is published is the family's, and is told as the family's."""
    code, label = arrays.family_codes[family], arrays.family_labels[family]
    return f"la famille « {label} » ({code})" if label else f"la famille {code}"


def place_name(arrays: MarketArrays, area: int, level: str) -> str:
    """The territory of a level that an area lies in: "département Nord"."""
    if level == "area":
        label = arrays.area_labels[area]
        return label if label.lower().startswith("bassin") else f"bassin {label}"
    if level == "department":
        return f"département {arrays.department_labels[int(arrays.department[area])]}"
    if level == "region":
        return f"région {arrays.region_labels[int(arrays.region[area])]}"
    return "France"


def _offers(arrays: MarketArrays, destination: Destination, *, own: bool, other: bool) -> str:
    day = arrays.offers_day[0]
    parts = []
    if own:
        parts.append(f"{_counted(destination.own_offers)} pour le métier exercé")
    if other:
        parts.append(f"{_counted(destination.other_offers)} pour les reconversions")
    return f"Offres ouvertes{f' au {_french_day(day)}' if day else ''} : {', '.join(parts) or 'aucune famille visée'}."


def _family(arrays: MarketArrays, family: int, area: int, notes: Mapping[str, str]) -> str:
    level = LEVELS[int(arrays.level[family, area])]
    ratio = arrays.shape[family, area] / arrays.rate[family, area]
    offers, seekers = arrays.offers[family, area], arrays.seekers[family, area]
    year = f", demandeurs de {int(arrays.seekers_year[0])}" if arrays.seekers_year[0] else ""
    note = notes.get(arrays.family_codes[family])
    name = family_name(arrays, family) + (f", {note}" if note else "")
    own = "" if np.isnan(offers) else f" ; ici {_plural(float(offers), 'offre')}"
    against = "" if np.isnan(seekers) else f" face à {_plural(float(seekers), 'demandeur')}"
    return (
        f"Pour {name}, environ {_plural(100 * ratio, 'offre')} pour 100 demandeurs "
        f"({place_name(arrays, area, level)}{year}){own}{against}."
    )


def _unknown(arrays: MarketArrays, found: Potential, area: int) -> list[str]:
    levels = Counter(LEVELS[int(level)] for level in arrays.level[found.pursuit.rows[found.counted], area])
    told = []
    wider = [(level, levels[level]) for level in LEVELS[1:] if levels[level]]
    if wider:
        parts = ", ".join(f"{_OF_LEVEL[level]} pour {count}" for level, count in wider)
        withheld = f"{sum(count for _, count in wider)} des {_plural(sum(levels.values()), 'famille')}"
        told.append(
            f"Demandeurs non publiés dans ce bassin pour {withheld} : chiffres {parts}, et fourchette plus large."
        )
    without = int((~found.counted).sum()) + len(found.pursuit.unknown)
    if without:
        told.append(f"Sans nombre de demandeurs publié, et donc hors du calcul : {_plural(without, 'famille')}.")
    return told


def _ratio(standing: Standing) -> str:
    if standing.ratio is None or standing.level is None:
        return "sans chiffre"
    text = f"{_plural(100 * standing.ratio, 'offre')} pour 100 demandeurs"
    return text if standing.level == "area" else f"{text}, chiffre {_OF_LEVEL[standing.level]}"


def _counted(count: int | None) -> str:
    return "nombre inconnu" if count is None else _thousands(count)


def _french_day(day: str) -> str:
    return "/".join(reversed(day.split("-")))


def _plural(count: float, noun: str) -> str:
    return f"{_thousands(count)} {noun}{'s' if round(count) > 1 else ''}"


def _thousands(count: float) -> str:
    return f"{count:,.0f}".replace(",", _SPACE)
