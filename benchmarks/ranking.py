"""Both lenses beside known methods on held-out mobilities: ``python -m benchmarks.ranking [--quick] [--seed N]``.

Nothing is fitted here on what is hidden; but the experts' weights were set by hand while looking at fits to all of the
experts' lists, held-out ones included, so its figure flatters a little. docs/ranking.md says so beside it.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from embeddings.similar import with_similar
from embeddings.triples import Triples
from embeddings.vectors import find_vectors
from ingest.catalogue import find_data, find_rome
from ingest.rome import read_rome
from passerelle.settings import Settings
from recommend.baselines import BASELINES, Floats
from recommend.evaluation import filtered_ranks, folds_of, listed_either_way, metrics
from recommend.evidence import Evidence
from recommend.features import FEATURES, FeatureSpace
from recommend.profile import Profile
from recommend.rank import FIRST_WEIGHTS, LENSES
from recommend.skillgraph import SkillGraph

_SHOWN = ("mrr", "hits@1", "hits@5", "hits@10", "medianRank")


def lens_scores(graph: SkillGraph) -> dict[str, Floats]:
    """Every pair's score by each lens, from this graph alone."""
    space = FeatureSpace.of(graph)
    weights = np.array([[FIRST_WEIGHTS[lens].get(name, 0.0) for name in FEATURES] for lens in LENSES])
    rows = [Evidence.of(graph, space, Profile.of_occupations(graph, [code])).values @ weights.T for code in graph.codes]
    scores = np.stack(rows)
    return {f"lens: {lens}": scores[:, :, i] for i, lens in enumerate(LENSES)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the first fold only")
    parser.add_argument("--seed", type=int, default=460)
    asked = parser.parse_args()
    location = find_data(Settings(), Path.cwd())
    if location.sample:
        sys.exit("The published ROME is needed: run `passerelle fetch`, or set PASSERELLE_DATA.")
    tables = read_rome(find_rome(location.path, Settings().rome_version)).tables
    graph = SkillGraph.of(with_similar(tables, find_vectors(Triples.of(tables))))
    listed = listed_either_way(graph)
    ranks: dict[str, list[Floats]] = {}
    cross: list[np.ndarray] = []
    for fold in folds_of(graph, asked.seed):
        scored = {name: baseline(fold.graph) for name, baseline in BASELINES.items()} | lens_scores(fold.graph)
        for name, scores in scored.items():
            ranks.setdefault(name, []).append(filtered_ranks(scores, fold.held_out, listed))
        letters = graph.grand_domain[fold.held_out]
        cross.append(letters[:, 0] != letters[:, 1])
        if asked.quick:
            break
    is_cross = np.concatenate(cross)
    columns = ["method", *_SHOWN, *(f"{name}, cross-domain" for name in ("mrr", "hits@10"))]
    table = Table(*columns, title=f"{graph.data_version}, seed {asked.seed}, {len(is_cross)} held-out mobilities")
    for name, parts in ranks.items():
        found, across = metrics(np.concatenate(parts)), metrics(np.concatenate(parts)[is_cross])
        figures = [*(found[key] for key in _SHOWN), across["mrr"], across["hits@10"]]
        table.add_row(name, *(f"{figure:.3f}" for figure in figures))
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
