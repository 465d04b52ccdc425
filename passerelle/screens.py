"""What a person reads in a terminal, in French, drawn from the documents of ``passerelle.answers``."""

from itertools import zip_longest

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from graph.schema import NODES
from passerelle.output import Document
from passerelle.words import market_words, name, number, word

_GAP_SHOWN = 12
_GAP_FRENCH = {
    "regulated": "loi",
    "regulation-unknown": "à vérifier",
    "certification": "certification",
    "know-how": "savoir-faire",
    "soft": "savoir-être",
    "knowledge": "savoir",
}
_IMPORTANCE_FRENCH = {"core": "cœur de métier", "emerging": "émergente", "other": ""}


def search_screen(document: Document) -> RenderableType:
    """Hits of a search."""
    if not document["hits"]:
        return Text(document["notice"] or "Aucun métier ne correspond.")
    table = Table(title=f"« {document['query']} »", title_justify="left")
    for column in ("Code", "Métier", "Appellation trouvée", "Pourquoi"):
        table.add_column(column)
    for hit in document["hits"]:
        table.add_row(hit["codeRome"], hit["label"], hit["title"] or "", hit["why"])
    return Group(*([Text(document["notice"])] if document["notice"] else []), table)


def recommend_screen(document: Document) -> RenderableType:
    """A ranked table: occupation, kind of move, score, first reasons, gap."""
    title = whence(document["profile"])
    kind = (
        f", {document['recommendations'][0]['kindLabel']}" if document["kind"] and document["recommendations"] else ""
    )
    table = Table(title=f"{title}\n{document['lensLabel']}{kind}", title_justify="left", show_lines=True)
    table.add_column("", justify="right")
    table.add_column("Métier, mouvement, écart", ratio=1)
    table.add_column("Score")
    table.add_column("Premières raisons", ratio=1)
    near = document.get("place")
    if near is not None:
        table.add_column(f"Marché à {near['label']}", ratio=1)
    for entry in document["recommendations"]:
        badge = " ◆" if entry["knownMobility"] else ""
        table.add_row(
            str(entry["rank"]),
            f"{entry['label']} ({entry['codeRome']}){badge}\n[italic]{entry['kindLabel']}[/] · {gap_words(entry)}",
            # in the sample the moves that a share is counted on are invented
            word(entry["score"]) + ("" if document["sample"] else f"\n{number(entry['score'])}"),
            " · ".join(entry["reasons"]),
            *([] if near is None else [market_words(entry["market"])]),
        )
    if not document["recommendations"]:
        return Group(table, Text("Aucun métier ne répond à cette demande."), *owed_line(document))
    legend = f"◆ mobilité décrite par le ROME. Score : {document['scoreMeaning']}."
    return Group(table, Text(legend, style="dim"), *owed_line(document))


def owed_line(document: Document) -> list[Text]:
    """The mention that is due with an answer about somebody, and under which id it was recorded; none in an example."""
    if "mention" not in document:
        return []
    recorded = f" Enregistré : {document['id']}." if "id" in document else ""
    return [Text(document["mention"] + recorded, style="dim")]


def whence(profile: Document) -> str:
    """Where a person comes from, in a line."""
    past = [
        f"{one['label']} ({one['codeRome']}" + (f", {one['years']} ans)" if one["years"] else ")")
        for one in profile["occupations"]
    ]
    skills = [f"« {one['label']} »" for one in profile["declaredSkills"]]
    whence = [" et ".join(past)] if past else []
    if skills:
        whence.append(("compétence déclarée " if len(skills) == 1 else "compétences déclarées ") + ", ".join(skills))
    matched = profile["matchedTitle"]
    return f"Depuis {' ; '.join(whence)}" + (f", trouvé par l'appellation « {matched} »" if matched else "")


