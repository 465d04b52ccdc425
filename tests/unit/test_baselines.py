"""Known methods, by hand; and that those which read text or learn from the graph do so from what they are given."""

import logging
import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from embeddings import mobility_score
from embeddings.triples import Triples
from graph.labels import fold
from graph.tables import GraphTables
from passerelle.errors import PasserelleError
from recommend.baselines import BASELINES, VIABLE, mean_of_four, mean_of_four_viable, with_texts
from recommend.skillgraph import SkillGraph
from recommend.texts import occupation_texts, text_cosine
from tests.unit.toy import MOVES, toy_tables

GRAPH = SkillGraph.of(toy_tables())


def _without_moves(graph: SkillGraph) -> SkillGraph:
    return replace(graph, moves=csr_matrix(graph.moves.shape, dtype=np.float32))


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_baselines_score_every_pair(name: str) -> None:
    options = {"size": 3} if name == "truncated SVD" else {}
    scores = BASELINES[name](GRAPH, **options)
    assert scores.shape == (len(GRAPH.codes), len(GRAPH.codes))
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("name", sorted(set(BASELINES) - {"popularity", "personalised PageRank", "truncated SVD"}))
def test_content_baselines_read_no_mobility(name: str) -> None:
    assert np.array_equal(BASELINES[name](GRAPH), BASELINES[name](_without_moves(GRAPH)))


def test_jaccard_by_hand() -> None:
    # B1804 asks five skills, B1803 three, all of them among the five
    first, second = GRAPH.occupation("B1804"), GRAPH.occupation("B1803")
    assert BASELINES["Jaccard"](GRAPH)[first, second] == pytest.approx(3 / 5)


def test_mean_of_four_by_hand() -> None:
    lace, wiring = GRAPH.occupation("B1804"), GRAPH.occupation("H2605")
    # core: 11 and 13 held, 12 and 22 asked; 11 answers 12 by 0.85, 13 answers 22 by 0.8; two skills on either side
    essential = (0.85 + 0.8) / 2
    # of the same two asked, all that is held answers no more
    everything = (0.85 + 0.8) / 2
    # macro-skills: 1 (11 and 1) and 2 (2 alone); 1 (12 and 1) and 2 (2 alone)
    macro = 1.0
    # contexts: C1 alone; C2 alone
    context = 0.0
    scores = mean_of_four(GRAPH)
    assert scores[lace, wiring] == pytest.approx((essential + everything + macro + context) / 4, abs=1e-6)
    # the other way nothing answers: SIMILAR_TO leads from 11 to 12, not back; soft skill 2 is not core
    assert scores[wiring, lace] == pytest.approx((0 + 0 + macro + context) / 4, abs=1e-6)


def test_mean_of_four_is_a_share_and_its_threshold_only_takes_away() -> None:
    scores, viable = mean_of_four(GRAPH), mean_of_four_viable(GRAPH)
    assert ((scores >= 0) & (scores <= 1 + 1e-9)).all()
    proposed = viable > 0
    assert 0 < proposed.sum() < proposed.size
    assert (viable[proposed] > VIABLE).all()
    assert np.array_equal(viable[proposed], scores[proposed])
    assert (scores[~proposed] <= VIABLE).all()


def test_mean_of_four_without_transferable_skills_counts_what_is_shared() -> None:
    graph = replace(GRAPH, answered_by=csr_matrix(GRAPH.answered_by.shape, dtype=np.float32))
    lace, sewing = graph.occupation("B1804"), graph.occupation("B1803")
    # core: 13 of (11, 13) is the one asked; the longer list has two; macro-skills (2, 1) and (0, 1); contexts alike
    expected = (1 / 2 + 1 / 1 + 1 / np.sqrt(5) + 1) / 4
    assert mean_of_four(graph)[lace, sewing] == pytest.approx(expected, abs=1e-6)


