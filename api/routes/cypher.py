"""Analysts' questions to the graph, in Cypher that may only read (docs/cypher.md)."""

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request, Response

from api.answer import reference
from api.describe import told
from api.models import CypherIn
from api.ndjson import Lines, NdjsonResponse
from api.problems import Fault, ProblemError, invalid
from api.security import state_of
from api.shapes_cypher import CypherLine, Questions
from api.state import State
from graph.analyst import stream_read_only
from graph.queries import query, query_names
from passerelle.answers import versions

router = APIRouter(prefix="/v1/cypher")


@router.post(
    "",
    **told(
        CypherLine,
        "refused-query",
        "graph-unavailable",
        "graph-conflict",
        summary="Ask the graph in Cypher",
        tag="cypher",
        scopes=("analyst",),
        body=True,
    ),
    response_class=NdjsonResponse,
)
async def ask_graph(request: Request, body: CypherIn) -> Response:
    """Rows as they come, JSON a line: a head with the columns, a list a row, and an end that says whether there were
    more. The text may only read, within PASSERELLE_CYPHER_TIMEOUT_S; refused texts are 422 with the reason."""
    state = state_of(request)
    if not state.cypher_seats.acquire(blocking=False):
        raise ProblemError("overloaded", "D'autres requêtes Cypher sont en cours : recommencez dans un instant.")
    try:
        return await anyio.to_thread.run_sync(
            _answer, state, body, request.state.request_id, limiter=state.cypher_threads
        )
    except BaseException:
        state.cypher_seats.release()
        raise


def _answer(state: State, body: CypherIn, request_id: str) -> Response:
    """The answer that gives the seat back once nothing more is read."""
    snapshot, settings = state.build.snapshot, state.settings
    text = _text(body)
    marker = state.graph.marker()
    stream = stream_read_only(settings, text, body.parameters, limit=body.limit, timeout_s=settings.cypher_timeout_s)
    head = {
        "columns": list(stream.columns),
        "current": marker.checksum == snapshot.info.checksum,
        **versions(snapshot),
        "dataVersion": marker.meta.data_version,
        "sample": marker.meta.sample,
    }
    return NdjsonResponse(Lines(head, stream, request_id, state.cypher_seats.release), state.cypher_threads)


@router.get("/questions", **told(Questions, summary="Ready-made questions", tag="cypher", scopes=("analyst",)))
def list_questions(request: Request) -> Response:
    """The questions that are written already, each with its parameters, its columns and its text."""
    questions = [
        {
            "name": one.name,
            "question": one.question,
            "parameters": one.parameters,
            "columns": list(one.columns),
            "text": one.text,
        }
        for one in map(query, query_names())
    ]
    return reference(request, {"questions": questions} | versions(state_of(request).build.snapshot))


def _text(body: CypherIn) -> str:
    if body.query is not None:
        return body.query
    if body.question not in query_names():
        raise invalid(Fault("cette question n'est pas de la liste (GET /v1/cypher/questions)", "/question"))
    ready = query(body.question)
    if set(body.parameters) != set(ready.parameters):
        wanted = ", ".join(ready.parameters) or "aucun paramètre"
        raise invalid(Fault(f"attendu : {wanted}", "/parameters"))
    return ready.text
