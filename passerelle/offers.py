"""``passerelle offers``: brings in offers, from France Travail's API or from files, and says what is kept."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from graph.labels import fold
from ingest.offers import OfferReader
from ingest.offers_api import ApiKeys, OffersApi
from ingest.offers_fetch import ScopeReport, load, sync
from ingest.offers_store import OffersStore
from ingest.offers_vocabulary import Find
from ingest.report import report_table
from passerelle.errors import NoTerritoryError, OffersError
from passerelle.offers_ready import store_path
from passerelle.output import AsJson, Document
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from recommend.search_text import stem

_ELISION = re.compile(r"\b(?:[cdjlmst]|qu)'")
_WORD = re.compile(r"[a-z0-9+#]+")
#: the same words come back in many labels
_stem = cache(stem)
_ARTICLES = frozenset(["a", "au", "aux", "de", "des", "du", "en", "et", "la", "le", "les", "ou", "un", "une"])

app = typer.Typer(name="offers", help="Prend les offres d'emploi et dit ce qui est gardé.", no_args_is_help=True)

AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="De quand est le fichier (UTC)."),
]


@app.command()
def fetch(
    departments: Annotated[
        list[str] | None, typer.Argument(help="Départements (59, 2A, 974) ; tous si rien n'est dit.")
    ] = None,
    france: Annotated[
        bool, typer.Option("--france", help="La France d'un bloc : aussi les offres sans département.")
    ] = False,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Clôt ce qui manque, même si c'est presque tout un département.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Demande les offres à France Travail, département par département.

    Exemple : passerelle offers fetch 59 62
    """
    settings = Settings()
    api = OffersApi(ApiKeys.of(settings))
    snapshot = Snapshot.open(settings.home)
    scopes: list[str | None] = [None] if france else list(departments or _departments(snapshot))
    with _store(settings) as store:
        reports = _told(sync(api, _reader(snapshot), store, scopes, confirmed=confirm), as_json)
    if any(report.outcome is None for report in reports):
        raise typer.Exit(OffersError.exit_code)


@app.command("load")
def load_file(
    file: Annotated[Path, typer.Argument(help="Fichier JSON ou JSON par lignes, compressé ou non.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Charge un fichier d'offres ; il a l'âge de sa dernière offre, sauf si --as-of dit mieux.

    Exemple : passerelle offers load offres.json
    """
    settings = Settings()
    moment = as_of.replace(tzinfo=UTC) if as_of else None
    with _store(settings) as store:
        report = load(file, _reader(Snapshot.open(settings.home)), store, as_of=moment)
    _told([report], as_json)
    if report.reading is not None and not as_json:
        Console().print(report_table(report.reading))


@app.command()
def status(as_json: AsJson = False) -> None:
    """Dit combien d'offres sont gardées, combien peuvent être montrées, et de quand date chaque département."""
    settings = Settings()
    with _store(settings) as store:
        document: Document = {
            "statuses": store.statuses(),
            "shown": sum(1 for _ in store.shown(datetime.now(UTC))),
            "confirmed": {scope: at.isoformat() for (_, scope), at in sorted(store.confirmed().items())},
        }
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    counts = document["statuses"]
    print(
        f"{counts.get('open', 0)} offres ouvertes, dont {document['shown']} vérifiées depuis moins de 24 h ; "
        f"{counts.get('closed', 0)} closes, {counts.get('expired', 0)} expirées."
    )
    for scope, at in document["confirmed"].items():
        print(f"{scope} : {at}")


def skill_finder(labels: Iterable[tuple[str, str]]) -> Find:
    """A search for the skill that a text names in other forms of the same words, in the same order.

    Singular and plural, accents, articles do not count; every other word does: by likeness of letters alone,
    "décoffrer" would be "coffrer" and "préparation" "réparation".

    labels: (codeOgr, label) of each skill; of several that read the same, the first code is meant
    """
    found: dict[tuple[str, ...], str] = {}
    for code, label in sorted(labels):
        found.setdefault(_stems(label), code)
    return lambda text: found.get(_stems(text)) if _stems(text) else None


def _stems(text: str) -> tuple[str, ...]:
    """Stems of the words that count: numbers and lone letters do ("permis C", "moteur 3 cylindres")."""
    words = _WORD.findall(_ELISION.sub(" ", fold(text).replace("’", "'")))
    return tuple(_stem(word) for word in words if word not in _ARTICLES)


def _reader(snapshot: Snapshot) -> OfferReader:
    try:
        territories = snapshot.country.territories
    except NoTerritoryError:
        # offers are read without them, and their places keep only what the offers say
        territories = None
    graph = snapshot.graph
    return OfferReader.of(
        snapshot.tables,
        territories,
        find_skill=skill_finder(zip(graph.skill_codes, graph.skill_labels, strict=True)),
        find_occupation=lambda text: _occupation(snapshot, text),
    )


def _occupation(snapshot: Snapshot, text: str) -> str | None:
    answer = snapshot.search.search(text, limit=1)
    return answer.hits[0].code_rome if answer.clear and answer.hits else None


def _departments(snapshot: Snapshot) -> list[str]:
    """Those that have a region: the collectivities overseas are asked for by name."""
    departments = snapshot.country.territories.departments
    return sorted(departments.loc[departments["region"].notna(), "code"])


@contextmanager
def _store(settings: Settings) -> Iterator[OffersStore]:
    with OffersStore(store_path(settings)) as store:
        yield store


def _told(reports: Iterable[ScopeReport], as_json: bool) -> list[ScopeReport]:
    """Says each as it comes; with ``--json``, one line of JSON each."""
    told = []
    for report in reports:
        told.append(report)
        if as_json:
            line = {
                "scope": report.scope,
                "outcome": asdict(report.outcome) if report.outcome else None,
                "problem": report.problem,
                "report": report.reading.to_json() if report.reading else None,
            }
            print(json.dumps(line, ensure_ascii=False), flush=True)
        else:
            print(report.message, flush=True)
    return told
