"""Rows of an analyst's text as they come: JSON a line (application/x-ndjson)."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import anyio.to_thread
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.problems import problem_of
from graph.analyst import ReadStream
from passerelle.errors import PasserelleError
from passerelle.output import Document

#: rows wait for one another within these, so that many small ones cost little and the first ones come at once
_CHUNK_BYTES = 32 * 1024
_CHUNK_S = 0.1


class NdjsonResponse(StreamingResponse):
    """Lines, and what must be let go at the end, however it ends: a client that went away ends the text."""

    media_type = "application/x-ndjson"

    def __init__(self, lines: Iterator[bytes], let_go: Callable[[], None]) -> None:
        super().__init__(lines)
        self._let_go = let_go

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the lines."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._let_go)


def chunks(head: Document, stream: ReadStream, request_id: str) -> Iterator[bytes]:
    """The head, the rows, then the end, or the problem that stopped them; several lines at once."""
    yield _line(head)
    waiting, since, rows = bytearray(), time.monotonic(), 0
    try:
        for row in stream:
            waiting += _line(row)
            rows += 1
            if len(waiting) >= _CHUNK_BYTES or time.monotonic() - since >= _CHUNK_S:
                yield bytes(waiting)
                waiting.clear()
                since = time.monotonic()
        last: Document = {"rows": rows, "stoppedBy": stream.stopped_by, "seconds": stream.seconds}
    except PasserelleError as error:
        last = {"problem": problem_of(error).document(request_id)}
    yield bytes(waiting) + _line(last)


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"
