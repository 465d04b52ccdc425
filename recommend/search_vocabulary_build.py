"""The vocabulary of the texts of the tables, and the texts in its terms."""

import itertools
from collections import Counter
from collections.abc import Mapping

import numpy as np

from graph.labels import same_word
from recommend.search_text import WORD_BYTES, content_words_of, hyphenated, sound, stems
from recommend.search_vocabulary import SOUND_LENGTH, Vocabulary


def vocabulary_of(texts: Mapping[str, list[str]]) -> tuple[Vocabulary, dict[str, list[list[int]]]]:
    """The vocabulary, and the terms of each text in their order; a title's once each.

    texts: "title" and "feminine" are the two forms of the same titles; others under any name
    """
    read = {name: content_words_of(group) for name, group in texts.items()}
    pairs = _pairs(
        [*texts["title"], *texts["feminine"]], {word for group in read.values() for text in group for word in text}
    )
    firsts = {first for first, _ in pairs}
    read = {
        name: [text if firsts.isdisjoint(text) else _joined(text, pairs) for text in group]
        for name, group in read.items()
    }
    in_titles = Counter(
        word
        for masculine, feminine in zip(read["title"], read["feminine"], strict=True)
        for word in {*masculine, *feminine}
    )
    surface = sorted({word[:WORD_BYTES] for group in read.values() for text in group for word in text})
    stem_of = dict(zip(surface, stems(surface), strict=True))
    chief = _genders(read["title"], read["feminine"], stem_of)
    names = sorted({chief(found) for found in stem_of.values()})
    number = {name: place for place, name in enumerate(names)}
    term_of = {word: number[chief(found)] for word, found in stem_of.items()}
    known_stems = sorted({*stem_of.values()})
    heard: dict[str, str] = {}
    for word in surface:
        if in_titles[word] and len(word) > SOUND_LENGTH:
            other = heard.setdefault(sound(word), word)
            if in_titles[word] > in_titles[other]:
                heard[sound(word)] = word
    sounds = sorted(heard)
    vocabulary = Vocabulary(
        surface=_column(surface),
        surface_term=np.fromiter(term_of.values(), np.int32, len(term_of)),
        surface_titles=np.fromiter((in_titles[word] for word in surface), np.int32, len(surface)),
        stem=_column(known_stems),
        stem_term=np.array([number[chief(found)] for found in known_stems], np.int32),
        term=_column(names),
        sound=_column(sounds),
        sound_term=np.array([term_of[heard[one]] for one in sounds], np.int32),
        pair=np.array(sorted(f"{a} {b}".encode() for a, b in pairs), dtype=f"S{2 * WORD_BYTES + 1}"),
    )
    terms = {name: [[term_of[word[:WORD_BYTES]] for word in text] for text in group] for name, group in read.items()}
    # of a word said twice the last place counts: "homme sage-femme" begins like "sage-femme"
    once = [[*dict.fromkeys(reversed(text))][::-1] for text in terms["title"]]
    return vocabulary, terms | {"title": once}


def _pairs(titles: list[str], known: set[str]) -> set[tuple[str, str]]:
    """Words that a title ties by a hyphen and another text writes as one: ("bio", "informaticien")."""
    return {
        (a, b) for title in titles for tied in hyphenated(title) for a, b in itertools.pairwise(tied) if a + b in known
    }


def _joined(text: list[str], pairs: set[tuple[str, str]]) -> list[str]:
    found: list[str] = []
    for word in text:
        if found and (found[-1], word) in pairs:
            found[-1] += word
        else:
            found.append(word)
    return found


def _genders(masculine: list[list[str]], feminine: list[list[str]], stem_of: Mapping[str, str]) -> "_Chief":
    chief = _Chief()
    for one, other in zip(masculine, feminine, strict=True):
        if len(one) != len(other):
            continue
        for a, b in zip(one, other, strict=True):
            if a != b and same_word(a, b):
                chief.unite(stem_of[a[:WORD_BYTES]], stem_of[b[:WORD_BYTES]])
    return chief


class _Chief:
    """The stem that stands for all stems of the genders of a word."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def __call__(self, stem: str) -> str:
        while stem in self._above:
            stem = self._above[stem]
        return stem

    def unite(self, masculine: str, feminine: str) -> None:
        a, b = self(masculine), self(feminine)
        if a != b:
            self._above[b] = a


def _column(words: list[str]) -> "np.ndarray[tuple[int], np.dtype[np.bytes_]]":
    return np.array([word.encode() for word in words], dtype=f"S{WORD_BYTES}")
