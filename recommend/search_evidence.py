"""What speaks for each occupation, given what the words of a query stand for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommend.search_data import SearchData
from recommend.search_text import n_grams
from recommend.search_vocabulary import Slot

#: evidence on each occupation, in the order of the columns of ``Evidence.values``
NAMES = (
    "title characters",
    "characters of all titles",
    "all texts",
    "definition",
    "closest skill",
    "topics",
    "words of titles",
    "first word",
    "number of titles",
)
#: what a unit of each is worth in log-odds: fitted on half of ROME's titles, each searched for among the other half
#: (``python -m benchmarks.search_fit``)
WEIGHTS = np.array([2.2, 4.6, 1.7, 3.3, 3.2, 7.3, 0.6, 0.165, 0.98])

#: weight of a word that nothing holds: that of a rare one
_UNKNOWN_IDF = 8.0


@dataclass(frozen=True)
class Evidence:
    """Evidence for one reading of a query.

    values:        (n, 9) float64, columns named by ``NAMES``; all but the last two in [0, 1]
    said:          (n,) share of the query's weight that any text of the occupation holds, in [0, 1]
    title:         (n,) int64, row of the occupation's closest title; -1 where it has none
    title_score:   (n,) closeness of that title, in [0, 1]; 1 only when its words are the query's
    title_chars:   (n,) likeness of the closest title's characters, in [0, 1]
    whole:         (n,) whether one title holds every word, of several
    known:         share of the query's weight whose words are known, in [0, 1]
    """

    values: NDArray[np.float64]
    said: NDArray[np.float64]
    title: NDArray[np.int64]
    title_score: NDArray[np.float64]
    title_chars: NDArray[np.float64]
    whole: NDArray[np.bool_]
    known: float

    @property
    def log_odds(self) -> NDArray[np.float64]:
        """(n,) weighted sum of the evidence."""
        return np.asarray(self.values @ WEIGHTS)


def evidence(data: SearchData, slots: Sequence[Slot]) -> Evidence:
    """Evidence for each occupation.

    slots: what the words stand for, at least one
    """
    n, t = len(data.code), len(data.title)
    terms = np.concatenate([slot.terms for slot in slots])
    share = np.concatenate([slot.share * slot.factor for slot in slots])
    weight = share * data.term_text_idf[terms]
    norm = max(float(np.linalg.norm(weight)), 1e-9)
    texts = [part.combine(terms, weight / norm, n) for part in (data.all_text, data.definition_text)]
    direction = (weight / norm) @ data.term_topics[terms].astype(np.float64)
    topics = data.occupation_topics @ (direction / max(float(np.linalg.norm(direction)), 1e-9))

    alike = _alike(data, slots)
    chars = data.title_chars.dot(alike)
    held, mass, slot_weight = _held(data, slots, t)
    found = held / max(float(slot_weight.sum()), 1e-9)
    told = np.minimum(mass / np.maximum(data.title_mass, 1e-9), 1)
    score = np.where(found + told > 0, 2 * found * told / np.maximum(found + told, 1e-9), 0)
    closest = _best_rows(data, 0.75 * score + 0.25 * chars)
    at = np.maximum(closest, 0)
    values = np.column_stack(
        [
            _highest(data, chars),
            data.occupation_chars.dot(alike),
            *texts,
            _closest_skill(data, slots),
            topics,
            _any_title(data, slots, slot_weight),
            _first_word(data, slots[0], n),
            data.titles_log,
        ]
    )
    said = _said(data, slots, slot_weight, n)
    known = float(slot_weight[[len(slot.terms) > 0 for slot in slots]].sum() / max(float(slot_weight.sum()), 1e-9))
    whole = (_highest(data, found) > 1 - 1e-6) & (len(slots) > 1)
    return Evidence(values, said, closest, np.where(closest >= 0, score[at], 0), values[:, 0], whole, known)


def _alike(data: SearchData, slots: Sequence[Slot]) -> NDArray[np.float32]:
    """(v,) likeness of each term's characters to the query's."""
    query = np.zeros(len(data.gram), np.float32)
    for slot in slots:
        if slot.ended and len(slot.terms) == 1:
            columns, values = data.term_grams.row(int(slot.terms[0]))
            if len(columns):
                query[columns] += values * slot.factor
                continue
        grams = np.array(n_grams(slot.spelt, complete=slot.ended), dtype=data.gram.dtype)
        at = np.minimum(np.searchsorted(data.gram, grams), max(len(data.gram) - 1, 0))
        if len(data.gram):
            at = at[data.gram[at] == grams]
            np.add.at(query, at, data.gram_idf[at] * np.float32(slot.factor))
    norm = max(float(np.linalg.norm(query)), 1e-9)
    return data.term_grams.dot(query / np.float32(norm))


def _held(
    data: SearchData, slots: Sequence[Slot], n_titles: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Weight of the query that each title holds, weight of each title that the query holds, weight of each slot."""
    held, mass = np.zeros(n_titles), np.zeros(n_titles)
    weights = np.zeros(len(slots))
    for place, slot in enumerate(slots):
        idf = data.term_title_idf[slot.terms]
        weights[place] = slot.factor * (float(idf @ slot.share) if len(idf) else _UNKNOWN_IDF)
        gained, likely = np.zeros(n_titles), np.zeros(n_titles)
        # of the words that a beginning may go on to, the rare ones are less what was meant
        chance = np.sqrt(slot.share / slot.share[0]) if len(idf) else slot.share
        for term, value, probable in zip(slot.terms.tolist(), idf.tolist(), chance.tolist(), strict=True):
            rows, _ = data.term_titles.row(term)
            gained[rows] = np.maximum(gained[rows], value * probable)
            likely[rows] = np.maximum(likely[rows], probable)
        held += weights[place] * likely
        mass += gained
    return held, mass, weights


