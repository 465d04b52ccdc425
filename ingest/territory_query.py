"""What a person types for a place, taken apart: words, postcode, number of a department or an arrondissement."""

import re
from dataclasses import dataclass

from graph.labels import fold

#: what is longer is no place
MAX_TYPED = 200
#: words that people leave out or add
ARTICLES = frozenset({"l", "le", "la", "les", "d", "de", "du", "des"})
#: cities with municipal arrondissements
CITIES = frozenset({"paris", "lyon", "marseille"})

_ABBREVIATIONS = {
    "st": "saint",
    "ste": "sainte",
    "sts": "saints",
    "stes": "saintes",
    "ss": "sous",
    "nd": "notre dame",
}
_SLASHED = re.compile(r"\bs/\s*|/s\b")
_SIGNS = re.compile(r"[^a-z0-9]+")
_CEDEX = re.compile(r"\bcedex\b(?:\s+\d{1,2}\b)?")
_FIVE = re.compile(r"\d{5}|2[ab]\d{3}")
_DEPARTMENT = re.compile(r"\d{1,3}|2[ab]")
_ORDINAL = re.compile(r"(\d{1,2})(?:er|e|eme|ieme|nd)?")
_UNITS = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_ROMAN = {ten + unit: number for number, (ten, unit) in enumerate((t, u) for t in ("", "x") for u in _UNITS) if number}
_ROMAN |= {"xx": 20}
_NOISE = frozenset({"arrondissement", "arrondissements", "ardt", "arr"})
_OFFICES = frozenset({"commune", "ville", "mairie"})


@dataclass(frozen=True)
class PlaceQuery:
    """A typed text, taken apart.

    words:          folded words in their order, abbreviations written out, without the parts below
    code:           five signs that are a postcode or INSEE's code, in capitals
    department:     code that a department's number would be ("93", "01", "2A", "974"), known or not
    arrondissement: number of the arrondissement, where the words name a city that has some
    cedex:          the word CEDEX was there
    """

    words: tuple[str, ...]
    code: str | None
    department: str | None
    arrondissement: int | None
    cedex: bool


def parse(typed: str) -> PlaceQuery:
    """Takes a typed place apart; whatever was typed, something comes out."""
    folded = _SIGNS.sub(" ", _SLASHED.sub(" sur ", fold(typed[:MAX_TYPED])))
    cedex = _CEDEX.search(folded) is not None
    words = _CEDEX.sub(" ", folded).split()
    code = next((word.upper() for word in words if _FIVE.fullmatch(word)), None)
    words = [word for word in words if not _FIVE.fullmatch(word)]
    city = next((word for word in words if word in CITIES), None)
    arrondissement = None
    if city:
        rest = [word for word in words if word not in _NOISE and word not in ARTICLES and word != city]
        arrondissement = _ordinal(rest[0]) if len(rest) == 1 else None
    department = None
    if len(words) > 1 and _DEPARTMENT.fullmatch(words[-1]):
        department = words.pop().upper().zfill(2)
    elif len(words) == 1 and code is None and _DEPARTMENT.fullmatch(words[0]):
        department, words = words[0].upper().zfill(2), []
    if arrondissement is not None and city:
        words = [city]
    return PlaceQuery(tuple(expand(words)), code, department, arrondissement, cedex)


def without_office(words: tuple[str, ...]) -> tuple[str, ...]:
    """ "ville de nantes" -> "nantes"; the same words where they do not begin so."""
    return words[2:] if len(words) > 2 and words[0] in _OFFICES and words[1] in ARTICLES else words


def name_words(name: str) -> tuple[str, ...]:
    """The words of a place's name, folded and written out: "L'Haÿ-les-Roses" -> ("l", "hay", "les", "roses")."""
    return tuple(expand(_SIGNS.sub(" ", _SLASHED.sub(" sur ", fold(name))).split()))


def expand(words: list[str]) -> list[str]:
    """Abbreviations written out: st -> saint."""
    return " ".join(_ABBREVIATIONS.get(word, word) for word in words).split()


def key_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without articles; all of them where nothing else is left."""
    return tuple(word for word in words if word not in ARTICLES) or words


def _ordinal(word: str) -> int | None:
    found = _ORDINAL.fullmatch(word)
    return int(found[1]) if found else _ROMAN.get(word)
