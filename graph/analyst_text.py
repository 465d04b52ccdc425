"""The words of an analyst's Cypher text: what reads passes, all else is refused before a server sees it.

Lists of what may stand: clauses that read, Cypher's own functions. And what a server cannot stop once it began, as it
looks at its clock between rows only, is bounded here: ranges, lists gone through inside lists, regular expressions.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from passerelle.errors import RefusedQueryError

MAX_TEXT_LENGTH = 20_000
#: parentheses, brackets and braces inside one another: parsers are recursive, and their stacks are not endless
MAX_DEPTH = 60
#: clauses of the kinds that make the planner think: it thinks longer than any limit over thousands of them
MAX_CLAUSES = 100
#: the largest bound of ``range`` that is written as a number; the sum of all its numbers is at most twice that
MAX_RANGE = 100_000

Token = re.Match[str]

_FIRST_WORDS = frozenset({"MATCH", "OPTIONAL", "WITH", "UNWIND", "RETURN", "CALL"})
_CLAUSES = frozenset({"MATCH", "WITH", "UNWIND", "RETURN", "CALL", "UNION"})
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
#: functions with a dotted name that only compute
_FUNCTION_SPACES = frozenset({"date", "datetime", "localdatetime", "localtime", "time", "duration", "point"})
#: Cypher's own functions, in small letters (Neo4j Cypher Manual 5, "Functions"); no extension's, none that reads files
_FUNCTIONS = frozenset(
    {
        *("all", "any", "exists", "isempty", "none", "single", "char_length", "character_length", "coalesce"),
        *("elementid", "endnode", "head", "id", "last", "length", "nullif", "properties", "randomuuid", "size"),
        *("startnode", "timestamp", "toboolean", "tobooleanornull", "tofloat", "tofloatornull", "tointeger"),
        *("tointegerornull", "type", "valuetype", "avg", "collect", "count", "max", "min", "percentilecont"),
        *("percentiledisc", "stdev", "stdevp", "sum", "keys", "labels", "nodes", "range", "reduce", "relationships"),
        *("reverse", "tail", "tobooleanlist", "tofloatlist", "tointegerlist", "tostringlist", "abs", "ceil", "floor"),
        *("isnan", "rand", "round", "sign", "e", "exp", "log", "log10", "sqrt", "acos", "asin", "atan", "atan2"),
        *("cos", "cosh", "cot", "coth", "degrees", "haversin", "pi", "radians", "sin", "sinh", "tan", "tanh"),
        *("btrim", "left", "lower", "ltrim", "normalize", "replace", "right", "rtrim", "split", "substring"),
        *("tolower", "tostring", "tostringornull", "toupper", "trim", "upper", "shortestpath", "allshortestpaths"),
    }
)
#: words of the language that a parenthesis may follow
_BEFORE_PARENTHESES = frozenset(
    {
        *("MATCH", "WHERE", "AND", "OR", "XOR", "NOT", "IN", "WITH", "RETURN", "CALL", "CASE", "WHEN", "THEN"),
        *("ELSE", "BY", "DISTINCT", "UNWIND", "LIMIT", "SKIP", "OFFSET", "CONTAINS", "IS", "PATHS", "PATH", "GROUPS"),
        *("GROUP", "SHORTEST", "ANY", "ALL", "EXISTS", "COUNT", "COLLECT", "ELEMENTS", "RELATIONSHIPS", "UNION"),
        *("AS",),
    }
)
_ITERATING = frozenset({"all", "any", "none", "single", "reduce"})
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|//[^\n\r]*|/\*.*?\*/)
  | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
  | (?P<quoted>`(?:[^`]|``)*`)
  | (?P<number>\d\w*(?:\.\d\w*)?)
  | (?P<parameter>\$\w+)
  | (?P<word>[^\W\d]\w*)
  | (?P<sign>\.\.|=~|.)
    """,
    re.VERBOSE | re.DOTALL,
)


