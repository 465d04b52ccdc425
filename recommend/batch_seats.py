"""The places kept for each kind of move (``recommend.diversity``), for a block of lists at once."""

import numpy as np
from numpy.typing import NDArray

from recommend.diversity import KEPT, MOST_OF_FAMILY, PAGE
from recommend.kinds import KINDS_OF_MOVE

_NOBODY = -2
#: after so many places, lists whose page is full are passed over
_LOOK_EVERY = 4


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
    lists, part = kinds.shape
    pages = -(-limit // PAGE)
    kept = np.array([KEPT.get(kind, 0) for kind in KINDS_OF_MOVE], dtype=np.int64)
    by_place, family_by_place = np.ascontiguousarray(kinds.T), np.ascontiguousarray(family.T)
    free = by_place >= 0
    left = there.astype(np.int64)
    seats = np.full((lists, pages * PAGE), -1, dtype=np.int64)
    decided = np.ones(lists, dtype=bool)
    for page in range(pages):
        owed = np.minimum(kept, left)
        still_owed = owed.sum(axis=1)
        taken = np.zeros(lists, dtype=np.int64)
        members = np.full((PAGE, lists), _NOBODY, dtype=np.int32)
        open_ = np.arange(lists)
        for place in range(part):
            if place % _LOOK_EVERY == 0:
                open_ = open_[taken[open_] < PAGE]
                if not open_.size:
                    break
            if place == beginning:
                # a place that anybody may have is left: it may be for one that the part does not name
                decided[open_] &= taken[open_] + still_owed[open_] >= PAGE
            kind, own, so_far = np.maximum(by_place[place, open_], 0), family_by_place[place, open_], taken[open_]
            is_kept = owed[open_, kind] > 0
            accepted = free[place, open_] & (so_far < PAGE) & (is_kept | (so_far + still_owed[open_] < PAGE))
            accepted &= (own < 0) | ((members[:, open_] == own).sum(axis=0) < MOST_OF_FAMILY)
            rows, kind, is_kept = open_[accepted], kind[accepted], is_kept[accepted]
            seats[rows, page * PAGE + taken[rows]] = place
            members[taken[rows], rows] = own[accepted]
            free[place, rows] = False
            taken[rows] += 1
            left[rows, kind] -= 1
            owed[rows[is_kept], kind[is_kept]] -= 1
            still_owed[rows[is_kept]] -= 1
    return seats, decided & (seats >= 0).all(axis=1)
