"""A small market of four families and five areas, from counts by cell."""

from dataclasses import dataclass

import pandas as pd

from recommend.territory_arrays import CLASSES, MarketArrays

FAMILIES = ("A1101", "B1804", "H2605", "J1506")
#: area: department, region; the last one is in no region, as Saint-Martin
AREAS = {"0101": ("01", "84"), "0102": ("01", "84"), "0103": ("02", "84"), "3201": ("59", "32"), "9701": ("978", None)}
Cells = dict[tuple[str, str], int]


@dataclass(frozen=True)
class Tables:
    """What ``MarketArrays.of`` reads of a market and of territories."""

    table: pd.DataFrame
    offers: pd.DataFrame
    regions: pd.DataFrame
    departments: pd.DataFrame
    areas: pd.DataFrame
    communes: pd.DataFrame


def tables(offers: Cells, seekers: Cells, classes: pd.DataFrame | None = None) -> Tables:
    """A market of these counts; a cell that is not there has no row."""
    rows = [
        {"family": f, "level": "area", "territory": a, "source": source, "year": 2021, "period": day, measure: float(n)}
        for source, measure, day, cells in (
            ("offers", "offers", "2021-12-21", offers),
            ("tension_area", "seekers", None, seekers),
        )
        for (f, a), n in cells.items()
        if n or measure == "seekers"
    ]
    columns = ["family", "level", "territory", "source", "year", "period", "fap", "offers", "seekers", *CLASSES]
    types = dict.fromkeys(("family", "level", "territory", "source", "period", "fap"), "string")
    types |= dict.fromkeys(("year", "offers", "seekers", *CLASSES), "Float64")
    parts = [pd.DataFrame(rows).reindex(columns=columns).astype(types)]
    if classes is not None:
        parts.append(classes.reindex(columns=columns).astype(types))
    return Tables(
        table=pd.concat(parts, ignore_index=True),
        offers=pd.DataFrame(
            {"commune": ["01001", "01002"], "family": ["A1101", "A1101"], "offers": [1, 5]},
        ),
        regions=pd.DataFrame({"code": ["32", "84"], "label": ["Hauts-de-France", "Auvergne-Rhône-Alpes"]}),
        departments=pd.DataFrame(
            {"code": ["01", "02", "59", "978"], "label": ["Ain", "Aisne", "Nord", "Saint-Martin"]}
        ),
        areas=pd.DataFrame(
            {
                "code": list(AREAS),
                "label": [f"BASSIN {code}" for code in AREAS],
                "department": [department for department, _ in AREAS.values()],
                "region": [region for _, region in AREAS.values()],
            }
        ),
        communes=pd.DataFrame(
            {
                "code": ["01001", "01002", "59350"],
                "area": ["0101", "0101", "3201"],
                "latitude": [46.0, 46.5, 50.6],
                "longitude": [5.0, 5.5, 3.1],
                "prominence": [2, 0, 3],
            }
        ),
    )


def arrays_of(offers: Cells, seekers: Cells, classes: pd.DataFrame | None = None) -> MarketArrays:
    made = tables(offers, seekers, classes)
    return MarketArrays.of(made, made, dict.fromkeys(FAMILIES, "Famille"))
