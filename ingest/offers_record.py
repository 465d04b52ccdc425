"""One record of the API on its way to an ``Offer``: each field read for what it is, or missing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from graph.labels import fold
from ingest.offers_findings import Counts
from ingest.offers_model import LIMITS, AskedSkill, Condition, OccupationHow, Offer
from ingest.offers_place import PlaceReader
from ingest.offers_text import CleanText, clean
from ingest.offers_vocabulary import Fallback, Vocabulary

#: of each list of an offer, the first ones: a hundred asked skills are no offer
MOST_SKILLS, MOST_CONDITIONS, MOST_PARTNERS = 60, 30, 10
_MARK = re.compile(r"\s*[-–(,/]*\s*\b[hf]\s*/\s*[hf]\b\s*\)?\s*\.?\s*$", re.IGNORECASE)
_HTTP = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_EXPERIENCE: dict[str, Literal["D", "S", "E"]] = {"D": "D", "S": "S", "E": "E"}
_REQUIRED = {"E": True, "S": False}
_CONDITIONS: tuple[tuple[str, Literal["training", "language", "licence"]], ...] = (
    ("formations", "training"),
    ("langues", "language"),
    ("permis", "licence"),
)


@dataclass
class RecordReader:
    """One record on its way to an offer."""

    record: Mapping[str, Any]
    id: str
    vocabulary: Vocabulary
    fallback: Fallback
    places: PlaceReader
    counts: Counts

    def offer(self) -> Offer:
        """The offer, or pydantic's ValidationError."""
        title = self._text(self.record, "intitule", limit=LIMITS["title"])
        appellation = self._text(self.record, "appellationlibelle")
        place = self.places.read(self._part("lieuTravail"))
        self.counts.place(self.id, place)
        employer = self._part("entreprise")
        siret = employer.get("siret")
        origin = self._part("origineOffre")
        wage = self._wage()
        name = self._text(employer, "nom")
        self.counts.note("withoutEmployer", self.id, name is None)
        self.counts.note("withoutWage", self.id, wage is None)
        code, how = self._occupation(appellation, title)
        experience = self.record.get("experienceExige")
        alternance = self.record.get("alternance")
        positions = self.record.get("nombrePostes")
        url = origin.get("urlOrigine")
        return Offer(
            id=self.id,
            title=title,
            description=self._text(self.record, "description", limit=LIMITS["description"], lines=True),
            occupation=code,
            occupation_how=how,
            rome_code=self._text(self.record, "romeCode"),
            rome_label=self._text(self.record, "romeLibelle"),
            appellation=appellation,
            skills=self._skills(),
            conditions=self._conditions(),
            place=place.place,
            contract=self._text(self.record, "typeContrat"),
            contract_label=self._text(self.record, "typeContratLibelle"),
            nature=self._text(self.record, "natureContrat"),
            apprenticeship=alternance if isinstance(alternance, bool) else None,
            hours=self._text(self.record, "dureeTravailLibelle")
            or self._text(self.record, "dureeTravailLibelleConverti"),
            experience=_EXPERIENCE.get(experience) if isinstance(experience, str) else None,
            experience_label=self._text(self.record, "experienceLibelle"),
            wage=wage,
            employer=name,
            siret=siret if isinstance(siret, str) and re.fullmatch(r"\d{14}", siret) else None,
            naf=self._text(self.record, "codeNAF") or self._text(self.record, "secteurActivite"),
            positions=positions if type(positions) is int and positions > 0 else None,
            partners=tuple(
                name for one in _several(origin.get("partenaires"), MOST_PARTNERS) if (name := self._text(one, "nom"))
            ),
            url=url if isinstance(url, str) and len(url) <= 2_000 and _HTTP.fullmatch(url) else None,
            created=self._date("dateCreation"),
            updated=self._date("dateActualisation"),
        )

    def _occupation(self, appellation: str | None, title: str | None) -> tuple[str | None, OccupationHow]:
        """The occupation in the ROME in use. A code of ROME 3 looks like one of ROME 4 and means the whole family."""
        known = self.vocabulary
        given = self.record.get("romeCode")
        code = given.strip().upper() if isinstance(given, str) and given.strip() else None
        self.counts.note("withoutRome", self.id, code is None)
        named = known.titles.get(fold(appellation), ()) if appellation else ()
        self.counts.note("unknownAppellation", self.id, appellation is not None and not named)
        if len(named) == 1 and named[0] != code and (code is None or known.family_of.get(named[0]) == code):
            self.counts.note("romeOfFamily", self.id, code is not None)
            return named[0], "title"
        if code in known.occupations:
            return code, "code"
        self.counts.note("unknownRome", self.id, code is not None, code)
        for text in (appellation, title):
            if text and (found := self.fallback.occupation(_MARK.sub("", text))):
                return found, "search"
        self.counts.note("withoutOccupation", self.id)
        return None, "none"

    def _skills(self) -> tuple[AskedSkill, ...]:
        found: dict[str, AskedSkill] = {}
        for part in ("competences", "qualitesProfessionnelles"):
            for one in _several(self.record.get(part), MOST_SKILLS):
                label = self._text(one, "libelle")
                if label is None:
                    continue
                asked = self._skill(one.get("code"), label, _REQUIRED.get(str(one.get("exigence"))))
                key = asked.code or fold(asked.label)
                # asked twice, and required once: required
                if key not in found or (asked.required and not found[key].required):
                    found[key] = asked
        return tuple(found.values())

    def _skill(self, given: object, label: str, required: bool | None) -> AskedSkill:
        known = self.vocabulary
        code = str(given).strip() if isinstance(given, (str, int)) and not isinstance(given, bool) else ""
        if code in known.skills:
            self.counts.note("skillsRelabelled", self.id, fold(known.skills[code]) != fold(label), f"{code} {label}")
            return AskedSkill(code=code, label=label, required=required, how="code")
        self.counts.note("unknownSkillCodes", self.id, bool(code), f"{code} {label}")
        self.counts.note("skillsWithoutCode", self.id, not code, label)
        if by_label := known.skill_of.get(fold(label)):
            return AskedSkill(code=by_label, label=label, required=required, how="label")
        if searched := self.fallback.skill(label):
            self.counts.note("skillsFoundBySearch", self.id, example=f"{label} → {searched}")
            return AskedSkill(code=searched, label=label, required=required, how="search")
        self.counts.note("skillsUnmatched", self.id, example=label)
        return AskedSkill(code=None, label=label, required=required, how="none")

    def _conditions(self) -> tuple[Condition, ...]:
        asked = []
        for part, kind in _CONDITIONS:
            for one in _several(self.record.get(part), MOST_CONDITIONS):
                words = [self._text(one, key) for key in ("libelle", "niveauLibelle", "domaineLibelle", "commentaire")]
                label = ", ".join(dict.fromkeys(filter(None, words)))[: LIMITS["text"]]
                if label:
                    required = _REQUIRED.get(str(one.get("exigence")))
                    asked.append(Condition(kind=kind, label=label, required=required))
        return tuple(asked)

    def _wage(self) -> str | None:
        """What it says of the wage: its label, else what the recruiter wrote beside."""
        given = self._part("salaire")
        if label := self._text(given, "libelle"):
            return label
        words = [self._text(given, key) for key in ("commentaire", "complement1", "complement2")]
        return ", ".join(dict.fromkeys(filter(None, words)))[: LIMITS["text"]] or None

    def _part(self, name: str) -> Mapping[str, Any]:
        part = self.record.get(name)
        return part if isinstance(part, Mapping) else {}

    def _text(
        self, part: Mapping[str, Any], key: str, *, limit: int = LIMITS["text"], lines: bool = False
    ) -> str | None:
        value = part.get(key)
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            return None
        found: CleanText = clean(str(value), limit, lines=lines)
        self.counts.text(self.id, key, found)
        return found.text or None

    def _date(self, key: str) -> datetime | None:
        value = self.record.get(key)
        if value is None:
            return None
        try:
            date = datetime.fromisoformat(str(value)[:40])
            # what carries no offset is France Travail's "Z" left out
            return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.counts.note("unreadableDates", self.id, example=str(value)[:40])
            return None


def _several(value: object, most: int) -> list[Mapping[str, Any]]:
    return [one for one in value[:most] if isinstance(one, Mapping)] if isinstance(value, list) else []
