"""Who is shown which offer, so that no offer is shown to all and few are shown to nobody: a written rule.

    In each of ``per_seeker`` rounds every seeker gets one more offer. Those with the fewest offers left to choose from
    go first; equal ones in an order drawn from the day and their id. Each takes, among the offers not yet shown to
    ``most_seekers`` people and worth at most ``tolerance`` less than the best of those, the one shown to the fewest
    people so far; then the one worth most; then in an order drawn from the day and the offer's id. Nobody is given an
    offer worth less than ``floor`` times the best that they could have: then the list is shorter.

Asked from an offer's side, for the seekers that it suits (``told_of``), the same rule reads: each place goes, among
those for whom it is worth at most ``tolerance`` less than for the best of those left, to whom the fewest offers suit;
then to whom it is worth most for; then by a draw from the day and the seeker's id. It is shown to ``most_seekers``
people at the most, and to nobody for whom it is worth less than ``floor`` times the best that they could have.

The same day gives the same lists in the same order; another day draws anew among equals. Off unless asked for:
``plain`` is everybody's best. A counselor sees the lists before anybody else does.
"""

import hashlib
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from recommend.matching import Ranked

TOLERANCE, FLOOR = 0.05, 0.5


@dataclass(frozen=True)
class ExposureRule:
    """The numbers of the rule.

    per_seeker:   offers in a list
    most_seekers: people that an offer may be shown to
    tolerance:    in [0, 1], value given up at the most so that another offer is seen
    floor:        in [0, 1], least share of a seeker's best value
    """

    per_seeker: int
    most_seekers: int
    tolerance: float = TOLERANCE
    floor: float = FLOOR

    def __post_init__(self) -> None:
        if self.per_seeker < 1 or self.most_seekers < 1:
            raise ValueError("per_seeker and most_seekers are 1 or more")
        if not (0 <= self.tolerance <= 1 and 0 <= self.floor <= 1):
            raise ValueError("tolerance and floor are in [0, 1]")


def plain(candidates: Ranked, per_seeker: int, floor: float = FLOOR) -> Ranked:
    """Everybody's best offers, whoever else is shown them; none worth less than ``floor`` times the best."""
    chosen, value = candidates.chosen[:, :per_seeker], candidates.value[:, :per_seeker]
    kept = value >= floor * value[:, :1]
    return Ranked(np.where(kept, chosen, -1), np.where(kept, value, np.nan))


def share(
    candidates: Ranked, seeker_ids: tuple[str, ...], offer_ids: tuple[str, ...], rule: ExposureRule, day: date
) -> Ranked:
    """The lists by the rule above, each best first.

    candidates: the best offers of each seeker: many more than a list has, or there is little to choose from
    """
    shown_to = np.zeros(len(offer_ids), dtype=np.int64)
    seeker_draw, offer_draw = drawn(seeker_ids, day), drawn(offer_ids, day)
    lists: list[list[int]] = [[] for _ in seeker_ids]
    left = [_Choice.of(candidates, row, rule.floor) for row in range(len(seeker_ids))]
    for _ in range(rule.per_seeker):
        free = np.array([choice.free(shown_to, rule.most_seekers).sum() for choice in left], dtype=np.int64)
        for row in np.lexsort((seeker_draw, free)).tolist():
            place = left[row].take(shown_to, offer_draw, rule)
            if place is not None:
                lists[row].append(place)
                shown_to[candidates.chosen[row, place]] += 1
    chosen = np.full((len(lists), rule.per_seeker), -1, dtype=np.int64)
    value = np.full(chosen.shape, np.nan)
    for row, places in enumerate(lists):
        kept = sorted(places)
        chosen[row, : len(kept)] = candidates.chosen[row, kept]
        value[row, : len(kept)] = candidates.value[row, kept]
    return Ranked(chosen, value)


