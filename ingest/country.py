"""What is published of the country beside the ROME: its territories, its market, its homes, and by whom.

A build keeps it as Parquet beside its own tables, and opens it again without the published files.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pandas as pd

from graph.tables import Source
from ingest.catalogue import CATALOGUE, CatalogueEntry, find_entries
from ingest.csvfile import AGAIN
from ingest.housing import Housing, HousingReading, read_housing
from ingest.market import Market, MarketReading, read_market
from ingest.report import IngestReport
from ingest.territory import Territories, TerritoryReading, read_territory
from ingest.territory_codes import CurrentCodes
from ingest.territory_layout import COMMUNES
from passerelle.errors import DataFileError

_TERRITORY = ("regions", "departments", "areas", "communes", "arrondissements", "names")
#: folders of the data directory that this reads
FOLDERS = ("territory", "dares", "housing")
_OUTLINES = {"departments": "departements", "regions": "regions"}
_UNSETTLED = "publication et licence non établies"
#: extracts found in public repositories: no entry of the catalogue, test data, never shown as current
_EXTRACTS = {
    "territory/tension_rome_bassin_2021.csv": Source(
        "Tensions par bassin d'emploi (extrait)", "Dares et Pôle emploi", _UNSETTLED, "2021", 2021, "docs/data.md"
    ),
    "territory/offres_commune_rome_2021-12-21.csv.bz2": Source(
        "Offres ouvertes par commune (extrait)", "Pôle emploi", _UNSETTLED, "21 décembre 2021", 2021, "docs/data.md"
    ),
    "housing/villes_loyers.csv": Source(
        "Loyers et prix de 50 villes (extrait)", "inconnu", _UNSETTLED, "millésime inconnu", None, "docs/data.md"
    ),
    "housing/departements_loyers.csv": Source(
        "Loyers et prix par département (extrait)", "inconnu", _UNSETTLED, "millésime inconnu", None, "docs/data.md"
    ),
}


@dataclass(frozen=True)
class Country:
    """Territories, market and homes that belong together.

    outlines: "departments" and "regions" -> code -> GeoJSON geometry (WGS 84); what has no file or no outline is absent
    """

    territories: Territories
    market: Market
    housing: Housing
    outlines: dict[str, dict[str, Any]]

    def save(self, directory: Path) -> None:
        """Writes Parquet files into a directory that it makes."""
        directory.mkdir(parents=True)
        tables = {name: getattr(self.territories, name) for name in _TERRITORY}
        tables |= {"codes": _codes_table(self.territories.codes)}
        tables |= {"market": self.market.table, "offers": self.market.offers, "fap": self.market.families}
        tables |= {"housing": self.housing.table}
        for name, table in tables.items():
            table.to_parquet(directory / f"{name}.parquet", index=False)
        (directory / "outlines.json").write_text(json.dumps(self.outlines), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Reads what ``save`` wrote.

        raises: DataFileError when a file is missing or unreadable
        """

        def read(name: str) -> pd.DataFrame:
            try:
                return pd.read_parquet(directory / f"{name}.parquet")
            except (OSError, ValueError) as error:
                raise DataFileError(
                    directory / name, f"illisible ({error})", "Relancez « passerelle build »."
                ) from error

        territories = Territories(**{name: read(name) for name in _TERRITORY}, codes=_codes(read("codes")))
        outlines = json.loads((directory / "outlines.json").read_text(encoding="utf-8"))
        market = Market(read("market"), read("offers"), read("fap"), territories.areas)
        return cls(territories, market, Housing(read("housing"), territories), outlines)


@dataclass(frozen=True)
class CountryReading:
    """What ``read_country`` gives: the country, what became of every row, and who published what was read."""

    country: Country
    reports: tuple[IngestReport, ...]
    sources: tuple[Source, ...]


def read_country(data: Path, families: Iterable[str]) -> CountryReading | None:
    """Reads what lies in the folders ``FOLDERS`` of a data directory; None where the geographic code is not there.

    families: ROME 3 codes that the ROME in use has
    raises:   DataFileError when a file is damaged
    """
    if not (data / "territory" / COMMUNES.file_name).is_file():
        return None
    territories: TerritoryReading = read_territory(data / "territory")
    market: MarketReading = read_market(data, territories, families)
    housing: HousingReading = read_housing(data, territories)
    outlines = {
        name: _outlines(data / "territory" / f"{stem}-version-simplifiee.geojson") for name, stem in _OUTLINES.items()
    }
    country = Country(territories, market, housing, outlines)
    reports = (territories.report, market.report, housing.report)
    return CountryReading(country, reports, _sources(data, reports))


def country_files(data: Path) -> list[Path]:
    """The files that ``read_country`` may read, whatever their names."""
    folders = [data / name for name in FOLDERS]
    return [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()) if path.is_file()]


def _sources(data: Path, reports: Iterable[IngestReport]) -> tuple[Source, ...]:
    """Who published the files that were read, in the order of the catalogue, then the extracts."""
    read = {Path(file.file).name for report in reports for file in report.files if file.present}
    read |= {f"{stem}-version-simplifiee.geojson" for stem in _OUTLINES.values()}
    sales = (f"housing/{name.removesuffix('.csv.gz')}" for name in sorted(read) if name.startswith("dvf_"))
    # without names the whole catalogue would come again
    entries = dict.fromkeys((*CATALOGUE, *(entry for name in sales for entry in find_entries([name]))))
    published = [
        _source(entry)
        for entry in entries
        if all((data / target).is_file() and Path(target).name in read for target in entry.targets)
    ]
    return (*published, *(source for file, source in _EXTRACTS.items() if Path(file).name in read))


def _source(entry: CatalogueEntry) -> Source:
    year = int(entry.vintage) if entry.vintage.isdecimal() else None
    return Source(entry.title, entry.publisher, entry.licence, entry.vintage, year, entry.page)


def _outlines(path: Path) -> dict[str, Any]:
    """code -> geometry of the features of a GeoJSON file; empty where there is no file."""
    if not path.is_file():
        return {}
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        found = {feature["properties"]["code"]: feature["geometry"] for feature in features}
    except (ValueError, KeyError, TypeError) as error:
        raise DataFileError(path, f"ce n'est pas un GeoJSON de contours avec leur code ({error!r})", AGAIN) from error
    odd = [code for code, geometry in found.items() if geometry.get("type") not in ("Polygon", "MultiPolygon")]
    if odd:
        raise DataFileError(path, "un contour n'est ni Polygon ni MultiPolygon", AGAIN, column="code", value=odd[0])
    return found


_KINDS = ("successor", "arrondissement", "split", "undecided")


def _codes_table(codes: CurrentCodes) -> pd.DataFrame:
    followed: tuple[dict[str, str], ...] = (codes.successors, codes.arrondissements)
    rows = [(kind, *pair) for kind, part in zip(_KINDS, followed, strict=False) for pair in part.items()]
    rows += [
        (kind, code, "") for kind, part in (("split", codes.split), ("undecided", codes.undecided)) for code in part
    ]
    return pd.DataFrame(rows, columns=["kind", "code", "to"], dtype="string")


def _codes(table: pd.DataFrame) -> CurrentCodes:
    parts = {kind: table[table["kind"] == kind] for kind in _KINDS}
    successors, arrondissements = (
        dict(zip(part["code"], part["to"], strict=True)) for part in (parts["successor"], parts["arrondissement"])
    )
    split, undecided = (tuple(parts[kind]["code"]) for kind in ("split", "undecided"))
    return CurrentCodes(frozenset(successors.values()), successors, arrondissements, split, undecided)
