"""The labour market by family of occupations: offers, tension and its causes, wages, with territory, year and source.

What is published for a ROME 3 code is a family's (OccupationFamily): all but three of these codes are also codes of
single occupations of ROME 4, and a figure that is joined to occupations by the code is silently wrong. An
occupation reads its family's figure, and nothing is ever summed over the occupations of a family.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.market_measures import MEASURES, NATION, SOURCES

Rows = NDArray[np.int64]
_NONE: Rows = np.zeros(0, dtype=np.int64)
#: a figure older than this many years is shown with its year first
OLD_AFTER = 3


@dataclass(frozen=True)
class MarketFigure:
    """One measure of a family, at the smallest territory that has it.

    values:    (FAP, value), sorted by FAP: several where the family belongs to several FAP; FAP is None where the
        source speaks of ROME 3 itself
    level:     area, department, region or nation; territory is its code ("FR" the nation)
    year:      last year of the period; None where the file gives none
    source:    a key of ``market_tables.SOURCES``; source_label is what a person reads
    without:   FAP of the family for which nobody publishes the measure: the range may be wider than is known
    """

    family: str
    measure: str
    values: tuple[tuple[str | None, float], ...]
    level: str
    territory: str
    year: int | None
    period: str | None
    source: str
    without: tuple[str, ...] = ()

    @property
    def low(self) -> float:
        """The least of the values."""
        return min(value for _, value in self.values)

    @property
    def high(self) -> float:
        """The greatest of the values; a range is shown where it differs from the least, never the first."""
        return max(value for _, value in self.values)

    @property
    def source_label(self) -> str:
        """The source, in French."""
        return SOURCES[self.source]

    def vintage(self, this_year: int) -> str | None:
        """ "données de 2021" where the figure is more than three years old, "année non précisée" without a year."""
        if self.year is None:
            return "année non précisée"
        return f"données de {self.period or self.year}" if this_year - self.year > OLD_AFTER else None


@dataclass(frozen=True)
class Market:
    """What is published of the market.

    areas:    the table of ``Territories``
    table:    one row for each family, territory, source and FAP (``market_tables.MARKET`` gives the columns)
    offers:   open offers by commune of today and family; a missing commune is "sans territoire"
    families: columns fap (FAP 2009), family (ROME 3): a family may have several FAP, and a FAP several families
    """

    table: pd.DataFrame
    offers: pd.DataFrame
    families: pd.DataFrame
    areas: pd.DataFrame

    def read(
        self, family: str, area: str | None = None, measure: str = "tension", *, department: str | None = None
    ) -> MarketFigure | None:
        """A family's figure in an area, else its department, its region, the nation; None where nobody publishes it.

        A territory where only some of a family's FAP have a figure is passed over, if the nation has more of them: half
        of a range would be taken for the whole.

        family:     ROME 3 code
        area:       code of an employment area; None asks for the nation alone, or for the department given
        measure:    a column of ``market_tables.MEASURES``
        department: the one of the commune meant, where the area crosses departments; else the area's own
        raises:     KeyError when there is no such measure
        """
        if measure not in MEASURES:
            raise KeyError(measure)
        wanted = self._told(self._rows(family, "nation", NATION, measure))
        for level, territory in self.chain(area, department):
            rows = self._rows(family, level, territory, measure)
            told = self._told(rows)
            if len(rows) and (not told or told >= wanted):
                return self._figure(rows, measure)
        return None

    def chain(self, area: str | None, department: str | None = None) -> tuple[tuple[str, str], ...]:
        """The territories to look in, smallest first: (level, code)."""
        found: list[tuple[str, str]] = []
        region = None
        if area is not None:
            found.append(("area", area))
            own = self._areas.get(area, {})
            department, region = department or own.get("department"), own.get("region")
        if department is not None:
            found.append(("department", department))
            region = self._regions.get(department, region)
        if region is not None:
            found.append(("region", region))
        return (*found, ("nation", NATION))

    def _rows(self, family: str, level: str, territory: str, measure: str) -> Rows:
        places = self._places.get((family, level, territory))
        return _NONE if places is None else places[~np.isnan(self._measures[measure][places])]

    def _told(self, rows: Rows) -> set[str]:
        return {fap for fap in (self._texts["fap"][row] for row in rows) if fap is not None}

    def _figure(self, rows: Rows, measure: str) -> MarketFigure:
        texts, first = self._texts, int(rows[0])
        values = tuple((texts["fap"][row], float(self._measures[measure][row])) for row in rows)
        told = tuple(fap for fap, _ in values if fap is not None)
        year = texts["year"][first]
        return MarketFigure(
            family=texts["family"][first],
            measure=measure,
            values=values,
            level=texts["level"][first],
            territory=texts["territory"][first],
            year=None if year is None else int(year),
            period=texts["period"][first],
            source=texts["source"][first],
            # a source by the 87 FAP names the first three signs
            without=tuple(
                sorted(f for f in self._own_fap.get(texts["family"][first], ()) if told and not f.startswith(told))
            ),
        )

    @cached_property
    def _texts(self) -> dict[str, list[Any]]:
        columns = ("family", "level", "territory", "source", "year", "period", "fap")
        # a list first: to go through a column of texts itself takes ten times as long
        return {name: [None if value is pd.NA else value for value in self.table[name].tolist()] for name in columns}

    @cached_property
    def _measures(self) -> dict[str, NDArray[np.float64]]:
        return {name: self.table[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in MEASURES}

    @cached_property
    def _own_fap(self) -> dict[str, frozenset[str]]:
        return {str(family): frozenset(fap) for family, fap in self.families.groupby("family")["fap"]}

    @property
    def unplaced(self) -> int:
        """Open offers "sans territoire": without a commune, or with one that nobody knows."""
        return int(self.offers.loc[self.offers["commune"].isna(), "offers"].sum())

    @cached_property
    def _places(self) -> dict[tuple[str, str, str], Rows]:
        """Rows of each family and territory, in the table's order; a measure has one source in a territory."""
        texts = self._texts
        found: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        for row, key in enumerate(zip(texts["family"], texts["level"], texts["territory"], strict=True)):
            found[key].append(row)
        return {key: np.array(rows, dtype=np.int64) for key, rows in found.items()}

    @cached_property
    def _areas(self) -> dict[str, dict[str, str]]:
        rows = self.areas.set_index("code")[["department", "region"]]
        return {str(code): {str(k): str(v) for k, v in row.dropna().items()} for code, row in rows.iterrows()}

    @cached_property
    def _regions(self) -> dict[str, str]:
        known = self.areas.dropna(subset=["department", "region"])
        return dict(zip(known["department"], known["region"], strict=True))
