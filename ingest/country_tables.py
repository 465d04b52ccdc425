"""The country as tables of the graph: territories, their market and their homes.

MARKET hangs on OccupationFamily (ROME 3) where that is what was published, and on ProfessionalFamily (FAP) where Dares
published by FAP: no figure is copied to the families or occupations of another level.
"""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from graph.labels import fold
from graph.tables import GraphTables
from ingest.country import Country
from ingest.country_files import CountryReading
from ingest.housing_figures import SOURCES as HOUSING_SOURCES
from ingest.market_measures import LEVELS, NATION
from ingest.market_measures import SOURCES as MARKET_SOURCES

Tables = dict[str, pd.DataFrame]
_COG, _PASSAGE_YEAR, _AREAS = "Code officiel géographique (INSEE)", 2025, "Bassins d'emploi BMO (France Travail)"
_FAP = "Passage des FAP 2009 au ROME 3 (Dares)"
_CLASSES = {
    "tension": "tension",
    "hiring_intensity": "hiringIntensity",
    "workforce_shortage": "workforceShortage",
    "unstable_jobs": "unstableJobs",
    "working_conditions": "workingConditions",
    "geographic_mismatch": "geographicMismatch",
    "training_link": "trainingLink",
}
_WAGES = {
    "median_wage": "medianWage",
    "wage_below_1250": "wageBelow1250",
    "wage_1250_1500": "wage1250To1500",
    "wage_1500_2000": "wage1500To2000",
    "wage_2000_more": "wage2000More",
    "fixed_term_share": "fixedTermShare",
}
_HOMES = {"rent_m2": "rentM2", "rent_t2": "rentT2", "t2_surface": "t2Surface", "price_m2": "priceM2", "sales": "sales"}
_TABLE_OF_LEVEL = {"area": "area", "department": "departement", "region": "region", "nation": "nation"}


def with_country(tables: GraphTables, reading: CountryReading) -> GraphTables:
    """The tables of the ROME with those of the country, and who published them."""
    nodes, relationships = country_tables(reading.country, tables.nodes["OccupationFamily"]["codeRome3"])
    meta = replace(tables.meta, sources=(*tables.meta.sources, *reading.sources))
    return GraphTables.of({**tables.nodes, **nodes}, {**tables.relationships, **relationships}, meta)


def country_tables(country: Country, families: "pd.Series[str]") -> tuple[Tables, Tables]:
    """Node tables by label and relationship tables by name, as ``graph.schema`` describes them.

    families: ROME 3 codes of the graph's OccupationFamily
    """
    places, table = country.territories, country.market.table
    # a source by the 87 FAP names the wider family: a family of the ROME is in both
    pairs = pd.concat([country.market.families, table[["fap", "family"]].dropna()]).drop_duplicates()
    nodes = {
        "Commune": _named(
            places.communes.rename(columns={"code": "codeInsee"}), "codeInsee", "postcodes", "latitude", "longitude"
        ),
        "EmploymentArea": _named(places.areas),
        "Departement": _named(places.departments),
        "Region": _named(places.regions),
        "Nation": _named(pd.DataFrame({"code": [NATION], "label": ["France"]})),
        "ProfessionalFamily": pd.DataFrame({"codeFap": sorted(pairs["fap"].unique())}),
        "Source": _named(pd.DataFrame({"code": list(HOUSING_SOURCES), "label": list(HOUSING_SOURCES.values())})),
    }
    links = _containment(country) | _homes(country) | {"wages": _wages(table)}
    pairs = pairs[pairs["family"].isin(families)]
    links["in_professional_family"] = _link(pairs, "family", "fap", _FAP, None)
    for level in LEVELS:
        own = table[table["level"] == level]
        links[f"market_{_TABLE_OF_LEVEL[level]}"] = _family_market(own[own["fap"].isna()])
        if level != "area":
            links[f"fap_{_TABLE_OF_LEVEL[level]}"] = _fap_tension(own)
    return nodes, links


def _named(table: pd.DataFrame, key: str = "code", *others: str) -> pd.DataFrame:
    kept = table[[key, "label", *others]]
    return kept.assign(labelNorm=kept["label"].map(fold, na_action="ignore"))


