"""Profile: what a person brings, as arrays over a SkillGraph. It knows nothing of who the person is."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerelle.errors import UnknownSkillError
from recommend.skillgraph import SkillGraph


@dataclass(frozen=True)
class Profile:
    """Past occupations, and the skills and contexts that come with them or were declared.

    past:     rows of past occupations, none for a bare list of skills
    held:     (n_skills,) in [0, 1]
    contexts: (n_contexts,) in [0, 1], contexts the person has worked in
    refused_contexts: columns of contexts that the person does not want; no motive is ever asked
    """

    past: tuple[int, ...]
    held: NDArray[np.float64]
    contexts: NDArray[np.float64]
    refused_contexts: tuple[int, ...] = ()

    @classmethod
    def of_occupations(cls, graph: SkillGraph, codes: Iterable[str]) -> "Profile":
        """Who has worked in these occupations: every skill that any of them requires, at its greatest importance.

        raises: UnknownOccupationError
        """
        rows = tuple(dict.fromkeys(graph.occupation(code) for code in codes))
        held = np.zeros(len(graph.skill_codes))
        contexts = np.zeros(len(graph.context_codes))
        for row in rows:
            for matrix, vector in ((graph.requires, held), (graph.contexts, contexts)):
                columns = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
                data = matrix.data[matrix.indptr[row] : matrix.indptr[row + 1]]
                vector[columns] = np.maximum(vector[columns], data)
        return cls(rows, held, contexts)

    @classmethod
    def of_skills(cls, graph: SkillGraph, codes: Iterable[str]) -> "Profile":
        """Who declares these skills (codeOgr), with no occupation.

        raises: UnknownSkillError
        """
        held = np.zeros(len(graph.skill_codes))
        for code in codes:
            column = graph.skill_index_of.get(code)
            if column is None:
                raise UnknownSkillError(code, graph.data_version)
            held[column] = 1.0
        return cls((), held, np.zeros(len(graph.context_codes)))
