"""Homes as the published files have them: each file read and controlled, one table made of them."""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from ingest import housing_sources as sources
from ingest.housing import Housing
from ingest.housing_figures import SOURCES
from ingest.housing_layout import DEPARTMENTS, FILES, RENT_MAP, RENT_MAP_SMALL, TOWNS, sales_file
from ingest.report import EXAMPLES, Finding, IngestReport
from ingest.territory import Territories
from ingest.territory_reading import SourceReading
from passerelle.errors import DataFileError

_LEVELS = ("arrondissement", "commune", "department")
_SALES = re.compile(r"dvf_(20\d\d)_(\d\d|2A|2B|97\d)\.csv(?:\.gz)?")


def _euros() -> pa.Column:
    return pa.Column("Float64", pa.Check.gt(0), nullable=True)


HOUSING = pa.DataFrameSchema(
    {
        "level": pa.Column("string", pa.Check.isin(_LEVELS)),
        "territory": pa.Column("string"),
        "source": pa.Column("string", pa.Check.isin(list(SOURCES))),
        "year": pa.Column("Int64", pa.Check.in_range(2000, 2100), nullable=True),
        "rent_m2": _euros(),
        "rent_m2_low": _euros(),
        "rent_m2_high": _euros(),
        "rent_surface": _euros(),
        "rent_t2": _euros(),
        "t2_surface": _euros(),
        "adverts": pa.Column("Int64", pa.Check.ge(0), nullable=True),
        "price_m2": _euros(),
        "sales": pa.Column("Int64", pa.Check.ge(sources.LEAST_SALES), nullable=True),
    },
    strict=True,
    unique=["level", "territory", "source", "year"],
)


@dataclass(frozen=True)
class HousingReading(Housing):
    """What ``read_housing`` gives: the homes, and what became of every row."""

    report: IngestReport


def read_housing(directory: Path, territories: Territories) -> HousingReading:
    """Reads the files of ``ingest.housing_layout`` that are in a directory of data, and every ``housing/dvf_*`` there.

    All are optional: a file that is not there is said absent.

    raises: DataFileError when a file is damaged
    """
    readings = {file.name: SourceReading(file, directory) for file in FILES}
    found = sorted(path.name for path in (directory / "housing").glob("dvf_*.csv*"))
    named = {name: match for name in found if (match := _SALES.fullmatch(name))}
    of_sales = {name: SourceReading(sales_file(name), directory) for name in named}
    for name in (RENT_MAP.name, RENT_MAP_SMALL.name):
        reading = readings[name]
        reading.set_aside(territories.codes.communes(reading.frame["INSEE_C"]).isna(), "commune inconnue", "INSEE_C")
    for reading in (*readings.values(), *of_sales.values()):
        reading.check_refused()
    of_towns = sources.towns(readings[TOWNS.name], territories)
    parts = [
        sources.rent_map(readings[RENT_MAP.name], readings[RENT_MAP_SMALL.name], territories),
        of_towns,
        sources.departments(readings[DEPARTMENTS.name], territories, of_towns),
    ]
    withheld = 0
    for name, reading in of_sales.items():
        part, few = sources.sales(reading, territories, int(named[name][1]), named[name][2])
        parts.append(part)
        withheld += few
    table = _table(parts)
    report = IngestReport(
        source="Logement",
        version=str(table["year"].max()) if table["year"].notna().any() else "millésime inconnu",
        published_on=None,
        directory=str(directory),
        files=tuple(reading.report() for reading in (*readings.values(), *of_sales.values())),
        findings=_findings(readings, withheld),
        not_read=tuple(f"housing/{name}" for name in found if name not in named),
        counts={"housing": len(table)},
    )
    return HousingReading(table, territories, report)


def _table(parts: list[pd.DataFrame]) -> pd.DataFrame:
    types = {name: str(column.dtype) for name, column in HOUSING.columns.items()}
    typed = [part.reindex(columns=list(types)).astype(types) for part in parts]
    table = pd.concat(typed, ignore_index=True).sort_values(["level", "territory", "source", "year"], ignore_index=True)
    try:
        return HOUSING.validate(table)
    except pa.errors.SchemaError as error:
        raise DataFileError(
            "table housing",
            f"contenu inattendu ({error.check or error.reason_code})",
            "Les fichiers du logement ne vont pas ensemble : téléchargez-les de nouveau (« passerelle fetch »).",
            column=str(error.schema.name) if error.schema.name else None,
        ) from error


def _findings(readings: dict[str, SourceReading], withheld: int) -> tuple[Finding, ...]:
    def aside(file: str, reason: str) -> list[str]:
        report = readings[file].report()
        return [str(row.line) for row in report.set_aside if row.reason.startswith(reason)]

    departments = readings[DEPARTMENTS.name]
    blank = departments.frame.loc[departments.numbers("rent_m2").isna(), "code"]
    found: dict[tuple[str, str], list[str]] = {
        ("fillerRents", "territoires aux valeurs de remplissage, rejetées (lignes)"): aside(
            DEPARTMENTS.name, "valeurs de remplissage"
        ),
        ("contradictedRents", "départements contredits par leurs villes, rejetés (lignes)"): aside(
            DEPARTMENTS.name, "prix contredit"
        ),
        ("ambiguousTowns", "villes sans code et de plusieurs communes, rejetées (lignes)"): aside(
            TOWNS.name, "plusieurs communes"
        ),
        ("departmentsWithoutRent", "départements sans loyer"): [str(code) for code in blank],
    }
    listed = tuple(
        Finding(code, label, len(values), tuple(values[:EXAMPLES])) for (code, label), values in found.items()
    )
    few = f"communes de moins de {sources.LEAST_SALES} ventes, tenues secrètes"
    return (*listed, Finding("communesOfFewSales", few, withheld))
