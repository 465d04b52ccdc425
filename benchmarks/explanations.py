"""Whether explanations are true: ``python -m benchmarks.explanations [--cases N] [--seed N]``.

A case is an occupation drawn at random and one of its first ten recommendations, by either lens, or the same skills as
a bare list. Skills are taken away from the profile and the whole ranking is asked again; nothing here knows how the
amounts of the paths are reckoned.
"""

import argparse
from collections import defaultdict
from dataclasses import replace

import numpy as np
from rich.console import Console
from rich.table import Table

from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from recommend.evidence import Evidence
from recommend.explain import shown_ways
from recommend.profile import Profile
from recommend.rank import Lens, Recommender, rank, weigh
from recommend.ways import ways_of
from recommend.ways_kinds import SKILL_KINDS, held_by

#: held skills count as equally rare within this factor of the number of occupations that require them
_ALIKE = 1.5
_ASKED: tuple[tuple[str, Lens, bool], ...] = (
    ("experts", "experts", False),
    ("skills", "skills", False),
    ("bare list", "experts", True),
)


def log_odds(recommender: Recommender, profile: Profile, lens: Lens, occupation: int) -> float:
    """What the ranking says of one occupation, asked anew."""
    evidence = Evidence.of(recommender.graph, recommender.space, profile)
    name = recommender.model_of(profile, lens)
    return float(weigh(recommender, evidence, name)[occupation].sum() + recommender.models[name].intercept[0])


def without(profile: Profile, skills: list[int]) -> Profile:
    held = profile.held.copy()
    held[skills] = 0.0
    return replace(profile, held=held)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=460)
    asked = parser.parse_args()
    recommender = Snapshot.open(Settings().home).recommender
    graph, requiring = recommender.graph, recommender.space.requiring
    rng = np.random.default_rng(asked.seed)
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for case in range(asked.cases):
        name, lens, bare = _ASKED[case % len(_ASKED)]
        profile = Profile.of_occupations(graph, [graph.codes[int(rng.integers(len(graph.codes)))]])
        if bare:
            profile = Profile((), (profile.held > 0).astype(np.float64), np.zeros(len(graph.context_codes)))
        ranking = rank(recommender, profile, lens=lens, limit=10)
        occupation = ranking.ranked[int(rng.integers(10))].occupation
        whole = log_odds(recommender, profile, lens, occupation)

        def loss(
            skills: list[int], profile: Profile = profile, lens: Lens = lens, occupation: int = occupation
        ) -> float:
            return log_odds(recommender, profile, lens, occupation) - log_odds(
                recommender, without(profile, skills), lens, occupation
            )

        ways = ways_of(ranking, occupation)
        by_skill_ways = [way for way in ways if way[0] in SKILL_KINDS]
        by_skills = [held_by(way) for way in by_skill_ways]
        measured = found[name]
        if by_skills:
            first = loss(by_skills[0])
            if len(by_skills) > 1:
                measured["first above second"].append(first > loss(by_skills[1]) - 1e-9)
            rarity = requiring[by_skills[0][0]]
            alike = [
                skill
                for skill in np.flatnonzero(profile.held > 0).tolist()
                if skill not in by_skills[0] and rarity / _ALIKE <= requiring[skill] <= rarity * _ALIKE
            ]
            if alike:
                other = int(rng.choice(alike))
                shared = [
                    skills[0] for way, skills in zip(by_skill_ways, by_skills, strict=True) if way[0] == "shared-skill"
                ]
                if shared:
                    random = int(rng.choice(shared))
                    measured["a random shared skill above that one"].append(loss([random]) > loss([other]) - 1e-9)
                measured["first above another as rare"].append(first > loss([other]) - 1e-9)
        kept = sorted({skill for way in shown_ways(ways) for skill in held_by(way)})
        none = log_odds(recommender, without(profile, np.flatnonzero(profile.held > 0).tolist()), lens, occupation)
        only = without(profile, [skill for skill in np.flatnonzero(profile.held > 0).tolist() if skill not in kept])
        if whole - none > 1e-6:
            measured["kept of what skills add"].append(
                (log_odds(recommender, only, lens, occupation) - none) / (whole - none)
            )
        positive = ranking.contributions[occupation].clip(min=0).sum()
        measured["shown of what adds"].append(sum(way[2] for way in shown_ways(ways)) / positive)
    table = Table("asked", "measure", "cases", "share or mean", title=f"{asked.cases} cases, seed {asked.seed}")
    for name, measures in found.items():
        for measure, values in measures.items():
            table.add_row(name, measure, str(len(values)), f"{np.mean(values):.3f}")
    Console().print(table)


if __name__ == "__main__":
    main()
