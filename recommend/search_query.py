"""A query as typed: what is refused, codes, and the readings to search for."""

import re
from dataclasses import dataclass, replace

from recommend.search_lexicon import Found, Lexicon
from recommend.search_text import folded
from recommend.search_vocabulary import Slot, Vocabulary

#: longest query, in characters
MAX_LENGTH = 2000
#: content words that are read; the rest of a longer text is left out
_MAX_WORDS = 24
_MAX_MEANINGS = 4
_FAINT = 0.25
#: log-odds that the less likely of what was typed and what it means loses; and each later meaning
_DOUBT = 1.5
_LATER = 0.4

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_DIGITS = re.compile(r"\+?\d(?:[\s.\-/()]{0,2}\d|[\s.\-]?2[abAB](?=[\s.\-]?\d)){7,}")
_CODE = re.compile(r"\b([A-Na-n]\d{4})\b")
#: "35h", "2x8", "3e", "h24": hours, shifts and ranks
_SCHEDULE = re.compile(r"(?:\d+(?:h\d*|x\d+|e|er|eme|k)|h\d+)")

REFUSED = (
    "Ce texte ressemble à {} : il n'est ni cherché ni conservé. Écrivez un métier, une activité ou une compétence."
)
TOO_LONG = f"Texte trop long : {MAX_LENGTH} caractères au plus."
EMPTY = "Écrivez un métier, une activité ou une compétence."
TOO_SHORT = "Texte trop court : écrivez au moins deux lettres."
ONLY_SMALL = "Ces mots ne désignent aucun métier : ajoutez un nom de métier, une activité ou une compétence."
EMPLOYER = "« {} » est le nom d'un employeur, pas d'un métier."
PLACE = "« {} » est un lieu, pas un métier : indiquez le territoire à part."
UNKNOWN_CODE = "Le code {} n'est celui d'aucun métier de cette version du ROME."


@dataclass(frozen=True)
class Reading:
    """One way to understand a query.

    slots:    what each word stands for, in their order, no term twice
    everyday: whether the lexicon gave it
    doubt:    log-odds that it loses against the other readings of the query
    """

    slots: tuple[Slot, ...]
    everyday: bool = False
    doubt: float = 0.0


@dataclass(frozen=True)
class Query:
    """A query that has been read.

    codes:    ROME codes in it, upper case, in their order
    readings: none where there is nothing to search for
    refused:  whether it must be neither shown nor kept: personal, or too long to look
    notice:   what to tell, in French
    """

    codes: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()
    refused: bool = False
    notice: str | None = None


def read_query(text: str, vocabulary: Vocabulary, lexicon: Lexicon) -> Query:
    """Reads a text of any length and any characters; raises nothing."""
    if len(text) > MAX_LENGTH:
        return Query(refused=True, notice=TOO_LONG)
    personal = personal_kind(text)
    if personal:
        return Query(refused=True, notice=REFUSED.format(personal))
    codes = tuple(dict.fromkeys(code.upper() for code in _CODE.findall(text)))
    words = [word for word in vocabulary.words(_CODE.sub(" ", text)) if not _SCHEDULE.fullmatch(word)][:_MAX_WORDS]
    found = lexicon.find(words, vocabulary)
    if not _without(words, [one for one in found if one.kind == "bruit"]):
        return Query(codes, notice=None if codes else _nothing(text))
    place = next((one for one in found if one.kind == "lieu"), None)
    employer = next((one for one in found if one.kind == "employeur"), None)
    notice = EMPLOYER.format(employer.phrase) if employer else None
    if _without(words, [one for one in found if one.kind in ("bruit", "faible", "employeur", "lieu")]):
        return Query(codes, _readings(words, found, vocabulary), notice=notice)
    if employer is None and place is not None:
        return Query(codes, notice=None if codes else PLACE.format(place.phrase))
    readings = _meant(employer, vocabulary) if employer else _readings(words, found, vocabulary)
    return Query(codes, readings, notice=notice)


