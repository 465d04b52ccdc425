"""The ranking: what the features are by hand, and what must hold on any graph."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.tables import GraphTables
from passerelle.errors import UnknownOccupationError, UnknownSkillError
from recommend.evidence import Evidence
from recommend.explain import contributions_of, paths_of
from recommend.features import FEATURES, FROM_MOBILITIES, FeatureSpace
from recommend.profile import Profile
from recommend.rank import LENSES, Model, Ranking, first_models, rank
from recommend.skillgraph import SkillGraph
from tests.unit.toy import MOVES, OCCUPATIONS, toy_tables

CODES = sorted(OCCUPATIONS)


def _model(weight: float = 1.0) -> Model:
    return Model(np.full(len(FEATURES), weight), np.array([-3.0]), np.array([-4.0, 4.0]), np.array([0.0, 1.0]))


def _graph(moves: dict[str, list[str]] | None = None) -> tuple[SkillGraph, FeatureSpace]:
    graph = SkillGraph.of(toy_tables(moves))
    return graph, FeatureSpace.of(graph)


def _ranking(code: str, moves: dict[str, list[str]] | None = None, **options: object) -> Ranking:
    graph, space = _graph(moves)
    profile = Profile.of_occupations(graph, [code])
    return rank(graph, space, _model(), profile, lens="experts", **options)  # type: ignore[arg-type]


def _value(ranking: Ranking, feature: str, code: str) -> float:
    return float(ranking.evidence.values[ranking.evidence.graph.occupation(code), FEATURES.index(feature)])


def test_know_how_share_by_hand() -> None:
    # B1803 asks 13 (core, asked by 3 of 6) and rigour (other, asked by 4 of 6); B1804 holds both; 5 nats are added
    held = 1.0 * np.log(6 / 3) + 0.6 * np.log(6 / 4)
    assert _value(_ranking("B1804"), "know-how-share", "B1803") == pytest.approx(held / (held + 5.0), rel=1e-6)


def test_transferable_share_by_hand() -> None:
    # H2605 asks 12 (core, asked by 2 of 6), 1 (emerging, 3 of 6) and rigour (other, 4 of 6) by way of know-how; 11
    # answers 12 by 0.85; what answers electricity is knowledge, which is no know-how
    asked = 1.0 * np.log(6 / 2) + 0.8 * np.log(6 / 3) + 0.6 * np.log(6 / 4)
    value = _value(_ranking("B1804"), "transferable-share", "H2605")
    assert value == pytest.approx(0.85 * np.log(6 / 2) / (asked + 5.0), rel=1e-6)


def test_certifications_never_count() -> None:
    graph, space = _graph()
    held = Profile.of_skills(graph, ["31"])
    assert not Evidence.of(graph, space, held).values.any()


def test_moves_of_neighbours_and_two_steps_by_hand() -> None:
    ranking = _ranking("B1804")
    # B1804 -> B1803 -> H2605 and B1804 -> H2604 -> H2605: both steps listed, out of a full list of ten
    assert _value(ranking, "two-steps", "H2605") == pytest.approx(np.sqrt(2 / 10))
    # K1103 and nobody else lists B1804 beside B1803; B1803 lists B1804, but itself is the target
    assert _value(ranking, "listed-together", "B1803") == pytest.approx(np.sqrt(1 / 10))


pairs = st.sampled_from([(a, b) for a in CODES for b in CODES if a != b])
mobilities = st.dictionaries(
    st.sampled_from(CODES), st.lists(st.sampled_from(CODES), unique=True, max_size=5), max_size=len(CODES)
).map(lambda moves: {start: [end for end in ends if end != start] for start, ends in moves.items()})


@given(moves=mobilities, pair=pairs, both=st.booleans())
@settings(deadline=None, max_examples=150)
def test_a_pair_is_scored_without_its_own_mobility(
    moves: dict[str, list[str]], pair: tuple[str, str], both: bool
) -> None:
    start, end = pair
    flipped = {code: list(ends) for code, ends in moves.items()}
    for a, b in [(start, end), (end, start)] if both else [(start, end)]:
        ends = flipped.setdefault(a, [])
        ends.remove(b) if b in ends else ends.append(b)
    before, after = _ranking(start, moves), _ranking(start, flipped)
    row = before.evidence.graph.occupation(end)
    np.testing.assert_array_equal(before.evidence.values[row], after.evidence.values[row])


@given(moves=mobilities, pair=pairs, other=st.sampled_from(CODES))
@settings(deadline=None, max_examples=75)
def test_with_two_past_occupations_neither_own_mobility_counts(
    moves: dict[str, list[str]], pair: tuple[str, str], other: str
) -> None:
    start, end = pair
    if other in pair:
        return
    flipped = {code: list(ends) for code, ends in moves.items()}
    ends = flipped.setdefault(other, [])
    ends.remove(end) if end in ends else ends.append(end)
    values = []
    for version in (moves, flipped):
        graph, space = _graph(version)
        evidence = Evidence.of(graph, space, Profile.of_occupations(graph, [start, other]))
        values.append(evidence.values[graph.occupation(end)])
    np.testing.assert_array_equal(values[0], values[1])


def test_flipping_another_mobility_does_change_the_score() -> None:
    """The tests above can fail: the lists of others are read."""
    changed = {**MOVES, "B1803": ["B1804", "B1808"]}
    assert _value(_ranking("B1804"), "two-steps", "H2605") > _value(_ranking("B1804", changed), "two-steps", "H2605")


@given(moves=mobilities, code=st.sampled_from(CODES))
@settings(deadline=None, max_examples=75)
def test_contributions_add_up_and_paths_never_claim_more(moves: dict[str, list[str]], code: str) -> None:
    ranking = _ranking(code, moves)
    assert np.all((ranking.evidence.values >= 0) & (ranking.evidence.values <= 1 + 1e-12))
    for entry in ranking.ranked:
        total = sum(one.contribution for one in contributions_of(ranking, entry.occupation))
        assert total + ranking.model.intercept[0] == pytest.approx(entry.log_odds, abs=1e-9)
        paths = paths_of(ranking, entry.occupation, limit=1000)
        assert all(path.contribution > 0 for path in paths)
        assert sum(path.contribution for path in paths) <= total + 1e-9
        for feature in FEATURES:
            parts = ranking.evidence.parts(feature, entry.occupation)
            value = ranking.evidence.values[entry.occupation, FEATURES.index(feature)]
            assert parts.amount.sum() == pytest.approx(value, abs=1e-9)
            assert np.all(parts.amount > 0)


def test_the_skills_lens_reads_no_mobility() -> None:
    graph, space = _graph()
    model = first_models(graph, space)["skills"]
    assert all(model.weights[FEATURES.index(name)] == 0 for name in FROM_MOBILITIES)
    other, other_space = _graph({"B1804": ["K1103"], "K1103": ["H2605"]})
    orders = []
    for one, its in ((graph, space), (other, other_space)):
        profile = Profile.of_occupations(one, ["B1804"])
        orders.append([entry.occupation for entry in rank(one, its, model, profile, lens="skills").ranked])
    assert orders[0] == orders[1]


def test_past_occupations_and_refused_contexts_are_left_out_and_counted() -> None:
    graph, space = _graph()
    whole = Profile.of_occupations(graph, ["B1804"])
    refusing = Profile(whole.past, whole.held, whole.contexts, refused_contexts=(1,))
    ranking = rank(graph, space, _model(), refusing, lens="experts")
    assert {graph.codes[entry.occupation] for entry in ranking.ranked} == {"B1803", "B1808", "K1103"}
    assert ranking.set_aside == 2


@pytest.mark.parametrize("lens", LENSES)
def test_the_same_skills_in_another_order_give_the_same_ranking(lens: str) -> None:
    graph, space = _graph()
    model = first_models(graph, space)[lens]  # type: ignore[index]
    rankings = []
    for codes in (["11", "13", "2"], ["2", "13", "11"]):
        ranking = rank(graph, space, model, Profile.of_skills(graph, codes), lens=lens)  # type: ignore[arg-type]
        rankings.append([(entry.occupation, entry.log_odds) for entry in ranking.ranked])
    assert rankings[0] == rankings[1]


def test_an_unknown_code_names_its_neighbours() -> None:
    graph, _ = _graph()
    with pytest.raises(UnknownOccupationError) as raised:
        Profile.of_occupations(graph, ["B1899"])
    assert [code for code, _ in raised.value.suggestions] == ["B1803", "B1804", "B1808"]
    with pytest.raises(UnknownSkillError, match="999999"):
        Profile.of_skills(graph, ["999999"])


def test_arrays_open_as_they_were_saved() -> None:
    graph, space = _graph()
    again = SkillGraph.from_arrays(graph.to_arrays())
    assert list(again.labels) == list(graph.labels)
    assert (again.requires != graph.requires).nnz == 0
    profile = Profile.of_occupations(graph, ["B1804"])
    reopened = Evidence.of(again, FeatureSpace.from_arrays(space.to_arrays()), profile)
    np.testing.assert_array_equal(reopened.values, Evidence.of(graph, space, profile).values)


@pytest.mark.real_data
def test_the_lacemaker_leads_to_electronics_assembly_by_her_skills(real_tables: GraphTables) -> None:
    graph = SkillGraph.of(real_tables)
    space = FeatureSpace.of(graph)
    profile = Profile.of_occupations(graph, ["B1804"])
    model = first_models(graph, space)["skills"]
    ranking = rank(graph, space, model, profile, lens="skills", kind="reconversion")
    codes = [graph.codes[entry.occupation] for entry in ranking.ranked]
    assert "H2605" in codes
    shown = {path.nodes[-2] for path in paths_of(ranking, graph.occupation("H2605"))}
    assert {
        "Réaliser les travaux de montage, d'assemblage",
        "Concevoir et faire évoluer un modèle, un prototype",
        "Faire preuve de rigueur et de précision",
        "Avoir l'esprit d'équipe",
    } <= shown
