"""The ways by which a profile leads to an occupation, each with what the log-odds would lose without it.

For a skill that is what the score really loses when the person no longer holds it, everything else as it was: what it
shared, what it prepared for, and how it weighed in each cosine. For an occupation in between, it is its part of what
its group of evidence adds.
"""

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommend.evidence import Evidence
from recommend.features import FEATURES, MACRO_FULL, SHARE_PRIOR, Floats
from recommend.groups import GROUPS
from recommend.rank import Ranking
from recommend.skillgraph import KINDS

PathKind = Literal[
    "shared-skill",
    "transferable-skill",
    "common-macro-skill",
    "shared-context",
    "neighbour",
    "near-there",
    "parallel-move",
    "stepping-stone",
    "listed-together",
    "same-family",
]
#: kinds that rest on skills that are held
SKILL_KINDS: frozenset[PathKind] = frozenset({"shared-skill", "transferable-skill", "common-macro-skill"})
#: occupations in between that are told of each group: the rest is a long tail that no one reads
_LARGEST = 10
#: a way's kind, the columns or rows that it passes by, and what it adds to the log-odds
Way = tuple[PathKind, tuple[int, ...], float]


def ways_of(ranking: Ranking, occupation: int) -> list[Way]:
    """Every way that adds something, largest first; of those through occupations, the ten largest of each kind.

    passes by: a shared skill or context; a held skill and the required one that it prepares for; a macro-skill, then
    the held skills under it; one occupation in between, or for "parallel-move" two, in the order of the way; nothing
    for "same-family"
    """
    ways = [*_skills(ranking, occupation), *_contexts(ranking, occupation), *_occupations(ranking, occupation)]
    return sorted((way for way in ways if way[2] > 0), key=lambda way: (-way[2], way[:2]))


def held_by(way: Way) -> list[int]:
    """Columns of the held skills that a way rests on; none for a way through contexts or occupations."""
    kind, by, _ = way
    if kind not in SKILL_KINDS:
        return []
    return list(by[1:]) if kind == "common-macro-skill" else [by[0]]


def _skills(ranking: Ranking, occupation: int) -> Iterator[Way]:
    evidence, weights = ranking.evidence, dict(zip(FEATURES, ranking.model.weights.tolist(), strict=True))
    graph, held = evidence.graph, evidence.is_held
    required = graph.skills_of(occupation)
    answers = _Answers(evidence, required)
    shared = required[held[required] & (graph.skill_kind[required] != KINDS.index("certification"))]
    skills = np.unique(np.concatenate([shared, answers.best])).astype(np.int64)
    if ranking.model_name == "bare":
        loss = ranking.losses[:, occupation][np.searchsorted(np.flatnonzero(held), skills)]
        macro_skills = _macro_skills_of_bare(ranking, occupation, skills)
    else:
        loss = _loss(evidence, occupation, weights, skills, answers)
        macro_skills = _macro_skills(evidence, occupation, weights, skills)
    is_shared = np.isin(skills, shared)
    for skill, amount, is_own in zip(skills.tolist(), loss.tolist(), is_shared.tolist(), strict=True):
        if is_own:
            yield "shared-skill", (skill,), amount
        else:
            yield "transferable-skill", (skill, answers.most_answered(skill)), amount
    yield from macro_skills


class _Answers:
    """What held skills answer of an occupation's requirements."""

    def __init__(self, evidence: Evidence, required: NDArray[np.int32]) -> None:
        graph, held = evidence.graph, evidence.is_held
        self.required: list[int] = []
        best, second, score = [], [], []
        for skill in required[(evidence.answered[required] > 0)].tolist():
            start, end = graph.answered_by.indptr[skill], graph.answered_by.indptr[skill + 1]
            columns = graph.answered_by.indices[start:end]
            there = held[columns]
            amounts = graph.answered_by.data[start:end][there]
            order = np.lexsort((columns[there], -amounts))
            self.required.append(skill)
            best.append(int(columns[there][order[0]]))
            score.append(float(amounts[order[0]]))
            second.append(float(amounts[order[1]]) if len(order) > 1 else 0.0)
        self.best = np.array(best, dtype=np.int64)
        self.score, self.second = np.array(score), np.array(second)

    def most_answered(self, skill: int) -> int:
        """Of the required skills that a held one answers best, the one that it answers most."""
        own = np.flatnonzero(self.best == skill)
        return self.required[int(own[np.argmax(self.score[own])])]


