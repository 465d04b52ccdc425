"""How a route is described: what it answers, which problems it may give, which scopes it asks for."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from api.problems import KINDS, MEDIA_TYPE
from api.security import needs
from records.keys import Scope

#: problems of every route, of those that ask for a scope, and of those with a body
_EVERYWHERE = ("invalid-request", "internal", "overloaded")
_WITH_SCOPE = (
    *("key-missing", "key-refused", "scope-missing", "foreign-host", "too-many-requests", "loading", "not-built"),
    *("data-unavailable", "records-unavailable", "records-busy"),
)
_WITH_BODY = ("malformed-json", "slow-body", "body-too-large", "unsupported-media-type")


def told(
    shape: type[BaseModel],
    *problems: str,
    summary: str,
    tag: str,
    scopes: tuple[Scope, ...] = (),
    body: bool = False,
    status: int = 200,
    also: Mapping[str, type[BaseModel]] | None = None,
) -> dict[str, Any]:
    """What a route's decorator is given.

    problems: kinds that are the route's own; body: whether it reads one
    also: media types that are answered where ``Accept`` asks for them, each with its shape
    """
    kinds = (*_EVERYWHERE, *(_WITH_SCOPE if scopes else ()), *(_WITH_BODY if body else ()), *problems)
    return {
        "response_model": shape,
        "status_code": status,
        "summary": summary,
        "tags": [tag],
        "responses": _responses(kinds) | _also(status, also or {}),
        "dependencies": [needs(*scopes)] if scopes else [],
        "openapi_extra": {"x-scopes": list(scopes)} if scopes else None,
    }


def _also(status: int, shapes: Mapping[str, type[BaseModel]]) -> dict[int | str, dict[str, Any]]:
    content = {media: {"schema": shape.model_json_schema(by_alias=True)} for media, shape in shapes.items()}
    return {status: {"description": "Successful Response", "content": content}} if content else {}


def _responses(kinds: tuple[str, ...]) -> dict[int | str, dict[str, Any]]:
    by_status: dict[int | str, list[str]] = {}
    for kind in sorted(set(kinds), key=lambda kind: (KINDS[kind].status, kind)):
        by_status.setdefault(KINDS[kind].status, []).append(kind)
    return {
        status: {
            "description": " ; ".join(KINDS[kind].title for kind in of_status),
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {kind: {"value": _example(kind)} for kind in of_status},
                }
            },
        }
        for status, of_status in by_status.items()
    }


def _example(kind: str) -> dict[str, Any]:
    known = KINDS[kind]
    example: dict[str, Any] = {
        "type": f"/v1/problems/{kind}",
        "title": known.title,
        "status": known.status,
        "detail": f"{known.title}.",
        "requestId": "7d0cf42b-54a3-4d3e-9f3a-2f0c3f6f4f0e",
    }
    if kind == "invalid-request":
        example["errors"] = [{"detail": "ce champ n'existe pas", "pointer": "/age"}]
    return example
