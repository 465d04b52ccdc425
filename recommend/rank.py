"""Ranking: a linear, inspectable combination of the evidence, through one of two lenses that are never blended."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Self, get_args

import numpy as np

from recommend.bare import BareSpace
from recommend.calibrate import Calibration, fit_scale
from recommend.content import Content
from recommend.diversity import seated
from recommend.evidence import Evidence
from recommend.features import FEATURES, FeatureSpace, Floats
from recommend.groups import GROUPS
from recommend.kinds import KINDS_OF_MOVE, Kind, kinds_of_moves
from recommend.learned import SITUATIONS, Learned, Situation
from recommend.likeness import Likeness
from recommend.pairs import PairEvidence
from recommend.profile import Profile
from recommend.rank_model import Model
from recommend.skillgraph import SkillGraph

Lens = Literal["experts", "skills"]
LENSES: tuple[Lens, ...] = get_args(Lens)
LENS_FRENCH: dict[Lens, str] = {
    "experts": "ce que les experts du ROME décriraient",
    "skills": "pistes par compétences",
}
#: a model for the skills lens, and one a situation for the experts'
ModelName = Situation | Literal["skills"]
MODELS: tuple[ModelName, ...] = ("skills", *SITUATIONS)

#: The skills lens, set by hand: the share of what the occupation asks that the person does already, then what else the
#: two have in common; no popularity and no mobility graph.
SKILLS_WEIGHTS: dict[str, float] = {
    "know-how-share": 1.0,
    "transferable-share": 0.5,
    "macro-skill-cosine": 0.1,
    "knowledge-cosine": 0.15,
    "context-cosine": 0.05,
}


@dataclass(frozen=True)
class Recommender:
    """Everything that a ranking reads, made when the data are built."""

    graph: SkillGraph
    space: FeatureSpace
    pairs: PairEvidence
    bare: BareSpace
    models: Mapping[ModelName, Model]

    @classmethod
    def of(cls, graph: SkillGraph, content: Content, learned: Learned) -> Self:
        """Computes what is known of every pair of occupations, with what was learned."""
        space = FeatureSpace.of(graph)
        likeness = Likeness.of(graph, space, content)
        models: dict[ModelName, Model] = {name: fitted.model for name, fitted in learned.situations.items()}
        return cls(
            graph=graph,
            space=space,
            pairs=PairEvidence.of(graph, likeness, learned),
            bare=BareSpace.of(graph, space, learned.situations.get("bare")),
            models=models | {"skills": skills_model(graph, space)},
        )

    def model_from(self, row: int, lens: Lens) -> Model:
        """The model by which moves from one occupation are weighed."""
        return self.models["skills" if lens == "skills" else SITUATIONS[int(self.pairs.situation[row])]]

    def model_of(self, profile: Profile, lens: Lens) -> ModelName:
        """The model that a profile is weighed by."""
        if lens == "skills":
            return "skills"
        if not profile.past:
            return "bare"
        # one past occupation that lists tell something of is enough to read them
        return SITUATIONS[int(self.pairs.situation[list(profile.past)].min())]


def skills_model(graph: SkillGraph, space: FeatureSpace) -> Model:
    """The skills lens: hand-set weights, scaled and calibrated on the experts' lists."""
    weights = np.array([SKILLS_WEIGHTS.get(name, 0.0) for name in FEATURES])
    size = len(graph.codes)
    scores = np.zeros((size, size))
    for row, code in enumerate(graph.codes):
        scores[row] = Evidence.of(graph, space, Profile.of_occupations(graph, [code])).values @ weights
    others = ~np.eye(size, dtype=bool)
    listed = graph.moves.toarray()[others] > 0
    if not listed.any():
        # nothing to calibrate on: the order stands, and no share is ever shown as listed
        return Model(weights, np.zeros(1), np.zeros(1), np.zeros(1))
    score = scores[others]
    slope, intercept = fit_scale(score, listed)
    calibration = Calibration.fit(slope * score + intercept, listed)
    return Model(weights * slope, np.array([intercept]), calibration.knots, calibration.shares)


