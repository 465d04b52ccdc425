"""Learning vectors from triples with PyKEEN: the one module that imports torch (extra ``train``).

Models: DistMult (Yang et al. 2015), ComplEx (Trouillon et al. 2016), TransE (Bordes et al. 2013), RotatE (Sun et al.
2019). Loss: self-adversarial negative sampling (NSSA, Sun et al. 2019).
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pykeen.evaluation import RankBasedEvaluator
from pykeen.losses import NSSALoss
from pykeen.models import ComplEx, DistMult, Model, RotatE, TransE
from pykeen.stoppers import EarlyStopper
from pykeen.training import SLCWATrainingLoop, TrainingCallback
from pykeen.triples import CoreTriplesFactory

from embeddings.triples import Triples

ModelName = Literal["DistMult", "ComplEx", "TransE", "RotatE"]
_MODELS: dict[ModelName, type[Model]] = {"DistMult": DistMult, "ComplEx": ComplEx, "TransE": TransE, "RotatE": RotatE}
#: numbers that a complex coordinate takes
_PARTS: dict[ModelName, int] = {"DistMult": 1, "ComplEx": 2, "TransE": 1, "RotatE": 2}

Progress = Callable[[int, int, float], None]


@dataclass(frozen=True)
class TrainingSettings:
    """How vectors are learned; the defaults are those of the shipped vectors (docs/embeddings.md says how chosen)."""

    model: ModelName = "RotatE"
    #: real numbers a vector: a complex model has half as many coordinates
    size: int = 128
    learning_rate: float = 0.02
    #: NSSA's margin and temperature
    margin: float = 6.0
    temperature: float = 1.0
    #: corrupted triples a true one
    negatives: int = 8
    batch_size: int = 4096
    epochs: int = 45
    #: share of the triples in each of the two held-out folds: to stop early, and to measure
    held_out: float = 0.002
    #: epochs between two looks at the validation fold, and looks without progress before the training stops
    look_every: int = 15
    patience: int = 2
    seed: int = 20250918
    #: seconds of processor time after which no further epoch begins, for a search; None: no limit
    seconds: float | None = None


@dataclass(frozen=True)
class Trained:
    """What ``train`` gives.

    vectors: (n_entities, size) float32, on the axis of ``Triples.entities``
    metrics: filtered ranks of the test fold's heads and tails among all entities (MRR, Hits@10, in [0, 1]); epochs;
        seconds on the clock and of processor time
    """

    vectors: NDArray[np.float32]
    metrics: dict[str, float]
    settings: TrainingSettings

    @property
    def parameters(self) -> dict[str, Any]:
        """The settings, as the card keeps them."""
        return asdict(self.settings)


@dataclass(frozen=True)
class Folds:
    """Row numbers of the triples to learn from, to stop by and to measure on; they share none."""

    training: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


def split(triples: Triples, share: float, seed: int) -> Folds:
    """Draws two folds of ``share`` of the triples each; every entity keeps a triple to be learned from.

    Triples between the same entities ("requires" and "requires-core") go to the same fold: one gives the other away.
    """
    rows = triples.rows
    pairs, pair_of = np.unique(rows[:, [0, 2]], axis=0, return_inverse=True)
    pair_of = pair_of.reshape(-1)
    left = np.bincount(pairs.reshape(-1), minlength=len(triples.entities))
    size = np.bincount(pair_of)
    wanted = round(share * len(rows))
    fold_of = np.zeros(len(pairs), dtype=np.int8)
    fold, taken = 1, 0
    for pair in np.random.default_rng(seed).permutation(len(pairs)):
        if fold > 2 or wanted == 0:
            break
        head, tail = pairs[pair]
        if left[head] < 2 or left[tail] < 2:
            continue
        left[head] -= 1
        left[tail] -= 1
        fold_of[pair] = fold
        taken += size[pair]
        if taken >= wanted:
            fold, taken = fold + 1, 0
    return Folds(*(np.flatnonzero(fold_of[pair_of] == fold) for fold in range(3)))


def train(
    triples: Triples,
    settings: TrainingSettings,
    *,
    progress: Progress | None = None,
    checkpoint: Path | None = None,
    checkpoint_minutes: int = 1,
) -> Trained:
    """Learns vectors; on a GPU where torch finds one.

    progress:   called after each epoch with its number, the number of epochs and the mean loss
    checkpoint: directory that is written once in ``checkpoint_minutes`` (0: after each epoch); what an interrupted call
        with the same triples and settings left there is taken up again
    """
    started, started_cpu = time.monotonic(), time.process_time()
    folds = split(triples, settings.held_out, settings.seed)
    training, test = _factory(triples, folds.training), _factory(triples, folds.test)
    model = _MODELS[settings.model](
        triples_factory=training,
        embedding_dim=settings.size // _PARTS[settings.model],
        loss=NSSALoss(margin=settings.margin, adversarial_temperature=settings.temperature),
        random_seed=settings.seed,
    ).to("cuda" if torch.cuda.is_available() else "cpu")
    loop = SLCWATrainingLoop(
        model=model,
        triples_factory=training,
        optimizer=torch.optim.Adam(model.get_grad_params(), lr=settings.learning_rate),
        negative_sampler_kwargs={"num_negs_per_pos": settings.negatives},
    )
    watch = _Watch(settings, progress)
    with TemporaryDirectory() as scratch:
        directory = checkpoint or Path(scratch)
        directory.mkdir(parents=True, exist_ok=True)
        mark = hashlib.sha256(f"{triples.hash} {settings}".encode()).hexdigest()[:16]
        best = directory / f"best-{mark}.pt"
        stopper = _stopper(model, training, _factory(triples, folds.validation), settings, best)
        loop.train(
            training,
            num_epochs=settings.epochs,
            batch_size=settings.batch_size,
            use_tqdm=False,
            use_tqdm_batch=False,
            stopper=stopper,
            callbacks=watch,
            checkpoint_directory=directory,
            checkpoint_name=f"{mark}.pt" if checkpoint else None,
            checkpoint_frequency=checkpoint_minutes if checkpoint else None,
            pin_memory=torch.cuda.is_available(),
        )
        if best.is_file():
            model.load_state_dict(torch.load(best, weights_only=True))
    metrics = {"epochs": float(watch.epoch)}
    if stopper is not None and stopper.best_epoch:
        metrics |= {"best_epoch": float(stopper.best_epoch), "validation_mrr": float(stopper.best_metric)}
    if len(folds.test):
        metrics |= filtered_ranks(model, test.mapped_triples, torch.from_numpy(triples.rows))
    metrics |= {"seconds": time.monotonic() - started, "cpu_seconds": time.process_time() - started_cpu}
    return Trained(_entity_vectors(model), {name: round(value, 4) for name, value in metrics.items()}, settings)


def filtered_ranks(model: Model, measured: torch.Tensor, known: torch.Tensor) -> dict[str, float]:
    """MRR and Hits@10 of the heads and tails of ``measured`` (n, 3); every other fact of ``known`` (m, 3) stands aside.

    ``known`` is training, validation and test together: left out, a true fact would count as an error.
    """
    result = RankBasedEvaluator(filtered=True).evaluate(
        model, measured, additional_filter_triples=[known], batch_size=64, use_tqdm=False
    )
    return {
        "mrr": float(result.get_metric("both.realistic.inverse_harmonic_mean_rank")),
        "hits_at_10": float(result.get_metric("both.realistic.hits_at_10")),
    }


def _stopper(
    model: Model, training: CoreTriplesFactory, validation: CoreTriplesFactory, settings: TrainingSettings, best: Path
) -> EarlyStopper | None:
    """What looks at the validation fold and keeps the best weights in ``best``; None without a fold."""
    if not validation.num_triples:
        return None
    return EarlyStopper(
        model=model,
        evaluator=RankBasedEvaluator(filtered=True),
        # it ranks among what is neither training nor validation; the test fold is not known yet
        training_triples_factory=training,
        evaluation_triples_factory=validation,
        evaluation_batch_size=64,
        frequency=settings.look_every,
        patience=settings.patience,
        metric="both.realistic.inverse_harmonic_mean_rank",
        relative_delta=0.002,
        best_model_path=best,
        clean_up_checkpoint=False,
    )


class _Watch(TrainingCallback):
    """Tells how far the training is, and ends it when its time is over."""

    def __init__(self, settings: TrainingSettings, progress: Progress | None) -> None:
        super().__init__()
        self.epoch = 0
        self._settings = settings
        self._progress = progress
        self._started = time.process_time()

    def post_epoch(self, epoch: int, epoch_loss: float, **_kwargs: Any) -> None:
        self.epoch = epoch
        if self._progress is not None:
            self._progress(epoch, self._settings.epochs, epoch_loss)
        limit = self._settings.seconds
        if limit is not None and time.process_time() - self._started > limit:
            self.training_loop._should_stop = True


def _factory(triples: Triples, rows: NDArray[np.int64]) -> CoreTriplesFactory:
    return CoreTriplesFactory(
        torch.from_numpy(triples.rows[rows]),
        num_entities=len(triples.entities),
        num_relations=len(triples.relations),
    )


def _entity_vectors(model: Model) -> NDArray[np.float32]:
    """Complex coordinates as their real and imaginary parts: the cosine is then that of the Hermitian product."""
    vectors = model.entity_representations[0](indices=None).detach().cpu()
    if vectors.is_complex():
        vectors = torch.view_as_real(vectors).reshape(len(vectors), -1)
    return np.asarray(vectors.numpy(), dtype=np.float32)
