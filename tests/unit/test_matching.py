"""Offers and seekers matched: by hand on the toy graph, and what must hold whoever they are."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix

from ingest.territory_distance import distance_km
from recommend.features import FeatureSpace
from recommend.matching import ANSWERS_MUST, LEAST_VALUE, MUST, OF_OCCUPATION, WISHED, Matcher, Offers, Ranked, Seekers
from recommend.matching_explain import explain, sentences
from recommend.matching_exposure import Exposure, ExposureRule, exposure, given_up, plain, share
from recommend.skillgraph import SkillGraph
from tests.unit.toy import toy_tables

GRAPH = SkillGraph.of(toy_tables())
IDF = FeatureSpace.of(GRAPH).idf
CODES = list(GRAPH.skill_codes)
LILLE, ROUBAIX, LYON = (50.63, 3.06), (50.69, 3.17), (45.76, 4.84)
NOWHERE = (float("nan"), float("nan"))
DAY = date(2026, 3, 11)


def col(code: str) -> int:
    return GRAPH.skill_index_of[code]


def skills(rows: list[list[str]]) -> csr_matrix:
    table = np.zeros((len(rows), len(CODES)))
    for row, codes in enumerate(rows):
        table[row, [col(code) for code in codes]] = 1.0
    return csr_matrix(table)


def offers(*rows: tuple[str | None, list[str], list[str], tuple[float, float]]) -> Offers:
    where = np.array([row[3] for row in rows], dtype=np.float64).reshape(-1, 2)
    return Offers(
        tuple(f"o{n}" for n in range(len(rows))),
        np.array([GRAPH.index_of[row[0]] if row[0] else -1 for row in rows], dtype=np.int64),
        skills([row[1] for row in rows]),
        skills([row[2] for row in rows]),
        where[:, 0],
        where[:, 1],
    )


def seekers(*rows: tuple[list[str], list[str], tuple[float, float], float]) -> Seekers:
    contexts = list(GRAPH.context_codes)
    refused = np.zeros((len(rows), len(contexts)))
    for number, row in enumerate(rows):
        refused[number, [contexts.index(code) for code in row[1]]] = 1
    where = np.array([row[2] for row in rows], dtype=np.float64).reshape(-1, 2)
    return Seekers(
        tuple(f"s{n}" for n in range(len(rows))),
        skills([row[0] for row in rows]),
        csr_matrix(refused),
        where[:, 0],
        where[:, 1],
        np.array([row[3] for row in rows], dtype=np.float64),
    )


def matcher(asked: Offers) -> Matcher:
    return Matcher(GRAPH, IDF, asked, distance_km)


def test_the_value_is_the_weighted_share_of_what_is_asked() -> None:
    made = matcher(offers((None, ["12"], ["13"], NOWHERE)))
    held_both, by_likeness, none = ["12", "13"], ["11", "13"], ["32"]
    table = made.table(seekers(*[(held, [], NOWHERE, 50.0) for held in (held_both, by_likeness, none)]))
    must, wished = MUST * IDF[col("12")], WISHED * IDF[col("13")]
    # in the toy graph 11 answers 12 by 0.85: not well enough for a must-have
    assert_allclose(table.value[:, 0], [1.0, (0.85 * must + wished) / (must + wished), 0.0])
    assert ANSWERS_MUST > 0.85
    assert table.eligible[:, 0].tolist() == [True, False, False]


def test_what_the_occupation_requires_counts_less_and_its_certificates_not() -> None:
    made = matcher(offers(("H2605", [], ["22"], NOWHERE), ("H2605", ["31"], [], NOWHERE)))
    weights = made.weights.toarray()
    requires = GRAPH.requires[GRAPH.index_of["H2605"]].toarray().ravel()
    assert_allclose(weights.sum(axis=1), 1.0)
    assert weights[0, col("31")] == 0 < weights[1, col("31")]
    ratio = weights[0, col("12")] / weights[0, col("22")]
    assert ratio == pytest.approx(OF_OCCUPATION * requires[col("12")] * IDF[col("12")] / (WISHED * IDF[col("22")]))


def test_reach_refusals_and_what_is_unknown() -> None:
    asked = offers(
        ("B1804", [], ["13"], ROUBAIX),
        ("B1804", [], ["13"], LYON),
        ("B1804", [], ["13"], NOWHERE),
        (None, [], [], LILLE),
    )
    made = matcher(asked)
    people = seekers(
        (["13"], [], LILLE, 30.0),
        (["13"], [], LILLE, float("nan")),
        (["13"], ["C1"], LILLE, 30.0),
        (["13"], ["C2"], NOWHERE, 5.0),
    )
    table = made.table(people)
    assert table.eligible.tolist() == [
        [True, False, True, False],
        [True, True, True, False],
        # B1804 has the context C1
        [False, False, False, False],
        [True, True, True, False],
    ]
    assert np.isnan(table.value[:, 3]).all(), "an offer of which nothing is known has no value, not the lowest"
    assert np.isnan(table.km[:, 2]).all()
    assert table.km[0, 0] == pytest.approx(10.3, abs=0.5)


def test_both_ways_and_equal_ones_by_their_id() -> None:
    asked = offers(*[("B1804", [], ["13"], LILLE)] * 3, ("B1804", ["13"], ["11"], LILLE), (None, [], ["22"], LILLE))
    made = matcher(asked)
    people = seekers((["13", "11"], [], LILLE, 30.0), (["13"], [], LILLE, 30.0))
    best = made.offers_for(people, 4)
    assert [offer for offer in best.chosen[1].tolist() if offer in {0, 1, 2}][:2] == [0, 1]
    assert best.chosen[0].tolist().index(0) + 1 == best.chosen[0].tolist().index(1)
    assert best.chosen[0][0] == 3
    back = made.seekers_for(np.array([3, 4]), people, 3)
    assert back.chosen.tolist() == [[0, 1, -1], [0, 1, -1]], "13 answers 22 by likeness"
    assert np.isnan(back.value[:, 2]).all()
    assert back.value[0, 0] == best.value[0, 0]
    assert made.offers_for(people.rows(slice(0, 0)), 4).chosen.shape == (0, 4)


def test_a_match_is_explained_by_what_adds_up_to_it() -> None:
    made = matcher(offers(("H2605", ["13"], ["12", "32"], ROUBAIX), ("H2605", ["12"], [], LYON)))
    people = seekers((["11", "13", "2"], ["C2"], LILLE, 30.0))
    told = explain(made, people, 0, 0)
    assert told.value == pytest.approx(sum(one.contribution for one in told.asked))
    first, second = told.asked[:2]
    assert (first.skill, first.how, first.answered_by, first.answer) == (col("13"), "must", col("13"), 1.0)
    assert (second.skill, second.how, second.answered_by) == (col("12"), "wished", col("11"))
    assert (told.missing, told.in_reach, told.eligible) == ((), True, False)
    assert [GRAPH.context_codes[context] for context in told.refused] == ["C2"]
    lines = sentences(made, told)
    assert lines[0] == "Le métier comporte « Libellé C2 », que la personne refuse."
    assert lines[1] == "À 10 km à vol d'oiseau."
    assert "« Reporter un motif » (exigée) : la personne l'a." in lines
    assert (
        "« Monter une carte électronique » (souhaitée) : proche de « Monter un métier à tisser », que la personne a."
        in lines
    )
    assert "« Jamais demandée » (souhaitée) : absente du profil." in lines
    little = matcher(offers((None, [], ["32"], LILLE), (None, [], [], LILLE)))
    assert "moins d'un dixième" in sentences(little, explain(little, people, 0, 0))[0]
    assert sentences(little, explain(little, people, 0, 1))[0] == "L'offre ne dit pas ce qu'elle demande."
    out = explain(made, people, 0, 1)
    assert (out.missing, out.in_reach) == ((col("12"),), False)
    assert sentences(made, out)[0] == "« Monter une carte électronique » est exigé, et rien dans le profil n'y répond."


def test_rows_that_do_not_go_together_are_refused() -> None:
    good = offers((None, ["12"], [], NOWHERE))
    with pytest.raises(ValueError, match="twice"):
        Offers(("a", "a"), *[np.zeros(2)] * 1, csr_matrix((2, 9)), csr_matrix((2, 9)), np.zeros(2), np.zeros(2))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="lengths"):
        Offers(good.ids, good.occupation, good.must, good.wished, np.zeros(2), good.longitude)
    for wrong in ({"per_seeker": 0}, {"most_seekers": 0}, {"tolerance": 2.0}, {"floor": -0.1}):
        with pytest.raises(ValueError, match=r"in \[0, 1\]|1 or more"):
            ExposureRule(**({"per_seeker": 1, "most_seekers": 1} | wrong))  # type: ignore[arg-type]


_CODES = st.lists(st.sampled_from(CODES), max_size=4, unique=True)
_PLACE = st.sampled_from([LILLE, ROUBAIX, LYON, NOWHERE])
_OFFER = st.tuples(st.sampled_from([*GRAPH.codes, None]), _CODES, _CODES, _PLACE)
_SEEKER = st.tuples(
    _CODES,
    st.lists(st.sampled_from(["C1", "C2"]), max_size=2, unique=True),
    _PLACE,
    st.sampled_from([5.0, 600.0, float("nan")]),
)
_RULE = st.builds(
    ExposureRule,
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from([0.0, 0.05, 0.5]),
    st.sampled_from([0.0, 0.5, 1.0]),
)
_MANY = settings(max_examples=60, deadline=None)


@_MANY
@given(st.lists(_OFFER, min_size=1, max_size=5), st.lists(_SEEKER, min_size=1, max_size=4))
def test_whoever_they_are_values_are_shares_and_explanations_add_up(asked: list, people: list) -> None:  # type: ignore[type-arg]
    made, brought = matcher(offers(*asked)), seekers(*people)
    table = made.table(brought)
    known = ~np.isnan(table.value)
    assert ((table.value[known] >= 0) & (table.value[known] <= 1)).all()
    assert not table.eligible[~known].any()
    # to bring everything is to bring all that is asked
    everything = seekers((CODES, [], NOWHERE, float("nan")))
    assert_allclose(made.table(everything).value[0][~np.isnan(made.table(everything).value[0])], 1.0)
    for seeker in range(len(brought)):
        for offer in range(len(made.offers)):
            told = explain(made, brought, seeker, offer)
            assert told.eligible == table.eligible[seeker, offer]
            assert (told.value or 0.0) == pytest.approx(sum(one.contribution for one in told.asked), abs=1e-9)
            kept_out = bool(told.missing or told.refused or told.in_reach is False or (told.value or 0.0) < LEAST_VALUE)
            assert told.eligible != kept_out


@_MANY
@given(st.lists(_OFFER, min_size=1, max_size=5), st.lists(_SEEKER, min_size=2, max_size=4), st.data())
def test_one_more_skill_never_lowers_a_match(asked: list, people: list, data: st.DataObject) -> None:  # type: ignore[type-arg]
    made = matcher(offers(*asked))
    more = [(sorted({*held, data.draw(st.sampled_from(CODES))}), *rest) for held, *rest in people]
    before, after = made.table(seekers(*people)), made.table(seekers(*more))  # type: ignore[arg-type]
    assert (np.nan_to_num(after.value) >= np.nan_to_num(before.value) - 1e-12).all()
    assert (after.eligible >= before.eligible).all()


def _ranked(values: list[list[float]]) -> Ranked:
    table = np.round(np.array(values, dtype=np.float64).reshape(len(values), -1), 6)
    order = np.argsort(-table, axis=1, kind="stable")
    ordered = np.take_along_axis(table, order, axis=1)
    return Ranked(np.where(ordered > 0, order, -1), np.where(ordered > 0, ordered, np.nan))


_VALUES = st.integers(1, 6).flatmap(
    lambda width: st.lists(
        st.lists(st.sampled_from([0.0, 0.2, 0.5, 0.52, 0.55, 0.9, 1.0]), min_size=width, max_size=width),
        min_size=1,
        max_size=7,
    )
)


@_MANY
@given(_VALUES, _RULE)
def test_the_rule_holds_for_any_values(values: list[list[float]], rule: ExposureRule) -> None:
    candidates = _ranked(values)
    people = tuple(f"s{n}" for n in range(len(values)))
    there = tuple(f"o{n}" for n in range(len(values[0])))
    lists = share(candidates, people, there, rule, DAY)
    again = share(candidates, people, there, rule, DAY)
    assert_array_equal(lists.chosen, again.chosen)
    filled = lists.chosen >= 0
    counts = np.bincount(lists.chosen[filled], minlength=len(there))
    assert counts.max(initial=0) <= rule.most_seekers
    best = plain(candidates, rule.per_seeker, rule.floor)
    for row in range(len(values)):
        own = lists.chosen[row][filled[row]]
        assert len(set(own.tolist())) == len(own)
        given = [values[row][offer] for offer in own]
        assert_allclose(given, lists.value[row][filled[row]])
        assert given == sorted(given, reverse=True)
        assert all(value >= rule.floor * max(values[row]) for value in given)
        # who is left with less than a list had nothing else that others had not filled
        if len(own) < rule.per_seeker:
            rest = [
                o for o, v in enumerate(values[row]) if v > 0 and v >= rule.floor * max(values[row]) and o not in own
            ]
            assert all(counts[offer] >= rule.most_seekers for offer in rest)
        # where no offer is full, each place costs at most the tolerance
        if counts.max(initial=0) < rule.most_seekers:
            assert all(b - g <= rule.tolerance + 1e-9 for b, g in zip(best.value[row], given, strict=False))


@_MANY
@given(_VALUES, _RULE, st.randoms(use_true_random=False))
def test_the_order_in_which_people_and_offers_are_given_changes_nothing(
    values: list[list[float]], rule: ExposureRule, random
) -> None:  # type: ignore[no-untyped-def]
    rows, columns = list(range(len(values))), list(range(len(values[0])))
    random.shuffle(rows)
    random.shuffle(columns)
    people, there = [f"s{n}" for n in range(len(values))], [f"o{n}" for n in range(len(values[0]))]

    def named(lists: Ranked, who: list[str], what: list[str]) -> dict[str, set[str]]:
        return {one: {what[o] for o in own if o >= 0} for one, own in zip(who, lists.chosen, strict=True)}

    plainly = share(_ranked(values), tuple(people), tuple(there), rule, DAY)
    who, what = [people[row] for row in rows], [there[column] for column in columns]
    mixed = share(
        _ranked([[values[row][column] for column in columns] for row in rows]), tuple(who), tuple(what), rule, DAY
    )
    assert named(plainly, people, there) == named(mixed, who, what)


def test_among_equals_the_rule_spreads_what_plain_lists_pile_up() -> None:
    """Twenty people for whom ten offers are worth the same: plain lists show the first two to all."""
    candidates = _ranked([[0.8] * 10 for _ in range(20)])
    people, there = tuple(f"s{n}" for n in range(20)), tuple(f"o{n}" for n in range(10))
    everyone, every = np.ones(20, dtype=np.bool_), np.ones(10, dtype=np.bool_)
    piled = exposure(plain(candidates, 2), everyone, every)
    assert piled == Exposure(10, 8, 20, 0, 20, pytest.approx(0.8), 40, pytest.approx(0.8))  # type: ignore[arg-type]
    rule = ExposureRule(per_seeker=2, most_seekers=5)
    lists = share(candidates, people, there, rule, DAY)
    assert exposure(lists, everyone, every) == Exposure(10, 0, 20, 0, 4, 0.0, 40, pytest.approx(0.8))  # type: ignore[arg-type]
    assert given_up(lists, plain(candidates, 2)) == pytest.approx(0.0)
    another = share(candidates, people, there, rule, date(2026, 3, 12))
    assert (another.chosen != lists.chosen).any(), "another day draws anew among equals"


def test_who_has_the_least_choice_goes_first() -> None:
    """One offer suits both, another one of them only: each gets one."""
    for values in ([[0.9, 0.0], [0.9, 0.6]], [[0.9, 0.6], [0.9, 0.0]]):
        lists = share(_ranked(values), ("a", "b"), ("x", "y"), ExposureRule(1, 1, floor=0.0), DAY)
        narrow = 0 if values[0][1] == 0 else 1
        assert lists.chosen[narrow].tolist() == [0]
        assert lists.chosen[1 - narrow].tolist() == [1]
    none = exposure(_ranked([[0.0]]), np.zeros(1, dtype=np.bool_), np.zeros(1, dtype=np.bool_))
    assert (none.shown, none.gini, none.empty, np.isnan(none.mean_value)) == (0, 0.0, 0, True)
