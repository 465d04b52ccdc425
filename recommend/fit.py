"""From the experts' lists to weights: every situation learned, and the sum made a number one may read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommend.bare import NAMES, BareSpace
from recommend.calibrate import Calibration, fit_scale
from recommend.content import Content
from recommend.evidence import Evidence
from recommend.features import FEATURES, FeatureSpace
from recommend.groups import group_of
from recommend.learn import COLD_FOLDS, Sample, cross_fitted, evidence_of, fit_weights, occupation_folds
from recommend.learned import LIVE, SITUATIONS, Fitted, Learned, Situation
from recommend.likeness import Likeness, Named
from recommend.profile import Profile
from recommend.skillgraph import SkillGraph

Floats = NDArray[np.float64]
Columns = dict[str, NDArray[np.float32]]
SEED = 460
_BY_LISTS: tuple[Situation, ...] = ("known", "cold")
#: of an occupation's skills, the least share that a person who gives a bare list is taken to name
_LEAST_NAMED = 0.1
#: how much the blend of cosines counts beside the ridge, in choosing unlisted pairs to learn from
_BLEND_IN_GUIDE = np.float32(0.05)


def learn(
    graph: SkillGraph,
    content: Content,
    *,
    date: str,
    seed: int = SEED,
    situations: Sequence[Situation] = SITUATIONS,
    progress: Callable[[str], None] = lambda _: None,
) -> Learned:
    """Learns from the mobilities of a graph.

    date:       day, ISO 8601, for the card
    situations: which to learn; the others are left out of what is returned, which is then good for measuring only
    progress:   told each step, in French
    raises:     ValueError where the graph lists no mobility: there is nothing to learn from
    """
    listed = graph.moves.toarray() > 0
    if not listed.any():
        raise ValueError("no mobility to learn from")
    space = FeatureSpace.of(graph)
    progress("Ressemblances entre les métiers")
    likeness = Likeness.of(graph, space, content)
    ridge = likeness.ridges[0]
    likely = ridge @ listed.astype(np.float32) @ ridge + _BLEND_IN_GUIDE * likeness.blends[0]
    sample = Sample.draw(listed, likely, graph.grand_domain, seed)
    fixed = dict(evidence_of(sample, _fixed(graph, space, likeness)))
    fitted: dict[Situation, Fitted] = {}
    if "content" in situations:
        fitted["content"] = _fitted(fixed, sample)
    for situation in _BY_LISTS:
        if situation not in situations:
            continue
        progress(f"Mobilités sans celles que l'on prédit ({situation})")
        moves = cross_fitted(graph, likeness, listed, sample, cold=situation == "cold", seed=seed)
        fitted[situation] = _fitted(fixed | dict(moves), sample)
    if "bare" in situations:
        progress("Listes de compétences sans métier")
        fitted["bare"] = _fitted(*_bare(graph, space, sample, seed))
    return Learned(graph.data_version, int(listed.sum()), seed, date, fitted)


def published(graph: SkillGraph, space: FeatureSpace) -> Named:
    """What is read anew for each profile, for who comes from each occupation as it is published."""
    size = len(graph.codes)
    values = np.empty((len(FEATURES), size, size), dtype=np.float32)
    for row, code in enumerate(graph.codes):
        values[:, row] = Evidence.of(graph, space, Profile.of_occupations(graph, [code])).values.T
    for name, matrix in zip(FEATURES, values, strict=True):
        yield LIVE + name, matrix


def _fixed(graph: SkillGraph, space: FeatureSpace, likeness: Likeness) -> Named:
    yield from published(graph, space)
    yield from likeness.pairs(graph)


def _fitted(columns: Columns, sample: Sample) -> Fitted:
    """Weights, then their scale and calibration on the same pairs, each unlisted one for all it was drawn for."""
    names = list(columns)
    evidence = np.column_stack(list(columns.values()))
    # to hold one more of the skills that are asked never takes away
    weights = fit_weights(evidence, sample, np.array([name.startswith(LIVE) for name in names]))
    score = evidence @ weights
    slope, intercept = fit_scale(score, sample.listed, sample.weight)
    calibration = Calibration.fit(slope * score + intercept, sample.listed, sample.weight)
    means = np.average(evidence, axis=0, weights=sample.weight) * weights * slope
    centres: dict[str, float] = {}
    for name, mean in zip(names, means.tolist(), strict=True):
        if not name.startswith(LIVE):
            centres[group_of(name)] = centres.get(group_of(name), 0.0) + mean
    return Fitted(
        weights={name: float(weight * slope) for name, weight in zip(names, weights, strict=True) if weight},
        centres=centres,
        intercept=intercept + sum(centres.values()),
        knots=tuple(calibration.knots.tolist()),
        shares=tuple(calibration.shares.tolist()),
    )


def _bare(graph: SkillGraph, space: FeatureSpace, sample: Sample, seed: int) -> tuple[Columns, Sample]:
    """Evidence of people who name all skills of an occupation that the graph does not hold, or a random part."""
    size = len(graph.codes)
    rng = np.random.default_rng(seed)
    listed = graph.moves.toarray()
    fold_of = occupation_folds(size, COLD_FOLDS, seed)[:, 0]
    starts = np.flatnonzero(np.r_[True, np.diff(sample.source) != 0])
    pairs_of = dict(
        zip(sample.source[starts].tolist(), np.split(np.arange(len(sample.source)), starts[1:]), strict=True)
    )
    blocks: list[NDArray[np.float32]] = []
    rows: list[NDArray[np.int64]] = []
    groups: list[NDArray[np.int64]] = []
    for fold in range(COLD_FOLDS):
        hidden = np.flatnonzero(fold_of == fold)
        seen = listed.copy()
        seen[hidden, :] = 0
        seen[:, hidden] = 0
        others = replace(graph, moves=csr_matrix(seen))
        other_space = replace(space, moves=others.moves, leads_from=csr_matrix(others.moves.T))
        bare = BareSpace.of(others, other_space, None)
        for source in hidden.tolist():
            if source not in pairs_of:
                continue
            for part, profile in enumerate(_named(graph, source, rng)):
                found = Evidence.of(others, other_space, profile)
                values = np.hstack([found.values, bare.values(found, without=source)])
                blocks.append(values[sample.target[pairs_of[source]]].astype(np.float32))
                rows.append(pairs_of[source])
                groups.append(np.full(len(pairs_of[source]), 2 * source + part))
    at, evidence = np.concatenate(rows), np.concatenate(blocks)
    names = [*(LIVE + name for name in FEATURES), *NAMES]
    drawn = Sample(np.concatenate(groups), sample.target[at], sample.listed[at], sample.weight[at], sample.across[at])
    return {name: evidence[:, i] for i, name in enumerate(names)}, drawn


def _named(graph: SkillGraph, source: int, rng: np.random.Generator) -> Iterator[Profile]:
    whole = Profile.of_occupations(graph, [graph.codes[source]])
    # one who names three skills is told less than one who names thirty
    kept = rng.random(len(whole.held)) < rng.uniform(_LEAST_NAMED, 1.0)
    for held in (whole.held > 0, (whole.held > 0) & kept):
        yield Profile((), held.astype(np.float64), np.zeros(len(whole.contexts)))
