"""The ranking of ``recommend.rank`` for blocks of profiles: the same occupations, in the same order, many at a time."""

import numpy as np

from recommend.batch_bare import BareBlock
from recommend.batch_block import FIRST, Block
from recommend.batch_candidates import Candidates
from recommend.batch_profiles import NONE, Profiles, Recommended, Rows
from recommend.batch_seats import seated_block
from recommend.batch_space import BatchSpace
from recommend.diversity import seated


def recommend_block(space: BatchSpace, profiles: Profiles, limit: int = 20) -> Recommended:
    """The ``limit`` occupations that suit each profile best, as ``rank`` gives them, and what speaks for each.

    Safe in several threads at once.
    """
    result = Recommended.empty(len(profiles), limit)
    is_bare = (np.diff(profiles.past_at) == 0) & (space.lens == "experts")
    for made, rows in ((Block, np.flatnonzero(~is_bare)), (BareBlock, np.flatnonzero(is_bare))):
        own = profiles if len(rows) == len(profiles) else profiles.of(rows)
        for start in range(0, len(rows), made.seated_at_once):
            chunk = slice(start, min(start + made.seated_at_once, len(rows)))
            _put(result, rows[chunk], space, own.part(chunk.start, chunk.stop), made, limit)
    return result


def _put(result: Recommended, rows: Rows, space: BatchSpace, chunk: Profiles, made: type[Block], limit: int) -> None:
    """Writes what some profiles are recommended, which are those rows of the result."""
    starts = range(0, len(chunk), made.at_once)
    blocks = [made(space, chunk.part(at, min(at + made.at_once, len(chunk)))) for at in starts]
    several = Candidates.joined([block.candidates(limit) for block in blocks])
    chosen = _chosen(space, chunk, several, made, limit)
    for at, block in zip(starts, blocks, strict=True):
        own = slice(at, at + len(block.profiles))
        result.put(rows[own], block.told(chosen.part(own)))


def _chosen(space: BatchSpace, profiles: Profiles, several: Candidates, made: type[Block], limit: int) -> Candidates:
    """(n, limit) the candidates that get a place, in the order in which they are shown."""
    family = np.where(several.occupation >= 0, space.graph.family[several.occupation], NONE)
    seats, decided = seated_block(several.kind, family, several.there, limit, FIRST)
    chosen = several.at(np.where(decided[:, None], seats, NONE)[:, :limit])
    undecided = np.flatnonzero(~decided)
    # the part of a list may be all of it; where it is not, the list is read whole
    cut = undecided[(several.kind[undecided] >= 0).sum(axis=1) < several.there[undecided].sum(axis=1)]
    for rows, is_cut in ((np.setdiff1d(undecided, cut), False), (cut, True)):
        if not rows.size:
            continue
        lists = several.part(rows)
        if is_cut:
            lists = made(space, profiles.of(rows)).candidates(limit, everything=True)
        found = lists.at(np.array([_seats(space, lists, row, limit) for row in range(len(rows))], dtype=np.int64))
        for name in ("occupation", "kind", "log_odds"):
            getattr(chosen, name)[rows] = getattr(found, name)
    return chosen


def _seats(space: BatchSpace, lists: Candidates, row: int, limit: int) -> list[int]:
    """The places in one list that are shown, as ``seated`` gives them; -1 past their end."""
    there = np.flatnonzero(lists.kind[row] >= 0).tolist()
    family = np.where(lists.occupation[row] >= 0, space.graph.family[lists.occupation[row]], NONE)
    places = seated(there, lists.kind[row], family, limit)
    return places + [NONE] * (limit - len(places))
