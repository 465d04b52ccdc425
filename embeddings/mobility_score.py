"""PyKEEN's own answer to "which occupation next?", as a baseline: mobilities as one more relation of the graph.

The mobilities that a fold leaves are learned beside every other triple, and each (source, moves-to, target) is scored
by the model itself: RotatE (Sun et al. 2019) with NSSA loss, as the shipped vectors, which see no mobility at all.
torch and PyKEEN (extra ``train``) are imported only when something is learned.
"""

import importlib.util
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from embeddings.triples import MOVES_TO, Entity, Triples
from graph.tables import GraphTables
from passerelle.errors import PasserelleError

if TYPE_CHECKING:
    from embeddings.train import Progress, TrainingSettings

#: the shipped vectors were at their best after 15 (docs/embeddings.md); one training a fold must stay short
EPOCHS = 20
#: sources scored at once: (sources, targets, coordinates) complex numbers in memory
_SOURCES = 32


def missing_packages() -> list[str]:
    """What of the extra ``train`` is not installed; nothing is imported to find out."""
    return [name for name in ("torch", "pykeen") if importlib.util.find_spec(name) is None]


def with_moves(tables: GraphTables, moves: csr_matrix) -> GraphTables:
    """The tables with these mobilities and no other.

    moves: (n_occupations, n_occupations) on the axis of the occupations by code; not 0 where a mobility is seen. As a
        fold leaves them: what is hidden must not come back through the tables
    """
    codes = tables.nodes["Occupation"]["codeRome"].sort_values().to_numpy(dtype=str)
    seen = moves.tocoo()
    kept = seen.data != 0
    links = pd.DataFrame(
        {"start": codes[seen.row[kept]], "end": codes[seen.col[kept]], "rank": seen.data[kept].astype(np.int64)}
    )
    return GraphTables.of(tables.nodes, {**tables.relationships, MOVES_TO.replace("-", "_"): links}, tables.meta)


def mobility_scores(
    tables: GraphTables,
    moves: csr_matrix,
    settings: "TrainingSettings | None" = None,
    progress: "Progress | None" = None,
) -> NDArray[np.float64]:
    """Learns the graph with these mobilities and scores every pair of occupations as a mobility.

    moves:    as for ``with_moves``; one or more
    settings: of ``embeddings.train``; the defaults, for ``EPOCHS``, if None. The model is RotatE and nothing is held
        out, whatever they say: what the figure is measured on is the fold's affair
    progress: called after each epoch with its number, the number of epochs and the mean loss
    returns:  (n_occupations, n_occupations) minus the distance of ``source * moves-to`` from ``target``, higher first,
        on the axis of the occupations by code; an occupation without any triple scores lowest, on either side
    raises:   PasserelleError where the extra ``train`` is not installed
    """
    missing = missing_packages()
    if missing:
        raise PasserelleError(
            f"La mesure de PyKEEN a besoin de {' et de '.join(missing)} : docs/embeddings.md dit comment "
            "les installer. Tout le reste se mesure sans."
        )
    # only here: nothing that answers needs torch
    import torch  # noqa: PLC0415
    from pykeen.losses import NSSALoss  # noqa: PLC0415
    from pykeen.models import RotatE  # noqa: PLC0415
    from pykeen.training import SLCWATrainingLoop, TrainingCallback  # noqa: PLC0415
    from pykeen.triples import CoreTriplesFactory  # noqa: PLC0415

    from embeddings.train import TrainingSettings  # noqa: PLC0415

    asked = replace(settings or TrainingSettings(epochs=EPOCHS), model="RotatE", held_out=0.0)
    triples = Triples.of(with_moves(tables, moves), mobility=True)
    factory = CoreTriplesFactory(
        torch.from_numpy(triples.rows), num_entities=len(triples.entities), num_relations=len(triples.relations)
    )
    cuda = torch.cuda.is_available()
    model = RotatE(
        triples_factory=factory,
        # complex: two numbers a coordinate
        embedding_dim=asked.size // 2,
        loss=NSSALoss(margin=asked.margin, adversarial_temperature=asked.temperature),
        random_seed=asked.seed,
    ).to("cuda" if cuda else "cpu")

    class Watch(TrainingCallback):  # type: ignore[misc]
        def post_epoch(self, epoch: int, epoch_loss: float, **_kwargs: object) -> None:
            if progress is not None:
                progress(epoch, asked.epochs, epoch_loss)

    SLCWATrainingLoop(
        model=model,
        triples_factory=factory,
        optimizer=torch.optim.Adam(model.get_grad_params(), lr=asked.learning_rate),
        negative_sampler_kwargs={"num_negs_per_pos": asked.negatives},
    ).train(
        factory,
        num_epochs=asked.epochs,
        batch_size=asked.batch_size,
        use_tqdm=False,
        use_tqdm_batch=False,
        callbacks=Watch(),
        pin_memory=cuda,
    )
    occupations: list[Entity] = [("Occupation", code) for code in sorted(tables.nodes["Occupation"]["codeRome"])]
    known = np.array([occupation in triples.index_of for occupation in occupations])
    rows = torch.tensor([triples.index_of[entity] for entity in occupations if entity in triples.index_of])
    relation = triples.relations.index(MOVES_TO)
    found = []
    with torch.inference_mode():
        for sources in rows.split(_SOURCES):
            asked_pairs = torch.stack([sources, torch.full_like(sources, relation)], dim=1)
            found.append(model.predict_t(asked_pairs, tails=rows.to(model.device)).cpu().numpy())
    among = np.concatenate(found).astype(np.float64)
    scores = np.full((len(occupations), len(occupations)), among.min() - 1.0)
    scores[np.ix_(known, known)] = among
    return scores
