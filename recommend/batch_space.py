"""What a block of profiles is weighed with: one row computed beforehand for each past occupation and each feature.

Every feature is linear in a sparse vector of the profile (what is held, answered, worked in), up to that vector's
length. The vector of several past occupations and declared skills is the sum of the past occupations' own vectors and
a difference that is sparse: what they share, and what was declared. So what all features and groups add to the log-odds
of every occupation is a sum of a dozen rows of one table, and a small sparse product.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array, vstack

from recommend.features import FEATURES, MACRO_FULL, SHARE_PRIOR, Floats
from recommend.kinds import KINDS_OF_MOVE, kinds_of_moves
from recommend.rank import MODELS, Lens, Recommender
from recommend.skillgraph import KINDS, SkillGraph

#: how near the past occupation that decides a kind is: nothing in common, same grand domain, same domain
_APART, _GRAND_DOMAIN, _DOMAIN = range(3)
#: a dimension that so many occupations share is added as a whole row, the others where they are not 0
_MANY = 64


@dataclass(frozen=True)
class Held:
    """What a block of profiles brings; rows are profiles.

    value:    (n, n_skills) in (0, 1], the union of what past occupations require and of what is declared
    one:      the same, all 1
    answered: (n, n_skills) in (0, 1], how well a held skill answers each, itself apart; held ones left out
    contexts: (n, n_contexts) in (0, 1]
    """

    value: csr_matrix
    one: csr_matrix
    answered: csr_matrix
    contexts: csr_matrix


@dataclass(frozen=True)
class Feature:
    """One feature as a product: a profile's vector by columns, over the vector's length where it is a cosine.

    of:      the vectors of a block of profiles
    own:     (n_occupations, n_dimensions) vectors of who worked in one occupation
    at:      the row of ``BatchSpace.stacked`` where their products with every occupation begin
    dense:   (n_dimensions,) the row of ``BatchSpace.stacked`` of each dimension that many occupations share; -1 for the
        others, whose columns are in ``columns``: (n_dimensions, n_occupations)
    """

    position: int
    of: Callable[[Held], csr_matrix]
    is_cosine: bool
    own: csr_matrix
    at: int
    dense: NDArray[np.int64]
    columns: csr_matrix


@dataclass(frozen=True)
class BatchSpace:
    """A recommender and a lens, made ready for blocks of profiles; some 130 MB for ROME.

    features: those that a model of the lens weighs
    weights:  (n_models, n_features); intercepts: (n_models,), in the order of ``MODELS``
    stacked:  (n_rows, n_occupations) what all groups of evidence add, by past occupation, 0 through the skills lens;
        then what each feature says in ``Feature.at`` and ``Feature.dense``
    requires, contexts, answered: rows of ``Held`` of each past occupation, and an empty one at the end
    answers:  (n_skills, n_skills) how well the row's skill, held, answers the column's, required
    """

    recommender: Recommender
    lens: Lens
    features: tuple[Feature, ...]
    weights: Floats
    intercepts: Floats
    stacked: Floats
    requires: csr_matrix
    contexts: csr_matrix
    answered: csr_matrix
    answers: csr_matrix

    @classmethod
    def of(cls, recommender: Recommender, lens: Lens) -> Self:
        """Takes some seconds on ROME."""
        graph = recommender.graph
        size = len(graph.codes)
        models = [recommender.models.get(name) for name in MODELS]
        weights = np.array([np.zeros(len(FEATURES)) if model is None else model.weights for model in models])
        intercepts = np.array([0.0 if model is None else model.intercept[0] for model in models])
        # a bare profile is weighed in recommend.batch_bare
        used = {1 + MODELS.index("skills") + int(one) for one in np.unique(recommender.pairs.situation)}
        if lens == "skills":
            used = {MODELS.index("skills")}
        groups = np.zeros((size, size))
        if lens == "experts":
            for row in range(size):
                groups[row] = recommender.pairs.contributions[row].astype(np.float64).sum(axis=1)
        requires, contexts = graph.requires.astype(np.float64), graph.contexts.astype(np.float64)
        answers = csr_matrix(graph.answered_by.T.astype(np.float64))
        answered = best_of_rows(graph.requires.indptr.astype(np.int64), graph.requires.indices, answers)
        single = held_of(csr_matrix(requires), csr_matrix(contexts), answered)
        features, stacked = [], [groups]
        for name, (of, columns, is_cosine) in definitions(recommender).items():
            position = FEATURES.index(name)
            if not any(weights[place, position] for place in used):
                continue
            own, at = of(single), sum(map(len, stacked))
            is_dense = np.diff(columns.indptr) >= _MANY
            dense = np.where(is_dense, at + size + np.cumsum(is_dense) - 1, -1)
            stacked += [(own @ columns).toarray(), columns[is_dense].toarray()]
            rest = csr_matrix(diags_array((~is_dense).astype(np.float64)) @ columns)
            rest.eliminate_zeros()
            features.append(Feature(position, of, is_cosine, own, at, dense, rest))
        return cls(
            recommender=recommender,
            lens=lens,
            features=tuple(features),
            weights=weights,
            intercepts=intercepts,
            stacked=np.concatenate(stacked),
            requires=_and_empty(csr_matrix(requires)),
            contexts=_and_empty(csr_matrix(contexts)),
            answered=_and_empty(answered),
            answers=answers,
        )

    @property
    def graph(self) -> SkillGraph:
        """The recommender's."""
        return self.recommender.graph

    @cached_property
    def occupations_of_context(self) -> csr_matrix:
        """(n_contexts, n_occupations) 1 where the occupation has the context."""
        found = csr_matrix(self.graph.contexts.T)
        found.data = np.ones_like(found.data)
        return found

    @cached_property
    def kinds(self) -> NDArray[np.int8]:
        """(n_occupations + 1, n_occupations) kind of each move in ``KINDS_OF_MOVE``; the last row is unknown."""
        size = len(self.graph.codes)
        found = [kinds_of_moves(self.graph, (row,)) for row in range(size)]
        return np.array([*found, np.full(size, KINDS_OF_MOVE.index("unknown"))], dtype=np.int8)

    @cached_property
    def nearness(self) -> NDArray[np.int8]:
        """(n_occupations + 1, n_occupations) 2 same domain, 1 same grand domain only, 0 neither."""
        size = len(self.graph.codes)
        found = np.full((size + 1, size), _APART, dtype=np.int8)
        for level, same in ((_GRAND_DOMAIN, self.graph.grand_domain), (_DOMAIN, self.graph.domain)):
            found[:size][same[:, None] == same[None, :]] = level
        return found

    @cached_property
    def listed(self) -> NDArray[np.bool_]:
        """(n_occupations + 1, n_occupations) whether experts list the move."""
        moves = self.graph.moves.toarray() > 0
        return np.vstack([moves, np.zeros((1, moves.shape[1]), dtype=bool)])


