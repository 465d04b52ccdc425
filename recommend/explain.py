"""Why an occupation was proposed: signed contributions, and paths in the graph for what really contributed.

A path is a part of the evidence that one can walk in the graph: its contribution is the sum of what it added through
every feature it takes part in. What added nothing is not shown.
"""

from collections import Counter
from dataclasses import dataclass

from recommend.features import FEATURES
from recommend.groups import GROUPS
from recommend.rank import Ranking
from recommend.skillgraph import SkillGraph
from recommend.ways import ways_of
from recommend.ways_kinds import SKILL_KINDS, PathKind, Way, held_by

FEATURE_FRENCH: dict[str, str] = {
    "know-how-share": "part des savoir-faire demandés qui sont déjà maîtrisés",
    "transferable-share": "part de ces savoir-faire qu'une compétence proche prépare",
    "know-how-cosine": "savoir-faire en commun",
    "knowledge-cosine": "savoirs en commun",
    "macro-skill-cosine": "familles de compétences en commun",
    "context-cosine": "conditions de travail en commun",
    "close-content": "métiers au contenu voisin dans l'ensemble",
    "text": "descriptions et intitulés voisins",
    "sectors": "secteurs et centres d'intérêt en commun",
    "classification": "classement du ROME : famille, domaine",
    "level": "niveau d'accès, encadrement, réglementation",
    "moves-around": "mobilités autour des deux métiers",
    "common-mobilities": "mobilités que les deux métiers ont en commun",
    "classes-move": "mobilités entre les domaines des deux métiers",
}
PATHS_SHOWN = 8
#: of these, kept for skills where there are any: they are what a person and a recruiter can speak about
SKILLS_SHOWN = 3


_SHORT: dict[PathKind, str] = {
    "neighbour": "un métier proche y mène : ",
    "near-there": "mène à un métier proche : ",
    "parallel-move": "un métier proche mène à un métier proche : ",
    "stepping-stone": "en deux étapes, par ",
    "listed-together": "cités ensemble par ",
}
_THROUGH_ONE: dict[PathKind, str] = {
    "neighbour": "Un métier proche y mène : le ROME décrit une mobilité de « {via} » vers ce métier.",
    "near-there": "Le ROME décrit une mobilité de {start} vers « {via} », proche de ce métier.",
    "stepping-stone": "En deux étapes : {start} mène à « {via} », qui mène à ce métier selon le ROME.",
    "listed-together": "Les experts du ROME citent {start} et ce métier ensemble, depuis « {via} ».",
}
#: where a way of who has no past occupation begins
_DECLARED = ("compétences déclarées",)


@dataclass(frozen=True)
class Contribution:
    """What one feature adds to the log-odds."""

    feature: str
    label: str
    #: the feature's value, in [0, 1]; None for a group of evidence, which has no single one
    value: float | None
    contribution: float


@dataclass(frozen=True)
class Path:
    """A way through the graph from the profile to an occupation, with what it added to the log-odds."""

    kind: PathKind
    contribution: float
    #: in French, one sentence
    sentence: str
    #: labels of the nodes on the way, from what is held to the occupation
    nodes: tuple[str, ...]
    #: name of the query in graph/queries that shows it, and its parameters
    query: str
    parameters: dict[str, str | list[str]]


def contributions_of(ranking: Ranking, occupation: int) -> tuple[Contribution, ...]:
    """The features that contributed, largest first; with the intercept they add up to the log-odds exactly."""
    values: list[float | None] = [*ranking.evidence.values[occupation].tolist(), *([None] * len(GROUPS))]
    found = [
        Contribution(name, FEATURE_FRENCH[name], value, contribution)
        for name, value, contribution in zip(
            (*FEATURES, *GROUPS), values, ranking.contributions[occupation].tolist(), strict=True
        )
        if contribution != 0
    ]
    return tuple(sorted(found, key=lambda one: (-abs(one.contribution), one.feature)))


def paths_of(ranking: Ranking, occupation: int, limit: int = PATHS_SHOWN) -> tuple[Path, ...]:
    """The paths that are shown, largest first."""
    return tuple(path_of(ranking, occupation, way) for way in shown_ways(ways_of(ranking, occupation), limit))


def shown_ways(ways: list[Way], limit: int = PATHS_SHOWN) -> list[Way]:
    """The first ``limit`` of the ways, some of which are kept for skills; in their order, largest first."""
    skills = [place for place, way in enumerate(ways) if way[0] in SKILL_KINDS][: min(SKILLS_SHOWN, limit)]
    others = [place for place in range(len(ways)) if place not in skills][: limit - len(skills)]
    return [ways[place] for place in sorted(skills + others)]


