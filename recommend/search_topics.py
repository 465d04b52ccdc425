"""Latent topics of occupations' texts: words that stand in the same occupations come to mean alike.

Deerwester et al., "Indexing by latent semantic analysis", 1990; the truncated decomposition is that of Halko,
Martinsson and Tropp, "Finding structure with randomness", 2011, with a fixed draw.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

_TOPICS = 200
_OVERSAMPLE = 20
_ITERATIONS = 2
_SEED = 1901
_TINY = 1e-12


def latent_topics(text: sp.csr_matrix) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    """Topics of terms and of occupations.

    text:    (n, v), rows of norm 1
    returns: (v, k) directions of the terms, and (n, k) occupations, rows of norm 1; k is 200 or fewer
    """
    n, v = text.shape
    size = min(n, v, _TOPICS + _OVERSAMPLE)
    draw = np.random.default_rng(_SEED).standard_normal((v, size))
    basis = _orthonormal(text @ draw)
    for _ in range(_ITERATIONS):
        basis = _orthonormal(text @ (text.T @ basis))
    small = text.T @ basis
    squared, left = np.linalg.eigh(small.T @ small)
    strongest = np.argsort(-squared, kind="stable")[: min(size, _TOPICS)]
    strength = np.sqrt(np.maximum(squared[strongest], _TINY))
    terms = small @ (left[:, strongest] / strength)
    occupations = (basis @ left[:, strongest]) * strength
    norm = np.linalg.norm(occupations, axis=1, keepdims=True)
    return terms.astype(np.float16), (occupations / np.maximum(norm, _TINY)).astype(np.float32)


def _orthonormal(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Orthonormal columns of the same span, through the small square matrix: far quicker than a QR decomposition."""
    squared, directions = np.linalg.eigh(columns.T @ columns)
    return np.asarray(columns @ (directions / np.sqrt(np.maximum(squared, _TINY))))