def gap_words(entry: Document) -> str:
    """The gap in a few words: the law first, then certifications, then how much is held of what is asked."""
    words = []
    kinds = [item["kind"] for item in entry["gap"]]
    if "regulated" in kinds:
        words.append("réglementé")
    if certifications := kinds.count("certification"):
        words.append(f"{certifications} certification{'s' if certifications > 1 else ''}")
    words.append(f"{entry['skillsHeld']} compétences sur {entry['skillsAsked']} déjà tenues")
    return " · ".join(words)


def explained_screen(document: Document) -> RenderableType:
    """The first recommendation of a document, in full."""
    return Group(explanation_screen(document["recommendations"][0]), *owed_line(document))


def explanation_screen(entry: Document) -> RenderableType:
    """One recommendation explained in full: contributions, paths, gap."""
    contributions = Table(title="Ce qui compte dans le score (log-odds)", title_justify="left")
    contributions.add_column("Élément")
    contributions.add_column("Contribution", justify="right")
    for one in entry["contributions"]:
        contributions.add_row(one["label"], f"{number(one['contribution'], 2)}")
    contributions.add_row("point de départ", number(entry["intercept"], 2))
    contributions.add_row("total", number(entry["logOdds"], 2), style="bold")
    paths = Table(title="Chemins dans le graphe", title_justify="left")
    paths.add_column("Contribution", justify="right")
    paths.add_column("Chemin", ratio=1)
    for path in entry["paths"]:
        paths.add_row(number(path["contribution"], 2), path["sentence"])
    gap = Table(title=f"Écart : {gap_words(entry)}", title_justify="left")
    gap.add_column("Nature")
    gap.add_column("Ce qui manque", ratio=3)
    gap.add_column("Importance")
    gap.add_column("Ce qui y prépare", ratio=2)
    for item in entry["gap"][:_GAP_SHOWN]:
        gap.add_row(
            _GAP_FRENCH[item["kind"]],
            item["label"],
            _IMPORTANCE_FRENCH.get(item["importance"] or "", ""),
            " · ".join(item["bridges"]),
        )
    rest = len(entry["gap"]) - _GAP_SHOWN
    more = [Text(f"… et {rest} autres (tout est dans --json)", style="dim")] if rest > 0 else []
    known = "décrite par le ROME" if entry["knownMobility"] else "que le ROME ne décrit pas"
    title = (
        f"{entry['label']} ({entry['codeRome']}) : rang {entry['rank']}, {entry['kindLabel']}, mobilité {known}, "
        f"rapprochement {word(entry['score'])} ({number(entry['score'])} sur 100)"
    )
    return Group(Text(title, style="bold"), contributions, paths, gap, *more)


def paths_screen(document: Document) -> RenderableType:
    """Everything that leads from one occupation to another."""
    parts: list[RenderableType] = [
        Text(f"De {name(document['from'])} à {name(document['to'])}", style="bold"),
    ]
    for entry in document["lenses"].values():
        parts += [Text(f"\n{entry['lensLabel'].capitalize()}", style="bold"), explanation_screen(entry)]
    routes = Table(title="Par les mobilités que le ROME décrit", title_justify="left")
    routes.add_column("Étapes", justify="right")
    routes.add_column("Itinéraire", ratio=1)
    for route in document["routes"]:
        routes.add_row(str(len(route["ranks"])), " → ".join(name(one) for one in route["occupations"]))
    parts.append(routes if document["routes"] else Text("Aucun itinéraire de trois mobilités décrites au plus."))
    if document["steppingStones"]:
        stones = Table(title="Métiers qui pourraient servir d'étape", title_justify="left")
        for column in ("Métier", "Y aller", "En partir"):
            stones.add_column(column)
        for stone in document["steppingStones"]:
            stones.add_row(
                name(stone),
                f"{word(stone['scoreToIt'])} ({number(stone['scoreToIt'])})",
                f"{word(stone['scoreFromIt'])} ({number(stone['scoreFromIt'])})",
            )
        parts.append(stones)
    return Group(*parts)


