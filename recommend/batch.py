"""The ranking of ``recommend.rank`` for blocks of profiles: the same occupations, in the same order, many at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommend.batch_seats import seated_block
from recommend.batch_space import BatchSpace, Held, best_of_rows, held_of
from recommend.calibrate import Calibration
from recommend.diversity import KEPT, PAGE, seated
from recommend.features import FEATURES, Floats
from recommend.groups import GROUPS
from recommend.kinds import KINDS_OF_MOVE
from recommend.profile import YEARS, Profile, Years
from recommend.rank import MODELS, rank

Rows = NDArray[np.int64]

#: codes of the evidence that a recommendation may rest on, in the order of ``Recommended.evidence``
EVIDENCE = (*FEATURES, *GROUPS)
#: pieces of evidence told of each recommendation
TOLD = 3
YEARS_OF: tuple[Years | None, ...] = (None, *YEARS)
#: so many profiles are weighed at once: what is computed of them stays in the processor's cache
_AT_ONCE = 1024
#: and so many lists get their places at once: each step of it costs the same for one as for some thousands
_SEATED_AT_ONCE = 4096
#: candidates read of each list before all of them are
_FIRST = 72
#: and of each kind for which places are kept, where the first do not fill them
_NEXT = 24
_NONE = -1


@dataclass(frozen=True)
class Profiles:
    """A block of profiles, as in ``recommend.profile``, laid end to end.

    past:    rows of past occupations, of each profile in ascending order, none twice; years: index into ``YEARS_OF``
    skills:  columns of declared skills; refused: columns of refused contexts
    *_at:    (n + 1,) where each profile's own begin
    """

    past_at: Rows
    past: Rows
    years: NDArray[np.int8]
    skills_at: Rows
    skills: Rows
    refused_at: Rows
    refused: Rows

    def __len__(self) -> int:
        return len(self.past_at) - 1

    def part(self, start: int, end: int) -> Self:
        """The profiles from ``start`` up to ``end``."""
        own = {}
        for name in ("past", "skills", "refused"):
            at = getattr(self, f"{name}_at")
            own[name] = getattr(self, name)[at[start] : at[end]]
            own[f"{name}_at"] = at[start : end + 1] - at[start]
        return type(self)(years=self.years[self.past_at[start] : self.past_at[end]], **own)

    def profile(self, space: BatchSpace, row: int) -> Profile:
        """One of them, as ``rank`` takes it."""
        graph = space.graph
        past = slice(self.past_at[row], self.past_at[row + 1])
        skills = self.skills[self.skills_at[row] : self.skills_at[row + 1]]
        refused = self.refused[self.refused_at[row] : self.refused_at[row + 1]]
        codes = [graph.codes[int(occupation)] for occupation in self.past[past]]
        years = [YEARS_OF[known] for known in self.years[past].tolist()]
        whole = Profile.of_occupations(graph, codes, years)
        whole = whole.with_skills(graph, [graph.skill_codes[int(skill)] for skill in skills])
        return Profile(whole.past, whole.held, whole.contexts, tuple(refused.tolist()), whole.years)


@dataclass(frozen=True)
class Recommended:
    """What a block of profiles was recommended; -1 (NaN for numbers) past the end of a shorter list.

    situation:  (n,) index into ``MODELS`` of the model that weighed it
    set_aside:  (n,) occupations that a refused context set aside
    occupation: (n, limit) rows, best first
    log_odds, share: (n, limit), as in ``recommend.rank.Ranked``
    kind:       (n, limit) index into ``KINDS_OF_MOVE``; listed: (n, limit) whether experts list the move
    evidence:   (n, limit, TOLD) index into ``EVIDENCE`` of what adds most to the log-odds, largest first
    """

    situation: NDArray[np.int8]
    set_aside: Rows
    occupation: Rows
    log_odds: Floats
    share: Floats
    kind: NDArray[np.int8]
    listed: NDArray[np.bool_]
    evidence: NDArray[np.int8]

    @classmethod
    def empty(cls, n: int, limit: int) -> Self:
        """Lists with nothing in them."""
        return cls(
            situation=np.full(n, _NONE, dtype=np.int8),
            set_aside=np.zeros(n, dtype=np.int64),
            occupation=np.full((n, limit), _NONE, dtype=np.int64),
            log_odds=np.full((n, limit), np.nan),
            share=np.full((n, limit), np.nan),
            kind=np.full((n, limit), _NONE, dtype=np.int8),
            listed=np.zeros((n, limit), dtype=bool),
            evidence=np.full((n, limit, TOLD), _NONE, dtype=np.int8),
        )

    def put(self, rows: Rows | slice, found: Self) -> None:
        """Writes what some of the profiles were recommended."""
        for name, own in vars(self).items():
            own[rows] = getattr(found, name)


def recommend_block(space: BatchSpace, profiles: Profiles, limit: int = 20) -> Recommended:
    """The ``limit`` occupations that suit each profile best, as ``rank`` gives them, and what speaks for each.

    Profiles without a past occupation are asked one by one (``rank``): through the experts' lens their evidence is of
    another kind. Safe in several threads at once.
    """
    result = Recommended.empty(len(profiles), limit)
    for start in range(0, len(profiles), _SEATED_AT_ONCE):
        chunk = profiles.part(start, min(start + _SEATED_AT_ONCE, len(profiles)))
        parts = [chunk.part(at, min(at + _AT_ONCE, len(chunk))) for at in range(0, len(chunk), _AT_ONCE)]
        blocks = [_Block(space, part) for part in parts]
        chosen = _chosen(space, chunk, Candidates.joined([block.candidates(limit) for block in blocks]), limit)
        at = start
        for block in blocks:
            own = slice(at - start, at - start + len(block.profiles))
            result.put(slice(at, at + len(block.profiles)), block.told(chosen.part(own)))
            at += len(block.profiles)
    for row in np.flatnonzero(np.diff(profiles.past_at) == 0).tolist():
        result.put(np.array([row]), _one_by_one(space, profiles, row, limit))
    return result


@dataclass(frozen=True)
class Candidates:
    """The part of some lists that decides who gets their places, as in ``seated_block``; -1 past the end of a list.

    occupation, kind, log_odds: (n, n_part), likeliest first
    there:     (n, n_kinds) how many of each kind are in the whole list; set_aside: (n,) as in ``Recommended``
    """

    occupation: Rows
    kind: NDArray[np.int8]
    log_odds: Floats
    there: Rows
    set_aside: Rows

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """Some under the others."""
        widest = max(part.occupation.shape[1] for part in parts)
        columns = {}
        for name, blank in (("occupation", _NONE), ("kind", _NONE), ("log_odds", -np.inf)):
            several = [getattr(part, name) for part in parts]
            whole = np.full((sum(map(len, several)), widest, *several[0].shape[2:]), blank, several[0].dtype)
            at = 0
            for one in several:
                whole[at : at + len(one), : one.shape[1]] = one
                at += len(one)
            columns[name] = whole
        columns |= {name: np.concatenate([getattr(part, name) for part in parts]) for name in ("there", "set_aside")}
        return cls(**columns)

    def part(self, rows: slice) -> Self:
        """Those of some lists."""
        return type(self)(**{name: of[rows] for name, of in vars(self).items()})

    def at(self, places: Rows) -> Self:
        """Those at some places of each list, -1 where there is none."""
        missing, at = places < 0, np.maximum(places, 0)
        occupation, kind, log_odds = (
            np.where(missing, blank, np.take_along_axis(of, at, axis=1))
            for of, blank in ((self.occupation, _NONE), (self.kind, np.int8(_NONE)), (self.log_odds, -np.inf))
        )
        return type(self)(occupation, kind, log_odds, self.there, self.set_aside)


def _chosen(space: BatchSpace, profiles: Profiles, several: Candidates, limit: int) -> Candidates:
    """(n, limit) the candidates that get a place, in the order in which they are shown."""
    family = np.where(several.occupation >= 0, space.graph.family[several.occupation], _NONE)
    seats, decided = seated_block(several.kind, family, several.there, limit, _FIRST)
    chosen = several.at(np.where(decided[:, None], seats, _NONE)[:, :limit])
    for row in np.flatnonzero(~decided).tolist():
        own = several.part(slice(row, row + 1))
        if (own.kind >= 0).sum() < own.there.sum():
            own = _Block(space, profiles.part(row, row + 1)).candidates(limit, everything=True)
        there = np.flatnonzero(own.kind[0] >= 0).tolist()
        family_of = np.where(own.occupation[0] >= 0, space.graph.family[own.occupation[0]], _NONE)
        places = seated(there, own.kind[0], family_of, limit)
        found = own.at(np.array([places + [_NONE] * (limit - len(places))], dtype=np.int64))
        for name in ("occupation", "kind", "log_odds"):
            getattr(chosen, name)[row] = getattr(found, name)[0]
    return chosen


class _Block:
    """Some profiles against every occupation."""

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
            lacking = np.flatnonzero(self._lacks(np.where(part >= 0, kinds[at, part], _NONE), there, limit))
            if lacking.size:
                deeper = self._deeper(log_odds[lacking], kinds[lacking], _FIRST)
                part = np.pad(part, ((0, 0), (0, max(0, deeper.shape[1] - part.shape[1]))), constant_values=_NONE)
                part[lacking] = _NONE
                part[lacking, : deeper.shape[1]] = deeper
        missing = part < 0
        return Candidates(
            occupation=part,
            kind=np.where(missing, np.int8(_NONE), kinds[at, part]),
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
        return _padded(line, order[line, place], len(order))

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
        if self.nobody > _FIRST:
            # single precision finds them many times faster; what it cannot tell apart is kept
            single = log_odds.astype(np.float32)
            least = np.partition(single, self.nobody - _FIRST, axis=1)[:, [self.nobody - _FIRST]]
            flat = np.flatnonzero((single >= least) & (single > -np.inf))
        else:
            flat = np.flatnonzero(log_odds > -np.inf)
        line, column = np.divmod(flat, self.nobody)
        columns = _padded(line, column, n)
        values = np.where(columns >= 0, log_odds[np.arange(n)[:, None], columns], -np.inf)
        return np.take_along_axis(columns, np.argsort(-values, axis=1, kind="stable"), axis=1)

    def told(self, chosen: Candidates) -> Recommended:
        """What is told of those that were chosen, once they were weighed."""
        space, missing = self.space, chosen.occupation < 0
        to, scores = np.maximum(chosen.occupation, 0), chosen.log_odds
        contributions = np.zeros((*missing.shape, len(EVIDENCE)))
        contributions[:, :, [feature.position for feature in space.features]] = self.added(to)
        listed = np.zeros(missing.shape, dtype=bool)
        of_pairs = space.recommender.pairs.contributions
        for every, of_every, shares_of_every in self.slots():
            there = of_every < self.nobody
            rows, past, shares = every[there], of_every[there], shares_of_every[there]
            if space.lens == "experts":
                groups = of_pairs[past[:, None], to[rows]].astype(np.float64)
                contributions[rows, :, len(FEATURES) :] += shares[:, None, None] * groups
            listed[rows] |= space.listed[past[:, None], to[rows]]
        order = np.argsort(-contributions, axis=2, kind="stable")[:, :, :TOLD]
        says = np.take_along_axis(contributions, order, axis=2) > 0
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
            evidence=np.where(says & ~missing[:, :, None], order, _NONE).astype(np.int8),
        )


def _padded(line: Rows, values: Rows, lines: int) -> Rows:
    """(n_lines, n_longest) the values of each line in their order, -1 past its end; ``line`` ascends."""
    counts = np.bincount(line, minlength=lines)
    found = np.full((lines, int(counts.max(initial=0))), _NONE, dtype=np.int64)
    found[line, np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)] = values
    return found


def _summed(lines: Rows, rows: Rows, amounts: Floats, shape: tuple[int, int]) -> csr_matrix:
    return csr_matrix((amounts, (lines, rows)), shape=shape)


def _one_by_one(space: BatchSpace, profiles: Profiles, row: int, limit: int) -> Recommended:
    ranking = rank(space.recommender, profiles.profile(space, row), lens=space.lens, limit=limit)
    found = Recommended.empty(1, limit)
    found.situation[0] = MODELS.index(ranking.model_name)
    found.set_aside[0] = ranking.set_aside
    for place, entry in enumerate(ranking.ranked):
        contributions = ranking.contributions[entry.occupation]
        order = np.argsort(-contributions, kind="stable")[:TOLD]
        found.occupation[0, place], found.log_odds[0, place] = entry.occupation, entry.log_odds
        found.share[0, place], found.kind[0, place] = entry.share, KINDS_OF_MOVE.index(entry.kind)
        found.listed[0, place] = entry.known_mobility
        found.evidence[0, place] = np.where(contributions[order] > 0, order, _NONE)
    return found
