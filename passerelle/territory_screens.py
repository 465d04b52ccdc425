"""Territories as a person reads them in a terminal, in French, drawn from their documents."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from passerelle.output import Document
from passerelle.screens import owed_line, whence
from passerelle.words import MARKS, counted, name, number, place_name, ratio_words, territory_name


def market_screen(document: Document) -> RenderableType:
    """The market of an occupation's family: where it is wanted, then each figure with its level, year and source."""
    place, family = document["place"], document["family"]
    where = "en France" if place is None else f"à {place_name(place)}"
    title = f"{name(document['occupation'])} : les chiffres sont ceux de {family['told']}, {where}"
    parts: list[RenderableType] = [Text(title, style="bold")]
    offers = document["offers"]
    if offers is not None:
        day = "/".join(reversed(offers["day"].split("-")))
        place_told = territory_name(offers["level"], offers["label"])
        parts.append(Text(f"Offres ouvertes au {day} : {counted(offers['count'], 'offre')} ({place_told})."))
    if document["here"] is not None:
        here = document["here"]
        parts.append(Text(f"{here['wantedLabel'].capitalize()} : {ratio_words(here)}."))
        if here["tension"]:
            parts.append(Text(here["tension"]["sentence"]))
    table = Table()
    for column, ratio in (("Mesure", 3), ("Valeur", None), ("Où", 2), ("Année, source", 3)):
        table.add_column(column, ratio=ratio)
    for figure in document["figures"]:
        year = figure["vintage"] or f"{figure['period'] or figure['year']}"
        table.add_row(
            figure["label"],
            _range(figure),
            territory_name(figure["level"], figure["territory"]["label"]),
            f"{year}, {figure['source']}",
        )
    parts.append(table)
    if document["missing"]:
        parts.append(Text(f"Non publié pour cette famille : {', '.join(document['missing'])}.", style="dim"))
    if document["housing"]:
        parts += [Text(document["housing"]["rent"]), Text(document["housing"]["price"])]
    return Group(*parts)


def potential_screen(document: Document) -> RenderableType:
    """The best areas with their reasons, then what is wanted here and elsewhere."""
    table = Table(title=f"{whence(document['profile'])}\n{_where(document)}", title_justify="left", show_lines=True)
    table.add_column("", justify="right")
    table.add_column("Bassin", ratio=1)
    table.add_column("Potentiel")
    table.add_column("Pourquoi, et s'y loger", ratio=3)
    for area in document["areas"]:
        interval = f"{number(area['low'])} à {number(area['high'])}"
        homes = area["housing"]
        table.add_row(
            str(area["rank"]),
            area["label"] + ("" if area["km"] is None else f"\n{number(area['km'], 0)} km"),
            f"{number(area['potential'])} sur {number(area['outOf'])}\n[dim]{interval}[/]",
            "\n".join([*area["reasons"], *([f"{homes['label']} : {homes['rent']}"] if homes else [])]),
        )
    parts: list[RenderableType] = [table]
    if not document["areas"]:
        parts.append(Text("Aucun bassin d'emploi chiffré ne répond à cette demande."))
    parts.append(Text(f"Potentiel : {document['meaning']}. Entre les deux bornes, neuf fois sur dix.", style="dim"))
    if document["areasWithoutPoint"]:
        parts.append(Text(f"{document['areasWithoutPoint']} bassin sans coordonnées n'est pas compté.", style="dim"))
    if document["whatIf"]:
        place = document["place"]
        parts += [Text(f"\nEt si : recherché ici ({place['area']['label']}), ou ailleurs", style="bold")]
        parts += [Text(f"{MARKS[one['here']]} {one['sentence']}") for one in document["whatIf"]]
    return Group(*parts, *owed_line(document))


def _where(document: Document) -> str:
    place = document["place"]
    around = "" if place is None else f" autour de {place_name(place)}"
    if document["km"] is not None:
        around = f" à {number(document['km'], 0)} km au plus{around}"
    region = "" if document["region"] is None else f", région {document['region']}"
    return f"Où cette personne serait recherchée{around}{region} ({document['areasConsidered']} bassins)"


def _range(figure: Document) -> str:
    digits = 0 if figure["unit"] in ("sur 5", "€ par mois", "offres", "personnes") else 1
    low, high = number(figure["low"], digits), number(figure["high"], digits)
    return f"{low if low == high else f'{low} à {high}'} {figure['unit']}"
