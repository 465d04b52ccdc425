"""The ranking: what the features are by hand, and what must hold on any graph."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from graph.tables import GraphTables
from passerelle.errors import UnknownOccupationError, UnknownSkillError
from recommend.content import Content
from recommend.evidence import Evidence
from recommend.explain import contributions_of, paths_of
from recommend.features import FEATURES, FeatureSpace
from recommend.groups import GROUPS
from recommend.learned import shipped
from recommend.likeness import Likeness
from recommend.mobility import mobility_pairs
from recommend.pairs import PairEvidence
from recommend.profile import Profile, Years
from recommend.rank import LENSES, SKILLS_WEIGHTS, Lens, Ranking, Recommender, rank
from recommend.skillgraph import SkillGraph
from recommend.ways import ways_of
from recommend.ways_kinds import held_by
from tests.unit.toy import MOVES, OCCUPATIONS, toy_recommender, toy_tables

CODES = sorted(OCCUPATIONS)


def _graph(moves: dict[str, list[str]] | None = None) -> tuple[SkillGraph, FeatureSpace]:
    graph = SkillGraph.of(toy_tables(moves))
    return graph, FeatureSpace.of(graph)


TOY = toy_recommender()


def _ranking(code: str, recommender: Recommender = TOY, **options: object) -> Ranking:
    profile = Profile.of_occupations(recommender.graph, [code])
    return rank(recommender, profile, **{"lens": "experts", **options})  # type: ignore[arg-type]


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


pairs = st.sampled_from([(a, b) for a in CODES for b in CODES if a != b])
mobilities = st.dictionaries(
    st.sampled_from(CODES), st.lists(st.sampled_from(CODES), unique=True, max_size=5), max_size=len(CODES)
).map(lambda moves: {start: [end for end in ends if end != start] for start, ends in moves.items()})


LIKENESS = Likeness.of(TOY.graph, TOY.space, Content.of(toy_tables()))


def _listed(moves: dict[str, list[str]]) -> np.ndarray:
    return SkillGraph.of(toy_tables(moves)).moves.toarray() > 0


@given(moves=mobilities, pair=pairs, both=st.booleans())
@settings(deadline=None, max_examples=150)
def test_a_pair_is_scored_without_its_own_mobility(
    moves: dict[str, list[str]], pair: tuple[str, str], both: bool
) -> None:
    start, end = (TOY.graph.occupation(code) for code in pair)
    listed = _listed(moves)
    flipped = listed.copy()
    flipped[start, end] ^= True
    flipped[end, start] ^= both
    after = dict(mobility_pairs(TOY.graph, LIKENESS, flipped))
    for name, matrix in mobility_pairs(TOY.graph, LIKENESS, listed):
        # a root of what rounding leaves of nothing is not quite nothing
        assert matrix[start, end] == pytest.approx(after[name][start, end], abs=1e-3), name


def test_flipping_another_mobility_does_change_the_evidence() -> None:
    """The test above can fail: the lists of others are read, by every piece of evidence."""
    start, end = (TOY.graph.occupation(code) for code in ("B1804", "H2605"))
    listed = _listed(MOVES)
    unmoved = {name for name, _ in mobility_pairs(TOY.graph, LIKENESS, listed)}
    for other in np.argwhere(~np.eye(len(listed), dtype=bool)).tolist():
        if set(other) == {start, end}:
            continue
        flipped = listed.copy()
        flipped[tuple(other)] ^= True
        before, after = (dict(mobility_pairs(TOY.graph, LIKENESS, each)) for each in (listed, flipped))
        unmoved -= {name for name in before if abs(before[name][start, end] - after[name][start, end]) > 1e-3}
    # they are of different classes, each with too few occupations to tell anything else
    assert all("source's family" in name or "grand domain" in name or "domain" in name for name in unmoved), unmoved


@pytest.mark.real_data
def test_a_published_pair_is_scored_without_its_own_mobility(real_tables: GraphTables) -> None:
    """By the whole way to the contributions, for a mobility that is listed both ways, one way, and not at all."""
    graph = SkillGraph.of(real_tables)
    likeness = Likeness.of(graph, FeatureSpace.of(graph), Content.of(real_tables))
    listed = graph.moves.toarray()
    before = PairEvidence.of(graph, likeness, shipped()).contributions
    cases = {
        kind: np.argwhere(found)[7]
        for kind, found in {
            "both": (listed > 0) & (listed.T > 0),
            "one": (listed > 0) & (listed.T == 0),
            "none": (listed + listed.T) == 0,
        }.items()
    }
    flipped = listed.copy()
    for start, end in cases.values():
        flipped[start, end] = flipped[start, end] == 0
    # all at once: what one pair's mobility says of another pair is another matter
    for start, end in cases.values():
        alone = listed.copy()
        alone[start, end] = alone[start, end] == 0
        after = PairEvidence.of(replace(graph, moves=csr_matrix(alone)), likeness, shipped()).contributions
        np.testing.assert_allclose(after[start, end], before[start, end], atol=5e-3)


@given(moves=mobilities, code=st.sampled_from(CODES), lens=st.sampled_from(LENSES))
@settings(deadline=None, max_examples=75)
def test_contributions_add_up_and_paths_never_claim_more(moves: dict[str, list[str]], code: str, lens: Lens) -> None:
    ranking = _ranking(code, toy_recommender(moves), lens=lens)
    assert np.all((ranking.evidence.values >= 0) & (ranking.evidence.values <= 1 + 1e-12))
    assert ranking.contributions.shape[1] == len(FEATURES) + len(GROUPS)
    for entry in ranking.ranked:
        contributions = [one.contribution for one in contributions_of(ranking, entry.occupation)]
        assert sum(contributions) + ranking.model.intercept[0] == pytest.approx(entry.log_odds, abs=1e-9)
        paths = paths_of(ranking, entry.occupation, limit=1000)
        assert all(path.contribution > 0 for path in paths)
        assert sum(path.contribution for path in paths) <= sum(max(one, 0.0) for one in contributions) + 1e-9


@given(code=st.sampled_from(CODES), lens=st.sampled_from(LENSES), bare=st.booleans())
@settings(deadline=None, max_examples=30)
def test_a_skill_is_worth_what_the_score_loses_without_it(code: str, lens: Lens, bare: bool) -> None:
    profile = Profile.of_occupations(TOY.graph, [code])
    if bare:
        profile = Profile((), profile.held, profile.contexts)
    ranking = rank(TOY, profile, lens=lens)
    for entry in ranking.ranked:
        for way in ways_of(ranking, entry.occupation):
            skills = held_by(way)
            if not skills:
                continue
            held = profile.held.copy()
            held[skills] = 0.0
            without = rank(TOY, replace(profile, held=held), lens=lens, limit=len(CODES))
            after = next(one.log_odds for one in without.ranked if one.occupation == entry.occupation)
            assert entry.log_odds - after == pytest.approx(way[2], abs=1e-9), way


def test_the_skills_lens_reads_no_mobility() -> None:
    orders = []
    for recommender in (TOY, toy_recommender({"B1804": ["K1103"], "K1103": ["H2605"]})):
        ranking = _ranking("B1804", recommender, lens="skills")
        assert not ranking.contributions[:, len(FEATURES) :].any()
        orders.append([entry.occupation for entry in ranking.ranked])
    assert orders[0] == orders[1]
    assert set(SKILLS_WEIGHTS) <= set(FEATURES)


def test_each_situation_has_its_weights() -> None:
    graph = TOY.graph
    bare = Profile.of_skills(graph, ["11", "13", "2"])
    assert TOY.model_of(bare, "experts") == "bare"
    assert TOY.model_of(bare, "skills") == "skills"
    assert TOY.model_of(Profile.of_occupations(graph, ["B1804"]), "experts") == "known"
    # one mobility says too little: and where there is none at all, nothing is read from lists
    lone = toy_recommender({"B1804": ["H2605"], "B1803": ["B1808", "K1103"]})
    assert lone.model_of(Profile.of_occupations(graph, ["B1804"]), "experts") == "cold"
    without = toy_recommender({})
    assert without.model_of(Profile.of_occupations(graph, ["B1804"]), "experts") == "content"
    assert len(_ranking("B1804", without).ranked) == len(CODES) - 1


def test_years_say_how_much_each_past_occupation_counts() -> None:
    graph = TOY.graph

    def groups(years: list[Years | None] | None) -> np.ndarray:
        profile = Profile.of_occupations(graph, ["B1804", "H2604"], years)
        return rank(TOY, profile, lens="experts").contributions[:, len(FEATURES) :]

    alone = [TOY.pairs.of_past([graph.occupation(code)], np.ones(1)) for code in ("B1804", "H2604")]
    np.testing.assert_allclose(groups(None), (alone[0] + alone[1]) / 2)
    np.testing.assert_allclose(groups(["6+", "0-2"]), 0.75 * alone[0] + 0.25 * alone[1])
    np.testing.assert_allclose(groups(["6+", None]), 0.75 * alone[0] + 0.25 * alone[1])
    with pytest.raises(ValueError, match="zip"):
        groups(["6+"])


def test_past_occupations_and_refused_contexts_are_left_out_and_counted() -> None:
    graph = TOY.graph
    whole = Profile.of_occupations(graph, ["B1804"])
    refusing = Profile(whole.past, whole.held, whole.contexts, refused_contexts=(1,))
    ranking = rank(TOY, refusing, lens="experts")
    assert {graph.codes[entry.occupation] for entry in ranking.ranked} == {"B1803", "B1808", "K1103"}
    assert ranking.set_aside == 2


@pytest.mark.parametrize("lens", LENSES)
def test_the_same_skills_in_another_order_give_the_same_ranking(lens: Lens) -> None:
    rankings = []
    for codes in (["11", "13", "2"], ["2", "13", "11"]):
        ranking = rank(TOY, Profile.of_skills(TOY.graph, codes), lens=lens)
        rankings.append([(entry.occupation, entry.log_odds) for entry in ranking.ranked])
    assert rankings[0] == rankings[1]


@given(order=st.permutations([("B1804", "6+"), ("H2604", "0-2"), ("K1103", None), ("B1808", "3-5")]))
@settings(deadline=None, max_examples=24)
def test_the_same_occupations_in_another_order_give_the_same_bytes(order: list[tuple[str, Years | None]]) -> None:
    found = []
    for several in (order, sorted(order, key=lambda one: one[0])):
        profile = Profile.of_occupations(TOY.graph, [code for code, _ in several], [years for _, years in several])
        ranking = rank(TOY, profile, lens="experts")
        found.append([(entry, paths_of(ranking, entry.occupation)) for entry in ranking.ranked])
    assert found[0] == found[1]


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
def test_the_lacemaker_leads_to_electronics_assembly_by_her_skills(real_recommender: Recommender) -> None:
    graph = real_recommender.graph
    profile = Profile.of_occupations(graph, ["B1804"])
    ranking = rank(real_recommender, profile, lens="skills", kind="reconversion")
    codes = [graph.codes[entry.occupation] for entry in ranking.ranked]
    assert "H2605" in codes
    shown = {path.nodes[-2] for path in paths_of(ranking, graph.occupation("H2605"))}
    assert {
        "Réaliser les travaux de montage, d'assemblage",
        "Concevoir et faire évoluer un modèle, un prototype",
        "Faire preuve de rigueur et de précision",
        "Avoir l'esprit d'équipe",
    } <= shown
