"""The whole evaluation: what is learned without a fold, asked of the fold, beside what people would use instead.

Nothing of a fold's hidden mobilities is in the graph that its weights, evidence and calibration are learned from.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommend.baselines import Baseline
from recommend.content import Content
from recommend.diversity import seated
from recommend.evaluation import (
    Fold,
    cold_folds_of,
    filtered_ranks,
    folds_of,
    listed_either_way,
    metrics,
    predictions,
    refuse_leak,
    without_lists_of,
)
from recommend.fit import learn
from recommend.kinds import KINDS_OF_MOVE, kinds_of_moves
from recommend.learned import SITUATIONS, Situation
from recommend.measures import (
    SHOWN,
    Reliability,
    cross_domain,
    exposure,
    most_listed,
    not_to,
    reliability,
    reliability_by,
    shown_outcomes,
    top_lists,
)
from recommend.rank import Lens, Recommender
from recommend.scores import bare_scores, every_score
from recommend.skillgraph import SkillGraph

Floats = NDArray[np.float64]

OURS: Lens = "experts"
SKILLS: Lens = "skills"
BARE = "bare"


@dataclass
class Ranks:
    """Ranks of held-out mobilities by one method, over the folds so far."""

    ranks: list[Floats] = field(default_factory=list)
    pairs: list[NDArray[np.int64]] = field(default_factory=list)

    def add(self, ranks: Floats, fold: Fold) -> None:
        """Takes in a fold's."""
        self.ranks.append(ranks)
        self.pairs.append(fold.held_out)

    def measure(self, graph: SkillGraph) -> dict[str, dict[str, float]]:
        """``metrics`` of all, of those to another grand domain, and of those not to the ten most listed."""
        ranks, pairs = np.concatenate(self.ranks), np.concatenate(self.pairs)
        across = cross_domain(pairs, graph.grand_domain)
        elsewhere = not_to(pairs, most_listed(graph.moves))
        return {
            "all": metrics(ranks),
            "crossDomain": metrics(ranks[across]),
            "withoutMostListed": metrics(ranks[elsewhere]),
        }


@dataclass
class Shown:
    """What the shown numbers said of the first twenty, and what came true, over the folds so far."""

    forecast: list[Floats] = field(default_factory=list)
    outcome: list[NDArray[np.bool_]] = field(default_factory=list)
    kind: list[NDArray[np.int8]] = field(default_factory=list)

    def measure(self) -> dict[str, Reliability]:
        """Overall, and by kind of move."""
        forecast, outcome = np.concatenate(self.forecast), np.concatenate(self.outcome)
        kind = np.concatenate(self.kind)
        by_kind = reliability_by(forecast, outcome, kind, dict(enumerate(KINDS_OF_MOVE)))
        return {"all": reliability(forecast, outcome), **by_kind}


@dataclass
class Variety:
    """What keeping places for each kind of move does to lists of twenty, over the folds so far."""

    sums: dict[str, dict[str, float]] = field(default_factory=dict)
    lists: int = 0
    asked: int = 0

    def add(self, graph: SkillGraph, scores: Floats, seen: NDArray[np.bool_], fold: Fold) -> None:
        """Takes in a fold's lists, held-out pairs among the candidates."""
        self.lists += len(scores)
        self.asked += len(fold.held_out)
        held_out = {(int(source), int(target)) for source, target in fold.held_out}
        whole = top_lists(scores, seen, len(scores) - 1)
        for source, row in enumerate(whole):
            order = row[row >= 0].tolist()
            kinds = kinds_of_moves(graph, (source,))
            for name, shown in (
                ("by score alone", order[:SHOWN]),
                ("with places kept", seated(order, kinds, graph.family, SHOWN)),
            ):
                found = self.sums.setdefault(name, dict.fromkeys((*KINDS_OF_MOVE, "families", "hits@20"), 0.0))
                for number, kind in enumerate(KINDS_OF_MOVE):
                    found[kind] += float((kinds[shown] == number).sum())
                found["families"] += len(set(graph.family[shown].tolist()))
                found["hits@20"] += sum((source, target) in held_out for target in shown)

    def measure(self) -> dict[str, dict[str, float]]:
        """Means a list; Hits@20 a held-out mobility."""
        return {
            name: {key: value / (self.asked if key == "hits@20" else self.lists) for key, value in found.items()}
            for name, found in self.sums.items()
        }


@dataclass
class Assessment:
    """What an evaluation found."""

    methods: dict[str, dict[str, dict[str, float]]]
    cold: dict[str, dict[str, dict[str, float]]]
    without_lists: dict[str, dict[str, dict[str, float]]]
    exposure: dict[str, dict[str, float]]
    calibration: dict[str, Reliability]
    #: lists of twenty with and without places kept for each kind: occupations of each kind, families, Hits@20
    diversity: dict[str, dict[str, float]]
    folds: int
    held_out: int
    predictions: pd.DataFrame


