"""What is published of an occupation beside its skills: its texts as vectors, its sectors, its interests.

It is needed to learn and to build, never to answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_matrix, diags_array, hstack

from graph.tables import GraphTables
from recommend.texts import occupation_texts, occupation_titles, text_cosine
from recommend.units import unit_rows, unit_sparse_rows

#: directions kept of the texts (Deerwester et al. 1990): 50 to 300 differ by less than the folds do
_DIRECTIONS = 150
_SECTORS = ("in_sector", "in_sub_sector", "in_naf_division")
_INTERESTS = ("has_interest", "has_theme", "occupation_riasec")


@dataclass(frozen=True)
class Content:
    """Unit rows, one an occupation, by code; 0 where nothing is published.

    text:      (n_occupations, at most 150) letters of label, definition, titles and skills, by truncated SVD
    title:     (n_occupations, at most 150) the same of label and titles alone
    sectors:   (n_occupations, n_sectors) sectors, subsectors and NAF divisions, by inverse document frequency
    interests: (n_occupations, n_interests) interests, themes and RIASEC types, likewise
    """

    text: NDArray[np.float32]
    title: NDArray[np.float32]
    sectors: csr_matrix
    interests: csr_matrix

    @classmethod
    def of(cls, tables: GraphTables) -> Self:
        """Reads no mobility; the same tables give the same vectors."""
        return cls(
            text=_directions(occupation_texts(tables)),
            title=_directions(occupation_titles(tables)),
            sectors=_groups(tables, _SECTORS),
            interests=_groups(tables, _INTERESTS),
        )


def _directions(texts: Sequence[str]) -> NDArray[np.float32]:
    # the left singular vectors of the weights are the eigenvectors of their cosines, and those are many times quicker
    size = min(_DIRECTIONS, len(texts))
    values, vectors = eigh(text_cosine(texts), subset_by_index=(len(texts) - size, len(texts) - 1))
    return np.asarray(unit_rows(vectors * np.sqrt(np.maximum(values, 0.0))), dtype=np.float32)


def _groups(tables: GraphTables, names: Sequence[str]) -> csr_matrix:
    occupations = pd.Index(tables.nodes["Occupation"]["codeRome"])
    blocks = []
    for name in names:
        links = tables.relationships[name]
        groups = pd.Index(links["end"].unique()).sort_values()
        at = (occupations.get_indexer(links["start"]), groups.get_indexer(links["end"]))
        blocks.append(csr_matrix((np.ones(len(links)), at), shape=(len(occupations), len(groups))))
    linked = csr_matrix(hstack(blocks, format="csr"))
    having = np.bincount(linked.indices, minlength=linked.shape[1])
    weighted = csr_matrix(linked @ diags_array(np.log(len(occupations) / np.maximum(having, 1))))
    return unit_sparse_rows(weighted)
