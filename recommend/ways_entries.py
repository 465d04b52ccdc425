"""Rows of a sparse matrix laid end to end, so that the ways to twenty occupations are computed in one go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommend.features import Floats

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Entries:
    """What some rows hold, in the order of the rows, then of the columns.

    rows, places: (n_entries,) the row of each entry, and its place among the rows that were asked for
    columns, values: (n_entries,)
    width: number of columns of the matrix
    """

    rows: Ints
    places: Ints
    columns: Ints
    values: Floats
    width: int

    @classmethod
    def of(cls, matrix: csr_matrix, rows: Sequence[int]) -> Self:
        """The entries of some rows.

        matrix: (n, width), the columns of each row sorted
        """
        chosen = np.asarray(rows, dtype=np.int64)
        start = matrix.indptr[chosen].astype(np.int64)
        length = matrix.indptr[chosen + 1] - start
        places = np.repeat(np.arange(len(chosen)), length)
        # each entry's place in the matrix: its row's start, then one after the other
        at = np.arange(len(places)) + np.repeat(start - (np.cumsum(length) - length), length)
        columns = matrix.indices[at].astype(np.int64)
        return cls(chosen[places], places, columns, matrix.data[at].astype(np.float64), matrix.shape[1])

    @property
    def keys(self) -> Ints:
        """(n_entries,) ascending, one number for a place and a column."""
        return key(self.places, self.columns, self.width)

    def kept(self, some: NDArray[np.bool_]) -> "Entries":
        """Those of ``some``: (n_entries,)."""
        return Entries(self.rows[some], self.places[some], self.columns[some], self.values[some], self.width)

    def at(self, keys: Ints) -> Floats:
        """The values of some keys, 0 where there is no entry; the shape of ``keys``."""
        own = self.keys
        if not own.size:
            return np.zeros(keys.shape)
        at = np.minimum(np.searchsorted(own, keys), own.size - 1)
        return np.where(own[at] == keys, self.values[at], 0.0)


def key(places: Ints, columns: Ints, width: int) -> Ints:
    """One number for a place and a column, in the order of both."""
    return places * width + columns


def cosine_loss(cosine: Floats, own: Floats, theirs: Floats) -> Floats:
    """What a cosine of unit vectors loses when one coordinate of the first is taken away and the rest scaled to 1."""
    left = 1 - own**2
    return np.where(left > 1e-12, cosine - (cosine - own * theirs) / np.sqrt(np.maximum(left, 1e-12)), cosine)
