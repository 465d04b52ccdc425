"""Where an offer's work is: from what France Travail gives for a place to a commune, a department, or nothing.

In this order, the first that leads somewhere: the code of the commune; a code that stands where the postcode should;
the name on the label within the department that it gives; a postcode of one commune; the department alone. A place that
leads nowhere ("France entière") is nowhere: it never becomes Paris, nor the point 0, 0.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ingest.offers_model import LIMITS, Place, PlaceHow
from ingest.offers_text import clean
from ingest.territory import Territories
from ingest.territory_gazetteer import Gazetteer
from ingest.territory_query import key_words, name_words
from ingest.territory_search import PlaceIndex

_LABEL = re.compile(r"\s*(\d{5}|2[AB]\d{3}|\d{2,3}|2[AB])\s*-\s*(.+)", re.IGNORECASE)
_CODE = re.compile(r"\d{5}|2[AB]\d{3}", re.IGNORECASE)
#: ways in which a name on a label may be found: never by a spelling that is merely near
_SURE = frozenset({"name", "arrondissement", "code", "postcode"})


@dataclass(frozen=True)
class PlaceFound:
    """A place, and what was odd in it.

    unknown:     a commune's code that is none (None where none was given, or it is known)
    contradicts: the label gives another department than the code
    """

    place: Place
    unknown: str | None = None
    contradicts: bool = False


@dataclass(frozen=True)
class _At:
    commune: str
    own: str
    how: PlaceHow


class PlaceReader:
    """Made once from the territories; ``None`` of them, and only labels and coordinates are kept."""

    def __init__(self, territories: Territories | None) -> None:
        self._territories = territories
        self._names: dict[tuple[str, ...], str] = {}
        if territories is None:
            return
        gazetteer = Gazetteer.of(
            territories.communes,
            territories.arrondissements,
            territories.names,
            territories.departments,
            territories.codes.successors,
        )
        self._index = PlaceIndex(gazetteer)
        both = pd.concat([territories.communes, territories.arrondissements])
        self._points = {
            code: (float(latitude), float(longitude))
            for code, latitude, longitude in zip(both["code"], both["latitude"], both["longitude"], strict=True)
            if not (pd.isna(latitude) or pd.isna(longitude))
        }
        self._department = dict(zip(territories.communes["code"], territories.communes["department"], strict=True))
        departments = territories.departments
        self._names = {
            key_words(name_words(label)): code
            for code, label in zip(departments["code"], departments["label"], strict=True)
        }
        self._departments = frozenset(departments["code"])

    def read(self, given: Mapping[str, Any]) -> PlaceFound:
        """The place of ``lieuTravail`` (libelle, commune, codePostal, latitude, longitude), each of which may lack."""
        texts = {key: _text(given.get(key)) for key in ("libelle", "commune", "codePostal")}
        shown = clean(texts["libelle"] or "", LIMITS["text"]).text or None
        point = _point(given.get("latitude"), given.get("longitude"))
        code = texts["commune"] if texts["commune"] and _CODE.fullmatch(texts["commune"]) else None
        if self._territories is None:
            commune = code.upper() if code else None
            latitude, longitude = point or (None, None)
            how: PlaceHow = "code" if code else "none"
            return PlaceFound(Place(label=shown, commune=commune, latitude=latitude, longitude=longitude, how=how))
        number, name = _split(shown)
        at = self._at(code, texts["commune"], texts["codePostal"], number, name)
        unknown = code if code and (at is None or at.how != "code") else None
        if at is None:
            department = self._department_of(number, name, texts["codePostal"])
            latitude, longitude = point or (None, None)
            place = Place(label=shown, department=department, latitude=latitude, longitude=longitude,
                          how="department" if department else "none")  # fmt: skip
            return PlaceFound(place, unknown)
        department = self._department[at.commune]
        latitude, longitude = point or self._points.get(at.own) or self._points.get(at.commune) or (None, None)
        place = Place(
            label=shown,
            commune=at.commune,
            arrondissement=at.own if at.own != at.commune else None,
            department=department,
            area=self._territories.area(at.commune),
            latitude=latitude,
            longitude=longitude,
            how=at.how,
        )
        said = number if number in self._departments else None
        return PlaceFound(place, unknown, contradicts=said is not None and said != department)

    def _at(self, code: str | None, name_given: str, postcode: str, number: str | None, name: str | None) -> _At | None:
        for candidate, how in ((code, "code"), (postcode, "postcode"), (number, "postcode")):
            # INSEE's code of Paris, 75056, also comes as a postcode and on the label
            if candidate and (found := self._by_code(candidate, how)):  # type: ignore[arg-type]
                return found
        department = number if number in self._departments else None
        for text in dict.fromkeys(filter(None, (name, None if code else name_given))):
            if found := self._by_name(text, department or _start(postcode)):
                return found
        return self._by_postcode(postcode) if _CODE.fullmatch(postcode) else None

    def _by_code(self, text: str, how: PlaceHow) -> _At | None:
        codes = self._territories.codes if self._territories else None
        own = text.strip().upper()
        if codes is None or not _CODE.fullmatch(own):
            return None
        # where a postcode stands, five digits are a postcode first
        if how == "postcode" and any(match.how == "postcode" for match in self._index.find(own).matches[:1]):
            return None
        commune = codes.commune(own)
        if commune is None or commune not in self._department:
            return None
        return _At(commune, own if own in codes.arrondissements else commune, how)

    def _by_name(self, name: str, department: str | None) -> _At | None:
        # the number of an arrondissement and that of a department do not go together: then the name alone
        for typed in (f"{name} {department}", name) if department else (name,):
            answer = self._index.find(typed)
            found = answer.matches[0] if answer.matches else None
            if found is None or not answer.clear or found.how not in _SURE:
                continue
            # the name of a place elsewhere in France is not the place of the label
            if department is None or found.department == department:
                return _At(found.commune, found.code, "label")
        return None

    def _by_postcode(self, postcode: str) -> _At | None:
        answer = self._index.find(postcode)
        if not answer.clear or not answer.matches or answer.matches[0].how != "postcode":
            return None
        return _At(answer.matches[0].commune, answer.matches[0].code, "postcode")

    def _department_of(self, number: str | None, name: str | None, postcode: str) -> str | None:
        if number in self._departments:
            return number
        if name and (named := self._names.get(key_words(name_words(name)))):
            return named
        if not _CODE.fullmatch(postcode):
            return None
        # a postcode of several communes still says their department, where it is one
        several = {match.department for match in self._index.find(postcode).matches if match.how == "postcode"}
        return several.pop() if len(several) == 1 else None


def _split(label: str | None) -> tuple[str | None, str | None]:
    """ "26 - BOURG LES VALENCE" -> ("26", "BOURG LES VALENCE"); "Lyon 3e" -> (None, "Lyon 3e")."""
    found = _LABEL.fullmatch(label or "")
    return (found[1].upper(), found[2]) if found else (None, label)


def _start(postcode: str) -> str | None:
    """The department of a postcode, where its beginning says it (Corsica's does not)."""
    if not _CODE.fullmatch(postcode) or postcode.startswith("20"):
        return None
    return postcode[:3] if postcode.startswith(("97", "98")) else postcode[:2]


def _text(value: object) -> str:
    """As text; a postcode that was read as a number gets its zero again."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return value.strip()[: 4 * LIMITS["text"]] if isinstance(value, str) else str(value).zfill(5)


def _point(latitude: object, longitude: object) -> tuple[float, float] | None:
    values: list[float] = []
    for value in (latitude, longitude):
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            return None
        try:
            values.append(float(value))
        except (ValueError, OverflowError):
            return None
    north, east = values
    # 0, 0 is in the gulf of Guinea: it stands for "nowhere"
    if not (math.isfinite(north) and math.isfinite(east)) or (abs(north) < 1e-6 and abs(east) < 1e-6):
        return None
    return (north, east) if abs(north) <= 90 and abs(east) <= 180 else None
