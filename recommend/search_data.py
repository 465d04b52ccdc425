"""What the search reads: titles and occupations in terms, as arrays."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from graph.arrayset import ArraySet
from graph.strings import StringColumn
from recommend.search_vocabulary import Vocabulary


@dataclass(frozen=True)
class Postings(ArraySet):
    """A sparse matrix, row by row.

    indptr:  (n_rows + 1,) int32
    indices: (n_stored,) int32, columns of each row
    data:    (n_stored,) float32
    """

    indptr: NDArray[np.int32]
    indices: NDArray[np.int32]
    data: NDArray[np.float32]

    def row(self, row: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Columns and values of a row."""
        start, end = self.indptr[row], self.indptr[row + 1]
        return self.indices[start:end], self.data[start:end]

    def dot(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Product with a dense column: shape (n_rows,)."""
        return np.asarray(self._matrix @ vector[: self._matrix.shape[1]], np.float32)

    @functools.cached_property
    def _matrix(self) -> csr_matrix:
        # columns past the last stored one have nothing to add
        shape = (len(self.indptr) - 1, int(self.indices.max(initial=-1)) + 1)
        return csr_matrix((self.data, self.indices, self.indptr), shape=shape, copy=False)

    def gather(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Stored columns of some rows: for each, the place of its row in ``rows``, and the column."""
        start, count = self.indptr[rows], self.indptr[rows + 1] - self.indptr[rows]
        place = np.repeat(np.arange(len(rows)), count)
        within = np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
        return place, self.indices[np.repeat(start, count) + within]

    def combine(self, rows: NDArray[np.int32], weights: NDArray[np.float64], n_columns: int) -> NDArray[np.float64]:
        """Sum of weighted rows, dense: shape (n_columns,)."""
        total = np.zeros(n_columns)
        for row, weight in zip(rows.tolist(), weights.tolist(), strict=True):
            columns, values = self.row(row)
            total[columns] += weight * values
        return total


@dataclass(frozen=True)
class SearchData(ArraySet):
    """Occupations (n), titles (t, sorted by occupation), terms (v), n-grams (g).

    code, label:       (n,) codeRome and label of each occupation
    title, title_ogr:  (t,) labels and codes;  title_occupation: (t,) int32;  title_main: (t,) bool
    title_start:       (n + 1,) int64, rows of an occupation's titles
    title_first:       (t + 1,) int32, first row of each title's words in ``title_word``: its terms in their order
    title_mass:        (t,) float32, summed weight of a title's terms
    term_title_idf:    (v,) float32, inverse document frequency over titles, in nats, 1 or more
    term_text_idf:     (v,) float32, the same over occupations' texts
    term_heads:        rows v, columns n: occupations of the titles that begin with the term, inverse frequency
    term_titles:       rows v, columns t: 1 where the title holds the term
    term_grams:        rows v, columns g: weighted characters of the terms that titles hold
    gram:              (g,) bytes, sorted;  gram_idf: (g,) float32
    title_chars:       rows t, columns v: each title's terms over the norm of its characters
    occupation_chars:  rows n, columns v: the same, summed over its titles
    all_text, definition_text:  rows v, columns n, each occupation's vector of norm 1
    term_skills:       rows v, columns s: 1 where the skill's label holds the term
    skill_mass:        (s,) float32, summed weight of a skill's terms
    skill_occupations: rows s, columns n: occupations that ask for the skill
    term_topics:       (v, k) float16;  occupation_topics: (n, k) float32, rows of norm 1: latent topics
    titles_log:        (n,) float32, ln(1 + titles)
    """

    vocabulary: Vocabulary
    code: StringColumn
    label: StringColumn
    title: StringColumn
    title_ogr: StringColumn
    title_occupation: NDArray[np.int32]
    title_main: NDArray[np.bool_]
    title_start: NDArray[np.int64]
    title_first: NDArray[np.int32]
    title_word: NDArray[np.int32]
    title_mass: NDArray[np.float32]
    term_title_idf: NDArray[np.float32]
    term_text_idf: NDArray[np.float32]
    term_heads: Postings
    term_titles: Postings
    term_grams: Postings
    gram: NDArray[Any]
    gram_idf: NDArray[np.float32]
    title_chars: Postings
    occupation_chars: Postings
    all_text: Postings
    definition_text: Postings
    term_skills: Postings
    skill_mass: NDArray[np.float32]
    skill_occupations: Postings
    term_topics: NDArray[np.float16]
    occupation_topics: NDArray[np.float32]
    titles_log: NDArray[np.float32]
