"""One profile weighed against every occupation, and the nameable parts that each feature is the sum of."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommend.features import FEATURES, SHARE_PRIOR, FeatureSpace, Floats, blend, sharpen, under_macro, unit
from recommend.profile import Profile
from recommend.skillgraph import KINDS, SkillGraph

PartKind = Literal[
    "skill",
    "answered",
    "macro-skill",
    "context",
    "family",
    "grand-domain",
    "neighbour",
    "near-there",
    "stepping-stone",
    "listed-together",
    "sibling",
]
#: experts list about ten mobilities an occupation: what counts as "all of them" in the two-step features
_FULL_LIST = 10.0


@dataclass(frozen=True)
class Parts:
    """The nameable parts of one feature for one occupation; amounts are positive and add up to the feature's value.

    index:  (n_parts,) columns of skills or contexts, or rows of the occupations in between; -1 for a family
    amount: (n_parts,)
    """

    kind: PartKind
    index: NDArray[np.int64]
    amount: Floats


@dataclass(frozen=True)
class Evidence:
    """One profile against every occupation.

    values: (n_occupations, n_features), columns in the order of ``FEATURES``, all in [0, 1]
    doing, knowing, macro: (n_skills,) and context: (n_contexts,): the profile at length 1, by kind
    answered: (n_skills,) in [0, 1], how well the held skill that answers it best does; 0 for those held
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
                np.isin(graph.family, graph.family[past]) & (graph.family >= 0),
                np.isin(graph.grand_domain, graph.grand_domain[past]),
                np.sqrt(space.leads_from @ lists["neighbours"]),
                np.sqrt(space.similar @ lists["own"]),
                np.sqrt(np.minimum(space.leads_from @ lists["onward"] / _FULL_LIST, 1.0)),
                np.sqrt(np.minimum(space.leads_from @ lists["listing"] / _FULL_LIST, 1.0)),
                np.sqrt(space.leads_from @ lists["siblings"]),
            ]
        )
        return cls(graph, space, profile, values, **vectors, **lists)

    def parts(self, feature: str, occupation: int) -> Parts:
        """What a feature's value for an occupation is made of."""
        value = self.values[occupation, FEATURES.index(feature)]
        if feature not in self._sources:
            kind: PartKind = "family" if feature == "same-family" else "grand-domain"
            return Parts(kind, np.full(int(value > 0), -1), np.full(int(value > 0), value))
        matrix, vector, kind = self._sources[feature]
        row = slice(matrix.indptr[occupation], matrix.indptr[occupation + 1])
        amount = matrix.data[row] * vector[matrix.indices[row]]
        there = amount > 0
        amount = amount[there]
        # a feature is its parts' sum, scaled, rooted or capped: each part keeps its share
        amount = amount * (value / amount.sum()) if amount.size else amount
        return Parts(kind, matrix.indices[row][there].astype(np.int64), amount)

    @cached_property
    def held_by_macro(self) -> dict[int, list[int]]:
        """Columns of held skills by the macro-skill they are part of."""
        held = np.flatnonzero((self.profile.held > 0) & (self.graph.macro_of >= 0))
        groups: dict[int, list[int]] = {}
        for skill, macro in zip(held.tolist(), self.graph.macro_of[held].tolist(), strict=True):
            groups.setdefault(macro, []).append(skill)
        return groups

    @cached_property
    def _sources(self) -> dict[str, tuple[csr_matrix, Floats, PartKind]]:
        """For the features that are sums: the matrix and the vector whose products they add up, and what each names."""
        space = self.space
        return {
            "know-how-share": (space.doing, (self.profile.held > 0).astype(np.float64), "skill"),
            "transferable-share": (space.doing, self.answered, "answered"),
            "know-how-cosine": (space.doing_unit, self.doing, "skill"),
            "knowledge-cosine": (space.knowing_unit, self.knowing, "skill"),
            "macro-skill-cosine": (space.macro_unit, self.macro, "macro-skill"),
            "context-cosine": (space.context_unit, self.context, "context"),
            "moves-near-there": (space.similar, self.own, "near-there"),
            "neighbours-move-there": (space.leads_from, self.neighbours, "neighbour"),
            "two-steps": (space.leads_from, self.onward, "stepping-stone"),
            "listed-together": (space.leads_from, self.listing, "listed-together"),
            "siblings-move-there": (space.leads_from, self.siblings, "sibling"),
        }


def _profile_vectors(graph: SkillGraph, space: FeatureSpace, profile: Profile) -> dict[str, Floats]:
    """The profile's own side of each cosine; certifications are in none: they are not transferable."""
    weighted = profile.held * space.idf
    is_knowledge = graph.skill_kind == KINDS.index("knowledge")
    is_certification = graph.skill_kind == KINDS.index("certification")
    return {
        "doing": unit(np.where(is_knowledge | is_certification, 0.0, weighted)),
        "knowing": unit(np.where(is_knowledge, weighted, 0.0)),
        "macro": unit(under_macro(graph, csr_matrix(profile.held[None, :])).toarray().ravel()),
        "context": unit(profile.contexts * space.context_idf),
        "answered": _answered(graph, profile),
    }


def _answered(graph: SkillGraph, profile: Profile) -> Floats:
    answers = graph.answered_by
    score = answers.data * (profile.held > 0)[answers.indices]
    best = np.zeros(len(profile.held))
    some = np.flatnonzero(np.diff(answers.indptr))
    if some.size:
        best[some] = np.maximum.reduceat(score, answers.indptr[some])
    best[profile.held > 0] = 0.0
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
