"""Offers and seekers matched, both ways: what an offer asks, held against what a person brings.

    value(seeker, offer) = Σ over asked skills s of  w(offer, s) · answered(seeker, s)

w(offer, s) is the skill's inverse document frequency, whole for a must-have, 0.6 of it for a nice-to-have and 0.3 for
what the offer's occupation requires and the offer does not name; the weights of an offer add up to 1. answered(seeker,
s) is 1 for a held skill, and else the SIMILAR_TO score of the held skill that answers it best. The value is of a match,
in [0, 1]: the share of what the offer asks that the person brings. It is no probability, and nobody has a value of
their own. The three weights are a choice, not learned: nobody publishes who was hired for which offer.

A pair is *eligible* when every must-have is answered, the work is within reach (or nobody knows where it is), the
occupation has no context that the person refuses, and the value is a tenth at least. Pure: no file, no clock.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommend.skillgraph import KINDS, SkillGraph

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
#: (latitude, longitude, other latitude, other longitude) in degrees, broadcast together -> km, NaN where one is missing
Distance = Callable[[Floats, Floats, Floats, Floats], Floats]

#: what a skill weighs by how it is asked
MUST, WISHED, OF_OCCUPATION = 1.0, 0.6, 0.3
#: least score with which a held skill answers a must-have: 95 in 100 such pairs were judged right (docs/embeddings.md)
ANSWERS_MUST = 0.9
#: least value of a pair: who brings less than a tenth of what is asked is matched by a commonplace alone
LEAST_VALUE = 0.1
#: cells of one block of the table of seekers and offers: 16 MiB of float64, of which there are about six at once
_BLOCK = 2**21


@dataclass(frozen=True)
class Offers:
    """What offers ask; rows are offers.

    ids:        distinct
    occupation: (n_offers,) row in the SkillGraph, -1 where unknown
    must, wished: (n_offers, n_skills) 0/1
    latitude, longitude: (n_offers,) degrees, NaN where unknown
    """

    ids: tuple[str, ...]
    occupation: Rows
    must: csr_matrix
    wished: csr_matrix
    latitude: Floats
    longitude: Floats

    def __post_init__(self) -> None:
        _check(len(self.ids), self.ids, self.occupation, self.latitude, self.longitude, self.must, self.wished)

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Seekers:
    """What seekers bring; rows are seekers.

    ids:      distinct, pseudonymous
    held:     (n_seekers, n_skills) above 0 where held: only that it is held counts
    refused:  (n_seekers, n_contexts) 0/1
    latitude, longitude: (n_seekers,) degrees, NaN where unknown
    reach_km: (n_seekers,) NaN where nobody set a limit
    """

    ids: tuple[str, ...]
    held: csr_matrix
    refused: csr_matrix
    latitude: Floats
    longitude: Floats
    reach_km: Floats

    def __post_init__(self) -> None:
        _check(len(self.ids), self.ids, self.latitude, self.longitude, self.reach_km, self.held, self.refused)

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, part: slice | Rows) -> "Seekers":
        """Some of them."""
        ids = self.ids[part] if isinstance(part, slice) else tuple(self.ids[row] for row in part.tolist())
        return Seekers(
            ids, self.held[part], self.refused[part], self.latitude[part], self.longitude[part],
            self.reach_km[part],
        )  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Some seekers against some offers, each (n_seekers, n_offers).

    value:    in [0, 1]; NaN of an offer of which nothing is known that it asks
    eligible: may be shown
    km:       as the crow flies; NaN where one of the two places is unknown
    """

    value: Floats
    eligible: NDArray[np.bool_]
    km: Floats


@dataclass(frozen=True)
class Ranked:
    """The best of the other side for each row, best first; equal ones by their id.

    chosen: (n_rows, most) rows of the other side, -1 after the last
    value:  (n_rows, most) NaN after the last
    """

    chosen: Rows
    value: Floats


