"""Every pair of occupations scored at once, by the very numbers that an answer is made of."""

import numpy as np
from numpy.typing import NDArray

from recommend.evidence import Evidence
from recommend.profile import Profile
from recommend.rank import Lens, Recommender, weigh

Floats = NDArray[np.float64]


def every_score(recommender: Recommender, lens: Lens) -> Floats:
    """(n_occupations, n_occupations) log-odds of each move for who worked in the row's occupation."""
    return np.stack(
        [
            _log_odds(recommender, Profile.of_occupations(recommender.graph, [code]), lens)
            for code in recommender.graph.codes
        ]
    )


def bare_scores(recommender: Recommender, named: float = 1.0, seed: int = 0) -> Floats:
    """The same for who gives only the skills that the row's occupation requires, or a random part of them.

    named: share of the skills that are given, in (0, 1]
    """
    graph = recommender.graph
    rng = np.random.default_rng(seed)
    rows = []
    for code in graph.codes:
        held = Profile.of_occupations(graph, [code]).held > 0
        held &= rng.random(len(held)) < named
        bare = Profile((), held.astype(np.float64), np.zeros(len(graph.context_codes)))
        rows.append(_log_odds(recommender, bare, "experts"))
    return np.stack(rows)


def _log_odds(recommender: Recommender, profile: Profile, lens: Lens) -> Floats:
    evidence = Evidence.of(recommender.graph, recommender.space, profile)
    name = recommender.model_of(profile, lens)
    contributions = weigh(recommender, evidence, name)
    return np.asarray(contributions.sum(axis=1) + recommender.models[name].intercept[0])
