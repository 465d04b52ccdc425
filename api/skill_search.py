"""Search of skills by their label, as a person types them: accents, capitals and word endings count little."""

import re

from rapidfuzz import fuzz, process

from api.reference import Reference
from graph.labels import fold

#: likeness of letters, in [0, 100], under which a word is not taken for another; and its least length
_LEAST_ALIKE = 80.0
_LEAST_LETTERS = 5
#: words that say nothing of a skill
_SMALL = frozenset(("a", "au", "aux", "avec", "dans", "de", "des", "du", "en", "et", "la", "le", "les", "ou", "par"))
_SMALL |= frozenset(("pour", "sur", "un", "une"))


def search_skills(reference: Reference, text: str, limit: int) -> list[tuple[int, str]]:
    """Columns of the skills that a text leads to, with what says why, best first.

    The label itself comes first, then labels with every word of the text, those that most occupations require first.
    A word that begins none of the labels' is taken for the one that is most like it; short ones never are.
    """
    wanted = fold(text)
    words = [word for word in re.split(r"[\s']+", wanted) if len(word) > 1 and word not in _SMALL] or [wanted]
    found = _with_words(reference, words)
    why = "mots du libellé"
    if not found:
        found, why = _with_words(reference, [_spelt(reference, word) for word in words]), "orthographe voisine"
    ranked = sorted(
        (
            reference.folded[column] != wanted,
            not reference.folded[column].startswith(wanted),
            -reference.required_by[column],
            column,
        )
        for column in found
    )
    return [(column, why if other else "libellé exact") for other, _, _, column in ranked[:limit]]


def _with_words(reference: Reference, words: list[str]) -> list[int]:
    stems = [_stem(word) for word in words]
    return [
        column
        for column, label in enumerate(reference.folded)
        if all(stem in label for stem in stems) and all(_begins_a_word(stem, label) for stem in stems)
    ]


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 4 else word


def _spelt(reference: Reference, word: str) -> str:
    if len(word) < _LEAST_LETTERS or any(known.startswith(_stem(word)) for known in reference.words):
        return word
    found = process.extractOne(word, reference.words, scorer=fuzz.ratio, score_cutoff=_LEAST_ALIKE)
    return word if found is None else found[0]


def _begins_a_word(stem: str, label: str) -> bool:
    at = label.find(stem)
    while at > 0 and label[at - 1].isalnum():
        at = label.find(stem, at + 1)
    return at >= 0
