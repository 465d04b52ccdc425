"""Words and numbers that screens share, in French."""

from passerelle.output import Document

#: share out of 100 from which a word is used; the word comes first, the number second
_WORDS = ((20.0, "fort"), (8.0, "assez fort"), (2.0, "moyen"), (0.0, "faible"))
_LEVELS = {"area": "bassin", "department": "département", "region": "région", "nation": "France"}
MARKS = {"yes": "●", "unsure": "◐", "no": "○", "unknown": "?"}


def word(score: float) -> str:
    """The word for how close a match is, from its score out of 100."""
    return next(text for least, text in _WORDS if score >= least)


def number(value: float, digits: int = 1) -> str:
    """A number as French writes it: decimal comma, thin blanks between thousands."""
    return f"{value:,.{digits}f}".replace(",", "\u202f").replace(".", ",")


def counted(count: int, noun: str) -> str:
    """ "aucune offre", "1 offre", "12 offres": for feminine nouns whose plural is an s."""
    return f"aucune {noun}" if count == 0 else f"{number(count, 0)} {noun}{'s' if count > 1 else ''}"


def name(one: Document) -> str:
    """An occupation by its label and code."""
    return f"{one['label']} ({one['codeRome']})"


def market_words(market: Document | None) -> str:
    """The market of one recommendation, in a cell."""
    if market is None:
        return "sans bassin d'emploi"
    words = f"{MARKS[market['wanted']]} {market['wantedLabel']}\n{ratio_words(market)}"
    tension = market["tension"]
    if tension is None:
        return words
    low, high = tension["low"], tension["high"]
    classes = str(low) if low == high else f"{low} à {high}"
    return f"{words}\ntension {classes} sur 5 ({_LEVELS[tension['level']]}, {tension['year'] or 'année inconnue'})"


def ratio_words(market: Document) -> str:
    """Offers for a hundred seekers, and where that was found."""
    if market["ratio"] is None:
        return "nombre de demandeurs non publié"
    year = market["seekersYear"] or "année inconnue"
    return f"{number(100 * market['ratio'], 0)} offres pour 100 demandeurs ({_LEVELS[market['level']]}, {year})"


def place_name(place: Document) -> str:
    """ "Calais (Pas-de-Calais), bassin CALAIS"."""
    area = f", {territory_name('area', place['area']['label'])}" if place["area"] else ", sans bassin d'emploi"
    return f"{place['label']} ({place['department']['label']}){area}"


def territory_name(level: str, label: str) -> str:
    """ "département Nord", "bassin CALAIS"; the nation by its own name."""
    kind = _LEVELS[level]
    return label if label.lower().startswith(kind.lower()) else f"{kind} {label}"
