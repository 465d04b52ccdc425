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
    for row in np.flatnonzero(~decided).tolist():
        own = several.part(slice(row, row + 1))
        if (own.kind >= 0).sum() < own.there.sum():
            own = made(space, profiles.part(row, row + 1)).candidates(limit, everything=True)
        there = np.flatnonzero(own.kind[0] >= 0).tolist()
        family_of = np.where(own.occupation[0] >= 0, space.graph.family[own.occupation[0]], NONE)
        places = seated(there, own.kind[0], family_of, limit)
        found = own.at(np.array([places + [NONE] * (limit - len(places))], dtype=np.int64))
        for name in ("occupation", "kind", "log_odds"):
            getattr(chosen, name)[row] = getattr(found, name)[0]
    return chosen
