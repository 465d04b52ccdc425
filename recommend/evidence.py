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
        lists = {"neighbours": sharpen(content), **_mobility_vectors(graph, space.moves, past)}
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
        held = np.flatnonzero((self.profile.held > 0) & (self.graph.macro_of >= 0))
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
    weighted = profile.held * space.idf
    is_knowledge = graph.skill_kind == KINDS.index("knowledge")
    is_certification = graph.skill_kind == KINDS.index("certification")
    answered = _answered(graph, profile)
    macro = graph.macro_of[(profile.held > 0) & (graph.macro_of >= 0)]
    macro_count = np.bincount(macro, minlength=len(profile.held)).astype(np.float64)
    return {
        "doing": unit(np.where(is_knowledge | is_certification, 0.0, weighted)),
        "knowing": unit(np.where(is_knowledge, weighted, 0.0)),
        "macro": unit(np.minimum(macro_count, MACRO_FULL) / MACRO_FULL),
        "context": unit(profile.contexts * space.context_idf),
        "answered": np.where(profile.held > 0, 0.0, answered),
        "answered_by_others": answered,
        "macro_count": macro_count,
    }


def _answered(graph: SkillGraph, profile: Profile) -> Floats:
    """(n_skills,) how well the held skill that answers each best does, itself apart."""
    answers = graph.answered_by
    score = answers.data * (profile.held > 0)[answers.indices]
    best = np.zeros(len(profile.held))
    some = np.flatnonzero(np.diff(answers.indptr))
    if some.size:
        best[some] = np.maximum.reduceat(score, answers.indptr[some])
    return best


def _mobility_vectors(graph: SkillGraph, moves: csr_matrix, past: NDArray[np.int64]) -> dict[str, Floats]:
    """The lists around the past occupations. No entry leads back to a past occupation's own list of the target."""
    none = np.zeros(len(graph.codes))
    if past.size == 0:
        return {"own": none, "onward": none, "listing": none, "siblings": none}
    own = np.asarray(moves[past].mean(axis=0)).ravel().astype(np.float64)
    listing = np.asarray(moves[:, past].mean(axis=1)).ravel().astype(np.float64)
    siblings = none.copy()
    for row in past:
        alike = np.setdiff1d(np.flatnonzero((graph.family == graph.family[row]) & (graph.family >= 0)), past)
        siblings[alike] += 1 / max(len(alike), 1) / past.size
    onward = own.copy()
    onward[past] = 0.0
    listing[past] = 0.0
    return {"own": own, "onward": onward, "listing": listing, "siblings": siblings}
