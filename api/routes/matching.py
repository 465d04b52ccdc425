"""Offers and people: the offers that fit somebody, the seekers whom an offer fits, the offers that are kept."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.answer import DocumentResponse, page
from api.asking import asked_of, place_for, question_of, reach_of
from api.describe import told
from api.models import CandidatesIn, MatchesIn
from api.problems import Fault, invalid
from api.routes.reference import Cursor, Limit
from api.security import state_of
from api.shapes_matching import Candidates, Matches, OfferPage
from api.state import Build
from passerelle.answers import versions
from passerelle.candidates import candidates_document, record_candidates
from passerelle.matches import dismissed_here, kept_document, match_document
from passerelle.mention import mention
from passerelle.offers_ready import KeptOffers, ReadyOffers, check_matching
from passerelle.recorded import matches_shown, owed

router = APIRouter(prefix="/v1")

OfferId = Annotated[str, Path(pattern=r"^[!-~]{1,50}$", description="the offer's id, as its source gives it")]


@router.post(
    "/matches",
    **told(
        Matches,
        "matching-off",
        "unknown-record",
        "impossible",
        "personal-text",
        "no-territory",
        "records-full",
        summary="Offers for a profile or a seeker",
        tag="offers",
        scopes=("recommend",),
        body=True,
    ),
)
def match(request: Request, body: MatchesIn) -> Response:
    """The kept offers that fit, each explained by what it asks and what is brought. Without a place, or the area of the
    seeker's record, distances are unknown and keep nobody out. For a seeker, what a counselor dismissed for her is left
    out. The list is recorded before it is shown; nothing is sent. Off (403) until PASSERELLE_MATCHING turns it on. As
    `passerelle match --json`."""
    state = state_of(request)
    check_matching(state.settings)
    build, records = state.build, state.records
    asked = asked_of(request, body, build, records)
    place = place_for(build, body, asked)
    km = reach_of(body, place, asked)
    offers = _kept(request, build)
    standing = {} if body.seeker_id is None else records.decisions.standing_on_offers(body.seeker_id)
    dismissed = dismissed_here(offers, [one for one, last in standing.items() if last.verdict.choice == "dismiss"])
    document = match_document(build.snapshot, asked, offers, place=place, km=km, limit=body.limit, dismissed=dismissed)
    # nothing was typed: a machine asks by codes
    del document["query"]
    shown = matches_shown(build.snapshot, document)
    entry = records.audit.record(question_of(asked, place, reach_km=km), shown, seeker_id=body.seeker_id)
    return DocumentResponse(owed(entry, state.settings) | {"dismissed": dismissed} | document)


@router.post(
    "/offers/{id}/candidates",
    **told(
        Candidates,
        "matching-off",
        "unknown-offer",
        "records-full",
        summary="Seekers whom an offer fits",
        tag="offers",
        scopes=("seekers",),
        body=True,
    ),
)
def find_candidates(request: Request, id: OfferId, body: CandidatesIn) -> Response:  # noqa: A002
    """Which recorded seekers to tell of an offer, by their ids alone, each explained: at most 50 a day, by the written
    rule of exposure. A value is of a match, nobody has one of their own. Those for whom a counselor dismissed the offer
    are left out, and counted. Each match is recorded for its seeker before it is shown; nothing is sent. Off (403)
    until PASSERELLE_MATCHING turns it on. As `passerelle candidates --json`."""
    state = state_of(request)
    check_matching(state.settings)
    build, records = state.build, state.records
    offers = _kept(request, build)
    row = offers.row(id)
    recorded, dismissed = records.seekers.all(), records.decisions.dismissed_offers()
    km = None if body.reach_km is None else float(body.reach_km)
    day = datetime.now(UTC).date()
    document = candidates_document(build.snapshot, offers, row, recorded, day, dismissed, km=km, limit=body.limit)
    record_candidates(records, build.snapshot, document, recorded)
    return DocumentResponse({"mention": mention("matches", state.settings)} | document)


@router.get("/offers", **told(OfferPage, summary="Offers, by id", tag="offers", scopes=("read",)))
def list_offers(
    request: Request,
    codeRome: Annotated[  # noqa: N803
        str | None, Query(pattern=r"^[A-N][0-9]{4}$", description="those of an occupation")
    ] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """The kept offers that may be shown: open, and verified within 24 hours. Show `mention` beside each: their licence
    asks for it. Offers come and go: a cursor is of the list as it was, and is refused once that has changed."""
    build = state_of(request).build
    snapshot, offers = build.snapshot, _kept(request, build)
    if codeRome is not None and codeRome not in snapshot.graph.index_of:
        raise invalid(Fault("aucun métier n'a ce code", parameter="codeRome"))
    found = [one for one in offers.shown if codeRome is None or one.offer.occupation == codeRome]
    name = f"offers-{codeRome or 'all'}-{offers.mark}"
    rows, following, headers = page(request, snapshot, name, found, cursor, limit)
    document = {"offers": [kept_document(one) for one in rows], "total": len(found), "next": following}
    if codeRome is not None and following is not None:
        headers = {"Link": headers["Link"].replace("?", f"?codeRome={codeRome}&", 1)}
    return DocumentResponse(document | versions(snapshot), headers=headers)


def _kept(request: Request, build: Build) -> ReadyOffers:
    kept: KeptOffers = request.app.state.offers
    return kept.ready(build.snapshot, datetime.now(UTC))
