"""Transferable skills: what may answer what, one skill in two spellings, and the table as it is promised."""

import csv
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.evidence import ANSWERING, FEATURES, SkillSet, candidates, may_answer, measure, same_spelling
from embeddings.similar import MOST, SAME, THRESHOLD, WORDS, scores, similar_table, transfer, with_similar
from embeddings.triples import Triples
from embeddings.vectors import Card, Vectors, find_vectors
from embeddings.words import TEACHING, read_label, tf_idf
from graph.labels import fold
from graph.tables import GraphTables, TablesMeta
from tests.unit.toy import toy_tables


def tables_of(skills: dict[str, tuple[str, str]], requires: dict[str, list[str]]) -> GraphTables:
    """codeOgr -> (label, kind); codeRome -> required skills."""
    rows = [
        {"codeOgr": code, "label": label, "labelNorm": fold(label), "kind": kind, "macro": False}
        for code, (label, kind) in skills.items()
    ]
    occupations = [{"codeRome": o, "codeOgr": o, "label": o, "labelNorm": o} for o in requires]
    links = [(o, s, "other") for o, asked in requires.items() for s in asked]
    return GraphTables.of(
        {"Occupation": pd.DataFrame(occupations), "Skill": pd.DataFrame(rows)},
        {"requires": pd.DataFrame(links, columns=["start", "end", "importance"])},
        TablesMeta("made"),
    )


def pairs_of(table: pd.DataFrame) -> set[tuple[str, str]]:
    return set(zip(table["start"], table["end"], strict=True))


def one_each(*labels: str, kind: str = "know-how") -> GraphTables:
    """Each skill is asked by an occupation of its own; ten others give words their rarity."""
    others = ["Soigner des patients", "Vendre des livres", "Conduire un train", "Traire des vaches", "Danser en public"]
    others += ["Semer du colza", "Plaider au tribunal", "Forger une lame", "Cuire du pain", "Piloter un drone"]
    skills = {str(i): (label, kind) for i, label in enumerate((*labels, *others))}
    return tables_of(skills, {f"O{code}": [code] for code in skills})


def test_one_skill_in_two_spellings_is_one() -> None:
    table = similar_table(one_each("Gérer le stock de bois", "Gestion des stocks de bois"), None)
    found = table.set_index(["start", "end"])["score"]
    assert found["0", "1"] == found["1", "0"] == SAME


@pytest.mark.parametrize(
    ("label", "other"),
    [
        ("Communiquer", "Enseigner la communication"),
        ("Communication", "Formation à la communication"),
        ("Appliquer les règles de sécurité", "Former les équipes aux règles de sécurité"),
        ("Respecter les règles d'hygiène", "Sensibiliser aux règles d'hygiène"),
    ],
)
def test_doing_is_not_teaching(label: str, other: str) -> None:
    assert not {("0", "1"), ("1", "0")} & pairs_of(similar_table(one_each(label, other), None))


def test_what_is_known_does_not_answer_what_is_done() -> None:
    skills = {
        "1": ("Connaissance des essences de bois", "knowledge"),
        "2": ("Choisir les essences de bois", "know-how"),
        "3": ("Techniques de soudage", "knowledge"),
        "4": ("Soudage à l'arc", "know-how"),
    }
    tables = tables_of(skills, {f"O{code}": [code] for code in skills})
    made = SkillSet.of(tables, None)
    index = {code: i for i, code in enumerate(made.codes)}
    pairs = np.array([[index["1"], index["2"]], [index["2"], index["1"]], [index["3"], index["4"]]])
    assert may_answer(made, pairs).tolist() == [False, True, False]


def test_nothing_is_carried_between_skills_that_the_same_occupations_ask() -> None:
    labels = {"1": ("Gérer le stock de bois", "know-how"), "2": ("Gestion des stocks de bois", "know-how")}
    assert similar_table(tables_of(labels, {"A": ["1", "2"], "B": ["1", "2"]}), None).empty
    assert similar_table(tables_of(labels, {"A": ["1", "2"], "B": ["2"]}), None).empty
    assert pairs_of(similar_table(tables_of(labels, {"A": ["1"], "B": ["2"]}), None)) == {("1", "2"), ("2", "1")}


