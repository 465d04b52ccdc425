"""The ranking of ``recommend.rank`` for blocks of profiles: the same occupations, in the same order, many at a time."""

import numpy as np

from recommend.batch_block import FIRST, Block
from recommend.batch_candidates import Candidates
from recommend.batch_profiles import LEAST, NONE, TOLD, Profiles, Recommended
from recommend.batch_seats import seated_block
from recommend.batch_space import BatchSpace
from recommend.diversity import seated
from recommend.kinds import KINDS_OF_MOVE
from recommend.rank import MODELS, rank

#: so many profiles are weighed at once: fewer cost more calls, more gain nothing
_AT_ONCE = 1024
#: and so many lists get their places at once: each step of it costs the same for one as for some thousands
_SEATED_AT_ONCE = 4096


def recommend_block(space: BatchSpace, profiles: Profiles, limit: int = 20) -> Recommended:
    """The ``limit`` occupations that suit each profile best, as ``rank`` gives them, and what speaks for each.

    Profiles without a past occupation are asked one by one (``rank``): through the experts' lens their evidence is of
    another kind. Safe in several threads at once.
    """
    result = Recommended.empty(len(profiles), limit)
    for start in range(0, len(profiles), _SEATED_AT_ONCE):
        chunk = profiles.part(start, min(start + _SEATED_AT_ONCE, len(profiles)))
        parts = [chunk.part(at, min(at + _AT_ONCE, len(chunk))) for at in range(0, len(chunk), _AT_ONCE)]
        blocks = [Block(space, part) for part in parts]
        chosen = _chosen(space, chunk, Candidates.joined([block.candidates(limit) for block in blocks]), limit)
        at = start
        for block in blocks:
            own = slice(at - start, at - start + len(block.profiles))
            result.put(slice(at, at + len(block.profiles)), block.told(chosen.part(own)))
            at += len(block.profiles)
    for row in np.flatnonzero(np.diff(profiles.past_at) == 0).tolist():
        result.put(np.array([row]), _one_by_one(space, profiles, row, limit))
    return result


def _chosen(space: BatchSpace, profiles: Profiles, several: Candidates, limit: int) -> Candidates:
    """(n, limit) the candidates that get a place, in the order in which they are shown."""
    family = np.where(several.occupation >= 0, space.graph.family[several.occupation], NONE)
    seats, decided = seated_block(several.kind, family, several.there, limit, FIRST)
    chosen = several.at(np.where(decided[:, None], seats, NONE)[:, :limit])
    for row in np.flatnonzero(~decided).tolist():
        own = several.part(slice(row, row + 1))
        if (own.kind >= 0).sum() < own.there.sum():
            own = Block(space, profiles.part(row, row + 1)).candidates(limit, everything=True)
        there = np.flatnonzero(own.kind[0] >= 0).tolist()
        family_of = np.where(own.occupation[0] >= 0, space.graph.family[own.occupation[0]], NONE)
        places = seated(there, own.kind[0], family_of, limit)
        found = own.at(np.array([places + [NONE] * (limit - len(places))], dtype=np.int64))
        for name in ("occupation", "kind", "log_odds"):
            getattr(chosen, name)[row] = getattr(found, name)[0]
    return chosen


def _one_by_one(space: BatchSpace, profiles: Profiles, row: int, limit: int) -> Recommended:
    ranking = rank(space.recommender, profiles.profile(space, row), lens=space.lens, limit=limit)
    found = Recommended.empty(1, limit)
    found.situation[0] = MODELS.index(ranking.model_name)
    found.set_aside[0] = ranking.set_aside
    for place, entry in enumerate(ranking.ranked):
        contributions = ranking.contributions[entry.occupation]
        order = np.argsort(-contributions, kind="stable")[:TOLD]
        found.occupation[0, place], found.log_odds[0, place] = entry.occupation, entry.log_odds
        found.share[0, place], found.kind[0, place] = entry.share, KINDS_OF_MOVE.index(entry.kind)
        found.listed[0, place] = entry.known_mobility
        found.evidence[0, place] = np.where(contributions[order] > LEAST, order, NONE)
    return found
