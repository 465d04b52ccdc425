"""What speaks for a held skill answering a required one: words, their company, act, macro-skill and vectors."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from embeddings.triples import Entity
from embeddings.vectors import Vectors
from embeddings.words import NO_ACT, Wording, meanings, read_label, tf_idf, unit_vectors
from graph.tables import GraphTables

#: certifications are held or not: none answers another
ANSWERING = ("know-how", "soft", "knowledge")
#: columns of ``measure``, each in [0, 1]
FEATURES = ("words", "meaning", "same_act", "macro", "vectors")
_LEAST_WORDS = 0.25
_BLOCK = 1024


@dataclass(frozen=True)
class SkillSet:
    """The skills that occupations require, and what is known of each; axis: skills ordered by code.

    codes, labels, kinds: (n,) text
    wordings:  one a skill
    macro:     (n,) number of its macro-skill, -1 for none
    asked_by:  (n, n_occupations) 0/1
    words:     (n, n_terms) rows of length 1 (0 where no word is left)
    meaning:   (n, size) rows of length 1: the company that its words keep
    vectors:   (n, size) rows of length 1 (0 for a skill without a vector), or None: nothing was learned for these data
    """

    codes: NDArray[np.str_]
    labels: NDArray[np.str_]
    kinds: NDArray[np.str_]
    wordings: tuple[Wording, ...]
    macro: NDArray[np.int64]
    asked_by: csr_matrix
    words: csr_matrix
    meaning: NDArray[np.float32]
    vectors: NDArray[np.float32] | None

    @classmethod
    def of(cls, tables: GraphTables, vectors: Vectors | None) -> "SkillSet":
        """The used skills of the tables; vectors of other data must have been refused before."""
        links = tables.relationships["requires"]
        skills = tables.nodes["Skill"]
        skills = skills[skills["kind"].isin(ANSWERING) & skills["codeOgr"].isin(links["end"])]
        codes = skills["codeOgr"].to_numpy(dtype=str)
        links = links[links["end"].isin(skills["codeOgr"])]
        occupations = pd.Index(tables.nodes["Occupation"]["codeRome"])
        where = (pd.Index(codes).get_indexer(links["end"]), occupations.get_indexer(links["start"]))
        wordings: tuple[Wording, ...] = tuple(read_label(label) for label in skills["label"])
        asked_by = csr_matrix((np.ones(len(links)), where), shape=(len(codes), len(occupations)))
        words = tf_idf([sorted(wording.spelling) for wording in wordings])
        is_macro = skills["macro"].to_numpy(dtype=bool)
        macro = _member(codes, tables.relationships["skill_in_macro"])
        return cls(
            codes=codes,
            labels=skills["label"].to_numpy(dtype=str),
            kinds=skills["kind"].to_numpy(dtype=str),
            wordings=wordings,
            # a macro-skill is a member of itself: it is asked as such
            macro=_numbered(np.where(is_macro, codes, macro)),
            asked_by=asked_by,
            words=words,
            meaning=meanings(words, asked_by),
            vectors=None if vectors is None else _vectors_of(codes, vectors),
        )

    def __len__(self) -> int:
        return len(self.codes)


def candidates(skills: SkillSet) -> NDArray[np.int64]:
    """(n_pairs, 2) pairs (held, required) worth measuring, both ways round, sorted: those whose words are alike enough.

    With less than ``_LEAST_WORDS`` in common no pair comes near the threshold of SIMILAR_TO (least seen there: 0.31).
    """
    found = [np.empty((0, 2), dtype=np.int64)]
    for start in range(0, len(skills), _BLOCK):
        likeness = csr_matrix(skills.words[start : start + _BLOCK] @ skills.words.T).tocoo()
        alike = likeness.data >= _LEAST_WORDS
        found.append(np.column_stack([likeness.row[alike] + start, likeness.col[alike]]).astype(np.int64))
    pairs = np.concatenate(found)
    pairs = pairs[may_answer(skills, pairs)]
    return np.asarray(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))])


def may_answer(skills: SkillSet, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n_pairs,) whether holding the first could answer the second at all; no score says otherwise.

    - each is asked by an occupation that does not ask the other: else nothing is carried from one to another;
    - both are about teaching, or neither is: doing is not teaching;
    - what is only known ("Connaissance des bois") does not answer what is done ("Choisir les bois").
    """
    held, required = pairs[:, 0], pairs[:, 1]
    asked = np.asarray(skills.asked_by.sum(axis=1)).ravel()
    both = np.asarray(skills.asked_by[held].multiply(skills.asked_by[required]).sum(axis=1)).ravel()
    teaching = np.array([wording.teaching for wording in skills.wordings], dtype=bool)
    done = (skills.kinds != "knowledge") | np.array([wording.act_first for wording in skills.wordings], dtype=bool)
    possible = (
        (held != required)
        & (both < asked[held])
        & (both < asked[required])
        & (teaching[held] == teaching[required])
        & (done[held] | ~(skills.kinds[required] == "know-how"))
    )
    return np.asarray(possible)


def same_spelling(skills: SkillSet, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n_pairs,) whether the two labels are one skill written twice ("Techniques de soudage", "Soudage")."""
    spelling = [wording.spelling for wording in skills.wordings]
    same = np.zeros(len(pairs), dtype=bool)
    # the same words have a cosine of 1: few pairs are left to compare
    for place in np.flatnonzero(_row_products(skills.words, pairs) > 0.999):
        held, required = pairs[place]
        same[place] = spelling[held] == spelling[required]
    return same


def measure(skills: SkillSet, pairs: NDArray[np.int64]) -> NDArray[np.float32]:
    """(n_pairs, len(FEATURES)) in [0, 1]; negative cosines are 0, as are those of a skill without a vector."""
    held, required = pairs[:, 0], pairs[:, 1]
    act = np.array([wording.act for wording in skills.wordings], dtype=str)
    columns = [
        _row_products(skills.words, pairs),
        _row_products(skills.meaning, pairs),
        (act[held] == act[required]) & (act[held] != NO_ACT),
        _same(skills.macro, pairs),
        np.zeros(len(pairs)) if skills.vectors is None else _row_products(skills.vectors, pairs),
    ]
    return np.clip(np.column_stack([np.asarray(column, dtype=np.float32) for column in columns]), 0, 1)


def _row_products(rows: csr_matrix | NDArray[np.float32], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    parts = [np.empty(0)]
    for start in range(0, len(pairs), 200_000):
        held, required = pairs[start : start + 200_000].T
        if isinstance(rows, csr_matrix):
            parts.append(np.asarray(rows[held].multiply(rows[required]).sum(axis=1)).ravel())
        else:
            parts.append(np.einsum("ij,ij->i", rows[held], rows[required]).astype(np.float64))
    return np.concatenate(parts)


def _same(group: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    held, required = group[pairs[:, 0]], group[pairs[:, 1]]
    return np.asarray((held == required) & (held >= 0))


def _member(codes: NDArray[np.str_], links: pd.DataFrame) -> NDArray[np.str_]:
    """Group of each skill, "" where it has none."""
    group = pd.Series(links["end"].to_numpy(dtype=object), index=links["start"].to_numpy(dtype=object))
    return group.reindex(codes).fillna("").to_numpy(dtype=str)


def _numbered(groups: NDArray[np.str_]) -> NDArray[np.int64]:
    numbers = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    return np.where(groups == "", -1, numbers)


def _vectors_of(codes: NDArray[np.str_], vectors: Vectors) -> NDArray[np.float32]:
    entities: list[Entity] = [("Skill", code) for code in codes]
    return unit_vectors(vectors.of(entities))