def test_negation_is_no_spelling() -> None:
    assert read_label("Communication non violente").spelling != read_label("Communication violente").spelling
    assert read_label("Travailler sans filet").spelling != read_label("Travailler avec un filet").spelling


@pytest.mark.parametrize(
    ("label", "other"),
    [
        ("Techniques de soudage", "Soudage"),
        ("Connaissance des règles de la légitime défense", "Règles de légitime défense"),
        ("Utilisation de logiciels de gestion de stock", "Utiliser des logiciels de gestion de stocks"),
        ("Assurer le respect des normes d’hygiène", "RESPECT DES NORMES D'HYGIENE"),
    ],
)
def test_spellings(label: str, other: str) -> None:
    assert read_label(label).spelling == read_label(other).spelling


def test_what_a_label_says() -> None:
    assert read_label("Contrôler la qualité des soudures").act == "check"
    assert read_label("Évaluer les performances du personnel technique").spelling >= {"personnel", "techniqu"}
    assert read_label("Capacité à former les opérateurs").teaching
    assert not read_label("Mettre en forme une pièce").teaching
    assert not read_label("Informer le public").teaching
    assert read_label("Réaliser un audit").act_first is False
    assert read_label("").spelling == frozenset()


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    wording = read_label(text)
    assert wording == read_label(text)
    assert wording.teaching or wording.act != TEACHING


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=4), min_size=1, max_size=6))
def test_rows_have_length_one_or_zero(documents: list[list[str]]) -> None:
    length = np.sqrt(np.asarray(tf_idf(documents).power(2).sum(axis=1)).ravel())
    assert np.all(np.isclose(length, 1) | (length == 0))


def _check_promises(tables: GraphTables, table: pd.DataFrame, threshold: float) -> None:
    skills = tables.nodes["Skill"].set_index("codeOgr")
    used = set(tables.relationships["requires"]["end"])
    ends = {*table["start"], *table["end"]}
    assert ends <= used
    assert set(skills.loc[sorted(ends), "kind"]) <= set(ANSWERING)
    assert (table["start"] != table["end"]).all()
    assert not table.duplicated(["start", "end"]).any()
    assert table.groupby("start").size().max() <= MOST
    assert table["score"].between(threshold, 1).all()
    assert table.sort_values(["start", "end"])["start"].tolist() == table["start"].tolist()


def test_scores_are_in_range_and_only_one_skill_has_one() -> None:
    made = SkillSet.of(toy_tables(), None)
    pairs = candidates(made)
    features = measure(made, pairs)
    assert features.shape == (len(pairs), len(FEATURES))
    assert ((features >= 0) & (features <= 1)).all()


def _with_vectors(tables: GraphTables) -> Vectors:
    triples = Triples.of(tables)
    values = np.random.default_rng(3).normal(size=(len(triples.entities), 8)).astype(np.float16)
    card = Card("toy", triples.hash, len(triples.rows), "RotatE", {}, {}, "2026-01-31", {})
    return Vectors(card, triples.entities, values)


def test_the_model_is_named() -> None:
    tables = one_each("Gérer le stock de bois", "Gestion des stocks de bois")
    vectors = _with_vectors(tables)
    assert set(similar_table(tables, None)["model"]) == {WORDS}
    assert set(similar_table(tables, vectors)["model"]) == {vectors.card.name}


def test_a_skill_without_a_vector_is_told_by_its_words() -> None:
    tables = one_each("Gérer le stock de bois", "Gestion des stocks de bois")
    vectors = _with_vectors(tables)
    new = replace(vectors, entities=vectors.entities[:1], values=vectors.values[:1])
    assert ("0", "1") in pairs_of(similar_table(tables, new))


def test_the_order_of_rows_changes_nothing() -> None:
    tables = one_each("Gérer le stock de bois", "Gérer le stock de fer", "Gérer des stocks de bois et de fer")
    turned = GraphTables.of(
        {label: frame.iloc[::-1] for label, frame in tables.nodes.items()},
        {name: frame.iloc[::-1] for name, frame in tables.relationships.items()},
        tables.meta,
    )
    pd.testing.assert_frame_equal(similar_table(tables, None), similar_table(turned, None))


