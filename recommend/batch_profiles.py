"""Blocks of profiles, and what they were recommended, as arrays."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommend.batch_space import BatchSpace
from recommend.features import FEATURES, Floats
from recommend.groups import GROUPS
from recommend.profile import YEARS, Profile, Years

Rows = NDArray[np.int64]

#: codes of the evidence that a recommendation may rest on, in the order of ``Recommended.evidence``
EVIDENCE = (*FEATURES, *GROUPS)
#: pieces of evidence told of each recommendation
TOLD = 3
#: of a log-odds: what adds less is what rounding leaves of nothing
LEAST = 1e-9
YEARS_OF: tuple[Years | None, ...] = (None, *YEARS)
#: where there is nothing
NONE = -1


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

    def of(self, rows: Rows) -> Self:
        """The profiles of some rows, in their order."""
        own = {}
        for name in ("past", "skills", "refused"):
            at = getattr(self, f"{name}_at")
            counts = np.diff(at)[rows]
            first = np.concatenate([[0], np.cumsum(counts)])
            places = np.repeat(at[rows] - first[:-1], counts) + np.arange(first[-1])
            own[name], own[f"{name}_at"] = getattr(self, name)[places], first
            if name == "past":
                own["years"] = self.years[places]
        return type(self)(**own)

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
            situation=np.full(n, NONE, dtype=np.int8),
            set_aside=np.zeros(n, dtype=np.int64),
            occupation=np.full((n, limit), NONE, dtype=np.int64),
            log_odds=np.full((n, limit), np.nan),
            share=np.full((n, limit), np.nan),
            kind=np.full((n, limit), NONE, dtype=np.int8),
            listed=np.zeros((n, limit), dtype=bool),
            evidence=np.full((n, limit, TOLD), NONE, dtype=np.int8),
        )

    def put(self, rows: Rows | slice, found: Self) -> None:
        """Writes what some of the profiles were recommended."""
        for name, own in vars(self).items():
            own[rows] = getattr(found, name)
