"""Commands that learn the ranking, measure it, and give all its scores: fit, evaluate, scores."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer
from rich.console import Console

from embeddings.mobility_score import missing_packages, mobility_scores
from passerelle.errors import PasserelleError
from passerelle.evaluation_screen import evaluation_screen
from passerelle.output import steps
from passerelle.pipeline import LEARNED, build
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from recommend.assess import Assessment, assess
from recommend.baselines import Baseline, with_texts
from recommend.content import Content
from recommend.fit import SEED, learn
from recommend.rank import Lens
from recommend.scores import every_score
from recommend.texts import occupation_texts

Seed = Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Graine des tirages.")]


def fit(seed: Seed = SEED) -> None:
    """Apprend ce qui fait que les experts décrivent une mobilité, sur les données construites, puis reconstruit.

    Sans mobilité dans les données, rien n'est appris : les poids livrés restent.

    Exemple : passerelle fit
    """
    settings = Settings()
    snapshot = Snapshot.open(settings.home)
    if snapshot.graph.moves.nnz == 0:
        Console(stderr=True).print(
            "Ces données ne décrivent aucune mobilité : il n'y a rien à apprendre, les poids en place restent."
        )
        return
    with steps() as shown:
        shown.step("Textes des métiers")
        content = Content.of(snapshot.tables)
        today = datetime.now(UTC).date().isoformat()
        learned = learn(snapshot.graph, content, date=today, seed=seed, progress=shown.step)
        path = settings.home / LEARNED
        draft = path.with_suffix(".draft")
        draft.write_text(learned.to_json(), encoding="utf-8")
        draft.replace(path)
        built = build(settings, shown)
    Console().print(f"Poids : {path} ; modèle {built.info.model_version} en service.")


def scores(
    out: Annotated[Path, typer.Option("--out", metavar="FICHIER.parquet", help="Fichier à écrire.")],
    lens: Annotated[Lens, typer.Option(help="experts ou skills.")] = "experts",
) -> None:
    """Écrit le score de chaque couple de métiers : source, target (codeRome), log_odds, share.

    Exemple : passerelle scores --out scores.parquet
    """
    if not out.parent.is_dir():
        raise PasserelleError(f"Le dossier {out.parent} n'existe pas : créez-le, ou donnez un autre --out.")
    snapshot = Snapshot.open(Settings().home)
    recommender, graph = snapshot.recommender, snapshot.graph
    with steps() as shown:
        shown.step("Score de chaque couple de métiers")
        matrix = every_score(recommender, lens)
        shares = np.stack([recommender.model_from(row, lens).share(line) for row, line in enumerate(matrix)])
        source, target = np.nonzero(~np.eye(len(matrix), dtype=bool))
        codes = np.array(list(graph.codes))
        frame = pd.DataFrame(
            {
                "source": codes[source],
                "target": codes[target],
                "log_odds": matrix[source, target],
                "share": shares[source, target],
            }
        )
        frame.to_parquet(out, index=False)
    Console().print(
        f"{out} : {len(frame)} couples, {snapshot.info.data_version}, modèle {snapshot.info.model_version}."
    )


def evaluate(
    out: Annotated[Path, typer.Option("--out", metavar="DOSSIER", help="Dossier des résultats.")],
    seed: Seed = SEED,
    quick: Annotated[bool, typer.Option("--quick", help="Le premier pli de chaque sorte seulement.")] = False,
) -> None:
    """Mesure le classement sur des mobilités cachées, à côté de ce que l'on utiliserait sinon.

    Écrit predictions.csv, de quoi tout recompter, et report.json. Environ 40 minutes ; 5 avec --quick.

    Exemple : passerelle evaluate --seed 460 --out mesures
    """
    snapshot = Snapshot.open(Settings().home)
    if snapshot.graph.moves.nnz == 0:
        raise PasserelleError("Ces données ne décrivent aucune mobilité : il n'y a rien à cacher ni à retrouver.")
    out.mkdir(parents=True, exist_ok=True)
    tables = snapshot.tables
    with steps() as shown:
        shown.step("Textes des métiers")
        content = Content.of(tables)
        baselines: dict[str, Baseline] = dict(with_texts(occupation_texts(tables)))
        missing = missing_packages()
        once: dict[str, Baseline] = {}
        if not missing and not quick:
            once["PyKEEN mobility score"] = lambda given: mobility_scores(tables, given.moves)
        found = assess(snapshot.graph, content, baselines, of_pairs=once, seed=seed, quick=quick, progress=shown.step)
        shown.step("Écriture")
        found.predictions.to_csv(out / "predictions.csv", index=False)
        report = _report(found, seed=seed, quick=quick, data_version=snapshot.info.data_version, missing=missing)
        (out / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    Console().print(evaluation_screen(report))


def _report(found: Assessment, **about: object) -> dict[str, Any]:
    calibration = {
        name: {
            key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in asdict(measured).items()
        }
        | {"passes": measured.passes}
        for name, measured in found.calibration.items()
    }
    return {
        **about,
        "folds": found.folds,
        "heldOut": found.held_out,
        "methods": found.methods,
        "cold": found.cold,
        "withoutLists": found.without_lists,
        "exposure": found.exposure,
        "calibration": calibration,
        "diversity": found.diversity,
    }
