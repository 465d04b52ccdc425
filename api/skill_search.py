"""Search of skills by their label, as a person types them: accents, capitals and word endings count little."""

import re

from rapidfuzz import fuzz, process

from api.reference import Reference
from graph.labels import fold

#: likeness of letters, in [0, 100], under which a label is no answer
_LEAST_ALIKE = 80.0
#: words that say nothing of a skill
_SMALL = frozenset(("a", "au", "aux", "avec", "dans", "de", "des", "du", "en", "et", "la", "le", "les", "ou", "par"))
_SMALL |= frozenset(("pour", "sur", "un", "une"))


def search_skills(reference: Reference, text: str, limit: int) -> list[tuple[int, str]]:
    """Columns of the skills that a text leads to, with what says why, best first.

    The label itself comes first, then labels with every word of the text, those that most occupations require first;
    only where there is none, labels alike by their letters.
    """
    wanted = fold(text)
    words = [word for word in re.split(r"[\s']+", wanted) if len(word) > 1 and word not in _SMALL] or [wanted]
    stems = [word[:-1] if len(word) > 4 else word for word in words]
    found = [
        (label != wanted, not label.startswith(wanted), -reference.required_by[column], column)
        for column, label in enumerate(reference.folded)
        if all(stem in label for stem in stems) and all(_begins_a_word(stem, label) for stem in stems)
    ]
    if found:
        return [
            (column, "mots du libellé" if other else "libellé exact") for other, _, _, column in sorted(found)[:limit]
        ]
    near = process.extract(
        wanted, reference.folded, scorer=fuzz.token_set_ratio, limit=limit, score_cutoff=_LEAST_ALIKE
    )
    return [(column, "libellé proche") for _, _, column in near]


def _begins_a_word(stem: str, label: str) -> bool:
    at = label.find(stem)
    while at > 0 and label[at - 1].isalnum():
        at = label.find(stem, at + 1)
    return at >= 0
