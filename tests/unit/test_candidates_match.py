"""The rule of exposure seen from an offer: who is shown one, whatever their values, and how spread it is."""

from datetime import date
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from recommend.matching_exposure import FLOOR, TOLERANCE, told_of
from tests.unit.test_matching import _MANY, _OFFER, _SEEKER, DAY, matcher, offers, seekers

_SUITED = st.tuples(st.sampled_from([0.2, 0.5, 0.53, 0.9, 1.0]), st.integers(1, 4), st.sampled_from([0.0, 0.3, 0.6]))


@_MANY
@given(st.lists(_SUITED, max_size=7), st.integers(1, 7), st.randoms(use_true_random=False))
def test_the_rule_seen_from_an_offer(suited: list[tuple[float, int, float]], most: int, random: Random) -> None:
    value = np.array([one[0] for one in suited])
    suiting = np.array([one[1] for one in suited], dtype=np.int64)
    best = np.minimum(1.0, value + np.array([one[2] for one in suited]))
    ids = tuple(f"s{n}" for n in range(len(suited)))
    told = told_of(value, suiting, best, ids, DAY, most_seekers=most).tolist()
    assert len(told) == len(set(told)) <= most
    # who has something worth more than twice as much is left to it, and nobody else is while there is room
    served = set(np.flatnonzero(value < FLOOR * best).tolist())
    assert not served & set(told)
    assert len(told) == min(most, len(suited) - len(served))
    left = set(range(len(suited))) - served
    for row in told:
        near = [one for one in left if value[one] >= max(value[list(left)]) - TOLERANCE]
        assert row in near
        assert (suiting[row], -value[row]) == min((suiting[one], -value[one]) for one in near)
        left.remove(row)
    # who asks for fewer sees the first of the same, whatever the order of the rows
    assert told_of(value, suiting, best, ids, DAY, most_seekers=1).tolist() == told[:1]
    order = np.array(random.sample(range(len(suited)), len(suited)), dtype=np.int64)
    mixed = tuple(ids[row] for row in order)
    again = told_of(value[order], suiting[order], best[order], mixed, DAY, most_seekers=most)
    assert [mixed[row] for row in again] == [ids[row] for row in told]


def test_equal_ones_are_drawn_anew_another_day() -> None:
    many, suiting = np.ones(200), np.ones(200, dtype=np.int64)
    ids = tuple(f"s{n}" for n in range(200))
    days = (DAY, DAY, date(2026, 3, 12))
    told = [set(told_of(many, suiting, many, ids, day, most_seekers=50).tolist()) for day in days]
    assert told[0] == told[1] != told[2]


@_MANY
@given(st.lists(_OFFER, max_size=5), st.lists(_SEEKER, min_size=1, max_size=4))
def test_what_suits_a_seeker_is_counted_as_her_list_has_it(asked: list, people: list) -> None:  # type: ignore[type-arg]
    made, brought = matcher(offers(*asked)), seekers(*people)
    counts, best = made.suiting(brought)
    lists = made.offers_for(brought, max(1, len(asked)))
    assert counts.tolist() == (lists.chosen >= 0).sum(axis=1).tolist()
    assert_allclose(best, lists.value[:, 0], atol=1e-9)