def _containment(country: Country) -> Tables:
    places = country.territories
    return {
        "commune_in_area": _link(places.communes, "code", "area", _AREAS, None),
        "commune_in_departement": _link(places.communes, "code", "department", _COG, _PASSAGE_YEAR),
        "area_in_departement": _link(places.areas, "code", "department", _AREAS, None),
        "area_in_region": _link(places.areas, "code", "region", _AREAS, None),
        "departement_in_region": _link(places.departments, "code", "region", _COG, 2024),
        "region_in_nation": _link(places.regions.assign(nation=NATION), "code", "nation", _COG, 2024),
    }


def _link(table: pd.DataFrame, start: str, end: str, source: str, year: int | None) -> pd.DataFrame:
    pairs = table[[start, end]].dropna().drop_duplicates()
    return pairs.set_axis(["start", "end"], axis="columns").assign(source=source, year=year)


def _family_market(rows: pd.DataFrame) -> pd.DataFrame:
    """Offers and area tension of a family in a territory on one relationship; each keeps its own figures."""
    offers = rows[rows["source"] == "offers"].set_index(["family", "territory"])
    tension = rows[rows["source"] == "tension_area"].set_index(["family", "territory"])
    both = offers.index.union(tension.index)
    sources = _joined([offers["source"].reindex(both), tension["source"].reindex(both)], MARKET_SOURCES)
    years = [part["year"].reindex(both) for part in (offers, tension)]
    market = pd.DataFrame(
        {
            "source": sources,
            # both are of one year in the files in use; the older where they are not
            "year": pd.concat(years, axis=1).min(axis=1).astype("Int64"),
            "offers": offers["offers"].reindex(both),
            "offersDay": offers["period"].reindex(both),
            "registeredOffers": tension["registered_offers"].reindex(both),
            "seekers": tension["seekers"].reindex(both),
            **{name: tension[column].reindex(both) for column, name in _CLASSES.items()},
        }
    )
    return _ends(market)


def _fap_tension(rows: pd.DataFrame) -> pd.DataFrame:
    """Tension of a FAP, once however many families it has."""
    told = rows[rows["source"] == "tension_family"].dropna(subset=list(_CLASSES), how="all")
    told = told.drop_duplicates(["fap", "territory"]).set_index(["fap", "territory"])
    columns = {name: told[column] for column, name in _CLASSES.items()}
    return _ends(pd.DataFrame({"source": told["source"].map(MARKET_SOURCES), "year": told["year"], **columns}))


def _wages(table: pd.DataFrame) -> pd.DataFrame:
    """Wages, bands and fixed-term share of a FAP; the year is the wage's, or the only one there is."""
    parts = {name: table[table["source"] == name] for name in ("wages", "wage_bands", "fixed_term")}
    once = {name: part.drop_duplicates("fap").set_index(["fap", "territory"]) for name, part in parts.items()}
    both = once["wages"].index.union(once["wage_bands"].index).union(once["fixed_term"].index)
    at = {name: part.reindex(both) for name, part in once.items()}
    figures = {
        "median_wage": at["wages"]["median_wage"],
        **{name: at["wage_bands"][name] for name in _WAGES if name.startswith("wage_")},
        "fixed_term_share": at["fixed_term"]["fixed_term_share"],
    }
    wages = pd.DataFrame(
        {
            "source": _joined([part["source"] for part in at.values()], MARKET_SOURCES),
            "year": at["wages"]["year"].fillna(at["fixed_term"]["year"]),
            "period": at["wages"]["period"],
            **{_WAGES[name]: values for name, values in figures.items()},
        }
    )
    return _ends(wages)


def _homes(country: Country) -> Tables:
    """Rents and prices; of a source of several years the newest."""
    table = country.housing.table.sort_values("year", na_position="first")
    table = table.drop_duplicates(["level", "territory", "source"], keep="last")
    found = {}
    for level, name in (("commune", "commune_rent"), ("department", "departement_rent")):
        rows = table[table["level"] == level]
        found[name] = pd.DataFrame(
            {
                "start": rows["territory"],
                "end": rows["source"],
                "source": rows["source"].map(HOUSING_SOURCES),
                "year": rows["year"],
                **{new: rows[old] for old, new in _HOMES.items()},
            }
        )
    return found


def _joined(parts: list["pd.Series[str]"], labels: Mapping[str, str]) -> "pd.Series[str]":
    told = parts[0].map(labels).astype("string")
    for part in parts[1:]:
        other = part.map(labels).astype("string")
        told = (told + " ; " + other).fillna(told).fillna(other)
    return told


def _ends(table: pd.DataFrame) -> pd.DataFrame:
    return table.reset_index(names=["start", "end"])
