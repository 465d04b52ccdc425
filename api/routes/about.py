"""What answers: model, sources, kinds of problems, health."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.answer import DocumentResponse, reference
from api.describe import told
from api.documents import model_document, sources_document
from api.problems import KINDS, ProblemError
from api.security import state_of
from api.shapes import Live, ProblemKind, Ready, Sources
from api.shapes_model import ModelCard
from passerelle.answers import versions

router = APIRouter(prefix="/v1")


@router.get("/model", **told(ModelCard, summary="The model's card", tag="about", scopes=("read",)))
def get_model(request: Request) -> Response:
    """What ranks: the evidence that it reads, its weights, what was measured of it with which command and when, whether
    the announced number keeps its limits, and what it is not. `measured.ofThisBuild` is false where other weights or
    other data rank than those that were measured; `groups` is null where the weights have been learned anew since."""
    state = state_of(request)
    return reference(request, model_document(state.build, state.settings.home))


@router.get("/sources", **told(Sources, summary="Where the data come from", tag="about", scopes=("read",)))
def get_sources(request: Request) -> Response:
    """Each source with its publisher, licence, vintage and year, and when it was loaded."""
    return reference(request, sources_document(state_of(request).build))


@router.get("/problems/{kind}", **told(ProblemKind, "not-found", summary="A kind of problem", tag="about"))
def get_problem(kind: Annotated[str, Path(pattern=r"^[a-z-]{1,40}$", examples=["unknown-occupation"])]) -> Response:
    """What `type` of a problem leads to."""
    known = KINDS.get(kind)
    if known is None:
        raise ProblemError("not-found", "Ce genre de problème n'existe pas.")
    return DocumentResponse({"code": kind, "status": known.status, "title": known.title})


@router.get("/health/live", **told(Live, summary="The process answers", tag="about"))
async def get_live() -> Response:
    """200 as long as the process answers."""
    return DocumentResponse({"status": "live"})


@router.get(
    "/health/ready",
    **told(
        Ready,
        "loading",
        "not-built",
        "data-unavailable",
        "records-unavailable",
        "records-busy",
        summary="Questions can be answered",
        tag="about",
    ),
)
def get_ready(request: Request) -> Response:
    """200 once build and records are open, `degraded` while the graph server does not answer; `access` says whether one
    may ask without a key, `territories` whether places and their market are among the data."""
    state = state_of(request)
    build = state.build
    access = "open" if state.open_access else "keys"
    graph = state.graph.status
    document = {
        "status": "degraded" if graph == "down" else "ready",
        "graph": graph,
        "access": access,
        "territories": build.territories,
    }
    return DocumentResponse(document | versions(build.snapshot))
