"""Evidence that a profile suits an occupation: one feature a kind of evidence, each a sum of parts one can name.

Every feature of a pair is computed without the pair's own mobility, in either direction, so that a mobility that
experts listed and one that nobody wrote down compare honestly: what a past occupation's own list says of an occupation
is never read, only what the lists of other occupations say, or what it says of other occupations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array, hstack

from recommend.arrayset import ArraySet
from recommend.skillgraph import KINDS, SkillGraph

Floats = NDArray[np.float64]

FEATURES = (
    "know-how-share",  # of what the occupation asks by way of know-how and soft skills, the share that is held
    "transferable-share",  # of the same, the share that a held skill answers, at least in part
    "know-how-cosine",
    "knowledge-cosine",
    "macro-skill-cosine",
    "context-cosine",
    "same-family",
    "same-grand-domain",
    "neighbours-move-there",  # occupations like the profile's lead there
    "moves-near-there",  # the past occupation leads to occupations like it
    "two-steps",  # a listed mobility leads to an occupation that leads there
    "listed-together",  # other occupations list both
    "siblings-move-there",  # occupations of the same family lead there
)
#: features that come from the mobility graph
FROM_MOBILITIES = frozenset(FEATURES[8:])

#: neighbours kept, and the power that sharpens their weights; the blend of cosines that finds them
_NEIGHBOURS = 30
_SHARPNESS = 1.5
_BLEND = {"doing": 0.5, "knowing": 0.35, "macro": 0.3, "context": 0.1}
#: links beyond this number under one macro-skill add nothing
_MACRO_FULL = 3.0
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
            "doing": _unit_rows(doing),
            "knowing": _unit_rows(_keep(weighted, kind == KINDS.index("knowledge"))),
            "macro": _unit_rows(under_macro(graph, graph.requires)),
            "context": _unit_rows(csr_matrix(graph.contexts @ diags_array(context_idf))),
        }
        scaled = hstack([units[name] * np.sqrt(part) for name, part in _BLEND.items()], format="csr")
        content = (scaled @ scaled.T).toarray()
        np.fill_diagonal(content, 0.0)
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
    counts.data = np.minimum(counts.data, _MACRO_FULL) / _MACRO_FULL
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


def unit(vector: Floats) -> Floats:
    """The vector at length 1, or 0 where it is 0."""
    length = np.linalg.norm(vector)
    return vector / length if length > 0 else vector


def _unit_rows(matrix: csr_matrix) -> csr_matrix:
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return csr_matrix(diags_array(1 / np.where(lengths > 0, lengths, 1.0)) @ matrix)


def _idf(links: csr_matrix) -> Floats:
    having = np.bincount(links.indices, minlength=links.shape[1])
    return np.where(having > 0, np.log(links.shape[0] / np.maximum(having, 1)), 0.0)


def _keep(matrix: csr_matrix, columns: NDArray[np.bool_]) -> csr_matrix:
    kept = csr_matrix(matrix @ diags_array(columns.astype(np.float64)))
    kept.eliminate_zeros()
    return kept
