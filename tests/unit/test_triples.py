"""Triples: typed relations, mobilities left out, and a hash of the facts alone."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.triples import MOVES_TO, RELATIONS, Triples
from graph.tables import GraphTables
from tests.unit.toy import MOVES, toy_tables


def facts_of(triples: Triples) -> set[tuple[str, str, str]]:
    return {(triples.entities[h][1], triples.relations[r], triples.entities[t][1]) for h, r, t in triples.rows.tolist()}


def test_each_fact_has_the_relation_of_its_kind() -> None:
    facts = facts_of(Triples.of(toy_tables()))
    assert {
        ("B1804", "requires-know-how", "11"),
        ("B1804", "requires-core", "11"),
        ("B1804", "requires-soft", "2"),
        ("B1804", "requires-knowledge", "21"),
        ("H2605", "requires-certification", "31"),
        ("H2605", "requires-emerging", "1"),
        ("H2604", "has-context", "C2"),
        ("11", "skill-in-macro", "1"),
        ("B1804", "in-domain", "B18"),
        ("B18", "in-grand-domain", "B"),
        ("H2604", "in-family", "H2605"),
    } <= facts
    assert ("H2604", "requires-core", "12") not in facts


def test_mobilities_come_only_when_asked_for() -> None:
    without, with_them = Triples.of(toy_tables()), Triples.of(toy_tables(), mobility=True)
    assert MOVES_TO not in without.relations
    assert with_them.counts()[MOVES_TO] == sum(map(len, MOVES.values()))
    assert Triples.of(toy_tables(moves={})).hash == without.hash != with_them.hash


def test_entities_are_those_of_a_triple() -> None:
    triples = Triples.of(toy_tables())
    assert ("Skill", "32") not in triples.index_of, "no occupation requires it"
    assert ("OccupationFamily", "B1804") in triples.index_of
    assert ("Occupation", "B1804") in triples.index_of
    assert set(np.unique(triples.rows[:, [0, 2]]).tolist()) == set(range(len(triples.entities)))
    assert not any(label == "JobTitle" for label, _ in triples.entities)


def test_a_relation_can_be_left_out() -> None:
    triples = Triples.of(toy_tables(), without=["has-context"])
    assert "has-context" not in triples.relations
    assert ("WorkContext", "C1") not in triples.index_of
    with pytest.raises(ValueError, match="has-colour"):
        Triples.of(toy_tables(), without=["has-colour"])


_fact = st.tuples(
    st.sampled_from(["Occupation", "Skill"]),
    st.text("abc", min_size=1, max_size=2),
    st.sampled_from(["r", "s"]),
    st.sampled_from(["Skill", "Domain"]),
    st.text("abc", min_size=1, max_size=2),
)


@given(st.lists(_fact, min_size=1, max_size=12, unique=True), st.randoms(use_true_random=False))
def test_the_hash_knows_the_facts_and_nothing_else(facts: list[tuple[str, ...]], random: object) -> None:
    def made(rows: list[tuple[str, ...]], version: str = "a") -> Triples:
        columns = ["head_label", "head", "relation", "tail_label", "tail"]
        return Triples.of_frame(pd.DataFrame(rows, columns=columns), version)

    shuffled = [*facts, facts[0]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert made(facts).hash == made(shuffled, "b").hash
    assert made(facts).rows.tolist() == made(shuffled).rows.tolist()
    if len(facts) > 1:
        assert made(facts[1:]).hash != made(facts).hash
    head_label, head, relation, tail_label, tail = facts[0]
    assert made([(head_label, head + "z", relation, tail_label, tail), *facts[1:]]).hash != made(facts).hash


def test_labels_and_other_texts_do_not_change_the_hash() -> None:
    tables = toy_tables()
    skills = tables.nodes["Skill"].assign(label="autre")
    renamed = replace(tables, nodes={**tables.nodes, "Skill": skills})
    assert Triples.of(renamed).hash == Triples.of(tables).hash


@pytest.mark.real_data
def test_every_relation_of_the_published_data(real_tables: GraphTables) -> None:
    triples = Triples.of(real_tables)
    assert set(triples.relations) == set(RELATIONS) - {MOVES_TO}
    assert 165_000 < len(triples.rows) < 185_000
    assert 31_000 < len(triples.entities) < 34_000
    requires = real_tables.relationships["requires"]
    counts = triples.counts()
    kinds = ("know-how", "soft", "knowledge", "certification")
    assert sum(counts[f"requires-{kind}"] for kind in kinds) == len(requires)
    assert counts["requires-core"] == (requires["importance"] == "core").sum()