class Matcher:
    """Offers made ready; then any number of seekers."""

    def __init__(self, graph: SkillGraph, idf: Floats, offers: Offers, distance: Distance) -> None:
        """Weighs what each offer asks.

        idf: (n_skills,) of ``FeatureSpace``, in nats
        """
        self.graph = graph
        self.offers = offers
        self._distance = distance
        self.weights = _weights(graph, idf, offers)
        self._musts = np.asarray(offers.must.sum(axis=1)).ravel()
        known = offers.occupation >= 0
        self._contexts = csr_matrix(graph.contexts[np.where(known, offers.occupation, 0)].multiply(known[:, None]))
        self._asks = np.diff(self.weights.indptr) > 0
        # the held skill's row: what it answers, and how well
        self._answers = csr_matrix(graph.answered_by.T)

    def answered(self, held: csr_matrix) -> csr_matrix:
        """(n_seekers, n_skills) in [0, 1]: how well the held skill that answers each best does, 1 for the held."""
        held = csr_matrix(held)
        columns = held.indices[held.data > 0]
        seeker = np.repeat(np.arange(held.shape[0]), np.diff(held.indptr))[held.data > 0]
        counts = np.diff(self._answers.indptr)[columns]
        start = np.repeat(self._answers.indptr[columns] - (np.cumsum(counts) - counts), counts)
        place = start + np.arange(counts.sum())
        rows = np.concatenate([seeker, np.repeat(seeker, counts)])
        skills = np.concatenate([columns, self._answers.indices[place]]).astype(np.int64)
        score = np.concatenate([np.ones(len(columns)), self._answers.data[place].astype(np.float64).round(6)])
        key = rows * held.shape[1] + skills
        order = np.lexsort((-score, key))
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = key[order][1:] != key[order][:-1]
        best = order[first]
        return csr_matrix((score[best], (rows[best], skills[best])), shape=held.shape)

    def table(self, seekers: Seekers, offers: Rows | None = None) -> Table:
        """Every one of the seekers against the offers of these rows (all where None), in memory at once."""
        rows = np.arange(len(self.offers)) if offers is None else offers
        answered = self.answered(seekers.held)
        value = np.asarray((answered @ self.weights[rows].T).todense(), dtype=np.float64)
        # sums of weights that add up to 1 may pass it by a rounding
        value = np.where(self._asks[rows], np.minimum(value, 1.0), np.nan)
        firm = csr_matrix((answered >= ANSWERS_MUST).astype(np.float64))
        met = np.asarray((firm @ self.offers.must[rows].T).todense()) >= self._musts[rows] - 0.5
        refused = np.asarray((seekers.refused @ self._contexts[rows].T).todense()) > 0
        km = self._distance(
            seekers.latitude[:, None],
            seekers.longitude[:, None],
            self.offers.latitude[rows][None, :],
            self.offers.longitude[rows][None, :],
        )
        # what is unknown keeps nobody out: a screen says that it is
        beyond = km > seekers.reach_km[:, None]
        return Table(value, met & ~refused & ~beyond & (np.nan_to_num(value) >= LEAST_VALUE), km)

    def offers_for(self, seekers: Seekers, most: int) -> Ranked:
        """The best offers of each seeker."""
        tie = _places(self.offers.ids)
        size = max(1, _BLOCK // max(1, len(self.offers)))
        parts = []
        for start in range(0, len(seekers), size):
            table = self.table(seekers.rows(slice(start, start + size)))
            parts.append(_best(np.where(table.eligible, table.value, np.nan), tie, most))
        return _joined(parts, most)

    def suiting(self, seekers: Seekers) -> tuple[Rows, Floats]:
        """(n_seekers,) how many of the offers suit each seeker, and the value of the best: NaN where none does."""
        size = max(1, _BLOCK // max(1, len(self.offers)))
        counts = np.zeros(len(seekers), dtype=np.int64)
        best = np.full(len(seekers), np.nan)
        for start in range(0, len(seekers), size):
            part = slice(start, start + size)
            table = self.table(seekers.rows(part))
            counts[part] = table.eligible.sum(axis=1)
            best[part] = np.max(np.where(table.eligible, table.value, -np.inf), axis=1, initial=-np.inf)
        return counts, np.where(counts > 0, best, np.nan)

    def seekers_for(self, offers: Rows, seekers: Seekers, most: int) -> Ranked:
        """The best seekers of each of these offers: whom to tell of it, never whom to refuse."""
        tie = _places(seekers.ids)
        size = max(1, _BLOCK // max(1, len(seekers)))
        parts = []
        for start in range(0, len(offers), size):
            table = self.table(seekers, offers[start : start + size])
            parts.append(_best(np.where(table.eligible, table.value, np.nan).T, tie, most))
        return _joined(parts, most)


def _weights(graph: SkillGraph, idf: Floats, offers: Offers) -> csr_matrix:
    """(n_offers, n_skills), rows adding up to 1; an empty row where nothing is asked."""
    known = offers.occupation >= 0
    required = csr_matrix(graph.requires[np.where(known, offers.occupation, 0)].multiply(known[:, None]))
    # a certificate counts where the offer itself asks for it: it is never transferable
    transferable = (graph.skill_kind != KINDS.index("certification")).astype(np.float64)
    occupation = csr_matrix(required.multiply(transferable) * OF_OCCUPATION)
    asked = offers.must.astype(np.float64).maximum(offers.wished.astype(np.float64) * WISHED).maximum(occupation)
    # a skill that no occupation requires has no frequency: it weighs as the rarest does
    rarest = float(idf.max(initial=1.0))
    weighted = csr_matrix(asked.multiply(np.where(idf > 0, idf, rarest)))
    weighted.eliminate_zeros()
    total = np.asarray(weighted.sum(axis=1)).ravel()
    weighted.data /= np.repeat(total, np.diff(weighted.indptr))
    return weighted


def _places(ids: tuple[str, ...]) -> Rows:
    """(n,) the place of each id among them in the order of their texts."""
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)
    places = np.empty(len(ids), dtype=np.int64)
    places[order] = np.arange(len(ids))
    return places


def _best(value: Floats, tie: Rows, most: int) -> Ranked:
    """The best of each row; NaN may not be chosen."""
    rows, width = value.shape[0], min(most, value.shape[1])
    # rounding must not decide between equal values that were summed in another order
    rounded = np.where(np.isnan(value), -np.inf, np.round(value, 12))
    chosen = np.full((rows, most), -1, dtype=np.int64)
    found = np.full((rows, most), np.nan)
    for row in range(rows):
        there = np.flatnonzero(rounded[row] > -np.inf)
        if len(there) > width:
            least = np.partition(rounded[row, there], len(there) - width)[len(there) - width]
            there = there[rounded[row, there] >= least]
        there = there[np.lexsort((tie[there], -rounded[row, there]))][:width]
        chosen[row, : len(there)] = there
        found[row, : len(there)] = rounded[row, there]
    return Ranked(chosen, found)


def _joined(parts: list[Ranked], most: int) -> Ranked:
    if not parts:
        return Ranked(np.empty((0, most), dtype=np.int64), np.empty((0, most)))
    return Ranked(np.concatenate([part.chosen for part in parts]), np.concatenate([part.value for part in parts]))


def _check(rows: int, ids: tuple[str, ...], *columns: Floats | Rows | csr_matrix) -> None:
    if len(set(ids)) != rows:
        raise ValueError("the same id stands twice")
    if any(column.shape[0] != rows for column in columns):
        raise ValueError("columns of different lengths")
