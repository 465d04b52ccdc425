"""Ranking: a linear, inspectable combination of the evidence, through one of two lenses that are never blended.

``Model`` is the seam: what is learned replaces its weights, and nothing else changes.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from recommend.arrayset import ArraySet
from recommend.calibrate import Calibration, fit_scale
from recommend.evidence import Evidence
from recommend.features import FEATURES, FeatureSpace, Floats
from recommend.kinds import KINDS_OF_MOVE, Kind, kinds_of_moves
from recommend.profile import Profile
from recommend.skillgraph import SkillGraph

Lens = Literal["experts", "skills"]
LENSES: tuple[Lens, ...] = get_args(Lens)
LENS_FRENCH: dict[Lens, str] = {
    "experts": "ce que les experts du ROME décriraient",
    "skills": "pistes par compétences",
}

#: Set by hand before anything is learned. Skills: the share of what the occupation asks that the person does already,
#: then what else the two have in common; no popularity and no mobility graph. Experts: all evidence, weights rounded
#: from a non-negative fit to the experts' lists.
FIRST_WEIGHTS: dict[Lens, dict[str, float]] = {
    "skills": {
        "know-how-share": 1.0,
        "transferable-share": 0.5,
        "macro-skill-cosine": 0.1,
        "knowledge-cosine": 0.15,
        "context-cosine": 0.05,
    },
    "experts": {
        "know-how-share": 2.0,
        "know-how-cosine": 1.0,
        "knowledge-cosine": 2.0,
        "macro-skill-cosine": 1.75,
        "context-cosine": 0.85,
        "same-family": 0.25,
        "same-grand-domain": 0.15,
        "neighbours-move-there": 5.0,
        "moves-near-there": 3.5,
        "two-steps": 2.5,
        "listed-together": 2.5,
        "siblings-move-there": 1.0,
    },
}


@dataclass(frozen=True)
class Model(ArraySet):
    """One lens: log-odds = intercept + values @ weights, shown through ``knots`` and ``shares`` (see ``Calibration``).

    weights: (n_features,), in the order of ``FEATURES``; intercept: (1,)
    """

    weights: Floats
    intercept: Floats
    knots: Floats
    shares: Floats

    def contributions(self, evidence: Evidence) -> Floats:
        """(n_occupations, n_features) signed contributions to the log-odds, which they add up to with the intercept."""
        return evidence.values * self.weights

    def share(self, log_odds: Floats) -> Floats:
        """Of pairs that score so, the share that experts list; same shape, in [0, 1]."""
        return Calibration(self.knots, self.shares).share(log_odds)


def first_models(graph: SkillGraph, space: FeatureSpace) -> dict[Lens, Model]:
    """The models before anything is learned: hand-set weights, scaled and calibrated on the experts' lists."""
    weights = {lens: np.array([FIRST_WEIGHTS[lens].get(name, 0.0) for name in FEATURES]) for lens in LENSES}
    scores = {lens: np.zeros((len(graph.codes), len(graph.codes))) for lens in LENSES}
    for row, code in enumerate(graph.codes):
        values = Evidence.of(graph, space, Profile.of_occupations(graph, [code])).values
        for lens in LENSES:
            scores[lens][row] = values @ weights[lens]
    others = ~np.eye(len(graph.codes), dtype=bool)
    listed = graph.moves.toarray()[others] > 0
    if not listed.any():
        # nothing to calibrate on: the order stands, and no share is ever shown as listed
        return {lens: Model(weights[lens], np.zeros(1), np.zeros(1), np.zeros(1)) for lens in LENSES}
    models = {}
    for lens in LENSES:
        score = scores[lens][others]
        slope, intercept = fit_scale(score, listed)
        calibration = Calibration.fit(slope * score + intercept, listed)
        models[lens] = Model(weights[lens] * slope, np.array([intercept]), calibration.knots, calibration.shares)
    return models


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
    """What a profile was recommended, with what is needed to explain it."""

    lens: Lens
    model: Model
    evidence: Evidence
    contributions: NDArray[np.float64]
    ranked: tuple[Ranked, ...]
    #: occupations that a refused context set aside
    set_aside: int


def rank(
    graph: SkillGraph,
    space: FeatureSpace,
    model: Model,
    profile: Profile,
    *,
    lens: Lens,
    kind: Kind | None = None,
    limit: int = 20,
) -> Ranking:
    """The occupations that suit a profile best, past ones left out.

    kind:  only moves of this kind
    limit: 1 or more
    """
    evidence = Evidence.of(graph, space, profile)
    contributions = model.contributions(evidence)
    log_odds = contributions.sum(axis=1) + model.intercept[0]
    kinds = kinds_of_moves(graph, profile.past)
    allowed = np.ones(len(graph.codes), dtype=bool)
    allowed[list(profile.past)] = False
    if profile.refused_contexts:
        refused = np.asarray(graph.contexts[:, list(profile.refused_contexts)].sum(axis=1)).ravel() > 0
        set_aside = int((refused & allowed).sum())
        allowed &= ~refused
    else:
        set_aside = 0
    if kind is not None:
        allowed &= kinds == KINDS_OF_MOVE.index(kind)
    # ties are broken by code, which is the order of the rows
    order = [row for row in np.argsort(-log_odds, kind="stable").tolist() if allowed[row]]
    known = np.zeros(len(graph.codes), dtype=bool)
    for row in profile.past:
        known[graph.moves.indices[graph.moves.indptr[row] : graph.moves.indptr[row + 1]]] = True
    shares = model.share(log_odds)
    ranked = tuple(
        Ranked(row, place, float(log_odds[row]), float(shares[row]), KINDS_OF_MOVE[int(kinds[row])], bool(known[row]))
        for place, row in enumerate(order[:limit], start=1)
    )
    return Ranking(lens, model, evidence, contributions, ranked, set_aside)
