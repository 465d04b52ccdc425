"""Places kept for each kind of move."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommend.diversity import KEPT, MOST_OF_FAMILY, PAGE, seated
from recommend.kinds import KINDS_OF_MOVE

lists = st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 12)), min_size=1, max_size=80)


def _arrays(rows: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([kind for kind, _ in rows], dtype=np.int8), np.array([own for _, own in rows], dtype=np.int32)


@given(rows=lists, limit=st.integers(1, 100))
def test_each_occupation_stands_once_and_a_longer_list_begins_as_the_shorter(
    rows: list[tuple[int, int]], limit: int
) -> None:
    kinds, family = _arrays(rows)
    shown = seated(range(len(rows)), kinds, family, limit)
    assert len(shown) == min(limit, len(rows))
    assert len(set(shown)) == len(shown)
    assert (
        seated(range(len(rows)), kinds, family, len(rows))[: len(shown) // PAGE * PAGE]
        == shown[: len(shown) // PAGE * PAGE]
    )


@given(rows=lists)
def test_the_first_ten_hold_each_kind_that_there_is(rows: list[tuple[int, int]]) -> None:
    kinds, _ = _arrays(rows)
    # families apart, so that nothing else decides
    first = seated(range(len(rows)), kinds, np.arange(len(rows), dtype=np.int32), PAGE)
    for kind, count in KEPT.items():
        number = KINDS_OF_MOVE.index(kind)
        if len(rows) >= PAGE:
            assert (kinds[first] == number).sum() >= min(count, (kinds == number).sum())
    assert first == sorted(first)


def test_one_family_does_not_fill_the_page() -> None:
    kinds = np.zeros(40, dtype=np.int8)
    family = np.array([1] * 20 + list(range(2, 22)), dtype=np.int32)
    first = seated(range(40), kinds, family, PAGE)
    assert first == [0, 1, 2, *range(20, 27)]
    assert (family[first] == 1).sum() == MOST_OF_FAMILY
    # where there is nothing else, a page is full all the same
    assert seated(range(20), kinds[:20], family[:20], PAGE) == list(range(PAGE))


def test_the_likeliest_keep_their_places_when_kinds_are_there_already() -> None:
    kinds = np.array([KINDS_OF_MOVE.index(kind) for kind in ("close", "step-up", "reconversion") * 10], dtype=np.int8)
    assert seated(range(30), kinds, np.arange(30, dtype=np.int32), 30) == list(range(30))
