"""Seekers: what a counselor records of a person, as codes; given back whole, erased whole."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.answer import DocumentResponse
from api.asking import check_codes
from api.describe import told
from api.models import SeekerChangeIn, SeekerIn
from api.security import state_of
from api.shapes_records import Erased, Export, SeekerAnswer
from passerelle.answers import versions
from records.forms import SeekerProfile

router = APIRouter(prefix="/v1/seekers")

Id = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", description="UUID of the record")]


@router.post(
    "",
    **told(
        SeekerAnswer,
        "invalid-record",
        "records-full",
        summary="Record a seeker",
        tag="seekers",
        scopes=("seekers",),
        body=True,
        status=201,
    ),
)
def create_seeker(request: Request, body: SeekerIn) -> Response:
    """Records what a person brings, under a random id. Nothing says who she is: any other field is refused by its
    name."""
    state = state_of(request)
    snapshot = state.build.snapshot
    check_codes(snapshot.graph, body.document(), "")
    seeker = state.records.seekers.create(body, contexts=list(snapshot.graph.context_codes))
    location = {"Location": f"/v1/seekers/{seeker.id}"}
    return DocumentResponse(seeker.document() | versions(snapshot), 201, location)


@router.get(
    "/{id}", **told(SeekerAnswer, "unknown-record", summary="A seeker's record", tag="seekers", scopes=("seekers",))
)
def get_seeker(request: Request, id: Id) -> Response:  # noqa: A002
    """The record as it was last written."""
    state = state_of(request)
    return DocumentResponse(state.records.seekers.get(id).document() | versions(state.build.snapshot))


@router.put(
    "/{id}",
    **told(
        SeekerAnswer,
        "unknown-record",
        "record-conflict",
        "invalid-record",
        "records-full",
        summary="Change a seeker's record",
        tag="seekers",
        scopes=("seekers",),
        body=True,
    ),
)
def change_seeker(request: Request, id: Id, body: SeekerChangeIn) -> Response:  # noqa: A002
    """Puts a whole profile in the place of the revision that it was made from; 409 if somebody changed it since."""
    state = state_of(request)
    snapshot, seekers = state.build.snapshot, state.records.seekers
    # what a newer version of the data has no more stays where it was
    known = _codes(seekers.get(id).profile)
    check_codes(snapshot.graph, body.profile.document(), "/profile", known)
    seeker = seekers.replace(id, body.profile, revision=body.revision, contexts={*snapshot.graph.context_codes, *known})
    return DocumentResponse(seeker.document() | versions(snapshot))


@router.get(
    "/{id}/export",
    **told(Export, "unknown-record", summary="Everything about a seeker", tag="seekers", scopes=("seekers",)),
)
def export_seeker(request: Request, id: Id) -> Response:  # noqa: A002
    """Her record, the lists that were shown for her, and the decisions on them: to hand her (GDPR, articles 15 and
    20)."""
    state = state_of(request)
    document = state.records.export(id) | versions(state.build.snapshot)
    return DocumentResponse(document, headers={"Content-Disposition": 'attachment; filename="seeker.json"'})


@router.delete(
    "/{id}",
    **told(
        Erased,
        "unknown-record",
        "records-full",
        summary="Erase a seeker",
        tag="seekers",
        scopes=("seekers",),
    ),
)
def erase_seeker(request: Request, id: Id) -> Response:  # noqa: A002
    """Erases her record, the links to what was shown for her, and their traces in the files (GDPR, article 17)."""
    state = state_of(request)
    links = state.records.erase(id).links
    return DocumentResponse({"erased": True, "links": links} | versions(state.build.snapshot))


def _codes(profile: SeekerProfile) -> set[str]:
    occupations = {one.code_rome for one in profile.past_occupations}
    return occupations | {one.code_ogr for one in profile.skills} | set(profile.refused_contexts)
