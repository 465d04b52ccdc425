"""An offer as Passerelle keeps it: what France Travail says, cleaned; what it does not say stays missing.

No contact is kept: a person applies through ``url``. What the recruiter wants of a person, and nothing about persons.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

SOURCE = "France Travail, Offres d'emploi v2"
#: the offers have a licence of their own, which is not Etalab's; its article 4 asks for this link on each display
LICENCE = "Licence de réutilisation de la base de données des offres d'emploi de France Travail"
LICENCE_URL = (
    "https://francetravail.io/produits-partages/documentation/conditions-dutilisation-api/licence-offres-emploi"
)
NOT_SAID = "non précisé"

SkillHow = Literal["code", "label", "search", "none"]
OccupationHow = Literal["code", "title", "search", "none"]
PlaceHow = Literal["code", "postcode", "label", "department", "none"]
_TITLE, _TEXT, _LONG = 200, 500, 20_000
#: characters that a text of each kind may have
LIMITS = {"title": _TITLE, "text": _TEXT, "description": _LONG}


class Frozen(BaseModel):
    """Values that do not change and have no other field than theirs."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class AskedSkill(Frozen):
    """A skill that an offer asks.

    code:     codeOgr in the ROME in use; None where the text leads to none
    label:    as the offer says it
    required: True "exigé", False "souhaité", None where it does not say
    how:      what gave the code: the offer's own code, its exact label, the search, or nothing
    """

    code: str | None = None
    label: str = Field(max_length=_TEXT)
    required: bool | None = None
    how: SkillHow


class Condition(Frozen):
    """A training, language or driving licence that an offer asks; no profile states one, so a person checks it."""

    kind: Literal["training", "language", "licence"]
    label: str = Field(max_length=_TEXT)
    required: bool | None = None


class Place(Frozen):
    """Where the work is.

    label:      as the offer says it
    commune:    INSEE's code of today; arrondissement its own, in Paris, Lyon and Marseille
    department, area: codes; latitude and longitude in degrees (WGS 84)
    how:        what gave them
    """

    label: str | None = Field(default=None, max_length=_TEXT)
    commune: str | None = None
    arrondissement: str | None = None
    department: str | None = None
    area: str | None = None
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    how: PlaceHow = "none"


class Offer(Frozen):
    """One offer. Texts are plain, within ``LIMITS``; None where the offer does not say.

    occupation:   codeRome in the ROME in use; rome_code, rome_label, appellation: what the offer gives
    contract:     code ("CDI", "CDD", "MIS", "SAI"...); contract_label and nature: its words
    experience:   "D" none asked, "S" wished, "E" required
    wage:         as written: no period is guessed
    siret:        the employer's, 14 digits
    created, updated: in UTC
    """

    id: str = Field(min_length=1, max_length=50)
    title: str | None = Field(default=None, max_length=_TITLE)
    description: str | None = Field(default=None, max_length=_LONG)
    occupation: str | None = None
    occupation_how: OccupationHow = "none"
    rome_code: str | None = Field(default=None, max_length=_TEXT)
    rome_label: str | None = Field(default=None, max_length=_TEXT)
    appellation: str | None = Field(default=None, max_length=_TEXT)
    skills: tuple[AskedSkill, ...] = ()
    conditions: tuple[Condition, ...] = ()
    place: Place = Place()
    contract: str | None = Field(default=None, max_length=_TEXT)
    contract_label: str | None = Field(default=None, max_length=_TEXT)
    nature: str | None = Field(default=None, max_length=_TEXT)
    apprenticeship: bool | None = None
    hours: str | None = Field(default=None, max_length=_TEXT)
    experience: Literal["D", "S", "E"] | None = None
    experience_label: str | None = Field(default=None, max_length=_TEXT)
    wage: str | None = Field(default=None, max_length=_TEXT)
    employer: str | None = Field(default=None, max_length=_TEXT)
    siret: str | None = None
    naf: str | None = Field(default=None, max_length=_TEXT)
    positions: int | None = Field(default=None, ge=1)
    partners: tuple[str, ...] = ()
    url: str | None = Field(default=None, max_length=2_000)
    created: datetime | None = None
    updated: datetime | None = None

    @property
    def last_changed(self) -> datetime | None:
        """When the recruiter last touched it."""
        return self.updated or self.created


def said(value: str | None) -> str:
    """The value, or what a screen says in its place."""
    return NOT_SAID if value is None else value
