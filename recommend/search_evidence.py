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
WEIGHTS = np.array([2.4, 4.2, 1.9, 3.2, 3.1, 7.2, 0.6, 0.17, 0.97])

#: weight of a word that nothing holds: that of a rare one
_UNKNOWN_IDF = 8.0
#: share of the query that a skill must hold to tell anything
_LEAST_SKILL = 0.15
_TINY = 1e-9
#: as good as all, in single precision
_ALL = 1 - 1e-5


@dataclass(frozen=True)
class Evidence:
    """Evidence for one reading of a query.

    values:      (n, 9) float64, columns named by ``NAMES``; all but the last two in [0, 1]
    said:        (n,) share of the query's weight that any text of the occupation holds, in [0, 1]
    exact:       rows of the titles whose words are those of the query, sorted
    whole:       (n,) 0 where no title holds every word; else 1 of two words, 2 of more, and 0 of a single one; 1 more
                 where such a title begins with them in their order
    known:       share of the query's weight whose words are known, in [0, 1]
    held, told:  (t,) share of the query's weight that a title holds, and of the title's that the query holds
    chars:       (t,) likeness of a title's characters to the query's, in [0, 1]
    """

    values: NDArray[np.float64]
    said: NDArray[np.float64]
    exact: NDArray[np.int64]
    whole: NDArray[np.float64]
    known: float
    held: NDArray[np.float64]
    told: NDArray[np.float64]
    chars: NDArray[np.float32]

    @property
    def log_odds(self) -> NDArray[np.float64]:
        """(n,) weighted sum of the evidence."""
        return np.asarray(self.values @ WEIGHTS)

    def closest_title(self, start: int, end: int) -> tuple[int, float]:
        """Row of the title closest to the query among rows ``start`` to ``end``, and its closeness in [0, 1].

        -1 where there are none.
        """
        if start == end:
            return -1, 0.0
        held, told = self.held[start:end], self.told[start:end]
        words = 2 * held * told / np.maximum(held + told, _TINY)
        closeness = 0.75 * words + 0.25 * self.chars[start:end]
        best = int(closeness.argmax())
        return start + best, float(max(words[best], self.chars[start + best]))


def evidence(data: SearchData, slots: Sequence[Slot]) -> Evidence:
    """Evidence for each occupation.

    slots: what the words stand for, at least one
    """
    n = len(data.code)
    terms = np.concatenate([slot.terms for slot in slots])
    weight = np.concatenate([slot.share * slot.factor for slot in slots]) * data.term_text_idf[terms]
    norm = max(float(np.linalg.norm(weight)), _TINY)
    direction = (weight / norm).astype(np.float32) @ data.term_topics[terms].astype(np.float32)
    alike = _alike(data, slots)
    chars = data.title_chars.dot(alike)
    held, told, slot_weight = _held(data, slots)
    values = np.column_stack(
        [
            _highest(data, chars),
            data.occupation_chars.dot(alike),
            data.all_text.combine(terms, weight / norm, n),
            data.definition_text.combine(terms, weight / norm, n),
            _closest_skill(data, slots),
            data.occupation_topics @ (direction / max(float(np.linalg.norm(direction)), _TINY)),
            _any_title(data, slots, slot_weight),
            data.term_heads.combine(slots[0].terms, slots[0].share, n),
            data.titles_log,
        ]
    )
    known = sum(weight for slot, weight in zip(slots, slot_weight.tolist(), strict=True) if len(slot.terms))
    full = np.flatnonzero(held > _ALL)
    whole = np.zeros(n)
    whole[data.title_occupation[full]] = min(len(slots) - 1, 2)
    whole[data.title_occupation[_begun(data, slots, full)]] += len(slots) > 1
    return Evidence(
        values=values,
        said=_said(data, slots, slot_weight),
        exact=full[told[full] > _ALL],
        whole=whole,
        known=known / max(float(slot_weight.sum()), _TINY),
        held=held,
        told=told,
        chars=chars,
    )


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
    norm = max(float(np.linalg.norm(query)), _TINY)
    return data.term_grams.dot(query / np.float32(norm))


