"""From the graph's tables to the arrays that the search reads."""

from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from graph.strings import StringColumn
from graph.tables import GraphTables
from recommend.search_data import Postings, SearchData
from recommend.search_text import n_grams
from recommend.search_topics import latent_topics
from recommend.search_vocabulary import Vocabulary
from recommend.search_vocabulary_build import vocabulary_of

#: how often a title's words count in an occupation's text, against one for definition, skills and knowledge
_TITLE_WEIGHT = 3.0
#: words of what only some of those who do it need
_OTHER_SKILL_WEIGHT = 0.7


def search_data(tables: GraphTables) -> SearchData:
    """Arrays of every title and occupation of the tables; the same tables give the same arrays."""
    occupations = tables.nodes["Occupation"]
    titles = _titles(tables)
    skills = tables.nodes["Skill"]
    skills = skills[skills["codeOgr"].isin(tables.relationships["requires"]["end"])]
    vocabulary, read = vocabulary_of(
        {
            "title": [*titles["masculine"]],
            "feminine": [*titles["feminine"]],
            "definition": [*occupations["definition"].fillna("")],
            "skill": [*skills["label"]],
        }
    )
    n, v = len(occupations), len(vocabulary.term)
    occupation = titles["occupation"].to_numpy(np.int32)
    by_title = _incidence(read["title"], v)
    by_occupation = sp.csr_matrix((np.ones(len(titles)), (occupation, np.arange(len(titles)))), shape=(n, len(titles)))
    title_idf = _idf(by_title)

    definition = _counts(read["definition"], v)
    asked = _required(tables, occupations, skills)
    by_skill = _incidence(read["skill"], v)
    everything = (
        _TITLE_WEIGHT * by_occupation @ _counts(read["title"], v) + asked @ _counts(read["skill"], v) + definition
    ).tocsr()
    text_idf = _idf(everything)
    all_text = _vectors(everything, text_idf)
    term_topics, occupation_topics = latent_topics(all_text)

    gram, term_grams, title_norm = _characters(vocabulary, by_title)
    title_chars = sp.diags_array(1 / np.maximum(title_norm, 1e-9)) @ by_title
    occupation_chars = (by_occupation @ title_chars).tocsr()
    centre = np.sqrt(np.asarray((occupation_chars @ term_grams[0]).power(2).sum(axis=1)).ravel())
    heads = _heads(read["title"], occupation, n, v)
    return SearchData(
        vocabulary=vocabulary,
        code=StringColumn.of(occupations["codeRome"]),
        label=StringColumn.of(occupations["label"]),
        title=StringColumn.of(titles["label"]),
        title_ogr=StringColumn.of(titles["codeOgr"]),
        title_occupation=occupation,
        title_main=titles["main"].to_numpy(bool),
        title_start=np.searchsorted(occupation, np.arange(n + 1)).astype(np.int64),
        title_first=np.cumsum([0, *map(len, read["title"])]).astype(np.int32),
        title_word=np.array([term for title in read["title"] for term in title], np.int32),
        title_mass=np.asarray(by_title @ title_idf, np.float32),
        term_title_idf=title_idf.astype(np.float32),
        term_text_idf=text_idf.astype(np.float32),
        term_heads=_postings(heads),
        term_titles=_postings(by_title.T),
        term_grams=_postings(term_grams[0]),
        gram=gram,
        gram_idf=term_grams[1].astype(np.float32),
        title_chars=_postings(title_chars),
        occupation_chars=_postings(sp.diags_array(1 / np.maximum(centre, 1e-9)) @ occupation_chars),
        all_text=_postings(all_text.T),
        definition_text=_postings(_vectors(definition, text_idf).T),
        term_skills=_postings(by_skill.T),
        skill_mass=np.asarray(by_skill @ text_idf, np.float32),
        skill_occupations=_postings(asked.T),
        term_topics=term_topics,
        occupation_topics=occupation_topics,
        titles_log=np.log1p(np.bincount(occupation, minlength=n)).astype(np.float32),
    )


