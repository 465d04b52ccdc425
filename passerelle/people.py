"""``passerelle people``: a generated population in the graph, beside the published data, for analysts."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from graph.connection import connect
from graph.operational_load import PeopleReport, load_people, remove_people
from passerelle.errors import PasserelleError
from passerelle.output import AsJson, steps
from passerelle.settings import Settings

_LABELS = {"Seeker": "demandeurs", "Offer": "offres"}


def people(
    directory: Annotated[
        Path | None, typer.Argument(metavar="DOSSIER", help="Dossier de « passerelle population --out ».")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Retire du graphe la population inventée.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Réécrit même si cette population y est déjà.")] = False,
    as_json: AsJson = False,
) -> None:
    """Écrit dans le graphe une population inventée, à la place de celle qui y était ; les données publiées restent.

    Seule une population tirée au hasard y entre, jamais une personne réelle.

    Exemple : passerelle people population
    """
    if (directory is None) != remove:
        raise PasserelleError("Donnez le dossier d'une population, ou --remove pour retirer celle du graphe.")
    with steps() as shown, connect(Settings()) as connection:
        if directory is None:
            shown.step("Retrait de la population inventée")
            report = PeopleReport(removed=remove_people(connection))
        else:
            shown.step("Population : contrôle des fichiers, retrait de ce qui était là")
            seen: set[str] = set()

            def progress(label: str, done: int, total: int) -> None:
                if label not in seen:
                    seen.add(label)
                    shown.step(f"Population : {total} {_LABELS[label]}", total=total)
                shown.done(done)

            report = load_people(connection, directory, progress, force=force)
    if as_json:
        print(json.dumps(asdict(report), ensure_ascii=False, indent=1))
        return
    for sentence in _sentences(report):
        Console().print(sentence)


def _sentences(report: PeopleReport) -> list[str]:
    found = []
    if report.unchanged:
        found.append("Cette population est déjà dans le graphe.")
    if report.removed:
        found.append(f"{report.removed} demandeurs et offres inventés retirés du graphe.")
    if report.nodes:
        nodes = " et ".join(f"{total} {_LABELS[label]}" for label, total in report.nodes.items())
        found.append(f"Le graphe contient {nodes} inventés, et {sum(report.relationships.values())} relations.")
    if report.unknown:
        tables = ", ".join(f"{table} : {count}" for table, count in report.unknown.items())
        found.append(f"Laissées de côté, car le graphe n'a pas leur autre bout ({tables}) : autre version des données.")
    return found or ["Le graphe ne contenait aucune population inventée."]
