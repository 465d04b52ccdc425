"""Search of skills by their label, as a person types them: accents, capitals and word endings count little."""

from rapidfuzz import fuzz, process

from api.reference import Reference
from graph.labels import fold

#: likeness of letters, in [0, 100], under which a label is no answer
_LEAST_ALIKE = 80.0


def search_skills(reference: Reference, text: str, limit: int) -> list[tuple[int, str, float]]:
    """Columns of the skills that a text leads to, with what says why and a relative score in (0, 1], best first.

    The label itself comes first, then labels with every word of the text, those that most occupations require first;
    only where there is none, labels alike by their letters.
    """
    wanted = fold(text)
    words = [word for word in wanted.split() if len(word) > 1] or [wanted]
    stems = [word[:-1] if len(word) > 4 else word for word in words]
    found = [
        (label != wanted, not label.startswith(wanted), -reference.required_by[column], column)
        for column, label in enumerate(reference.folded)
        if all(_begins_a_word(stem, label) for stem in stems)
    ]
    if found:
        best = sorted(found)[:limit]
        return [
            (column, "libellé exact" if not other else "mots du libellé", 1.0 if not other else 0.9)
            for other, _, _, column in best
        ]
    near = process.extract(
        wanted, reference.folded, scorer=fuzz.token_set_ratio, limit=limit, score_cutoff=_LEAST_ALIKE
    )
    return [(column, "libellé proche", round(score / 100 * 0.8, 4)) for _, score, column in near]


def _begins_a_word(stem: str, label: str) -> bool:
    at = label.find(stem)
    while at > 0 and label[at - 1].isalnum():
        at = label.find(stem, at + 1)
    return at >= 0
