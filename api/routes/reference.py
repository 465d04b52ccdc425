"""Reference data: occupations, skills, work contexts. The same until the build changes."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.answer import DocumentResponse, page, reference
from api.describe import told
from api.documents import (
    context_document,
    named,
    named_skill,
    occupation_document,
    requiring,
    similar_document,
    skill_document,
)
from api.problems import Fault, ProblemError
from api.security import state_of
from api.shapes import (
    ContextList,
    Occupation,
    OccupationPage,
    RequiringPage,
    Search,
    Similar,
    Skill,
    SkillPage,
    SkillSearch,
)
from api.skill_search import search_skills
from api.state import Build
from passerelle.answers import search_document, versions
from passerelle.errors import UnknownSkillError
from recommend.search import SearchAnswer

router = APIRouter(prefix="/v1")

Rome = Annotated[str, Path(pattern=r"^[A-N][0-9]{4}$", description="code ROME", examples=["B1804"])]
Ogr = Annotated[str, Path(pattern=r"^[0-9]{1,7}$", description="codeOgr of a skill", examples=["126847"])]
Text = Annotated[
    str,
    Query(
        min_length=1,
        max_length=200,
        description="as one types it; telephone and social security numbers and e-mail addresses are refused",
        examples=["dentellière"],
    ),
]
Few = Annotated[int, Query(ge=1, le=50)]
Limit = Annotated[int, Query(ge=1, le=500)]
Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]


@router.get("/occupations", **told(OccupationPage, summary="Occupations, by code", tag="occupations", scopes=("read",)))
def list_occupations(request: Request, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """Every occupation, page by page: follow `Link: …; rel="next"`, or `next`."""
    snapshot = state_of(request).build.snapshot
    size = len(snapshot.graph.codes)
    rows, following, headers = page(request, snapshot, "occupations", range(size), cursor, limit)
    document = {"occupations": [named(snapshot.graph, row) for row in rows], "total": size, "next": following}
    return reference(request, document | versions(snapshot), headers)


@router.get(
    "/occupations/search",
    **told(Search, "personal-text", summary="Occupations for a text", tag="occupations", scopes=("read",)),
)
def search_occupations(request: Request, q: Text, limit: Few = 10) -> Response:
    """The occupations that a text means, with the title that matched: what `passerelle search --json` prints."""
    build = state_of(request).build
    answer = build.snapshot.search.search(q, limit=limit)
    _refuse_personal(q, answer)
    return DocumentResponse(search_document(build.snapshot, answer))


@router.get(
    "/occupations/{codeRome}",
    **told(Occupation, "unknown-occupation", summary="One occupation", tag="occupations", scopes=("read",)),
)
def get_occupation(request: Request, codeRome: Rome) -> Response:  # noqa: N803
    """An occupation with its titles, skills, work contexts and the mobilities that ROME's experts list."""
    build = state_of(request).build
    return reference(request, occupation_document(build, build.snapshot.graph.occupation(codeRome)))


@router.get("/skills", **told(SkillPage, summary="Skills, by code", tag="skills", scopes=("read",)))
def list_skills(request: Request, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """Every skill, page by page."""
    snapshot = state_of(request).build.snapshot
    size = len(snapshot.graph.skill_codes)
    columns, following, headers = page(request, snapshot, "skills", range(size), cursor, limit)
    document = {"skills": [named_skill(snapshot.graph, column) for column in columns], "total": size}
    return reference(request, document | {"next": following} | versions(snapshot), headers)


@router.get(
    "/skills/search", **told(SkillSearch, "personal-text", summary="Skills for a text", tag="skills", scopes=("read",))
)
def find_skills(request: Request, q: Text, limit: Few = 10) -> Response:
    """The skills whose label a text means, whatever its capitals and accents."""
    build = state_of(request).build
    # the search of occupations knows what is personal: one rule for every box
    _refuse_personal(q, build.snapshot.search.search(q, limit=1))
    hits = [
        named_skill(build.snapshot.graph, column) | {"why": why}
        for column, why in search_skills(build.reference, q, limit)
    ]
    return DocumentResponse({"query": q, "hits": hits} | versions(build.snapshot))


@router.get("/skills/{codeOgr}", **told(Skill, "unknown-skill", summary="One skill", tag="skills", scopes=("read",)))
def get_skill(request: Request, codeOgr: Ogr) -> Response:  # noqa: N803
    """A skill: its kind, its macro-skill, how many occupations require it."""
    build = state_of(request).build
    return reference(request, skill_document(build, _column(build, codeOgr)))


@router.get(
    "/skills/{codeOgr}/similar",
    **told(Similar, "unknown-skill", summary="Skills that answer one another", tag="skills", scopes=("read",)),
)
def get_similar_skills(request: Request, codeOgr: Ogr) -> Response:  # noqa: N803
    """What the skill answers when it is held, and what answers it when it is required, best first."""
    build = state_of(request).build
    return reference(request, similar_document(build, _column(build, codeOgr)))


@router.get(
    "/skills/{codeOgr}/occupations",
    **told(RequiringPage, "unknown-skill", summary="Who requires a skill", tag="skills", scopes=("read",)),
)
def list_requiring_occupations(
    request: Request,
    codeOgr: Ogr,  # noqa: N803
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """The occupations that require the skill: those of whose core it is first, then by code."""
    build = state_of(request).build
    found = requiring(build.snapshot.graph, _column(build, codeOgr))
    rows, following, headers = page(request, build.snapshot, f"requiring-{codeOgr}", found, cursor, limit)
    document = {"occupations": list(rows), "total": len(found), "next": following}
    return reference(request, document | versions(build.snapshot), headers)


@router.get("/contexts", **told(ContextList, summary="Work contexts", tag="occupations", scopes=("read",)))
def list_contexts(request: Request) -> Response:
    """Every work context: the closed list of what a person may refuse, without a motive."""
    build = state_of(request).build
    contexts = [context_document(build, column) for column in range(len(build.snapshot.graph.context_codes))]
    return reference(request, {"contexts": contexts} | versions(build.snapshot))


def _column(build: Build, code: str) -> int:
    graph = build.snapshot.graph
    column = graph.skill_index_of.get(code)
    if column is None:
        raise UnknownSkillError(code, graph.data_version)
    return column


def _refuse_personal(text: str, answer: SearchAnswer) -> None:
    if answer.query != text:
        detail = answer.notice or "Écrivez un métier, une activité ou une compétence."
        raise ProblemError("personal-text", detail, faults=[Fault("ce texte paraît personnel", parameter="q")])
