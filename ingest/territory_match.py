"""What a search for a place answers."""

from dataclasses import dataclass
from typing import Literal

#: how a place was found
How = Literal["name", "beginning", "words", "spelling", "postcode", "code", "arrondissement", "cedex", "department"]


@dataclass(frozen=True)
class PlaceMatch:
    """One place found.

    code:       INSEE's code of today (of an arrondissement, its own)
    commune:    code of its commune: the same but for an arrondissement
    department: code; department_label its name
    name:       what was found: the label, or the name of a part or former commune of it
    how:        in which way
    """

    code: str
    label: str
    commune: str
    department: str
    department_label: str
    postcodes: tuple[str, ...]
    name: str
    how: How
    #: names of communes that it took in
    formerly: tuple[str, ...]


@dataclass(frozen=True)
class PlaceAnswer:
    """Matches, best first; ``clear`` when the first is the one meant; ``reason`` in French when it is not."""

    matches: tuple[PlaceMatch, ...]
    clear: bool
    reason: str = ""
