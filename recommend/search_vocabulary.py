"""The words that the search knows: from a word as typed to the terms that it may stand for."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from graph.arrayset import ArraySet
from recommend.search_text import WORD_BYTES, content_words, masculine_candidates, sound, stem

#: shortest word that one typing error is forgiven in: below, real words are neighbours ("vente", "verte")
TYPO_LENGTH = 8
#: shortest sound that a word which nothing holds is known by
SOUND_LENGTH = 5
#: shortest beginning that is completed
PREFIX_LENGTH = 3
_MAX_COMPLETIONS = 40


@dataclass(frozen=True)
class Slot:
    """What one word of a query stands for: one term, or several where it is cut or misspelt.

    word:    the word as typed, folded
    terms:   (n,) int32, most likely first; empty where nothing is known
    share:   (n,) float64, sums to 1 where there are terms
    spelt:   the text whose characters are compared: a term's stem, or what was typed
    ended:   False where the word may go on (a beginning)
    factor:  weight against the other words, 1 unless the word hardly tells ("recherche", "poste")
    """

    word: str
    terms: NDArray[np.int32]
    share: NDArray[np.float64]
    spelt: str
    ended: bool = True
    factor: float = 1.0


@dataclass(frozen=True)
class Vocabulary(ArraySet):
    """Words and terms. A term is a stem; the two genders of a word are one term.

    surface:        (n_words,) bytes, folded words, sorted
    surface_term:   (n_words,) int32, term of each
    surface_titles: (n_words,) int32, titles that hold the word; 0 where only other texts do
    stem:           (n_stems,) bytes, sorted;  stem_term: (n_stems,) int32
    term:           (n_terms,) bytes, one stem of each
    sound:          (n_sounds,) bytes, how words of titles sound, sorted;  sound_term: (n_sounds,) int32
    pair:           (n_pairs,) bytes, two words that some titles write as one ("auto ecole"), sorted
    """

    surface: NDArray[Any]
    surface_term: NDArray[np.int32]
    surface_titles: NDArray[np.int32]
    stem: NDArray[Any]
    stem_term: NDArray[np.int32]
    term: NDArray[Any]
    sound: NDArray[Any]
    sound_term: NDArray[np.int32]
    pair: NDArray[Any]

    def words(self, text: str) -> list[str]:
        """Content words of a text; two that titles also write as one are one: "auto-école" -> ["autoecole"]."""
        return self.joined(content_words(text))

    def joined(self, words: list[str]) -> list[str]:
        """The words, with the pairs that titles also write as one made one."""
        found: list[str] = []
        for word in words:
            if found and _position(self.pair, f"{found[-1]} {word}") >= 0:
                found[-1] += word
            else:
                found.append(word)
        return found

    def terms(self, text: str) -> list[int]:
        """Known terms of a text, in their order."""
        return [term for term in map(self.term_of, self.words(text)) if term >= 0]

    def term_of(self, word: str) -> int:
        """Term of a folded word in whatever gender or number; -1 where it is unknown."""
        at = _position(self.surface, word)
        if at >= 0:
            return int(self.surface_term[at])
        at = _position(self.stem, stem(word))
        if at >= 0:
            return int(self.stem_term[at])
        for candidate in masculine_candidates(word):
            at = _position(self.surface, candidate)
            if at >= 0:
                return int(self.surface_term[at])
        return -1

    def in_titles(self, word: str) -> bool:
        """Whether some title holds the word."""
        at = _position(self.surface, word)
        return at >= 0 and int(self.surface_titles[at]) > 0

    def slot(self, word: str, *, last: bool) -> Slot:
        """What a folded word stands for.

        last: whether it is the last typed, which may go on: "elec", "develo"; earlier words are completed only where
            they are unknown
        """
        term = self.term_of(word)
        at = _position(self.surface, word)
        if at >= 0 and (not last or self.surface_titles[at] > 0):
            return self._one(word, term)
        completed = self._completed(word) if len(word) >= PREFIX_LENGTH else None
        if at >= 0 and (completed is None or len(word) >= TYPO_LENGTH):
            return self._one(word, term)
        if completed is not None and (last or term < 0):
            return completed
        if term >= 0:
            return self._one(word, term)
        return self._heard(word) or self._corrected(word) or Slot(word, _NO_TERMS, _NO_SHARE, stem(word))

    def _one(self, word: str, term: int) -> Slot:
        return Slot(word, np.array([term], np.int32), np.ones(1), self.term[term].decode())

    def _completed(self, word: str) -> Slot | None:
        start, end = (int(np.searchsorted(self.surface, _bytes(text))) for text in (word, word + "\x7f"))
        counts = np.asarray(self.surface_titles[start:end], dtype=np.float64)
        if not counts.sum():
            return None
        terms, place = np.unique(np.asarray(self.surface_term[start:end])[counts > 0], return_inverse=True)
        weight = np.bincount(place, counts[counts > 0])
        best = np.argsort(-weight, kind="stable")[:_MAX_COMPLETIONS]
        return Slot(word, terms[best].astype(np.int32), weight[best] / weight[best].sum(), word, ended=False)

    def _heard(self, word: str) -> Slot | None:
        heard = sound(word)
        at = _position(self.sound, heard) if len(heard) >= SOUND_LENGTH else -1
        return self._one(word, int(self.sound_term[at])) if at >= 0 else None

    def _corrected(self, word: str) -> Slot | None:
        if len(word) < TYPO_LENGTH:
            return None
        near = process.extract(word, self._texts, scorer=OSA.distance, score_cutoff=1, limit=8)
        if not near:
            return None
        # a word of the titles is likelier than a word of the texts; then the most frequent
        _, _, at = max(near, key=lambda found: (int(self.surface_titles[found[2]]), -found[2]))
        term = int(self.surface_term[at])
        return Slot(word, np.array([term], np.int32), np.ones(1), self.term[term].decode())

    @functools.cached_property
    def _texts(self) -> list[str]:
        # made at the first misspelt word only: opening an index stays free of loops
        return b"\n".join(self.surface.tolist()).decode().split("\n")


_NO_TERMS = np.zeros(0, np.int32)
_NO_SHARE = np.zeros(0)


def _bytes(text: str) -> bytes:
    return text.encode("ascii", "replace")[:WORD_BYTES]


def _position(column: NDArray[Any], text: str) -> int:
    """Row of a text in a sorted column of bytes; -1 where it is absent."""
    wanted = text.encode("ascii", "replace")[: column.dtype.itemsize]
    at = int(np.searchsorted(column, np.array(wanted, dtype=column.dtype)))
    return at if at < len(column) and column[at] == wanted else -1
