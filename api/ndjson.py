"""Rows of an analyst's text as they come: JSON a line (application/x-ndjson)."""

import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
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


class Lines:
    """The head, the rows, then the end, or the problem that stopped them."""

    def __init__(self, head: Document, stream: ReadStream, request_id: str, let_go: Callable[[], None]) -> None:
        """let_go: called once, when nothing more is read."""
        self._head = head
        self._stream = stream
        self._request_id = request_id
        self._let_go = let_go
        self._closing = threading.Lock()
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        """Several lines at once."""
        yield _line(self._head)
        waiting, since, rows = bytearray(), time.monotonic(), 0
        try:
            for row in self._stream:
                waiting += _line(row)
                rows += 1
                if len(waiting) >= _CHUNK_BYTES or time.monotonic() - since >= _CHUNK_S:
                    yield bytes(waiting)
                    waiting.clear()
                    since = time.monotonic()
            last: Document = {"rows": rows, "stoppedBy": self._stream.stopped_by, "seconds": self._stream.seconds}
        except PasserelleError as error:
            last = {"problem": problem_of(error).document(self._request_id)}
        except (RuntimeError, ValueError):
            # what ``close`` does to who reads
            if self._closed:
                return
            raise
        yield bytes(waiting) + _line(last)

    def close(self) -> None:
        """Ends the text, wherever it is; a second time does nothing."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        try:
            self._stream.close()
        finally:
            self._let_go()


class NdjsonResponse(StreamingResponse):
    """Lines as they come; a client that goes away ends the text, at which the server may still be thinking."""

    media_type = "application/x-ndjson"

    def __init__(self, lines: Lines, threads: anyio.CapacityLimiter) -> None:
        """threads: in which one waits for the server, beside those in which the API computes"""
        super().__init__(_in_threads(iter(lines), threads))
        self._lines = lines

    async def listen_for_disconnect(self, receive: Receive) -> None:
        """Returns when the client has gone away."""
        await super().listen_for_disconnect(receive)
        await anyio.to_thread.run_sync(self._lines.close)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the lines."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._lines.close)


async def _in_threads(lines: Iterator[bytes], threads: anyio.CapacityLimiter) -> AsyncIterator[bytes]:
    while (chunk := await anyio.to_thread.run_sync(next, lines, None, limiter=threads)) is not None:
        yield chunk


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"
