"""Places by postcode, and what a postcode that no commune has is near to: CEDEX codes, city codes as 75000."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence

#: departments of three signs, whose postcodes begin alike
OVERSEAS = ("97", "98")


class PostcodeTable:
    """Postcodes of places; a place is its position."""

    def __init__(
        self, postcodes: Sequence[Sequence[str]], departments: Sequence[str], rank: Callable[[int], int]
    ) -> None:
        """Takes the postcodes and the department of each place, and the order in which a postcode's places are given.

        postcodes, departments: (n_places,)
        """
        found: defaultdict[str, list[int]] = defaultdict(list)
        for place, codes in enumerate(postcodes):
            for code in codes:
                found[code].append(place)
        self._places = {code: sorted(places, key=rank) for code, places in found.items()}
        self._sorted = sorted(self._places)
        self._departments = departments

    def places(self, code: str) -> list[int]:
        """Places of a postcode; none where it is no commune's."""
        return self._places.get(code, [])

    def department(self, code: str) -> str | None:
        """The department of most places whose postcodes begin so: those of Corsica and overseas are not two digits."""
        for length in (3,) if code.startswith(OVERSEAS) else (3, 2):
            near = [self._departments[place] for other in self._near(code, length) for place in self._places[other]]
            if near:
                return max(sorted(set(near)), key=near.count)
        return None

    def nearest(self, code: str) -> list[int]:
        """Places of the nearest postcode of the same three first digits; none where no postcode begins so."""
        near = self._near(code, 3)
        if not near:
            return []
        return self._places[min(near, key=lambda other: (abs(int(other) - int(code)), other))]

    def _near(self, code: str, length: int) -> list[str]:
        start = code[:length]
        first = bisect_left(self._sorted, start)
        # ":" comes after the digits
        return self._sorted[first : bisect_left(self._sorted, f"{start}:", lo=first)]
