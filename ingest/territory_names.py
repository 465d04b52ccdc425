"""The names of places as arrays: found whole, by their beginning, by their words, or by nearly the same letters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from graph.arrayset import ArraySet
from graph.strings import StringColumn
from graph.textindex import TextIndex
from ingest.territory_query import ARTICLES, key_words, name_words

#: letters that may be wrong in a text of this length at least, without blanks and articles; none in a shorter one
_TOLERANCE = ((4, 1), (8, 2), (13, 3))
#: names with the most trigrams in common that are compared letter by letter
_COMPARED = 200
#: a beginning shorter than this starts too many names
_SHORTEST_BEGINNING = 3
_SHORT = {"saint": "st", "sainte": "ste"}

Ids = NDArray[np.int64]


def tolerance(length: int) -> int:
    """How many letters may be wrong in so many."""
    return max((wrong for at_least, wrong in _TOLERANCE if length >= at_least), default=0)


@dataclass(frozen=True)
class NameTable(ArraySet):
    """(n_names,) names; every answer is an array of their positions.

    joined:  the words of each without articles and blanks
    full, key, glued: names by their words, by those without articles, by those without blanks
    word, trigram:    names by each of their words without articles, by each three letters of ``joined``
    """

    joined: StringColumn
    full: TextIndex
    key: TextIndex
    glued: TextIndex
    word: TextIndex
    trigram: TextIndex

    @classmethod
    def of(cls, names: Sequence[str]) -> Self:
        """names: as they are written ("L'Haÿ-les-Roses")."""
        words = [name_words(name) for name in names]
        keys = [key_words(several) for several in words]
        joined = ["".join(several) for several in keys]
        return cls(
            StringColumn.of(joined),
            _index([" ".join(several)] for several in words),
            _index([" ".join(several)] for several in keys),
            _index({form for several in pair for form in _glued(several)} for pair in zip(keys, words, strict=True)),
            _index(keys),
            _index(_trigrams(text) for text in joined),
        )

    def whole(self, words: tuple[str, ...]) -> tuple[Ids, Ids]:
        """Names that are these words with their articles; names that are these words but for articles and blanks."""
        exact = self.full.get(" ".join(words))
        key = key_words(words)
        alike = np.union1d(self.key.get(" ".join(key)), self.glued.get("".join(words)))
        return exact, np.setdiff1d(alike, exact)

    def begun(self, words: tuple[str, ...]) -> Ids:
        """Names that begin with these words, the last of which may be cut."""
        text = " ".join(key_words(words))
        if len(text) < _SHORTEST_BEGINNING:
            return _NONE
        return self.key.rows_of(self.key.begun(text))

    def containing(self, words: tuple[str, ...]) -> Ids:
        """Names that have each of these words."""
        found = [self.word.get(word) for word in key_words(words)]
        ids = found[0]
        for others in found[1:]:
            ids = np.intersect1d(ids, others)
        return ids

    def alike(self, words: tuple[str, ...], among: Ids | None = None) -> tuple[Ids, Ids]:
        """Names within the tolerance, and how many letters differ (optimal string alignment distance).

        among: only these; None compares those with the most trigrams in common
        """
        text = "".join(key_words(words))
        # "de la" is no misspelling of anything
        allowed = 0 if ARTICLES.issuperset(words) else tolerance(len(text))
        if not allowed:
            return _NONE, _NONE
        ids = self._sharing(text) if among is None else among
        pairs = process.extract(
            text, [self.joined[place] for place in ids], scorer=OSA.distance, score_cutoff=allowed, limit=None
        )
        near = np.array([place for _, _, place in pairs], dtype=np.int64)
        return ids[near], np.array([distance for _, distance, _ in pairs], dtype=np.int64)

    def _sharing(self, text: str) -> Ids:
        lists = [self.trigram.get(trigram) for trigram in _trigrams(text)]
        shared = np.bincount(np.concatenate(lists), minlength=len(self.joined))
        if not shared.any():
            return _NONE
        if np.count_nonzero(shared) > _COMPARED:
            most = np.argpartition(shared, -_COMPARED)[-_COMPARED:]
            # what has as many in common as the last of them is compared too
            return np.flatnonzero(shared >= shared[most].min()) if shared[most].min() > 1 else np.sort(most)
        return np.flatnonzero(shared)


_NONE: Ids = np.zeros(0, dtype=np.int64)


def _glued(words: tuple[str, ...]) -> set[str]:
    """The words without blanks, "saint" written out or not: "saintetienne", "stetienne"."""
    return {"".join(words), "".join(_SHORT.get(word, word) for word in words)}


def _trigrams(text: str) -> set[str]:
    marked = f"^{text}$"
    return {marked[start : start + 3] for start in range(len(marked) - 2)}


def _index(texts: Iterable[Iterable[str]]) -> TextIndex:
    return TextIndex.of((text, place) for place, several in enumerate(texts) for text in dict.fromkeys(several))
