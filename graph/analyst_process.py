"""The process that runs an analyst's text for ``graph.analyst_stream``: request on stdin, rows on stdout.

First ``{"columns"}``, then a list a row, last ``{"stopped_by", "seconds"}``; or, in the place of any of them,
``{"error", "problem", "advice"}``. A clock of its own ends it when the server does not; rows wait here, within their
bound in bytes, so that who takes them slowly does not keep the server busy. Nothing is written to stderr, which is the
log of who asked: a traceback, or a warning of the driver, may quote the text.
"""

import json
import math
import os
import queue
import signal
import sys
import threading
import time
from typing import Any

from graph.analyst import reading, stopped
from graph.analyst_stream import UNFORESEEN
from graph.connection import Connection, connect
from passerelle.errors import GraphUnavailableError, RefusedQueryError
from passerelle.settings import Settings

#: address space, in bytes: the interpreter, the driver, and some copies of one large value
MEMORY_BYTES = 1024 * 1024 * 1024
#: seconds that a server has to stop by itself, after the limit
GRACE_S = 1.0
_GRAPH_DOWN = "Le serveur de graphe embarqué a été arrêté avec elle, et repart à la prochaine demande."


def main() -> int:
    """Answers one request."""
    # the descriptor, and not sys.stderr alone: the interpreter and native code write to it
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)
    os.close(silent)
    lines = _Lines()
    try:
        request = json.load(sys.stdin)
        with connect(Settings.model_validate(request["settings"])) as connection:
            # not before: a server that starts here would inherit it
            _bound_memory()
            _answer(connection, request, lines)
    except RefusedQueryError as error:
        lines.put({"error": error.code, "problem": str(error)})
    except GraphUnavailableError as error:
        lines.put({"error": error.code, "problem": error.problem, "advice": error.advice})
    except Exception as error:  # noqa: BLE001 -- told by its class alone, by who asked
        # its message and its traceback may quote the text
        lines.put({"error": UNFORESEEN, "problem": type(error).__name__})
    lines.close()
    return 0


def _answer(connection: Connection, request: dict[str, Any], lines: "_Lines") -> None:
    timeout_s, limit, max_bytes = request["timeout_s"], request["limit"], request["max_bytes"]
    watch = threading.Timer(timeout_s + GRACE_S, _give_up, (connection, timeout_s, lines))
    watch.daemon = True
    watch.start()
    started = time.perf_counter()
    stopped_by = None
    try:
        with reading(connection, request["text"], request["parameters"], limit=limit, timeout_s=timeout_s) as found:
            columns, rows = found
            lines.put({"columns": columns})
            for count, row in enumerate(rows, start=1):
                line = json.dumps([_plain(value) for value in row], ensure_ascii=False).encode() + b"\n"
                if count > limit or lines.size + len(line) > max_bytes:
                    stopped_by = "rows" if count > limit else "bytes"
                    break
                lines.put_line(line)
            # what is left of the answer is not read, only let go
    except MemoryError:
        lines.put({"error": RefusedQueryError.code, "problem": _too_large()})
        lines.finish_and_exit()
    except GraphUnavailableError as error:
        if connection.lease is None:
            raise
        # it ran out of memory: threads of it may have died, and it would answer nobody any more
        _kill(connection)
        raise RefusedQueryError(f"La requête a épuisé le serveur : précisez-la. {_GRAPH_DOWN}") from error
    finally:
        watch.cancel()
    lines.put({"stopped_by": stopped_by, "seconds": round(time.perf_counter() - started, 3)})
    if stopped_by:
        # closing in order would first read what the server still has to give
        lines.finish_and_exit()


def _give_up(connection: Connection, timeout_s: float, lines: "_Lines") -> None:
    """The server did not stop the text: ends the embedded one, leaves a Neo4j (which sees the connection close)."""
    problem = str(stopped(timeout_s))
    if connection.lease is not None:
        _kill(connection)
        problem += f" {_GRAPH_DOWN}"
    else:
        problem += " Le serveur l'interrompt dès qu'il le peut (docs/cypher.md)."
    lines.put({"error": RefusedQueryError.code, "problem": problem})
    lines.finish_and_exit()


def _kill(connection: Connection) -> None:
    if connection.lease is not None:
        try:
            os.kill(connection.lease.status.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        except ProcessLookupError:
            # it has ended by itself
            return


def _bound_memory() -> None:
    if sys.platform == "linux":
        import resource  # noqa: PLC0415  (no such module on Windows)

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _too_large() -> str:
    return "Une ligne de la réponse est trop grosse pour être lue : rendez moins de valeurs par ligne."


def _plain(value: Any) -> Any:
    """The value as JSON has it; what JSON has not (dates, points, infinity) as a text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


class _Lines:
    """Lines on their way out, written by a thread of their own.

    size: bytes of the rows that were put, in all
    """

    def __init__(self) -> None:
        self.size = 0
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    def put(self, message: dict[str, Any]) -> None:
        self._queue.put(json.dumps(message, ensure_ascii=False).encode() + b"\n")

    def put_line(self, line: bytes) -> None:
        self.size += len(line)
        self._queue.put(line)

    def close(self) -> None:
        """Waits until everything is written."""
        self._queue.put(None)
        self._writer.join()

    def finish_and_exit(self) -> None:
        """Writes everything, then ends the process at once, whatever its other threads do."""
        self.close()
        os._exit(0)

    def _write(self) -> None:
        while (line := self._queue.get()) is not None:
            try:
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
            except BrokenPipeError:
                # nobody reads any more
                os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
