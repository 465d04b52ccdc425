"""The command that learns vectors anew: train (extra ``train``)."""

import importlib.util
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from embeddings.similar import similar_table
from embeddings.triples import Triples
from embeddings.vectors import Card, Vectors, save_vectors
from passerelle.errors import PasserelleError
from passerelle.output import steps
from passerelle.pipeline import TRAINED
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot


def train(
    epochs: Annotated[int | None, typer.Option(min=1, max=10_000, help="Passages sur les triplets, au plus.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="Graine du tirage.")] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, max=256, help="Fils de calcul ; tous, si rien n'est dit.")
    ] = None,
) -> None:
    """Apprend les vecteurs des compétences et des métiers sur les données construites (extra « train »).

    Interrompu, le même apprentissage reprend où il en était. Relancez ensuite « passerelle build ».

    Exemple : passerelle train --threads 2
    """
    missing = [name for name in ("torch", "pykeen") if importlib.util.find_spec(name) is None]
    if missing:
        raise PasserelleError(
            f"L'apprentissage a besoin de {' et de '.join(missing)}, qui ne servent à rien d'autre : "
            "docs/embeddings.md dit comment les installer."
        )
    # only here: nothing else of Passerelle needs torch
    import torch  # noqa: PLC0415

    from embeddings.train import TrainingSettings  # noqa: PLC0415
    from embeddings.train import train as learn  # noqa: PLC0415

    settings = Settings()
    tables = Snapshot.open(settings.home).tables
    if threads is not None:
        torch.set_num_threads(threads)
    default = TrainingSettings()
    asked = TrainingSettings(
        epochs=default.epochs if epochs is None else epochs, seed=default.seed if seed is None else seed
    )
    place = settings.home / TRAINED / tables.meta.data_version
    with steps() as shown:
        shown.step("Triplets du graphe")
        triples = Triples.of(tables)
        shown.step(f"Apprentissage ({asked.model}, {len(triples.rows)} triplets)", total=asked.epochs)
        trained = learn(
            triples, asked, progress=lambda epoch, _epochs, _loss: shown.done(epoch), checkpoint=place / "checkpoint"
        )
        shown.step("Enregistrement")
        card = Card(
            data_version=triples.data_version,
            triples_hash=triples.hash,
            triples=len(triples.rows),
            model=asked.model,
            parameters=trained.parameters,
            metrics=trained.metrics,
            date=datetime.now(UTC).date().isoformat(),
            libraries={name: version(name) for name in ("torch", "pykeen", "numpy")},
        )
        vectors = Vectors(card, triples.entities, trained.vectors.astype(np.float16))
        save_vectors(vectors, place)
        for left in (place / "checkpoint").iterdir():
            left.unlink()
        shown.step("Compétences transférables")
        similar = similar_table(tables, vectors)
    Console().print(
        f"{card.name} : MRR {trained.metrics.get('mrr', float('nan')):.3f}, "
        f"{len(similar)} liens entre compétences. Relancez « passerelle build » pour les mettre en service."
    )