def personal_kind(text: str) -> str | None:
    """What a text holds that is somebody's own and must be neither shown nor kept, in French; None for nothing."""
    if _EMAIL.search(text):
        return "une adresse électronique"
    for found in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", re.sub(r"2[abAB]", "20", found.group()))
        if len(digits) in (13, 15) and digits[0] in "123478":
            return "un numéro de sécurité sociale"
        if len(digits) in (10, 11, 12, 13) and (digits.startswith(("0", "33")) or found.group().startswith("+")):
            return "un numéro de téléphone"
        if len(digits) in (9, 14):
            return "un numéro SIREN ou SIRET"
        if len(digits) >= 9:
            return "un numéro personnel"
    return None


def _nothing(text: str) -> str:
    letters = [character for character in folded(text) if character.isalnum()]
    if not letters:
        return EMPTY
    return TOO_SHORT if len(letters) < 2 else ONLY_SMALL


def _without(words: list[str], phrases: list[Found]) -> list[str]:
    left_out = {place for one in phrases for place in range(one.start, one.end)}
    return [word for place, word in enumerate(words) if place not in left_out]


def _readings(words: list[str], found: list[Found], vocabulary: Vocabulary) -> tuple[Reading, ...]:
    weight = [1.0] * len(words)
    for one in found:
        factor = {"bruit": 0.0, "faible": _FAINT, "employeur": _FAINT, "lieu": _FAINT}.get(one.kind)
        if factor is not None:
            weight[one.start : one.end] = [factor] * (one.end - one.start)
    # "recherche" alone is what is meant
    if max(weight) < 1:
        weight = [1.0 if one else 0.0 for one in weight]
    typed = list(zip(words, weight, strict=True))
    meant = [one for one in found if one.kind == "sens"]
    # what was typed is doubtful where it is everyday French as a whole or where no title has such a word; elsewhere it
    # is rather the lexicon that is: "chargé de gestion locative" is no "gestionnaire"
    covered = {place for one in meant for place in range(one.start, one.end)}
    whole = len(meant) == 1 and all(place in covered for place, one in enumerate(weight) if one == 1)
    strange = any(not vocabulary.in_titles(words[place]) for place in covered)
    typed_doubt, meant_doubt = (_DOUBT, 0.0) if meant and (whole or strange) else (0.0, _DOUBT)
    readings = [_reading(typed, vocabulary, doubt=typed_doubt)]
    if any(0 < one < 1 for one in weight):
        readings.append(_reading([(word, one) for word, one in typed if one == 1], vocabulary, doubt=typed_doubt))
    for choice in range(min(max((len(one.meanings) for one in meant), default=0), _MAX_MEANINGS)):
        replaced: list[tuple[str, float]] = []
        at = 0
        for one in meant:
            meaning = one.meanings[min(choice, len(one.meanings) - 1)]
            replaced += typed[at : one.start] + [(word, 1.0) for word in vocabulary.words(meaning)]
            at = one.end
        doubt = meant_doubt + _LATER * choice
        readings.append(_reading(replaced + typed[at:], vocabulary, everyday=True, doubt=doubt))
    return tuple(reading for reading in readings if reading.slots)


def _meant(named: Found, vocabulary: Vocabulary) -> tuple[Reading, ...]:
    return tuple(
        _reading([(word, 1.0) for word in vocabulary.words(meaning)], vocabulary, everyday=True, doubt=_LATER * rank)
        for rank, meaning in enumerate(named.meanings[:_MAX_MEANINGS])
    )


def _reading(
    words: list[tuple[str, float]], vocabulary: Vocabulary, *, everyday: bool = False, doubt: float
) -> Reading:
    """everyday: False for what was typed, whose last word may go on."""
    slots: dict[tuple[int, ...] | str, Slot] = {}
    for place, (word, factor) in enumerate(words):
        if factor:
            slot = vocabulary.slot(word, last=not everyday and place == len(words) - 1)
            key = tuple(slot.terms.tolist()) or word
            # "Boucher / Bouchère" says one thing twice: the last place counts
            slots.pop(key, None)
            slots[key] = replace(slot, factor=factor)
    return Reading(tuple(slots.values()), everyday, doubt)
