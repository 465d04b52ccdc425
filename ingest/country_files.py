"""What the published files have of the country beside the ROME, and who published what was read."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.tables import Source
from ingest.catalogue import CATALOGUE, CatalogueEntry, find_entries
from ingest.country import Country
from ingest.csvfile import AGAIN
from ingest.housing_files import HousingReading, read_housing
from ingest.market_files import MarketReading, read_market
from ingest.report import IngestReport
from ingest.territory_files import TerritoryReading, read_territory
from ingest.territory_layout import COMMUNES
from passerelle.errors import DataFileError

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
