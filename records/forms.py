"""What may be recorded, and nothing else: codes, closed lists and numbers. An unknown field is refused by its name.

There is no free text, so that nobody can write down who a person is, nor why she refuses something. Codes of at most
seven digits leave no room for a telephone or social security number.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from passerelle.errors import InvalidRecordError

Years = Literal["0-2", "3-5", "6+"]
Origin = Literal["declared", "inferred", "confirmed"]
Level = Literal["beginner", "independent", "expert"]
Choice = Literal["keep", "change", "dismiss"]
#: what a counselor decides on
Subject = Literal["occupation", "offer"]
Reason = Literal[
    "already-explored",
    "not-wanted",
    "working-conditions",
    "too-far",
    "training",
    "requirement",
    "wage",
    "few-openings",
    "skills-misread",
    "unrelated",
    "contract",
    "hours",
    "no-transport",
    "experience",
    "start-date",
    "employer",
    "already-applied",
    "filled",
]
YEARS_FRENCH: dict[Years, str] = {"0-2": "2 ans ou moins", "3-5": "3 à 5 ans", "6+": "6 ans ou plus"}
ORIGIN_FRENCH: dict[Origin, str] = {"declared": "déclarée", "inferred": "déduite", "confirmed": "confirmée"}
LEVEL_FRENCH: dict[Level, str] = {"beginner": "débutant", "independent": "autonome", "expert": "expert"}
CHOICE_FRENCH: dict[Choice, str] = {"keep": "retenu", "change": "remplacé", "dismiss": "écarté"}
#: of an offer, which is feminine in French. None is changed: another one has its own place in a list
OFFER_CHOICE_FRENCH: dict[Choice, str] = {"keep": "retenue", "dismiss": "écartée"}
REASON_FRENCH: dict[Reason, str] = {
    "already-explored": "Piste déjà explorée",
    "not-wanted": "Métier non souhaité",
    "working-conditions": "Conditions de travail non souhaitées",
    "too-far": "Trop loin du secteur de recherche",
    "training": "Formation nécessaire trop longue ou indisponible",
    "requirement": "Diplôme, titre ou habilitation manquant",
    "wage": "Rémunération insuffisante",
    "few-openings": "Trop peu d'offres sur le territoire",
    "skills-misread": "Compétences mal prises en compte",
    "unrelated": "Sans rapport avec le parcours",
    "contract": "Type ou durée de contrat non souhaités",
    "hours": "Durée ou horaires de travail non souhaités",
    "no-transport": "Pas de moyen de transport pour s'y rendre",
    "experience": "Expérience insuffisante pour cette offre",
    "start-date": "Date de début incompatible",
    "employer": "Employeur non souhaité",
    "already-applied": "Candidature déjà faite",
    "filled": "Offre déjà pourvue ou retirée",
}
_OCCUPATION: tuple[Subject, ...] = ("occupation",)
_OFFER: tuple[Subject, ...] = ("offer",)
_BOTH = _OCCUPATION + _OFFER
#: reason -> what it is said of. None is of health, family or origin: what a person cannot do or be is not asked for
REASON_APPLIES_TO: dict[Reason, tuple[Subject, ...]] = {
    "already-explored": _OCCUPATION,
    "not-wanted": _BOTH,
    "working-conditions": _BOTH,
    "too-far": _BOTH,
    "training": _OCCUPATION,
    "requirement": _BOTH,
    "wage": _BOTH,
    "few-openings": _OCCUPATION,
    "skills-misread": _BOTH,
    "unrelated": _BOTH,
    "contract": _OFFER,
    "hours": _OFFER,
    "no-transport": _OFFER,
    "experience": _OFFER,
    "start-date": _OFFER,
    "employer": _OFFER,
    "already-applied": _OFFER,
    "filled": _OFFER,
}

_ROME, _OGR, _AREA, _REGION = r"^[A-N][0-9]{4}$", r"^[0-9]{1,7}$", r"^[0-9]{4}$", r"^[0-9]{2}$"
_OFFER_ID = r"^[!-~]{1,50}$"
_EXAMPLES = {
    _ROME: "un code ROME, comme B1804",
    _OGR: "un code OGR, sept chiffres au plus",
    _AREA: "un code de bassin d'emploi, quatre chiffres",
    _REGION: "un code de région, deux chiffres",
    _OFFER_ID: "le numéro d'une offre, tel que sa source le donne",
}
CodeRome = Annotated[str, StringConstraints(pattern=_ROME)]
#: of a skill or a work context
CodeOgr = Annotated[str, StringConstraints(pattern=_OGR)]
#: an employment area (bassin): a commune has five characters and is refused
AreaCode = Annotated[str, StringConstraints(pattern=_AREA)]
RegionCode = Annotated[str, StringConstraints(pattern=_REGION)]
#: an offer as its source names it
OfferId = Annotated[str, StringConstraints(pattern=_OFFER_ID)]
#: a word of ours: a lens, a kind, a feature
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Version = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,79}$")]
ReachKm = Annotated[StrictInt, Field(ge=0, le=2000)]
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z_]{0,39}")


class Form(BaseModel):
    """Base: camelCase outside, unknown fields refused, values not repeated in errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True, hide_input_in_errors=True
    )

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """The form that a document of codes makes.

        raises: InvalidRecordError with the pointer of the first field that is wrong
        """
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise InvalidRecordError(_pointer(first["loc"]), _problem(first["type"], first.get("ctx", {}))) from None

    def document(self) -> dict[str, Any]:
        """As JSON would have it, camelCase, missing fields as None."""
        return self.model_dump(mode="json", by_alias=True)