def _loss(
    evidence: Evidence, occupation: int, weights: dict[str, float], skills: NDArray[np.int64], answers: _Answers
) -> Floats:
    """(n_skills,) what the log-odds lose when a person no longer holds each of ``skills``, alone."""
    graph, space = evidence.graph, evidence.space
    asked = _dense(space.doing, occupation, skills)
    total = space.doing_total[occupation] + SHARE_PRIOR
    loss: Floats = weights["know-how-share"] * asked / total
    # a skill that is no longer held may be answered by another; what it answered may be answered less well
    answered = -asked * evidence.answered_by_others[skills]
    amounts = _dense(space.doing, occupation, np.array(answers.required, dtype=np.int64))
    np.add.at(answered, np.searchsorted(skills, answers.best), amounts * (answers.score - answers.second))
    loss += weights["transferable-share"] * answered / total
    for name, own, theirs in (
        ("know-how-cosine", evidence.doing, space.doing_unit),
        ("knowledge-cosine", evidence.knowing, space.knowing_unit),
    ):
        cosine = evidence.values[occupation, FEATURES.index(name)]
        loss += weights[name] * _cosine_loss(cosine, own[skills], _dense(theirs, occupation, skills))
    macro = graph.macro_of[skills].astype(np.int64)
    return loss + weights["macro-skill-cosine"] * _macro_loss(evidence, occupation, macro, np.ones(len(skills)))


def _cosine_loss(cosine: float, own: Floats, theirs: Floats) -> Floats:
    """What a cosine of unit vectors loses when one coordinate of the first is taken away and the rest scaled to 1."""
    left = 1 - own**2
    return np.where(left > 1e-12, cosine - (cosine - own * theirs) / np.sqrt(np.maximum(left, 1e-12)), cosine)


def _macro_loss(evidence: Evidence, occupation: int, macro: NDArray[np.int64], fewer: Floats) -> Floats:
    """What the macro-skill cosine loses when ``fewer`` held skills of each macro-skill are no longer held."""
    there = np.maximum(macro, 0)
    count = evidence.macro_count[there]
    before, after = (np.minimum(number, MACRO_FULL) / MACRO_FULL for number in (count, np.maximum(count - fewer, 0)))
    length = evidence.macro_length
    cosine = evidence.values[occupation, FEATURES.index("macro-skill-cosine")]
    left = np.sqrt(np.maximum(length**2 - before**2 + after**2, 0.0))
    product = cosine * length - (before - after) * _dense(evidence.space.macro_unit, occupation, there)
    loss = cosine - np.divide(product, left, out=np.zeros_like(left), where=left > 1e-9)
    return np.where((macro >= 0) & (count > 0), loss, 0.0)


def _macro_skills(
    evidence: Evidence, occupation: int, weights: dict[str, float], named: NDArray[np.int64]
) -> Iterator[Way]:
    """Macro-skills in common by skills that are not themselves ways."""
    space = evidence.space
    asked = space.macro_unit.indices[space.macro_unit.indptr[occupation] : space.macro_unit.indptr[occupation + 1]]
    taken = set(named.tolist())
    under = {
        macro: left
        for macro in asked.tolist()
        if macro not in taken
        and (left := [skill for skill in evidence.held_by_macro.get(macro, []) if skill not in taken])
    }
    macros = np.array(list(under), dtype=np.int64)
    fewer = np.array([len(skills) for skills in under.values()], dtype=np.float64)
    amounts = weights["macro-skill-cosine"] * _macro_loss(evidence, occupation, macros, fewer)
    # not asked, they only made the profile's know-how another one
    length = np.sqrt(np.array([(evidence.doing[skills] ** 2).sum() for skills in under.values()]))
    doing = float(evidence.values[occupation, FEATURES.index("know-how-cosine")])
    amounts += weights["know-how-cosine"] * _cosine_loss(doing, length, np.zeros(len(length)))
    for (macro, skills), amount in zip(under.items(), amounts.tolist(), strict=True):
        yield "common-macro-skill", (macro, *skills), amount


