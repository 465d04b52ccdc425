"""What a way is."""

from typing import Literal

PathKind = Literal[
    "shared-skill",
    "transferable-skill",
    "common-macro-skill",
    "shared-context",
    "neighbour",
    "near-there",
    "parallel-move",
    "stepping-stone",
    "listed-together",
    "same-family",
]
#: kinds that rest on skills that are held
SKILL_KINDS: frozenset[PathKind] = frozenset({"shared-skill", "transferable-skill", "common-macro-skill"})
#: a way's kind, the columns or rows that it passes by, and what it adds to the log-odds
Way = tuple[PathKind, tuple[int, ...], float]


def held_by(way: Way) -> list[int]:
    """Columns of the held skills that a way rests on; none for a way through contexts or occupations."""
    kind, by, _ = way
    if kind not in SKILL_KINDS:
        return []
    return list(by[1:]) if kind == "common-macro-skill" else [by[0]]
