"""Training: folds that share nothing, ranks reckoned by hand, one seed one result, an interruption taken up again."""

import itertools
import logging
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from embeddings.triples import Triples
from embeddings.vectors import find_vectors
from passerelle import pipeline
from passerelle.output import steps
from passerelle.pipeline import TRAINED
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from passerelle.train import train as train_command
from tests.unit.toy import toy_tables

SAMPLE = Path(__file__).resolve().parents[2] / "ingest" / "sample"
REASON = "needs the extra `train`: docs/embeddings.md tells how to install it"
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    torch = pytest.importorskip("torch", reason=REASON)
    pykeen_models = pytest.importorskip("pykeen.models", reason=REASON)
    pykeen_triples = pytest.importorskip("pykeen.triples", reason=REASON)
    learning = pytest.importorskip("embeddings.train", reason=REASON)

# PyKEEN, and what it imports, warn of their own affairs
pytestmark = pytest.mark.filterwarnings("ignore")

SHORT: dict[str, Any] = {
    **{"size": 8, "epochs": 6, "batch_size": 64, "negatives": 2},
    **{"look_every": 2, "held_out": 0.1, "learning_rate": 0.05},
}


@pytest.fixture(autouse=True)
def _few_threads() -> Iterator[None]:
    logging.getLogger("pykeen").setLevel(logging.ERROR)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(name="triples")
def made_triples() -> Triples:
    return Triples.of(toy_tables())


def _train(triples: Triples, checkpoint: Path | None = None, **changes: Any) -> np.ndarray:
    return learning.train(triples, learning.TrainingSettings(**{**SHORT, **changes}), checkpoint=checkpoint).vectors


def test_folds_share_no_pair_and_every_entity_is_learned(triples: Triples) -> None:
    folds = learning.split(triples, 0.15, seed=4)
    parts = (folds.training, folds.validation, folds.test)
    assert all(len(part) for part in parts)
    assert sorted(itertools.chain(*parts)) == list(range(len(triples.rows)))
    pairs = [{(head, tail) for head, _, tail in triples.rows[part].tolist()} for part in parts]
    assert not pairs[0] & pairs[1]
    assert not pairs[0] & pairs[2]
    assert not pairs[1] & pairs[2]
    learned = set(triples.rows[folds.training][:, [0, 2]].ravel().tolist())
    assert learned == set(range(len(triples.entities)))
    assert all(
        np.array_equal(a, b) for a, b in zip(parts, vars(learning.split(triples, 0.15, seed=4)).values(), strict=True)
    )


def test_no_fold_when_nothing_is_held_out(triples: Triples) -> None:
    folds = learning.split(triples, 0, seed=4)
    assert len(folds.training) == len(triples.rows)
    assert _train(triples, held_out=0).shape == (len(triples.entities), 8)


@pytest.mark.parametrize("model", ["DistMult", "ComplEx", "TransE", "RotatE"])
def test_each_model_gives_vectors_of_the_size_asked(triples: Triples, model: str) -> None:
    vectors = _train(triples, model=model)
    assert vectors.shape == (len(triples.entities), 8)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()


def test_one_seed_one_result(triples: Triples) -> None:
    assert np.array_equal(_train(triples, seed=3), _train(triples, seed=3))
    assert not np.array_equal(_train(triples, seed=3), _train(triples, seed=4))


def test_an_interruption_is_taken_up_again(triples: Triples, tmp_path: Path) -> None:
    settings = learning.TrainingSettings(**{**SHORT, "held_out": 0.0})
    whole = learning.train(triples, settings)
    reached: list[int] = []

    class StoppedError(Exception):
        pass

    def stop(epoch: int, _epochs: int, _loss: float) -> None:
        reached.append(epoch)
        if epoch == 4:
            raise StoppedError

    with pytest.raises(StoppedError):
        learning.train(triples, settings, progress=stop, checkpoint=tmp_path, checkpoint_minutes=0)
    assert reached == [1, 2, 3, 4]
    again: list[int] = []
    resumed = learning.train(triples, settings, progress=lambda epoch, *_: again.append(epoch), checkpoint=tmp_path)
    assert again == [4, 5, 6], "the epoch that was cut is done again, those before are not"
    assert np.allclose(resumed.vectors, whole.vectors)