@dataclass(frozen=True)
class Ranked:
    """One occupation in a ranking."""

    occupation: int
    #: 1 for the first of what was asked for
    rank: int
    log_odds: float
    #: of pairs that score so, the share that experts list, in [0, 1]
    share: float
    kind: Kind
    #: experts list a mobility from a past occupation to it; never part of its score
    known_mobility: bool


@dataclass(frozen=True)
class Ranking:
    """What a profile was recommended, with what is needed to explain it.

    contributions: (n_occupations, n_features + n_groups) signed, in the order of ``FEATURES``, then ``GROUPS``; with
        the intercept they add up to the log-odds
    """

    recommender: Recommender
    lens: Lens
    model_name: ModelName
    model: Model
    evidence: Evidence
    contributions: Floats
    ranked: tuple[Ranked, ...]
    #: occupations that a refused context set aside
    set_aside: int

    @cached_property
    def losses(self) -> Floats:
        """(n_held, n_occupations) what the log-odds lose without each held skill, in the order of their columns.

        By asking again: in a bare list a skill speaks through every occupation that it makes the profile resemble.
        """
        profile = self.evidence.profile
        whole = self.contributions.sum(axis=1)
        skills = np.flatnonzero(profile.held > 0)
        losses = np.empty((len(skills), len(whole)))
        for row, skill in enumerate(skills):
            held = profile.held.copy()
            held[skill] = 0.0
            without = Evidence.of(self.evidence.graph, self.evidence.space, replace(profile, held=held))
            losses[row] = whole - weigh(self.recommender, without, self.model_name).sum(axis=1)
        return losses


def rank(
    recommender: Recommender, profile: Profile, *, lens: Lens, kind: Kind | None = None, limit: int = 20
) -> Ranking:
    """The occupations that suit a profile best, past ones left out; each kind has its places unless one is asked for.

    kind:  only moves of this kind, likeliest first
    limit: 1 or more
    """
    graph = recommender.graph
    evidence = Evidence.of(graph, recommender.space, profile)
    name = recommender.model_of(profile, lens)
    model = recommender.models[name]
    contributions = weigh(recommender, evidence, name)
    log_odds = contributions.sum(axis=1) + model.intercept[0]
    kinds = kinds_of_moves(graph, profile.past)
    allowed = np.ones(len(graph.codes), dtype=bool)
    allowed[list(profile.past)] = False
    set_aside = 0
    if profile.refused_contexts:
        refused = np.asarray(graph.contexts[:, list(profile.refused_contexts)].sum(axis=1)).ravel() > 0
        set_aside = int((refused & allowed).sum())
        allowed &= ~refused
    if kind is not None:
        allowed &= kinds == KINDS_OF_MOVE.index(kind)
    # ties are broken by code, which is the order of the rows
    order = np.argsort(-log_odds, kind="stable")
    order = order[allowed[order]].tolist()
    shown = order[:limit] if kind is not None else seated(order, kinds, graph.family, limit)
    # the past occupations' own lists
    known = evidence.own > 0
    shares = model.share(log_odds)
    ranked = tuple(
        Ranked(row, place, float(log_odds[row]), float(shares[row]), KINDS_OF_MOVE[int(kinds[row])], bool(known[row]))
        for place, row in enumerate(shown, start=1)
    )
    return Ranking(recommender, lens, name, model, evidence, contributions, ranked, set_aside)


def weigh(recommender: Recommender, evidence: Evidence, name: ModelName) -> Floats:
    """(n_occupations, n_features + n_groups) signed contributions by a model, as in ``Ranking``."""
    live = evidence.values * recommender.models[name].weights
    if name == "skills":
        groups = np.zeros((len(live), len(GROUPS)))
    elif name == "bare":
        groups = recommender.bare.contributions(evidence)
    else:
        groups = recommender.pairs.of_past(evidence.profile.past, evidence.profile.shares)
    return np.hstack([live, groups])
