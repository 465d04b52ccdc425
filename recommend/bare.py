"""What speaks for a move when no past occupation is known: through the occupations that the skills resemble.

There is nothing of one's own to leave out here: nobody's list starts from a bare list of skills.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from graph.arrayset import ArraySet
from recommend.evidence import Evidence
from recommend.features import FEATURES, FeatureSpace, Floats, blend, sharpen
from recommend.groups import GROUPS, group_of
from recommend.learned import Fitted
from recommend.skillgraph import SkillGraph

#: what is computed for a bare profile, named "group/feature"
NAMES = (
    "close-content/blend",
    "close-content/ridge",
    "close-content/place",
    "close-content/blend of those like the profile",
    "classification/family of those like the profile",
    "classification/domain of those like the profile",
    "classification/grand domain of those like the profile",
    "moves-around/neighbours, nearest",
    "moves-around/neighbours, ridge",
    "moves-around/neighbours, ridge, root",
    "moves-around/parallel, nearest",
    "moves-around/parallel, ridge",
    "moves-around/parallel, ridge, root",
)
_RIDGE = 1.0
_ROUNDING = 1e-12
#: of each part of the blend, the feature that says it
COSINES = {"doing": "know-how-cosine", "knowing": "knowledge-cosine", "macro": "macro-skill-cosine"} | {
    "context": "context-cosine"
}


@dataclass(frozen=True)
class BareSpace(ArraySet):
    """What bare profiles are weighed with; all (n_occupations, n_occupations) but the weights.

    blend:        blended cosine of skills and contexts, K
    inverse:      (K + r I)^-1: a profile's ridge weights are its blended cosines times it (Saunders et al. 1998)
    moves:        (sparse) 0/1
    moves_near:   moves to what is like the target; moves_ridge: the same by ridge weights
    weights:      (len(NAMES),); centres: (n_groups,), what each group adds to a pair taken at random
    """

    blend: NDArray[np.float32]
    inverse: Floats
    moves: csr_matrix
    moves_near: NDArray[np.float32]
    moves_ridge: Floats
    family: NDArray[np.int32]
    domain: NDArray[np.int32]
    grand_domain: NDArray[np.int32]
    weights: Floats
    centres: Floats

    @classmethod
    def of(cls, graph: SkillGraph, space: FeatureSpace, fitted: Fitted | None) -> Self:
        """fitted: the situation "bare"; None before it is learned"""
        weights, centres = (fitted.weights, fitted.centres) if fitted else ({}, {})
        units = {"doing": space.doing_unit, "knowing": space.knowing_unit} | {
            "macro": space.macro_unit,
            "context": space.context_unit,
        }
        kernel = blend({name: (rows @ rows.T).toarray() for name, rows in units.items()})
        inverse = np.linalg.inv(kernel + _RIDGE * np.eye(len(kernel)))
        moves = space.moves.astype(np.float64)
        return cls(
            blend=kernel.astype(np.float32),
            inverse=(inverse + inverse.T) / 2,
            moves=space.moves,
            moves_near=(moves @ space.similar.T).toarray().astype(np.float32),
            moves_ridge=np.asarray(moves @ (inverse @ kernel)),
            family=graph.family,
            domain=graph.domain,
            grand_domain=graph.grand_domain,
            weights=np.array([weights.get(name, 0.0) for name in NAMES]),
            centres=np.array([centres.get(group, 0.0) for group in GROUPS]),
        )

    def values(self, evidence: Evidence, *, without: int | None = None) -> Floats:
        """(n_occupations, len(NAMES)) evidence for a profile.

        without: row of an occupation that must not speak: to learn from its own skills as if it were not there
        """
        like = blend({name: evidence.values[:, FEATURES.index(of)] for name, of in COSINES.items()})
        if without is not None:
            like[without] = 0.0
        return self.of_alike(like[None], without=without)[:, 0].T

    def of_alike(self, like: Floats, *, without: int | None = None) -> Floats:
        """(len(NAMES), n, n_occupations) the same for some profiles, from the blended cosines of each.

        like: (n, n_occupations) in [0, 1]; in double precision throughout, so that one is told what many are
        """
        near = np.apply_along_axis(sharpen, 1, like)
        ridge = like @ self.inverse
        if without is not None:
            # the inverse without a row and a column, by the block inverse (Schur's complement)
            ridge -= ridge[:, [without]] / self.inverse[without, without] * self.inverse[without]
            ridge[:, without] = 0.0
        place = np.empty_like(like)
        np.put_along_axis(place, np.argsort(-like, axis=1, kind="stable"), np.log(np.arange(like.shape[1]) + 3), axis=1)
        there = _above_rounding(ridge @ self.moves)
        parallel = _above_rounding(ridge @ self.moves_ridge)
        # few occupations are near: their rows alone are read
        some = np.flatnonzero(near.any(axis=0))
        narrow = csr_matrix(near[:, some])
        of_near = narrow @ self.blend[some].astype(np.float64)
        values = (
            like,
            ridge,
            place,
            of_near - of_near.mean(axis=1, keepdims=True),
            *(_share_in_group(near, group) for group in (self.family, self.domain, self.grand_domain)),
            np.sqrt(near @ self.moves),
            there,
            np.sqrt(there),
            np.sqrt(narrow @ self.moves_near[some].astype(np.float64)),
            parallel,
            np.sqrt(parallel),
        )
        return np.stack(values)

    def contributions(self, evidence: Evidence) -> Floats:
        """(n_occupations, n_groups) signed contributions."""
        return self.by_group(self.values(evidence).T).T

    def by_group(self, values: Floats) -> Floats:
        """(n_groups, ...) signed contributions of (len(NAMES), ...) evidence."""
        total = np.empty((len(GROUPS), *values.shape[1:]))
        total[:] = -self.centres.reshape(-1, *(1 for _ in values.shape[1:]))
        for name, weight, value in zip(NAMES, self.weights, values, strict=True):
            total[GROUPS.index(group_of(name))] += weight * value
        return total


def _above_rounding(values: Floats) -> Floats:
    """Without what is below zero, or what rounding leaves of zero: a root would make much of it."""
    return np.where(values > _ROUNDING, values, 0.0)


def _share_in_group(near: Floats, group: NDArray[np.int32]) -> Floats:
    """(n, n_occupations) how much of those like each profile is in each occupation's group; 0 where it has none."""
    codes, index = np.unique(group, return_inverse=True)
    own = csr_matrix((np.ones(len(group)), (np.arange(len(group)), index)), shape=(len(group), len(codes)))
    return np.where(group >= 0, np.asarray(near @ own)[:, index], 0.0)