def test_with_similar_fills_the_table_and_touches_no_other() -> None:
    tables = one_each("Gérer le stock de bois", "Gestion des stocks de bois")
    filled = with_similar(tables, None)
    assert len(filled.relationships["similar_to"]) == len(similar_table(tables, None)) > 0
    for name, frame in tables.relationships.items():
        if name != "similar_to":
            pd.testing.assert_frame_equal(frame, filled.relationships[name])
    assert with_similar(filled, None).checksum() == filled.checksum()
    assert Triples.of(filled).hash == Triples.of(tables).hash


def test_tables_without_skills_give_an_empty_table() -> None:
    empty = GraphTables.of({}, {}, TablesMeta("empty"))
    assert with_similar(empty, None).relationships["similar_to"].empty


SIMILAR = pd.DataFrame(
    [("a", "x", 0.8), ("b", "x", 0.9), ("b", "y", 0.7), ("a", "b", 0.95), ("c", "z", 1.0)],
    columns=["start", "end", "score"],
)


def test_transfer_takes_the_best_held_skill_and_counts_what_nothing_answers() -> None:
    found = transfer(SIMILAR, held=["a", "b"], required=["x", "y", "z", "b"])
    assert found.answered.to_dict("records") == [
        {"required": "x", "held": "b", "score": 0.9},
        {"required": "y", "held": "b", "score": 0.7},
    ]
    assert found.unanswered == ("z",)


@given(st.sets(st.sampled_from("abcxyz")), st.sets(st.sampled_from("abcxyz")))
def test_each_required_skill_is_held_answered_or_not(held: set[str], required: set[str]) -> None:
    found = transfer(SIMILAR, held, required)
    answered = set(found.answered["required"])
    assert len(answered) == len(found.answered)
    assert answered | set(found.unanswered) == required - held
    assert not answered & set(found.unanswered)
    assert set(found.answered["held"]) <= held


@pytest.mark.real_data
def test_the_published_data(real_tables: GraphTables) -> None:
    vectors = find_vectors(Triples.of(real_tables))
    table = similar_table(real_tables, vectors)
    _check_promises(real_tables, table, THRESHOLD)
    assert len(table) > 10_000
    made = SkillSet.of(real_tables, vectors)
    at = {code: i for i, code in enumerate(made.codes)}
    pairs = np.column_stack([table["start"].map(at), table["end"].map(at)]).astype(np.int64)
    assert may_answer(made, pairs).all()
    assert np.array_equal(same_spelling(made, pairs), (table["score"] == SAME).to_numpy())


@pytest.mark.real_data
def test_the_threshold_is_where_the_judged_pairs_put_it(real_tables: GraphTables) -> None:
    text = (files("embeddings") / "judgements.tsv").read_text(encoding="utf-8")
    judged = pd.DataFrame(csv.DictReader(text.splitlines(), delimiter="\t"))
    assert (judged["set"] == "test").sum() == 200
    assert set(judged["judgement"]) == {"yes", "no"}
    made = SkillSet.of(real_tables, find_vectors(Triples.of(real_tables)))
    at = {code: i for i, code in enumerate(made.codes)}
    assert [made.labels[at[code]] for code in judged["held"]] == judged["heldLabel"].tolist()
    pairs = np.column_stack([judged["held"].map(at), judged["required"].map(at)]).astype(np.int64)
    score = scores(made, pairs)
    assert np.allclose(score, judged["score"].astype(float), atol=0.002)
    unseen, holds = judged["set"] != "dev", judged["judgement"] == "yes"
    for low, high, at_least, below in ((0.9, 1.1, 0.9, 1.01), (0.8, 0.9, 0.8, 1.01), (0.7, 0.8, 0.6, 0.8)):
        band = unseen & (score >= low) & (score < high)
        assert band.sum() >= 40
        assert at_least <= holds[band].mean() < below
    assert THRESHOLD == 0.8
