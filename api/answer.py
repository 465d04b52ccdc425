"""How routes answer: a document as JSON, reference data with a strong ETag, lists page by page."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request, Response
from pydantic_core import to_json

from api.problems import Fault, invalid
from passerelle.output import Document
from passerelle.snapshot import Snapshot

#: what is smaller is sent as it is
GZIP_FROM = 1000
_PLACE = re.compile(r"[0-9]{1,9}")


class DocumentResponse(Response):
    """The document that ``--json`` prints, without its line breaks and blanks."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """JSON in UTF-8; NaN is refused, as it is no JSON."""
        body = to_json(content)
        if b"NaN" in body or b"Infinity" in body:
            # a text may say so; a number makes this raise
            json.dumps(content, allow_nan=False)
        return body


class GeoJsonResponse(DocumentResponse):
    """A map (RFC 7946)."""

    media_type = "application/geo+json"


def prefers(request: Request, media: str) -> bool:
    """Whether ``Accept`` names a media type, and JSON by no greater quality (RFC 9110, 12.5.1)."""
    asked = [_accepted(one) for one in request.headers.get("accept", "").split(",")]
    wanted = max((quality for name, quality in asked if name == media), default=0.0)
    others = max((quality for name, quality in asked if name == "application/json"), default=0.0)
    return wanted > 0 and wanted >= others


def _accepted(text: str) -> tuple[str, float]:
    name, *parameters = [part.strip().lower() for part in text.split(";")]
    quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
    # what is no quality says nothing
    return name, float(quality) if re.fullmatch(r"[01](\.[0-9]{0,3})?", quality) else 0.0


def reference(request: Request, document: Document, headers: Mapping[str, str] | None = None) -> Response:
    """Reference data: the same until the build changes. 304 where who asks has it already."""
    answer = DocumentResponse(document, headers=dict(headers or {}))
    body = bytes(answer.body)
    mark = hashlib.sha256(body).hexdigest()[:32]
    # a strong ETag is of the bytes that are sent: packed, they are others
    packed = "gzip" in request.headers.get("accept-encoding", "") and len(body) >= GZIP_FROM
    etag = f'"{mark}-gzip"' if packed else f'"{mark}"'
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    lasting = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if etag in known or "*" in known:
        return Response(status_code=304, headers=lasting)
    answer.headers.update(lasting)
    return answer


def page(
    request: Request, snapshot: Snapshot, name: str, rows: Sequence[Any], cursor: str | None, limit: int
) -> tuple[Sequence[Any], str | None, dict[str, str]]:
    """A page of a list: its rows, the cursor of the next one (None on the last), and the headers with its Link.

    name: the list's, so that a cursor of another is refused
    raises: ProblemError (422) for a cursor that is not one of this list and these data
    """
    start = 0 if cursor is None else _place(cursor, name, snapshot.info.fingerprint, len(rows))
    end = start + limit
    if end >= len(rows):
        return rows[start:end], None, {}
    following = _cursor(name, snapshot.info.fingerprint, end)
    link = f'<{request.url.path}?limit={limit}&cursor={following}>; rel="next"'
    return rows[start:end], following, {"Link": link}


def _cursor(name: str, fingerprint: str, place: int) -> str:
    return base64.urlsafe_b64encode(f"{name} {fingerprint} {place}".encode()).decode().rstrip("=")


def _place(cursor: str, name: str, fingerprint: str, size: int) -> int:
    problem = invalid(
        Fault(
            "ce curseur n'est pas de cette liste, ou les données ont changé : recommencez au début", parameter="cursor"
        )
    )
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise problem from None
    expected, _, place = text.rpartition(" ")
    if expected != f"{name} {fingerprint}" or not _PLACE.fullmatch(place) or not 0 < int(place) < size:
        raise problem
    return int(place)
