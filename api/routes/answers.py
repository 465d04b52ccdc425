"""Questions: recommendations, one again with its explanation, feedback, gap, paths, comparison."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.answer import DocumentResponse, reference
from api.asking import AskedByMachine, asked_of, asked_with, place_for, question_of
from api.describe import told
from api.documents import gap_document
from api.models import FeedbackIn, GapIn, RecommendationsIn
from api.problems import Fault, invalid, problem_of
from api.routes.reference import Few
from api.security import state_of
from api.shapes_answers import Comparison, Gap, Paths, Recommendations
from api.shapes_records import DecisionAnswer, Reasons, Recorded
from api.state import Build
from passerelle.answers import compare_document, paths_document, recommend_document, versions
from passerelle.errors import PasserelleError, UnknownOccupationError
from passerelle.market import with_market
from passerelle.mention import mention
from passerelle.output import Document
from passerelle.place import WholeArea
from passerelle.recorded import gap_shown, occupation_shown, owed, recommendations_shown
from passerelle.snapshot import Snapshot
from recommend.compare import MOST
from recommend.kinds import KINDS_OF_MOVE
from recommend.rank import LENSES
from recommend.skillgraph import SkillGraph
from records.audit import Recommendation
from records.forms import REASON_APPLIES_TO, REASON_FRENCH

router = APIRouter(prefix="/v1")

ROME = r"^[A-N][0-9]{4}$"
Id = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", description="UUID of the list")]
_BY_ID = "unknown-record"


@router.post(
    "/recommendations",
    **told(
        Recommendations,
        "unknown-record",
        "impossible",
        "personal-text",
        "no-territory",
        "records-full",
        summary="Recommendations for a profile or a seeker",
        tag="recommendations",
        scopes=("recommend",),
        body=True,
    ),
)
def recommend(request: Request, body: RecommendationsIn) -> Response:
    """Occupations to move to, each explained: contributions, paths in the graph, gap. The list is recorded before it is
    shown, by its own id, without a name; for a seeker, what a counselor dismissed for her is left out. With a place, or
    the area of her record, each says how much it is wanted there."""
    state = state_of(request)
    build, records = state.build, state.records
    asked = asked_of(request, body, build, records)
    place = place_for(build, body, asked)
    if body.sort == "market" and place is None:
        raise invalid(Fault("donnez un lieu : « near », « codeInsee » ou « area »", "/sort"))
    dismissed = []
    if body.seeker_id is not None:
        standing = records.decisions.standing_for(body.seeker_id)
        dismissed = sorted(code for code, decision in standing.items() if decision.verdict.choice == "dismiss")
    document = _explained(build.snapshot, asked, body.limit + len(dismissed))
    kept = [one for one in document["recommendations"] if one["codeRome"] not in dismissed]
    document["recommendations"] = kept[: body.limit]
    if place is not None:
        document = with_market(build.snapshot, document, place, body.sort)
    question = question_of(asked, place, body.sort)
    shown = recommendations_shown(build.snapshot, document)
    entry = records.audit.record(question, shown, seeker_id=body.seeker_id)
    return DocumentResponse(owed(entry, state.settings) | {"dismissed": dismissed} | document)


@router.get(
    "/recommendations/{id}",
    **told(Recorded, _BY_ID, summary="What was shown, again", tag="recommendations", scopes=("recommend",)),
)
def get_recommendation(request: Request, id: Id) -> Response:  # noqa: A002
    """What was shown under that id, with the decisions on it; and its explanation, where today's data and model give
    exactly what was shown, the market beside it too: otherwise `explanation` is null and `explanationNotice` says why.
    `kind` says what it was: a list of recommendations, where somebody is wanted, a gap, or offers that fit."""
    state = state_of(request)
    build, records = state.build, state.records
    entry = records.audit.get(id)
    explanation, notice = _again(build, entry)
    graph = build.snapshot.graph
    document = entry.document()
    for shown in document["occupations"]:
        row = graph.index_of.get(shown["codeRome"])
        shown["label"] = None if row is None else graph.labels[row]
    document["mention"] = mention(entry.shown.kind, state.settings)
    document["decisions"] = [decision.document() for decision in records.decisions.of_recommendation(id)]
    return DocumentResponse(document | {"explanation": explanation, "explanationNotice": notice})


@router.post(
    "/recommendations/{id}/feedback",
    **told(
        DecisionAnswer,
        _BY_ID,
        "invalid-record",
        "records-full",
        summary="Keep, change or dismiss",
        tag="recommendations",
        scopes=("recommend",),
        body=True,
        status=201,
    ),
)
def give_feedback(request: Request, id: Id, body: FeedbackIn) -> Response:  # noqa: A002
    """A counselor's decision on one occupation, or one offer, of what was shown; decisions are added, and the last one
    counts. An occupation is kept, changed or dismissed, an offer kept or dismissed."""
    state = state_of(request)
    snapshot, records = state.build.snapshot, state.records
    if body.changed_to is not None:
        _row(snapshot.graph, body.changed_to, "/changedTo")
    decision = records.decisions.record(id, body)
    return DocumentResponse(decision.document() | versions(snapshot), 201)


@router.get("/feedback/reasons", **told(Reasons, summary="Reasons to dismiss", tag="recommendations", scopes=("read",)))
def list_reasons(request: Request) -> Response:
    """The closed list of reasons for which a counselor dismisses an occupation or an offer; `appliesTo` says which."""
    reasons = [
        {"reason": reason, "label": label, "appliesTo": REASON_APPLIES_TO[reason]}
        for reason, label in REASON_FRENCH.items()
    ]
    return reference(request, {"reasons": reasons} | versions(state_of(request).build.snapshot))


@router.post(
    "/gap",
    **told(
        Gap,
        "unknown-record",
        "impossible",
        "records-full",
        summary="What separates somebody from an occupation",
        tag="recommendations",
        scopes=("recommend",),
        body=True,
    ),
)
def get_gap(request: Request, body: GapIn) -> Response:
    """Regulation and required certifications first, then missing skills by importance, and what bridges each. It is
    recorded before it is shown: how many things separate, not which."""
    state = state_of(request)
    build = state.build
    row = _row(build.snapshot.graph, body.code_rome, "/codeRome")
    asked = asked_of(request, body, build, state.records)
    document = gap_document(build, asked.profile(build.snapshot.graph), row)
    shown = gap_shown(build.snapshot, document)
    entry = state.records.audit.record(question_of(asked), shown, seeker_id=body.seeker_id)
    return DocumentResponse(owed(entry, state.settings) | document)


@router.get(
    "/paths",
    **told(Paths, summary="What leads from one occupation to another", tag="recommendations", scopes=("read",)),
)
def get_paths(
    request: Request,
    start: Annotated[str, Query(alias="from", pattern=ROME, examples=["B1804"])],
    to: Annotated[str, Query(pattern=ROME, examples=["H2605"])],
    limit: Few = 5,
) -> Response:
    """By each lens what speaks for the move, with sentence and Cypher; listed mobilities that lead there in up to three
    steps; stepping stones. What `passerelle paths --json` prints."""
    snapshot = state_of(request).build.snapshot
    _known(snapshot.graph, ("from", start), ("to", to))
    if start == to:
        raise invalid(Fault("c'est le métier de départ : donnez-en un autre", parameter="to"))
    return reference(request, paths_document(snapshot, start, to, limit=limit))


@router.get(
    "/compare", **told(Comparison, summary="Two to four occupations side by side", tag="occupations", scopes=("read",))
)
def compare(
    request: Request,
    codeRome: Annotated[  # noqa: N803
        list[Annotated[str, Query(pattern=ROME)]],
        Query(min_length=2, max_length=MOST, description="repeated, two to four times", examples=[["B1804", "H2605"]]),
    ],
) -> Response:
    """Skills that they share, most shared first, and how much each covers of the others. As
    `passerelle compare --json`."""
    snapshot = state_of(request).build.snapshot
    _known(snapshot.graph, *(("codeRome", code) for code in codeRome))
    if len(set(codeRome)) < len(codeRome):
        raise invalid(Fault("le même métier est donné deux fois", parameter="codeRome"))
    return reference(request, compare_document(snapshot, codeRome))


def _explained(snapshot: Snapshot, asked: AskedByMachine, limit: int) -> Document:
    document = recommend_document(snapshot, asked, limit=limit)
    # nothing was typed: a machine asks by codes
    del document["query"]
    return document


def _again(build: Build, entry: Recommendation) -> tuple[Document | None, str | None]:
    """The explanation of what was recorded, None and why where it cannot be what was shown."""
    notice, question = _why_not(build, entry), entry.question
    if notice is not None or question is None:
        return None, notice
    asked = asked_with(question, _of(LENSES, entry.shown.lens) or "experts", _of(KINDS_OF_MOVE, question.kind))
    try:
        document = _gap_again(build, asked, entry) if entry.shown.gap else _list_again(build, asked, entry)
    except (PasserelleError, KeyError):
        return None, "Les données ont changé depuis : un code de la question n'existe plus."
    if document is None:
        return None, (
            "Le calcul ne redonne pas exactement ce qui a été montré : "
            "les premières listes, par exemple, ont été enregistrées sans les années d'exercice."
        )
    return document, None


def _why_not(build: Build, entry: Recommendation) -> str | None:
    """Why something recorded is not explained again; None where it can be tried."""
    info, shown = build.snapshot.info, entry.shown
    if entry.question is None:
        return "La personne a été effacée, et avec elle ce qui était demandé."
    if shown.kind == "potential":
        return "Un potentiel n'est pas refait, car la commune n'est pas enregistrée : ses bassins portent le calcul."
    if shown.kind == "matches":
        return "Un rapprochement n'est pas refait, car les offres changent chaque jour."
    if (shown.data_version, shown.model_version) != (info.data_version, info.model_version):
        return "Les données ou le modèle ont changé depuis."
    return None


def _list_again(build: Build, asked: AskedByMachine, entry: Recommendation) -> Document | None:
    """A list of recommendations with what explains it, None where it is not the one that was shown."""
    snapshot, question, occupations = build.snapshot, entry.question, entry.shown.occupations
    document = _explained(snapshot, asked, max((shown.rank for shown in occupations), default=1))
    if question is not None and question.area is not None and any(shown.market for shown in occupations):
        # the first lists were recorded without the market that stood beside them
        document = with_market(snapshot, document, WholeArea(question.area))
        document["sort"] = question.sort
    made = {one["codeRome"]: one for one in document["recommendations"]}
    document["recommendations"] = [
        made[shown.code_rome]
        for shown in occupations
        if shown.code_rome in made and occupation_shown(made[shown.code_rome]) == shown
    ]
    return document if len(document["recommendations"]) == len(occupations) else None


def _gap_again(build: Build, asked: AskedByMachine, entry: Recommendation) -> Document | None:
    """A gap as it was shown, None where it is another."""
    shown, graph = entry.shown.gap, build.snapshot.graph
    assert shown is not None  # noqa: S101 -- of this kind
    document = gap_document(build, asked.profile(graph), graph.occupation(shown.code_rome))
    return document if gap_shown(build.snapshot, document).gap == shown else None


def _of(known: tuple[Any, ...], word: str | None) -> Any:
    return next((one for one in known if one == word), None)


def _row(graph: SkillGraph, code: str, pointer: str) -> int:
    try:
        return graph.occupation(code)
    except UnknownOccupationError as error:
        raise problem_of(error, pointer) from None


def _known(graph: SkillGraph, *parameters: tuple[str, str]) -> None:
    faults = [
        Fault("aucun métier n'a ce code", parameter=name) for name, code in parameters if code not in graph.index_of
    ]
    if faults:
        raise invalid(*faults)
