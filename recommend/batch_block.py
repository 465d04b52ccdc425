"""Some profiles against every occupation: the sums of ``recommend.batch_space``, and the first of each list."""

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommend.batch_candidates import Candidates, padded
from recommend.batch_profiles import EVIDENCE, LEAST, NONE, TOLD, YEARS_OF, Profiles, Recommended, Rows
from recommend.batch_space import BatchSpace, Held, best_of_rows, held_of
from recommend.calibrate import Calibration
from recommend.diversity import KEPT, PAGE
from recommend.features import FEATURES, Floats
from recommend.kinds import KINDS_OF_MOVE
from recommend.profile import YEARS
from recommend.rank import MODELS

#: candidates read of each list before all of them are
FIRST = 72
#: and of each kind for which places are kept, where the first do not fill them
_NEXT = 24


class Block:
    """Some profiles against every occupation."""

    #: so many profiles are weighed at once: fewer cost more calls, more gain nothing
    at_once: ClassVar[int] = 1024
    #: and so many lists get their places at once: each step of it costs the same for one as for some thousands
    seated_at_once: ClassVar[int] = 4096

    def __init__(self, space: BatchSpace, profiles: Profiles) -> None:
        self.space, self.profiles = space, profiles
        self.nobody = len(space.graph.codes)
        self.counts = np.diff(profiles.past_at)
        said = np.array([1.0 if years is None else YEARS[years] for years in YEARS_OF])[profiles.years]
        whole = np.bincount(np.repeat(np.arange(len(profiles)), self.counts), said, minlength=len(profiles))
        self.shares = said / np.repeat(whole, self.counts)
        self.model = self._models()
        #: of each feature weighed: rows of the stacked table that are summed, and what is added sparsely
        self.sums: dict[int, csr_matrix] = {}
        self.rests: dict[int, csr_matrix] = {}

    def slots(self) -> Iterator[tuple[Rows, Rows, Floats]]:
        """The first past occupations, then the second: which profiles, which occupation, its share.

        The first are all profiles, those without past occupation with the row that is empty.
        """
        for slot in range(max(1, int(self.counts.max(initial=0)))):
            having = np.flatnonzero(self.counts > slot)
            at = self.profiles.past_at[having] + slot
            if slot == 0:
                past = np.full(len(self.counts), self.nobody)
                shares = np.zeros(len(self.counts))
                past[having], shares[having] = self.profiles.past[at], self.shares[at]
                yield np.arange(len(self.counts)), past, shares
            else:
                yield having, self.profiles.past[at], self.shares[at]

    def _models(self) -> Rows:
        """(n,) index into ``MODELS``, as ``Recommender.model_of``."""
        if self.space.lens == "skills":
            return np.full(len(self.counts), MODELS.index("skills"))
        lowest = np.full(len(self.counts), np.iinfo(np.int64).max)
        situation = np.append(self.space.recommender.pairs.situation, np.int8(np.iinfo(np.int8).max))
        for rows, past, _ in self.slots():
            lowest[rows] = np.minimum(lowest[rows], situation[past])
        return np.where(self.counts > 0, MODELS.index("skills") + 1 + lowest, MODELS.index("bare"))

    def held(self) -> Held:
        """What each brings: the union of what the past occupations require and of what is declared."""
        space, profiles = self.space, self.profiles
        n = len(profiles)
        declared = csr_matrix(
            (np.ones(len(profiles.skills)), profiles.skills, profiles.skills_at), shape=(n, space.requires.shape[1])
        )
        declared.sum_duplicates()
        declared.data = np.minimum(declared.data, 1.0)
        value, contexts = declared, csr_matrix((n, space.contexts.shape[1]))
        answered = best_of_rows(profiles.skills_at, profiles.skills, space.answers)
        for rows, past, _ in self.slots():
            spread = self._spread(rows, past)
            value = csr_matrix(value.maximum(space.requires[spread]))
            contexts = csr_matrix(contexts.maximum(space.contexts[spread]))
            answered = csr_matrix(answered.maximum(space.answered[spread]))
        return held_of(value, contexts, answered)

    def weighed(self) -> Floats:
        """(n, n_occupations) log-odds."""
        space, held, profiles = self.space, self.held(), self.profiles
        n = len(profiles)
        of_past = np.repeat(np.arange(n), self.counts)
        past = csr_matrix((np.ones(len(of_past)), profiles.past, profiles.past_at), shape=(n, self.nobody))
        lines, rows, amounts = [of_past], [profiles.past], [self.shares]
        rests: list[csr_matrix] = []
        for feature in space.features:
            own = feature.of(held)
            scale = space.weights[self.model, feature.position]
            if feature.is_cosine:
                length = np.sqrt(np.asarray(own.multiply(own).sum(axis=1)).ravel())
                scale = scale / np.where(length > 0, length, 1.0)
            beyond = csr_matrix(own - past @ feature.own)
            line = np.repeat(np.arange(n), np.diff(beyond.indptr))
            beyond.data *= scale[line]
            whole = (feature.dense[beyond.indices] >= 0) & (beyond.data != 0)
            own_lines, own_rows, own_amounts = (
                np.concatenate(pair)
                for pair in (
                    (of_past, line[whole]),
                    (feature.at + profiles.past, feature.dense[beyond.indices[whole]]),
                    (scale[of_past], beyond.data[whole]),
                )
            )
            self.sums[feature.position] = _summed(own_lines, own_rows, own_amounts, (n, len(space.stacked)))
            lines.append(own_lines)
            rows.append(own_rows)
            amounts.append(own_amounts)
            beyond.data[whole] = 0.0
            beyond.eliminate_zeros()
            rest = csr_matrix(beyond @ feature.columns)
            self.rests[feature.position] = rest
            rests.append(rest)
        sums = _summed(np.concatenate(lines), np.concatenate(rows), np.concatenate(amounts), (n, len(space.stacked)))
        total = np.asarray(sums @ space.stacked)
        total += space.intercepts[self.model][:, None]
        for rest in rests:
            # a product of two sparse matrices names each place once
            line = np.repeat(np.arange(n) * self.nobody, np.diff(rest.indptr))
            total.ravel()[line + rest.indices] += rest.data
        return total

    def added(self, chosen: Rows) -> Floats:
        """(n, n_chosen, n_features) what each of the space's features adds to some occupations, once ``weighed``."""
        found = np.zeros((*chosen.shape, len(self.space.features)))
        for place, feature in enumerate(self.space.features):
            sums, rest = self.sums[feature.position], self.rests[feature.position]
            counts = np.diff(sums.indptr)
            some = np.flatnonzero(counts)
            if some.size:
                to = chosen[np.repeat(np.arange(len(chosen)), counts)]
                parts = sums.data[:, None] * self.space.stacked[sums.indices[:, None], to]
                found[some, :, place] = np.add.reduceat(parts, sums.indptr[:-1][some], axis=0)
            if rest.nnz:
                at = np.repeat(np.arange(len(chosen)), chosen.shape[1])
                found[:, :, place] += np.asarray(rest[at, chosen.ravel()]).reshape(chosen.shape)
        return found

    def contributions(self, chosen: Rows) -> Floats:
        """(n, n_chosen, len(EVIDENCE)) what each piece of evidence adds to some occupations, once ``weighed``."""
        space = self.space
        found = np.zeros((*chosen.shape, len(EVIDENCE)))
        found[:, :, [feature.position for feature in space.features]] = self.added(chosen)
        if space.lens == "experts":
            of_pairs = space.recommender.pairs.contributions
            for every, of_every, shares_of_every in self.slots():
                there = of_every < self.nobody
                rows, past, shares = every[there], of_every[there], shares_of_every[there]
                groups = of_pairs[past[:, None], chosen[rows]].astype(np.float64)
                found[rows, :, len(FEATURES) :] += shares[:, None, None] * groups
        return found

    def _spread(self, rows: Rows, past: Rows) -> Rows:
        """(n,) the past occupation of each profile, the row that is empty where ``rows`` does not name it."""
        if len(rows) == len(self.counts):
            return past
        spread = np.full(len(self.counts), self.nobody)
        spread[rows] = past
        return spread

    def candidates(self, limit: int, *, everything: bool = False) -> Candidates:
        """The part of each list that decides; all of it with ``everything``."""
        log_odds = self.weighed()
        set_aside = self._leave_out(log_odds)
        kinds = self._kinds()
        allowed = log_odds > -np.inf
        there = np.stack([((kinds == kind) & allowed).sum(axis=1) for kind in range(len(KINDS_OF_MOVE))], axis=1)
        at = np.arange(len(kinds))[:, None]
        if everything:
            part = self._deeper(log_odds, kinds, self.nobody)
        else:
            part = self._first(log_odds)
            lacking = np.flatnonzero(self._lacks(np.where(part >= 0, kinds[at, part], NONE), there, limit))
            if lacking.size:
                deeper = self._deeper(log_odds[lacking], kinds[lacking], FIRST)
                part = np.pad(part, ((0, 0), (0, max(0, deeper.shape[1] - part.shape[1]))), constant_values=NONE)
                part[lacking] = NONE
                part[lacking, : deeper.shape[1]] = deeper
        missing = part < 0
        return Candidates(
            occupation=part,
            kind=np.where(missing, np.int8(NONE), kinds[at, part]),
            log_odds=np.where(missing, -np.inf, log_odds[at, part]),
            there=there,
            set_aside=set_aside,
        )

    def _lacks(self, kinds: NDArray[np.int8], there: Rows, limit: int) -> NDArray[np.bool_]:
        """(n,) whether too few of a kind are among the first to fill the places that are kept for it."""
        pages = -(-limit // PAGE)
        lacks = np.zeros(len(kinds), dtype=bool)
        for name, kept in KEPT.items():
            kind = KINDS_OF_MOVE.index(name)
            lacks |= (kinds == kind).sum(axis=1) < np.minimum(kept * pages, there[:, kind])
        return lacks

    def _deeper(self, log_odds: Floats, kinds: NDArray[np.int8], first: int) -> Rows:
        """The beginnings of some lists, and the next ones of each kind for which places are kept."""
        order = np.argsort(-log_odds, axis=1, kind="stable")
        by_place = np.take_along_axis(kinds, order, axis=1)
        kept = np.arange(self.nobody) < np.full((len(order), 1), first)
        for kind in KEPT:
            own = by_place == KINDS_OF_MOVE.index(kind)
            own[:, :first] = False
            kept |= own & (np.cumsum(own, axis=1, dtype=np.int16) <= _NEXT)
        kept &= np.take_along_axis(log_odds, order, axis=1) > -np.inf
        line, place = np.nonzero(kept)
        return padded(line, order[line, place], len(order))

    def _leave_out(self, log_odds: Floats) -> Rows:
        """Takes past occupations and refused contexts out; how many the contexts took."""
        for rows, past, _ in self.slots():
            there = past < self.nobody
            log_odds[rows[there], past[there]] = -np.inf
        profiles = self.profiles
        shape = (len(profiles), self.space.occupations_of_context.shape[0])
        if not len(profiles.refused):
            return np.zeros(len(profiles), dtype=np.int64)
        refusing = csr_matrix((np.ones(len(profiles.refused)), profiles.refused, profiles.refused_at), shape=shape)
        refused = csr_matrix(refusing @ self.space.occupations_of_context)
        line = np.repeat(np.arange(len(profiles)), np.diff(refused.indptr))
        taken = log_odds[line, refused.indices] > -np.inf
        log_odds[line, refused.indices] = -np.inf
        return np.bincount(line[taken], minlength=len(profiles))

    def _kinds(self) -> NDArray[np.int8]:
        """(n, n_occupations) kind of each move: told by the nearest past occupation, the first of those as near."""
        several = self.counts.max(initial=0) > 1
        kinds = nearness = np.zeros((0, 0), dtype=np.int8)
        for slot, (rows, past, _) in enumerate(self.slots()):
            if slot == 0:
                kinds = self.space.kinds[past]
                nearness = self.space.nearness[past] if several else nearness
                continue
            nearer = self.space.nearness[past] > nearness[rows]
            kinds[rows] = np.where(nearer, self.space.kinds[past], kinds[rows])
            nearness[rows] = np.maximum(self.space.nearness[past], nearness[rows])
        return kinds

    def _first(self, log_odds: Floats) -> Rows:
        """(n, n_first) the likeliest, best first, ties by code; -1 past the end of what may be proposed."""
        n = len(log_odds)
        if self.nobody > FIRST:
            # single precision finds them many times faster; what it cannot tell apart is kept
            single = log_odds.astype(np.float32)
            least = np.partition(single, self.nobody - FIRST, axis=1)[:, [self.nobody - FIRST]]
            flat = np.flatnonzero((single >= least) & (single > -np.inf))
        else:
            flat = np.flatnonzero(log_odds > -np.inf)
        line, column = np.divmod(flat, self.nobody)
        columns = padded(line, column, n)
        values = np.where(columns >= 0, log_odds[np.arange(n)[:, None], columns], -np.inf)
        return np.take_along_axis(columns, np.argsort(-values, axis=1, kind="stable"), axis=1)

    def told(self, chosen: Candidates) -> Recommended:
        """What is told of those that were chosen, once they were weighed."""
        space, missing = self.space, chosen.occupation < 0
        to, scores = np.maximum(chosen.occupation, 0), chosen.log_odds
        contributions = self.contributions(to)
        listed = np.zeros(missing.shape, dtype=bool)
        for every, of_every, _ in self.slots():
            there = of_every < self.nobody
            rows, past = every[there], of_every[there]
            listed[rows] |= space.listed[past[:, None], to[rows]]
        order = np.argsort(-contributions, axis=2, kind="stable")[:, :, :TOLD]
        says = np.take_along_axis(contributions, order, axis=2) > LEAST
        shares_of = np.empty(scores.shape)
        for place in np.unique(self.model).tolist():
            model = space.recommender.models[MODELS[place]]
            own = self.model == place
            shares_of[own] = Calibration(model.knots, model.shares).share(scores[own])
        return Recommended(
            situation=self.model.astype(np.int8),
            set_aside=chosen.set_aside,
            occupation=chosen.occupation,
            log_odds=np.where(missing, np.nan, scores),
            share=np.where(missing, np.nan, shares_of),
            kind=chosen.kind,
            listed=listed & ~missing,
            evidence=np.where(says & ~missing[:, :, None], order, NONE).astype(np.int8),
        )


def _summed(lines: Rows, rows: Rows, amounts: Floats, shape: tuple[int, int]) -> csr_matrix:
    return csr_matrix((amounts, (lines, rows)), shape=shape)
