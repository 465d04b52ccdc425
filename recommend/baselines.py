"""What people would use instead of our ranking: known methods, as scorers of every pair of occupations.

Each takes a SkillGraph, reads its mobilities only where it says so, and gives (n_occupations, n_occupations) scores,
sources in rows. Nothing here is shared with the ranking: a baseline must not move when the ranking does.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array
from scipy.sparse.linalg import svds

from recommend.skillgraph import SkillGraph
from recommend.texts import text_cosine

Floats = NDArray[np.float64]
Baseline = Callable[[SkillGraph], Floats]

#: mean similarity above which Mapping Career Causeways takes a transition for viable, and for highly viable
VIABLE, HIGHLY_VIABLE = 0.30, 0.40
_CORE = 1.0


def popularity(graph: SkillGraph) -> Floats:
    """How many occupations list the target: reads the mobilities."""
    incoming = np.bincount(graph.moves.indices, minlength=len(graph.codes)).astype(np.float64)
    return np.tile(incoming, (len(graph.codes), 1))


def jaccard(graph: SkillGraph) -> Floats:
    """Shared over joint number of required skills (Jaccard 1901)."""
    links = graph.requires.astype(bool).astype(np.float64)
    shared = (links @ links.T).toarray()
    size = np.asarray(links.sum(axis=1)).ravel()
    joint = np.add.outer(size, size) - shared
    return np.asarray(np.divide(shared, joint, out=np.zeros_like(shared), where=joint > 0))


def idf_cosine(graph: SkillGraph) -> Floats:
    """Cosine of required skills weighted by inverse document frequency (Salton and Buckley 1988)."""
    return _cosine(_weighted(graph).toarray())


def truncated_svd(graph: SkillGraph, size: int = 100) -> Floats:
    """Cosine in the ``size`` first left singular directions of the weighted skills (Deerwester et al. 1990)."""
    weighted = _weighted(graph)
    left, values, _ = svds(weighted, k=min(size, min(weighted.shape) - 1), rng=np.random.default_rng(0))
    return _cosine(left * values)


def personalised_pagerank(graph: SkillGraph, restart: float = 0.15, steps: int = 8) -> Floats:
    """Walks with restart on the mobilities taken both ways (Page et al. 1999, Haveliwala 2002)."""
    moves = graph.moves.toarray() > 0
    both = (moves | moves.T).astype(np.float64)
    step = both / np.maximum(both.sum(axis=1, keepdims=True), 1)
    reached = np.eye(len(graph.codes))
    total = restart * reached
    for _ in range(steps):
        reached = (1 - restart) * reached @ step
        total += restart * reached
    return total


def mean_of_four(graph: SkillGraph) -> Floats:
    """Mean of four similarities, a quarter each, after Mapping Career Causeways (Kanders et al., Nesta 2020).

    There, for ESCO occupations: essential skills against essential skills; all skills of the origin against the
    essential ones of the destination; types of work activity; work context. Skills are compared by an "NLP-adjusted
    overlap": each skill of one is matched with the nearest of the other, by sentence embeddings, and the sum of the
    matches is divided by the number of skills (of the longer list, or of the destination's).

    Adapted here to what ROME has:
    - essential is ROME's "Principale" (``core``);
    - a skill matches itself by 1 and another by its SIMILAR_TO (0 where there is none), and may be matched twice;
    - work activities are macro-skills: cosine of how many required skills each holds;
    - work contexts are listed or not, where O*NET rates them: cosine.

    returns: (n_occupations, n_occupations) in [0, 1], not symmetric
    """
    core = csr_matrix((graph.requires >= _CORE).astype(np.float64))
    everything = csr_matrix((graph.requires > 0).astype(np.float64))
    size = np.asarray(core.sum(axis=1)).ravel()
    longer = np.maximum.outer(size, size)
    essential, all_to_essential = _answered(graph, core, core), _answered(graph, everything, core)
    facets = (
        np.divide(essential, longer, out=np.zeros_like(essential), where=longer > 0),
        np.divide(all_to_essential, size, out=np.zeros_like(all_to_essential), where=size > 0),
        _cosine(_by_macro(graph).toarray()),
        _cosine(graph.contexts.toarray().astype(np.float64)),
    )
    return np.asarray(sum(facets) / len(facets))


def mean_of_four_viable(graph: SkillGraph) -> Floats:
    """``mean_of_four`` with its threshold: what is not above ``VIABLE`` is not proposed, and ties at 0.

    Their second condition, O*NET job zones one apart at most, has no counterpart here: ROME rates no occupation so.
    """
    similarity = mean_of_four(graph)
    return np.where(similarity > VIABLE, similarity, 0.0)


#: those that need nothing but the graph
BASELINES: dict[str, Baseline] = {
    "popularity": popularity,
    "Jaccard": jaccard,
    "IDF cosine": idf_cosine,
    "mean of four": mean_of_four,
    "mean of four, viable": mean_of_four_viable,
    "truncated SVD": truncated_svd,
    "personalised PageRank": personalised_pagerank,
}


def with_texts(texts: Sequence[str]) -> dict[str, Baseline]:
    """``BASELINES`` and "TF-IDF text", whose scores are the same on every graph of these occupations.

    texts: (n_occupations,) as ``recommend.texts.occupation_texts`` gives them
    """
    cosine = text_cosine(texts)
    return {**BASELINES, "TF-IDF text": lambda _graph: cosine}


def _weighted(graph: SkillGraph) -> csr_matrix:
    having = np.bincount(graph.requires.indices, minlength=graph.requires.shape[1])
    idf = np.where(having > 0, np.log(graph.requires.shape[0] / np.maximum(having, 1)), 0.0)
    return csr_matrix(graph.requires.astype(bool).astype(np.float64) @ diags_array(idf))


def _by_macro(graph: SkillGraph) -> csr_matrix:
    """(n_occupations, n_skills) number of required skills of each macro-skill; columns of macro-skills only."""
    part = np.flatnonzero(graph.macro_of >= 0)
    member = csr_matrix(
        (np.ones(len(part)), (part, graph.macro_of[part])), shape=(len(graph.macro_of), len(graph.macro_of))
    )
    return csr_matrix(graph.requires.astype(bool).astype(np.float64) @ member)


def _answered(graph: SkillGraph, held: csr_matrix, asked: csr_matrix) -> Floats:
    """Sum over the skills asked of their best match among those held.

    held, asked: (n_occupations, n_skills) 0/1
    returns:     (n_occupations, n_occupations): what the row holds, of what the column asks
    """
    answers = graph.answered_by
    rows = np.flatnonzero(np.diff(answers.indptr))
    total = np.empty((held.shape[0], asked.shape[0]))
    for occupation in range(held.shape[0]):
        match = held[[occupation]].toarray().ravel()
        if len(rows):
            best = np.maximum.reduceat(answers.data * match[answers.indices], answers.indptr[rows])
            match[rows] = np.maximum(match[rows], best)
        total[occupation] = asked @ match
    return total


def _cosine(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.where(lengths > 0, lengths, 1.0)
    return np.asarray(unit @ unit.T)
