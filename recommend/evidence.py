"""One profile weighed against every occupation, and the lists of mobilities around it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommend.features import MACRO_FULL, SHARE_PRIOR, FeatureSpace, Floats, blend, sharpen
from recommend.profile import Profile
from recommend.skillgraph import KINDS, SkillGraph
from recommend.units import unit

#: held skills that are named for one that is missing
BRIDGES = 3


@dataclass(frozen=True)
class Evidence:
    """One profile against every occupation.

    values: (n_occupations, n_features), columns in the order of ``FEATURES``, all in [0, 1]
    doing, knowing, macro: (n_skills,) and context: (n_contexts,): the profile at length 1, by kind
    answered: (n_skills,) in [0, 1], how well the held skill that answers it best does; 0 for those held
    answered_by_others: the same, of held skills too: how well the other held ones do
    macro_count: (n_skills,) held skills under each macro-skill
    neighbours: (n_occupations,) occupations like the profile, weights adding up to 1, past ones left out
    own, onward, listing, siblings: (n_occupations,) the past occupations' lists; these without past occupations; who
        lists the past occupations; and the past occupations' families
    """

    graph: SkillGraph
    space: FeatureSpace
    profile: Profile
    values: Floats
    doing: Floats
    knowing: Floats
    macro: Floats
    context: Floats
    answered: Floats
    answered_by_others: Floats
    macro_count: Floats
    neighbours: Floats
    own: Floats
    onward: Floats
    listing: Floats
    siblings: Floats

    @classmethod
    def of(cls, graph: SkillGraph, space: FeatureSpace, profile: Profile) -> Self:
        """Computes every feature for every occupation."""
        past = np.array(profile.past, dtype=np.int64)
        vectors = _profile_vectors(graph, space, profile)
        cosines = {
            "doing": space.doing_unit @ vectors["doing"],
            "knowing": space.knowing_unit @ vectors["knowing"],
            "macro": space.macro_unit @ vectors["macro"],
            "context": space.context_unit @ vectors["context"],
        }
        content = blend(cosines)
        content[past] = 0.0
        lists = {"neighbours": sharpen(content), **_mobility_vectors(graph, space, past)}
        values = np.column_stack(
            [
                space.doing @ (profile.held > 0) / (space.doing_total + SHARE_PRIOR),
                space.doing @ vectors["answered"] / (space.doing_total + SHARE_PRIOR),
                cosines["doing"],
                cosines["knowing"],
                cosines["macro"],
                cosines["context"],
            ]
        )
        return cls(graph, space, profile, values, **vectors, **lists)

    @cached_property
    def is_held(self) -> NDArray[np.bool_]:
        """(n_skills,) whether each is held."""
        return self.profile.held > 0

    @cached_property
    def macro_length(self) -> float:
        """Length of the profile's macro-skills before they are scaled to 1."""
        return float(np.sqrt(((np.minimum(self.macro_count, MACRO_FULL) / MACRO_FULL) ** 2).sum()))

    @cached_property
    def held_by_macro(self) -> dict[int, list[int]]:
        """Columns of held skills by the macro-skill they are part of."""
        held = np.flatnonzero(self.is_held & (self.graph.macro_of >= 0))
        groups: dict[int, list[int]] = {}
        for skill, macro in zip(held.tolist(), self.graph.macro_of[held].tolist(), strict=True):
            groups.setdefault(macro, []).append(skill)
        return groups

    @cached_property
    def held_labels_by_macro(self) -> dict[int, tuple[str, ...]]:
        """Labels of the first ``BRIDGES`` of these: what a person knows already that is of a kind with something."""
        labels = self.graph.skill_labels
        return {
            macro: tuple([labels[skill] for skill in skills[:BRIDGES]]) for macro, skills in self.held_by_macro.items()
        }


def _profile_vectors(graph: SkillGraph, space: FeatureSpace, profile: Profile) -> dict[str, Floats]:
    """The profile's own side of each cosine; certifications are in none: they are not transferable."""
    held = np.flatnonzero(profile.held > 0)
    kind = graph.skill_kind[held]
    is_knowledge, is_certification = kind == KINDS.index("knowledge"), kind == KINDS.index("certification")
    weighted = profile.held[held] * space.idf[held]
    size = len(profile.held)
    answered_by_others = _answered(graph, profile.held > 0)
    answered = answered_by_others.copy()
    answered[held] = 0.0
    macro = graph.macro_of[held]
    macro_count = np.bincount(macro[macro >= 0], minlength=size).astype(np.float64)
    macros = np.flatnonzero(macro_count)
    return {
        "doing": _spread(size, held, unit(np.where(is_knowledge | is_certification, 0.0, weighted))),
        "knowing": _spread(size, held, unit(np.where(is_knowledge, weighted, 0.0))),
        "macro": _spread(size, macros, unit(np.minimum(macro_count[macros], MACRO_FULL) / MACRO_FULL)),
        "context": unit(profile.contexts * space.context_idf),
        "answered": answered,
        "answered_by_others": answered_by_others,
        "macro_count": macro_count,
    }


def _spread(size: int, at: NDArray[np.int64], values: Floats) -> Floats:
    whole = np.zeros(size)
    whole[at] = values
    return whole


def _answered(graph: SkillGraph, held: NDArray[np.bool_]) -> Floats:
    """(n_skills,) how well the held skill that answers each best does, itself apart."""
    answers = graph.answered_by
    best = np.zeros(len(held))
    some = np.flatnonzero(held[answers.indices])
    # the row of an entry is the last one that starts at it or before
    rows = np.searchsorted(answers.indptr, some, side="right") - 1
    np.maximum.at(best, rows, answers.data[some].astype(np.float64))
    return best


def _mobility_vectors(graph: SkillGraph, space: FeatureSpace, past: NDArray[np.int64]) -> dict[str, Floats]:
    """The lists around the past occupations. No entry leads back to a past occupation's own list of the target."""
    none = np.zeros(len(graph.codes))
    if past.size == 0:
        return {"own": none, "onward": none, "listing": none, "siblings": none}
    own, listing = _mean_row(space.moves, past), _mean_row(space.leads_from, past)
    siblings = none.copy()
    for row in past:
        alike = np.setdiff1d(np.flatnonzero((graph.family == graph.family[row]) & (graph.family >= 0)), past)
        siblings[alike] += 1 / max(len(alike), 1) / past.size
    onward = own.copy()
    onward[past] = 0.0
    listing[past] = 0.0
    return {"own": own, "onward": onward, "listing": listing, "siblings": siblings}


def _mean_row(matrix: csr_matrix, rows: NDArray[np.int64]) -> Floats:
    """(n_columns,) the mean of some rows; several times quicker than to slice the matrix."""
    total = np.zeros(matrix.shape[1])
    for row in rows.tolist():
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        total[matrix.indices[part]] += matrix.data[part]
    return total / len(rows)
