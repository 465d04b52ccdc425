"""What if: which of a person's occupations are wanted here, and which elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recommend.territory import Pursuit, Rows
from recommend.territory_arrays import LEVELS, MarketArrays
from recommend.territory_shrinkage import NOWHERE, Floats, ratio_interval

#: against the offers for each seeker of all families in France: yes, the whole 90% interval is above; no, it is below
Wanted = Literal["yes", "no", "unsure", "unknown"]
WANTED_FRENCH: dict[Wanted, str] = {
    "yes": "recherché",
    "no": "peu recherché",
    "unsure": "trop peu de chiffres pour le dire",
    "unknown": "sans chiffre de concurrence",
}


@dataclass(frozen=True)
class Standing:
    """How much a family is wanted in one area.

    ratio:    offers for each seeker, with its 90% interval; None where seekers are published nowhere
    level:    where the ratio was found ("area" ... "nation"); None where nowhere
    offers, seekers: of the area itself; None where unknown or withheld
    """

    area: int
    wanted: Wanted
    ratio: float | None
    low: float | None
    high: float | None
    level: str | None
    offers: int | None
    seekers: float | None


@dataclass(frozen=True)
class Outlook:
    """One family of the pursuit: here, and the areas elsewhere where it is wanted, the most wanted first.

    wanted_areas: how many areas want it, of those in reach; here is not among them
    """

    family: str
    label: str
    weight: float
    own: bool
    here: Standing
    elsewhere: tuple[Standing, ...]
    wanted_areas: int


def what_if(
    arrays: MarketArrays, pursuit: Pursuit, home: str, *, reach: NDArray[np.bool_] | None = None, limit: int = 3
) -> tuple[Outlook, ...]:
    """The outlook of each family, the heaviest first.

    home:  code of the person's own area; reach: (n_areas,) the areas that may be named elsewhere, None: all of France
    limit: areas named for each family
    raises: KeyError when there is no such area
    """
    here = arrays.area_index_of[home]
    ratio, low, high = _ratios(arrays, pursuit.rows, np.arange(len(arrays.area_codes)))
    allowed = np.ones(len(arrays.area_codes), dtype=np.bool_) if reach is None else reach.copy()
    allowed[here] = False
    outlooks = []
    for place in np.argsort(-pursuit.weights, kind="stable").tolist():
        row = int(pursuit.rows[place])
        at = np.stack([ratio[place], low[place], high[place]], axis=1)
        # the most certain first: the least that the ratio may be
        order = np.argsort(-low[place], kind="stable")
        # elsewhere only by an area's own figures: those of its department would name every area of it
        wanted = [
            int(a) for a in order if allowed[a] and arrays.level[row, a] == 0 and low[place, a] > arrays.overall[0]
        ]
        outlooks.append(
            Outlook(
                family=arrays.family_codes[row],
                label=arrays.family_labels[row],
                weight=float(pursuit.weights[place]),
                own=bool(pursuit.own[place]),
                here=_standing(arrays, row, here, at[here]),
                elsewhere=tuple(_standing(arrays, row, area, at[area]) for area in wanted[:limit]),
                wanted_areas=len(wanted),
            )
        )
    return tuple(outlooks)


def standings(arrays: MarketArrays, families: Sequence[str], area: str) -> tuple[Standing | None, ...]:
    """How much each family is wanted in an area; None for a family that the arrays have not.

    raises: KeyError when there is no such area
    """
    column = arrays.area_index_of[area]
    known = [family for family in families if family in arrays.family_index_of]
    rows = np.array([arrays.family_index_of[family] for family in known], dtype=np.int64)
    at = np.stack(_ratios(arrays, rows, np.array([column])), axis=2)[:, 0]
    found = {
        family: _standing(arrays, int(row), column, figures)
        for family, row, figures in zip(known, rows, at, strict=True)
    }
    return tuple(found.get(family) for family in families)


def _ratios(arrays: MarketArrays, rows: Rows, areas: Rows) -> tuple[Floats, Floats, Floats]:
    """(n_rows, n_areas) offers for each seeker, the least and the greatest they may be."""
    at = np.ix_(rows, areas)
    shape, rate = arrays.shape[at], arrays.rate[at]
    return (shape / rate, *ratio_interval(shape, rate))


def _standing(arrays: MarketArrays, row: int, area: int, figures: Floats) -> Standing:
    """figures: (3,) the ratio, the least and the greatest that it may be"""
    bar = float(arrays.overall[0])
    level = int(arrays.level[row, area])
    offers, seekers = arrays.offers[row, area], arrays.seekers[row, area]
    count = None if np.isnan(offers) else round(float(offers))
    competition = None if np.isnan(seekers) else float(seekers)
    if level == NOWHERE:
        return Standing(area, "unknown", None, None, None, None, count, competition)
    ratio, low, high = figures.tolist()
    wanted: Wanted = "yes" if low > bar else "no" if high < bar else "unsure"
    return Standing(area, wanted, ratio, low, high, LEVELS[level], count, competition)