def held_of(value: csr_matrix, contexts: csr_matrix, answered: csr_matrix) -> Held:
    """answered: (n, n_skills) how well a held skill answers each other, held ones too"""
    one = csr_matrix((np.ones(value.nnz), value.indices, value.indptr), shape=value.shape)
    both = csr_matrix(answered.multiply(one))
    return Held(value, one, csr_matrix(answered - both), contexts)


def definitions(recommender: Recommender) -> Mapping[str, tuple[Callable[[Held], csr_matrix], csr_matrix, bool]]:
    """Of each feature: the profile's vector, what it is multiplied by, and whether its length is taken out."""
    graph, space = recommender.graph, recommender.space
    is_knowledge = graph.skill_kind == KINDS.index("knowledge")
    is_doing = ~is_knowledge & (graph.skill_kind != KINDS.index("certification"))
    doing_idf, knowing_idf, context_idf = (
        diags_array(values) for values in (space.idf * is_doing, space.idf * is_knowledge, space.context_idf)
    )
    linked = np.flatnonzero(graph.macro_of >= 0)
    under = csr_matrix(
        (np.ones(len(linked)), (linked, graph.macro_of[linked])), shape=(len(graph.macro_of), len(graph.macro_of))
    )

    def macro(held: Held) -> csr_matrix:
        counts = csr_matrix(held.one @ under)
        counts.data = np.minimum(counts.data, MACRO_FULL) / MACRO_FULL
        return counts

    shares = csr_matrix((diags_array(1 / (space.doing_total + SHARE_PRIOR)) @ space.doing).T)
    return {
        "know-how-share": (lambda held: held.one, shares, False),
        "transferable-share": (lambda held: held.answered, shares, False),
        "know-how-cosine": (lambda held: csr_matrix(held.value @ doing_idf), csr_matrix(space.doing_unit.T), True),
        "knowledge-cosine": (lambda held: csr_matrix(held.value @ knowing_idf), csr_matrix(space.knowing_unit.T), True),
        "macro-skill-cosine": (macro, csr_matrix(space.macro_unit.T), True),
        "context-cosine": (
            lambda held: csr_matrix(held.contexts @ context_idf),
            csr_matrix(space.context_unit.T),
            True,
        ),
    }


def best_of_rows(offsets: NDArray[np.int64], rows: NDArray[np.integer], of: csr_matrix) -> csr_matrix:
    """(n, n_columns) the greatest, column by column, of the rows that each line names.

    offsets: (n + 1,) where each line's ``rows`` begin; of: (n_rows, n_columns), no negative value
    """
    named = csr_matrix(of[rows])
    line = np.repeat(np.arange(len(offsets) - 1), np.diff(named.indptr[offsets]))
    order = np.lexsort((named.indices, line))
    line, column, value = line[order], named.indices[order], named.data[order]
    first = np.flatnonzero(np.r_[True, (line[1:] != line[:-1]) | (column[1:] != column[:-1])][: len(line)])
    best = np.maximum.reduceat(value, first) if first.size else value
    return csr_matrix((best, (line[first], column[first])), shape=(len(offsets) - 1, of.shape[1]))


def _and_empty(matrix: csr_matrix) -> csr_matrix:
    joined = csr_matrix(vstack([matrix, csr_matrix((1, matrix.shape[1]))], format="csr"))
    joined.sort_indices()
    return joined
