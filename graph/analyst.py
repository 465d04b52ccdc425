"""Cypher texts of analysts: read-only, bounded in time and rows, on either server.

Fences, one behind the other: the words of the text (only clauses that read, no procedure, no function of an extension);
on Neo4j, its own plan of the text (``EXPLAIN``), which must be of the kind "read", and a READ session; on the embedded
server, whose READ sessions can write, a second user who may only read.
"""

import itertools
import re
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import neo4j
from neo4j.exceptions import Neo4jError

from graph.connection import Connection, reaching
from passerelle.errors import RefusedQueryError

MAX_TEXT_LENGTH = 20_000
MAX_ROWS = 100_000

_FIRST_WORDS = frozenset({"MATCH", "OPTIONAL", "WITH", "UNWIND", "RETURN", "CALL"})
#: words of clauses that write, run procedures, read files, or look at or change the server
_REFUSED_WORDS = frozenset(
    {
        *("CREATE", "MERGE", "INSERT", "SET", "REMOVE", "DELETE", "DETACH", "NODETACH", "FOREACH", "TRANSACTIONS"),
        *("LOAD", "YIELD", "USE", "SHOW", "TERMINATE", "ALTER", "DROP", "GRANT", "DENY", "REVOKE"),
        *("DRYRUN", "DEALLOCATE", "REALLOCATE"),
    }
)
#: letters and signs of the text, tabs and line ends: what else exists may end a comment for a server and not for us
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_EXPLAIN = "EXPLAIN "
#: where Neo4j found a mistake, in the text that begins with EXPLAIN
_POSITION = re.compile(r"\(line (\d+), column (\d+) \(offset: \d+\)\)")
#: functions with a dotted name that only compute
_FUNCTION_SPACES = frozenset({"date", "datetime", "localdatetime", "localtime", "time", "duration", "point"})
#: operators of Neo4j's plans that a text of readers has no use for
_REFUSED_OPERATORS = re.compile(
    r"ProcedureCall|LoadCSV|Show|Terminate|Create|Merge|Delete|Foreach|^Set|Remove|Alter|Drop|Grant|Deny|Revoke"
)
_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|//[^\n\r]*|/\*.*?\*/)
  | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
  | (?P<quoted>`(?:[^`]|``)*`)
  | (?P<number>\d\w*(?:\.\d\w*)?)
  | (?P<parameter>\$\w+)
  | (?P<word>[^\W\d]\w*)
  | (?P<sign>\.\.|.)
    """,
    re.VERBOSE | re.DOTALL,
)


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
    timeout_s: seconds after which the server stops it
    raises: RefusedQueryError when the text does more than read, is not correct Cypher, or runs out of time;
        ValueError for a limit that is not from 1 to ``MAX_ROWS``
    """
    if not 1 <= limit <= MAX_ROWS:
        raise ValueError(f"limit is from 1 to {MAX_ROWS}, not {limit}")
    bounded = _bounded(text, refuse_more_than_reading(text), limit + 1)
    values = dict(parameters or {})
    started = time.perf_counter()
    with reaching(connection.kind), _refusals(timeout_s), _limited(connection, timeout_s):
        if connection.kind == "neo4j":
            with connection.session(neo4j.READ_ACCESS) as session:
                plan = session.run(neo4j.Query(_EXPLAIN + text, timeout=timeout_s), values).consume()
            _refuse_plan(plan)
        # no more rows travel than are shown
        with connection.session(neo4j.READ_ACCESS, analyst=True, fetch_size=limit + 1) as session:
            result = session.run(neo4j.Query(bounded, timeout=timeout_s), values)
            columns = tuple(result.keys())
            rows = [tuple(record.data().values()) for record in itertools.islice(result, limit + 1)]
    return Answer(columns, rows[:limit], len(rows) > limit, time.perf_counter() - started)


def refuse_more_than_reading(text: str) -> list[re.Match[str]]:
    """Refuses a text that holds anything else than clauses that read; returns its tokens, without blanks.

    raises: RefusedQueryError, saying which word and what to do.
    """
    if len(text) > MAX_TEXT_LENGTH:
        raise RefusedQueryError(f"Requête trop longue ({len(text)} caractères) : {MAX_TEXT_LENGTH} au plus.")
    if re.search(r"\\[uU]", text):
        # servers decode these before they read the text: a quote or a word may hide there
        raise RefusedQueryError("Les échappements « \\u » sont refusés : écrivez le caractère lui-même.")
    if any(unicodedata.category(sign) in _REFUSED_CATEGORIES for sign in text if sign not in "\t\n\r"):
        raise RefusedQueryError("Les caractères de contrôle et les caractères invisibles sont refusés.")
    tokens = [token for token in _TOKEN.finditer(text) if token.lastgroup != "blank"]
    while tokens and tokens[-1][0] == ";":
        tokens.pop()
    if not tokens:
        raise RefusedQueryError("La requête est vide.")
    if tokens[0].lastgroup != "word" or tokens[0][0].upper() not in _FIRST_WORDS:
        raise RefusedQueryError(
            f"Une requête commence par MATCH, OPTIONAL MATCH, WITH, UNWIND, RETURN ou CALL {{, pas par "
            f"« {tokens[0][0][:30]} » : elle ne peut que lire."
        )
    for position, token in enumerate(tokens):
        if token[0] == ";":
            raise RefusedQueryError("Une seule requête à la fois : retirez ce qui suit « ; ».")
        if token.lastgroup in ("word", "quoted"):
            _refuse_word(tokens, position)
    return tokens


def _bounded(text: str, tokens: list[re.Match[str]], count: int) -> str:
    """The text with a LIMIT of its own where it has none, so that the server stops there too.

    A text with UNION is left as it is: a LIMIT would be its last part's.
    """
    depth = 0
    last_clause = ""
    for token in tokens:
        depth += token[0] in ("(", "[", "{")
        depth -= token[0] in (")", "]", "}")
        word = token[0].upper() if depth == 0 and token.lastgroup == "word" else ""
        if word == "UNION":
            return text
        if word in ("RETURN", "LIMIT", "MATCH", "WITH", "UNWIND"):
            last_clause = word
    return f"{text[: tokens[-1].end()]}\nLIMIT {count}" if last_clause == "RETURN" else text


def _refuse_word(tokens: list[re.Match[str]], position: int) -> None:
    before = tokens[position - 1][0] if position else ""
    after = tokens[position + 1][0] if position + 1 < len(tokens) else ""
    word = tokens[position][0].upper()
    called = "" if before == "." else _called_name(tokens, position)
    if "." in called and called.split(".")[0].lower() not in _FUNCTION_SPACES:
        raise RefusedQueryError(f"La fonction « {called} » est refusée : seules celles de Cypher sont permises.")
    if tokens[position].lastgroup == "quoted":
        return
    if word == "CALL" and after not in ("{", "("):
        raise RefusedQueryError("Les procédures (CALL nom) sont refusées ; CALL { … } reste permis.")
    # a property (n.set), a label (:Set) or a key of a map (set: 1) is a name, not a clause
    named = (before == "." and _is_name(tokens, position - 2)) or before in (":", "|", "&", "!") or after == ":"
    if word in _REFUSED_WORDS and not named:
        raise RefusedQueryError(
            f"« {tokens[position][0]} » est refusé : une requête ne peut que lire le graphe. "
            f"Si c'est un nom, écrivez-le entre accents graves : `{tokens[position][0]}`."
        )


def _called_name(tokens: list[re.Match[str]], position: int) -> str:
    """The whole name, with its dots, where it is followed by a parenthesis; else an empty text."""
    end = position + 1
    while end + 1 < len(tokens) and tokens[end][0] == "." and _is_name(tokens, end + 1):
        end += 2
    if end < len(tokens) and tokens[end][0] == "(":
        return "".join(token[0].strip("`") for token in tokens[position:end])
    return ""


