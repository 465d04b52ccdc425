"""What is written about each occupation, and its letters counted."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array

from graph.labels import fold
from graph.tables import GraphTables

#: letters of the shortest and the longest run counted
_SHORTEST, _LONGEST = 2, 5
#: columns of the product taken at once: (n_documents, _BLOCK) numbers in memory
_BLOCK = 8192


def occupation_texts(tables: GraphTables) -> list[str]:
    """Label, definition, titles and labels of the required skills of each occupation, one text each, by code.

    No mobility is read. What is missing (a definition) is left out.
    """
    occupations = tables.nodes["Occupation"].set_index("codeRome")
    parts = pd.concat(
        [
            occupations["label"],
            occupations["definition"].dropna(),
            _labels(tables, "title_of", "JobTitle", owner="end", named="start"),
            _labels(tables, "requires", "Skill", owner="start", named="end"),
        ]
    )
    joined = parts.groupby(level=0).agg("\n".join)
    return [str(text) for text in joined.reindex(occupations.index)]


def occupation_titles(tables: GraphTables) -> list[str]:
    """Label and titles of each occupation, one text each, by code."""
    occupations = tables.nodes["Occupation"].set_index("codeRome")
    parts = pd.concat([occupations["label"], _labels(tables, "title_of", "JobTitle", owner="end", named="start")])
    joined = parts.groupby(level=0).agg("\n".join)
    return [str(text) for text in joined.reindex(occupations.index)]


def text_cosine(texts: Sequence[str]) -> NDArray[np.float64]:
    """Cosine of texts by the TF-IDF of their runs of 2 to 5 letters within words (Salton and Buckley 1988).

    Accents and capitals are folded; a word counts with a blank on either side, so that its beginning and end are told
    apart; term frequency enters by 1 + ln.

    returns: (n_texts, n_texts) in [0, 1]; 0 for a text without a word
    """
    weights = letter_weights(texts)
    own = np.asarray(weights.multiply(weights).sum(axis=1)).ravel()
    unit = weights.tocsc()
    # a run of one text alone brings no two together: it counts in the text's length only
    unit = unit[:, np.diff(unit.indptr) > 1]
    total = np.zeros((len(texts), len(texts)))
    for start in range(0, unit.shape[1], _BLOCK):
        block = unit[:, start : start + _BLOCK].toarray()
        total += block @ block.T
    np.fill_diagonal(total, own > 0)
    return np.clip(total, 0.0, 1.0)


def letter_weights(texts: Sequence[str]) -> csr_matrix:
    """(n_texts, n_runs) TF-IDF of the runs of letters that ``text_cosine`` compares, rows of length 1 or 0."""
    counts = _run_counts(texts)
    counts.data = 1 + np.log(counts.data)
    having = np.bincount(counts.indices, minlength=counts.shape[1])
    weighted = csr_matrix(counts @ diags_array(np.log(counts.shape[0] / np.maximum(having, 1))))
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return csr_matrix(diags_array(1 / np.where(lengths > 0, lengths, 1.0)) @ weighted)


def _run_counts(texts: Sequence[str]) -> csr_matrix:
    """(n_texts, n_runs) how often each run of letters stands in each text: by its words, each cut up once."""
    of_words, words = _counts([_words(text) for text in texts])
    of_runs, _ = _counts([_runs(word) for word in words])
    return csr_matrix(of_words @ of_runs)


def _words(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in fold(text)).split()


def _runs(word: str) -> list[str]:
    padded = f" {word} "
    sizes = range(_SHORTEST, _LONGEST + 1)
    return [padded[at : at + size] for size in sizes for at in range(len(padded) - size + 1)]


def _counts(documents: Sequence[Sequence[str]]) -> tuple[csr_matrix, list[str]]:
    """(n_documents, n_terms) counts, and the terms."""
    term_at: dict[str, int] = {}
    columns = [term_at.setdefault(term, len(term_at)) for document in documents for term in document]
    rows = np.repeat(np.arange(len(documents)), [len(document) for document in documents])
    shape = (len(documents), len(term_at))
    # what stands twice in one place is added up
    return csr_matrix((np.ones(len(columns)), (rows, np.array(columns, dtype=np.int64))), shape=shape), list(term_at)


def _labels(tables: GraphTables, table: str, node: str, *, owner: str, named: str) -> "pd.Series[str]":
    """Labels of the nodes at one end of the links, under the code of the occupation at the other."""
    links, nodes = tables.relationships[table], tables.nodes[node]
    label = pd.Series(nodes["label"].to_numpy(), index=nodes["codeOgr"].to_numpy())
    return pd.Series(links[named].map(label).to_numpy(), index=links[owner].to_numpy())
