"""Text of labels, as the schema stores it: ``labelNorm`` is ``fold(label)``."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "’": "'", "‘": "'", "–": "-", "—": "-"})
_BLANKS = re.compile(r"\s+")


def fold(text: str) -> str:
    """Lower case, accents and ligatures folded, blanks single: "Œuvre  d’Été" -> "oeuvre d'ete"."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_LIGATURES))
    return _BLANKS.sub(" ", "".join(c for c in decomposed if not unicodedata.combining(c))).strip()
