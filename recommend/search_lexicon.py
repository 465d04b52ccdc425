"""Everyday French: words that no title has and what they mean, employers, regions, words that tell nothing.

``everyday.tsv`` has three columns: kind, phrase, meaning. Its lines are French vocabulary, whatever ROME holds:

- ``sens``: the phrase means one of the texts in ``meaning``, separated by ``|``; each is searched as if typed
- ``employeur``: the name of an employer; ``meaning`` is its trade as if typed, or blank where it has too many
- ``lieu``: a place, not a trade
- ``faible``: a word that says little of the occupation (a diploma's level, "recherche"): it weighs less
- ``bruit``: a word that says nothing of it (a contract, a working time): it is left out
"""

import csv
import importlib.resources
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from graph.arrayset import ArraySet
from graph.strings import StringColumn
from recommend.search_text import stem
from recommend.search_vocabulary import Vocabulary

Kind = Literal["sens", "employeur", "lieu", "faible", "bruit"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: longest phrase, in words
PHRASE_WORDS = 5
_KEY_BYTES = 128


@dataclass(frozen=True)
class Found:
    """A phrase of the lexicon in a query: words ``start`` to ``end`` (excluded)."""

    start: int
    end: int
    kind: Kind
    phrase: str
    meanings: tuple[str, ...]


@dataclass(frozen=True)
class Lexicon(ArraySet):
    """The lexicon, ready to look up.

    key:      (n,) bytes, the phrase's words, sorted: as terms or stems for a meaning, after "=" as written for others
    kind:     (n,) uint8, place in ``KINDS``
    phrase, meaning: (n,) texts
    """

    key: NDArray[Any]
    kind: NDArray[np.uint8]
    phrase: StringColumn
    meaning: StringColumn

    @classmethod
    def of(cls, lines: list[tuple[Kind, str, str]], vocabulary: Vocabulary) -> "Lexicon":
        """The lexicon of (kind, phrase, meaning); of two lines with one key the first stays."""
        rows: dict[bytes, tuple[Kind, str, str]] = {}
        for line in lines:
            rows.setdefault(_key(vocabulary, vocabulary.words(line[1]), meant=line[0] == "sens"), line)
        keys = sorted(rows)
        return cls(
            np.array(keys, dtype=f"S{_KEY_BYTES}"),
            np.array([KINDS.index(rows[key][0]) for key in keys], np.uint8),
            StringColumn.of(rows[key][1] for key in keys),
            StringColumn.of(rows[key][2] for key in keys),
        )

    def find(self, words: list[str], vocabulary: Vocabulary) -> list[Found]:
        """Phrases of the lexicon in the words, the longest first come, none over another."""
        found = []
        start = 0
        while start < len(words):
            for end in range(min(len(words), start + PHRASE_WORDS), start, -1):
                at = self._row(_key(vocabulary, words[start:end], meant=False))
                if at < 0:
                    at = self._row(_key(vocabulary, words[start:end], meant=True))
                if at >= 0:
                    meanings = tuple(text for text in self.meaning[at].split("|") if text)
                    found.append(Found(start, end, KINDS[self.kind[at]], self.phrase[at], meanings))
                    start = end - 1
                    break
            start += 1
        return found

    def _row(self, key: bytes) -> int:
        wanted = np.array(key, dtype=self.key.dtype)
        at = int(np.searchsorted(self.key, wanted))
        return at if at < len(self.key) and self.key[at] == wanted else -1


def read_everyday() -> list[tuple[Kind, str, str]]:
    """The lines of ``everyday.tsv``, which ships with the package.

    raises: ValueError naming the line that is not three columns of a known kind
    """
    text = importlib.resources.files("recommend").joinpath("everyday.tsv").read_text(encoding="utf-8")
    lines: list[tuple[Kind, str, str]] = []
    rows = csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    for number, row in enumerate(rows, 1):
        if not row or row[0].startswith("#"):
            continue
        kind = next((kind for kind in KINDS if kind == row[0]), None)
        if kind is None or len(row) != 3 or not row[1] or (kind == "sens" and not row[2]):
            raise ValueError(f"everyday.tsv, line {number}: expected kind, phrase and meaning, found {row}")
        lines.append((kind, row[1], row[2]))
    return lines


def _key(vocabulary: Vocabulary, words: list[str], *, meant: bool) -> bytes:
    """The words as gender and number leave them, where a meaning is looked up; else as they are written, since
    "Securitas" is not "sécurité" nor "recrute" "recrutement"."""
    if not meant:
        return ("=" + " ".join(words)).encode("ascii", "replace")[:_KEY_BYTES]
    parts = []
    for word in words:
        term = vocabulary.term_of(word)
        parts.append(vocabulary.term[term] if term >= 0 else stem(word).encode("ascii", "replace"))
    return b" ".join(parts)[:_KEY_BYTES]