def _is_name(tokens: list[re.Match[str]], position: int) -> bool:
    return position >= 0 and (tokens[position].lastgroup in ("word", "quoted") or tokens[position][0] in (")", "]"))


def _refuse_plan(summary: neo4j.ResultSummary) -> None:
    operators = [re.split("[@(]", name)[0] for name in _operators(summary.plan)]
    refused = [name for name in operators if _REFUSED_OPERATORS.search(name)]
    if summary.query_type != "r" or refused:
        raise RefusedQueryError(
            f"Le serveur lit cette requête comme autre chose qu'une lecture ({', '.join(refused) or 'écriture'}) : "
            "elle n'a pas été lancée."
        )


def _operators(plan: dict[str, Any] | None) -> Iterator[str]:
    if plan:
        yield str(plan.get("operatorType", ""))
        for child in plan.get("children", ()):
            yield from _operators(child)


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
        # the embedded server says the second while rows travel
        if "TimedOut" in (error.code or "") or "command.timeout" in (error.message or ""):
            raise RefusedQueryError(
                f"La requête a été arrêtée après {timeout_s:g} s : précisez-la, ou ajoutez LIMIT "
                "(limite de temps : PASSERELLE_CYPHER_TIMEOUT_S)."
            ) from error
        problem = _POSITION.sub(_without_explain, (error.message or "").split("\n")[0])
        raise RefusedQueryError(f"Le serveur refuse cette requête : {problem} ({error.code}).") from error


def _without_explain(match: re.Match[str]) -> str:
    line, column = int(match[1]), int(match[2])
    return f"(ligne {line}, colonne {column - len(_EXPLAIN) if line == 1 else column})"
