"""Who may ask what: bearer keys with scopes, and how often. Without a key on loopback, until the first one is made."""

from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.problems import ProblemError
from api.state import State
from records.keys import Key, Scope

_SCHEME = HTTPBearer(
    scheme_name="key",
    description="`Authorization: Bearer psl_…`, made by `passerelle keys create --scope …`; on loopback none is "
    "needed until the first key is made.",
    auto_error=False,
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_SCHEME)]


def state_of(request: Request) -> State:
    """The worker's state."""
    state: State = request.app.state.passerelle
    return state


def needs(*scopes: Scope) -> Any:
    """The dependency of a route that asks for these scopes, all of them."""

    def check(request: Request, credentials: Credentials) -> None:
        authorize(request, credentials)
        require(request, *scopes)

    check.__doc__ = f"Asks for {' and '.join(scopes)}."
    check.scopes = scopes  # type: ignore[attr-defined]
    return Depends(check)


def authorize(request: Request, credentials: HTTPAuthorizationCredentials | None) -> None:
    """Finds who asks and counts it; ``request.state.key`` is the key, None where none is asked for.

    raises: ProblemError (401, 421, 429, 503); RecordsError
    """
    state = state_of(request)
    address = request.client.host if request.client else "?"
    if credentials is None:
        if not state.open_access:
            raise ProblemError(
                "key-missing",
                "Donnez une clé : « Authorization: Bearer psl_… ».",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if not request.state.own_name:
            raise ProblemError("foreign-host", "Sans clé, demandez à 127.0.0.1 ou à localhost.")
        state.limiter.count(f"address {address}")
        request.state.key = None
        request.state.open_access = True
        return
    token = credentials.credentials
    state.limiter.before_check(token, address)
    key = state.records.keys.check(token)
    if key is None:
        state.limiter.wrong(token, address)
        raise ProblemError(
            "key-refused",
            "Vérifiez la clé, ou demandez-en une autre.",
            headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )
    state.limiter.good(token)
    state.limiter.count(f"key {key.prefix}")
    request.state.key = key
    request.state.key_id = key.prefix


def require(request: Request, *scopes: Scope) -> None:
    """Asks for scopes of who was authorized.

    raises: ProblemError (403)
    """
    key: Key | None = request.state.key
    missing = [] if key is None else [scope for scope in scopes if scope not in key.scopes]
    if missing:
        names = " et ".join(missing)
        raise ProblemError(
            "scope-missing",
            f"Il faut une clé de portée {names}.",
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{" ".join(scopes)}"'},
        )
