"""The labour market by family of occupations: offers, tension and its causes, wages, with territory, year and source.

What is published for a ROME 3 code is a family's (OccupationFamily): all but three of these codes are also codes of
single occupations of ROME 4, and a figure that is joined to occupations by the code is silently wrong. An
occupation reads its family's figure, and nothing is ever summed over the occupations of a family.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.market_measures import MEASURES, NATION, SOURCES

Rows = NDArray[np.int64]
_KEY = ("family", "level", "territory")
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
                return self._figure(family, rows, measure)
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
        texts, (keys, order) = self._texts, self._order
        codes = (texts[name].code(text) for name, text in zip(_KEY, (family, level, territory), strict=True))
        key = _key(texts, *codes)
        rows = order[np.searchsorted(keys, key) : np.searchsorted(keys, key, side="right")]
        return rows[~np.isnan(self._measures[measure][rows])]

    def _told(self, rows: Rows) -> set[str]:
        return {fap for fap in map(self._texts["fap"].at, rows) if fap is not None}

    def _figure(self, family: str, rows: Rows, measure: str) -> MarketFigure:
        texts, first = self._texts, int(rows[0])
        values = tuple((texts["fap"].at(row), float(self._measures[measure][row])) for row in rows)
        told = tuple(fap for fap, _ in values if fap is not None)
        year = texts["year"].at(first)
        return MarketFigure(
            family=family,
            measure=measure,
            values=values,
            level=texts["level"].at(first),
            territory=texts["territory"].at(first),
            year=None if year is None else int(year),
            period=texts["period"].at(first),
            source=texts["source"].at(first),
            # a source by the 87 FAP names the first three signs
            without=tuple(sorted(f for f in self._own_fap.get(family, ()) if told and not f.startswith(told))),
        )

    @cached_property
    def _texts(self) -> dict[str, "_Texts"]:
        return {name: _Texts.of(self.table[name]) for name in (*_KEY, "source", "year", "period", "fap")}

    @cached_property
    def _order(self) -> tuple[Rows, Rows]:
        """Keys of the rows, increasing, and the rows in that order, of one key in the table's.

        A measure has one source in a territory.
        """
        keys = _key(self._texts, *(self._texts[name].codes for name in _KEY))
        order = np.argsort(keys, kind="stable")
        return keys[order], order

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
    def _areas(self) -> dict[str, dict[str, str]]:
        codes, departments, regions = (self.areas[name].tolist() for name in ("code", "department", "region"))
        return {
            code: {name: text for name, text in (("department", department), ("region", region)) if not pd.isna(text)}
            for code, department, region in zip(codes, departments, regions, strict=True)
        }

    @cached_property
    def _regions(self) -> dict[str, str]:
        known = self.areas.dropna(subset=["department", "region"])
        return dict(zip(known["department"], known["region"], strict=True))


@dataclass(frozen=True)
class _Texts:
    """A column of few distinct values.

    codes:  (n_rows,) position in ``values``, -1 where missing
    values: distinct, in the order in which they come first
    """

    codes: Rows
    values: list[Any]

    @classmethod
    def of(cls, column: "pd.Series[Any]") -> "_Texts":
        codes, values = pd.factorize(column)
        return cls(codes.astype(np.int64), values.tolist())

    def at(self, row: int) -> Any:
        """The value of a row; None where missing."""
        code = self.codes[row]
        return None if code < 0 else self.values[code]

    def code(self, value: str) -> int:
        """Position of a value; -1 where no row has it."""
        return self._positions.get(value, -1)

    @cached_property
    def _positions(self) -> dict[Any, int]:
        return {value: position for position, value in enumerate(self.values)}


def _key(texts: dict[str, _Texts], family: Any, level: Any, territory: Any) -> Any:
    """One number for each family, level and territory, of their codes; -1, which no row has, where one is unknown."""
    known = (family >= 0) & (level >= 0) & (territory >= 0)
    key = (family * len(texts["level"].values) + level) * len(texts["territory"].values) + territory
    return np.where(known, key, -1)
