"""A list that is not twenty shades of one job: every ten places hold moves of each kind, by a written rule.

The list is made ten places at a time. Of each ten, two are kept for reconversions, one for a step up and one for a
close occupation, as long as there are any; no family of occupations (ROME 3) takes more than three. Each place goes to
the likeliest that may have it, and the ten are put in the order of their log-odds.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from recommend.kinds import KINDS_OF_MOVE, Kind

PAGE = 10
KEPT: dict[Kind, int] = {"reconversion": 2, "step-up": 1, "close": 1}
MOST_OF_FAMILY = 3


def seated(order: Iterable[int], kinds: NDArray[np.int8], family: NDArray[np.int32], limit: int) -> list[int]:
    """The first ``limit`` rows of a list in which each kind has its places.

    order:  rows, likeliest first
    kinds:  (n_occupations,) index into ``KINDS_OF_MOVE``
    family: (n_occupations,) index of the family; negative for none
    """
    left = list(order)
    counts = np.bincount(kinds[left], minlength=len(KINDS_OF_MOVE)) if left else ()
    there = Counter(dict(zip(KINDS_OF_MOVE, map(int, counts), strict=False)))
    seats: list[int] = []
    while left and len(seats) < limit:
        places = sorted(_page(left, kinds, family, {kind: min(count, there[kind]) for kind, count in KEPT.items()}))
        page = [left[place] for place in places]
        there.subtract(KINDS_OF_MOVE[int(kinds[row])] for row in page)
        seats += page
        # ten of many: to take them out is less than to go through the rest
        for place in reversed(places):
            del left[place]
    return seats[:limit]


def _page(left: list[int], kinds: NDArray[np.int8], family: NDArray[np.int32], kept: dict[Kind, int]) -> list[int]:
    """Places in ``left`` of the next ten, in the order in which they were taken."""
    page: list[int] = []
    of_family: Counter[int] = Counter()
    owed, owed_in_all = Counter(kept), sum(kept.values())
    passed: list[int] = []
    for place, row in enumerate(left):
        if len(page) == PAGE:
            break
        kind = KINDS_OF_MOVE[int(kinds[row])]
        own = int(family[row])
        is_kept = owed[kind] > 0
        if len(page) + owed_in_all >= PAGE and not is_kept:
            continue
        if own >= 0 and of_family[own] >= MOST_OF_FAMILY:
            passed.append(place)
            continue
        page.append(place)
        of_family[own] += 1
        owed[kind] -= int(is_kept)
        owed_in_all -= int(is_kept)
    # where nothing else is left, more of one family is better than fewer places
    return page + passed[: PAGE - len(page)]
