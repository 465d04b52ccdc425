"""Level of qualification at entry, read from ROME's text on access to an occupation.

Levels are those of the French national framework (decree 2019-14): 3 CAP or BEP, 4 Bac, 5 Bac+2, 6 Bac+3 and 4,
7 Bac+5 and 6, 8 doctorate; 0 stands for "no diploma asked". The text names a range more often than a level: the lowest
one of the first sentence that names any is the level at entry.
"""

import re

from graph.labels import fold

UNKNOWN_LEVEL = -1

_SENTENCE = re.compile(r"(?<=[.;])\s+(?=[A-Z])")
_NONE = re.compile(
    r"\b(?:sans (?:aucun |aucune )?(?:diplome|qualification|formation|condition)|tous? (?:les )?niveaux?|"
    r"avec ou sans|non obligatoires?|aucune? (?:diplome|qualification|formation))"
)
_BAC_PLUS = re.compile(r"\bbac ?\+ ?(\d)")
_LEVEL_OF_YEARS = {1: 4, 2: 5, 3: 6, 4: 6, 5: 7, 6: 7, 7: 8, 8: 8, 9: 8}
_NAMED = (
    (3, re.compile(r"\b(?:cap|bep|capa|bepa|cap/bep|brevet des colleges|cqp|certificat de qualification)\b")),
    (
        4,
        re.compile(
            r"\b(?:baccalaureat|bac(?! ?\+)(?: (?:pro|professionnel|technologique|general))?|bp|brevet professionnel|"
            r"brevet de technicien(?! superieur)|bpjeps)\b"
        ),
    ),
    (5, re.compile(r"\b(?:bts|btsa|dut|deust|brevet de technicien superieur)\b")),
    (6, re.compile(r"\b(?:licence|but|bachelor|maitrise|dejeps)\b")),
    (7, re.compile(r"\b(?:masters?|diplome d'ingenieur|ecole d'ingenieurs?|grande ecole|desjeps|mastere)\b")),
    (8, re.compile(r"\b(?:doctorat|these|docteur)\b")),
)


def access_level(text: str) -> int:
    """0, 3 to 8, or -1 where the text names no level.

    >>> access_level("Cet emploi est accessible avec un diplôme de niveau CAP à Bac +2 en couture.")
    3
    """
    for sentence in _SENTENCE.split(text):
        folded = fold(sentence)
        if _NONE.search(folded):
            return 0
        levels = [_LEVEL_OF_YEARS[int(years)] for years in _BAC_PLUS.findall(folded) if int(years) in _LEVEL_OF_YEARS]
        levels += [level for level, pattern in _NAMED if pattern.search(folded)]
        if levels:
            return min(levels)
    return UNKNOWN_LEVEL
