"""An analyst's text in a process of its own: rows come one by one, and a limit holds whatever the server does.

Neither server can stop every text: Neo4j looks at its clock between rows, not inside an expression; the embedded not
even between the paths of a pattern comprehension; and one value may be larger than the memory of whoever reads it. So
the text runs in ``graph.analyst_process``, which ends itself when the time is over, and whose memory the system bounds
(on Linux). On the embedded server it ends that server too, where it did not stop by itself: what was committed is safe
(``kill -9`` loses nothing, docs/graph.md), and the next connection starts it again.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from pydantic import SecretStr

from graph.analyst_text import refuse_more_than_reading
from passerelle.errors import GraphUnavailableError, RefusedQueryError
from passerelle.settings import Settings

MAX_ROWS = 100_000
#: bytes of all rows of an answer, as JSON
MAX_BYTES = 64 * 1024 * 1024
#: code of an error that the process did not foresee; its problem is the error's class
UNFORESEEN = "unforeseen"
_ROOT = Path(__file__).resolve().parent.parent


class ReadStream:
    """The rows of an analyst's text, in the order of the server, to be used in a ``with`` block and gone through once.

    columns:    names, in the order of the text
    stopped_by: "rows" or "bytes" where there were more than the limit; None before the end, or where that was all
    seconds:    wall clock of the text on the server, None before the end

    Going through it raises RefusedQueryError (out of time, out of memory, no correct Cypher) and GraphUnavailableError.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.stopped_by: Literal["rows", "bytes"] | None = None
        self.seconds: float | None = None
        self._ended = False
        try:
            head = self._receive()
        except BaseException:
            self.close()
            raise
        self.columns: tuple[str, ...] = tuple(head["columns"])

    def __iter__(self) -> Iterator[list[Any]]:
        """Each row, the values of the columns as JSON has them: nodes and relationships as maps, dates as texts."""
        while not self._ended:
            message = self._receive()
            if isinstance(message, list):
                yield message
            else:
                self._ended = True
                self.stopped_by, self.seconds = message["stopped_by"], message["seconds"]

    def ndjson(self) -> Iterator[str]:
        """Each row as an object of JSON on a line of its own (application/x-ndjson), the line's end included."""
        for row in self:
            yield json.dumps(dict(zip(self.columns, row, strict=True)), ensure_ascii=False) + "\n"

    def close(self) -> None:
        """Ends the text, wherever it is. May be called twice."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _receive(self) -> Any:
        assert self._process.stdout is not None  # noqa: S101
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            status = self._process.wait()
            raise RuntimeError(f"the process of an analyst's query ended with status {status} before its last line")
        message = json.loads(line)
        if isinstance(message, dict) and "error" in message:
            if message["error"] == GraphUnavailableError.code:
                raise GraphUnavailableError(message["problem"], message["advice"])
            if message["error"] == UNFORESEEN:
                raise RuntimeError(f"the process of an analyst's query met with {message['problem']}")
            raise RefusedQueryError(message["problem"])
        return message


def stream_read_only(
    settings: Settings,
    text: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    limit: int,
    timeout_s: float,
    max_bytes: int = MAX_BYTES,
) -> ReadStream:
    """Runs an analyst's text, which may only read, apart; returns when its columns are known.

    settings:   whose graph server is asked
    parameters: values that JSON has
    limit:      rows, at most ``MAX_ROWS``
    timeout_s:  seconds on the server; a second later the process ends itself, however slowly the rows are taken
    max_bytes:  of all rows, as JSON
    raises: RefusedQueryError, GraphUnavailableError, ValueError as ``graph.analyst.run_read_only``
    """
    if not 1 <= limit <= MAX_ROWS:
        raise ValueError(f"limit is from 1 to {MAX_ROWS}, not {limit}")
    # most refusals need neither a process nor a server
    refuse_more_than_reading(text, parameters)
    request = {
        "settings": _as_environment(settings),
        "text": text,
        "parameters": dict(parameters or {}),
        "limit": limit,
        "timeout_s": timeout_s,
        "max_bytes": max_bytes,
    }
    path = os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    # the password goes by the pipe: arguments and environment can be read by others
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "graph.analyst_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert process.stdin is not None  # noqa: S101
    process.stdin.write(json.dumps(request).encode())
    process.stdin.close()
    return ReadStream(process)


def _as_environment(settings: Settings) -> dict[str, Any]:
    """The settings as ``Settings.model_validate`` takes them, secrets and all."""
    values = {}
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        values[str(field.validation_alias)] = value.get_secret_value() if isinstance(value, SecretStr) else value
    return {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}
