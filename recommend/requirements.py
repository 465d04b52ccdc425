"""What an occupation asks, as a gap tells it: the same for every person, so it is put in order once."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from recommend.skillgraph import IMPORTANCE, KINDS, SkillGraph

GapKind = Literal["regulated", "regulation-unknown", "certification", "know-how", "soft", "knowledge"]
_GAP_OF_KIND: tuple[GapKind, ...] = ("know-how", "soft", "knowledge", "certification")
_IMPORTANCE_OF = {round(weight, 3): name for name, weight in IMPORTANCE.items()}


class GapItem(NamedTuple):
    """One thing that an occupation asks and a profile does not show."""

    kind: GapKind
    label: str
    #: core | emerging | other; None for the regulation
    importance: str | None = None
    #: codeOgr of the skill; None for the regulation
    code: str | None = None
    #: labels of held skills that answer it in part, or are of the same macro-skill: from which it can be learned
    bridges: tuple[str, ...] = ()


@dataclass(frozen=True)
class Requirements:
    """Certifications first, then core before emerging before other, and within each the most telling first.

    skills, is_certification: (n_asked,); macros: the macro-skill that each is part of, -1 for none
    items: each as it is missing to who holds nothing
    """

    skills: NDArray[np.int32]
    is_certification: NDArray[np.bool_]
    macros: list[int]
    items: list[GapItem]

    @classmethod
    def of(cls, graph: SkillGraph, idf: NDArray[np.float64], occupation: int) -> Self:
        """idf: (n_skills,) in nats, how telling each is"""
        skills = graph.skills_of(occupation)
        is_certification = graph.skill_kind[skills] == KINDS.index("certification")
        importance = graph.requires.data[graph.requires.indptr[occupation] : graph.requires.indptr[occupation + 1]]
        order = np.lexsort((skills, -idf[skills], -importance, ~is_certification))
        items = [
            GapItem(
                _GAP_OF_KIND[graph.skill_kind[skill]],
                graph.skill_labels[skill],
                _IMPORTANCE_OF[round(weight, 3)],
                graph.skill_codes[skill],
            )
            for skill, weight in zip(skills[order].tolist(), importance[order].tolist(), strict=True)
        ]
        return cls(skills[order], is_certification[order], graph.macro_of[skills[order]].tolist(), items)
