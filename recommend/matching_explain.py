"""Why an offer and a person are matched: which held skill answers which asked one, what is missing, how far it is."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from recommend.matching import ANSWERS_MUST, LEAST_VALUE, Matcher, Seekers

How = Literal["must", "wished", "occupation"]
_HOW: dict[How, str] = {"must": "exigée", "wished": "souhaitée", "occupation": "du métier"}


@dataclass(frozen=True)
class AskedAnswer:
    """One asked skill; columns of the SkillGraph.

    how:          how it is asked
    answered_by:  the held skill that answers it best (itself where held); None where none does
    answer:       in [0, 1], how well
    contribution: what it adds to the value; the contributions of a match add up to it
    """

    skill: int
    how: How
    answered_by: int | None
    answer: float
    contribution: float


@dataclass(frozen=True)
class MatchExplanation:
    """One pair.

    asked:     must-haves first, then nice-to-haves, then what the occupation requires; each by what it adds
    missing:   must-haves that no held skill answers well enough: any of them keeps the offer out
    km:        as the crow flies; None where one of the places is unknown
    in_reach:  None where that is unknown
    refused:   contexts of the occupation that the person refuses
    """

    value: float | None
    eligible: bool
    asked: tuple[AskedAnswer, ...]
    missing: tuple[int, ...]
    km: float | None
    in_reach: bool | None
    refused: tuple[int, ...]


def explain(matcher: Matcher, seekers: Seekers, seeker: int, offer: int) -> MatchExplanation:
    """Why a seeker and an offer (rows) are matched, or are not."""
    own = seekers.rows(slice(seeker, seeker + 1))
    table = matcher.table(own, np.array([offer]))
    graph, offers = matcher.graph, matcher.offers
    held = np.asarray(own.held.todense()).ravel()
    answered = np.asarray(matcher.answered(own.held).todense()).ravel()
    must, wished = set(offers.must[[offer]].indices.tolist()), set(offers.wished[[offer]].indices.tolist())
    weights = matcher.weights[[offer]]
    asked = []
    for skill, weight in zip(weights.indices.tolist(), weights.data.tolist(), strict=True):
        how: How = "must" if skill in must else "wished" if skill in wished else "occupation"
        answer = float(answered[skill])
        by = None
        if answer > 0:
            by = skill if held[skill] > 0 else graph.answering(skill, held > 0)[0][0]
        asked.append(AskedAnswer(skill, how, by, answer, weight * answer))
    order = list(_HOW)
    asked.sort(key=lambda one: (order.index(one.how), -one.contribution, one.skill))
    km = float(table.km[0, 0])
    reach = float(own.reach_km[0])
    occupation = int(offers.occupation[offer])
    contexts = set(graph.contexts[[occupation]].indices.tolist()) if occupation >= 0 else set()
    return MatchExplanation(
        value=None if np.isnan(table.value[0, 0]) else float(table.value[0, 0]),
        eligible=bool(table.eligible[0, 0]),
        asked=tuple(asked),
        missing=tuple(sorted(skill for skill in must if answered[skill] < ANSWERS_MUST)),
        km=None if np.isnan(km) else km,
        in_reach=None if np.isnan(km) or np.isnan(reach) else km <= reach,
        refused=tuple(sorted(contexts & set(own.refused.indices[own.refused.data > 0].tolist()))),
    )


def sentences(matcher: Matcher, told: MatchExplanation, *, limit: int = 6) -> tuple[str, ...]:
    """The match in French, as a counselor reads it: what keeps it out first, then what is brought, then what lacks."""
    labels, contexts = matcher.graph.skill_labels, matcher.graph.context_labels
    lines = [f"« {labels[skill]} » est exigé, et rien dans le profil n'y répond." for skill in told.missing]
    lines += [f"Le métier comporte « {contexts[context]} », que la personne refuse." for context in told.refused]
    if told.value is None:
        lines.append("L'offre ne dit pas ce qu'elle demande.")
    elif told.value < LEAST_VALUE:
        lines.append("Le profil répond à moins d'un dixième de ce que l'offre demande.")
    if told.km is None:
        lines.append("Distance inconnue : l'un des deux lieux n'est pas précisé.")
    else:
        beyond = ", au-delà de la distance acceptée" if told.in_reach is False else ""
        lines.append(f"À {told.km:.0f} km à vol d'oiseau{beyond}.")
    brought = [one for one in told.asked if one.answered_by is not None][:limit]
    for one in brought:
        asked = f"« {labels[one.skill]} » ({_HOW[one.how]})"
        if one.answered_by == one.skill:
            lines.append(f"{asked} : la personne l'a.")
        else:
            lines.append(f"{asked} : proche de « {labels[one.answered_by or 0]} », que la personne a.")
    lacking = [one for one in told.asked if one.how == "wished" and one.answered_by is None]
    lines += [f"« {labels[one.skill]} » (souhaitée) : absente du profil." for one in lacking[:limit]]
    return tuple(lines)
