"""What separates a profile from an occupation: first what the law and certificates ask, then what is to be learned."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from recommend.evidence import Evidence
from recommend.skillgraph import IMPORTANCE, KINDS, NO, UNKNOWN, YES, SkillGraph

GapKind = Literal["regulated", "regulation-unknown", "certification", "know-how", "soft", "knowledge"]
_GAP_OF_KIND: tuple[GapKind, ...] = ("know-how", "soft", "knowledge", "certification")
_IMPORTANCE_OF = {round(weight, 3): name for name, weight in IMPORTANCE.items()}
_BRIDGES = 3


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
class Gap:
    """What is missing, most binding and most important first, and how much of what is asked is held."""

    items: tuple[GapItem, ...]
    #: number of skills (certifications left out) that the occupation asks, and of those that are held
    asked: int
    held: int


def gap_of(evidence: Evidence, occupation: int) -> Gap:
    """The whole gap between the profile of the evidence and an occupation."""
    graph, held = evidence.graph, evidence.profile.held
    items = []
    regulated = graph.regulated[occupation]
    if regulated == YES:
        items.append(GapItem("regulated", "Métier réglementé : un titre ou une autorisation est exigé par la loi"))
    elif regulated == UNKNOWN:
        items.append(GapItem("regulation-unknown", "Le ROME ne précise pas si le métier est réglementé"))
    columns = graph.skills_of(occupation)
    is_held = held[columns] > 0
    is_certification = graph.skill_kind[columns] == KINDS.index("certification")
    importance = graph.requires.data[graph.requires.indptr[occupation] : graph.requires.indptr[occupation + 1]]
    # certifications first, then core before emerging before other, and within each the most telling first
    order = np.lexsort((columns, -evidence.space.idf[columns], -importance, ~is_certification))
    missing = order[~is_held[order]]
    asked = columns[missing]
    labels, codes = graph.skill_labels, graph.skill_codes
    for skill, weight, kind, macro, is_answered in zip(
        asked.tolist(),
        importance[missing].round(3).tolist(),
        graph.skill_kind[asked].tolist(),
        graph.macro_of[asked].tolist(),
        (evidence.answered[asked] > 0).tolist(),
        strict=True,
    ):
        # what answers it by its meaning, then what is of the same macro-skill
        bridges = evidence.held_by_macro.get(macro, [])
        if is_answered:
            bridges = list(dict.fromkeys([*graph.answering(skill, held), *bridges]))
        named = tuple([labels[bridge] for bridge in bridges[:_BRIDGES]]) if bridges else ()
        items.append(GapItem(_GAP_OF_KIND[kind], labels[skill], _IMPORTANCE_OF[round(weight, 3)], codes[skill], named))
    return Gap(tuple(items), int((~is_certification).sum()), int((is_held & ~is_certification).sum()))


def regulation(graph: SkillGraph, occupation: int) -> bool | None:
    """Whether the occupation is regulated; None where ROME does not say."""
    return {YES: True, NO: False, UNKNOWN: None}[int(graph.regulated[occupation])]
