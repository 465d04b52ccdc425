"""The application: routes under /v1, one shape of error, and what is opened and closed with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response

from api import openapi
from api.answer import GZIP_FROM
from api.gate import Gate
from api.problems import Fault, ProblemError, faults_of, field_name, invalid, problem_of
from api.routes import about, answers, cypher, matching, reference, seekers, territories
from api.state import State
from passerelle.errors import PasserelleError
from passerelle.offers_ready import KeptOffers, store_path
from passerelle.settings import Settings

#: the routes, one subject a file
ROUTERS = (
    *(reference.router, territories.router, answers.router),
    *(matching.router, seekers.router, cypher.router, about.router),
)
_TAGS = [
    {"name": "occupations", "description": "Occupations of ROME"},
    {"name": "skills", "description": "Skills, knowledge and certifications"},
    {"name": "territories", "description": "Places, employment areas, the market, where somebody is wanted"},
    {"name": "recommendations", "description": "Recommendations, their explanation, and what a counselor decides"},
    {"name": "offers", "description": "Offers that are kept, and whom they fit"},
    {"name": "seekers", "description": "What a counselor records of a person"},
    {"name": "cypher", "description": "Analysts' questions to the graph"},
    {"name": "about", "description": "Model, sources, health"},
]


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application of one worker; build and records are opened when it starts, beside the first requests."""
    state = State(settings or Settings())
    app = FastAPI(
        title="Passerelle",
        version=openapi.VERSION,
        description=openapi.DESCRIPTION,
        openapi_url="/v1/openapi.json",
        openapi_tags=_TAGS,
        # Swagger's and ReDoc's pages load their scripts from elsewhere
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        dependencies=[Depends(only_known_parameters)],
        generate_unique_id_function=_operation_id,
        separate_input_output_schemas=False,
        # spans would hold addresses as they were typed
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.passerelle = state
    app.state.offers = KeptOffers(store_path(state.settings))
    for router in ROUTERS:
        app.include_router(router)
    openapi.install(app)
    app.state.query_names = openapi.query_names(app)
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(PasserelleError, _house_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    # the last added is the outermost
    # a list of 20 with explanations: 54 kB in 1.6 ms; 44 kB in 6.7 ms at level 5
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM, compresslevel=3)
    origins = [origin.strip() for origin in state.settings.cors_origins.split(",") if origin.strip()]
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "If-None-Match", "X-Request-Id"],
            expose_headers=["ETag", "Link", "Location", "Retry-After", "X-Request-Id"],
        )
    app.add_middleware(Gate, state=state)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state: State = app.state.passerelle
    anyio.to_thread.current_default_thread_limiter().total_tokens = state.settings.api_threads
    state.start()
    try:
        yield
    finally:
        await anyio.to_thread.run_sync(state.close)


async def only_known_parameters(request: Request) -> None:
    """Refuses a query parameter that the route does not have, and one given twice that may stand once."""
    route: APIRoute = request.scope["route"]
    known = request.app.state.query_names.get((request.method, route.path), {})
    given = [name for name, _ in request.query_params.multi_items()]
    faults = [
        Fault("ce paramètre n'existe pas", parameter=field_name(name))
        for name in dict.fromkeys(given)
        if name not in known
    ]
    faults += [
        Fault("donné plusieurs fois", parameter=name)
        for name, several in known.items()
        if not several and given.count(name) > 1
    ]
    if faults:
        raise invalid(*faults)


def _operation_id(route: APIRoute) -> str:
    first, *rest = route.name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _answer(request: Request, problem: ProblemError) -> Response:
    return problem.response(request.state.request_id)


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 -- what it is registered for
    return _answer(request, error)


def _house_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, PasserelleError)  # noqa: S101 -- what it is registered for
    return _answer(request, problem_of(error))


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- what it is registered for
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return _answer(request, ProblemError("malformed-json", "Vérifiez virgules, guillemets et accolades."))
    # a code in the path that cannot be one leads nowhere
    if any(one["loc"][0] == "path" for one in found):
        return _answer(request, ProblemError("not-found", "Vérifiez l'adresse."))
    return _answer(request, invalid(*faults_of(found)))


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 -- what it is registered for
    kinds = {400: "malformed-json", 404: "not-found", 405: "method-not-allowed", 413: "body-too-large"}
    details = {
        400: "Vérifiez le corps de la requête.",
        404: "Vérifiez l'adresse : GET /v1/openapi.json les donne toutes.",
        405: f"Méthodes possibles : {(error.headers or {}).get('Allow', '')}.",
        413: "Envoyez-en moins.",
    }
    kind = kinds.get(error.status_code, "internal")
    return _answer(request, ProblemError(kind, details.get(error.status_code, "Signalez-la."), headers=error.headers))
