"""Ways through skills: what the log-odds lose when a person no longer holds each, everything else as it was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommend.evidence import Evidence
from recommend.features import FEATURES, MACRO_FULL, SHARE_PRIOR, Floats
from recommend.rank import Ranking
from recommend.skillgraph import KINDS
from recommend.ways_entries import Entries, Ints, cosine_loss, key
from recommend.ways_kinds import Way


def skill_ways(ranking: Ranking, occupations: Sequence[int]) -> Iterator[tuple[int, Way]]:
    """Place of the occupation among those asked for, and a way to it; not sorted, and of any sign."""
    evidence = ranking.evidence
    held = _Held.of(evidence, occupations)
    losses = _Losses(ranking, occupations)
    is_bare = ranking.model_name == "bare"
    if is_bare:
        loss = ranking.losses[np.searchsorted(np.flatnonzero(evidence.is_held), held.skills), held.occupations]
    else:
        loss = losses.of_skills(held)
    # of each occupation, the skills that are ways by themselves
    taken: list[set[int]] = [set() for _ in occupations]
    shared = held.is_shared.tolist()
    for place, skill, amount, is_shared in zip(
        held.places.tolist(), held.skills.tolist(), loss.tolist(), shared, strict=True
    ):
        taken[place].add(skill)
        if is_shared:
            yield place, ("shared-skill", (skill,), amount)
        else:
            yield place, ("transferable-skill", (skill, held.most_answered[place, skill]), amount)
    if is_bare:
        yield from _macro_ways_of_bare(ranking, losses.macros, occupations, taken)
    else:
        yield from _macro_ways(losses, taken)


@dataclass(frozen=True)
class _Held:
    """The held skills that each occupation asks, or whose answer to something it asks is the best one.

    places, occupations, skills: (n_ways,) ascending by place, then by skill; is_shared: (n_ways,)
    answers: of what is asked and not held: its place, itself, the held skill that answers it best, and how much better
        than the next one it does
    most_answered: by place and held skill, the one that it answers most
    """

    places: Ints
    occupations: Ints
    skills: Ints
    is_shared: NDArray[np.bool_]
    answers: tuple[Ints, Ints, Ints, Floats]
    most_answered: dict[tuple[int, int], int]

    @classmethod
    def of(cls, evidence: Evidence, occupations: Sequence[int]) -> "_Held":
        graph = evidence.graph
        asked = Entries.of(graph.requires, occupations)
        certification = graph.skill_kind[asked.columns] == KINDS.index("certification")
        shared = asked.kept(evidence.is_held[asked.columns] & ~certification)
        open_to = asked.kept(evidence.answered[asked.columns] > 0)
        best_of = {skill: _best_two(evidence, skill) for skill in dict.fromkeys(open_to.columns.tolist())}
        places, required = open_to.places, open_to.columns
        found = [best_of[skill] for skill in required.tolist()]
        best = np.array([one[0] for one in found], dtype=np.int64)
        better = np.array([one[1] - one[2] for one in found])
        most: dict[tuple[int, int], tuple[float, int]] = {}
        for place, skill, (by, score, _) in zip(places.tolist(), required.tolist(), found, strict=True):
            if (place, by) not in most or score > most[place, by][0]:
                most[place, by] = (score, skill)
        width = asked.width
        keys = np.unique(np.concatenate([shared.keys, key(places, best, width)]))
        return cls(
            keys // width,
            np.asarray(occupations, dtype=np.int64)[keys // width],
            keys % width,
            np.isin(keys, shared.keys),
            (places, required, best, better),
            {by: skill for by, (_, skill) in most.items()},
        )


def _best_two(evidence: Evidence, skill: int) -> tuple[int, float, float]:
    """The held skill that answers a required one best, its score, and the score of the next one (0 for none)."""
    (best, score), *others = evidence.graph.answering(skill, evidence.is_held)
    return best, score, others[0][1] if others else 0.0


class _Losses:
    """What is asked of several occupations, weighed.

    macros: the macro-skills that they ask
    """

    def __init__(self, ranking: Ranking, occupations: Sequence[int]) -> None:
        self.evidence = ranking.evidence
        self.macros = Entries.of(ranking.evidence.space.macro_unit, occupations)
        self._occupations = occupations
        self._weights: dict[str, float] = dict(zip(FEATURES, ranking.model.weights.tolist(), strict=True))

    def of_skills(self, held: _Held) -> Floats:
        """(n_ways,) what the log-odds lose when a person no longer holds each skill, alone."""
        evidence, weights, rows = self.evidence, self._weights, held.occupations
        space, skills = evidence.space, held.skills
        doing = Entries.of(space.doing, self._occupations)
        keys = key(held.places, skills, doing.width)
        asked = doing.at(keys)
        total = space.doing_total[rows] + SHARE_PRIOR
        loss: Floats = weights["know-how-share"] * asked / total
        # a skill that is no longer held may be answered by another; what it answered may be answered less well
        answered = -asked * evidence.answered_by_others[skills]
        places, required, best, better = held.answers
        amounts = doing.at(key(places, required, doing.width)) * better
        np.add.at(answered, np.searchsorted(keys, key(places, best, doing.width)), amounts)
        loss += weights["transferable-share"] * answered / total
        for name, own, theirs in (
            ("know-how-cosine", evidence.doing, space.doing_unit),
            ("knowledge-cosine", evidence.knowing, space.knowing_unit),
        ):
            cosine = evidence.values[rows, FEATURES.index(name)]
            there = Entries.of(theirs, self._occupations).at(keys)
            loss += weights[name] * cosine_loss(cosine, own[skills], there)
        macro = evidence.graph.macro_of[skills].astype(np.int64)
        return loss + self.of_macro(held.places, rows, macro, np.ones(len(skills)))

    def of_macro(self, places: Ints, rows: Ints, macro: Ints, fewer: Floats) -> Floats:
        """What the macro-skill cosine adds less when ``fewer`` held skills of each macro-skill are no longer held."""
        evidence = self.evidence
        there = np.maximum(macro, 0)
        count = evidence.macro_count[there]
        before, after = (
            np.minimum(number, MACRO_FULL) / MACRO_FULL for number in (count, np.maximum(count - fewer, 0))
        )
        length = evidence.macro_length
        cosine = evidence.values[rows, FEATURES.index("macro-skill-cosine")]
        left = np.sqrt(np.maximum(length**2 - before**2 + after**2, 0.0))
        asked = self.macros.at(key(places, there, self.macros.width))
        product = cosine * length - (before - after) * asked
        loss = cosine - np.divide(product, left, out=np.zeros_like(left), where=left > 1e-9)
        counted: Floats = np.where((macro >= 0) & (count > 0), loss, 0.0)
        return counted * self._weights["macro-skill-cosine"]

    def of_know_how(self, rows: Ints, length: Floats) -> Floats:
        """What the know-how cosine adds less without skills of that length that are not asked."""
        cosine = self.evidence.values[rows, FEATURES.index("know-how-cosine")]
        return cosine_loss(cosine, length, np.zeros(len(length))) * self._weights["know-how-cosine"]


def _macro_ways(losses: _Losses, taken: list[set[int]]) -> Iterator[tuple[int, Way]]:
    """Macro-skills in common by skills that are not themselves ways."""
    evidence = losses.evidence
    asked = losses.macros.kept(evidence.macro_count[losses.macros.columns] > 0)
    under = [
        [skill for skill in evidence.held_by_macro[macro] if skill not in taken[place]]
        if macro not in taken[place]
        else []
        for place, macro in zip(asked.places.tolist(), asked.columns.tolist(), strict=True)
    ]
    asked, under = asked.kept(np.array([bool(skills) for skills in under], dtype=bool)), list(filter(None, under))
    fewer = np.array([len(skills) for skills in under], dtype=np.float64)
    amounts = losses.of_macro(asked.places, asked.rows, asked.columns, fewer)
    # not asked, they only made the profile's know-how another one
    doing = evidence.doing
    length = np.sqrt(np.array([sum(float(doing[skill]) ** 2 for skill in skills) for skills in under]))
    amounts += losses.of_know_how(asked.rows, length)
    for place, macro, skills, amount in zip(
        asked.places.tolist(), asked.columns.tolist(), under, amounts.tolist(), strict=True
    ):
        yield place, ("common-macro-skill", (macro, *skills), amount)


def _macro_ways_of_bare(
    ranking: Ranking, asked: Entries, occupations: Sequence[int], taken: list[set[int]]
) -> Iterator[tuple[int, Way]]:
    """The same by one skill each, the one that adds most: a bare list's skills are told apart one by one."""
    graph, held = ranking.evidence.graph, np.flatnonzero(ranking.evidence.is_held)
    for place, occupation in enumerate(occupations):
        named = list(taken[place])
        macros = graph.macro_of[held]
        there = np.isin(macros, asked.columns[asked.places == place])
        there &= ~np.isin(held, named) & ~np.isin(macros, named)
        best: dict[int, tuple[float, int]] = {}
        for skill, amount in zip(held[there].tolist(), ranking.losses[there, occupation].tolist(), strict=True):
            macro = int(graph.macro_of[skill])
            best[macro] = max(best.get(macro, (0.0, -1)), (amount, skill))
        for macro, (amount, skill) in best.items():
            yield place, ("common-macro-skill", (macro, skill), amount)
