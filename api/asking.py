"""From a body to a profile, from an answer to the audit: what recommendations, gap and seekers share."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import Request

from api.models import GapIn, MatchesIn, PotentialIn, ProfileIn, RecommendationsIn
from api.places import Somewhere
from api.problems import Fault, ProblemError, invalid, problem_of
from api.security import require
from api.state import Build
from passerelle import recorded
from passerelle.answers import Asked
from passerelle.errors import UnknownOccupationError, UnknownSkillError
from passerelle.market import Sort
from passerelle.place import Location, WholeArea
from recommend.kinds import Kind
from recommend.profile import Profile, Years
from recommend.rank import Lens
from recommend.skillgraph import SkillGraph
from records.forms import Question, SeekerProfile
from records.store import Records


@dataclass(frozen=True)
class AskedByMachine(Asked):
    """A question of a machine.

    refused: codes of the work contexts that are not wanted
    area, reach_km: of the seeker's record, None where it has none
    """

    refused: list[str] = field(default_factory=list)
    area: str | None = None
    reach_km: int | None = None

    def profile(self, graph: SkillGraph) -> Profile:
        """The profile that is asked for; contexts that there are not are an error (``asked_of``)."""
        profile = super().profile(graph)
        index = {code: column for column, code in enumerate(graph.context_codes)}
        columns = tuple(sorted(index[code] for code in self.refused))
        return Profile(profile.past, profile.held, profile.contexts, columns, profile.years)


def asked_of(
    request: Request, body: RecommendationsIn | PotentialIn | GapIn | MatchesIn, build: Build, records: Records
) -> AskedByMachine:
    """What a body asks, for a profile or a recorded seeker.

    raises: ProblemError (403 without the scope for seekers, 422 for a code that there is not); UnknownRecordError
    """
    # what is asked of a gap or of offers is ranked by no lens
    lens, kind = (body.lens, body.kind) if isinstance(body, RecommendationsIn | PotentialIn) else ("experts", None)
    area = reach_km = None
    if body.seeker_id is not None:
        require(request, "seekers")
        record = records.seekers.get(body.seeker_id).profile
        profile, where = _profile_of(record), "/seekerId"
        area, reach_km = record.area, record.reach_km
    else:
        assert body.profile is not None  # noqa: S101 -- the model holds one of the two
        profile, where = body.profile, "/profile"
    check_codes(build.snapshot.graph, profile.model_dump(by_alias=True), where)
    return replace(asked_with(profile, lens, kind), area=area, reach_km=reach_km)


def asked_with(brought: ProfileIn | Question, lens: Lens, kind: Kind | None) -> AskedByMachine:
    """The question of who brings this; of a recorded question, to be answered again."""
    years: list[Years | None] = [one.years for one in brought.past_occupations]
    return AskedByMachine(
        query="",
        matched=None,
        codes=[one.code_rome for one in brought.past_occupations],
        lens=lens,
        kind=kind,
        years=years if any(years) else [],
        skills=list(brought.skills),
        refused=list(brought.refused_contexts),
    )


def place_for(
    build: Build, body: RecommendationsIn | PotentialIn | MatchesIn, asked: AskedByMachine
) -> Location | None:
    """Where somebody asks: the place that is given, else the area of her record where the data have it.

    raises: ProblemError (422), NoTerritoryError for a place that is given and cannot be known
    """
    given = Somewhere(body.near, body.code_insee, body.area, in_body=True).place(build.snapshot)
    if given is not None or asked.area is None or not build.territories:
        return given
    return WholeArea(asked.area) if asked.area in build.snapshot.market.area_index_of else None


def reach_of(body: PotentialIn | MatchesIn, place: Location | None, asked: AskedByMachine) -> float | None:
    """Kilometres from the place at most: those that are asked; else, from the area of a seeker's record, the record's.

    raises: ProblemError (422) for a reach from nowhere
    """
    if body.reach_km is not None and place is None:
        raise invalid(Fault("compte depuis un lieu : donnez « near », « codeInsee » ou « area »", "/reachKm"))
    recorded = place is not None and (body.near, body.code_insee, body.area) == (None, None, None)
    within = asked.reach_km if recorded and body.reach_km is None else body.reach_km
    return None if within is None else float(within)


def _profile_of(record: SeekerProfile) -> ProfileIn:
    if not (record.past_occupations or record.skills):
        detail = "La fiche n'a ni métier exercé ni compétence : complétez-la."
        raise ProblemError("impossible", detail, faults=[Fault(detail, "/seekerId")])
    return ProfileIn.model_validate(
        {
            "pastOccupations": [one.document() for one in record.past_occupations],
            "skills": [one.code_ogr for one in record.skills],
            "refusedContexts": record.refused_contexts,
        }
    )


def check_codes(graph: SkillGraph, profile: dict[str, Any], where: str, known: Collection[str] = ()) -> None:
    """Refuses codes that the data do not have, but those of ``known``.

    profile: camelCase; where: JSON pointer of the profile, or of the id that led to it
    raises: ProblemError (422)
    """

    def pointer(place: str) -> str:
        return where if where == "/seekerId" else f"{where}/{place}"

    for place, one in enumerate(profile["pastOccupations"]):
        if one["codeRome"] in known:
            continue
        try:
            graph.occupation(one["codeRome"])
        except UnknownOccupationError as error:
            raise problem_of(error, pointer(f"pastOccupations/{place}/codeRome")) from None
    for place, one in enumerate(profile["skills"]):
        code = one if isinstance(one, str) else one["codeOgr"]
        if code not in graph.skill_index_of and code not in known:
            tail = "" if isinstance(one, str) else "/codeOgr"
            raise problem_of(UnknownSkillError(code, graph.data_version), pointer(f"skills/{place}{tail}"))
    contexts = set(graph.context_codes)
    for place, code in enumerate(profile["refusedContexts"]):
        if code not in contexts and code not in known:
            detail = "ce contexte de travail n'est pas de la liste (GET /v1/contexts)"
            raise invalid(Fault(detail, pointer(f"refusedContexts/{place}")))


def question_of(
    asked: AskedByMachine,
    place: Location | None = None,
    sort: Sort | None = None,
    *,
    reach_km: float | None = None,
    region: str | None = None,
) -> Question:
    """What is recorded of a machine's question (``passerelle.recorded``)."""
    return recorded.question_of(asked, place, sort, refused=asked.refused, reach_km=reach_km, region=region)