def test_other_settings_do_not_take_up_a_checkpoint(triples: Triples, tmp_path: Path) -> None:
    first = _train(triples, tmp_path, seed=3)
    assert not np.array_equal(first, _train(triples, tmp_path, seed=4))


def test_it_learns(triples: Triples) -> None:
    losses: list[float] = []
    settings = learning.TrainingSettings(**{**SHORT, "model": "RotatE", "epochs": 30, "held_out": 0.0})
    learning.train(triples, settings, progress=lambda _epoch, _epochs, loss: losses.append(loss))
    assert len(losses) == 30
    assert losses[-1] < losses[0] / 2


def test_training_stops_early_and_keeps_the_best(triples: Triples) -> None:
    settings = learning.TrainingSettings(**{**SHORT, "epochs": 400, "patience": 1, "look_every": 1})
    metrics = learning.train(triples, settings).metrics
    assert metrics["epochs"] < 400
    assert metrics["best_epoch"] <= metrics["epochs"]
    assert 0 < metrics["mrr"] <= 1


def test_ranks_are_those_reckoned_by_hand() -> None:
    """Three entities on a line, TransE: what is known stands aside, from whatever fold."""

    known = torch.tensor([[0, 0, 1], [0, 0, 2]])
    model = pykeen_models.TransE(
        triples_factory=pykeen_triples.CoreTriplesFactory(known, num_entities=4, num_relations=1), embedding_dim=1
    )
    with torch.no_grad():
        # TransE of PyKEEN keeps entities at length 1 while it trains only: these stay as they are set
        model.entity_representations[0]._embeddings.weight.copy_(torch.tensor([[0.0], [1.0], [2.0], [9.0]]))
        model.relation_representations[0]._embeddings.weight.copy_(torch.tensor([[1.0]]))
    # tail of (0, r, ?): distances |0 + 1 - t| = 1, 0, 1, 8; the fact (0, r, 1), nearer, stands aside: 2 ties with 0
    # head of (?, r, 2): |h + 1 - 2| = 1, 0, 1, 8: 0 is behind 1 and ties with 2
    measured = known[1:]
    ranks = learning.filtered_ranks(model, measured, known)
    assert ranks["mrr"] == pytest.approx((1 / 1.5 + 1 / 2.5) / 2)
    # unfiltered, the tail would be 2.5th: a validation fact forgotten counts as an error
    assert learning.filtered_ranks(model, measured, measured)["mrr"] == pytest.approx((1 / 2.5 + 1 / 2.5) / 2)
    assert ranks["hits_at_10"] == 1


def test_hidden_links_are_not_learned() -> None:
    facts = pd.DataFrame(
        [("Occupation", "o", "r", "Skill", s) for s in "abc"] + [("Skill", s, "m", "Skill", "m") for s in "abc"],
        columns=["head_label", "head", "relation", "tail_label", "tail"],
    )
    triples = Triples.of_frame(facts, "made")
    kept = triples.keep(np.arange(len(triples.rows)) != 0)
    assert len(kept.rows) == len(triples.rows) - 1
    assert kept.entities == triples.entities
    assert kept.hash != triples.hash
    assert replace(kept, rows=triples.rows).hash == triples.hash


def test_the_command_trains_saves_and_cleans_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    monkeypatch.setenv("PASSERELLE_DATA", str(SAMPLE))
    with steps() as shown:
        pipeline.build(Settings(), shown)
    train_command(epochs=2, seed=5, threads=1)
    triples = Triples.of(Snapshot.open(tmp_path).tables)
    place = tmp_path / TRAINED / triples.data_version
    vectors = find_vectors(triples, tmp_path / TRAINED)
    assert vectors is not None
    assert vectors.entities == triples.entities
    assert vectors.card.parameters["epochs"] == 2
    assert vectors.card.parameters["seed"] == 5
    assert not list((place / "checkpoint").iterdir())
    assert vectors.card.name in capsys.readouterr().out.replace("\n", "")
