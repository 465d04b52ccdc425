"""Lists made many at a time are those that are made one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from recommend.batch import recommend_block
from recommend.batch_profiles import EVIDENCE, LEAST, YEARS_OF, Profiles
from recommend.batch_seats import seated_block
from recommend.batch_space import BatchSpace, best_of_rows
from recommend.diversity import seated
from recommend.kinds import KINDS_OF_MOVE
from recommend.rank import LENSES, MODELS, Lens, Recommender, rank
from tests.unit.toy import toy_recommender

TOYS = {
    (name, lens): BatchSpace.of(toy_recommender(moves), lens)
    for name, moves in {
        "usual": None,
        # one mobility says too little of B1804: its profiles are weighed by another model than the others'
        "cold": {"B1804": ["H2605"], "B1803": ["B1808", "K1103"]},
        "none": {},
    }.items()
    for lens in LENSES
}
Drawn = tuple[list[int], list[int], list[int], list[int]]


def profiles_of(drawn: list[Drawn]) -> Profiles:
    """Past occupations, their years, declared skills and refused contexts of each."""

    def at(place: int) -> np.ndarray:
        return np.cumsum([0, *(len(one[place]) for one in drawn)]).astype(np.int64)

    def laid(place: int) -> np.ndarray:
        return np.array([value for one in drawn for value in one[place]], dtype=np.int64)

    return Profiles(at(0), laid(0), laid(1).astype(np.int8), at(2), laid(2), at(3), laid(3))


def check_same(space: BatchSpace, profiles: Profiles, limit: int = 20) -> None:
    """Each list is the one that ``rank`` gives; occupations that differ by rounding only may change places."""
    found = recommend_block(space, profiles, limit)
    for row in range(len(profiles)):
        ranking = rank(space.recommender, profiles.profile(space, row), lens=space.lens, limit=limit)
        n = len(ranking.ranked)
        expected = np.array([entry.log_odds for entry in ranking.ranked])
        np.testing.assert_allclose(found.log_odds[row, :n], expected, atol=1e-9)
        assert (found.occupation[row, n:] == -1).all()
        assert np.isnan(found.log_odds[row, n:]).all()
        assert MODELS[found.situation[row]] == ranking.model_name
        assert found.set_aside[row] == ranking.set_aside
        for place, entry in enumerate(ranking.ranked):
            if found.occupation[row, place] != entry.occupation:
                tied = expected[np.abs(expected - entry.log_odds) < 1e-9]
                assert len(tied) > 1 or place == n - 1, (row, place)
                continue
            assert KINDS_OF_MOVE[found.kind[row, place]] == entry.kind
            assert found.listed[row, place] == entry.known_mobility
            assert found.share[row, place] == pytest.approx(entry.share, abs=1e-6)
            own = ranking.contributions[entry.occupation]
            told = [one for one in found.evidence[row, place].tolist() if one >= 0]
            assert all(own[one] > 0 for one in told)
            assert [own[one] for one in told] == pytest.approx(sorted(own[own > LEAST], reverse=True)[:3], abs=1e-9)


def drawn_from(occupations: int, skills: int, contexts: int) -> st.SearchStrategy[Drawn]:
    past = st.lists(st.integers(0, occupations - 1), unique=True, max_size=4).map(sorted)
    years = st.lists(st.integers(0, len(YEARS_OF) - 1), min_size=4, max_size=4)
    return st.tuples(
        past,
        years,
        st.lists(st.integers(0, skills - 1), unique=True, max_size=5),
        st.lists(st.integers(0, contexts - 1), unique=True, max_size=2),
    ).map(lambda one: (one[0], one[1][: len(one[0])], one[2], one[3]))


@given(
    drawn=st.lists(drawn_from(6, 9, 2), min_size=1, max_size=6),
    toy=st.sampled_from(["usual", "cold", "none"]),
    lens=st.sampled_from(LENSES),
    limit=st.integers(1, 20),
)
@settings(deadline=None, max_examples=60)
def test_a_block_is_ranked_as_each_profile_is(drawn: list[Drawn], toy: str, lens: Lens, limit: int) -> None:
    check_same(TOYS[toy, lens], profiles_of(drawn), limit)


@pytest.mark.parametrize("lens", LENSES)
def test_who_refuses_all_that_is_left_has_an_empty_list(lens: Lens) -> None:
    drawn: list[Drawn] = [([0, 2, 4, 5], [0, 0, 0, 0], [], [0, 1])]
    check_same(TOYS["usual", lens], profiles_of(drawn))
    assert (recommend_block(TOYS["usual", lens], profiles_of(drawn)).occupation == -1).all()


@pytest.mark.real_data
@pytest.mark.parametrize("lens", LENSES)
def test_a_block_of_published_occupations_is_ranked_as_each_is(real_recommender: Recommender, lens: Lens) -> None:
    space = BatchSpace.of(real_recommender, lens)
    rng = np.random.default_rng(460)
    graph = real_recommender.graph
    drawn: list[Drawn] = []
    for count in [1, 2, 3, 1, 5, 0] * 14:
        past = sorted(rng.choice(len(graph.codes), count, replace=False).tolist())
        own = np.unique(np.concatenate([graph.skills_of(row) for row in past])) if past else np.arange(500)
        skills = rng.choice(own, 8, replace=False).tolist() + rng.integers(0, len(graph.skill_codes), 3).tolist()
        refused = rng.choice(len(graph.context_codes), int(rng.integers(0, 4)), replace=False).tolist()
        drawn.append((past, rng.integers(0, len(YEARS_OF), count).tolist(), skills, refused))
    check_same(space, profiles_of(drawn))


@given(
    kinds=st.lists(st.integers(0, 3), min_size=1, max_size=150),
    families=st.integers(1, 40),
    seed=st.integers(0, 99),
    limit=st.integers(1, 30),
    beginning=st.integers(1, 80),
)
@settings(deadline=None, max_examples=200)
def test_places_are_kept_as_list_by_list(
    kinds: list[int], families: int, seed: int, limit: int, beginning: int
) -> None:
    """Whatever is read of a list, what it decides is what the whole list decides."""
    rng = np.random.default_rng(seed)
    of_row = np.array(kinds, dtype=np.int8)
    family = rng.integers(-1, families, len(kinds)).astype(np.int32)
    part = np.arange(len(kinds)) < beginning
    for kind in range(3):
        beyond = np.flatnonzero((of_row == kind) & ~part)[:6]
        part[beyond] = True
    rows = np.flatnonzero(part)
    there = np.bincount(of_row, minlength=4)[None, :]
    seats, whole = seated_block(of_row[rows][None, :], family[rows][None, :], there, limit, beginning)
    if whole[0]:
        assert rows[seats[0]][:limit].tolist() == seated(range(len(kinds)), of_row, family, limit)


def test_a_long_list_of_every_kind_is_decided_by_its_beginning() -> None:
    """The test above can fail: lists as long as these are decided, and not by luck."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 4, (50, 100)).astype(np.int8)
    family = rng.integers(0, 60, (50, 100)).astype(np.int32)
    there = np.stack([(kinds == kind).sum(axis=1) for kind in range(4)], axis=1)
    assert seated_block(kinds, family, there, 20, 100)[1].all()


def test_a_place_that_anybody_may_have_is_not_decided_by_kinds_alone() -> None:
    # eight of one family leave five places to others, whom the part does not name
    kinds = np.array([[3] * 8 + [2, 2, 1, 0, 2, 2, 1, 0]], dtype=np.int8)
    family = np.array([[7] * 8 + [-1] * 8], dtype=np.int32)
    assert not seated_block(kinds, family, np.array([[50, 50, 50, 50]]), 10, 8)[1][0]


def test_the_greatest_of_several_rows() -> None:
    rows = csr_matrix(np.array([[0.0, 0.5, 0.0], [0.2, 0.7, 0.0], [0.0, 0.0, 0.0]]))
    found = best_of_rows(np.array([0, 2, 2, 4]), np.array([0, 1, 2, 0]), rows)
    np.testing.assert_allclose(found.toarray(), [[0.2, 0.7, 0], [0, 0, 0], [0, 0.5, 0]])


def test_evidence_has_a_code_each() -> None:
    assert len(set(EVIDENCE)) == len(EVIDENCE)
