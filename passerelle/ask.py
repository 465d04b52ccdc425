"""Commands that a counselor asks with: search, recommend, paths, compare."""

from typing import Annotated

import typer

from passerelle import answers, screens
from passerelle.errors import PasserelleError
from passerelle.market import Sort, with_market
from passerelle.output import AsJson, Limit, out
from passerelle.place import resolve_place
from passerelle.recorded import owed_here, question_of, recommendations_shown
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot, resolve, resolve_skill
from recommend.compare import MOST
from recommend.kinds import Kind
from recommend.profile import YEARS, Years
from recommend.rank import Lens

Words = Annotated[
    list[str], typer.Argument(help="Un métier comme on le dirait : dentellière, aide soignante, un code ROME…")
]
Text = Annotated[list[str] | None, typer.Argument(help="Un métier comme on le dirait ; rien, avec --skill seulement.")]
InYears = Annotated[Years | None, typer.Option("--years", help="Années dans ce métier.")]
Also = Annotated[
    list[str] | None,
    typer.Option(metavar="MÉTIER[:ANNÉES]", help="Un autre métier exercé, par exemple H2402:3-5 ; répétable."),
]
Declared = Annotated[
    list[str] | None,
    typer.Option(metavar="COMPÉTENCE", help="Une compétence déclarée : son code ou son libellé ; répétable."),
]
InLens = Annotated[
    Lens, typer.Option(help="experts : ce que les experts du ROME décriraient ; skills : par compétences.")
]
OfKind = Annotated[
    Kind | None, typer.Option(help="close : métier proche ; step-up : évolution ; reconversion ; unknown : inconnu.")
]


def search(text: Words, limit: Limit = 10, as_json: AsJson = False) -> None:
    """Cherche un métier comme on le tape : accents, genre, pluriel et fautes de frappe comptent peu.

    Exemple : passerelle search aide soignante de nuit
    """
    snapshot = Snapshot.open(Settings().home)
    answer = snapshot.search.search(" ".join(text), limit=limit)
    out(answers.search_document(snapshot, answer), as_json, screens.search_screen)


def recommend(
    text: Text = None,
    years: InYears = None,
    also: Also = None,
    skill: Declared = None,
    lens: InLens = "experts",
    kind: OfKind = None,
    near: Annotated[
        str | None, typer.Option(metavar="LIEU", help="Un lieu : montre combien chaque métier y est recherché.")
    ] = None,
    sort: Annotated[
        Sort, typer.Option(help="rank : par rapprochement ; market : les plus recherchés d'abord (avec --near).")
    ] = "rank",
    limit: Limit = 20,
    explain: Annotated[
        str | None, typer.Option(metavar="CODE", help="Un métier proposé : son explication en entier.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Propose les métiers où mènent des métiers exercés et des compétences, avec les raisons et l'écart.

    Exemple : passerelle recommend dentellière --years 6+ --lens skills --kind reconversion --near Calais
    """
    settings = Settings()
    snapshot = Snapshot.open(settings.home)
    asked = asked_of(snapshot, text, years, also, skill, lens, kind)
    if sort == "market" and near is None:
        raise PasserelleError("--sort market classe par un marché local : donnez un lieu avec --near.")
    place = None if near is None else resolve_place(snapshot, near)
    only = None if explain is None else snapshot.graph.occupation(explain)
    document = answers.recommend_document(snapshot, asked, limit=limit, only=only)
    if place is not None:
        document = with_market(snapshot, document, place, sort)
    shown = recommendations_shown(snapshot, document)
    document = owed_here(settings, question_of(asked, place, sort), shown) | document
    out(document, as_json, screens.recommend_screen if only is None else screens.explained_screen)


def asked_of(
    snapshot: Snapshot,
    text: list[str] | None,
    years: Years | None,
    also: list[str] | None,
    skill: list[str] | None,
    lens: Lens,
    kind: Kind | None,
) -> answers.Asked:
    """The question that the options of ``recommend`` and ``potential`` mean.

    raises: PasserelleError where they say nothing, or not together; UnknownOccupationError, UnknownSkillError
    """
    query = " ".join(text or [])
    if not (query or skill):
        raise PasserelleError("Donnez un métier exercé, ou au moins une compétence avec --skill.")
    if years and not query:
        raise PasserelleError("--years dit les années du premier métier : donnez-le.")
    hits = [resolve(snapshot, query)] if query else []
    named = [_occupation_and_years(one) for one in also or []]
    return answers.Asked(
        query=query,
        matched=hits[0].title if hits else None,
        codes=[hit.code_rome for hit in hits] + [resolve(snapshot, name).code_rome for name, _ in named],
        lens=lens,
        kind=kind,
        years=[years][: len(hits)] + [known for _, known in named],
        skills=list(dict.fromkeys(resolve_skill(snapshot, one) for one in skill or [])),
    )


def _occupation_and_years(text: str) -> tuple[str, Years | None]:
    name, _, years = text.rpartition(":")
    if not name:
        return text, None
    known = next((one for one in YEARS if one == years.strip()), None)
    if known is None:
        raise PasserelleError(f"« {years} » n'est pas un nombre d'années connu : {', '.join(YEARS)}.")
    return name, known


def paths(
    start: Annotated[str, typer.Argument(metavar="FROM", help="Métier de départ : un mot ou un code.")],
    end: Annotated[str, typer.Argument(metavar="TO", help="Métier visé : un mot ou un code.")],
    limit: Limit = 5,
    as_json: AsJson = False,
) -> None:
    """Montre tout ce qui mène d'un métier à un autre : raisons, itinéraires, étapes.

    Exemple : passerelle paths dentellière H2605
    """
    snapshot = Snapshot.open(Settings().home)
    codes = [resolve(snapshot, text).code_rome for text in (start, end)]
    if codes[0] == codes[1]:
        raise PasserelleError(f"« {start} » et « {end} » sont le même métier ({codes[0]}) : donnez-en deux.")
    out(answers.paths_document(snapshot, codes[0], codes[1], limit=limit), as_json, screens.paths_screen)


def compare(
    occupations: Annotated[list[str], typer.Argument(help="Deux à quatre métiers : mots entre guillemets ou codes.")],
    as_json: AsJson = False,
) -> None:
    """Met deux à quatre métiers côte à côte.

    Exemple : passerelle compare B1804 H2605
    """
    snapshot = Snapshot.open(Settings().home)
    codes = list(dict.fromkeys(resolve(snapshot, text).code_rome for text in occupations))
    if not 2 <= len(codes) <= MOST:
        raise PasserelleError(f"Il faut de deux à {MOST} métiers différents ; ici : {', '.join(codes)}.")
    out(answers.compare_document(snapshot, codes), as_json, screens.compare_screen)
