"""Search: from a text as people type it to occupations and their titles.

A query is read (``search_query``), its words become terms that gender, number and accents do not change
(``search_vocabulary``), each occupation gets evidence from its titles, definition, skills and knowledge
(``search_evidence``), and the best come first. See docs/search.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.tables import GraphTables
from recommend.search_build import search_data
from recommend.search_data import SearchData
from recommend.search_evidence import Evidence, evidence
from recommend.search_lexicon import Lexicon, read_everyday
from recommend.search_query import UNKNOWN_CODE, Reading, read_query

#: added to the log-odds of an occupation one of whose titles is the query, word for word; more for its main title
_EXACT = 8.0
_EXACT_MAIN = 1.5
#: added where one title holds both words of a query; twice that where it holds all of more
_WHOLE = 1.5
#: share of an exact title's worth left where the lexicon led to it
_EVERYDAY_EXACT = 0.5
#: score of what is closest beside an exact title
_BESIDE = 0.8
#: log-odds under the best at which an answer is noise beside it
_REACH = 4.5
#: what each further word adds, since the longer a text the less a single word of it decides
_REACH_WORD = 1.5
_REACH_MOST = 8.0
#: least share of the query's weight that an occupation's texts hold, or likeness of characters, to be an answer
_LEAST_SAID = 0.35
_LEAST_ALIKE = 0.45
#: log-odds by which the first is clearly ahead of the second
_CLEAR = 2.5
_TITLE_SHOWN = 0.35
_TRADE = re.compile(r"(?:eur|euse|rice|ier|iere|iste|ien|ienne|logue|graphe|therapeute|aire)s?$")


@dataclass(frozen=True)
class SearchHit:
    """An occupation found.

    title, title_ogr: the closest of its titles and its code; None where another text led to it
    score: in (0, 1], closeness relative to the first of the answer, lowered where the query's words are not all known:
        an order to show as a bar, no probability
    why:   short French phrase: what led to it
    """

    code_rome: str
    label: str
    title: str | None
    title_ogr: str | None
    score: float
    why: str


@dataclass(frozen=True)
class SearchAnswer:
    """What a query gives.

    query:  as typed; blank where it was refused, so that it is neither shown nor logged
    hits:   one an occupation, best first
    notice: French sentence to show with the hits or in their place
    clear:  whether the first hit can be taken without asking
    """

    query: str
    hits: tuple[SearchHit, ...]
    notice: str | None
    clear: bool


class SearchIndex:
    """Titles and occupations, ready to search."""

    def __init__(self, data: SearchData, lexicon: Lexicon) -> None:
        self._data = data
        self._lexicon = lexicon
        self._place = {code: place for place, code in enumerate(data.code)}

    @classmethod
    def of(cls, tables: GraphTables) -> "SearchIndex":
        """The index of every title and occupation of the tables, with the lexicon that ships with the package."""
        data = search_data(tables)
        return cls(data, Lexicon.of(read_everyday(), data.vocabulary))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The index as arrays, the lexicon with them."""
        lexicon = {f"lexicon.{name}": array for name, array in self._lexicon.to_arrays().items()}
        return self._data.to_arrays() | lexicon

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "SearchIndex":
        """The index that gave ``arrays``, which it goes on reading without a copy."""
        prefix = "lexicon."
        own = {name[len(prefix) :]: array for name, array in arrays.items() if name.startswith(prefix)}
        return cls(SearchData.from_arrays(arrays), Lexicon.from_arrays(own))

    def search(self, query: str, limit: int = 10) -> SearchAnswer:
        """Occupations for a text of any characters; the same text always gives the same answer.

        limit: most hits, 1 or more
        """
        read = read_query(query, self._data.vocabulary, self._lexicon)
        if read.refused:
            return SearchAnswer("", (), read.notice, clear=False)
        pinned = [self._place[code] for code in read.codes if code in self._place]
        notice = read.notice
        if read.codes and not pinned and notice is None:
            notice = UNKNOWN_CODE.format(read.codes[0])
        found = [(reading, evidence(self._data, reading.slots)) for reading in read.readings]
        # a word that nothing holds is compared by its letters only where it is made as names of trades are
        found = [(reading, told) for reading, told in found if told.known > 0 or _names_a_trade(reading)]
        hits, clear = self._ranked(found, pinned, limit)
        if not hits and notice is None:
            notice = "Aucun métier trouvé : essayez un autre mot, une activité ou une compétence."
        return SearchAnswer(query, tuple(hits), notice, clear and not read.notice)

    def _ranked(
        self, found: list[tuple[Reading, Evidence]], pinned: list[int], limit: int
    ) -> tuple[list[SearchHit], bool]:
        n = len(self._place)
        best, plain = np.full(n, -np.inf), np.full(n, -np.inf)
        by = np.zeros(n, np.int64)
        for place, (reading, told) in enumerate(found):
            odds, bonus = self._odds(told)
            odds = odds - reading.doubt
            if reading.everyday:
                bonus = bonus * _EVERYDAY_EXACT
            by[odds + bonus > best] = place
            best, plain = np.maximum(best, odds + bonus), np.maximum(plain, odds)
        top = float(best.max(initial=-np.inf))
        order = [*pinned]
        if np.isfinite(top):
            # an exact title comes first; it does not make the others noise
            longest = max(len(reading.slots) for reading, _ in found)
            reach = min(_REACH + _REACH_WORD * (longest - 1), _REACH_MOST)
            near = np.flatnonzero((plain >= plain.max() - reach) | (best > plain))
            order += [place for place in near[np.lexsort((near, -best[near]))].tolist() if place not in pinned]
        order = order[:limit]
        known = max((told.known for _, told in found), default=1.0)
        hits = [self._pinned(place, found) for place in order[: len(pinned)]]
        rest = order[len(pinned) :]
        score = (0.5 + 0.5 * known) * (0.5 if pinned else 1)
        highest = max((plain[place] for place in rest), default=0.0)
        for place in rest:
            if best[place] == plain[place]:
                score = min(
                    score,
                    float(np.exp((plain[place] - highest) / 3)) * (_BESIDE if best[rest[0]] > plain[rest[0]] else 1),
                )
            hits.append(self._hit(place, *found[by[place]], score=score))
        gap = _CLEAR + 1
        if not pinned and len(order) > 1:
            gap = float(best[order[0]] - best[order[1]])
        sure = len(pinned) == 1 or (bool(order) and gap >= _CLEAR and known > 0.6)
        return hits, sure

    def _odds(self, told: Evidence) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Logarithm of each occupation's share of the evidence, minus infinity where nothing speaks for it, and what an
        exact title adds: shares compare between readings, sums of evidence do not."""
        data = self._data
        bonus = np.zeros(len(self._place))
        exact, main = data.title_occupation[told.exact], data.title_main[told.exact]
        bonus[exact] = _EXACT
        bonus[exact[main]] = _EXACT + _EXACT_MAIN
        answers = (told.said >= _LEAST_SAID) | (told.values[:, 0] >= _LEAST_ALIKE)
        odds = told.log_odds
        highest = odds.max(initial=0)
        share = odds - highest - np.log(max(float(np.exp(odds - highest).sum()), 1e-9))
        return np.where(answers, share + _WHOLE * told.whole, -np.inf), bonus

    def _pinned(self, place: int, found: list[tuple[Reading, Evidence]]) -> SearchHit:
        title, closeness = self._closest(place, found[0][1]) if found else (-1, 0.0)
        return self._shown(place, title if closeness >= _TITLE_SHOWN else -1, 1.0, "code")

    def _hit(self, place: int, reading: Reading, told: Evidence, *, score: float) -> SearchHit:
        title, closeness = self._closest(place, told)
        exact = self._data.title_occupation[told.exact] == place
        if exact.any():
            title, closeness = int(told.exact[exact][0]), 1.0
        if closeness < _TITLE_SHOWN:
            title = -1
        if reading.everyday:
            why = "mot courant"
        elif exact.any():
            why = "appellation exacte"
        elif title >= 0:
            why = "appellation proche"
        elif told.values[place, 4] > told.values[place, 3]:
            why = "compétence"
        else:
            why = "description du métier"
        return self._shown(place, title, score, why)

    def _closest(self, place: int, told: Evidence) -> tuple[int, float]:
        start, end = self._data.title_start[place : place + 2].tolist()
        return told.closest_title(start, end)

    def _shown(self, place: int, title: int, score: float, why: str) -> SearchHit:
        data = self._data
        return SearchHit(
            code_rome=data.code[place],
            label=data.label[place],
            title=data.title[title] if title >= 0 else None,
            title_ogr=data.title_ogr[title] if title >= 0 else None,
            score=score,
            why=why,
        )


def _names_a_trade(reading: Reading) -> bool:
    return all(_TRADE.search(slot.word) for slot in reading.slots)
