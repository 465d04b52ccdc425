"""Rows by text: a dictionary from texts to positions as arrays, so that it can be saved and is opened in no time."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from graph.arrayset import ArraySet
from graph.strings import StringColumn

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class TextIndex(ArraySet):
    """The rows of each text; found by bisection, some ten microseconds a text.

    texts:  (n_texts,) distinct, in the order of their code points
    starts: (n_texts + 1,) int64, where the rows of each begin in ``rows``
    rows:   (n_rows,) int64
    """

    texts: StringColumn
    starts: Rows
    rows: Rows

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, int]]) -> Self:
        """Takes texts with one row each; the rows of a text keep the order in which they come."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for text, row in pairs:
            found[text].append(row)
        texts = sorted(found)
        starts = np.zeros(len(texts) + 1, dtype=np.int64)
        np.cumsum([len(found[text]) for text in texts], out=starts[1:])
        rows = [row for text in texts for row in found[text]]
        return cls(StringColumn.of(texts), starts, np.array(rows, dtype=np.int64))

    def get(self, text: str) -> Rows:
        """Rows of a text; none where it is not there."""
        place = bisect_left(self.texts, text)
        if place == len(self.texts) or self.texts[place] != text:
            return self.rows[:0]
        return self.rows[self.starts[place] : self.starts[place + 1]]

    def first(self, text: str) -> int | None:
        """The first row of a text; None where it is not there."""
        rows = self.get(text)
        return int(rows[0]) if len(rows) else None

    def begun(self, text: str) -> slice:
        """Where in ``texts`` those lie that begin with a text."""
        start = bisect_left(self.texts, text)
        # from there on those that begin so come before those that do not
        return slice(start, bisect_left(self.texts, True, lo=start, key=lambda other: not other.startswith(text)))

    def rows_of(self, several: slice) -> Rows:
        """Rows of texts that lie together, text by text."""
        return self.rows[self.starts[several.start] : self.starts[several.stop]]
