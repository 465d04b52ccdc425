"""Commands that keep the data and the graph: demo, fetch, build, status, up, down, cypher."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from graph import embedded
from ingest.catalogue import find_data, find_entries
from ingest.fetch import exit_code
from ingest.fetch import fetch as fetch_entries
from ingest.progress import DownloadBars
from ingest.report import report_table
from passerelle import answers, pipeline, screens
from passerelle.builds import current_build
from passerelle.errors import GraphUnavailableError, PasserelleError
from passerelle.output import AsJson, Document, out, steps
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot, resolve

_CASE, _CASE_TARGET = "dentellière", "H2605"


def demo() -> None:
    """Construit ce qui manque, puis montre le cas de la dentellière : ce que fait « make run »."""
    settings = Settings()
    with steps() as shown:
        pipeline.build(settings, shown)
    snapshot = Snapshot.open(settings.home)
    hit = resolve(snapshot, _CASE)
    experts = answers.Asked(_CASE, hit.title, [hit.code_rome], "experts")
    skills = answers.Asked(_CASE, hit.title, [hit.code_rome], "skills", "reconversion")
    out(answers.recommend_document(snapshot, experts, limit=5), False, screens.recommend_screen)
    out(answers.recommend_document(snapshot, skills), False, screens.recommend_screen)
    target = snapshot.graph.occupation(_CASE_TARGET)
    out(answers.recommend_document(snapshot, skills, only=target), False, screens.explained_screen)
    console = Console()
    try:
        with steps() as shown:
            loaded = pipeline.load_graph(settings, snapshot, shown)
        console.print(screens.counts_screen(asdict(loaded)))
    except GraphUnavailableError as error:
        console.print(f"Le graphe n'est pas chargé, tout le reste répond : {error}")
    console.print(screens.next_words(territories=snapshot.has_territories))


def fetch(
    names: Annotated[
        list[str] | None, typer.Argument(help="Sources à prendre (rome4, territory/…) ; toutes si rien n'est dit.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Télécharge les données publiées que liste le catalogue.

    Exemple : passerelle fetch rome4
    """
    settings = Settings()
    with DownloadBars() as bars:
        reports = fetch_entries(find_entries(names or ()), settings.cache, progress=bars)
    if as_json:
        document = [
            {"name": one.entry.name, "status": one.status, "version": one.version, "message": one.message}
            for one in reports
        ]
        print(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        for one in reports:
            print(one.message)
    raise typer.Exit(exit_code(reports))


def build(
    force: Annotated[bool, typer.Option("--force", help="Construit même si rien n'a changé.")] = False,
    graph: Annotated[bool, typer.Option(help="Écrit aussi le graphe sur son serveur.")] = True,
    as_json: AsJson = False,
) -> None:
    """Lit et contrôle les données, fait tables, tableaux de calcul et graphe, et rend compte de chaque ligne.

    Si quelque chose échoue, ce qui était construit reste en service.
    """
    settings = Settings()
    console = Console()
    with steps() as shown:
        built = pipeline.build(settings, shown, force=force)
        snapshot = Snapshot.open(settings.home)
        loaded = pipeline.load_graph(settings, snapshot, shown, force=force) if graph else None
    if as_json:
        reports = json.loads((snapshot.directory / "reports.json").read_text(encoding="utf-8"))
        print(
            json.dumps(
                {"build": vars(built.info), "reports": reports, "graph": asdict(loaded) if loaded else None},
                ensure_ascii=False,
                indent=1,
            )
        )
        return
    if not built.reports:
        console.print(f"Rien n'a changé depuis la dernière construction ({built.info.data_version}).")
    for report in built.reports:
        console.print(report_table(report))
    if loaded:
        console.print(screens.counts_screen(asdict(loaded)))


def status(as_json: AsJson = False) -> None:
    """Dit quelles données, quelle construction et quel serveur de graphe sont en place."""
    settings = Settings()
    location = find_data(settings, Path.cwd())
    built = current_build(settings.home)
    server = None if settings.neo4j_uri else embedded.status(settings.home / "graph")
    document: Document = {
        "data": {"path": str(location.path), "origin": location.origin, "sample": location.sample},
        "build": None if built is None else vars(built),
        "graph": {
            "server": "neo4j" if settings.neo4j_uri else "embedded",
            "uri": settings.neo4j_uri or (server.uri if server else None),
            "running": True if server else (None if settings.neo4j_uri else False),
        },
        "home": str(settings.home),
        "sample": location.sample,
    }
    out(document, as_json, screens.status_screen)


def up() -> None:
    """Garde le serveur de graphe embarqué en marche, pour les requêtes Cypher."""
    settings = Settings()
    _without_neo4j(settings)
    running = embedded.up(settings.home / "graph", settings.embedded_heap_mib)
    print(f"Le serveur de graphe tourne (processus {running.pid}) : {running.uri}. « passerelle down » l'arrête.")


def down() -> None:
    """Arrête le serveur de graphe embarqué."""
    settings = Settings()
    _without_neo4j(settings)
    stopped = embedded.down(settings.home / "graph")
    print("Le serveur de graphe est arrêté." if stopped else "Aucun serveur de graphe ne tournait.")


def _without_neo4j(settings: Settings) -> None:
    if settings.neo4j_uri:
        raise PasserelleError(f"NEO4J_URI désigne {settings.neo4j_uri} : ce serveur-là ne se gère pas d'ici.")
