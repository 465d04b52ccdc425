"""The OpenAPI description: FastAPI's, with the shape of problems, recorded examples, and no path that is not told."""

import importlib.resources
import json
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from api.shapes import Problem

VERSION = "1.0.0"
DESCRIPTION = """\
Occupations that a person's skills lead to, each explained: contributions, paths in the graph, gap.

Codes keep their French names (`codeRome`, `codeOgr`), labels and texts for a person are French. Every answer carries
`dataVersion` and `modelVersion`. Errors are `application/problem+json` (RFC 9457). Null is what the data do not say.
"""


def install(app: FastAPI) -> None:
    """Makes ``app.openapi()`` give the whole description, made once."""
    made: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not made:
            made.update(_describe(app))
        return made

    app.openapi = openapi  # type: ignore[method-assign]


def query_names(app: FastAPI) -> dict[tuple[str, str], dict[str, bool]]:
    """(method, route template) -> its query parameters, name -> whether it may stand several times."""
    return {
        (method.upper(), path): {
            one["name"]: one["schema"].get("type") == "array"
            for one in operation.get("parameters", ())
            if one["in"] == "query"
        }
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
    }


@cache
def examples() -> dict[str, dict[str, Any]]:
    """operationId -> ``request`` and ``response``: recorded on the built-in sample, long lists cut."""
    text = (importlib.resources.files("api") / "examples.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


def _describe(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
    )
    schemas = document["components"]["schemas"]
    _, problem = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
    schemas.update(problem["$defs"])
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operations in document["paths"].values():
        for operation in operations.values():
            recorded = examples().get(operation["operationId"], {})
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    for media, content in answer["content"].items():
                        _show(content, media, recorded)
            if "requestBody" in operation and "request" in recorded:
                operation["requestBody"]["content"]["application/json"]["example"] = recorded["request"]
    return document


def _show(content: dict[str, Any], media: str, recorded: dict[str, Any]) -> None:
    if media == "application/x-ndjson":
        # what FastAPI tells of an answer that it does not write itself is a text
        content["schema"] = {"$ref": "#/components/schemas/CypherLine"}
    if media != "application/geo+json" and "response" in recorded:
        content["example"] = recorded["response"]
