"""Territories beside their targets: read and write, potential, search of a place: ``python -m benchmarks.territory``.

Wall-clock figures say something of this machine only; those side by side in one run say something of the methods. Needs
the published files (``PASSERELLE_DATA``) and the embedded graph server.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process
from rich.console import Console
from rich.table import Table

from benchmarks.places import places_asked
from graph.connection import connect
from graph.labels import fold
from graph.tables import GraphTables
from graph.writer import write_graph
from ingest.catalogue import find_data, find_rome
from ingest.country import Country
from ingest.country_files import CountryReading, read_country
from ingest.country_tables import with_country
from ingest.rome import read_rome
from ingest.territory_distance import distance_km
from ingest.territory_gazetteer import Gazetteer
from ingest.territory_search import PlaceIndex
from passerelle.errors import NoTerritoryError
from passerelle.settings import Settings
from recommend.territory import Pursuit, best_areas, potential
from recommend.territory_arrays import MarketArrays
from recommend.territory_reasons import reasons
from recommend.territory_whatif import what_if

_PROFILES, _RECONVERSIONS, _WITHIN_KM = 200, 20, 100.0


def main() -> None:
    """Measures and prints."""
    settings = Settings()
    data = find_data(settings, Path.cwd()).path
    rome = read_rome(find_rome(data, settings.rome_version)).tables
    started = time.perf_counter()
    reading = read_country(data, rome.nodes["OccupationFamily"]["codeRome3"])
    if reading is None:
        raise NoTerritoryError
    tables = with_country(rome, reading)
    read_s = time.perf_counter() - started
    console = Console()
    console.print(_load(rome, tables, reading, read_s))
    console.print(_potential(rome, reading.country))
    console.print(_search(reading.country))


def _load(rome: GraphTables, tables: GraphTables, reading: CountryReading, read_s: float) -> Table:
    """The graph with the ROME alone, then what the country adds to it."""
    with tempfile.TemporaryDirectory() as home, connect(Settings.model_validate({"PASSERELLE_HOME": home})) as server:
        rome_s = write_graph(server, rome).seconds
        country = write_graph(server, tables)
        again_s = write_graph(server, tables, force=True).seconds
    added = sum(country.created.values())
    table = Table(title="Read, validate, table and write to the embedded server", title_justify="left")
    for column in ("", "rows", "s", "target"):
        table.add_column(column, justify="left" if not column else "right")
    rows = sum(report.rows_read for report in reading.reports)
    table.add_row("territories, market, homes: read, validated, tabled", f"{rows:,}", f"{read_s:.1f}")
    table.add_row("the same: written beside the ROME", f"{added:,}", f"{country.seconds:.1f}")
    table.add_row("in all", "", f"{read_s + country.seconds:.1f}", "60 s", style="bold")
    table.add_row("the ROME alone: written", f"{rome.node_count + rome.relationship_count:,}", f"{rome_s:.1f}")
    table.add_row("all of it compared again, nothing to write", "", f"{again_s:.1f}")
    return table


def _potential(rome: GraphTables, country: Country) -> Table:
    families = rome.nodes["OccupationFamily"]
    labels = dict(zip(families["codeRome3"], families["label"].fillna(""), strict=True))
    arrays = MarketArrays.of(country.market, country.territories, labels)
    random = np.random.default_rng(5)
    drawn = [random.choice(len(arrays.family_codes), _RECONVERSIONS + 1, replace=False) for _ in range(_PROFILES)]
    pursuits = [
        Pursuit.of(arrays, [codes[0]], [(code, float(random.random())) for code in codes[1:]])
        for codes in ([arrays.family_codes[int(row)] for row in rows] for rows in drawn)
    ]
    homes = [arrays.area_codes[int(area)] for area in random.integers(0, len(arrays.area_codes), _PROFILES)]
    market = country.market.table
    table = Table(
        title=f"Potential of all {len(arrays.area_codes)} areas, {_RECONVERSIONS} reconversions, {_PROFILES} profiles",
        title_justify="left",
    )
    for column in ("", "median ms", "99 %", "longest", "target"):
        table.add_column(column, justify="left" if not column else "right")

    def whole(place: int) -> None:
        found = potential(arrays, pursuits[place])
        area = arrays.area_index_of[homes[place]]
        km = distance_km(arrays.latitude[area], arrays.longitude[area], arrays.latitude, arrays.longitude)
        for one in best_areas(arrays, found, km=km, within=_WITHIN_KM, home=homes[place]).best:
            reasons(arrays, found, one)

    def joined(place: int) -> None:
        _by_joins(market, arrays, pursuits[place])

    def reading(place: int) -> None:
        rows = pursuits[place].rows
        (arrays.shape[rows] * arrays.rate[rows] * arrays.offers[rows]).sum()

    _row(table, "potential", lambda place: potential(arrays, pursuits[place]), "20 ms")
    _row(table, "with the ten best within 100 km and their reasons", whole)
    _row(table, "what if: each family here and elsewhere", lambda place: what_if(arrays, pursuits[place], homes[place]))
    _row(table, "offers by seekers with pandas joins, no interval", joined)
    _row(table, "bound: reading the same cells once", reading)
    return table


def _by_joins(market: pd.DataFrame, arrays: MarketArrays, pursuit: Pursuit) -> "pd.Series[float]":
    """What people would write: the cells of the families, their ratio, summed by area; no fallback, no interval."""
    weights = pd.Series(pursuit.weights, index=[arrays.family_codes[int(row)] for row in pursuit.rows])
    local = market[(market["level"] == "area") & market["family"].isin(weights.index)]
    cells = local.groupby(["territory", "family"])[["offers", "seekers"]].sum(min_count=1).dropna().reset_index()
    value = cells["family"].map(weights) * (cells["offers"] / cells["seekers"]).clip(upper=1)
    return value.groupby(cells["territory"]).sum().astype("float64")


def _search(country: Country) -> Table:
    places = country.territories
    started = time.perf_counter()
    gazetteer = Gazetteer.of(
        places.communes, places.arrondissements, places.names, places.departments, places.codes.successors
    )
    index = PlaceIndex(gazetteer)
    made_s = time.perf_counter() - started
    labelled = places.communes.dropna(subset=["label"])
    labels = [fold(label) for label in labelled["label"]]
    codes = labelled["code"].tolist()
    exact = dict(zip(labels[::-1], codes[::-1], strict=True))

    def ours(text: str) -> set[str]:
        first = index.find(text).matches[:1]
        return {code for match in first for code in (match.code, match.commune)}

    def fuzzy(text: str) -> set[str]:
        found = process.extractOne(fold(text), labels, scorer=fuzz.WRatio)
        return set() if found is None else {codes[found[2]]}

    methods: dict[str, Callable[[str], set[str]]] = {
        "ours": ours,
        "exact folded name": lambda text: {exact[fold(text)]} if fold(text) in exact else set(),
        "RapidFuzz WRatio over all names": fuzzy,
    }
    table = Table(
        title=f"Search of a place ({len(codes):,} communes; our index is made in {made_s:.1f} s)", title_justify="left"
    )
    for column in ("", "40 large: first", "40 small: first", "median ms", "99 %", "longest", "target"):
        table.add_column(column, justify="left" if not column else "right")
    for name, method in methods.items():
        shares, seconds = [], []
        for asked in places_asked(places.communes).values():
            first = 0
            for text, code in asked:
                started = time.perf_counter()
                found = method(text)
                seconds.append(time.perf_counter() - started)
                first += code in found
            shares.append(f"{first} of {len(asked)} ({first / len(asked):.1%})")
        table.add_row(name, *shares, *_times(seconds), "95 %, 2 ms" if name == "ours" else "")
    return table


def _row(table: Table, name: str, run: Callable[[int], object], target: str = "") -> None:
    seconds = []
    for place in range(_PROFILES):
        started = time.perf_counter()
        run(place)
        seconds.append(time.perf_counter() - started)
    table.add_row(name, *_times(seconds), target)


def _times(seconds: list[float]) -> tuple[str, str, str]:
    return (
        f"{1000 * statistics.median(seconds):.2f}",
        f"{1000 * float(np.quantile(seconds, 0.99)):.2f}",
        f"{1000 * max(seconds):.2f}",
    )


if __name__ == "__main__":
    main()