def told_of(
    value: NDArray[np.float64],
    suiting: NDArray[np.int64],
    best: NDArray[np.float64],
    seeker_ids: tuple[str, ...],
    day: date,
    *,
    most_seekers: int,
    tolerance: float = TOLERANCE,
    floor: float = FLOOR,
) -> NDArray[np.int64]:
    """Rows of the seekers that one offer is shown to by the rule above, in the order in which they get a place.

    A smaller ``most_seekers`` gives the first of the same rows: who asks again with other limits sees nobody else.

    value:   (n_seekers,) of the offer for each, which suits them all
    suiting: (n_seekers,) how many offers suit each; best: the value of the best of them
    """
    draw = drawn(seeker_ids, day)
    left = np.flatnonzero(value >= floor * best)
    taken: list[int] = []
    while len(left) and len(taken) < most_seekers:
        near = left[value[left] >= value[left].max() - tolerance]
        row = int(near[np.lexsort((draw[near], -value[near], suiting[near]))[0]])
        taken.append(row)
        left = left[left != row]
    return np.array(taken, dtype=np.int64)


@dataclass
class _Choice:
    """What one seeker may still be given."""

    offers: NDArray[np.int64]
    value: NDArray[np.float64]
    taken: NDArray[np.bool_]

    @classmethod
    def of(cls, candidates: Ranked, row: int, floor: float) -> "_Choice":
        there = candidates.chosen[row] >= 0
        offers, value = candidates.chosen[row, there], candidates.value[row, there]
        kept = value >= floor * value.max(initial=0.0)
        return cls(offers[kept], value[kept], np.zeros(int(kept.sum()), dtype=np.bool_))

    def free(self, shown_to: NDArray[np.int64], most: int) -> NDArray[np.bool_]:
        return ~self.taken & (shown_to[self.offers] < most)

    def take(self, shown_to: NDArray[np.int64], draw: NDArray[np.int64], rule: ExposureRule) -> int | None:
        """The place among the candidates of the one taken; None where none is left."""
        free = np.flatnonzero(self.free(shown_to, rule.most_seekers))
        if not len(free):
            return None
        near = free[self.value[free] >= self.value[free].max() - rule.tolerance]
        offers = self.offers[near]
        place = int(near[np.lexsort((draw[offers], -self.value[near], shown_to[offers]))[0]])
        self.taken[place] = True
        return place


@dataclass(frozen=True)
class Exposure:
    """What lists do.

    offers:     offers that suit somebody; of them, unseen are in no list
    seekers:    seekers whom some offer suits; of them, empty have no list
    most:       the greatest number of lists that one offer is in
    gini:       of the offers' numbers of lists: 0 all alike, near 1 a few have them all
    shown:      places filled in all lists; mean_value of them, NaN where there are none
    """

    offers: int
    unseen: int
    seekers: int
    empty: int
    most: int
    gini: float
    shown: int
    mean_value: float


def exposure(lists: Ranked, suited_seekers: NDArray[np.bool_], suited_offers: NDArray[np.bool_]) -> Exposure:
    """Measures lists.

    suited_seekers: (n_seekers,) some offer is eligible for the person; suited_offers: (n_offers,) for somebody
    """
    filled = lists.chosen >= 0
    counts = np.bincount(lists.chosen[filled], minlength=len(suited_offers))[suited_offers]
    return Exposure(
        offers=int(suited_offers.sum()),
        unseen=int((counts == 0).sum()),
        seekers=int(suited_seekers.sum()),
        empty=int((~filled.any(axis=1) & suited_seekers).sum()),
        most=int(counts.max(initial=0)),
        gini=_gini(counts),
        shown=int(filled.sum()),
        mean_value=float(lists.value[filled].mean()) if filled.any() else float("nan"),
    )


def given_up(lists: Ranked, best: Ranked) -> float:
    """Share of the value of the best lists that the lists do without: places left empty count as lost."""
    total = float(np.nansum(best.value))
    return 1 - float(np.nansum(lists.value)) / total if total > 0 else 0.0


def _gini(counts: NDArray[np.int64]) -> float:
    """Gini's coefficient of counts, 0 where there are none."""
    total = counts.sum()
    if total == 0:
        return 0.0
    ordered = np.sort(counts)
    ranks = np.arange(1, len(ordered) + 1)
    return float((2 * ranks - len(ordered) - 1) @ ordered / (len(ordered) * total))


def drawn(ids: tuple[str, ...], day: date) -> NDArray[np.int64]:
    """(n,) an order that looks drawn by lot and is the same all day."""
    draws = [hashlib.blake2b(f"{day.isoformat()}|{one}".encode(), digest_size=7).digest() for one in ids]
    return np.array([int.from_bytes(draw) for draw in draws], dtype=np.int64)
