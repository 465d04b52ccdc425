"""Cypher texts of analysts: read-only, bounded in time, rows and memory, on either server.

Fences, one behind the other: the words of the text (``graph.analyst_text``); on Neo4j, its own plan of the text, whose
operators must all be on a list of those that read (``graph.analyst_plan``), and a READ session; on the embedded server,
whose READ sessions can write, a second user who may only read.

``stream_read_only`` also runs the text in a process of its own, so that a limit holds even where a server does not keep
it; ``run_read_only`` is the same without that process, for texts that one trusts to end.
"""

import itertools
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import neo4j
from neo4j.exceptions import Neo4jError

from graph.analyst_plan import refuse_plan
from graph.analyst_stream import MAX_BYTES, MAX_ROWS, ReadStream, stream_read_only
from graph.analyst_text import refuse_more_than_reading, with_limit
from graph.connection import Connection, reaching
from passerelle.errors import RefusedQueryError

__all__ = ["MAX_BYTES", "MAX_ROWS", "Answer", "ReadStream", "reading", "run_read_only", "stream_read_only"]

#: rows that travel at once: few, so that a client never holds more of a large answer than it looks at
_FETCH_SIZE = 500
_EXPLAIN = "EXPLAIN "
#: where Neo4j found a mistake, in the text that begins with EXPLAIN
_POSITION = re.compile(r"\(line (\d+), column (\d+) \(offset: \d+\)\)")


@dataclass(frozen=True)
class Answer:
    """Rows of an analyst's query.

    columns:   names, in the order of the text
    rows:      each the values of the columns; nodes and relationships as maps of their properties
    truncated: there were more rows than the limit
    seconds:   wall clock
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    truncated: bool
    seconds: float


def run_read_only(
    connection: Connection, text: str, parameters: Mapping[str, Any] | None = None, *, limit: int, timeout_s: float
) -> Answer:
    """Runs an analyst's text, which may only read.

    limit:     rows, at most ``MAX_ROWS``
    timeout_s: seconds after which the server is asked to stop it; what neither server stops is in docs/cypher.md
    raises: RefusedQueryError when the text does more than read, is not correct Cypher, or runs out of time;
        ValueError for a limit that is not from 1 to ``MAX_ROWS``
    """
    started = time.perf_counter()
    with reading(connection, text, parameters, limit=limit, timeout_s=timeout_s) as (columns, found):
        rows = list(itertools.islice(found, limit + 1))
    return Answer(columns, rows[:limit], len(rows) > limit, time.perf_counter() - started)


@contextmanager
def reading(
    connection: Connection, text: str, parameters: Mapping[str, Any] | None = None, *, limit: int, timeout_s: float
) -> Iterator[tuple[tuple[str, ...], Iterator[tuple[Any, ...]]]]:
    """The columns and the rows of an analyst's text, read from the server as they are asked for.

    More than ``limit`` rows may come where the text has a limit of its own; the caller stops. Raises as
    ``run_read_only``, also while rows are asked for.
    """
    if not 1 <= limit <= MAX_ROWS:
        raise ValueError(f"limit is from 1 to {MAX_ROWS}, not {limit}")
    values = dict(parameters or {})
    bounded = with_limit(text, refuse_more_than_reading(text, values), limit + 1)
    with reaching(connection.kind), _refusals(timeout_s), _limited(connection, timeout_s):
        if connection.kind == "neo4j":
            with connection.session(neo4j.READ_ACCESS) as session:
                planned = session.run(neo4j.Query(_EXPLAIN + text, timeout=timeout_s), values).consume()
            refuse_plan(planned.query_type, planned.plan)
        # no more rows travel than are shown
        fetch_size = min(limit + 1, _FETCH_SIZE)
        with connection.session(neo4j.READ_ACCESS, analyst=True, fetch_size=fetch_size) as session:
            result = session.run(neo4j.Query(bounded, timeout=timeout_s), values)
            yield tuple(result.keys()), (tuple(record.data().values()) for record in result)


@contextmanager
def _limited(connection: Connection, timeout_s: float) -> Iterator[None]:
    """On the embedded server, which does not read the driver's time limit, asks its process for the same."""
    if connection.lease is None:
        yield
        return
    connection.lease.limit_queries(timeout_s)
    try:
        yield
    finally:
        connection.lease.limit_queries(None)


@contextmanager
def _refusals(timeout_s: float) -> Iterator[None]:
    try:
        yield
    except Neo4jError as error:
        code, problem = error.code or "", (error.message or "").split("\n")[0]
        # the embedded server says the second while rows travel
        if "TimedOut" in code or "command.timeout" in problem:
            raise stopped(timeout_s) from error
        if "OutOfMemory" in code:
            raise RefusedQueryError(
                "La requête demande plus de mémoire que le serveur n'en donne : précisez-la, ou ajoutez LIMIT."
            ) from error
        problem = _POSITION.sub(_without_explain, problem)
        raise RefusedQueryError(f"Le serveur refuse cette requête : {problem} ({code}).") from error


def stopped(timeout_s: float) -> RefusedQueryError:
    """What is said of a text that ran out of time."""
    return RefusedQueryError(
        f"La requête a été arrêtée après {timeout_s:g} s : précisez-la, ou ajoutez LIMIT "
        "(limite de temps : PASSERELLE_CYPHER_TIMEOUT_S)."
    )


def _without_explain(match: re.Match[str]) -> str:
    line, column = int(match[1]), int(match[2])
    return f"(ligne {line}, colonne {column - len(_EXPLAIN) if line == 1 else column})"
