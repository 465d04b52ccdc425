"""The labour market as the published files have it: each file read and controlled, one table made of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ingest import market_sources as sources
from ingest.market import Market
from ingest.market_layout import (
    FAMILIES,
    FILES,
    FIXED_TERM,
    MEDIAN_WAGES,
    NOT_READ,
    OFFERS,
    TENSION_BY_AREA,
    TENSION_BY_FAMILY,
    WAGE_BANDS,
)
from ingest.market_tables import market_table, offers_table
from ingest.report import EXAMPLES, Finding, IngestReport
from ingest.territory import Territories
from ingest.territory_reading import SourceReading

_ROME = "referentiel_code_rome"


@dataclass(frozen=True)
class MarketReading(Market):
    """What ``read_market`` gives: the market, and what became of every row."""

    report: IngestReport


def read_market(directory: Path, territories: Territories, families: Iterable[str]) -> MarketReading:
    """Reads the files of ``ingest.market_layout`` that are in a directory of data; those that are not are said absent.

    families: ROME 3 codes that the ROME in use has
    raises:   DataFileError when a file is damaged
    """
    readings = {file.name: SourceReading(file, directory) for file in FILES}
    known = pd.Index(sorted(families))
    for file, column in ((OFFERS, "dc_rome_id"), (TENSION_BY_AREA, "ROME")):
        readings[file.name].set_aside_unknown(column, known, _ROME)
    codes = readings[FAMILIES.name]
    codes.set_aside(
        (codes.frame["Rome"] != "NA") & ~codes.frame["Rome"].isin(known), f"code inconnu de {_ROME}", "Rome"
    )
    for reading in readings.values():
        reading.check_refused()
    fap = sources.family_codes(codes)
    contradicted = sources.contradicted_bands(readings[WAGE_BANDS.name], readings[MEDIAN_WAGES.name])
    offers, doubled = sources.offers_by_commune(readings[OFFERS.name], territories)
    offers = offers_table(offers)
    parts = [
        sources.offers_by_territory(offers, territories, readings[OFFERS.name].frame["date_extract"]),
        sources.tension_by_area(readings[TENSION_BY_AREA.name], territories),
        sources.tension_by_family(readings[TENSION_BY_FAMILY.name], territories, fap),
        sources.median_wages(readings[MEDIAN_WAGES.name], fap),
        sources.wage_bands(readings[WAGE_BANDS.name], fap),
        sources.fixed_term(readings[FIXED_TERM.name], fap),
    ]
    table = market_table(parts)
    report = IngestReport(
        source="Marché du travail",
        version=str(table["year"].max()) if table["year"].notna().any() else "sans données",
        published_on=None,
        directory=str(directory),
        files=tuple(reading.report() for reading in readings.values()),
        findings=_findings(table, offers, fap, known, doubled, contradicted),
        not_read=tuple(name for name in NOT_READ if (directory / name).exists()),
        counts={"market": len(table), "offers": len(offers)},
    )
    return MarketReading(table, offers, fap, territories.areas, report)


def _findings(
    table: pd.DataFrame, offers: pd.DataFrame, fap: pd.DataFrame, known: pd.Index, doubled: int, contradicted: list[str]
) -> tuple[Finding, ...]:
    counts = fap.groupby("family")["fap"].nunique()
    tension = table.dropna(subset=["tension"])
    local = tension.loc[tension["level"] == "area", "family"]
    unplaced = int(offers.loc[offers["commune"].isna(), "offers"].sum())
    found: dict[tuple[str, str], pd.Index | list[str]] = {
        ("familiesOfSeveralFap", "familles ROME de plusieurs FAP : fourchette"): counts.index[counts > 1],
        ("familiesWithoutFap", "familles ROME sans FAP"): known.difference(pd.Index(counts.index)),
        ("familiesWithoutTension", "familles sans tension"): known.difference(pd.Index(tension["family"].unique())),
        ("familiesWithoutLocalTension", "familles sans tension par bassin"): known.difference(pd.Index(local.unique())),
        ("familiesWithoutOffers", "familles sans offre"): known.difference(pd.Index(offers["family"].unique())),
        ("contradictedWageBands", "FAP dont le salaire médian contredit les deux tranches hautes"): contradicted,
    }
    listed = tuple(
        Finding(code, label, len(codes), tuple(sorted(codes)[:EXAMPLES])) for (code, label), codes in found.items()
    )
    return (
        Finding("doubledOffers", "lignes d'offres d'une commune et d'un métier déjà donnés : additionnées", doubled),
        Finding("offersWithoutPlace", "offres sans territoire", unplaced),
        *listed,
    )
