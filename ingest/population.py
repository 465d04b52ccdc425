"""A population drawn at random, as large as one likes, faithful to what is published: seekers and offers.

By family (ROME 3) and employment area for seekers, by family and commune for offers, people are drawn independently
with the published counts as weights: what is drawn is multinomial around them, as a sample of the whole would be.
Within a cell nothing is published, and ``Rates`` says what is assumed. Nobody who is drawn exists.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from graph.tables import GraphTables
from ingest.market import Market
from ingest.population_draws import Floats, Rows, chosen, pick, take_first, uuids
from ingest.population_rates import CONTRACTS, LEVELS, ORIGINS, YEARS, Rates
from ingest.population_schema import OFFERS, SEEKERS
from ingest.population_trades import Trades
from passerelle.errors import PopulationError

#: people drawn at once, and rows of a group of the files: what is in memory does not grow with the population
AT_ONCE = 16_384


@dataclass(frozen=True)
class Cells:
    """Published counts, and how they are drawn from.

    family: (n_cells,) index of the family; place: (n_cells,) index of the area or commune, -1 for offers without one
    count:  (n_cells,) published, > 0
    """

    family: Rows
    place: Rows
    count: Floats

    @property
    def total(self) -> float:
        """All that is published."""
        return float(self.count.sum())

    def draw(self, rng: np.random.Generator, n: int) -> Rows:
        """(n,) cells, each as likely as its count."""
        upto = np.cumsum(self.count)
        found = np.searchsorted(upto, rng.random(n) * upto[-1], side="right")
        # a product that is rounded up to the total is of the last cell
        return np.asarray(np.minimum(found, len(upto) - 1), dtype=np.int64)


@dataclass(frozen=True)
class Population:
    """What a population is drawn from. Its blocks depend on the seed and on nothing else that changes.

    areas, communes: codes; area_of: (n_communes,) index of each commune's area, -1 where it has none
    fixed_term: (n_families,) share of hires that are fixed-term, in [0, 1]; median_wage: euros a month; NaN where
        unpublished
    """

    seed: int
    seeker_cells: Cells
    offer_cells: Cells
    families: pa.Array
    areas: pa.Array
    communes: pa.Array
    area_of: Rows
    fixed_term: Floats
    median_wage: Floats
    trades: Trades
    rates: Rates = field(default_factory=Rates)

    @classmethod
    def of(
        cls, tables: GraphTables, market: Market, communes: pd.DataFrame, seed: int, rates: Rates | None = None
    ) -> Self:
        """communes: columns code and area, as ``ingest.territory`` gives them

        raises: PopulationError when no seekers and no offers are published, or of families without an occupation
        """
        rates = rates or Rates()
        table = market.table
        local = table[(table["source"] == "tension_area") & (table["level"] == "area") & table["seekers"].notna()]
        if local.empty or market.offers.empty:
            raise PopulationError(
                "Aucun effectif publié : il faut les demandeurs par bassin et les offres par commune",
                "Lancez « passerelle fetch », ou donnez le dossier par PASSERELLE_DATA.",
            )
        known = tables.relationships["in_family"]["end"].unique()
        families = pd.Index(sorted({*known} & {*local["family"], *market.offers["family"]}))
        areas = pd.Index(sorted({*local["territory"], *communes["area"].dropna()}))
        places = pd.Index(communes["code"])
        local = local[local["family"].isin(families)]
        offers = market.offers[market.offers["family"].isin(families)]
        return cls(
            seed=seed,
            seeker_cells=_cells(local, families, areas.get_indexer(pd.Index(local["territory"])), "seekers"),
            offer_cells=_cells(offers, families, places.get_indexer(pd.Index(offers["commune"])), "offers"),
            families=pa.array(families, pa.string()),
            areas=pa.array(areas, pa.string()),
            communes=pa.array(places, pa.string()),
            area_of=areas.get_indexer(pd.Index(communes["area"])).astype(np.int64),
            fixed_term=_national(table, "fixed_term_share", families) / 100,
            median_wage=_national(table, "median_wage", families),
            trades=Trades.of(tables, families, rates),
            rates=rates,
        )

    def sizes(self, scale: float) -> tuple[int, int]:
        """Seekers and offers at a scale, 1 being all that are published.

        raises: PopulationError when there would be none
        """
        sizes = round(scale * self.seeker_cells.total), round(scale * self.offer_cells.total)
        if min(sizes) < 1:
            raise PopulationError(f"À l'échelle {scale} il n'y a personne", "Donnez un --scale plus grand.")
        return sizes

    def seekers(self, n: int) -> Iterator[tuple[pa.RecordBatch, Rows]]:
        """``n`` seekers (``SEEKERS``) in blocks, with the cell of each."""
        yield from self._blocks(n, 0, self.seeker_cells, self._seekers)

    def offers(self, n: int) -> Iterator[tuple[pa.RecordBatch, Rows]]:
        """``n`` offers (``OFFERS``) in blocks, with the cell of each."""
        yield from self._blocks(n, 1, self.offer_cells, self._offers)

    def _blocks(
        self,
        n: int,
        kind: int,
        cells: Cells,
        make: Callable[[np.random.Generator, Rows, int], pa.RecordBatch],
    ) -> Iterator[tuple[pa.RecordBatch, Rows]]:
        for number, first in enumerate(range(0, n, AT_ONCE)):
            rng = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(kind, number)))
            drawn = cells.draw(rng, min(AT_ONCE, n - first))
            yield make(rng, drawn, first), drawn

    def _seekers(self, rng: np.random.Generator, cells: Rows, _first: int) -> pa.RecordBatch:
        rates, trades, n = self.rates, self.trades, len(cells)
        who, past = self._past(rng, self.seeker_cells.family[cells])
        years = chosen(rng, rates.years, len(who))
        of, skills, level = self._held(rng, n, who, past, years)
        told_level = pa.array(np.array(LEVELS)[level], pa.string(), mask=rng.random(len(level)) < rates.level_blank)
        origin = pa.array(np.array(ORIGINS)[chosen(rng, rates.origins, len(skills))], pa.string())
        refusing, refused = self._refused(rng, n)
        reach = np.array(rates.reach_km, dtype=np.int32)[chosen(rng, rates.reach, n)]
        occupations = [trades.codes.take(pa.array(past)), pa.array(np.array(YEARS)[years], pa.string())]
        held = [trades.skill_codes.take(pa.array(skills)), origin, told_level]
        arrays = [
            uuids(rng, n),
            pa.array(np.ones(n, dtype=bool)),
            _listed(who, n, pa.StructArray.from_arrays(occupations, fields=list(SEEKERS.field(2).type.value_type))),
            _listed(of, n, pa.StructArray.from_arrays(held, fields=list(SEEKERS.field(3).type.value_type))),
            _listed(refusing, n, trades.context_codes.take(pa.array(refused))),
            self.areas.take(pa.array(self.seeker_cells.place[cells])),
            pa.array(reach, pa.int32(), mask=rng.random(n) < rates.reach_blank),
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=SEEKERS)

    def _past(self, rng: np.random.Generator, family: Rows) -> tuple[Rows, Rows]:
        """Who worked where: seekers in order, and of each the occupation of her family first, none twice."""
        n = len(family)
        main = pick(rng, self.trades.of_family, family)
        several = rng.random(n)
        parts = [(np.arange(n), main)]
        for share in (self.rates.second_occupation, self.rates.third_occupation):
            having = np.flatnonzero((several < share) & (self.trades.near.lengths[main] > 0))
            parts.append((having, pick(rng, self.trades.near, main[having])))
        who, past = (np.concatenate(one) for one in zip(*parts, strict=True))
        order = np.argsort(who, kind="stable")
        return take_first(who[order], past[order])

    def _held(self, rng: np.random.Generator, n: int, who: Rows, past: Rows, years: Rows) -> tuple[Rows, Rows, Rows]:
        """Who holds what, and how well: seekers in order, skills, index into ``LEVELS``."""
        rates, trades = self.rates, self.trades
        is_first = np.r_[True, who[1:] != who[:-1]]
        at, entry = trades.skills.expand(past)
        weight = trades.skill_weight[entry] * np.where(is_first[at], 1.0, rates.earlier_occupation)
        wanted = rates.least_skills + rng.poisson(rates.more_skills, n)
        kept = _sampled(rng, who[at], weight, wanted)
        of, skills, known = who[at][kept], trades.skills.values[entry[kept]], years[at][kept]
        # and something of another trade, as often as trades ask it, known for little time
        others = np.flatnonzero(rng.random(n) < rates.other_skill)
        upto = np.cumsum(trades.requiring)
        other = np.searchsorted(upto, rng.random(len(others)) * upto[-1], side="right")
        of, skills = np.concatenate([of, others]), np.concatenate([skills, other])
        known = np.concatenate([known, np.zeros(len(others), dtype=np.int64)])
        order = np.argsort(of, kind="stable")
        of, skills, known = of[order], skills[order], known[order]
        of, places = take_first(of, skills, places=True)
        skills, known = skills[places], known[places]
        steps = np.cumsum(np.array(rates.levels), axis=1)[known]
        level = (rng.random(len(known))[:, None] >= steps[:, :-1]).sum(axis=1)
        return of, skills, level

    def _refused(self, rng: np.random.Generator, n: int) -> tuple[Rows, Rows]:
        upto = np.cumsum(self.rates.refusals[::-1])
        # three at the most; those who refuse none are the rest
        how_many = 3 - np.searchsorted(upto, rng.random(n), side="right")
        who = np.repeat(np.arange(n), how_many)
        codes = self.trades.context_codes
        if not len(codes):
            return who[:0], who[:0]
        return take_first(who, rng.integers(0, len(codes), len(who)))

    def _offers(self, rng: np.random.Generator, cells: Rows, first: int) -> pa.RecordBatch:
        rates, trades, n = self.rates, self.trades, len(cells)
        family, commune = self.offer_cells.family[cells], self.offer_cells.place[cells]
        occupation = pick(rng, trades.of_family, family)
        has_title = trades.titles.lengths[occupation] > 0
        title = np.zeros(n, dtype=np.int64)
        title[has_title] = pick(rng, trades.titles, occupation[has_title])
        at, entry = trades.skills.expand(occupation)
        wanted = (rates.least_asked + rng.poisson(rates.more_asked, n)) * (rng.random(n) >= rates.asked_blank)
        kept = _sampled(rng, at, trades.skill_weight[entry], wanted)
        of, entry = at[kept], entry[kept]
        must = rng.random(len(of)) < np.where(trades.skill_is_core[entry], rates.must_core, rates.must_other)
        asked = [trades.skill_codes.take(pa.array(trades.skills.values[entry])), pa.array(must)]
        # where no share is published for a family, that of all of them
        fixed = np.where(np.isnan(self.fixed_term), np.nanmean(self.fixed_term), self.fixed_term)[family]
        contract = np.array(CONTRACTS)[(rng.random(n) < fixed).astype(np.int64)]
        wage = self.median_wage[family] * np.exp(rates.wage_deviation * rng.standard_normal(n))
        no_wage = (rng.random(n) < rates.wage_blank) | np.isnan(wage)
        area = np.where(commune >= 0, self.area_of[commune], -1)
        arrays = [
            pa.array([f"gen-{self.seed}-{number:08d}" for number in range(first, first + n)], pa.string()),
            pa.array(np.ones(n, dtype=bool)),
            trades.codes.take(pa.array(occupation)),
            self.families.take(pa.array(family)),
            trades.title_codes.take(pa.array(title, mask=~has_title)),
            _listed(of, n, pa.StructArray.from_arrays(asked, fields=list(OFFERS.field("asked").type.value_type))),
            self.communes.take(pa.array(commune, mask=commune < 0)),
            self.areas.take(pa.array(area, mask=area < 0)),
            pa.array(contract, pa.string(), mask=rng.random(n) < rates.contract_blank),
            pa.array(np.where(no_wage, 0, np.round(wage, -1)).astype(np.int32), mask=no_wage),
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=OFFERS)


def _cells(rows: pd.DataFrame, families: pd.Index, place: NDArray[np.integer], measure: str) -> Cells:
    family = families.get_indexer(pd.Index(rows["family"]))
    return Cells(family.astype(np.int64), place.astype(np.int64), rows[measure].to_numpy(dtype=np.float64))


def _national(table: pd.DataFrame, measure: str, families: pd.Index) -> Floats:
    """(n_families,) the mean of what the family's FAP publish; NaN where none does."""
    found = table.dropna(subset=[measure]).groupby("family")[measure].mean()
    return found.reindex(families).to_numpy(dtype=np.float64, na_value=np.nan)


def _sampled(rng: np.random.Generator, of: Rows, weight: Floats, wanted: Rows) -> Rows:
    """Places of what is drawn without replacement for each, as likely as its weight (Efraimidis and Spirakis 2006).

    of: (n_entries,) whose entry it is, ascending; wanted: (n,) how many of each at most
    """
    late = rng.standard_exponential(len(of)) / weight
    order = np.lexsort((late, of))
    counts = np.bincount(of, minlength=len(wanted))
    place = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.sort(order[place < wanted[of]])


def _listed(of: Rows, n: int, values: pa.Array) -> pa.ListArray:
    """One list for each of ``n``, ``of`` telling whose each value is, ascending."""
    return pa.ListArray.from_arrays(
        pa.array(np.concatenate([[0], np.cumsum(np.bincount(of, minlength=n))]), pa.int32()), values
    )
