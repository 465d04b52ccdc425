"""Precision of SIMILAR_TO by score, from the pairs judged by hand (embeddings/judgements.tsv), and the table's size.

PASSERELLE_DATA=... python -m benchmarks.similar_judged
"""

import csv
import itertools
from importlib.resources import files

import numpy as np
import pandas as pd

from benchmarks.published import published_tables
from embeddings.evidence import SkillSet, candidates
from embeddings.similar import MOST, THRESHOLD, scores, similar_table
from embeddings.triples import Triples
from embeddings.vectors import find_vectors

EDGES = (0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0, 1.1)


def main() -> None:
    """Prints both, with vectors and without; "dev" pairs gave the weights and are left out."""
    tables = published_tables()
    vectors = find_vectors(Triples.of(tables))
    text = (files("embeddings") / "judgements.tsv").read_text(encoding="utf-8")
    judged = pd.DataFrame(csv.DictReader(text.splitlines(), delimiter="\t"))
    judged = judged[judged["set"] != "dev"]
    for name, used in (("with vectors", vectors), ("words alone", None)):
        skills = SkillSet.of(tables, used)
        at = {code: i for i, code in enumerate(skills.codes)}
        pairs = np.column_stack([judged["held"].map(at), judged["required"].map(at)]).astype(np.int64)
        score, holds = scores(skills, pairs), (judged["judgement"] == "yes").to_numpy()
        population = _population(skills)
        print(name)
        for low, high in itertools.pairwise(EDGES):
            band = (score >= low) & (score < high)
            total = int(((population >= low) & (population < high)).sum())
            figure = f"{holds[band].mean():.2f}" if band.any() else "-"
            print(f"  from {low:<4}  judged {int(band.sum()):>3}  precision {figure:>4}  pairs {total:>6}")
        table = similar_table(tables, used)
        print(
            f"  SIMILAR_TO from {THRESHOLD}: {len(table)} links of {table['start'].nunique()} skills in {len(skills)}"
        )
        if used is vectors:
            print(f"  precision of what is kept: {_kept(score, holds, population):.2f}", flush=True)


def _population(skills: SkillSet) -> np.ndarray:
    """Scores of what the table would hold without a threshold: the best ``MOST`` a held skill."""
    pairs = candidates(skills)
    every = pd.DataFrame({"held": pairs[:, 0], "score": scores(skills, pairs)})
    return every.sort_values("score", ascending=False).groupby("held").head(MOST)["score"].to_numpy()


def _kept(score: np.ndarray, holds: np.ndarray, population: np.ndarray) -> float:
    """Precision of the links above the threshold: each band's, weighted by what it holds."""
    total, right = 0, 0.0
    for low, high in itertools.pairwise(EDGES):
        if low >= THRESHOLD:
            size = int(((population >= low) & (population < high)).sum())
            total += size
            right += size * holds[(score >= low) & (score < high)].mean()
    return right / total


if __name__ == "__main__":
    main()
