"""Searches models and settings with optuna (extra ``train``) and writes each trial as a line of a table.

python -m benchmarks.embedding_search --trials 12 --seconds 45 --out docs/embedding-search.tsv
python -m benchmarks.embedding_search --trials 4 --models RotatE --out docs/embedding-search-rotate.tsv

Each trial trains for so many seconds of processor time and is judged by the filtered MRR of held-out triples. They are
drawn with another seed than those of the shipped vectors, whose own test fold no choice has seen.
"""

import argparse
import csv
import logging
import warnings
from dataclasses import replace
from pathlib import Path
from typing import get_args

import optuna
import torch

from benchmarks.published import published_tables
from embeddings.train import ModelName, TrainingSettings, train
from embeddings.triples import Triples

#: what is tried first: one of each model, with settings that its authors or earlier trials gave
FIRST = (
    {"model": "RotatE", "learning_rate": 0.02, "margin": 6.0, "negatives": 8, "batch_size": 4096, "temperature": 1.0},
    {"model": "TransE", "learning_rate": 0.02, "margin": 6.0, "negatives": 8, "batch_size": 4096, "temperature": 1.0},
    {"model": "ComplEx", "learning_rate": 0.05, "margin": 1.0, "negatives": 8, "batch_size": 4096, "temperature": 1.0},
    {"model": "DistMult", "learning_rate": 0.05, "margin": 1.0, "negatives": 8, "batch_size": 4096, "temperature": 1.0},
    {"model": "RotatE", "learning_rate": 0.02, "margin": 6.0, "negatives": 8, "batch_size": 1024, "temperature": 1.0},
)
COLUMNS = (
    "trial",
    "model",
    "size",
    "learning_rate",
    "margin",
    "temperature",
    "negatives",
    "batch_size",
    "epochs",
    "mrr",
    "hits_at_10",
    "cpu_seconds",
)


def main() -> None:
    """Runs the search; each line is written as soon as its trial ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--models", nargs="+", choices=get_args(ModelName), default=get_args(ModelName))
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    logging.getLogger("pykeen").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="pykeen")
    # one thread: two wait for each other when something else runs, and a trial would be judged by its neighbours
    torch.set_num_threads(1)
    triples = Triples.of(published_tables())
    base = TrainingSettings(epochs=1000, held_out=0.004, look_every=1000, seed=asked.seed, seconds=asked.seconds)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=asked.seed))
    for first in FIRST:
        if set(asked.models) == set(get_args(ModelName)):
            study.enqueue_trial(first)
    with asked.out.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
        table.writeheader()

        def judge(trial: optuna.Trial) -> float:
            settings = replace(
                base,
                model=trial.suggest_categorical("model", asked.models),
                learning_rate=trial.suggest_float("learning_rate", 0.002, 0.1, log=True),
                margin=trial.suggest_float("margin", 0.0, 15.0),
                temperature=trial.suggest_float("temperature", 0.5, 2.0),
                negatives=trial.suggest_int("negatives", 4, 24, step=4),
                batch_size=trial.suggest_categorical("batch_size", [1024, 4096, 8192]),
            )
            trained = train(triples, settings)
            parameters, metrics = trained.parameters, trained.metrics
            row = {"trial": trial.number, **parameters, **metrics}
            table.writerow({name: _text(row[name]) for name in COLUMNS})
            file.flush()
            return metrics["mrr"]

        study.optimize(judge, n_trials=asked.trials)


def _text(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
