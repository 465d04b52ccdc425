"""Commands for machines that ask: serve, and the keys they ask with."""

import json
import os
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from passerelle.output import AsJson, Document
from passerelle.settings import Settings
from records.keys import Key
from records.store import Records

app = typer.Typer(name="keys", help="Crée, montre et révoque les clés de l'API.", no_args_is_help=True)


def serve(
    host: Annotated[str | None, typer.Option(help="Adresse à écouter ; toute autre que locale exige une clé.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port à écouter.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Processus qui répondent.")] = None,
) -> None:
    """Répond aux machines par HTTP : l'API de docs/api.md.

    Exemple : passerelle serve --port 8000
    """
    # what knows HTTP takes half a second to load: no other command waits for it
    from passerelle.serve import run  # noqa: PLC0415

    given = {"PASSERELLE_HOST": host, "PASSERELLE_PORT": port, "PASSERELLE_WORKERS": workers}
    # workers are processes of their own: they read the same settings
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})
    run(Settings())


@app.command()
def create(
    scope: Annotated[
        list[str], typer.Option(help="read, recommend, seekers, analyst ou admin ; répétable, aucune n'inclut l'autre.")
    ],
    as_json: AsJson = False,
) -> None:
    """Crée une clé et la montre, cette fois et jamais plus.

    Exemple : passerelle keys create --scope read --scope recommend
    """
    with _records() as records:
        made = records.keys.create(scope)
    if as_json:
        print(json.dumps({"token": made.token} | _document(made.key), ensure_ascii=False, indent=1))
        return
    # the token alone on stdout, so that a script may take it
    Console(stderr=True).print(
        f"Clé {made.key.prefix} ({', '.join(sorted(made.key.scopes))}). Gardez-la : elle n'est montrée qu'une fois."
    )
    print(made.token)


@app.command(name="list")
def show(as_json: AsJson = False) -> None:
    """Montre les clés, sans leur secret."""
    with _records() as records:
        keys = records.keys.all()
    if as_json:
        print(json.dumps({"keys": [_document(key) for key in keys]}, ensure_ascii=False, indent=1))
        return
    table = Table("Clé", "Portées", "Créée", "Dernier usage", "Révoquée")
    for key in keys:
        shown = _document(key)
        table.add_row(
            key.prefix,
            ", ".join(shown["scopes"]),
            shown["created"],
            shown["lastUsed"] or "jamais",
            shown["revoked"] or "non",
        )
    Console().print(table)


@app.command()
def revoke(
    prefix: Annotated[str, typer.Argument(help="Les huit chiffres et lettres qui nomment la clé.")],
    as_json: AsJson = False,
) -> None:
    """Révoque une clé, pour de bon et aussitôt."""
    with _records() as records:
        key = records.keys.revoke(prefix)
    if as_json:
        print(json.dumps(_document(key), ensure_ascii=False, indent=1))
        return
    print(f"Clé {key.prefix} révoquée.")


def _records() -> Records:
    settings = Settings()
    return Records.open(settings.records, retention_months=settings.retention_months)


def _document(key: Key) -> Document:
    return {
        "prefix": key.prefix,
        "scopes": sorted(key.scopes),
        "created": key.created.isoformat(timespec="seconds"),
        "lastUsed": None if key.last_used is None else key.last_used.isoformat(),
        "revoked": None if key.revoked is None else key.revoked.isoformat(timespec="seconds"),
    }
