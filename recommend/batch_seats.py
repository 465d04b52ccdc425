"""The places kept for each kind of move (``recommend.diversity``), for a block of lists at once."""

import numpy as np
from numpy.typing import NDArray

from recommend.diversity import KEPT, MOST_OF_FAMILY, PAGE
from recommend.kinds import KINDS_OF_MOVE

_NOBODY = -2


def seated_block(
    kinds: NDArray[np.int8], family: NDArray[np.int32], there: NDArray[np.int64], limit: int, beginning: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """``seated`` of many lists, from a part of each.

    The part is a list's beginning, and after it, in the list's order, the next ones of each kind for which places are
    kept. Nothing else can be given a place once only kept places are left.

    kinds:     (n_lists, n_part) index into ``KINDS_OF_MOVE``, likeliest first; negative past the end of a list
    family:    (n_lists, n_part) index of the family; negative for none
    there:     (n_lists, n_kinds) how many of each kind are in the whole list
    beginning: how many of the part are the list's beginning
    returns:   (n_lists, n_places) places in the part, n_places being ``limit`` rounded up to whole pages, -1 where none
        was found; and (n_lists,) whether the part decides: where not, more of the list has to be read
    """
    lists, first = kinds.shape
    pages = -(-limit // PAGE)
    kept = np.array([KEPT.get(kind, 0) for kind in KINDS_OF_MOVE], dtype=np.int64)
    by_place, family_by_place = np.ascontiguousarray(kinds.T), np.ascontiguousarray(family.T)
    free = by_place >= 0
    left = there.astype(np.int64)
    seats = np.full((lists, pages * PAGE), -1, dtype=np.int64)
    every = np.arange(lists)
    decided = np.ones(lists, dtype=bool)
    for page in range(pages):
        owed = np.minimum(kept, left)
        still_owed = owed.sum(axis=1)
        taken = np.zeros(lists, dtype=np.int64)
        members = np.full((PAGE, lists), _NOBODY, dtype=np.int32)
        for place in range(first):
            if (taken == PAGE).all():
                break
            if place == beginning:
                # a place that anybody may have is left: it may be for one that the part does not name
                decided &= taken + still_owed >= PAGE
            kind = np.maximum(by_place[place], 0)
            is_kept = owed[every, kind] > 0
            own = family_by_place[place]
            crowded = (own >= 0) & ((members == own).sum(axis=0) >= MOST_OF_FAMILY)
            accepted = np.flatnonzero(free[place] & (taken < PAGE) & (is_kept | (taken + still_owed < PAGE)) & ~crowded)
            seats[accepted, page * PAGE + taken[accepted]] = place
            members[taken[accepted], accepted] = own[accepted]
            free[place, accepted] = False
            taken[accepted] += 1
            left[accepted, kind[accepted]] -= 1
            used = accepted[is_kept[accepted]]
            owed[used, kind[used]] -= 1
            still_owed[used] -= 1
    return seats, decided & (seats >= 0).all(axis=1)
