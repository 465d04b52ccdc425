"""Stored vectors, with the card that says what they were learned from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from embeddings.triples import Entity, Triples
from passerelle.errors import DataFileError

FORMAT = 1
VECTORS_FILE, CARD_FILE = "vectors.npz", "card.json"
#: vectors that come with Passerelle, one folder a version of the data
SHIPPED = Path(__file__).resolve().parent / "shipped-vectors"
_ADVICE = "Relancez « passerelle train », ou continuez sans vecteurs."
_SEPARATOR = "\t"


@dataclass(frozen=True)
class Card:
    """Where vectors come from."""

    data_version: str
    #: ``Triples.hash`` of what they were learned from
    triples_hash: str
    triples: int
    model: str
    #: every setting of the training
    parameters: Mapping[str, Any]
    #: what ``train`` measured: mrr, hits_at_10 in [0, 1]; epochs; seconds
    metrics: Mapping[str, float]
    #: day of the training, ISO 8601
    date: str
    libraries: Mapping[str, str]

    @property
    def name(self) -> str:
        """Short text that tells a model from another: "DistMult-rome-460-2b4dbf29"."""
        return f"{self.model}-{self.data_version}-{self.triples_hash[:8]}"


@dataclass(frozen=True)
class Vectors:
    """Vectors of entities.

    entities: (label, key) of ``graph.schema``
    values:   (n_entities, size) float16
    """

    card: Card
    entities: tuple[Entity, ...]
    values: NDArray[np.float16]

    @cached_property
    def index_of(self) -> dict[Entity, int]:
        """Entity -> its row."""
        return {entity: i for i, entity in enumerate(self.entities)}

    def of(self, entities: Sequence[Entity]) -> NDArray[np.float32]:
        """(len(entities), size) float32; a row of zeros where an entity has no vector (unused, or new)."""
        rows = np.array([self.index_of.get(entity, -1) for entity in entities], dtype=np.int64)
        return np.where(rows[:, None] >= 0, self.values[rows], 0).astype(np.float32)


def save_vectors(vectors: Vectors, directory: Path) -> None:
    """Writes ``vectors.npz`` and ``card.json``, in place of what was there.

    raises: ValueError on a vector that is no number, or one beyond float16
    """
    if not np.isfinite(vectors.values).all():
        raise ValueError("vectors with values that are no finite float16")
    directory.mkdir(parents=True, exist_ok=True)
    names = np.frombuffer("\n".join(_SEPARATOR.join(entity) for entity in vectors.entities).encode(), dtype=np.uint8)
    np.savez_compressed(directory / VECTORS_FILE, entities=names, values=vectors.values)
    card = {"format": FORMAT, **asdict(vectors.card)}
    text = json.dumps(card, ensure_ascii=False, indent=1) + "\n"
    (directory / CARD_FILE).write_text(text, encoding="utf-8")


def load_vectors(directory: Path, triples_hash: str, data_version: str) -> Vectors:
    """The vectors of a directory, if they were learned from these very triples.

    raises: DataFileError when they were learned from others (both versions are named), or a file is missing or damaged
    """
    path = directory / CARD_FILE
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        form = stored.pop("format", None)
        card = Card(**stored)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DataFileError(path, f"fiche illisible ({error})", _ADVICE) from error
    if form != FORMAT:
        raise DataFileError(path, "écrite par une autre version de Passerelle", _ADVICE)
    if card.triples_hash != triples_hash:
        problem = (
            f"vecteurs appris sur {card.data_version} (empreinte {card.triples_hash[:12]}), "
            f"données {data_version} (empreinte {triples_hash[:12]})"
        )
        raise DataFileError(path, problem, _ADVICE)
    path = directory / VECTORS_FILE
    try:
        with np.load(path, allow_pickle=False) as arrays:
            names, values = arrays["entities"].tobytes().decode(), arrays["values"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DataFileError(path, f"illisible ({error})", _ADVICE) from error
    entities = tuple(_entity(line) for line in names.split("\n")) if names else ()
    if values.ndim != 2 or len(values) != len(entities) or not np.isfinite(values).all():
        raise DataFileError(path, "contenu inattendu", _ADVICE)
    return Vectors(card, entities, values)


def find_vectors(triples: Triples, trained: Path | None = None) -> Vectors | None:
    """The vectors to use: those that ``passerelle train`` left in ``trained``, else the shipped ones.

    returns: None where there are none for this version of the data: what is alike is then told by words alone
    raises:  DataFileError as ``load_vectors``, when there are some and they do not fit
    """
    for place in (trained, SHIPPED):
        if place is not None and (place / triples.data_version / CARD_FILE).is_file():
            return load_vectors(place / triples.data_version, triples.hash, triples.data_version)
    return None


def _entity(line: str) -> Entity:
    label, _, key = line.partition(_SEPARATOR)
    return label, key
