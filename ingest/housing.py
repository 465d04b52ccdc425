"""Homes: what a flat costs in a commune, or failing that in its department, with source and year of every figure."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ingest.housing_figures import SOURCES, HousingFigures, price_of, rent_of
from ingest.territory import Territories
from ingest.territory_codes import department_of


@dataclass(frozen=True)
class Housing:
    """What is published of rents and prices.

    table: one row for each territory, source and year (``housing_files.HOUSING`` gives the columns): rents in euros a
        month, per m² and for two rooms; prices in euros per m²
    """

    table: pd.DataFrame
    territories: Territories

    def read(self, commune: str) -> HousingFigures | None:
        """Rent and price in a commune or arrondissement, by any code it had, else in its department.

        None where nobody knows such a place; figures are None where nobody publishes them.
        """
        code = commune.strip().upper()
        today = self.territories.codes.commune(code)
        if today is None:
            return None
        department = department_of(today)
        chain: list[tuple[str, str]] = [("commune", today), ("department", department)]
        if code in self.territories.codes.arrondissements:
            chain.insert(0, ("arrondissement", code))
        rent, price = self._first(chain, "rent_m2"), self._first(chain, "price_m2")
        return HousingFigures(
            today,
            self._department_labels.get(department, department),
            None if rent is None else rent_of(rent),
            None if price is None else price_of(price),
        )

    def _first(self, chain: Iterable[tuple[str, str]], measure: str) -> dict[str, Any] | None:
        for key in chain:
            for row in self._rows.get(key, ()):
                if row[measure] is not None:
                    return row
        return None

    @cached_property
    def _rows(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """Rows of each territory: the preferred source first, and of one source the newest year."""
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        order = list(SOURCES)
        rows: list[dict[str, Any]] = [
            {str(name): None if pd.isna(value) else value for name, value in row.items()}
            for row in self.table.astype("object").to_dict("records")
        ]
        for row in sorted(rows, key=lambda row: (order.index(row["source"]), -(row["year"] or 0))):
            found.setdefault((row["level"], row["territory"]), []).append(row)
        return found

    @cached_property
    def _department_labels(self) -> dict[str, str]:
        known = self.territories.departments
        return dict(zip(known["code"], known["label"], strict=True))
