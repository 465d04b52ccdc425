"""Two to four occupations side by side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommend.features import FeatureSpace
from recommend.skillgraph import KINDS, SkillGraph

MOST = 4


@dataclass(frozen=True)
class Comparison:
    """What occupations have in common, skill by skill.

    occupations: (n,) rows, 2 <= n <= 4, in the order asked
    skills:      columns of every skill that one of them requires, shared by most first, then rarest first
    importance:  (n, n_skills) how much each requires each; 0 where it does not
    overlap:     (n, n) share of the column's required skills, weighted by rarity, that the row requires too, in [0, 1]
    """

    occupations: tuple[int, ...]
    skills: NDArray[np.int64]
    importance: NDArray[np.float64]
    overlap: NDArray[np.float64]


def compare(graph: SkillGraph, space: FeatureSpace, occupations: tuple[int, ...]) -> Comparison:
    """Compares occupations by what they require; certifications are listed and count for nothing in ``overlap``.

    raises: ValueError for fewer than two or more than four different occupations
    """
    if not 2 <= len(set(occupations)) == len(occupations) <= MOST:
        raise ValueError(f"between 2 and {MOST} different occupations can be compared, not {occupations}")
    requires = graph.requires[list(occupations)].toarray().astype(np.float64)
    skills = np.flatnonzero(requires.any(axis=0))
    importance = requires[:, skills]
    sharing = (importance > 0).sum(axis=0)
    order = np.lexsort((skills, -space.idf[skills], -sharing))
    skills, importance = skills[order], importance[:, order]
    weight = space.idf[skills] * (graph.skill_kind[skills] != KINDS.index("certification"))
    held = (importance > 0).astype(np.float64)
    shared = (held * weight) @ importance.T
    total = importance @ weight
    overlap = np.divide(shared, total[None, :], out=np.zeros_like(shared), where=total[None, :] > 0)
    return Comparison(occupations, skills, importance, overlap)
