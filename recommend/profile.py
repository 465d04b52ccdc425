"""Profile: what a person brings, as arrays over a SkillGraph. It knows nothing of who the person is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from passerelle.errors import UnknownSkillError
from recommend.skillgraph import SkillGraph

Years = Literal["0-2", "3-5", "6+"]
#: how much a past occupation says, by its years
YEARS: dict[Years, float] = {"0-2": 1.0, "3-5": 2.0, "6+": 3.0}


@dataclass(frozen=True)
class Profile:
    """Past occupations, and the skills and contexts that come with them or were declared.

    past:     rows of past occupations, none for a bare list of skills
    held:     (n_skills,) in [0, 1]
    contexts: (n_contexts,) in [0, 1], contexts the person has worked in
    refused_contexts: columns of contexts that the person does not want; no motive is ever asked
    years:    of each past occupation; none where nobody said
    """

    past: tuple[int, ...]
    held: NDArray[np.float64]
    contexts: NDArray[np.float64]
    refused_contexts: tuple[int, ...] = ()
    years: tuple[Years | None, ...] = ()

    @property
    def shares(self) -> NDArray[np.float64]:
        """(n_past,) how much each past occupation says, adding up to 1: by its years, alike where nobody said."""
        weights = np.array([YEARS[known] if known else 1.0 for known in self.years] or [1.0] * len(self.past))
        return np.asarray(weights / weights.sum())

    @classmethod
    def of_occupations(
        cls, graph: SkillGraph, codes: Iterable[str], years: Iterable[Years | None] | None = None
    ) -> "Profile":
        """Who has worked in these occupations: every skill that any of them requires, at its greatest importance.

        years:  of each, in the same order
        raises: UnknownOccupationError; ValueError when there are more years than occupations, or fewer
        """
        asked = [graph.occupation(code) for code in codes]
        known = dict(zip(asked, [None] * len(asked) if years is None else years, strict=True))
        # in the order of the codes, whatever the order of the asking: the same profile gives the same bytes
        rows = tuple(sorted(known))
        held = np.zeros(len(graph.skill_codes))
        contexts = np.zeros(len(graph.context_codes))
        for row in rows:
            for matrix, vector in ((graph.requires, held), (graph.contexts, contexts)):
                columns = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
                data = matrix.data[matrix.indptr[row] : matrix.indptr[row + 1]]
                vector[columns] = np.maximum(vector[columns], data)
        return cls(rows, held, contexts, years=tuple(known[row] for row in rows) if years is not None else ())

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

    def with_skills(self, graph: SkillGraph, codes: Iterable[str]) -> "Profile":
        """The profile and these skills (codeOgr), declared beside what its occupations require.

        raises: UnknownSkillError
        """
        codes = list(codes)
        if not codes:
            return self
        declared = Profile.of_skills(graph, codes)
        return replace(self, held=np.maximum(self.held, declared.held))
