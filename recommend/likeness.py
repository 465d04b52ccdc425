"""How alike two occupations are by what is published of each: evidence that no mobility enters.

A pair's evidence is named "group/feature"; the group is what a person is shown (``recommend.pairs``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import diags_array

from recommend.content import Content
from recommend.features import FeatureSpace
from recommend.skillgraph import NO, YES, SkillGraph
from recommend.units import unit_rows

#: (n_occupations, n_occupations), rows are where one comes from
Pairs = NDArray[np.float32]
Named = Iterator[tuple[str, Pairs]]

#: two blends of cosines: one that trusts the skills, one that trusts the texts; and the ridge of each
_BLENDS = (
    (1.0, {"doing": 0.3, "knowing": 0.25, "macro": 0.1, "text": 0.15, "title": 0.1, "context": 0.05, "sectors": 0.05}),
    (0.7, {"doing": 0.15, "knowing": 0.15, "macro": 0.1, "text": 0.4, "title": 0.1, "context": 0.05, "sectors": 0.05}),
)
#: how many of the most alike speak for an occupation, by blend, and the power that sharpens their weights
_NEAREST = (15, 40)
_SHARPNESS = 1.5


@dataclass(frozen=True)
class Likeness:
    """What the occupations have in common, two by two, and the weights by which one speaks for another.

    cosines: by name, (n_occupations, n_occupations) in [-1, 1]
    ridges:  H = K (K + r I)^-1 of each blend K (kernel ridge regression, Saunders et al. 1998); symmetric
    nearest: the most alike by each blend, rows add up to 1, nothing on the diagonal
    """

    cosines: dict[str, Pairs]
    blends: tuple[Pairs, ...]
    ridges: tuple[Pairs, ...]
    nearest: tuple[Pairs, ...]

    @classmethod
    def of(cls, graph: SkillGraph, space: FeatureSpace, content: Content) -> Self:
        """Reads no mobility."""
        core = graph.requires.copy()
        core.data = np.where(core.data >= 1, core.data, 0)
        cosines = {
            "doing": _gram(space.doing_unit.toarray()),
            "knowing": _gram(space.knowing_unit.toarray()),
            "macro": _gram(space.macro_unit.toarray()),
            "context": _gram(space.context_unit.toarray()),
            "core": _gram(unit_rows((core @ diags_array(space.idf)).toarray())),
            "skills": _gram(unit_rows((graph.requires @ diags_array(space.idf)).toarray())),
            "text": _gram(content.text),
            "title": _gram(content.title),
            "sectors": _gram(content.sectors.toarray()),
            "interests": _gram(content.interests.toarray()),
        }
        blends = tuple(_sum(cosines, parts) for _, parts in _BLENDS)
        ridges = tuple(_ridge(blend, ridge) for blend, (ridge, _) in zip(blends, _BLENDS, strict=True))
        nearest = tuple(_nearest(blend, count) for blend, count in zip(blends, _NEAREST, strict=True))
        return cls(cosines, blends, ridges, nearest)

    def pairs(self, graph: SkillGraph) -> Named:
        """Every evidence of likeness, by name."""
        yield from self._cosines()
        yield from self._places()
        yield from _classes(graph)
        yield from _levels(graph)

    def _cosines(self) -> Named:
        near = self.nearest[0]
        for name, cosine in self.cosines.items():
            group = _GROUP_OF.get(name, "close-content")
            yield f"{group}/{name}", cosine
            # what the occupations most like the one say of the other: one odd description misleads less
            centred = cosine - cosine.mean(axis=1, keepdims=True)
            yield f"{group}/{name} of those like the source", near @ centred
            yield f"{group}/{name} of those like the target", centred @ near.T
        for name in ("doing", "knowing", "text"):
            others = np.maximum(self.cosines[name], 0) ** _SHARPNESS
            np.fill_diagonal(others, 0)
            group = _GROUP_OF.get(name, "close-content")
            yield f"{group}/alike to the same by {name}", _gram(unit_rows(others))
            yield f"{group}/root of {name}", np.sqrt(np.maximum(self.cosines[name], 0))
        yield "close-content/blend", self.blends[0]
        for i, ridge in enumerate(self.ridges):
            yield f"close-content/ridge {i}", ridge
        yield "close-content/nearest", np.sqrt(near)
        yield "close-content/nearest to the target", np.sqrt(near.T)

    def _places(self) -> Named:
        """On which place the one stands for the other: a cosine of 0.3 is much in one trade and little in another."""
        for name in ("doing", "knowing", "text", "title"):
            group = _GROUP_OF.get(name, "close-content")
            yield f"{group}/place by {name}", _place(self.cosines[name])
            yield f"{group}/place for the target by {name}", _place(self.cosines[name]).T
        for name, matrix in (("blend", self.blends[0]), ("ridge", self.ridges[0])):
            yield f"close-content/place by {name}", _place(matrix)
            yield f"close-content/place for the target by {name}", _place(matrix).T


_GROUP_OF = {"text": "text", "title": "text", "sectors": "sectors", "interests": "sectors"}


def _classes(graph: SkillGraph) -> Named:
    for name, group in (("family", graph.family), ("domain", graph.domain), ("grand domain", graph.grand_domain)):
        yield f"classification/same {name}", same_group(group)


def _levels(graph: SkillGraph) -> Named:
    level = np.where(graph.level < 0, np.nan, graph.level.astype(np.float32))
    rise = np.nan_to_num(level[None, :] - level[:, None]).astype(np.float32)
    yield "level/higher", np.maximum(rise, 0)
    yield "level/lower", np.maximum(-rise, 0)
    is_manager, is_not = ((graph.manager == flag).astype(np.float32) for flag in (YES, NO))
    yield "level/becomes manager", np.outer(is_not, is_manager)
    yield "level/no longer manager", np.outer(is_manager, is_not)
    yield "level/both managers", np.outer(is_manager, is_manager)
    regulated = (graph.regulated == YES).astype(np.float32)
    yield "level/target is regulated", np.tile(regulated, (len(regulated), 1))
    yield "level/both regulated", np.outer(regulated, regulated)


def same_group(group: NDArray[np.int32]) -> Pairs:
    """(n, n) 1 where both are in the same group, negative for none; 0 elsewhere, 1 on the diagonal."""
    same = (group[:, None] == group[None, :]) & (group >= 0)[:, None]
    np.fill_diagonal(same, True)
    return np.asarray(same, dtype=np.float32)


def _gram(rows: NDArray[np.floating]) -> Pairs:
    single = rows.astype(np.float32)
    return np.asarray(single @ single.T)


def _sum(cosines: dict[str, Pairs], parts: dict[str, float]) -> Pairs:
    return np.asarray(sum(np.float32(part) * cosines[name] for name, part in parts.items()), dtype=np.float32)


def _ridge(blend: Pairs, ridge: float) -> Pairs:
    kernel = blend.astype(np.float64)
    solved = np.linalg.solve(kernel + ridge * np.eye(len(kernel)), kernel)
    return np.asarray((solved + solved.T) / 2, dtype=np.float32)


def _nearest(blend: Pairs, count: int) -> Pairs:
    others = np.maximum(blend, 0)
    np.fill_diagonal(others, 0)
    if len(others) > count:
        least = np.partition(others, -count, axis=1)[:, [-count]]
        others = np.where(others >= least, others, 0)
    weights = others**_SHARPNESS
    total = weights.sum(axis=1, keepdims=True)
    return np.asarray(weights / np.where(total > 0, total, 1), dtype=np.float32)


def _place(matrix: Pairs) -> Pairs:
    others = matrix.copy()
    np.fill_diagonal(others, -np.inf)
    order = np.argsort(-others, axis=1, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(len(order))[None, :].repeat(len(order), axis=0), axis=1)
    logs: Pairs = np.asarray(np.log(place + 3), dtype=np.float32)
    return logs
