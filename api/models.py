"""What the API is asked: bodies of requests. An unknown field is an error that names it."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator
from pydantic.alias_generators import to_camel

from recommend.kinds import Kind
from recommend.rank import Lens
from records.forms import CodeOgr, CodeRome, SeekerProfile, Verdict, Years


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


class RecommendationsIn(_ForSomebody):
    """A question for recommendations."""

    lens: Lens = "experts"
    kind: Kind | None = None
    limit: Annotated[StrictInt, Field(ge=1, le=50)] = 20


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
    """What a counselor decides on one recommended occupation."""

    model_config = ConfigDict(validate_by_name=False, validate_by_alias=True)
