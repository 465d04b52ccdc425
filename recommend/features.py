"""Evidence in a person's own skills and contexts that an occupation suits: read anew for each profile.

What the past occupation itself says, whoever held it, is in ``recommend.likeness`` and ``recommend.mobility``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array, hstack

from graph.arrayset import ArraySet
from recommend.requirements import Requirements
from recommend.skillgraph import KINDS, SkillGraph
from recommend.units import unit_sparse_rows

Floats = NDArray[np.float64]

FEATURES = (
    "know-how-share",  # of what the occupation asks by way of know-how and soft skills, the share that is held
    "transferable-share",  # of the same, the share that a held skill answers, at least in part
    "know-how-cosine",
    "knowledge-cosine",
    "macro-skill-cosine",
    "context-cosine",
)

#: neighbours kept, and the power that sharpens their weights; the blend of cosines that finds them
_NEIGHBOURS = 30
_SHARPNESS = 1.5
_BLEND = {"doing": 0.5, "knowing": 0.35, "macro": 0.3, "context": 0.1}
#: links beyond this number under one macro-skill add nothing
MACRO_FULL = 3.0
#: nats of required know-how added to every occupation, so that one that asks next to nothing is not "all held"
SHARE_PRIOR = 5.0


@dataclass(frozen=True)
class FeatureSpace(ArraySet):
    """What the features need, made once from a SkillGraph. Rows are occupations; ``*_unit`` rows have length 1 or 0."""

    #: (n_skills,) and (n_contexts,) inverse document frequency in nats; 0 where nothing requires it
    idf: Floats
    context_idf: Floats
    #: (n_skills,) number of occupations that require it
    requiring: NDArray[np.int64]
    #: (n_occupations, n_skills) importance times idf of know-how and soft skills, and their sum a row
    doing: csr_matrix
    doing_total: Floats
    doing_unit: csr_matrix
    knowing_unit: csr_matrix
    #: (n_occupations, n_skills) columns of macro-skills only
    macro_unit: csr_matrix
    context_unit: csr_matrix
    #: (n_occupations, n_occupations) weights of the most similar occupations by content; rows add up to 1
    similar: csr_matrix
    #: (n_occupations, n_occupations) 0/1
    moves: csr_matrix
    #: (n_occupations, n_occupations) the same, transposed: for an occupation, those that lead to it
    leads_from: csr_matrix

    @classmethod
    def of(cls, graph: SkillGraph) -> Self:
        """Computes the space; the same graph gives the same arrays."""
        idf, context_idf = _idf(graph.requires), _idf(graph.contexts)
        kind = graph.skill_kind
        is_doing = (kind == KINDS.index("know-how")) | (kind == KINDS.index("soft"))
        weighted = csr_matrix(graph.requires @ diags_array(idf))
        doing = _keep(weighted, is_doing)
        units = {
            "doing": unit_sparse_rows(doing),
            "knowing": unit_sparse_rows(_keep(weighted, kind == KINDS.index("knowledge"))),
            "macro": unit_sparse_rows(under_macro(graph, graph.requires)),
            "context": unit_sparse_rows(csr_matrix(graph.contexts @ diags_array(context_idf))),
        }
        scaled = hstack([units[name] * np.sqrt(part) for name, part in _BLEND.items()], format="csr")
        content = (scaled @ scaled.T).toarray()
        np.fill_diagonal(content, 0.0)
        for matrix in (doing, *units.values()):
            # so that one value of a row is found by bisection
            matrix.sort_indices()
        moves = graph.moves.copy()
        moves.data = np.ones_like(moves.data)
        return cls(
            idf=idf,
            context_idf=context_idf,
            requiring=np.bincount(graph.requires.indices, minlength=len(graph.skill_codes)),
            doing=doing,
            doing_total=np.asarray(doing.sum(axis=1), dtype=np.float64).ravel(),
            doing_unit=units["doing"],
            knowing_unit=units["knowing"],
            macro_unit=units["macro"],
            context_unit=units["context"],
            similar=csr_matrix(np.apply_along_axis(sharpen, 1, content)),
            moves=moves,
            leads_from=csr_matrix(moves.T),
        )

    def requirements_of(self, graph: SkillGraph, occupation: int) -> Requirements:
        """What an occupation asks; kept, as the next person is likely to be proposed it too."""
        if occupation not in self._requirements:
            self._requirements[occupation] = Requirements.of(graph, self.idf, occupation)
        return self._requirements[occupation]

    @cached_property
    def _requirements(self) -> dict[int, Requirements]:
        return {}


def under_macro(graph: SkillGraph, links: csr_matrix) -> csr_matrix:
    """How much of each macro-skill the rows' know-how and soft skills make, in [0, 1].

    links:   (n_rows, n_skills), any positive value is a link
    returns: (n_rows, n_skills), columns of macro-skills only; 1 from three links on
    """
    linked = np.flatnonzero(graph.macro_of >= 0)
    ones = np.ones(len(linked))
    size = (len(graph.macro_of), len(graph.macro_of))
    counts = csr_matrix(
        (links > 0).astype(np.float64) @ csr_matrix((ones, (linked, graph.macro_of[linked])), shape=size)
    )
    counts.data = np.minimum(counts.data, MACRO_FULL) / MACRO_FULL
    return counts


def sharpen(content: Floats) -> Floats:
    """Keeps the most similar occupations and makes their weights add up to 1 (to 0 where nothing is similar).

    content: (n_occupations,) blended cosine, 0 where an occupation must not count
    """
    if len(content) > _NEIGHBOURS:
        content = np.where(content >= np.partition(content, -_NEIGHBOURS)[-_NEIGHBOURS], content, 0.0)
    weights = content**_SHARPNESS
    total = weights.sum()
    return weights / total if total > 0 else weights


def blend(cosines: Mapping[str, Floats]) -> Floats:
    """The cosine by which occupations are neighbours: know-how first, then knowledge, macro-skills, contexts."""
    total = np.zeros_like(next(iter(cosines.values())))
    for name, part in _BLEND.items():
        total += cosines[name] * part
    return total


def _idf(links: csr_matrix) -> Floats:
    having = np.bincount(links.indices, minlength=links.shape[1])
    return np.where(having > 0, np.log(links.shape[0] / np.maximum(having, 1)), 0.0)


def _keep(matrix: csr_matrix, columns: NDArray[np.bool_]) -> csr_matrix:
    kept = csr_matrix(matrix @ diags_array(columns.astype(np.float64)))
    kept.eliminate_zeros()
    return kept
