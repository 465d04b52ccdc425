"""Ways through other occupations: each gets its part of what its group of evidence adds."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.sparse import csr_matrix

from recommend.evidence import Evidence
from recommend.features import FEATURES, Floats
from recommend.groups import GROUPS
from recommend.rank import Ranking
from recommend.ways_kinds import PathKind, Way

#: occupations in between that are told of each group: the rest is a long tail that no one reads
_LARGEST = 10
_Parts = dict[PathKind, dict[tuple[int, ...], float]]


def occupation_ways(ranking: Ranking, occupations: Sequence[int]) -> Iterator[tuple[int, Way]]:
    """Place of the occupation among those asked for, and a way to it; those of its group's shares that are largest."""
    evidence = ranking.evidence
    graph, space, past = evidence.graph, evidence.space, evidence.profile.past
    around = _Around(evidence)
    families = set(graph.family[list(past)].tolist()) - {-1}
    for place, occupation in enumerate(occupations):
        added = dict(zip(GROUPS, ranking.contributions[occupation, len(FEATURES) :].tolist(), strict=True))
        leads_here = _row(space.leads_from, occupation)
        like_it = {row: much for row, much in _row(space.similar, occupation).items() if row not in past}
        for way in _shared_out(added["moves-around"], around.moves(occupation, leads_here, like_it)):
            yield place, way
        for way in _shared_out(added["common-mobilities"], around.common(leads_here)):
            yield place, way
        if int(graph.family[occupation]) in families:
            yield place, ("same-family", (), added["classification"])


class _Around:
    """The few occupations around a profile, out of all: a dictionary of them is quicker to go through than an array."""

    def __init__(self, evidence: Evidence) -> None:
        self._own, self._onward, self._listing = map(_some, (evidence.own, evidence.onward, evidence.listing))
        self._sources = _some(evidence.neighbours + evidence.siblings)
        #: for each occupation, the sources whose list holds it
        self._listed_by: defaultdict[int, list[int]] = defaultdict(list)
        for source in self._sources:
            for target in _row(evidence.space.moves, source):
                self._listed_by[target].append(source)

    def moves(self, occupation: int, leads_here: dict[int, float], like_it: dict[int, float]) -> _Parts:
        """By a neighbour of the one, by a neighbour of the other, or by both: what a ridge between the two adds up."""
        sources = self._sources
        return {
            "neighbour": {
                (row,): much * sources[row] for row, much in leads_here.items() if row in sources and row != occupation
            },
            "near-there": {(row,): much * self._own[row] for row, much in like_it.items() if row in self._own},
            "parallel-move": {
                (source, row): sources[source] * much
                for row, much in like_it.items()
                if row in self._listed_by
                for source in self._listed_by[row]
                if source != occupation
            },
        }

    def common(self, leads_here: dict[int, float]) -> _Parts:
        """By occupations that list both, or that the one lists and that list the other."""
        listing, onward = self._listing, self._onward
        return {
            "listed-together": {(row,): much * listing[row] for row, much in leads_here.items() if row in listing},
            "stepping-stone": {(row,): much * onward[row] for row, much in leads_here.items() if row in onward},
        }


def _shared_out(added: float, parts: _Parts) -> Iterator[Way]:
    """What a group adds, in proportion to its parts: the largest of each kind; nothing where it takes away."""
    total = sum(sum(part.values()) for part in parts.values())
    if added <= 0 or total <= 0:
        return
    for kind, part in parts.items():
        for by, amount in sorted(part.items(), key=lambda one: (-one[1], one[0]))[:_LARGEST]:
            yield kind, by, amount * (added / total)


def _some(values: Floats) -> dict[int, float]:
    """What is not zero, by row."""
    there = np.flatnonzero(values)
    return dict(zip(there.tolist(), values[there].tolist(), strict=True))


def _row(matrix: csr_matrix, row: int) -> dict[int, float]:
    part = slice(matrix.indptr[row], matrix.indptr[row + 1])
    return dict(zip(matrix.indices[part].tolist(), matrix.data[part].tolist(), strict=True))
