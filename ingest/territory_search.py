"""Search of a place as people type it: "st etienne", "59000", "paris 13", "l'hay les roses", "saint denis 93".

Pure: made from a ``Gazetteer``, it reads nothing and may move to where answers are made.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.territory_gazetteer import FORMER, Gazetteer
from ingest.territory_match import How, PlaceAnswer, PlaceMatch
from ingest.territory_names import Ids
from ingest.territory_postcodes import OVERSEAS
from ingest.territory_query import PlaceQuery, key_words, parse, without_office

#: how a name was found, best first; the place in this order is the tier of a match
_TIERS: tuple[How, ...] = ("name", "name", "beginning", "words", "spelling")
_SPELLING = 4
_BEGINNING = 2
#: what people give as one department and is several, by how their codes begin
_GROUPS = {"20": ("2A", "2B"), "97": OVERSEAS}
#: names looked at in one tier: what starts with "saint" is a thousand
_LOOKED_AT = 60
#: an approximate spelling of so many letters, with one wrong and no other place near it, is taken for the place
_SURE_LENGTH = 6


@dataclass(frozen=True)
class _Found:
    place: int
    tier: int
    name: int
    distance: int = 0


class PlaceIndex:
    """Places by name, postcode and code; made once, then each question takes about a millisecond or less."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._known = gazetteer

    @property
    def gazetteer(self) -> Gazetteer:
        """What is searched in."""
        return self._known

    def find(self, typed: str, limit: int = 10) -> PlaceAnswer:
        """Places that a text may mean, best first; none, with the reason, where it means none."""
        query = parse(typed)
        if query.code is not None:
            return self._by_code(query, limit)
        if query.arrondissement is not None:
            answer = self._by_arrondissement(query)
            if answer is not None:
                return answer
        if query.words:
            return self._by_name(query, limit)
        if query.department is not None:
            return self._by_department(query.department)
        return PlaceAnswer((), clear=False, reason="rien à chercher : donnez un nom de commune ou un code postal")

    def by_code(self, code: str) -> PlaceMatch | None:
        """The commune or arrondissement of INSEE's code, of today or old, never of a postcode; None where unknown."""
        place = self._known.by_code.first(code.strip().upper())
        return None if place is None else self._match(place, "code")

    def _match(self, place: int, how: How, name: str | None = None) -> PlaceMatch:
        known = self._known
        department = known.departments[place]
        return PlaceMatch(
            code=known.codes[place],
            label=known.labels[place],
            commune=known.codes[self._commune_place(place)],
            department=department,
            department_label=known.department_label(department) or "",
            postcodes=tuple(known.postcodes[place].split()),
            name=name or known.labels[place],
            how=how,
            formerly=known.formerly(place),
        )

    def _by_arrondissement(self, query: PlaceQuery) -> PlaceAnswer | None:
        place = self._known.arrondissements.get((query.words[0], query.arrondissement or 0))
        if place is None:
            return None
        matches = (self._match(place, "arrondissement"), self._match(self._commune_place(place), "name"))
        if query.department == self._known.departments[place]:
            number = f"{query.department} est aussi le numéro du département"
            return PlaceAnswer(matches, clear=False, reason=number)
        return PlaceAnswer(matches, clear=True)

    def _by_department(self, code: str) -> PlaceAnswer:
        label = self._known.department_label(code)
        if label is None:
            return PlaceAnswer((), clear=False, reason=f"aucun département n'a le numéro {code}")
        reason = f"{code} est le département {label} : donnez une commune"
        place = self._known.seat(code)
        return PlaceAnswer((self._match(place, "department"),) if place is not None else (), clear=False, reason=reason)

    def _by_code(self, query: PlaceQuery, limit: int) -> PlaceAnswer:
        code = query.code or ""
        places = self._known.postal.places(code)
        if places and query.words:
            return self._named_at(query, places, limit)
        matches = [self._match(place, "postcode") for place in places]
        own = self.by_code(code)
        if own is not None and own.code not in {self._known.codes[place] for place in places}:
            matches.append(own)
        if len(matches) == 1:
            return PlaceAnswer(tuple(matches), clear=True)
        if matches:
            told = f"le code postal {code} est celui de {len(places)} communes"
            if len(matches) > len(places):
                told = f"{code} est un code postal, et le code INSEE d'une autre commune : {matches[-1].label}"
            return PlaceAnswer(tuple(matches[:limit]), clear=False, reason=told)
        if query.words:
            answer = self._by_name(query, limit, self._known.postal.department(code))
            if answer.matches:
                return answer
        return self._unknown_postcode(code, limit)

    def _named_at(self, query: PlaceQuery, places: list[int], limit: int) -> PlaceAnswer:
        """A name beside a postcode: the one of its places that is called so."""
        ids = np.flatnonzero(np.isin(self._known.name_place, [self._commune_place(place) for place in places]))
        found = self._ranked(self._search(query.words, ids))
        if found:
            by_place = {self._commune_place(place): place for place in reversed(places)}
            matches = [self._match(by_place[one.place], "postcode", self._known.names[one.name]) for one in found]
            clear = len(found) == 1 or found[1].tier > found[0].tier
            return PlaceAnswer(
                tuple(matches[:limit]), clear, "" if clear else "plusieurs communes de ce code postal ont ce nom"
            )
        matches = [self._match(place, "postcode") for place in places]
        reason = f"aucune commune du code postal {query.code} ne porte ce nom"
        return PlaceAnswer(tuple(matches[:limit]), clear=False, reason=reason)

    def _commune_place(self, place: int) -> int:
        return int(self._known.commune[place])

    def _unknown_postcode(self, code: str, limit: int) -> PlaceAnswer:
        """A CEDEX or mistyped code: the communes of the nearest true one, or the seat of the department."""
        department = self._known.postal.department(code)
        if department is None or not code.isdecimal():
            return PlaceAnswer((), clear=False, reason=f"aucune commune n'a le code {code}")
        seat = self._known.seat(department)
        places = [] if code.endswith("000") else self._known.postal.nearest(code)
        if not places and seat is not None:
            places = [seat]
        reason = (
            f"{code} n'est le code postal d'aucune commune (code CEDEX, ou faute de frappe) : "
            f"département {department} ({self._known.department_label(department) or 'inconnu'})"
        )
        return PlaceAnswer(tuple(self._match(place, "cedex") for place in places[:limit]), clear=False, reason=reason)

    def _by_name(self, query: PlaceQuery, limit: int, department: str | None = None) -> PlaceAnswer:
        wanted, words = department or query.department, query.words
        if wanted is None:
            words, wanted = self._without_department(words)
        reason = ""
        found: list[_Found] = []
        if wanted is not None:
            found = self._ranked(self._search(words, self._names_in(wanted)))
            if not found:
                reason = f"rien de ce nom dans le département {wanted}"
        found = found or self._ranked(self._search(words))
        if not found and without_office(words) != words:
            found = self._ranked(self._search(without_office(words)))
        if not found:
            return PlaceAnswer((), clear=False, reason="aucune commune ne porte ce nom, ni un nom proche")
        reason = reason or self._doubt(found, len("".join(key_words(words))))
        matches = tuple(self._match(one.place, _TIERS[one.tier], self._known.names[one.name]) for one in found[:limit])
        return PlaceAnswer(matches, clear=not reason, reason=reason)

    def _names_in(self, department: str) -> Ids:
        """Names of a department's places; of Corsica's two for 20, of all overseas for 97."""
        index = self._known.by_department
        codes = [code for code in index.texts if code.startswith(_GROUPS.get(department, department))]
        return np.concatenate([np.zeros(0, dtype=np.int64), *(index.get(code) for code in codes)])

    def _without_department(self, words: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
        """ "saint denis la reunion" -> ("saint", "denis"), "974", unless the whole is a commune's name."""
        if any(len(ids) for ids in self._known.table.whole(words)):
            return words, None
        for cut in range(1, len(words)):
            code = self._known.department_named.get(key_words(words[cut:]))
            if code is not None:
                return words[:cut], code
        return words, None

    def _search(self, words: tuple[str, ...], among: Ids | None = None) -> list[_Found]:
        """Names of each tier; those of later tiers only where nobody has the whole name."""
        name_place = self._known.name_place
        exact, alike = self._known.table.whole(words)
        tiers = [exact, alike, self._known.table.begun(words), self._known.table.containing(words)]
        if among is not None:
            tiers = [ids[np.isin(ids, among)] for ids in tiers]
        found = [
            _Found(int(name_place[name]), tier, int(name))
            for tier, ids in enumerate(tiers)
            for name in self._first(ids)
        ]
        if not len(tiers[0]) and not len(tiers[1]):
            ids, distances = self._known.table.alike(words, among)
            found += [
                _Found(int(name_place[name]), _SPELLING, int(name), int(distance))
                for name, distance in zip(ids, distances, strict=True)
            ]
        return found

    def _first(self, ids: Ids) -> NDArray[np.int64]:
        if len(ids) <= _LOOKED_AT:
            return ids
        keys = self._known.name_kind[ids] * len(self._known.rank) + self._known.rank[self._known.name_place[ids]]
        return ids[np.argpartition(keys, _LOOKED_AT)[:_LOOKED_AT]]

    def _ranked(self, found: list[_Found]) -> list[_Found]:
        """Each place once, by its best name, best place first."""
        best: dict[int, _Found] = {}
        for one in sorted(found, key=self._order):
            best.setdefault(one.place, one)
        return list(best.values())

    def _order(self, one: _Found) -> tuple[float, int, int, int]:
        kind, large = int(self._known.name_kind[one.name]), self._known.prominence[one.place] > 0
        tier: float = one.tier
        if one.tier == _BEGINNING and large and not kind:
            tier = _BEGINNING - 0.5
        elif one.tier < _BEGINNING and kind and not large:
            # "boulogne" is a hamlet somewhere, and the beginning of two towns
            tier = _BEGINNING - 0.25
        return tier, one.distance, kind, int(self._known.rank[one.place])

    def _doubt(self, found: list[_Found], length: int) -> str:
        """Why the first may not be the one meant, in French; blank when it is."""
        known, first, others = self._known, found[0], found[1:]
        if first.tier == _SPELLING:
            alone = all(one.distance > first.distance + 1 for one in others)
            sure = first.distance == 1 and length >= _SURE_LENGTH and alone
            return "" if sure else "orthographe approchée"
        kind = max(int(known.name_kind[first.name]), FORMER)
        same = [one for one in others if one.tier == first.tier and known.name_kind[one.name] <= kind]
        if first.tier >= _BEGINNING:
            return f"{len(found)} communes au moins ont un nom de ce genre" if others else ""
        if same:
            places = ", ".join(f"{known.names[o.name]} ({known.departments[o.place]})" for o in [first, *same][:5])
            return f"{1 + len(same)} communes portent ce nom : {places}"
        larger = [one for one in others if known.prominence[one.place] > known.prominence[first.place]]
        if larger:
            return f"peut-être {known.labels[larger[0].place]} ({known.departments[larger[0].place]})"
        return ""
