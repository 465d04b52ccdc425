"""What the API answers of offers and whom they fit (see ``api.shapes``)."""

from typing import Annotated

from pydantic import Field

from api.shapes import Owed, Paged, Shape, Versioned
from api.shapes_answers import Profile
from api.shapes_territory import Place
from recommend.matching_explain import How


class OfferHead(Shape):
    """An offer in a list; null is what it does not say. toCheck: what it requires and no profile states."""

    id: str
    title: str | None
    code_rome: str | None
    employer: str | None
    place: str | None
    contract: str | None
    wage: str | None
    url: str | None
    to_check: list[str]
    mention: Annotated[
        str, Field(description="source, last update and licence: to be shown beside the offer, wherever it is shown")
    ]


class AskedSkillShape(Shape):
    """A skill that the offer asks, and the held one that answers it best; the contributions add up to the value."""

    code_ogr: str
    label: str
    how: How
    answered_by: str | None
    answer: float
    contribution: float


class _Match(Shape):
    rank: int
    value: Annotated[
        float | None, Field(description="share of what is asked that is brought, in [0, 1]: of the match, of nobody")
    ]
    km: float | None
    asked: list[AskedSkillShape]
    sentences: list[str]


class MatchedOffer(_Match, OfferHead):
    """An offer that fits, with why and what remains to be checked."""


class Matches(Owed, Versioned):
    """The kept offers that fit a profile or a seeker, best first.

    offersKept: that may be shown at all; dismissed: ids of those left out, as a counselor had dismissed them for her
    """

    dismissed: list[str]

    profile: Profile
    place: Place | None
    km: float | None
    offers_kept: int
    matches: list[MatchedOffer]


class Candidate(_Match):
    """A recorded seeker whom the offer fits, by her id alone; id: of what was recorded of this match."""

    id: str
    seeker_id: str


class Candidates(Versioned):
    """The recorded seekers for whom an offer is shown by the rule of exposure, best first.

    seekers: records that were looked at; withoutProfile: those that hold nothing that today's data know
    dismissed: records that were not looked at, as a counselor had dismissed this offer for them
    suited: whom the offer suits; betterServed: left out, as another offer is worth more than twice as much for them
    """

    mention: str
    offer: OfferHead
    km: float | None
    day: str
    seekers: int
    without_profile: int
    dismissed: int
    suited: int
    better_served: int
    matches: list[Candidate]
    rule: str


class OfferPage(Paged):
    """The kept offers that may be shown, by id."""

    offers: list[OfferHead]
