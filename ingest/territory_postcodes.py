"""Places by postcode, and what a postcode that no commune has is near to: CEDEX codes, city codes as 75000."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from graph.arrayset import ArraySet
from graph.strings import StringColumn
from graph.textindex import TextIndex

#: departments of three signs, whose postcodes begin alike
OVERSEAS = ("97", "98")


@dataclass(frozen=True)
class PostcodeTable(ArraySet):
    """Postcodes of places; a place is its position.

    index:       places by postcode, in the order in which they are given
    departments: (n_places,)
    """

    index: TextIndex
    departments: StringColumn

    @classmethod
    def of(cls, postcodes: Sequence[Sequence[str]], departments: Sequence[str], order: Iterable[int]) -> Self:
        """Takes the postcodes and the department of each place.

        postcodes, departments: (n_places,)
        order: every place once: a postcode's places are given so
        """
        pairs = ((code, place) for place in order for code in postcodes[place])
        return cls(TextIndex.of(pairs), StringColumn.of(departments))

    def places(self, code: str) -> list[int]:
        """Places of a postcode; none where it is no commune's."""
        return [int(place) for place in self.index.get(code)]

    def department(self, code: str) -> str | None:
        """The department of most places whose postcodes begin so: those of Corsica and overseas are not two digits."""
        for length in (3,) if code.startswith(OVERSEAS) else (3, 2):
            near = [self.departments[int(place)] for place in self.index.rows_of(self._near(code, length))]
            if near:
                return max(sorted(set(near)), key=near.count)
        return None

    def nearest(self, code: str) -> list[int]:
        """Places of the nearest postcode of the same three first digits; none where no postcode begins so."""
        near = self.index.texts[self._near(code, 3)]
        if not near:
            return []
        return self.places(min(near, key=lambda other: (abs(int(other) - int(code)), other)))

    def _near(self, code: str, length: int) -> slice:
        return self.index.begun(code[:length])
