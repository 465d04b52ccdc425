"""What the experts' lists say of a pair, the pair's own entries left out.

Every value of a pair (s, t) is that of the lists without s -> t and t -> s, exactly: a mobility that experts listed
and one that nobody wrote down compare honestly, and flipping one leaves its own pair's evidence as it was. Sums that
the pair's own entries would enter are corrected by what these add (``_without_own``); the others leave them out.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommend.likeness import Likeness, Named, Pairs, same_group
from recommend.skillgraph import SkillGraph

Matrix = NDArray[np.floating[Any]]

#: how often a pair is listed where nothing is known: about that of ROME; a constant, so that no pair enters it
_USUAL = np.float32(0.006)
#: how many unseen lists a rate is mixed with
_PRIOR = np.float32(3.0)


@dataclass(frozen=True)
class Lists:
    """The experts' lists, and which pairs they name.

    listed: (n_occupations, n_occupations) 1 where the row's list names the column
    """

    listed: Pairs

    @cached_property
    def either(self) -> Pairs:
        """1 where either names the other."""
        return np.maximum(self.listed, self.listed.T)

    @cached_property
    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Source and target of every pair that is listed one way or the other, both ways round."""
        source, target = np.nonzero(self.either)
        return source, target

    @property
    def own(self) -> tuple[Pairs, Pairs]:
        """Of these pairs: whether the source's list names the target, and the target's the source."""
        source, target = self.pairs
        return self.listed[source, target], self.listed[target, source]

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """(n, n) whether anything is listed from or to the source, beside the pair itself."""
        return np.asarray(self.either.sum(axis=1, keepdims=True) - self.either > 0)


def mobility_pairs(graph: SkillGraph, likeness: Likeness, listed: NDArray[np.generic]) -> Named:
    """Every evidence of mobility, by name.

    listed: (n_occupations, n_occupations), not 0 where the row's list names the column
    """
    lists = Lists((np.asarray(listed) != 0).astype(np.float32))
    yield from _by_ridge(lists, likeness.ridges)
    yield from _by_nearest(lists, likeness.nearest)
    yield from _by_lists(lists)
    for name, group in (("family", graph.family), ("domain", graph.domain), ("grand domain", graph.grand_domain)):
        yield from _by_group(lists, name, same_group(group))


def _by_ridge(lists: Lists, ridges: tuple[Pairs, ...]) -> Named:
    a = lists.listed
    for i, h in enumerate(ridges):
        ha, ah = h @ a, a @ h
        for name, value, left, right in (
            (f"moves-around/neighbours, ridge {i}", ha, h, None),
            (f"moves-around/near there, ridge {i}", ah, None, h),
            (f"moves-around/parallel, ridge {i}", ha @ h, h, h),
        ):
            corrected = _without_own(lists, value, left, right)
            yield name, corrected
            yield f"{name}, root", _root(corrected)
        back = h @ a.T
        for name, value, left, right in (
            (f"moves-around/back, ridge {i}, near the source", back, h, None),
            (f"moves-around/back, ridge {i}, near the target", a.T @ h, None, h),
            (f"moves-around/back, ridge {i}, near both", back @ h, h, h),
        ):
            yield name, _root(_without_own(lists, value, left, right, back=True))


def _by_nearest(lists: Lists, nearest: tuple[Pairs, ...]) -> Named:
    a = lists.listed
    for i, w in enumerate(nearest):
        # nothing is its own neighbour: the pair's own entries are not in these sums, but in the middle of the third
        wa = w @ a
        yield f"moves-around/neighbours, nearest {i}", _root(wa)
        yield f"moves-around/near there, nearest {i}", _root(a @ w.T)
        yield f"moves-around/parallel, nearest {i}", _root(_without_own(lists, wa @ w.T, w, w.T))
        yield f"moves-around/back, nearest {i}, near the source", _root(w @ a.T)
        yield f"moves-around/back, nearest {i}, near the target", _root(a.T @ w.T)