def assess(
    graph: SkillGraph,
    content: Content,
    baselines: Mapping[str, Baseline],
    *,
    of_pairs: Mapping[str, Baseline],
    seed: int,
    quick: bool = False,
    progress: Callable[[str], None] = lambda _: None,
    counts: tuple[int, int, int] = (5, 10, 5),
) -> Assessment:
    """Runs the evaluation.

    baselines: by name, beside ours; each is given the fold's graph
    of_pairs:  baselines that learn too long to be asked of more than the folds of pairs
    quick:     the first fold of each kind only
    progress:  told each step, in French
    counts:    how many folds of pairs, of cold occupations, of occupations without lists
    """
    listed = listed_either_way(graph)
    ranks: dict[str, Ranks] = {}
    shown, varied = Shown(), Variety()
    lists: dict[str, list[NDArray[np.int64]]] = {}
    frames = []
    pair_count, cold_count, list_count = counts
    for fold in _first(folds_of(graph, seed, pair_count), quick):
        refuse_leak(fold)
        progress(f"Pli {fold.number + 1} sur {pair_count} : apprentissage sans lui")
        recommender = Recommender.of(fold.graph, content, learn(fold.graph, content, date="", seed=seed))
        progress(f"Pli {fold.number + 1} sur {pair_count} : mesures")
        scores: dict[str, Floats] = {lens: every_score(recommender, lens) for lens in (OURS, SKILLS)}
        scores[BARE] = bare_scores(recommender)
        seen = listed_either_way(fold.graph)
        first = top_lists(scores[OURS], seen)
        _check_numbers(shown, recommender, scores[OURS], first, fold, pair_count, seed)
        frames.append(predictions(fold, scores[OURS], listed))
        varied.add(recommender.graph, scores[OURS], seen, fold)
        for name, baseline in {**baselines, **of_pairs}.items():
            progress(f"Pli {fold.number + 1} sur {pair_count} : {name}")
            scores[name] = baseline(fold.graph)
        for name, matrix in scores.items():
            ranks.setdefault(name, Ranks()).add(filtered_ranks(matrix, fold.held_out, listed), fold)
            lists.setdefault(name, []).append(top_lists(matrix, seen))
    harder = {}
    asked: tuple[tuple[str, str, Situation, Iterator[Fold]], ...] = (
        ("cold", "Métiers sans mobilité connue", "cold", cold_folds_of(graph, seed, cold_count)),
        ("lists", "Métiers sans liste", "known", without_lists_of(graph, seed, list_count)),
    )
    for name, text, situation, folds in asked:
        progress(text)
        harder[name] = _harder(graph, content, baselines, _first(folds, quick), listed, seed, situation)
    frame = pd.concat(frames, ignore_index=True)
    return Assessment(
        methods={name: found.measure(graph) for name, found in ranks.items()},
        cold=harder["cold"],
        without_lists=harder["lists"],
        exposure={name: exposure(np.concatenate(tops), len(graph.codes)) for name, tops in lists.items()},
        calibration=shown.measure(),
        diversity=varied.measure(),
        folds=len(frames),
        held_out=int(frame["held_out"].sum()),
        predictions=frame,
    )


def _harder(
    graph: SkillGraph,
    content: Content,
    baselines: Mapping[str, Baseline],
    folds: Iterator[Fold],
    listed: NDArray[np.bool_],
    seed: int,
    situation: Situation,
) -> dict[str, dict[str, dict[str, float]]]:
    """situation: the one of the occupations that are asked; the others' scores are not looked at."""
    ranks: dict[str, Ranks] = {}
    for fold in folds:
        refuse_leak(fold)
        learned = learn(fold.graph, content, date="", seed=seed, situations=(situation,))
        alike = dict.fromkeys(SITUATIONS, learned.situations[situation])
        recommender = Recommender.of(fold.graph, content, replace(learned, situations=alike))
        scores = {OURS: every_score(recommender, OURS)} | {name: one(fold.graph) for name, one in baselines.items()}
        for name, matrix in scores.items():
            ranks.setdefault(name, Ranks()).add(filtered_ranks(matrix, fold.held_out, listed), fold)
    return {name: found.measure(graph) for name, found in ranks.items()}


def _check_numbers(
    shown: Shown, recommender: Recommender, scores: Floats, first: NDArray[np.int64], fold: Fold, count: int, seed: int
) -> None:
    """Keeps what the first twenty of each source were said to be worth.

    A fold hides a part of the listed pairs and none of the others: to be told what was promised, each other pair is
    asked in one fold alone, drawn at random, as each listed pair is. And what was learned without the fold promises
    entries of lists that lack a part: those of whole lists are the more frequent by as much.
    """
    of_whole_lists = count / (count - 1)
    pairs, outcome = shown_outcomes(first, fold.held_out)
    drawn = np.random.default_rng([seed, 1]).integers(0, count, scores.shape)
    asked = outcome | (drawn[pairs[:, 0], pairs[:, 1]] == fold.number)
    pairs, outcome = pairs[asked], outcome[asked]
    forecast = np.empty(len(pairs))
    kind = np.empty(len(pairs), dtype=np.int8)
    for source in np.unique(pairs[:, 0]):
        rows = np.flatnonzero(pairs[:, 0] == source)
        model = recommender.model_from(int(source), OURS)
        forecast[rows] = np.minimum(model.share(scores[source, pairs[rows, 1]]) * of_whole_lists, 1.0)
        kind[rows] = kinds_of_moves(fold.graph, (int(source),))[pairs[rows, 1]]
    shown.forecast.append(forecast)
    shown.outcome.append(outcome)
    shown.kind.append(kind)


def _first(folds: Iterator[Fold], quick: bool) -> Iterator[Fold]:
    for fold in folds:
        yield fold
        if quick:
            return