class PastOccupation(Form):
    """An occupation that a person has worked in, and how long."""

    code_rome: CodeRome
    years: Years


class HeldSkill(Form):
    """A skill that a person holds, and how one knows; level None where nobody said."""

    code_ogr: CodeOgr
    origin: Origin
    level: Level | None = None


class SeekerProfile(Form):
    """What a counselor enters of a person. Nothing says who the person is.

    area: employment area, never a commune; reach_km: how far from it, None where nobody said
    refused_contexts: codes of work contexts; no motive is asked
    """

    past_occupations: Annotated[tuple[PastOccupation, ...], Field(max_length=30)] = ()
    skills: Annotated[tuple[HeldSkill, ...], Field(max_length=500)] = ()
    refused_contexts: Annotated[tuple[CodeOgr, ...], Field(max_length=200)] = ()
    area: AreaCode | None = None
    reach_km: ReachKm | None = None

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        each_once([entry.code_rome for entry in self.past_occupations])
        each_once([entry.code_ogr for entry in self.skills])
        each_once(self.refused_contexts)
        return self

    def check_contexts(self, allowed: Collection[str]) -> None:
        """raises: InvalidRecordError for a refused context that is not in the closed list ``allowed``."""
        for position, context in enumerate(self.refused_contexts):
            if context not in allowed:
                raise InvalidRecordError(f"/refusedContexts/{position}", "ce contexte de travail n'est pas de la liste")


class AskedOccupation(Form):
    """A past occupation as it was asked for; years None where nobody said."""

    code_rome: CodeRome
    years: Years | None = None


class Question(Form):
    """What was asked: codes only. kind and sort None where nothing was chosen.

    area, region: where; reach_km: how far from there
    """

    past_occupations: Annotated[tuple[AskedOccupation, ...], Field(max_length=30)] = ()
    skills: Annotated[tuple[CodeOgr, ...], Field(max_length=500)] = ()
    refused_contexts: Annotated[tuple[CodeOgr, ...], Field(max_length=200)] = ()
    area: AreaCode | None = None
    reach_km: ReachKm | None = None
    region: RegionCode | None = None
    kind: Word | None = None
    sort: Word | None = None


class Verdict(Form):
    """What a counselor decides on one occupation, or one offer, that was shown.

    code_rome, offer: the occupation or the offer as shown, one of the two
    changed_to: with "change" only, the occupation taken instead; an offer is kept or dismissed
    reason: with "dismiss" only, of those that are said of an occupation or of an offer (``REASON_APPLIES_TO``)
    """

    code_rome: CodeRome | None = None
    offer: OfferId | None = None
    choice: Choice
    changed_to: CodeRome | None = None
    reason: Reason | None = None

    @field_validator("choice")
    @classmethod
    def _may_be_chosen(cls, choice: Choice, info: ValidationInfo) -> Choice:
        if info.data.get("offer") is not None and choice not in OFFER_CHOICE_FRENCH:
            raise ValueError("une offre se retient ou s'écarte : elle ne se remplace pas")
        return choice

    @field_validator("reason")
    @classmethod
    def _may_be_said(cls, reason: Reason | None, info: ValidationInfo) -> Reason | None:
        # of an id that was refused nobody knows what it was of
        if reason is None or not {"code_rome", "offer"} <= set(info.data):
            return reason
        subject: Subject = "occupation" if info.data["offer"] is None else "offer"
        if subject not in REASON_APPLIES_TO[reason]:
            raise ValueError(f"ce motif ne se dit pas d'{'un métier' if subject == 'occupation' else 'une offre'}")
        return reason

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.code_rome is None) == (self.offer is None):
            raise ValueError("donnez « codeRome » ou « offer », l'un des deux")
        changed = self.changed_to is not None
        if (self.choice == "change") != changed or (changed and self.changed_to == self.code_rome):
            raise ValueError("un métier de remplacement, autre que celui proposé, va avec « change » et lui seul")
        if (self.choice == "dismiss") != (self.reason is not None):
            raise ValueError("un motif de la liste va avec « dismiss » et lui seul")
        return self


def each_once(codes: Sequence[str]) -> None:
    """raises: ValueError for a code that is given twice."""
    if len(set(codes)) < len(codes):
        raise ValueError("le même code est donné deux fois")


def _pointer(location: tuple[int | str, ...]) -> str:
    # a field that the forms do not name may be anything, a person's name or telephone number too: only what looks like
    # the name of a field is said again
    return "".join(f"/{part if isinstance(part, int) or _FIELD_NAME.fullmatch(part) else '…'}" for part in location)


def _problem(kind: str, context: Mapping[str, Any]) -> str:
    """pydantic's kind of error, in French."""
    known = {
        "extra_forbidden": "ce champ n'existe pas : rien d'autre que les champs prévus n'est enregistré",
        "missing": "ce champ est obligatoire",
        "literal_error": f"valeur hors de la liste ({context.get('expected')})",
        "string_pattern_mismatch": f"attendu : {_EXAMPLES.get(context.get('pattern', ''), 'un code')}",
        "too_long": f"trop d'éléments (au plus {context.get('max_length')})",
        "value_error": str(context.get("error")),
    }
    return known.get(kind, "valeur refusée : un code, un nombre dans ses bornes ou une valeur de la liste est attendu")
