"""What spreading offers by the rule does, beside plain lists of the best: offers that get nobody, people shown nothing,
value given up. Seekers and offers are generated (ingest.population), faithful to published counts; nobody is real.

PASSERELLE_DATA=... python -m benchmarks.matching [--scale 0.01] [--region 32] [--seed 1] [--per-seeker 10]
"""

import argparse
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from benchmarks.published import published_tables
from embeddings.similar import with_similar
from embeddings.triples import Triples
from embeddings.vectors import find_vectors
from ingest.catalogue import find_data
from ingest.market_files import read_market
from ingest.population import Population
from ingest.territory import Territories
from ingest.territory_distance import distance_km
from ingest.territory_files import read_territory
from passerelle.settings import Settings
from recommend.features import FeatureSpace
from recommend.matching import Matcher, Offers, Ranked, Seekers
from recommend.matching_exposure import ExposureRule, exposure, given_up, plain, share
from recommend.skillgraph import SkillGraph

DEPTH, DAY = 200, date(2026, 3, 11)
Flags = NDArray[np.bool_]


def main() -> None:
    """Prints one line a rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=0.01)
    parser.add_argument("--region", default="32")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-seeker", type=int, default=10)
    asked = parser.parse_args()
    tables = published_tables()
    tables = with_similar(tables, find_vectors(Triples.of(tables)))
    data = find_data(Settings(), Path.cwd()).path
    places = read_territory(data / "territory")
    market = read_market(data, places, tables.nodes["OccupationFamily"]["codeRome3"])
    population = Population.of(tables, market, places.communes, asked.seed)
    graph = SkillGraph.of(tables)
    seekers, offers = people(population, graph, places, asked.scale, asked.region)
    version = tables.meta.data_version
    print(f"generated: {len(seekers)} seekers, {len(offers)} offers; region {asked.region}, {version}")
    matcher = Matcher(graph, FeatureSpace.of(graph).idf, offers, distance_km)
    begun = time.perf_counter()
    candidates = matcher.offers_for(seekers, DEPTH)
    print(f"candidates: {time.perf_counter() - begun:.1f} s")
    someone, something = suited(matcher, seekers)
    best = plain(candidates, asked.per_seeker)
    print("rule                    offers unseen  seekers empty   most   gini  places  mean value  value given up  s")
    _line("plain", best, best, someone, something, 0.0)
    for most in (200, 50, 20, 10):
        print(f"{'':<6}most {most}: {fewest_empty(candidates, len(offers), most)} seekers empty whatever the rule")
        for tolerance in (0.0, 0.05):
            begun = time.perf_counter()
            rule = ExposureRule(asked.per_seeker, most, tolerance)
            lists = share(candidates, seekers.ids, offers.ids, rule, DAY)
            name = f"most {most:>3}, within {tolerance:.2f}"
            _line(name, lists, best, someone, something, time.perf_counter() - begun)


def _line(name: str, lists: Ranked, best: Ranked, someone: Flags, something: Flags, seconds: float) -> None:
    found = exposure(lists, someone, something)
    lost = f"{100 * given_up(lists, best):.2f}%"
    print(
        f"{name:<22}  {found.unseen:>6} of {found.offers:<5} {found.empty:>5} of {found.seekers:<6} {found.most:>6} "
        f"{found.gini:>6.3f} {found.shown:>7} {found.mean_value:>9.4f} {lost:>13} {seconds:>6.1f}",
        flush=True,
    )


def fewest_empty(candidates: Ranked, n_offers: int, most: int) -> int:
    """The fewest seekers with candidates who can be shown nothing when an offer is shown to ``most`` at the most.

    Each offer stands ``most`` times in a graph of seekers and offers, and a greatest matching leaves the fewest out
    (Hopcroft and Karp, 1973).
    """
    row, place = np.nonzero(candidates.chosen >= 0)
    column = (candidates.chosen[row, place][:, None] * most + np.arange(most)).ravel()
    there = csr_matrix(
        (np.ones(len(column), dtype=np.int8), (np.repeat(row, most), column)),
        shape=(len(candidates.chosen), n_offers * most),
    )
    matched = maximum_bipartite_matching(there, perm_type="column")
    return int(((matched < 0) & (candidates.chosen[:, 0] >= 0)).sum())


def suited(matcher: Matcher, seekers: Seekers, block: int = 256) -> tuple[Flags, Flags]:
    """Whether some offer is eligible for each seeker, and each offer for somebody."""
    someone, something = np.zeros(len(seekers), dtype=np.bool_), np.zeros(len(matcher.offers), dtype=np.bool_)
    for start in range(0, len(seekers), block):
        part = slice(start, start + block)
        eligible = matcher.table(seekers.rows(part)).eligible
        someone[part] = eligible.any(axis=1)
        something |= eligible.any(axis=0)
    return someone, something


def people(
    population: Population, graph: SkillGraph, places: Territories, scale: float, region: str
) -> tuple[Seekers, Offers]:
    """Those of the generated population who are in a region, at the published ratio of seekers to offers."""
    n_seekers, n_offers = population.sizes(scale)
    areas = places.areas.loc[places.areas["region"] == region, "code"]
    seekers = _those(pa.Table.from_batches([batch for batch, _ in population.seekers(n_seekers)]), areas)
    offers = _those(pa.Table.from_batches([batch for batch, _ in population.offers(n_offers)]), areas)
    points = places.communes.groupby("area")[["latitude", "longitude"]].mean()
    where = points.reindex([row["area"] for row in seekers]).to_numpy(dtype=np.float64)
    contexts = {code: column for column, code in enumerate(graph.context_codes)}
    made = Seekers(
        tuple(row["seeker"] for row in seekers),
        _flags([[skill["code_ogr"] for skill in row["skills"]] for row in seekers], graph.skill_index_of),
        _flags([row["refused_contexts"] for row in seekers], contexts),
        where[:, 0],
        where[:, 1],
        np.array([np.nan if row["reach_km"] is None else row["reach_km"] for row in seekers], dtype=np.float64),
    )
    commune = places.communes.set_index("code")[["latitude", "longitude"]]
    at = commune.reindex([row["commune"] for row in offers]).to_numpy(dtype=np.float64)
    asked = [[(one["code_ogr"], one["required"]) for one in row["asked"]] for row in offers]
    return made, Offers(
        tuple(row["offer"] for row in offers),
        np.array([graph.index_of[row["occupation"]] for row in offers], dtype=np.int64),
        _flags([[code for code, required in several if required] for several in asked], graph.skill_index_of),
        _flags([[code for code, required in several if not required] for several in asked], graph.skill_index_of),
        at[:, 0],
        at[:, 1],
    )


def _those(table: pa.Table, areas) -> list[dict]:  # type: ignore[no-untyped-def,type-arg]
    known = set(areas)
    return [row for row in table.to_pylist() if row["area"] in known]


def _flags(rows: list[list[str]], columns: dict[str, int]) -> csr_matrix:
    row = np.repeat(np.arange(len(rows)), [len(codes) for codes in rows])
    column = [columns[code] for codes in rows for code in codes]
    return csr_matrix((np.ones(len(column)), (row, column)), shape=(len(rows), len(columns)))


if __name__ == "__main__":
    main()
