"""Territories: places as one types them, employment areas, the market of a place, where somebody is wanted."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.answer import DocumentResponse, GeoJsonResponse, prefers, reference
from api.asking import asked_of, place_for, question_of, reach_of
from api.describe import told
from api.models import INSEE, PotentialIn
from api.places import (
    Somewhere,
    area_document,
    personal_text,
    places_document,
    region_asked,
    territory_document,
)
from api.problems import Fault
from api.routes.reference import Few, Rome
from api.security import state_of
from api.shapes_potential import Potential, PotentialMap
from api.shapes_territory import Area, AreaPage, Market, PlaceSearch, Territory
from passerelle.answers import versions
from passerelle.market import market_document
from passerelle.place import resolve_area, resolve_code
from passerelle.potential import Whereabouts, potential_document, potential_geojson
from passerelle.recorded import owed, potential_shown
from recommend.search_query import personal_kind

router = APIRouter(prefix="/v1")

Insee = Annotated[str, Path(pattern=INSEE, description="code INSEE", examples=["59350"])]
AreaCode = Annotated[str, Path(pattern=r"^[0-9]{4}$", description="code of an employment area", examples=["3203"])]
PlaceText = Annotated[
    str,
    Query(
        min_length=1,
        max_length=200,
        description="a name, a postcode, INSEE's code, as one types it; telephone and social security numbers and "
        "e-mail addresses are refused",
        examples=["st etienne"],
    ),
]
GEOJSON = "application/geo+json"


@router.get(
    "/territories",
    **told(
        PlaceSearch,
        "personal-text",
        "no-territory",
        summary="Places for a text",
        tag="territories",
        scopes=("read",),
    ),
)
def search_territories(request: Request, q: PlaceText, limit: Few = 10) -> Response:
    """The communes and arrondissements that a text may mean, best first; `clear` says whether the first can be taken
    without asking, `reason` why not."""
    snapshot = state_of(request).build.snapshot
    kind = personal_kind(q)
    if kind is not None:
        raise personal_text(kind, Fault("ce texte paraît personnel", parameter="q"))
    return DocumentResponse(places_document(snapshot, q, snapshot.places.find(q, limit=limit)))


@router.get(
    "/territories/areas",
    **told(AreaPage, "no-territory", summary="Employment areas, by code", tag="territories", scopes=("read",)),
)
def list_areas(request: Request) -> Response:
    """Every employment area (bassin d'emploi): the closed list of what a seeker's record may name."""
    snapshot = state_of(request).build.snapshot
    pairs = zip(snapshot.market.area_codes, snapshot.market.area_labels, strict=True)
    areas = [{"code": code, "label": label} for code, label in pairs]
    return reference(request, {"areas": areas} | versions(snapshot))


@router.get(
    "/territories/areas/{area}",
    **told(Area, "unknown-place", "no-territory", summary="One employment area", tag="territories", scopes=("read",)),
)
def get_area(request: Request, area: AreaCode) -> Response:
    """An employment area: its department and region, its point, the commune where most of its offers are."""
    snapshot = state_of(request).build.snapshot
    return reference(request, area_document(snapshot, resolve_area(snapshot, area)))


@router.get(
    "/territories/{codeInsee}",
    **told(
        Territory,
        "unknown-place",
        "no-territory",
        summary="One commune or arrondissement",
        tag="territories",
        scopes=("read",),
    ),
)
def get_territory(request: Request, codeInsee: Insee) -> Response:  # noqa: N803
    """A commune by its code, of today or old: its employment area, department and region, its point, and what a home
    costs there."""
    snapshot = state_of(request).build.snapshot
    return reference(request, territory_document(snapshot, resolve_code(snapshot, codeInsee)))


@router.get(
    "/occupations/{codeRome}/market",
    **told(
        Market,
        "unknown-occupation",
        "personal-text",
        "no-territory",
        summary="An occupation's market in a place",
        tag="territories",
        scopes=("read",),
    ),
)
def get_market(
    request: Request,
    codeRome: Rome,  # noqa: N803
    near: Annotated[str | None, Query(min_length=1, max_length=200, description="a place as one types it")] = None,
    codeInsee: Annotated[str | None, Query(pattern=INSEE, description="a commune by its code")] = None,  # noqa: N803
    area: Annotated[str | None, Query(pattern=r"^[0-9]{4}$", description="an employment area by its code")] = None,
) -> Response:
    """What is published of the occupation's family in a place, else in the nation; each figure with its level, year and
    source. What `passerelle market --json` prints."""
    snapshot = state_of(request).build.snapshot
    code = snapshot.graph.codes[snapshot.graph.occupation(codeRome)]
    place = Somewhere(near, codeInsee, area, in_body=False).place(snapshot)
    return reference(request, market_document(snapshot, code, place))


@router.post(
    "/potential",
    **told(
        Potential,
        "unknown-record",
        "impossible",
        "personal-text",
        "no-territory",
        "records-full",
        summary="Where somebody is wanted",
        tag="territories",
        scopes=("recommend",),
        body=True,
        also={GEOJSON: PotentialMap},
    ),
)
def get_potential(request: Request, body: PotentialIn) -> Response:
    """The employment areas where a profile or a seeker is wanted most, with reasons and what a home costs there: as
    `passerelle potential --json`. Asked with `Accept: application/geo+json`, every area in reach as a map. It is
    recorded before it is shown, by its own id, without a name."""
    state = state_of(request)
    build = state.build
    snapshot = build.snapshot
    asked = asked_of(request, body, build, state.records)
    place = place_for(build, body, asked)
    where = Whereabouts(place, reach_of(body, place, asked), region_asked(snapshot, body.region))
    as_map = prefers(request, GEOJSON)
    if as_map:
        document = potential_geojson(snapshot, asked, where)
    else:
        document = potential_document(snapshot, asked, where, limit=body.limit)
        # nothing was typed: a machine asks by codes
        del document["query"]
    question = question_of(asked, place, reach_km=where.within, region=where.region)
    shown = potential_shown(snapshot, asked, document)
    entry = state.records.audit.record(question, shown, seeker_id=body.seeker_id)
    made = GeoJsonResponse if as_map else DocumentResponse
    return made(owed(entry, state.settings) | document, headers={"Vary": "Accept"})
