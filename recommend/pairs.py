"""What speaks for a move whoever makes it: evidence between two occupations, weighed and summed in named groups.

It is computed when the data are built, for every pair, so that an answer reads a row of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from graph.arrayset import ArraySet
from recommend.groups import GROUPS, group_of
from recommend.learned import SITUATIONS, Learned
from recommend.likeness import Likeness, Named
from recommend.mobility import mobility_pairs
from recommend.skillgraph import SkillGraph

Floats = NDArray[np.float64]

#: an occupation with fewer mobilities, from and to it together, says too little of itself: its situation is "cold"
_LEAST_KNOWN = 2


@dataclass(frozen=True)
class PairEvidence(ArraySet):
    """Contributions to the log-odds of each move.

    contributions: (n_occupations, n_occupations, n_groups) float16, signed; the row is where one comes from
    situation:     (n_occupations,) index into ``SITUATIONS`` of a person who comes from there
    """

    contributions: NDArray[np.float16]
    situation: NDArray[np.int8]

    @classmethod
    def of(cls, graph: SkillGraph, likeness: Likeness, learned: Learned) -> Self:
        """Weighs all evidence; each pair's without its own mobilities."""
        listed = graph.moves.toarray() > 0
        situation = situations_of(listed)
        total = np.zeros((len(GROUPS), *listed.shape), dtype=np.float32)
        used = [SITUATIONS[i] for i in np.unique(situation)]
        for name, matrix in _evidence(graph, likeness, listed):
            weights = {each: learned.situations[each].weights.get(name, 0.0) for each in used}
            if any(weights.values()):
                of_row = np.array([weights[SITUATIONS[i]] for i in situation], dtype=np.float32)
                total[GROUPS.index(group_of(name))] += of_row[:, None] * matrix
        for i, group in enumerate(GROUPS):
            centres = {name: learned.situations[name].centres.get(group, 0.0) for name in used}
            total[i] -= np.array([centres[SITUATIONS[row]] for row in situation], dtype=np.float32)[:, None]
        return cls(np.ascontiguousarray(np.moveaxis(total, 0, 2), dtype=np.float16), situation)

    def of_past(self, past: Sequence[int], shares: Floats) -> Floats:
        """(n_occupations, n_groups) contributions for who held several occupations: their mean, weighed by ``shares``.

        past: rows, one or more; shares: (n_past,) adding up to 1
        """
        total = np.zeros(self.contributions.shape[1:])
        for row, share in zip(past, shares.tolist(), strict=True):
            total += share * self.contributions[row].astype(np.float64)
        return total


def situations_of(listed: NDArray[np.bool_]) -> NDArray[np.int8]:
    """(n,) index into ``SITUATIONS`` of each occupation, by the mobilities that name it or that it names.

    listed: (n, n)
    """
    if not listed.any():
        return np.full(len(listed), SITUATIONS.index("content"), dtype=np.int8)
    names = (listed | listed.T).sum(axis=1)
    return np.where(names >= _LEAST_KNOWN, SITUATIONS.index("known"), SITUATIONS.index("cold")).astype(np.int8)


def _evidence(graph: SkillGraph, likeness: Likeness, listed: NDArray[np.bool_]) -> Named:
    yield from likeness.pairs(graph)
    if listed.any():
        yield from mobility_pairs(graph, likeness, listed)