def refuse_more_than_reading(text: str, parameters: Mapping[str, Any] | None = None) -> list[Token]:
    """Refuses a text that holds anything else than clauses that read; returns its tokens, without blanks.

    parameters: the values of ``$names``, where one bounds a ``range``
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
        if token[0] == "=~":
            # one match may last for ever, and no server's clock is looked at meanwhile
            raise RefusedQueryError(
                "Les expressions régulières (=~) sont refusées : comparez labelNorm par CONTAINS, STARTS WITH ou "
                "ENDS WITH."
            )
        if token.lastgroup in ("word", "quoted"):
            _refuse_word(tokens, position)
    _refuse_too_much(tokens)
    _refuse_wide_ranges(tokens, parameters or {})
    return tokens


def with_limit(text: str, tokens: list[Token], count: int) -> str:
    """The text with a LIMIT of its own where it has none, so that the server stops there too.

    A text with UNION is left as it is: a LIMIT would be its last part's.
    """
    depth = 0
    last_clause = ""
    for token in tokens:
        depth += token[0] in _OPENING
        depth -= token[0] in _CLOSING
        word = token[0].upper() if depth == 0 and token.lastgroup == "word" else ""
        if word == "UNION":
            return text
        if word in ("RETURN", "LIMIT", "MATCH", "WITH", "UNWIND"):
            last_clause = word
    return f"{text[: tokens[-1].end()]}\nLIMIT {count}" if last_clause == "RETURN" else text


def _refuse_word(tokens: list[Token], position: int) -> None:
    before = tokens[position - 1][0] if position else ""
    after = tokens[position + 1][0] if position + 1 < len(tokens) else ""
    word = tokens[position][0].upper()
    called = "" if before == "." else _called_name(tokens, position)
    # a property (n.set), a label (:Set) or a key of a map (set: 1) is a name, not a clause
    named = (before == "." and _is_name(tokens, position - 2)) or before in (":", "|", "&", "!") or after == ":"
    if word == "CALL" and not named and after not in ("{", "("):
        raise RefusedQueryError("Les procédures (CALL nom) sont refusées ; CALL { … } reste permis.")
    if word in _REFUSED_WORDS and not named and tokens[position].lastgroup == "word":
        raise RefusedQueryError(
            f"« {tokens[position][0]} » est refusé : une requête ne peut que lire le graphe. "
            f"Si c'est un nom, écrivez-le entre accents graves : `{tokens[position][0]}`."
        )
    # also as the value of a map, {key: name(…)}, where it would pass for a label
    if called and not _may_be_called(called, quoted=tokens[position].lastgroup == "quoted"):
        raise RefusedQueryError(f"La fonction « {called[:80]} » est refusée : seules celles de Cypher sont permises.")


def _may_be_called(called: str, *, quoted: bool) -> bool:
    if "." in called:
        return called.split(".", maxsplit=1)[0].lower() in _FUNCTION_SPACES
    plain = called.lower()
    return plain in _FUNCTIONS or plain in _FUNCTION_SPACES or (called.upper() in _BEFORE_PARENTHESES and not quoted)


def _called_name(tokens: list[Token], position: int) -> str:
    """The whole name, with its dots, where it is followed by a parenthesis; else an empty text."""
    end = position + 1
    while end + 1 < len(tokens) and tokens[end][0] == "." and _is_name(tokens, end + 1):
        end += 2
    if end < len(tokens) and tokens[end][0] == "(":
        return "".join(token[0].strip("`") for token in tokens[position:end])
    return ""


def _is_name(tokens: list[Token], position: int) -> bool:
    return position >= 0 and (tokens[position].lastgroup in ("word", "quoted") or tokens[position][0] in (")", "]"))


def _refuse_too_much(tokens: list[Token]) -> None:
    """Refuses brackets too deep, clauses too many, and a list gone through for each element of another."""
    iterating: list[bool] = []
    clauses = 0
    for position, token in enumerate(tokens):
        clauses += token.lastgroup == "word" and token[0].upper() in _CLAUSES
        if token[0] in _OPENING:
            iterates = _iterates(tokens, position)
            if iterates and any(iterating):
                raise RefusedQueryError(
                    "Une liste parcourue dans une autre est refusée, car le serveur ne pourrait l'arrêter : "
                    "sortez-en une par UNWIND."
                )
            iterating.append(iterates)
        elif token[0] in _CLOSING and iterating:
            iterating.pop()
        if len(iterating) > MAX_DEPTH:
            raise RefusedQueryError(f"Trop de parenthèses les unes dans les autres : {MAX_DEPTH} au plus.")
    if clauses > MAX_CLAUSES:
        raise RefusedQueryError(f"Trop de clauses ({clauses}) : {MAX_CLAUSES} au plus.")


def _iterates(tokens: list[Token], position: int) -> bool:
    """Whether the bracket at ``position`` holds something that is done once for each element of a list."""
    before = tokens[position - 1][0].strip("`").lower() if position else ""
    following = [token[0].upper() for token in tokens[position + 1 : position + 3]]
    if tokens[position][0] == "(" and before == "reduce":
        return True
    opens = tokens[position][0] == "[" or (tokens[position][0] == "(" and before in _ITERATING)
    return opens and len(following) == 2 and following[1] == "IN"


def _refuse_wide_ranges(tokens: list[Token], parameters: Mapping[str, Any]) -> None:
    for position in range(len(tokens) - 1):
        called = tokens[position][0].strip("`").lower() == "range" and tokens[position + 1][0] == "("
        if called and not _is_bounded(_inside(tokens, position + 1), parameters):
            raise RefusedQueryError(
                f"Les bornes de range s'écrivent en nombres entiers, {MAX_RANGE} au plus, en paramètres de même, "
                "ou par size(…) et length(…), avec + et -."
            )


def _inside(tokens: list[Token], opening: int) -> list[Token]:
    """The tokens between a parenthesis and the one that closes it."""
    depth = 0
    for position in range(opening, len(tokens)):
        depth += tokens[position][0] in _OPENING
        depth -= tokens[position][0] in _CLOSING
        if depth == 0:
            return tokens[opening + 1 : position]
    return tokens[opening + 1 :]


def _is_bounded(bounds: list[Token], parameters: Mapping[str, Any]) -> bool:
    """Whether the bounds are made of small numbers and of lengths of what exists, added or subtracted."""
    total = 0
    position = 0
    while position < len(bounds):
        token = bounds[position]
        if token.lastgroup == "word" and token[0].lower() in ("size", "length"):
            if position + 1 == len(bounds) or bounds[position + 1][0] != "(":
                return False
            # what exists has a length that the server's memory bounds; a range inside is judged by itself
            position += len(_inside(bounds, position + 1)) + 2
        elif token.lastgroup == "number" and token[0].isdecimal():
            total += int(token[0])
        elif token.lastgroup == "parameter" and isinstance(value := parameters.get(token[0][1:]), int):
            total += abs(value)
        elif token[0] not in ("(", ")", ",", "+", "-"):
            return False
        position += 1
    return total <= 2 * MAX_RANGE
