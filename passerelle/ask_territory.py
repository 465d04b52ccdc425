"""Commands that a counselor asks of territories with: market, potential."""

import json
from typing import Annotated

import typer

from passerelle import territory_screens
from passerelle.ask import Also, Declared, InLens, InYears, OfKind, Text, Words, asked_of
from passerelle.errors import PasserelleError
from passerelle.market import market_document
from passerelle.output import AsJson, Limit, out
from passerelle.place import resolve_place
from passerelle.potential import Whereabouts, potential_document, potential_geojson, resolve_region
from passerelle.recorded import owed_here, potential_shown, question_of
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot, resolve

Near = Annotated[
    str | None, typer.Option("--near", metavar="LIEU", help="Une commune ou un code postal : « st etienne », 59000…")
]
#: across metropolitan France and Corsica
MOST_KM = 1_500.0


def market(text: Words, near: Near = None, as_json: AsJson = False) -> None:
    """Montre le marché du travail de la famille d'un métier : offres, tension, salaires, avec année et source.

    Exemple : passerelle market H2605 --near Calais
    """
    snapshot = Snapshot.open(Settings().home)
    hit = resolve(snapshot, " ".join(text))
    place = None if near is None else resolve_place(snapshot, near)
    out(market_document(snapshot, hit.code_rome, place), as_json, territory_screens.market_screen)


def potential(
    text: Text = None,
    near: Near = None,
    km: Annotated[
        float | None, typer.Option("--km", min=0, max=MOST_KM, help="Au plus tant de kilomètres du lieu.")
    ] = None,
    region: Annotated[str | None, typer.Option(metavar="RÉGION", help="Une région : son nom ou son code.")] = None,
    years: InYears = None,
    also: Also = None,
    skill: Declared = None,
    lens: InLens = "experts",
    kind: OfKind = None,
    limit: Limit = 10,
    geojson: Annotated[bool, typer.Option("--geojson", help="Écrit une carte (GeoJSON) de tous les bassins.")] = False,
    as_json: AsJson = False,
) -> None:
    """Dit dans quels bassins d'emploi une personne serait recherchée, pourquoi, et ce que coûte s'y loger.

    Exemple : passerelle potential dentellière --near Calais --km 100
    """
    settings = Settings()
    snapshot = Snapshot.open(settings.home)
    if km is not None and near is None:
        raise PasserelleError("--km compte depuis un lieu : donnez-le avec --near.")
    asked = asked_of(snapshot, text, years, also, skill, lens, kind)
    where = Whereabouts(
        place=None if near is None else resolve_place(snapshot, near),
        within=km,
        region=None if region is None else resolve_region(snapshot, region),
    )
    if geojson:
        document = potential_geojson(snapshot, asked, where)
    else:
        document = potential_document(snapshot, asked, where, limit=limit)
    question = question_of(asked, where.place, reach_km=where.within, region=where.region)
    document = owed_here(settings, question, potential_shown(snapshot, asked, document)) | document
    if geojson:
        print(json.dumps(document, ensure_ascii=False))
        return
    out(document, as_json, territory_screens.potential_screen)
