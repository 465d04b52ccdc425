"""Stored vectors: what is written is read, and vectors of other triples are refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings import vectors as stored
from embeddings.triples import Triples
from embeddings.vectors import CARD_FILE, SHIPPED, VECTORS_FILE, Card, Vectors, find_vectors, load_vectors, save_vectors
from graph.tables import GraphTables
from passerelle.errors import DataFileError, PasserelleError
from passerelle.train import train
from tests.unit.toy import toy_tables

CARD = Card("toy", "ab" * 32, 3, "RotatE", {"size": 2}, {"mrr": 0.5}, "2026-01-31", {"torch": "2.13.0"})
VECTORS = Vectors(CARD, (("Skill", "1"), ("Skill", "œ 2")), np.array([[1, 2], [-0.5, 0.25]], dtype=np.float16))


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    save_vectors(VECTORS, tmp_path / "v")
    loaded = load_vectors(tmp_path / "v", CARD.triples_hash, "toy")
    assert loaded.card == CARD
    assert loaded.entities == VECTORS.entities
    assert loaded.values.dtype == np.float16
    assert np.array_equal(loaded.values, VECTORS.values)


def test_vectors_of_other_triples_are_refused_and_both_versions_named(tmp_path: Path) -> None:
    save_vectors(VECTORS, tmp_path)
    with pytest.raises(DataFileError) as refused:
        load_vectors(tmp_path, "cd" * 32, "rome-999")
    for part in ("toy", "abababababab", "rome-999", "cdcdcdcdcdcd", "passerelle train"):
        assert part in str(refused.value)


@pytest.mark.parametrize("damaged", [CARD_FILE, VECTORS_FILE])
@pytest.mark.parametrize("content", [b"", b"{}", b"\x00\x01"])
def test_a_damaged_file_is_named(tmp_path: Path, damaged: str, content: bytes) -> None:
    save_vectors(VECTORS, tmp_path)
    (tmp_path / damaged).write_bytes(content)
    with pytest.raises(DataFileError, match=damaged):
        load_vectors(tmp_path, CARD.triples_hash, "toy")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    save_vectors(VECTORS, tmp_path)
    (tmp_path / VECTORS_FILE).unlink()
    with pytest.raises(DataFileError, match=VECTORS_FILE):
        load_vectors(tmp_path, CARD.triples_hash, "toy")


def test_rows_that_do_not_fit_the_entities_are_refused(tmp_path: Path) -> None:
    save_vectors(replace(VECTORS, values=VECTORS.values[:1]), tmp_path)
    with pytest.raises(DataFileError, match="inattendu"):
        load_vectors(tmp_path, CARD.triples_hash, "toy")


def test_a_card_of_another_format_is_refused(tmp_path: Path) -> None:
    save_vectors(VECTORS, tmp_path)
    card = json.loads((tmp_path / CARD_FILE).read_text(encoding="utf-8"))
    (tmp_path / CARD_FILE).write_text(json.dumps(card | {"format": 99}), encoding="utf-8")
    with pytest.raises(DataFileError, match="autre version de Passerelle"):
        load_vectors(tmp_path, CARD.triples_hash, "toy")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_not_saved(tmp_path: Path, value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        save_vectors(replace(VECTORS, values=np.full((2, 2), value, dtype=np.float16)), tmp_path)


def test_an_entity_without_a_vector_is_zero() -> None:
    rows = VECTORS.of([("Skill", "new"), ("Skill", "1"), ("Occupation", "1")])
    assert rows.tolist() == [[0, 0], [1, 2], [0, 0]]


def test_trained_here_goes_before_shipped_and_nothing_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    triples = Triples.of(toy_tables())
    card = replace(CARD, triples_hash=triples.hash)
    monkeypatch.setattr(stored, "SHIPPED", tmp_path / "shipped")
    assert find_vectors(triples, tmp_path / "here") is None
    save_vectors(replace(VECTORS, card=replace(card, model="Shipped")), tmp_path / "shipped" / "toy")
    found = find_vectors(triples, tmp_path / "here")
    assert found is not None
    assert found.card.model == "Shipped"
    save_vectors(replace(VECTORS, card=card), tmp_path / "here" / "toy")
    found = find_vectors(triples, tmp_path / "here")
    assert found is not None
    assert found.card.model == "RotatE"


def test_vectors_of_this_version_that_do_not_fit_are_no_silence(tmp_path: Path) -> None:
    save_vectors(VECTORS, tmp_path / "toy")
    with pytest.raises(DataFileError, match="empreinte"):
        find_vectors(Triples.of(toy_tables()), tmp_path)


def test_shipped_vectors_are_small_and_say_where_they_come_from() -> None:
    cards = sorted(SHIPPED.glob("*/card.json"))
    assert cards, "no vectors are shipped"
    for path in cards:
        assert (path.parent / VECTORS_FILE).stat().st_size < 10_000_000
        card = json.loads(path.read_text(encoding="utf-8"))
        assert card["data_version"] == path.parent.name
        assert {"mrr", "hits_at_10", "seconds"} <= set(card["metrics"])
        assert card["date"]
        assert "moves-to" not in json.dumps(card["parameters"])


@pytest.mark.real_data
def test_shipped_vectors_fit_the_published_data(real_tables: GraphTables) -> None:
    triples = Triples.of(real_tables)
    vectors = find_vectors(triples)
    assert vectors is not None
    assert vectors.entities == triples.entities
    assert vectors.card.triples == len(triples.rows)
    spread = np.linalg.norm(vectors.values.astype(np.float32) - vectors.values.astype(np.float32).mean(axis=0), axis=1)
    assert (spread > 0).all()


def test_without_the_extra_the_command_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(PasserelleError, match=r"torch et de pykeen.*docs/embeddings\.md"):
        train()