def _titles(tables: GraphTables) -> pd.DataFrame:
    """Titles with the row of their occupation, sorted by it, the main one first, then by code."""
    of = tables.relationships["title_of"]
    titles = tables.nodes["JobTitle"].merge(of, left_on="codeOgr", right_on="start", validate="1:1")
    titles["occupation"] = pd.Index(tables.nodes["Occupation"]["codeRome"]).get_indexer(pd.Index(titles["end"]))
    return titles.sort_values(["occupation", "main", "codeOgr"], ascending=[True, False, True], ignore_index=True)


def _required(tables: GraphTables, occupations: pd.DataFrame, skills: pd.DataFrame) -> sp.csr_matrix:
    requires = tables.relationships["requires"]
    rows = pd.Index(occupations["codeRome"]).get_indexer(pd.Index(requires["start"]))
    columns = pd.Index(skills["codeOgr"]).get_indexer(pd.Index(requires["end"]))
    weight = np.where(requires["importance"] == "other", _OTHER_SKILL_WEIGHT, 1.0)
    return sp.csr_matrix((weight, (rows, columns)), shape=(len(occupations), len(skills)))


def _counts(texts: list[list[int]], n_terms: int) -> sp.csr_matrix:
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    terms = np.fromiter((term for text in texts for term in text), np.int64, int(lengths.sum()))
    rows = np.repeat(np.arange(len(texts)), lengths)
    return sp.csr_matrix((np.ones(len(terms)), (rows, terms)), shape=(len(texts), n_terms))


def _incidence(texts: list[list[int]], n_terms: int) -> sp.csr_matrix:
    counts = _counts(texts, n_terms)
    counts.data[:] = 1.0
    return counts


def _idf(counts: sp.csr_matrix) -> NDArray[np.float64]:
    present = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.asarray(np.log((1 + counts.shape[0]) / (1 + present)) + 1)


def _vectors(counts: sp.csr_matrix, idf: NDArray[np.float64]) -> sp.csr_matrix:
    """Rows of norm 1: (1 + ln count) × idf."""
    weighted = counts.copy()
    weighted.data = np.maximum(1 + np.log(np.maximum(weighted.data, 1e-9)), 0.1)
    weighted = (weighted @ sp.diags_array(idf)).tocsr()
    norm = np.sqrt(np.asarray(weighted.power(2).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags_array(1 / np.maximum(norm, 1e-9)) @ weighted)


def _characters(
    vocabulary: Vocabulary, by_title: sp.csr_matrix
) -> tuple[NDArray[np.bytes_], tuple[sp.csr_matrix, NDArray[np.float64]], NDArray[np.float64]]:
    """Sorted n-grams, (terms × n-grams weighted by idf, idf), and the norm of each title's characters."""
    held = np.unique(by_title.indices).tolist()
    place: dict[str, int] = {}
    rows, columns = [], []
    for term in held:
        for gram in n_grams(vocabulary.term[term].decode()):
            rows.append(term)
            columns.append(place.setdefault(gram, len(place)))
    grams = np.array([*place], dtype="S7") if place else np.zeros(0, "S7")
    order = np.argsort(grams, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    counts = sp.csr_matrix((np.ones(len(rows)), (rows, rank[columns])), shape=(by_title.shape[1], len(grams)))
    titles = by_title @ counts
    idf = _idf(titles)
    weighted = (counts @ sp.diags_array(idf)).tocsr()
    norm = np.sqrt(np.asarray((by_title @ weighted).power(2).sum(axis=1)).ravel())
    return grams[order], (weighted, idf), norm


def _heads(texts: list[list[int]], occupation: NDArray[np.int32], n: int, v: int) -> sp.csr_matrix:
    begun = [(text[0], int(row)) for text, row in zip(texts, occupation, strict=True) if text]
    terms, rows = (np.array(column, np.int64) for column in zip(*begun, strict=True)) if begun else (_NONE, _NONE)
    heads = sp.csr_matrix((np.ones(len(terms)), (terms, rows)), shape=(v, n))
    rarity = np.log(n / np.maximum(np.diff(heads.indptr), 1))
    heads.data[:] = 1.0
    return sp.csr_matrix(sp.diags_array(rarity) @ heads)


def _postings(matrix: Any) -> Postings:
    rows = sp.csr_matrix(matrix)
    rows.sum_duplicates()
    return Postings(rows.indptr.astype(np.int32), rows.indices.astype(np.int32), rows.data.astype(np.float32))


_NONE = np.zeros(0, np.int64)
