"""The parts of many lists that decide who gets their places."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommend.batch_profiles import NONE, Rows
from recommend.features import Floats


@dataclass(frozen=True)
class Candidates:
    """The part of some lists that decides who gets their places, as in ``seated_block``; -1 past the end of a list.

    occupation, kind, log_odds: (n, n_part), likeliest first
    there:     (n, n_kinds) how many of each kind are in the whole list; set_aside: (n,) as in ``Recommended``
    """

    occupation: Rows
    kind: NDArray[np.int8]
    log_odds: Floats
    there: Rows
    set_aside: Rows

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """Some under the others."""
        widest = max(part.occupation.shape[1] for part in parts)
        columns = {}
        for name, blank in (("occupation", NONE), ("kind", NONE), ("log_odds", -np.inf)):
            several = [getattr(part, name) for part in parts]
            whole = np.full((sum(map(len, several)), widest, *several[0].shape[2:]), blank, several[0].dtype)
            at = 0
            for one in several:
                whole[at : at + len(one), : one.shape[1]] = one
                at += len(one)
            columns[name] = whole
        columns |= {name: np.concatenate([getattr(part, name) for part in parts]) for name in ("there", "set_aside")}
        return cls(**columns)

    def part(self, rows: slice | Rows) -> Self:
        """Those of some lists."""
        return type(self)(**{name: of[rows] for name, of in vars(self).items()})

    def at(self, places: Rows) -> Self:
        """Those at some places of each list, -1 where there is none."""
        missing, at = places < 0, np.maximum(places, 0)
        occupation, kind, log_odds = (
            np.where(missing, blank, np.take_along_axis(of, at, axis=1))
            for of, blank in ((self.occupation, NONE), (self.kind, np.int8(NONE)), (self.log_odds, -np.inf))
        )
        return type(self)(occupation, kind, log_odds, self.there, self.set_aside)


def padded(line: Rows, values: Rows, lines: int) -> Rows:
    """(n_lines, n_longest) the values of each line in their order, -1 past its end, one at least; ``line`` ascends."""
    counts = np.bincount(line, minlength=lines)
    found = np.full((lines, int(counts.max(initial=1))), NONE, dtype=np.int64)
    found[line, np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)] = values
    return found