def _macro_skills_of_bare(ranking: Ranking, occupation: int, named: NDArray[np.int64]) -> Iterator[Way]:
    """The same by one skill each, the one that adds most: a bare list's skills are told apart one by one."""
    graph, held = ranking.evidence.graph, np.flatnonzero(ranking.evidence.profile.held > 0)
    unit = ranking.evidence.space.macro_unit
    asked = unit.indices[unit.indptr[occupation] : unit.indptr[occupation + 1]]
    there = np.isin(graph.macro_of[held], asked) & ~np.isin(held, named) & ~np.isin(graph.macro_of[held], named)
    best: dict[int, tuple[float, int]] = {}
    for skill, amount in zip(held[there].tolist(), ranking.losses[there, occupation].tolist(), strict=True):
        macro = int(graph.macro_of[skill])
        best[macro] = max(best.get(macro, (0.0, -1)), (amount, skill))
    for macro, (amount, skill) in best.items():
        yield "common-macro-skill", (macro, skill), amount


def _contexts(ranking: Ranking, occupation: int) -> Iterator[Way]:
    evidence = ranking.evidence
    weight = float(ranking.model.weights[FEATURES.index("context-cosine")])
    unit = evidence.space.context_unit
    contexts = unit.indices[unit.indptr[occupation] : unit.indptr[occupation + 1]]
    contexts = contexts[evidence.context[contexts] > 0]
    cosine = float(evidence.values[occupation, FEATURES.index("context-cosine")])
    loss = _cosine_loss(cosine, evidence.context[contexts], _dense(unit, occupation, contexts))
    for context, amount in zip(contexts.tolist(), loss.tolist(), strict=True):
        yield "shared-context", (context,), weight * amount


def _occupations(ranking: Ranking, occupation: int) -> Iterator[Way]:
    evidence = ranking.evidence
    added = dict(zip(GROUPS, ranking.contributions[occupation, len(FEATURES) :].tolist(), strict=True))
    space, past = evidence.space, list(evidence.profile.past)
    leads_here = _row(space.leads_from, occupation)
    like_it = _row(space.similar, occupation)
    like_it[past] = 0.0
    sources = evidence.neighbours + evidence.siblings
    sources[occupation] = 0.0
    near, lists = evidence.lists_of_neighbours
    columns = np.flatnonzero(like_it)
    # by a neighbour of the one, by a neighbour of the other, or by both: what a ridge between the two adds up
    both = lists[:, columns] * sources[near, None] * like_it[None, columns]
    around: dict[PathKind, Floats] = {"neighbour": leads_here * sources, "near-there": like_it * evidence.own}
    around["parallel-move"] = both.ravel()
    common: dict[PathKind, Floats] = {
        "listed-together": leads_here * evidence.listing,
        "stepping-stone": leads_here * evidence.onward,
    }
    for group, parts in (("moves-around", around), ("common-mobilities", common)):
        for kind, at, amount in _shared_out(added[group], parts):
            by = (int(near[at // len(columns)]), int(columns[at % len(columns)])) if kind == "parallel-move" else (at,)
            yield kind, by, amount
    families = evidence.graph.family[past]
    if evidence.graph.family[occupation] >= 0 and evidence.graph.family[occupation] in families:
        yield "same-family", (), added["classification"]


def _shared_out(added: float, parts: dict[PathKind, Floats]) -> Iterator[tuple[PathKind, int, float]]:
    """What a group adds, in proportion to its parts: the largest of each kind; nothing where it takes away."""
    total = sum(float(part.sum()) for part in parts.values())
    if added <= 0 or total <= 0:
        return
    for kind, part in parts.items():
        there = np.flatnonzero(part > 0)
        for at in there[np.argsort(-part[there], kind="stable")[:_LARGEST]].tolist():
            yield kind, at, float(part[at]) * (added / total)


def _row(matrix: csr_matrix, row: int) -> Floats:
    dense = np.zeros(matrix.shape[1])
    part = slice(matrix.indptr[row], matrix.indptr[row + 1])
    dense[matrix.indices[part]] = matrix.data[part]
    return dense


def _dense(matrix: csr_matrix, row: int, columns: NDArray[np.integer]) -> Floats:
    """(n_columns,) the values of a row, whose columns are sorted, at some columns."""
    part = slice(matrix.indptr[row], matrix.indptr[row + 1])
    there, values = matrix.indices[part], matrix.data[part]
    if not there.size:
        return np.zeros(len(columns))
    at = np.minimum(np.searchsorted(there, columns), there.size - 1)
    return np.where(there[at] == columns, values[at], 0.0)
