"""Territories as the published files have them: each file read and controlled, codes followed to those of today."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ingest import territory_places as places
from ingest.csvfile import AGAIN
from ingest.report import EXAMPLES, Comparison, Finding, IngestReport
from ingest.territory import Territories
from ingest.territory_codes import CurrentCodes, current_codes, is_collectivity
from ingest.territory_layout import (
    AREAS,
    COMMUNES,
    DEPARTMENTS,
    FILES,
    LEXICON,
    PASSAGE,
    POSTCODES,
    REGIONS,
)
from ingest.territory_reading import SourceReading
from passerelle.errors import DataFileError

Readings = dict[str, SourceReading]


@dataclass(frozen=True)
class TerritoryReading(Territories):
    """What ``read_territory`` gives: the territories, and what became of every row."""

    report: IngestReport


def read_territory(directory: Path) -> TerritoryReading:
    """Reads the files of ``ingest.territory_layout`` that are in a directory ("territory" of the data).

    The geographic code is required. Without the table of passage the codes are its own; without La Poste's file there
    are no postcodes and no points; without the employment areas there are none.

    raises: DataFileError when a required file is missing, or a file is damaged
    """
    readings: Readings = {file.name: SourceReading(file, directory) for file in FILES}
    cog, postal = readings[COMMUNES.name].frame, readings[POSTCODES.name]
    codes = current_codes(cog, readings[PASSAGE.name].frame, postal.frame["Code_commune_INSEE"])
    _check_codes(readings, codes)
    cog, areas = readings[COMMUNES.name].frame, readings[AREAS.name].frame
    tables = {
        "regions": places.regions(readings[REGIONS.name].frame),
        "departments": places.departments(readings[DEPARTMENTS.name].frame),
        "arrondissements": places.arrondissements(cog, postal.frame),
    }
    communes = places.communes(cog, postal.frame, areas, tables["departments"], codes)
    communes["prominence"] = communes["prominence"].mask(communes["code"].isin(tables["regions"]["seat"]), 3)
    tables |= {
        "communes": communes,
        "areas": places.areas_of(areas, communes),
        "names": places.names(cog, postal.frame, communes, codes),
    }
    tables = {name: places.validated(name, table) for name, table in tables.items()}
    compared = _compare_areas(readings[LEXICON.name], tables["communes"], codes)
    report = IngestReport(
        source="Territoires",
        version=_version(readings),
        published_on=None,
        directory=str(directory),
        files=tuple(reading.report() for reading in readings.values()),
        comparisons=compared,
        findings=_findings(tables, codes, areas),
        counts={name: len(table) for name, table in tables.items()},
    )
    return TerritoryReading(**tables, codes=codes, report=report)


def _check_codes(readings: Readings, codes: CurrentCodes) -> None:
    """Sets aside the rows that name a commune, department or region that is none; ends where there are too many."""
    regions = readings[REGIONS.name].frame["REG"]
    readings[DEPARTMENTS.name].set_aside_unknown("REG", regions, REGIONS.file_name)
    cog = readings[COMMUNES.name]
    part = cog.frame["TYPECOM"] != "COM"
    cog.set_aside(part & cog.frame["COMPARENT"].isna(), "COMPARENT manque à une partie de commune", "COMPARENT")
    whole = cog.frame.loc[cog.frame["TYPECOM"] == "COM", "COM"]
    cog.note_unknown("COMPARENT", whole, COMMUNES.file_name)
    unknown = (cog.frame["TYPECOM"] == "COM") & ~cog.frame["DEP"].isin(readings[DEPARTMENTS.name].frame["DEP"])
    cog.set_aside(unknown, f"code inconnu de {DEPARTMENTS.file_name}", "DEP")
    known = pd.Index([*codes.successors, *codes.arrondissements])
    for file, column in ((AREAS, "code_commune_insee"), (POSTCODES, "Code_commune_INSEE")):
        reading = readings[file.name]
        reading.set_aside_unknown(column, known, f"{COMMUNES.file_name} et de {PASSAGE.file_name}")
    for reading in readings.values():
        reading.check_refused()
    if not len(whole):
        raise DataFileError(cog.path or cog.name, "aucune commune (TYPECOM COM)", AGAIN, column="TYPECOM")


def _version(readings: Readings) -> str:
    years = readings[PASSAGE.name].frame["Année"]
    return str(years.max()) if len(years) else "2024"


def _compare_areas(lexicon: SourceReading, communes: pd.DataFrame, codes: CurrentCodes) -> tuple[Comparison, ...]:
    if not lexicon.present:
        return ()
    area = communes.set_index("code")["area"]
    now = codes.communes(lexicon.frame["CODE_COMMUNE_INSEE"])
    ours, theirs = now.map(area), lexicon.frame["BE19"].str.zfill(4)
    both = ours.notna()
    same = (ours == theirs).fillna(False)
    odd = lexicon.frame.loc[both & ~same, "CODE_COMMUNE_INSEE"]
    lexicon.set_aside(~same, "autre bassin que dans le fichier le plus récent", "BE19")
    missing = area.index[area.notna()].difference(pd.Index(now.dropna()))
    return (
        Comparison(
            file=LEXICON.file_name,
            reference=AREAS.file_name,
            agreeing=int(same.sum()),
            differing=int((both & ~same).sum()),
            only_in_file=int((~both).sum()),
            only_in_reference=len(missing),
            examples=tuple(odd.head(EXAMPLES)),
        ),
    )


def _findings(tables: dict[str, pd.DataFrame], codes: CurrentCodes, areas: pd.DataFrame) -> tuple[Finding, ...]:
    communes = tables["communes"].set_index("code")
    departments = communes.dropna(subset=["area"]).groupby("area")["department"].nunique()
    labels = areas.groupby(areas["code_bassin_BMO"].str.zfill(4))["lib_bassin_BMO"].nunique()
    apart = communes.index.map(is_collectivity).to_numpy(dtype=bool)
    found = {
        ("communesWithoutLabel", "communes sans nom"): communes.index[communes["label"].isna()],
        ("communesWithoutArea", "communes sans bassin d'emploi"): communes.index[communes["area"].isna()],
        ("communesWithoutPoint", "communes sans coordonnées"): communes.index[communes["latitude"].isna()],
        ("communesWithoutPostcode", "communes sans code postal"): communes.index[communes["postcodes"] == ""],
        ("communesOfCollectivities", "communes des collectivités d'outre-mer"): communes.index[apart],
        ("splitCommunes", "anciennes communes scindées, suivies vers une seule"): pd.Index(codes.split),
        ("undecidedCodes", "anciennes communes scindées, qu'on ne peut suivre"): pd.Index(codes.undecided),
        ("areasOfSeveralDepartments", "bassins à cheval sur plusieurs départements"): departments.index[
            departments > 1
        ],
        ("areasOfSeveralLabels", "bassins qui portent plusieurs noms"): labels.index[labels > 1],
    }
    return tuple(
        Finding(code, label, len(codes_), tuple(sorted(codes_)[:EXAMPLES])) for (code, label), codes_ in found.items()
    )
