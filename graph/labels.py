"""Text of labels, as the schema stores it: ``labelNorm`` is ``fold(label)``, and a title has two gendered forms."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "’": "'", "‘": "'", "–": "-", "—": "-"})
_BLANKS = re.compile(r"\s+")
#: the combining marks of European scripts, taken off at once; what is rarer is looked at sign by sign
_ACCENTS = re.compile("[\u0300-\u036f]+")
#: words that name a man and a woman without sharing a stem
_PAIRS = frozenset(
    {
        ("homme", "femme"),
        ("garcon", "fille"),
        ("monsieur", "dame"),
        ("steward", "hotesse"),
        ("valet", "femme"),
        ("man", "woman"),
        ("men", "women"),
    }
)
_MEN = frozenset({"homme", "monsieur"})
_SHARED_STEM = 3
#: "principal(e)", "chargé.e", "polyvalent·e", "coiffeur/euse", folded or not; a plural "(s)" is none
_INCLUSIVE = re.compile(
    r"(?P<word>[^\W\d_]{2,})"
    r"(?:\((?P<a>e|ne|le|te|se|euse|rice|trice|ère|ere|ière|iere|ve|ive|tive|sse|esse|ice|fe)\)"
    r"|[.·•⋅‧/](?P<b>e|ne|le|te|se|euse|rice|trice|ère|ere|ière|iere|ve|ive|sse|esse|fe)(?P<plural>(?:[.·•⋅‧]?s)?)(?!\w))",
    re.IGNORECASE,
)
#: how a masculine ending becomes the feminine that the written suffix announces
_ENDINGS = (
    ("trice", ("teur",)),
    ("rice", ("teur", "eur")),
    ("ice", ("eur",)),
    ("euse", ("eur", "eux")),
    ("se", ("eur", "eux")),
    ("ière", ("ier",)),
    ("iere", ("ier",)),
    ("ère", ("er",)),
    ("ere", ("er",)),
    ("tive", ("tif",)),
    ("ive", ("if",)),
    ("ve", ("f",)),
    ("esse", ("e",)),
    ("e", ("er",)),
)
_FULL_ENDING = {"se": "euse", "rice": "trice", "e": "ère"}


def fold(text: str) -> str:
    """Lower case, accents and ligatures folded, blanks single: "Œuvre  d’Été" -> "oeuvre d'ete"."""
    if not text.isascii():
        # compatibility letters ("𝐀") have their lower case only once decomposed
        lowered = unicodedata.normalize("NFKD", text).lower().translate(_LIGATURES)
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", lowered))
        if not text.isascii():
            text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return _BLANKS.sub(" ", text.lower()).strip()


def gendered_forms(label: str) -> tuple[str, str]:
    """The whole masculine and feminine forms of a label; twice the same where it has one form only.

    ROME writes the words that change once for each gender and what follows for both together:
    "Dentellier / Dentellière à la main" -> ("Dentellier à la main", "Dentellière à la main"). Words that stand before
    the part that changes are shared too: "Artiste Plasticien / Plasticienne" -> (..., "Artiste Plasticienne"). A slash
    that does not separate two genders ("Lapidaire / Diamantaire") leaves the label whole.
    """
    masculine, feminine = label, label
    left, separator, right = label.partition(" / ")
    if separator:
        masculine, feminine = _aligned(left.split(), right.split()) or (label, label)
    return without_inclusive(masculine), _INCLUSIVE.sub(_feminine, feminine)


def without_inclusive(text: str) -> str:
    """The text with its inclusive endings taken off: "Équipier·ère polyvalent(e)" -> "Équipier polyvalent"."""
    return _INCLUSIVE.sub(lambda found: _singular(found) + ("s" if found["plural"] else ""), text)


def _aligned(left: list[str], right: list[str]) -> tuple[str, str] | None:
    for start in range(len(left)):
        changed = left[start:]
        if len(changed) > len(right) or not all(map(same_word, changed, right)):
            continue
        if start and all(fold(a) == fold(b) for a, b in zip(changed, right, strict=False)):
            # "Homme sage-femme / Sage-femme": the feminine says it all; "Sound designer / Designer sonore": two titles
            return (" ".join(left), " ".join(right)) if fold(left[0]) in _MEN and len(changed) == len(right) else None
        return " ".join(left + right[len(changed) :]), " ".join(left[:start] + right)
    # "Chef d'équipe dépanneur / Cheffe dépanneuse de chaudières": the middle was not repeated
    if len(left) > 2 and len(right) > 1 and same_word(left[0], right[0]) and same_word(left[-1], right[1]):
        return " ".join(left + right[2:]), " ".join([right[0], *left[1:-1], *right[1:]])
    return None


def same_word(masculine: str, feminine: str) -> bool:
    """Whether two words may be the two genders of one: "dentellier", "dentellière"; "valet", "femme"."""
    a, b = fold(masculine), fold(feminine)
    return a == b or (a, b) in _PAIRS or b.startswith(a[:_SHARED_STEM])


def _singular(found: re.Match[str]) -> str:
    word = found["word"]
    return word[:-1] if found["plural"] and word[-1] in "sS" else word


def _feminine(found: re.Match[str]) -> str:
    word, suffix = _singular(found), (found["a"] or found["b"]).lower()
    whole = word + suffix
    for written, endings in _ENDINGS:
        ending = next((e for e in endings if suffix == written and word.lower().endswith(e)), None)
        if ending is not None:
            whole = word[: len(word) - len(ending)] + _FULL_ENDING.get(suffix, suffix)
            break
    whole += "s" if found["plural"] else ""
    return whole.upper() if word.isupper() else whole
