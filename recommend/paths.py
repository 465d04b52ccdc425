"""Ways from one occupation to another: routes along listed mobilities, and possible stepping stones."""

from dataclasses import dataclass

import numpy as np

from recommend.profile import Profile
from recommend.rank import Lens, Ranking, Recommender, rank
from recommend.skillgraph import SkillGraph

_STONES_TRIED = 30


@dataclass(frozen=True)
class Route:
    """Occupations from start to end, each leading to the next by a mobility that ROME's experts list.

    occupations: (n_steps + 1,) rows; ranks: (n_steps,) the experts' order of each mobility, 1 the first
    """

    occupations: tuple[int, ...]
    ranks: tuple[int, ...]


@dataclass(frozen=True)
class SteppingStone:
    """An occupation between two others, by a lens: both moves' log-odds, and the share of pairs that score so.

    Nobody need have listed either move.
    """

    occupation: int
    to_it: float
    from_it: float
    share_to_it: float
    share_from_it: float


def routes(graph: SkillGraph, start: int, end: int, *, longest: int = 3, limit: int = 5) -> tuple[Route, ...]:
    """The routes of at most ``longest`` mobilities that visit no occupation twice: fewest steps, then best-ranked.

    start, end: rows; longest: 1 to 3; limit: 1 or more
    """
    moves = graph.moves
    # steps that are at least needed from each occupation to the end; a walk that cannot make it is not begun
    needed = np.full(len(graph.codes), longest + 1)
    needed[end] = 0
    front = needed == 0
    for step in range(1, longest + 1):
        front = ((moves @ front.astype(np.float64)) > 0) & (needed > longest)
        needed[front] = step
    found: list[Route] = []

    def walk(way: tuple[int, ...], ranks: tuple[int, ...]) -> None:
        here = way[-1]
        if here == end:
            found.append(Route(way, ranks))
            return
        row = slice(moves.indptr[here], moves.indptr[here + 1])
        for onward, place in zip(moves.indices[row].tolist(), moves.data[row].tolist(), strict=True):
            if onward not in way and len(way) + needed[onward] <= longest:
                walk((*way, onward), (*ranks, int(place)))

    if start != end:
        walk((start,), ())
    found.sort(key=lambda route: (len(route.ranks), sum(route.ranks), route.occupations))
    return tuple(found[:limit])


def stepping_stones(
    recommender: Recommender, ends: tuple[int, int], *, lens: Lens, limit: int = 3
) -> tuple[SteppingStone, ...]:
    """Occupations that suit who comes from ``ends[0]`` and from which ``ends[1]`` is nearer than directly.

    The best are those whose harder move is easiest; none where no occupation makes the harder move easier than the
    direct one.
    """
    start, end = ends

    def ranking_from(row: int, limit: int) -> Ranking:
        profile = Profile.of_occupations(recommender.graph, [recommender.graph.codes[row]])
        return rank(recommender, profile, lens=lens, limit=limit)

    def to_end(ranking: Ranking) -> float:
        return float(ranking.contributions[end].sum() + ranking.model.intercept[0])

    ranking = ranking_from(start, _STONES_TRIED)
    direct = to_end(ranking)
    stones = []
    for entry in ranking.ranked:
        if entry.occupation == end:
            continue
        onward = ranking_from(entry.occupation, 1)
        from_it = to_end(onward)
        if min(entry.log_odds, from_it) > direct:
            share = float(onward.model.share(np.array([from_it]))[0])
            stones.append(SteppingStone(entry.occupation, entry.log_odds, from_it, entry.share, share))
    stones.sort(key=lambda stone: (-min(stone.to_it, stone.from_it), stone.occupation))
    return tuple(stones[:limit])