def _closest_skill(data: SearchData, slots: Sequence[Slot]) -> NDArray[np.float64]:
    """(n,) how well one skill of the occupation says the query: mostly the share of the query that it holds."""
    terms = np.concatenate([slot.terms for slot in slots])
    weight = np.concatenate([slot.share * slot.factor for slot in slots]) * data.term_text_idf[terms]
    asked = sum(
        slot.factor * float(data.term_text_idf[slot.terms] @ slot.share if len(slot.terms) else _UNKNOWN_IDF)
        for slot in slots
    )
    held = data.term_skills.combine(terms, weight, len(data.skill_mass))
    some = np.flatnonzero(held)
    closeness = np.zeros(len(held))
    told = np.minimum(held[some] / np.maximum(data.skill_mass[some], 1e-9), 1)
    closeness[some] = (held[some] / max(asked, 1e-9)) ** 0.75 * told**0.25
    return data.occupation_skills.highest(closeness)


def _any_title(data: SearchData, slots: Sequence[Slot], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    n = len(data.code)
    total = np.zeros(n)
    for slot, weight in zip(slots, weights.tolist(), strict=True):
        present = np.zeros(n, bool)
        for term in slot.terms.tolist():
            present[data.title_occupation[data.term_titles.row(term)[0]]] = True
        total += weight * present
    return total / max(float(weights.sum()), 1e-9)


def _said(data: SearchData, slots: Sequence[Slot], weights: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    total = np.zeros(n)
    for slot, weight in zip(slots, weights.tolist(), strict=True):
        present = np.zeros(n, bool)
        for term in slot.terms.tolist():
            present[data.all_text.row(term)[0]] = True
        total += weight * present
    return total / max(float(weights.sum()), 1e-9)


def _first_word(data: SearchData, slot: Slot, n: int) -> NDArray[np.float64]:
    return data.term_heads.combine(slot.terms, slot.share, n)


def _highest(data: SearchData, by_title: NDArray[Any]) -> NDArray[np.float64]:
    """(n,) highest value among the titles of each occupation; 0 where it has none."""
    out = np.zeros(len(data.code))
    some = np.flatnonzero(np.diff(data.title_start))
    if len(some):
        out[some] = np.maximum.reduceat(by_title, data.title_start[some])
    return out


def _best_rows(data: SearchData, by_title: NDArray[np.float64]) -> NDArray[np.int64]:
    """(n,) row of the highest title of each occupation, the first of equals; -1 where it has none."""
    out = np.full(len(data.code), -1, np.int64)
    some = np.flatnonzero(np.diff(data.title_start))
    if len(some):
        best = np.maximum.reduceat(by_title, data.title_start[some])
        rows = np.flatnonzero(by_title >= np.repeat(best, np.diff(data.title_start)[some]))
        occupation, first = np.unique(data.title_occupation[rows], return_index=True)
        out[occupation] = rows[first]
    return out
