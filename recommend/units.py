"""Vectors and rows at length 1, so that their products are cosines."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array

Floats = NDArray[np.float64]


def unit(vector: Floats) -> Floats:
    """The vector at length 1, or 0 where it is 0."""
    # not by BLAS: for one short vector, waking its threads costs a hundred times the sum
    length = np.sqrt((vector * vector).sum())
    return vector / length if length > 0 else vector


def unit_rows(rows: Floats) -> Floats:
    """The rows at length 1, or 0 where they are 0; same shape."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1))


def unit_sparse_rows(rows: csr_matrix) -> csr_matrix:
    """``unit_rows`` of a sparse matrix."""
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return csr_matrix(diags_array(1 / np.where(lengths > 0, lengths, 1.0)) @ rows)
