"""The command line, ``passerelle``: what a counselor asks, and what keeps the data and the graph in order.

Text for a person is French, errors go to stderr, and the exit status says which kind of error it was (docs/cli.md).
"""

import importlib
import json
import sys
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from passerelle.errors import PasserelleError

_ASK = "Demander"
_KEEP = "Tenir les données et le graphe"
_MANY = "Pour tout le monde à la fois"
_LEARN = "Apprendre et mesurer"
#: command, or group of commands -> the panel of the help that it stands in, and where it is written
COMMANDS: dict[str, tuple[str, str]] = {
    "search": (_ASK, "passerelle.ask:search"),
    "recommend": (_ASK, "passerelle.ask:recommend"),
    "paths": (_ASK, "passerelle.ask:paths"),
    "compare": (_ASK, "passerelle.ask:compare"),
    "market": (_ASK, "passerelle.ask_territory:market"),
    "potential": (_ASK, "passerelle.ask_territory:potential"),
    "match": (_ASK, "passerelle.matches:match"),
    "candidates": (_ASK, "passerelle.candidates:candidates"),
    "demo": (_KEEP, "passerelle.keep:demo"),
    "fetch": (_KEEP, "passerelle.keep:fetch"),
    "build": (_KEEP, "passerelle.keep:build"),
    "status": (_KEEP, "passerelle.keep:status"),
    "up": (_KEEP, "passerelle.keep:up"),
    "down": (_KEEP, "passerelle.keep:down"),
    "cypher": (_KEEP, "passerelle.cypher:cypher"),
    "export": (_KEEP, "passerelle.export_cli:export"),
    "serve": (_KEEP, "passerelle.machines:serve"),
    "batch": (_MANY, "passerelle.batch:batch"),
    "population": (_MANY, "passerelle.population:population"),
    "people": (_MANY, "passerelle.people:people"),
    "train": (_LEARN, "passerelle.train:train"),
    "fit": (_LEARN, "passerelle.learning:fit"),
    "evaluate": (_LEARN, "passerelle.learning:evaluate"),
    "scores": (_LEARN, "passerelle.learning:scores"),
    "keys": (_KEEP, "passerelle.machines:app"),
    "offers": (_KEEP, "passerelle.offers:app"),
}
_STYLE: dict[str, Any] = {"add_completion": False, "pretty_exceptions_enable": False, "rich_markup_mode": "rich"}


class Commands(TyperGroup):
    """The commands, each loaded when it is asked for: what answers takes a second to load, and ``serve`` needs none."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names, in the order of the help."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name; None where there is none."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            self.commands[cmd_name] = _load(cmd_name)
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the arguments begin with."""
        if args[0] not in COMMANDS:
            # what is near a mistyped name is suggested of those that are loaded
            for name in COMMANDS:
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)


def _load(name: str) -> Any:
    panel, (module, attribute) = COMMANDS[name][0], COMMANDS[name][1].split(":")
    found = getattr(importlib.import_module(module), attribute)
    alone = typer.Typer(**_STYLE)
    # with one, Typer makes a group of a single command too
    alone.callback()(_nothing)
    if isinstance(found, typer.Typer):
        alone.add_typer(found, rich_help_panel=panel)
    else:
        alone.command(name, rich_help_panel=panel)(found)
    group: Any = typer.main.get_command(alone)
    return group.commands[name]


def _nothing() -> None:
    """What stands before a command: nothing is done."""


app = typer.Typer(
    name="passerelle",
    help="Passerelle propose des métiers où mènent les compétences d'une personne, et montre pourquoi.",
    no_args_is_help=True,
    cls=Commands,
    **_STYLE,
)
app.callback()(_nothing)


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
