"""Why an occupation was proposed: signed contributions, and paths in the graph for what really contributed.

A path is a part of the evidence that one can walk in the graph: its contribution is the sum of what it added through
every feature it takes part in. What added nothing is not shown.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from recommend.features import FEATURES
from recommend.rank import Ranking

PathKind = Literal[
    "shared-skill",
    "transferable-skill",
    "common-macro-skill",
    "shared-context",
    "neighbour",
    "near-there",
    "stepping-stone",
    "listed-together",
    "same-family",
]

FEATURE_FRENCH: dict[str, str] = {
    "know-how-share": "part des savoir-faire demandés qui sont déjà maîtrisés",
    "transferable-share": "part de ces savoir-faire qu'une compétence proche prépare",
    "know-how-cosine": "savoir-faire en commun",
    "knowledge-cosine": "savoirs en commun",
    "macro-skill-cosine": "familles de compétences en commun",
    "context-cosine": "conditions de travail en commun",
    "same-family": "même famille de métiers",
    "same-grand-domain": "même grand domaine",
    "neighbours-move-there": "des métiers proches y mènent",
    "moves-near-there": "le métier mène à des métiers proches de celui-ci",
    "two-steps": "un métier intermédiaire y mène",
    "listed-together": "les experts citent souvent les deux ensemble",
    "siblings-move-there": "des métiers de la même famille y mènent",
}

_PATH_OF_PART: dict[str, PathKind] = {
    "skill": "shared-skill",
    "answered": "transferable-skill",
    "macro-skill": "common-macro-skill",
    "context": "shared-context",
    "neighbour": "neighbour",
    "sibling": "neighbour",
    "near-there": "near-there",
    "stepping-stone": "stepping-stone",
    "listed-together": "listed-together",
    "family": "same-family",
}
#: what names a part in words only, without a path one could walk
_NO_PATH = frozenset({"grand-domain"})
PATHS_SHOWN = 8


_SHORT = {
    "neighbour": "un métier proche y mène : ",
    "near-there": "mène à un métier proche : ",
    "stepping-stone": "en deux étapes, par ",
    "listed-together": "cités ensemble par ",
}


#: a path's kind, the column or row that it passes by, and what it added to the log-odds
Way = tuple[PathKind, int, float]


@dataclass(frozen=True)
class Contribution:
    """What one feature adds to the log-odds."""

    feature: str
    label: str
    #: the feature's value, in [0, 1]
    value: float
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
    found = [
        Contribution(name, FEATURE_FRENCH[name], float(value), float(contribution))
        for name, value, contribution in zip(
            FEATURES, ranking.evidence.values[occupation], ranking.contributions[occupation], strict=True
        )
        if contribution != 0
    ]
    return tuple(sorted(found, key=lambda one: (-abs(one.contribution), one.feature)))


def paths_of(ranking: Ranking, occupation: int, limit: int = PATHS_SHOWN) -> tuple[Path, ...]:
    """The paths that added most, largest first."""
    return tuple(path_of(ranking, occupation, way) for way in ways_of(ranking, occupation)[:limit])


def first_reasons(ranking: Ranking, ways: list[Way], limit: int = 3) -> tuple[str, ...]:
    """The first ways in a few words, for a row of a table: two shared skills at most, one of each other kind."""
    seen: Counter[PathKind] = Counter()
    reasons: dict[str, None] = {}
    for kind, index, _ in ways:
        seen[kind] += 1
        if seen[kind] <= (2 if kind == "shared-skill" else 1):
            reasons[_short(ranking, kind, index)] = None
        if len(reasons) == limit:
            break
    return tuple(reasons)


def ways_of(ranking: Ranking, occupation: int) -> list[Way]:
    """Every way that added something through some feature, largest first."""
    required = ranking.evidence.graph.skills_of(occupation)
    shared = set(required[ranking.evidence.profile.held[required] > 0].tolist())
    added: dict[tuple[PathKind, int], float] = {}
    contributions = ranking.contributions[occupation].tolist()
    for feature, weight, contribution in zip(FEATURES, ranking.model.weights.tolist(), contributions, strict=True):
        if contribution == 0:
            continue
        parts = ranking.evidence.parts(feature, occupation)
        if parts.kind in _NO_PATH:
            continue
        kind = _PATH_OF_PART[parts.kind]
        for index, amount in zip(parts.index.tolist(), parts.amount.tolist(), strict=True):
            # a macro-skill that is itself held and required is one way, not two
            itself = parts.kind == "macro-skill" and index in shared
            key: tuple[PathKind, int] = ("shared-skill" if itself else kind, index)
            added[key] = added.get(key, 0.0) + weight * amount
    best = sorted(added.items(), key=lambda item: (-item[1], item[0]))
    return [(kind, index, amount) for (kind, index), amount in best if amount > 0]


def _short(ranking: Ranking, kind: PathKind, index: int) -> str:
    graph = ranking.evidence.graph
    if kind == "transferable-skill":
        held = graph.answering(index, ranking.evidence.profile.held)[0]
        return f"{graph.skill_labels[held]} prépare à : {graph.skill_labels[index]}"
    if kind in {"shared-skill", "common-macro-skill"}:
        return graph.skill_labels[index]
    if kind == "shared-context":
        return graph.context_labels[index]
    if kind == "same-family":
        return "même famille de métiers"
    return _SHORT[kind] + graph.labels[index]


def path_of(ranking: Ranking, occupation: int, way: Way) -> Path:
    """A way written out: its sentence, its nodes and the query that shows it."""
    kind, index, amount = way
    graph, profile = ranking.evidence.graph, ranking.evidence.profile
    to = graph.labels[occupation]
    origin = tuple(graph.labels[row] for row in profile.past) or ("compétences déclarées",)
    also: dict[str, str] = {}
    start = " et ".join(f"« {graph.labels[row]} »" for row in profile.past) or "Le profil"
    if kind == "shared-skill":
        via, name, code = graph.skill_labels[index], "skill", graph.skill_codes[index]
        sentence = f"« {via} » est déjà maîtrisé et ce métier le demande ({_rarity(ranking, index)})."
    elif kind == "transferable-skill":
        via, name, code = graph.skill_labels[index], "skill", graph.skill_codes[index]
        held = graph.answering(index, profile.held)[0]
        sentence = f"« {graph.skill_labels[held]} », déjà maîtrisé, prépare à « {via} », que ce métier demande."
        also = {"held": graph.skill_codes[held]}
    elif kind == "common-macro-skill":
        via, name, code = graph.skill_labels[index], "macro", graph.skill_codes[index]
        sentence = f"Des deux côtés, des compétences relèvent de « {via} »."
    elif kind == "shared-context":
        via, name, code = graph.context_labels[index], "context", graph.context_codes[index]
        sentence = f"Les conditions de travail se retrouvent : « {via} »."
    elif kind == "same-family":
        row = next(row for row in profile.past if graph.family[row] == graph.family[occupation])
        via, name, code = graph.labels[row], "family", graph.family_codes[int(graph.family[row])]
        sentence = f"« {via} » est de la même famille de métiers ({code})."
    else:
        via, name, code = graph.labels[index], "via", graph.codes[index]
        sentence = {
            "neighbour": f"Un métier proche y mène : le ROME décrit une mobilité de « {via} » vers ce métier.",
            "near-there": f"Le ROME décrit une mobilité de {start} vers « {via} », proche de ce métier.",
            "stepping-stone": f"En deux étapes : {start} mène à « {via} », qui mène à ce métier selon le ROME.",
            "listed-together": f"Les experts du ROME citent {start} et ce métier ensemble, depuis « {via} ».",
        }[kind]
    return Path(
        kind=kind,
        contribution=amount,
        sentence=sentence,
        nodes=(*origin, via, to) if kind != "same-family" else (*origin, to),
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
