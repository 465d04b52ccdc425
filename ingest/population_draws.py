"""Draws for many at once, from lists laid end to end."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Lists:
    """Lists laid end to end: ``values`` of the i-th are from ``at[i]`` up to ``at[i + 1]``."""

    at: Rows
    values: Rows

    @classmethod
    def of(
        cls, links: pd.DataFrame, starts: pd.Index, ends: pd.Index, *, start: str = "start", end: str = "end"
    ) -> Self:
        """The ends that each start is linked to, in the order of the links; links of other starts are passed over."""
        first, last = starts.get_indexer(pd.Index(links[start])), ends.get_indexer(pd.Index(links[end]))
        there = (first >= 0) & (last >= 0)
        first, last = first[there], last[there]
        order = np.argsort(first, kind="stable")
        counts = np.bincount(first, minlength=len(starts))
        return cls(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), last[order].astype(np.int64))

    @property
    def lengths(self) -> Rows:
        """(n,) how long each is."""
        return np.diff(self.at)

    def expand(self, rows: Rows) -> tuple[Rows, Rows]:
        """Every value of these lists: which of ``rows`` it is of, and its place in ``values``."""
        counts = self.lengths[rows]
        of = np.repeat(np.arange(len(rows)), counts)
        within = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
        return of, self.at[rows][of] + within


def pick(rng: np.random.Generator, lists: Lists, rows: Rows) -> Rows:
    """(n,) one value of each list, all alike; no list may be empty."""
    return lists.values[lists.at[rows] + (rng.random(len(rows)) * lists.lengths[rows]).astype(np.int64)]


def chosen(rng: np.random.Generator, shares: tuple[float, ...], n: int) -> Rows:
    """(n,) places in ``shares``, each as likely as its share; they add up to 1."""
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(n), side="right").astype(np.int64)


def take_first(of: Rows, values: Rows, *, places: bool = False) -> tuple[Rows, Rows]:
    """Each value once for each whose it is, where it stands first; its place instead of it with ``places``.

    of: ascending
    """
    order = np.lexsort((np.arange(len(of)), values, of))
    again = np.r_[False, (of[order][1:] == of[order][:-1]) & (values[order][1:] == values[order][:-1])][: len(of)]
    kept = np.sort(order[~again])
    return of[kept], kept if places else values[kept]


def uuids(rng: np.random.Generator, n: int) -> pa.Array:
    """(n,) random UUIDs (version 4) as texts."""
    digits = rng.integers(0, 16, (n, 32), dtype=np.uint8)
    digits[:, 12] = 4
    digits[:, 16] = 8 + digits[:, 16] % 4
    text = np.full((n, 36), ord("-"), dtype=np.uint8)
    text[:, [place for place in range(36) if place not in {8, 13, 18, 23}]] = np.frombuffer(
        b"0123456789abcdef", np.uint8
    )[digits]
    return pa.array(text.view("S36").ravel().astype("U36"), pa.string())
