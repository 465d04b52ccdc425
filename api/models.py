"""What the API is asked: bodies of requests. An unknown field is an error that names it."""

import math
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictInt, model_validator
from pydantic.alias_generators import to_camel

from graph.analyst import MAX_ROWS
from passerelle.candidates import MOST_SEEKERS
from passerelle.market import Sort
from recommend.kinds import Kind
from recommend.rank import Lens
from records.forms import AreaCode, CodeOgr, CodeRome, ReachKm, SeekerProfile, Verdict, Years

INSEE = r"^([0-9]{5}|2[AB][0-9]{3})$"


class Asked(BaseModel):
    """Base of bodies: camelCase, nothing unknown, values not repeated in errors."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_alias=True,
        hide_input_in_errors=True,
    )


class PastOccupationIn(Asked):
    """An occupation that a person has worked in; years null where nobody said."""

    code_rome: CodeRome = Field(examples=["B1804"])
    years: Years | None = Field(default=None, examples=["6+"])


class ProfileIn(Asked):
    """What a person brings: occupations, or skills, or both. Nothing says who the person is."""

    past_occupations: Annotated[tuple[PastOccupationIn, ...], Field(max_length=30)] = ()
    skills: Annotated[tuple[CodeOgr, ...], Field(max_length=500, description="codeOgr of declared skills")] = ()
    refused_contexts: Annotated[
        tuple[CodeOgr, ...], Field(max_length=200, description="codes of work contexts that are not wanted; no motive")
    ] = ()

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.past_occupations or self.skills):
            raise ValueError("donnez au moins un métier exercé ou une compétence")
        codes = [one.code_rome for one in self.past_occupations]
        for once in (codes, self.skills, self.refused_contexts):
            if len(set(once)) < len(once):
                raise ValueError("le même code est donné deux fois")
        return self


class _ForSomebody(Asked):
    profile: ProfileIn | None = None
    seeker_id: Annotated[
        str | None,
        Field(
            pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
            description="of a recorded seeker, in place of a profile; needs the scope seekers as well",
        ),
    ] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.profile is None) == (self.seeker_id is None):
            raise ValueError("donnez « profile » ou « seekerId », l'un des deux")
        return self


class _Somewhere(_ForSomebody):
    near: Annotated[
        str | None, Field(min_length=1, max_length=200, description="a place as one types it: « st etienne », 59000")
    ] = None
    code_insee: Annotated[str | None, Field(pattern=INSEE, description="a commune or arrondissement by its code")] = (
        None
    )
    area: Annotated[
        AreaCode | None, Field(description="an employment area; where no place is given, that of the seeker's record")
    ] = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(one is not None for one in (self.near, self.code_insee, self.area)) > 1:
            raise ValueError("donnez « near », « codeInsee » ou « area », l'un des trois")
        return self


class RecommendationsIn(_Somewhere):
    """A question for recommendations; with a place, how much each occupation is wanted there."""

    lens: Lens = "experts"
    kind: Kind | None = None
    sort: Annotated[Sort, Field(description="market: those wanted most in the place first")] = "rank"
    limit: Annotated[StrictInt, Field(ge=1, le=50)] = 20


class PotentialIn(_Somewhere):
    """A question for where somebody is wanted."""

    lens: Lens = "experts"
    kind: Kind | None = None
    reach_km: Annotated[
        ReachKm | None, Field(description="kilometres from the place at most; that of the seeker's record, else any")
    ] = None
    region: Annotated[str | None, Field(min_length=1, max_length=60, description="its code or its name")] = None
    limit: Annotated[StrictInt, Field(ge=1, le=50)] = 10


class MatchesIn(_Somewhere):
    """A question for the offers that fit somebody."""

    reach_km: Annotated[
        ReachKm | None, Field(description="kilometres from the place at most; that of the seeker's record, else any")
    ] = None
    limit: Annotated[StrictInt, Field(ge=1, le=50)] = 10


class CandidatesIn(Asked):
    """A question for the recorded seekers whom an offer fits."""

    reach_km: Annotated[
        ReachKm | None,
        Field(description="kilometres from each seeker's area at most, beside what her record says"),
    ] = None
    limit: Annotated[StrictInt, Field(ge=1, le=MOST_SEEKERS)] = 20


class GapIn(_ForSomebody):
    """A question for what separates somebody from an occupation."""

    code_rome: CodeRome = Field(examples=["H2605"])


class SeekerIn(SeekerProfile):
    """What a counselor records of a person: codes only."""

    model_config = ConfigDict(validate_by_name=False, validate_by_alias=True)


class SeekerChangeIn(Asked):
    """Another profile in the place of a revision."""

    revision: Annotated[StrictInt, Field(ge=1, le=2**31, description="of the profile that this one was made from")]
    profile: SeekerIn


class FeedbackIn(Verdict):
    """What a counselor decides on one occupation (codeRome) or one offer (offer) that was shown, one of the two."""

    model_config = ConfigDict(validate_by_name=False, validate_by_alias=True)


class CypherIn(Asked):
    """An analyst's text, or one of the ready-made questions by its name."""

    query: Annotated[str | None, Field(min_length=1, max_length=20_000, description="may only read")] = None
    question: Annotated[
        str | None,
        Field(pattern=r"^[a-z_]{1,60}$", description="name of a ready-made question (GET /v1/cypher/questions)"),
    ] = None
    parameters: Annotated[
        dict[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,59}$")], JsonValue],
        Field(max_length=50, description="of the text, by name; whole numbers of 64 bits at most"),
    ] = {}
    limit: Annotated[StrictInt, Field(ge=1, le=MAX_ROWS, description="rows")] = 1_000

    @model_validator(mode="after")
    def _one_text(self) -> Self:
        if (self.query is None) == (self.question is None):
            raise ValueError("donnez « query » ou « question », l'un des deux")
        if not _travels(self.parameters):
            raise ValueError(
                "un paramètre a un nombre sans fin, de plus de 64 bits, ou un texte qui n'est pas de l'Unicode"
            )
        return self


def _travels(value: JsonValue) -> bool:
    """Whether the driver can send it: numbers within its own, texts that UTF-8 has."""
    match value:
        case dict():
            return all(_travels(key) and _travels(one) for key, one in value.items())
        case list():
            return all(map(_travels, value))
        case float():
            return math.isfinite(value)
        case int():
            return -(2**63) <= value < 2**63
        case str():
            return not any("\ud800" <= sign <= "\udfff" for sign in value)
        case _:
            return True
