"""The names of places as arrays: found whole, by their beginning, by their words, or by nearly the same letters."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from ingest.territory_query import ARTICLES, key_words, name_words

#: letters that may be wrong in a text of this length at least, without blanks and articles; none in a shorter one
_TOLERANCE = ((4, 1), (8, 2), (13, 3))
#: names with the most trigrams in common that are compared letter by letter
_COMPARED = 200
#: a beginning shorter than this starts too many names
_SHORTEST_BEGINNING = 3
_SHORT = {"saint": "st", "sainte": "ste"}
_LAST = "\U0010ffff"

Ids = NDArray[np.int64]


def tolerance(length: int) -> int:
    """How many letters may be wrong in so many."""
    return max((wrong for at_least, wrong in _TOLERANCE if length >= at_least), default=0)


class NameTable:
    """(n_names,) names; every answer is an array of their positions."""

    def __init__(self, names: Sequence[str]) -> None:
        """names: as they are written ("L'Haÿ-les-Roses")."""
        words = [name_words(name) for name in names]
        self._full = _positions(" ".join(several) for several in words)
        keys = [key_words(several) for several in words]
        self._key = _positions(" ".join(several) for several in keys)
        self.joined = ["".join(several) for several in keys]
        self._joined = _positions_of_each(
            {form for several in pair for form in _glued(several)} for pair in zip(keys, words, strict=True)
        )
        begun = sorted((" ".join(several), place) for place, several in enumerate(keys))
        self._beginnings = [text for text, _ in begun]
        self._begun = np.array([place for _, place in begun], dtype=np.int64)
        self._word = _positions_of_each(keys)
        self._trigram = _positions_of_each([_trigrams(text) for text in self.joined])

    def whole(self, words: tuple[str, ...]) -> tuple[Ids, Ids]:
        """Names that are these words with their articles; names that are these words but for articles and blanks."""
        exact = self._full.get(" ".join(words), _NONE)
        key = key_words(words)
        alike = np.union1d(self._key.get(" ".join(key), _NONE), self._joined.get("".join(words), _NONE))
        return exact, np.setdiff1d(alike, exact)

    def begun(self, words: tuple[str, ...]) -> Ids:
        """Names that begin with these words, the last of which may be cut."""
        text = " ".join(key_words(words))
        if len(text) < _SHORTEST_BEGINNING:
            return _NONE
        start = bisect_left(self._beginnings, text)
        return self._begun[start : bisect_left(self._beginnings, text + _LAST, lo=start)]

    def containing(self, words: tuple[str, ...]) -> Ids:
        """Names that have each of these words."""
        found = [self._word.get(word, _NONE) for word in key_words(words)]
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
        lists = [self._trigram[trigram] for trigram in _trigrams(text) if trigram in self._trigram]
        if not lists:
            return _NONE
        shared = np.bincount(np.concatenate(lists), minlength=len(self.joined))
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


def _positions(texts: Iterable[str]) -> dict[str, Ids]:
    return _positions_of_each((text,) for text in texts)


def _positions_of_each(texts: Iterable[Iterable[str]]) -> dict[str, Ids]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, several in enumerate(texts):
        for text in dict.fromkeys(several):
            found[text].append(place)
    return {text: np.array(places, dtype=np.int64) for text, places in found.items()}
