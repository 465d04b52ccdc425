"""Kind of a move: close, step up or reconversion, by a written rule (docs/ranking.md).

1. The target is in another grand domain than every past occupation: **reconversion**.
2. Otherwise, against the past occupation of the same grand domain nearest to it (same domain first): the target is a
   manager's and the past occupation is not, or its level of access is higher: **step up**.
3. Neither is higher, and the level of access of both is known: **close**.
4. The data say neither: **unknown** ("inconnu"). Without a past occupation every kind is unknown.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from recommend.access import UNKNOWN_LEVEL
from recommend.skillgraph import NO, YES, SkillGraph

Kind = Literal["close", "step-up", "reconversion", "unknown"]
KINDS_OF_MOVE: tuple[Kind, ...] = get_args(Kind)
FRENCH: dict[Kind, str] = {
    "close": "métier proche",
    "step-up": "évolution",
    "reconversion": "reconversion",
    "unknown": "inconnu",
}


def kinds_of_moves(graph: SkillGraph, past: tuple[int, ...]) -> NDArray[np.int8]:
    """Kind of the move to each occupation.

    past:    rows of past occupations
    returns: (n_occupations,) index into ``KINDS_OF_MOVE``
    """
    close, step_up, reconversion, unknown = range(4)
    kinds = np.full(len(graph.codes), unknown, dtype=np.int8)
    if not past:
        return kinds
    known = np.zeros(len(graph.codes), dtype=bool)
    # the last word is the past occupation's of the same domain: it is written after the others
    rows = np.array(past)
    for same in (graph.grand_domain, graph.domain):
        for row in rows[::-1]:
            inside = same == same[row]
            higher = (graph.manager[row] == NO) & (graph.manager == YES)
            levels = (graph.level[row] != UNKNOWN_LEVEL) & (graph.level != UNKNOWN_LEVEL)
            higher |= levels & (graph.level > graph.level[row])
            kinds[inside] = np.where(higher, step_up, np.where(levels, close, unknown))[inside]
            known |= inside
    kinds[~known] = reconversion
    return kinds
