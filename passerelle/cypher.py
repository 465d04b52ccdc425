"""The command ``cypher``: an analyst's reading query, or one of the ready-made questions by its name."""

import json
import sys
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table

from graph.analyst import MAX_BYTES, MAX_ROWS, stream_read_only
from graph.connection import connect
from graph.queries import query, query_names
from graph.reader import read_marker
from passerelle.builds import current_build
from passerelle.errors import GraphConflictError, PasserelleError
from passerelle.output import AsJson, Document, out
from passerelle.settings import Settings

_MORE = {
    "rows": "Il y a d'autres lignes : --limit.",
    "bytes": f"La réponse dépasse {MAX_BYTES // 1024 // 1024} Mio : la suite n'est pas donnée.",
}


def cypher(
    text: Annotated[
        str | None, typer.Argument(help="Requête de lecture, ou le nom d'une question toute faite (--list).")
    ] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--param", help="nom=valeur, lue comme du JSON si elle en est ; répétable.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Liste les questions toutes faites.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=MAX_ROWS, help="Nombre de lignes au plus.")] = 1_000,
    ndjson: Annotated[
        bool, typer.Option("--ndjson", help="Écrit une ligne JSON par ligne de réponse, dès qu'elle arrive.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Interroge le graphe en Cypher, en lecture seule.

    Exemple : passerelle cypher shared_skills --param codeRome=B1804 --param otherCodeRome=H2605
    """
    if listed:
        questions = [query(name) for name in query_names()]
        document: Document = {
            "questions": [
                {
                    "name": one.name,
                    "question": one.question,
                    "parameters": one.parameters,
                    "columns": list(one.columns),
                }
                for one in questions
            ]
        }
        out(document, as_json, _list_screen)
        return
    if not text:
        raise PasserelleError("Donnez une requête Cypher, ou le nom d'une question (« passerelle cypher --list »).")
    settings = Settings()
    values, body = parameters_of(parameter or []), text
    if text in query_names():
        ready = query(text)
        if set(values) != set(ready.parameters):
            wanted = ", ".join(f"--param {name}=…" for name in ready.parameters) or "aucun paramètre"
            raise PasserelleError(f"« {text} » ({ready.question}) attend : {wanted}.")
        body = ready.text
    # held open until the end: the embedded server lives as long as somebody holds it
    with connect(settings) as connection:
        if read_marker(connection) is None:
            raise GraphConflictError("Le graphe est vide", "Lancez « passerelle build »")
        with stream_read_only(settings, body, values, limit=limit, timeout_s=settings.cypher_timeout_s) as stream:
            if ndjson:
                for line in stream.ndjson():
                    sys.stdout.write(line)
                if stream.stopped_by:
                    print(_MORE[stream.stopped_by], file=sys.stderr)
                return
            rows = list(stream)
    built = current_build(settings.home)
    document = {
        "columns": list(stream.columns),
        "rows": rows,
        "truncated": stream.stopped_by is not None,
        "stoppedBy": stream.stopped_by,
        "sample": built.sample if built else False,
    }
    out(document, as_json, _rows_screen)


def parameters_of(given: list[str]) -> dict[str, Any]:
    """``name=value`` texts as values: JSON where the value is JSON, else the text itself.

    raises: PasserelleError for one without "=", or a name given twice.
    """
    values: dict[str, Any] = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or not name.isidentifier():
            raise PasserelleError(f"--param « {one[:80]} » : écrivez nom=valeur, par exemple --param code=B1804.")
        if name in values:
            raise PasserelleError(f"--param {name} est donné deux fois.")
        try:
            values[name] = json.loads(value)
        except ValueError:
            values[name] = value
    return values


def _list_screen(document: Document) -> RenderableType:
    table = Table()
    table.add_column("Nom", no_wrap=True)
    table.add_column("Question", ratio=1)
    table.add_column("Paramètres")
    for one in document["questions"]:
        table.add_row(one["name"], one["question"], ", ".join(one["parameters"]))
    return table


def _rows_screen(document: Document) -> RenderableType:
    count = len(document["rows"])
    more = f". {_MORE[document['stoppedBy']]}" if document["stoppedBy"] else ""
    table = Table(caption=f"{count} ligne{'s' if count > 1 else ''}{more}", caption_justify="left")
    for column in document["columns"]:
        table.add_column(column)
    for row in document["rows"]:
        table.add_row(*("" if value is None else str(value) for value in row))
    return table
