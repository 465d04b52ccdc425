"""The command line, ``passerelle``: what a counselor asks, and what keeps the data and the graph in order.

Text for a person is French, errors go to stderr, and the exit status says which kind of error it was (docs/cli.md).
"""

import json
import sys
from collections.abc import Callable

import typer
from rich.console import Console
from rich.markup import escape

from passerelle import (
    ask,
    ask_territory,
    batch,
    candidates,
    cypher,
    export_cli,
    keep,
    learning,
    machines,
    matches,
    offers,
    people,
    population,
    train,
)
from passerelle.errors import PasserelleError

app = typer.Typer(
    name="passerelle",
    help="Passerelle propose des métiers où mènent les compétences d'une personne, et montre pourquoi.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
_PANELS: dict[str, tuple[Callable[..., None], ...]] = {
    "Demander": (
        ask.search,
        ask.recommend,
        ask.paths,
        ask.compare,
        ask_territory.market,
        ask_territory.potential,
        matches.match,
        candidates.candidates,
    ),
    "Tenir les données et le graphe": (
        keep.demo,
        keep.fetch,
        keep.build,
        keep.status,
        keep.up,
        keep.down,
        cypher.cypher,
        export_cli.export,
        machines.serve,
    ),
    "Pour tout le monde à la fois": (batch.batch, population.population, people.people),
    "Apprendre et mesurer": (
        train.train,
        learning.fit,
        learning.evaluate,
        learning.scores,
    ),
}
for panel, commands in _PANELS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
for group in (machines.app, offers.app):
    app.add_typer(group, rich_help_panel="Tenir les données et le graphe")


def main() -> None:
    """Runs a command; an error that a person can act upon is told in a sentence, with its own exit status."""
    try:
        app()
    except PasserelleError as error:
        if "--json" in sys.argv:
            print(json.dumps({"error": error.code, "message": str(error)}, ensure_ascii=False), file=sys.stderr)
        else:
            Console(stderr=True).print(f"[bold red]Erreur[/] {escape(str(error))}", soft_wrap=True)
        sys.exit(error.exit_code)
