"""Words of French job titles: from a text as typed to terms that gender, plural, accents and hyphens do not change."""

import re
from collections.abc import Iterable, Iterator

import snowballstemmer

from graph.labels import fold, without_inclusive

#: bytes kept of a word: the arrays hold words of fixed width
WORD_BYTES = 32
#: words that carry no subject, folded
SMALL_WORDS = frozenset(
    word
    for line in (
        "a ai an as au aux avec c ce ces cet cette ceux chez comme d dans de des du elle elles en est et etc etre",
        "eux faire fait il ils j je l la le les leur leurs lui m ma mais me mes moi mon n ne nos notre nous on ou par",
        "pas plus pour qu que qui s sa sans se ses si sont sous suis sur t ta te tes toi toute toutes tous tu",
        "un une vers veux voudrais vos votre vous y",
    )
    for word in line.split()
)

_STEMMER = snowballstemmer.stemmer("french")
#: names that punctuation is part of
_PUNCTUATED = (
    (re.compile(r"\bc\+\+"), "cpp"),
    (re.compile(r"\bc#"), "csharp"),
    (re.compile(r"(?<![a-z0-9])\.net\b"), "dotnet"),
    (re.compile(r"\b([a-z])&([a-z])\b"), r"\1\2"),
)
_FAST_FOLD = str.maketrans(
    {
        **dict(zip("àâäáãåçéèêëíìîïñóòôöõúùûüýÿ", "aaaaaaceeeeiiiinooooouuuuyy", strict=True)),
        **{"œ": "oe", "æ": "ae", "’": "'", "‘": "'", "–": "-", "—": "-", "\u00a0": " "},
    }
)
# what a slower pattern needs, looked for first: most texts have none of it
_MAYBE_INCLUSIVE = re.compile(r"\w[(.·•⋅‧/]\w")
_MAYBE_PUNCTUATED = re.compile(r"[+#&]|\.net")
#: "saint-pierre": a place, and no stone
_SAINT = re.compile(r"\bsainte?s?[ -][a-z]+")
_WORD = re.compile(r"[a-z0-9]+")
_WORD_OR_HYPHEN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_SOUNDS = tuple(
    (re.compile(pattern), letters)
    for pattern, letters in (
        ("eau|au", "o"),
        ("ph", "f"),
        ("ch|sh", "x"),
        ("ai|ei|ay|ey|oe", "e"),
        ("qu|q|k|c(?=[aourlt])", "k"),
        ("c(?=[eiy])|z|(?<=[aeiouy])ss(?=[aeiouy])", "s"),
        ("t(?=ion)", "s"),
        ("ge(?=[ao])", "j"),
        ("g(?=[eiy])", "j"),
        ("y", "i"),
        ("h", ""),
        ("m(?=[bp])", "n"),
        ("en(?=[bcdfgjklmpqrstvxz])", "an"),
        (r"(.)\1+", r"\1"),
        ("[esxtd]+$", ""),
    )
)
#: feminine endings of words that no title has, and the masculine ones to try
_ENDINGS = (
    ("trice", ("teur",)),
    ("euse", ("eur", "eux")),
    ("iere", ("ier",)),
    ("ere", ("er",)),
    ("enne", ("en",)),
    ("onne", ("on",)),
    ("elle", ("el",)),
    ("ive", ("if",)),
    ("esse", ("e",)),
    ("e", ("",)),
)


def folded(text: str) -> str:
    """``graph.labels.fold`` but for the blanks, fast on the letters of French."""
    quick = text.lower().translate(_FAST_FOLD)
    return quick if quick.isascii() else "\n".join(line if line.isascii() else fold(line) for line in quick.split("\n"))


def words(text: str) -> list[str]:
    """Folded words in their order, without inclusive endings, lone letters and numbers.

    "Équipier·ère d'arrière-cuisine (H/F) 75011" -> ["equipier", "arriere", "cuisine"]
    """
    return _words(_plain(without_inclusive(text)))


def content_words(text: str) -> list[str]:
    """``words`` without the small ones."""
    return [word for word in words(text) if word not in SMALL_WORDS]


def content_words_of(texts: list[str]) -> list[list[str]]:
    """``content_words`` of each text, read all at once."""
    if not texts:
        return []
    joined = "\n".join(
        without_inclusive(text) if _MAYBE_INCLUSIVE.search(text) else text
        for text in (" ".join(text.split()) for text in texts)
    )
    return [[word for word in _words(line) if word not in SMALL_WORDS] for line in _plain(joined).split("\n")]


def _plain(text: str) -> str:
    plain = _SAINT.sub(" ", folded(text))
    if not _MAYBE_PUNCTUATED.search(plain):
        return plain
    for pattern, name in _PUNCTUATED:
        plain = pattern.sub(name, plain)
    return plain


def _words(plain: str) -> list[str]:
    return [word for word in _WORD.findall(plain) if len(word) > 1 and not word.isdigit()]


def hyphenated(text: str) -> Iterator[list[str]]:
    """The words that hyphens tie: "Auto-école" -> ["auto", "ecole"]."""
    return (found.group().split("-") for found in _WORD_OR_HYPHEN.finditer(folded(text)))


def stem(word: str) -> str:
    """Stem of a folded word, by the French Snowball rules."""
    return str(_STEMMER.stemWord(word))[:WORD_BYTES]


def stems(vocabulary: Iterable[str]) -> list[str]:
    """Stem of each folded word."""
    return [str(found)[:WORD_BYTES] for found in _STEMMER.stemWords(list(vocabulary))]


def masculine_candidates(word: str) -> Iterator[str]:
    """Masculine spellings that a folded feminine word may have: "rameuse" -> "rameur", "rameux"."""
    plural = word.endswith("s")
    singular = word[:-1] if plural else word
    if plural:
        yield singular
    for feminine, masculines in _ENDINGS:
        if singular.endswith(feminine):
            for masculine in masculines:
                yield singular[: len(singular) - len(feminine)] + masculine


def sound(word: str) -> str:
    """How a folded word sounds in French, roughly: "veterinere" and "veterinaire" sound alike."""
    heard = word
    for pattern, letters in _SOUNDS:
        heard = pattern.sub(letters, heard)
    return heard


def n_grams(word: str, *, complete: bool = True) -> list[str]:
    """Character 3-, 4- and 5-grams of a word between blanks; without the last blank where it may go on."""
    padded = f" {word} " if complete else f" {word}"
    grams = [padded[i : i + n] for n in (3, 4, 5) for i in range(len(padded) - n + 1)]
    return grams or [padded]
