"""What speaks for a move when no past occupation is known: through the occupations that the skills resemble.

There is nothing of one's own to leave out here: nobody's list starts from a bare list of skills.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommend.arrayset import ArraySet
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
_COSINES = {"doing": "know-how-cosine", "knowing": "knowledge-cosine", "macro": "macro-skill-cosine"} | {
    "context": "context-cosine"
}


@dataclass(frozen=True)
class BareSpace(ArraySet):
    """What bare profiles are weighed with; all (n_occupations, n_occupations) float32 but the weights.

    blend:        blended cosine of skills and contexts, K
    inverse:      (K + r I)^-1: a profile's ridge weights are its blended cosines times it (Saunders et al. 1998)
    moves:        (sparse) 0/1
    moves_near:   moves to what is like the target; moves_ridge: the same by ridge weights
    weights:      (len(NAMES),); centres: (n_groups,), what each group adds to a pair taken at random
    """

    blend: NDArray[np.float32]
    inverse: NDArray[np.float32]
    moves: csr_matrix
    moves_near: NDArray[np.float32]
    moves_ridge: NDArray[np.float32]
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
            inverse=((inverse + inverse.T) / 2).astype(np.float32),
            moves=space.moves,
            moves_near=(moves @ space.similar.T).toarray().astype(np.float32),
            moves_ridge=np.asarray(moves @ (inverse @ kernel)).astype(np.float32),
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
        like = blend({name: evidence.values[:, FEATURES.index(of)] for name, of in _COSINES.items()})
        if without is not None:
            like[without] = 0.0
        near = sharpen(like)
        ridge = (like.astype(np.float32) @ self.inverse).astype(np.float64)
        if without is not None:
            # the inverse without a row and a column, by the block inverse (Schur's complement)
            row = self.inverse[without].astype(np.float64)
            ridge -= ridge[without] / row[without] * row
            ridge[without] = 0.0
        order = np.argsort(-like, kind="stable")
        place = np.empty(len(like))
        place[order] = np.log(np.arange(len(like)) + 3)
        there = np.maximum(ridge @ self.moves, 0.0)
        parallel = np.maximum((ridge.astype(np.float32) @ self.moves_ridge).astype(np.float64), 0.0)
        narrow = near.astype(np.float32)
        of_near = (narrow @ self.blend).astype(np.float64)
        return np.column_stack(
            [
                like,
                ridge,
                place,
                of_near - of_near.mean(),
                *(_share_in_group(near, group) for group in (self.family, self.domain, self.grand_domain)),
                np.sqrt(near @ self.moves),
                there,
                np.sqrt(there),
                np.sqrt(narrow @ self.moves_near),
                parallel,
                np.sqrt(parallel),
            ]
        )

    def contributions(self, evidence: Evidence) -> Floats:
        """(n_occupations, n_groups) signed contributions."""
        weighed = self.values(evidence) * self.weights
        total = np.tile(-self.centres, (len(weighed), 1))
        for column, name in enumerate(NAMES):
            total[:, GROUPS.index(group_of(name))] += weighed[:, column]
        return total


def _share_in_group(near: Floats, group: NDArray[np.int32]) -> Floats:
    """How much of those like the profile is in each occupation's own group; 0 where it has none."""
    codes, index = np.unique(group, return_inverse=True)
    share = np.bincount(index, near, minlength=len(codes))[index]
    return np.where(group >= 0, share, 0.0)
