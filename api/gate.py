"""The gate: what every request passes before its route. Its id, its host, how many there are, its body; then the log.

The log holds method, route template, status, milliseconds, request id and the key's prefix: neither addresses as they
were typed nor bodies, which may be personal.
"""

import asyncio
import json
import logging
import re
import time
import traceback
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import ProblemError
from api.state import State
from passerelle.address import is_loopback

access_log = logging.getLogger("passerelle.access")
error_log = logging.getLogger("passerelle.api")

#: hexadecimal and long, as UUIDs and trace ids are: no telephone or social security number passes for one
_REQUEST_ID = re.compile(r"[0-9a-fA-F][0-9a-fA-F-]{15,63}")
#: a string of JSON, one that has no end too, so that each byte is looked at once
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
DEEPEST = 16
BODY_SECONDS = 30.0
_WITH_BODY = {"POST", "PUT", "PATCH", "DELETE"}


class Gate:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state
        self._inside = 0
        self._most = state.settings.api_threads + state.settings.api_waiting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request in, or answers why not; everything but HTTP passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        scope.setdefault("state", {})
        request_id = scope["state"]["request_id"] = _request_id(Headers(scope=scope).get("x-request-id"))
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("Cache-Control", "no-store")
                if scope["state"].get("open_access"):
                    headers["Passerelle-Access"] = "open"
            await send(message)

        self._inside += 1
        try:
            await self._let_in(scope, receive, answer)
        except ProblemError as problem:
            await problem.response(request_id)(scope, receive, answer)
        # the last resort: whatever it was, who asks gets a problem and the log says where it came from
        except Exception as error:
            _log_fault(error, request_id)
            if status:
                raise
            unforeseen = ProblemError("internal", "Signalez-la, avec l'identifiant de la requête.")
            await unforeseen.response(request_id)(scope, receive, answer)
        finally:
            self._inside -= 1
            _log_access(scope, status, time.perf_counter() - began)

    async def _let_in(self, scope: Scope, receive: Receive, answer: Send) -> None:
        if self._inside > self._most and not scope["path"].startswith("/v1/health/"):
            raise ProblemError("overloaded", "Recommencez dans un instant.")
        headers = Headers(scope=scope)
        # a page of another site may lead a browser here under its own name (DNS rebinding): where no key is asked for,
        # the name is all that tells (api.security)
        scope["state"]["own_name"] = is_loopback(re.sub(r":\d+$", "", headers.get("host", "")))
        if scope["method"] not in _WITH_BODY:
            await self._app(scope, receive, answer)
            return
        body = await self._body(headers, receive)
        if body is not None:
            _check_body(body, headers)
            await self._app(scope, _replay(body, receive), answer)

    async def _body(self, headers: Headers, receive: Receive) -> bytes | None:
        """The whole body; None where who asked went away."""
        most = self._state.settings.body_bytes
        too_large = ProblemError("body-too-large", f"{most} octets au plus.")
        announced = headers.get("content-length", "0")
        if announced.isdecimal() and int(announced[:20]) > most:
            raise too_large
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body += message.get("body", b"")
                    if len(body) > most:
                        raise too_large
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise ProblemError("slow-body", f"{BODY_SECONDS:.0f} s au plus.") from None


def _check_body(body: bytes, headers: Headers) -> None:
    if not body:
        return
    kind, _, parameters = headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if kind.strip().lower() != "application/json" or charset not in ("", "charset=utf-8"):
        raise ProblemError("unsupported-media-type", "Envoyez « Content-Type: application/json », en UTF-8.")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError("unsupported-media-type", "Envoyez le corps sans compression.")
    if depth(body) > DEEPEST:
        raise ProblemError("malformed-json", f"{DEEPEST} niveaux d'imbrication au plus.")


def depth(body: bytes) -> int:
    """How many brackets are open at most at once, strings left out."""
    level = deepest = 0
    for bracket in _STRING.sub(b"", body).translate(None, _NO_BRACKET):
        level += 1 if bracket in b"[{" else -1
        deepest = max(deepest, level)
    return deepest


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _request_id(given: str | None) -> str:
    return given if given is not None and _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())


def _log_fault(error: Exception, request_id: str) -> None:
    # the message of an unforeseen error may hold what was typed: its class and where it was raised do not
    where = " < ".join(
        f"{frame.filename}:{frame.lineno}" for frame in reversed(traceback.extract_tb(error.__traceback__))
    )
    error_log.error("request %s: %s at %s", request_id, type(error).__name__, where)


def _log_access(scope: Scope, status: int, seconds: float) -> None:
    route = scope.get("route")
    line = {
        "method": scope["method"],
        "route": getattr(route, "path", None),
        "status": status,
        "ms": round(1000 * seconds, 1),
        "requestId": scope["state"]["request_id"],
        "key": scope["state"].get("key_id"),
    }
    access_log.info(json.dumps(line))