def compare_screen(document: Document, rows: int = 40) -> RenderableType:
    """Occupations side by side: conditions, then skills, shared ones first."""
    table = Table(title="Métiers côte à côte", title_justify="left")
    table.add_column("", ratio=2)
    occupations = document["occupations"]
    for one in occupations:
        table.add_column(name(one), justify="center")
    yes_no = {True: "oui", False: "non", None: "inconnu"}
    table.add_row("niveau à l'entrée", *(_level(one["accessLevel"]) for one in occupations))
    table.add_row("réglementé", *(yes_no[one["regulated"]] for one in occupations))
    table.add_row("compétences demandées", *(str(one["skills"]) for one in occupations), end_section=True)
    for skill in document["skills"][:rows]:
        marks = ("●" if one["codeRome"] in skill["requiredBy"] else "" for one in occupations)
        table.add_row(skill["label"], *marks)
    rest = len(document["skills"]) - rows
    return Group(table, *([Text(f"… et {rest} autres (tout est dans --json)", style="dim")] if rest > 0 else []))


def _level(level: int | None) -> str:
    if level is None:
        return "inconnu"
    return "aucun diplôme exigé" if level == 0 else f"niveau {level}"


_NEXT = """Et maintenant :
  passerelle search aide soignante de nuit
  passerelle recommend "aide soignante" --lens skills
{territory}  passerelle paths dentellière H2605
  passerelle compare B1804 H2605
  passerelle cypher --list
  passerelle --help
(« passerelle » est dans .venv/bin ; chaque commande accepte --json et --help)"""


def next_words(*, territories: bool) -> str:
    """What a newcomer may type now; with ``territories``, also where a person is wanted."""
    return _NEXT.format(territory="  passerelle potential dentellière --near Calais --km 100\n" if territories else "")


def counts_screen(counts: Document) -> RenderableType:
    """What the graph holds."""
    table = Table(title=f"Le graphe ({counts['server']})", title_justify="left")
    for column in ("Nœuds", "", "Relations", ""):
        table.add_column(column, justify="right" if not column else "left")
    second = {label for spec in NODES for label in spec.extra_labels.values()}
    nodes = {f"dont {label}" if label in second else label: total for label, total in counts["nodes"].items()}
    pairs = zip_longest(nodes.items(), counts["relationships"].items(), fillvalue=None)
    for node, relationship in pairs:
        cells = [*(node or ("", None)), *(relationship or ("", None))]
        table.add_row(*("" if cell is None else cell if isinstance(cell, str) else number(cell, 0) for cell in cells))
    table.add_section()
    table.add_row(
        "total",
        number(sum(total for label, total in counts["nodes"].items() if label not in second), 0),
        "total",
        number(sum(counts["relationships"].values()), 0),
        style="bold",
    )
    return table


def status_screen(document: Document) -> RenderableType:
    """Data, build and graph server in place."""
    table = Table(show_header=False)
    data, built, server = document["data"], document["build"], document["graph"]
    table.add_row("Données", f"{data['path']} (trouvées par {data['origin']})")
    if built is None:
        table.add_row("Construction", "aucune : passerelle build")
    else:
        occupations, titles = built["counts"]["Occupation"], built["counts"]["JobTitle"]
        table.add_row(
            "Construction",
            f"{built['data_version']} : {number(occupations, 0)} métiers, {number(titles, 0)} appellations",
        )
        for source in built["sources"]:
            table.add_row(
                "Source", f"{source['name']}, {source['publisher']}, {source['vintage']}, {source['licence']}"
            )
    running = {True: "en marche", False: "à l'arrêt", None: "serveur extérieur"}[server["running"]]
    table.add_row("Graphe", f"{server['server']}, {running}" + (f", {server['uri']}" if server["uri"] else ""))
    table.add_row("Dossier", document["home"])
    return table