def first_reasons(ranking: Ranking, ways: list[Way], limit: int = 3) -> tuple[str, ...]:
    """The first ways in a few words, for a row of a table: two shared skills at most, one of each other kind.

    One at least is a skill, where any is a way: it is what a person and a recruiter can speak about.
    """
    seen: Counter[PathKind] = Counter()
    chosen: list[Way] = []
    for way in ways:
        seen[way[0]] += 1
        if seen[way[0]] <= (2 if way[0] == "shared-skill" else 1):
            chosen.append(way)
    skill = next((way for way in chosen if way[0] in SKILL_KINDS), None)
    first = chosen[:limit]
    if skill is not None and skill not in first:
        first[-1] = skill
    return tuple(dict.fromkeys(_short(ranking.evidence.graph, kind, by) for kind, by, _ in first))


def _short(graph: SkillGraph, kind: PathKind, by: tuple[int, ...]) -> str:
    if kind == "transferable-skill":
        held, required = by
        return f"{graph.skill_labels[held]} prépare à : {graph.skill_labels[required]}"
    if kind in {"shared-skill", "common-macro-skill"}:
        return graph.skill_labels[by[0]]
    if kind == "shared-context":
        return graph.context_labels[by[0]]
    if kind == "same-family":
        return "même famille de métiers"
    return _SHORT[kind] + graph.labels[by[0]]


def path_of(ranking: Ranking, occupation: int, way: Way) -> Path:
    """A way written out: its sentence, its nodes and the query that shows it."""
    kind, by, amount = way
    graph, profile = ranking.evidence.graph, ranking.evidence.profile
    to = graph.labels[occupation]
    past = [graph.labels[row] for row in profile.past]
    also: dict[str, str | list[str]] = {}
    start = " et ".join([f"« {label} »" for label in past]) or "ces compétences"
    between: tuple[str, ...] = ()
    if kind == "shared-skill":
        via, name, code = graph.skill_labels[by[0]], "skill", graph.skill_codes[by[0]]
        sentence = f"« {via} » est déjà maîtrisé et ce métier le demande ({_rarity(ranking, by[0])})."
    elif kind == "transferable-skill":
        held, required = by
        via, name, code = graph.skill_labels[required], "skill", graph.skill_codes[required]
        sentence = f"« {graph.skill_labels[held]} », déjà maîtrisé, prépare à « {via} », que ce métier demande."
        also = {"held": graph.skill_codes[held]}
    elif kind == "common-macro-skill":
        via, name, code = graph.skill_labels[by[0]], "macro", graph.skill_codes[by[0]]
        sentence = f"Des deux côtés, des compétences relèvent de « {via} »."
        also = {"held": [graph.skill_codes[skill] for skill in held_by(way)]}
    elif kind == "shared-context":
        via, name, code = graph.context_labels[by[0]], "context", graph.context_codes[by[0]]
        sentence = f"Les conditions de travail se retrouvent : « {via} »."
    elif kind == "same-family":
        row = next(row for row in profile.past if graph.family[row] == graph.family[occupation])
        via, name, code = graph.labels[row], "family", graph.family_codes[int(graph.family[row])]
        sentence = f"« {via} » est de la même famille de métiers ({code})."
    elif kind == "parallel-move":
        onward = graph.labels[by[1]]
        via, name, code = graph.labels[by[0]], "via", graph.codes[by[0]]
        between, also = (onward,), {"onward": graph.codes[by[1]]}
        sentence = f"« {via} », proche de {start}, mène selon le ROME à « {onward} », proche de ce métier."
    else:
        via, name, code = graph.labels[by[0]], "via", graph.codes[by[0]]
        sentence = _THROUGH_ONE[kind].format(start=start, via=via)
    return Path(
        kind=kind,
        contribution=amount,
        sentence=sentence,
        nodes=(*(past or _DECLARED), *(() if kind == "same-family" else (via, *between)), to),
        query="path_" + kind.replace("-", "_"),
        parameters={
            "past": [graph.codes[row] for row in profile.past],
            "to": graph.codes[occupation],
            name: code,
            **also,
        },
    )


def _rarity(ranking: Ranking, skill: int) -> str:
    total = len(ranking.evidence.graph.codes)
    requiring = int(ranking.evidence.space.requiring[skill])
    text = f"demandé par {requiring} métier{'s' if requiring > 1 else ''} sur {total}"
    return text + (", donc peu probant à lui seul" if requiring > total / 3 else "")
