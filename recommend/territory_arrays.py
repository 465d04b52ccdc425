"""MarketArrays: the market of every family in every employment area, as arrays made from tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph.arrayset import ArraySet
from graph.strings import StringColumn
from recommend.territory_shrinkage import Floats, Places, pool

#: from the smallest territory to the largest; an array of levels holds positions in it
LEVELS = ("area", "department", "region", "nation")
#: columns of the market's table from 1 to 5, the class of tension first (5 the tightest), then its causes
CLASSES = (
    "tension",
    "hiring_intensity",
    "workforce_shortage",
    "unstable_jobs",
    "working_conditions",
    "geographic_mismatch",
    "training_link",
)
_SOURCES = ("tension_area", "tension_family")


class MarketTables(Protocol):
    """What is needed of the market: ``table`` and ``offers`` as docs/territory.md describes them."""

    @property
    def table(self) -> pd.DataFrame:
        """One row for each family, territory, source and FAP."""

    @property
    def offers(self) -> pd.DataFrame:
        """Open offers by commune and family."""


class TerritoryTables(Protocol):
    """What is needed of the territories: tables as docs/territory.md describes them."""

    @property
    def regions(self) -> pd.DataFrame:
        """Columns code, label."""

    @property
    def departments(self) -> pd.DataFrame:
        """Columns code, label."""

    @property
    def areas(self) -> pd.DataFrame:
        """Columns code, label, department, region."""

    @property
    def communes(self) -> pd.DataFrame:
        """Columns code, area, latitude, longitude, prominence."""


@dataclass(frozen=True)
class MarketArrays(ArraySet):
    """Families (ROME 3) and employment areas on integer axes ordered by code.

    Never an axis of occupations: a family's figure is the figure of all its occupations, and is not summed over them.
    """

    family_codes: StringColumn
    family_labels: StringColumn
    area_codes: StringColumn
    area_labels: StringColumn
    department_codes: StringColumn
    department_labels: StringColumn
    region_codes: StringColumn
    region_labels: StringColumn
    #: (n_areas,) index of the department of most of the area's communes, and of the region; -1 where it has none
    department: Places
    region: Places
    #: (n_areas,) the area's commune with the most open offers, "" where it has none; its degrees, NaN where unknown
    seats: StringColumn
    latitude: Floats
    longitude: Floats

    #: (n_families, n_areas) offers open on the day of the count; all of them NaN where there is no count
    offers: Floats
    #: (n_families, n_areas) seekers registered (categories A, B, C), mean of the year; NaN where withheld
    seekers: Floats
    #: (n_families, n_areas) offers for each seeker: gamma of this shape and rate, and the level they were found at
    #: (position in ``LEVELS``, -1 nowhere); see ``recommend.territory_shrinkage``
    shape: Floats
    rate: Floats
    level: NDArray[np.int8]
    #: (1,) offers for each seeker of all families and areas; NaN where unknown
    overall: Floats

    #: (n_classes, n_families, n_territories) least and greatest of the FAP's values, 0 where missing; the territories
    #: are the areas, then departments, regions and the nation
    class_low: NDArray[np.int8]
    class_high: NDArray[np.int8]
    #: (n_levels,) year of the classes at each level, of the seekers (1,); 0 unknown
    class_year: NDArray[np.int16]
    seekers_year: NDArray[np.int16]
    #: one text: day of the offers, ISO 8601, "" where unknown
    offers_day: StringColumn

    @classmethod
    def of(
        cls, market: MarketTables, territories: TerritoryTables, family_labels: Mapping[str, str] | None = None
    ) -> Self:
        """Makes the arrays; the same tables give the same arrays.

        A family without a row of offers in an area has none there, since the extract is of the whole country; without
        any offers in the table nothing is known of them. A missing row of seekers is withheld, never zero. The larger
        territories of the shrinkage are sums of their areas.

        family_labels: label of each family (ROME 3), and the families wanted beside those of the market
        """
        labels = dict(family_labels or {})
        table = market.table
        families = pd.Index(sorted({*table["family"], *labels}))
        areas = territories.areas.sort_values("code", ignore_index=True)
        departments = territories.departments.sort_values("code", ignore_index=True)
        regions = territories.regions.sort_values("code", ignore_index=True)
        codes = pd.Index(areas["code"])
        open_offers = table[(table["source"] == "offers") & (table["level"] == "area")]
        local = table[(table["source"] == "tension_area") & (table["level"] == "area")]
        offers = _cells(open_offers, "offers", families, codes, 0.0 if len(open_offers) else np.nan)
        seekers = _cells(local, "seekers", families, codes, np.nan)
        department = pd.Index(departments["code"]).get_indexer(pd.Index(areas["department"])).astype(np.int32)
        region = pd.Index(regions["code"]).get_indexer(pd.Index(areas["region"])).astype(np.int32)
        pooled = pool(offers, seekers, department, region)
        seats, latitude, longitude = _seats(market.offers, territories.communes, codes)
        territory = pd.MultiIndex.from_tuples(
            [
                *(("area", code) for code in areas["code"]),
                *(("department", code) for code in departments["code"]),
                *(("region", code) for code in regions["code"]),
                ("nation", "FR"),
            ]
        )
        low, high = _classes(table, families, territory)
        days = open_offers["period"].dropna()
        return cls(
            family_codes=StringColumn.of(families),
            family_labels=StringColumn.of(labels.get(code, "") for code in families),
            area_codes=StringColumn.of(areas["code"]),
            area_labels=StringColumn.of(areas["label"]),
            department_codes=StringColumn.of(departments["code"]),
            department_labels=StringColumn.of(departments["label"]),
            region_codes=StringColumn.of(regions["code"]),
            region_labels=StringColumn.of(regions["label"]),
            department=department,
            region=region,
            seats=seats,
            latitude=latitude,
            longitude=longitude,
            offers=offers,
            seekers=seekers,
            shape=pooled.shape,
            rate=pooled.rate,
            level=pooled.level,
            overall=np.array([pooled.overall]),
            class_low=low,
            class_high=high,
            class_year=np.array([_year(table[table["source"].isin(_SOURCES)], level) for level in LEVELS], np.int16),
            seekers_year=np.array([_year(local, "area")], dtype=np.int16),
            offers_day=StringColumn.of([str(days.max()) if len(days) else ""]),
        )

    @cached_property
    def family_index_of(self) -> dict[str, int]:
        """ROME 3 code -> row."""
        return {code: i for i, code in enumerate(self.family_codes)}

    @cached_property
    def area_index_of(self) -> dict[str, int]:
        """Code of an employment area -> column."""
        return {code: i for i, code in enumerate(self.area_codes)}

    def territory(self, area: int, level: int) -> int | None:
        """Column in the classes of an area's territory of a level (position in ``LEVELS``); None where it has none."""
        n_areas, n_departments = len(self.area_codes), len(self.department_codes)
        if level == 0:
            return area
        if level == 1:
            return n_areas + int(self.department[area]) if self.department[area] >= 0 else None
        if level == 2:
            return n_areas + n_departments + int(self.region[area]) if self.region[area] >= 0 else None
        return n_areas + n_departments + len(self.region_codes)


