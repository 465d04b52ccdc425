"""Territories of France: regions, departments, employment areas and communes, by INSEE's codes of today."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.territory_codes import CurrentCodes
from ingest.territory_distance import distance_km


@dataclass(frozen=True)
class Territories:
    """Validated tables (``ingest.territory_places.SCHEMAS`` gives their columns), and what leads to them.

    regions:         (18, 3) code, label, seat
    departments:     (109, 4) code, label, region, seat; the 101 departments and 8 overseas collectivities
    areas:           employment areas: code of four digits, label, department, region, number of communes
    communes:        code, label, department, region, area, postcodes, latitude, longitude, prominence
    arrondissements: of Paris, Lyon and Marseille: code, label, commune, postcodes, latitude, longitude
    names:           code, name, kind (former, locality): what people still call a commune or a part of it
    """

    regions: pd.DataFrame
    departments: pd.DataFrame
    areas: pd.DataFrame
    communes: pd.DataFrame
    arrondissements: pd.DataFrame
    names: pd.DataFrame
    codes: CurrentCodes

    def area(self, code: str) -> str | None:
        """Employment area of a commune or arrondissement, by any code it had; None where unknown."""
        commune = self.codes.commune(code)
        found = self._area.get(commune) if commune else None
        return None if found is None or pd.isna(found) else str(found)

    def point(self, code: str) -> tuple[float, float]:
        """Latitude and longitude of a commune or arrondissement, in degrees; NaN where unknown."""
        latitude, longitude = self._points([code])[0]
        return float(latitude), float(longitude)

    def label(self, code: str) -> str | None:
        """Name of a commune by any code it had; None where no file names it."""
        found = self._label.get(self.codes.commune(code) or "")
        return None if found is None or pd.isna(found) else str(found)

    def distance(self, code: str, codes: "pd.Series[str]") -> NDArray[np.float64]:
        """(n,) km from one commune or arrondissement to each of others; NaN where a place or its point is unknown."""
        here, there = self._points([code]), self._points(list(codes))
        return distance_km(here[0, 0], here[0, 1], there[:, 0], there[:, 1])

    def within(self, code: str, km: float) -> pd.DataFrame:
        """Communes whose point is at most ``km`` away: columns code, km, nearest first, the commune itself among them.

        No row where the code is no place's.
        """
        own = self.codes.commune(code) or ""
        here = self._points([code])
        away = distance_km(here[0, 0], here[0, 1], self._latitude_longitude[0], self._latitude_longitude[1])
        # a commune asked for is near itself, even where nobody knows where it lies
        away[self._row.get(own, [])] = 0.0
        rows = np.flatnonzero(away <= km)
        near = pd.DataFrame({"code": self.communes["code"].iloc[rows], "km": away[rows]})
        return near.sort_values(["km", "code"], ignore_index=True)

    def _points(self, codes: list[str]) -> NDArray[np.float64]:
        wanted = [code.strip().upper() for code in codes]
        own = [code if code in self._point.index else self.codes.commune(code) for code in wanted]
        return self._point.reindex(own).to_numpy(dtype=np.float64)

    @cached_property
    def _latitude_longitude(self) -> NDArray[np.float64]:
        return self.communes[["latitude", "longitude"]].to_numpy(dtype=np.float64).T

    @cached_property
    def _row(self) -> dict[str, list[int]]:
        return {code: [row] for row, code in enumerate(self.communes["code"].tolist())}

    @cached_property
    def _point(self) -> pd.DataFrame:
        both = pd.concat([self.communes, self.arrondissements])
        return both.set_index("code")[["latitude", "longitude"]]

    @cached_property
    def _label(self) -> dict[str, str]:
        return dict(zip(self.communes["code"].tolist(), self.communes["label"].tolist(), strict=True))

    @cached_property
    def _area(self) -> dict[str, str]:
        return dict(zip(self.communes["code"].tolist(), self.communes["area"].tolist(), strict=True))