def _held(
    data: SearchData, slots: Sequence[Slot]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Share of the query that each title holds, share of each title that the query holds, weight of each slot."""
    t = len(data.title)
    held, mass = np.zeros(t), np.zeros(t)
    weights = np.zeros(len(slots))
    for place, slot in enumerate(slots):
        idf = data.term_title_idf[slot.terms]
        weights[place] = slot.factor * (float(idf @ slot.share) if len(idf) else _UNKNOWN_IDF)
        if len(slot.terms) == 1:
            rows, _ = data.term_titles.row(int(slot.terms[0]))
            held[rows] += weights[place]
            mass[rows] += float(idf[0])
            continue
        gained, likely = np.zeros(t), np.zeros(t)
        # of the words that a beginning may go on to, the rare ones are less what was meant
        chance = np.sqrt(slot.share / slot.share[0]) if len(idf) else slot.share
        for term, value, probable in zip(slot.terms.tolist(), idf.tolist(), chance.tolist(), strict=True):
            rows, _ = data.term_titles.row(term)
            gained[rows] = np.maximum(gained[rows], value * probable)
            likely[rows] = np.maximum(likely[rows], probable)
        held += weights[place] * likely
        mass += gained
    return held / max(float(weights.sum()), _TINY), np.minimum(mass / np.maximum(data.title_mass, _TINY), 1), weights


def _begun(data: SearchData, slots: Sequence[Slot], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of the titles, each of which holds every word, that begin with the words in their order."""
    for place, slot in enumerate(slots):
        at = data.title_first[rows] + place
        within = at < data.title_first[rows + 1]
        rows = rows[within][np.isin(data.title_word[at[within]], slot.terms)]
    return rows


def _closest_skill(data: SearchData, slots: Sequence[Slot]) -> NDArray[np.float64]:
    """(n,) how well one skill of the occupation says the query: mostly the share of the query that it holds."""
    terms = np.concatenate([slot.terms for slot in slots])
    weight = np.concatenate([slot.share * slot.factor for slot in slots]) * data.term_text_idf[terms]
    asked = sum(
        slot.factor * (float(data.term_text_idf[slot.terms] @ slot.share) if len(slot.terms) else _UNKNOWN_IDF)
        for slot in slots
    )
    held = data.term_skills.combine(terms, weight, len(data.skill_mass)) / max(asked, _TINY)
    some = np.flatnonzero(held > _LEAST_SKILL)
    told = np.minimum(held[some] * asked / np.maximum(data.skill_mass[some], _TINY), 1)
    skills, occupations = data.skill_occupations.gather(some)
    closest = np.zeros(len(data.code))
    np.maximum.at(closest, occupations, (held[some] ** 0.75 * told**0.25)[skills])
    return closest


def _any_title(data: SearchData, slots: Sequence[Slot], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    n = len(data.code)
    total = np.zeros(n)
    for slot, weight in zip(slots, weights.tolist(), strict=True):
        present = np.zeros(n, bool)
        for term in slot.terms.tolist():
            present[data.title_occupation[data.term_titles.row(term)[0]]] = True
        total += weight * present
    return total / max(float(weights.sum()), _TINY)


def _said(data: SearchData, slots: Sequence[Slot], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    n = len(data.code)
    total = np.zeros(n)
    for slot, weight in zip(slots, weights.tolist(), strict=True):
        present = np.zeros(n, bool)
        for term in slot.terms.tolist():
            present[data.all_text.row(term)[0]] = True
        total += weight * present
    return total / max(float(weights.sum()), _TINY)


def _highest(data: SearchData, by_title: NDArray[Any]) -> NDArray[np.float64]:
    """(n,) highest value among the titles of each occupation; 0 where it has none."""
    out = np.zeros(len(data.code))
    some = np.flatnonzero(np.diff(data.title_start))
    if len(some):
        out[some] = np.maximum.reduceat(by_title, data.title_start[some])
    return out