def _cells(rows: pd.DataFrame, measure: str, families: pd.Index, areas: pd.Index, absent: float) -> Floats:
    """(n_families, n_areas) one measure of the rows; ``absent`` where there is no row."""
    cells = np.full((len(families), len(areas)), absent)
    kept = rows[rows["territory"].isin(areas) & rows[measure].notna()]
    row, column = families.get_indexer(pd.Index(kept["family"])), areas.get_indexer(pd.Index(kept["territory"]))
    cells[row, column] = kept[measure].to_numpy(dtype=np.float64)
    return cells


def _seats(offers: pd.DataFrame, communes: pd.DataFrame, areas: pd.Index) -> tuple[StringColumn, Floats, Floats]:
    """(n_areas,) each area's commune with the most offers, then the most prominent; its latitude and longitude.

    One that has a point goes before those that have none.
    """
    placed = communes.dropna(subset=["area"])
    counted = placed.assign(offers=placed["code"].map(offers.groupby("commune")["offers"].sum()).astype("float64"))
    counted = counted.fillna({"offers": 0})
    counted["pointless"] = counted[["latitude", "longitude"]].isna().any(axis=1)
    order = counted.sort_values(["pointless", "offers", "prominence", "code"], ascending=[True, False, False, True])
    first = order.drop_duplicates("area").set_index("area").reindex(areas)
    latitude, longitude = (first[name].to_numpy(dtype=np.float64) for name in ("latitude", "longitude"))
    return StringColumn.of(first["code"].fillna("")), latitude, longitude


def _classes(
    table: pd.DataFrame, families: pd.Index, territories: pd.MultiIndex
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Least and greatest class of each family and territory, for each of ``CLASSES``.

    A territory where some of the family's FAP have no value that have one in the nation is missing: half of a range
    would be taken for the whole.
    """
    low = np.zeros((len(CLASSES), len(families), len(territories)), dtype=np.int8)
    high = low.copy()
    rows = table[table["source"].isin(_SOURCES)]
    for position, name in enumerate(CLASSES):
        told = rows.dropna(subset=[name])
        if told.empty:
            continue
        wanted = told.loc[told["level"] == "nation", ["family", "fap"]].dropna().assign(wanted=1)
        told = told.merge(wanted, on=["family", "fap"], how="left")
        grouped = told.groupby(["family", "level", "territory"])
        cells = pd.DataFrame(
            {
                "low": grouped[name].min(),
                "high": grouped[name].max(),
                "wanted": grouped["wanted"].sum(),
                "fap": grouped["fap"].count(),
            }
        ).reset_index()
        needed = cells["family"].map(wanted.groupby("family").size()).astype("float64").fillna(0)
        cells = cells[(cells["fap"] == 0) | (cells["wanted"] >= needed)]
        at = territories.get_indexer(pd.MultiIndex.from_frame(cells[["level", "territory"]]))
        cells, at = cells[at >= 0], at[at >= 0]
        row = families.get_indexer(pd.Index(cells["family"]))
        low[position, row, at] = cells["low"].to_numpy(dtype=np.int8)
        high[position, row, at] = cells["high"].to_numpy(dtype=np.int8)
    return low, high


def _year(rows: pd.DataFrame, level: str) -> int:
    years = rows.loc[rows["level"] == level, "year"].dropna()
    return int(years.max()) if len(years) else 0
