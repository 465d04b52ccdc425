"""The ways by which a profile leads to an occupation, each with what the log-odds would lose without it.

For a skill that is what the score really loses when the person no longer holds it, everything else as it was: what it
shared, what it prepared for, and how it weighed in each cosine. For an occupation in between, it is its part of what
its group of evidence adds.
"""

from collections.abc import Iterator, Sequence

from recommend.features import FEATURES
from recommend.rank import Ranking
from recommend.ways_entries import Entries, cosine_loss
from recommend.ways_kinds import Way
from recommend.ways_occupations import occupation_ways
from recommend.ways_skills import skill_ways


def ways_of(ranking: Ranking, occupation: int) -> list[Way]:
    """Every way that adds something, largest first; of those through occupations, the ten largest of each kind.

    passes by: a shared skill or context; a held skill and the required one that it prepares for; a macro-skill, then
    the held skills under it; one occupation in between, or for "parallel-move" two, in the order of the way; nothing
    for "same-family"
    """
    return ways_of_each(ranking, [occupation])[0]


def ways_of_each(ranking: Ranking, occupations: Sequence[int]) -> list[list[Way]]:
    """The same for several occupations at once, which takes little more than one does; in their order."""
    ways: list[list[Way]] = [[] for _ in occupations]
    for part in (skill_ways, _context_ways, occupation_ways):
        for place, way in part(ranking, occupations):
            if way[2] > 0:
                ways[place].append(way)
    return [sorted(own, key=lambda way: (-way[2], way[:2])) for own in ways]


def _context_ways(ranking: Ranking, occupations: Sequence[int]) -> Iterator[tuple[int, Way]]:
    evidence, feature = ranking.evidence, FEATURES.index("context-cosine")
    asked = Entries.of(evidence.space.context_unit, occupations)
    asked = asked.kept(evidence.context[asked.columns] > 0)
    cosine = evidence.values[asked.rows, feature]
    loss = ranking.model.weights[feature] * cosine_loss(cosine, evidence.context[asked.columns], asked.values)
    for place, context, amount in zip(asked.places.tolist(), asked.columns.tolist(), loss.tolist(), strict=True):
        yield place, ("shared-context", (context,), amount)