def test_texts_say_what_an_occupation_is_and_asks_but_not_where_it_leads() -> None:
    texts = occupation_texts(toy_tables())
    assert len(texts) == len(GRAPH.codes)
    lace = texts[GRAPH.occupation("B1804")]
    assert "Brodeur / Brodeuse" in lace
    assert "Reporter un motif" in lace
    assert "Monter une carte électronique" not in lace
    assert texts == occupation_texts(toy_tables(moves={}))
    assert with_texts(texts)["TF-IDF text"](GRAPH).shape == (len(texts), len(texts))


@given(st.lists(st.text("abcé 'É", max_size=12), min_size=1, max_size=5))
def test_text_cosine_is_that_of_a_well_kept_library(texts: Sequence[str]) -> None:
    """scikit-learn's ``char_wb`` is the same cut; its smoothed idf is undone by weights of one's own."""
    ours = text_cosine(texts)
    assert np.allclose(ours, ours.T)
    assert ((ours >= 0) & (ours <= 1)).all()
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), use_idf=False, norm=None, sublinear_tf=True)
    plain = ["".join(sign if sign.isalnum() else " " for sign in fold(text)) for text in texts]
    if not any(text.strip() for text in plain):
        assert not ours.any()
        return
    counts = vectorizer.fit_transform(plain).toarray()
    weighted = counts * np.log(len(texts) / (counts > 0).sum(axis=0))
    lengths = np.linalg.norm(weighted, axis=1)
    unit = weighted / np.where(lengths > 0, lengths, 1)[:, None]
    assert np.allclose(ours, unit @ unit.T)


def test_text_cosine_finds_the_same_word_in_another_form() -> None:
    first, second, other = text_cosine(["Dentellière", "dentelliers", "Soudeuse"])[0]
    assert first == pytest.approx(1.0)
    assert second > 0.3 > other


def _moves(tables: GraphTables) -> set[tuple[str, str]]:
    links = tables.relationships["moves_to"]
    return set(zip(links["start"], links["end"], strict=True))


def test_only_the_mobilities_given_are_learned() -> None:
    seen = GRAPH.moves.toarray()
    hidden = GRAPH.occupation("B1804"), GRAPH.occupation("H2604")
    seen[hidden] = 0
    tables = mobility_score.with_moves(toy_tables(), csr_matrix(seen))
    listed = {(source, target) for source, targets in MOVES.items() for target in targets}
    assert _moves(tables) == listed - {("B1804", "H2604")}
    assert Triples.of(tables).hash == Triples.of(toy_tables()).hash, "nothing else changed"
    assert Triples.of(tables, mobility=True).counts()["moves-to"] == len(listed) - 1


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mobility_score.importlib.util, "find_spec", lambda _name: None)
    assert mobility_score.missing_packages() == ["torch", "pykeen"]
    with pytest.raises(PasserelleError, match=r"torch et de pykeen.*docs/embeddings\.md"):
        mobility_score.mobility_scores(toy_tables(), GRAPH.moves)


@pytest.mark.filterwarnings("ignore")  # PyKEEN, and what it imports, warn of their own affairs
def test_pykeen_learns_the_mobilities_that_it_sees() -> None:
    reason = "needs the extra `train`: docs/embeddings.md tells how to install it"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch = pytest.importorskip("torch", reason=reason)
        learning = pytest.importorskip("embeddings.train", reason=reason)
    logging.getLogger("pykeen").setLevel(logging.ERROR)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    settings = learning.TrainingSettings(size=16, epochs=150, batch_size=64, negatives=4, learning_rate=0.05, seed=3)
    epochs: list[int] = []
    try:
        scores = mobility_score.mobility_scores(
            toy_tables(), GRAPH.moves, settings, progress=lambda epoch, _epochs, _loss: epochs.append(epoch)
        )
        again = mobility_score.mobility_scores(toy_tables(), GRAPH.moves, settings)
    finally:
        torch.set_num_threads(threads)
    assert epochs == list(range(1, 151))
    assert scores.shape == GRAPH.moves.shape
    assert np.isfinite(scores).all()
    assert (scores <= 0).all(), "minus a distance"
    assert np.array_equal(scores, again)
    listed = GRAPH.moves.toarray() > 0
    others = ~listed & ~np.eye(len(listed), dtype=bool)
    assert scores[listed].mean() > scores[others].mean()
