"""What people would use instead of our ranking: known methods, as scorers of every pair of occupations.

Each takes a SkillGraph, reads its mobilities only where it says so, and gives (n_occupations, n_occupations) scores.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array
from scipy.sparse.linalg import svds

from recommend.features import FeatureSpace
from recommend.skillgraph import SkillGraph

Floats = NDArray[np.float64]


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


BASELINES: dict[str, Callable[[SkillGraph], Floats]] = {
    "popularity": popularity,
    "Jaccard": jaccard,
    "IDF cosine": idf_cosine,
    "truncated SVD": truncated_svd,
    "personalised PageRank": personalised_pagerank,
}


def _weighted(graph: SkillGraph) -> csr_matrix:
    return csr_matrix(graph.requires.astype(bool).astype(np.float64) @ diags_array(FeatureSpace.of(graph).idf))


def _cosine(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.where(lengths > 0, lengths, 1.0)
    return np.asarray(unit @ unit.T)