def _by_lists(lists: Lists) -> Named:
    a, u = lists.listed, lists.either
    source, target = lists.pairs
    own, back = lists.own
    out, into, either = (matrix.sum(axis=axis) + 1 for matrix, axis in ((a, 1), (a, 0), (u, 1)))

    def cosine(shared: Matrix, one: Matrix, other: Matrix, less: tuple[Pairs, Pairs]) -> Pairs:
        size = np.outer(one, other)
        size[source, target] = (one[source] - less[0]) * (other[target] - less[1])
        return _root(shared / np.sqrt(size))

    both = np.ones_like(own)
    yield "common-mobilities/lists in common", cosine(a @ a.T, out, out, (own, back))
    yield "common-mobilities/listed by the same", cosine(a.T @ a, into, into, (back, own))
    yield "common-mobilities/around in common", cosine(u @ u, either, either, (both, both))
    two = a @ a
    yield "common-mobilities/ways", _root(two / 10)
    yield "common-mobilities/ways back", _root(two.T / 10)
    # what everything leads to says little (Adamic and Adar 2003)
    yield "common-mobilities/rare ways", _root((u / np.log(either + 1) ** 2) @ u)
    yield "moves-around/neighbours, by their lists", _by_alike_lists(a, out, lists.pairs, own)
    yield (
        "moves-around/near there, by who lists them",
        _by_alike_lists(np.ascontiguousarray(a.T), into, lists.pairs, back).T,
    )


def _by_alike_lists(a: Matrix, size: Matrix, pairs: tuple[NDArray[np.int64], NDArray[np.int64]], own: Pairs) -> Pairs:
    """Who has a list like the source's names the target: collaborative filtering (Sarwar et al. 2001).

    a: (n, n) lists, size: (n,) their lengths and one
    own: of each of ``pairs``, what it holds in ``a``
    """
    source, target = pairs
    alike = a @ a.T
    np.fill_diagonal(alike, 0)
    scaled = a / np.sqrt(size)[:, None]
    value = alike @ scaled
    length = np.broadcast_to(size[:, None], value.shape).copy()
    # without its own entry, a list has one less in common with each list that names the target too
    others = scaled.sum(axis=0)[target] - scaled[source, target]
    value[source, target] -= own * others
    length[source, target] -= own
    return _root(value / np.sqrt(length) / 3)


def _by_group(lists: Lists, name: str, same: Pairs) -> Named:
    a = lists.listed
    others = same.copy()
    np.fill_diagonal(others, 0)
    size = others.sum(axis=1)
    group = "moves-around" if name == "family" else "classes-move"
    yield f"{group}/lists of the source's {name}", _rate(others @ a, size[:, None])
    yield f"{group}/own list to the target's {name}", _rate(a @ others, size[None, :])
    yield f"{group}/lists of and to the source's {name}", _rate(others @ lists.either, size[:, None])
    source, target = lists.pairs
    own, back = lists.own
    between = same @ a @ same
    between[source, target] -= own + back * same[source, target]
    yield f"classes-move/between {name}s", _rate(between, np.outer(size + 1, size + 1))


def _rate(count: Matrix, size: Matrix) -> Pairs:
    """How much more often than usual, in nats; 0 where nothing is known."""
    return np.asarray(np.log((count + _PRIOR * _USUAL) / (size + _PRIOR)) - np.log(_USUAL), dtype=np.float32)


def _without_own(lists: Lists, value: Matrix, left: Pairs | None, right: Pairs | None, *, back: bool = False) -> Pairs:
    """``left @ listed @ right`` (or of its transpose) without what each pair's own two entries add; in place.

    left, right: (n, n); None for the identity
    """
    source, target = lists.pairs
    own, reverse = lists.own
    if back:
        own, reverse = reverse, own

    def at(matrix: Pairs | None, row: NDArray[np.int64], column: NDArray[np.int64]) -> Pairs:
        return (row == column).astype(np.float32) if matrix is None else matrix[row, column]

    value[source, target] -= own * at(left, source, source) * at(right, target, target)
    value[source, target] -= reverse * at(left, source, target) * at(right, source, target)
    return value.astype(np.float32, copy=False)


def _root(value: Matrix) -> Pairs:
    """Square root, that tames tails; what rounding left below 0 is 0."""
    return np.sqrt(np.maximum(value, 0)).astype(np.float32, copy=False)
