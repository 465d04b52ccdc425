"""What separates a profile from an occupation: first what the law and certificates ask, then what is to be learned."""

from dataclasses import dataclass

import numpy as np

from recommend.evidence import BRIDGES, Evidence
from recommend.requirements import GapItem
from recommend.skillgraph import NO, UNKNOWN, YES, SkillGraph


@dataclass(frozen=True)
class Gap:
    """What is missing, most binding and most important first, and how much of what is asked is held."""

    items: tuple[GapItem, ...]
    #: number of skills (certifications left out) that the occupation asks, and of those that are held
    asked: int
    held: int


def gap_of(evidence: Evidence, occupation: int) -> Gap:
    """The whole gap between the profile of the evidence and an occupation."""
    graph = evidence.graph
    items = []
    regulated = graph.regulated[occupation]
    if regulated == YES:
        items.append(GapItem("regulated", "Métier réglementé : un titre ou une autorisation est exigé par la loi"))
    elif regulated == UNKNOWN:
        items.append(GapItem("regulation-unknown", "Le ROME ne précise pas si le métier est réglementé"))
    asked = evidence.space.requirements_of(graph, occupation)
    is_held = evidence.is_held[asked.skills]
    answered = evidence.answered[asked.skills] > 0
    for at in np.flatnonzero(~is_held).tolist():
        # what answers it by its meaning, then what is of the same macro-skill
        bridges = evidence.held_labels_by_macro.get(asked.macros[at], ())
        if answered[at]:
            found = [skill for skill, _ in graph.answering(int(asked.skills[at]), evidence.is_held)]
            found += evidence.held_by_macro.get(asked.macros[at], [])
            bridges = tuple([graph.skill_labels[skill] for skill in list(dict.fromkeys(found))[:BRIDGES]])
        items.append(asked.items[at]._replace(bridges=bridges) if bridges else asked.items[at])
    counts = ~asked.is_certification
    return Gap(tuple(items), int(counts.sum()), int((is_held & counts).sum()))


def regulation(graph: SkillGraph, occupation: int) -> bool | None:
    """Whether the occupation is regulated; None where ROME does not say."""
    return {YES: True, NO: False, UNKNOWN: None}[int(graph.regulated[occupation])]
