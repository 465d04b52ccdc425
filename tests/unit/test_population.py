"""A generated population: faithful to what is published, the same for a seed, and labelled."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from graph.tables import GraphTables
from ingest.market import Market
from ingest.market_files import read_market
from ingest.population import AT_ONCE, Population
from ingest.population_check import LEAST_EXPECTED, faithfulness
from ingest.population_draws import Lists, take_first, uuids
from ingest.population_rates import Rates
from ingest.population_schema import OFFERS, SEEKERS
from ingest.territory import Territories
from ingest.territory_files import read_territory
from passerelle.errors import PopulationError
from passerelle.population import write_population
from recommend.batch_rows import check_columns
from records.forms import SeekerProfile
from tests.unit.batch_run import reader
from tests.unit.toy import CONTEXTS, MOVES, OCCUPATIONS, REQUIRES, toy_tables

CELLS = {("B1804", "0101"): 200.5, ("B1803", "0101"): 90.0, ("H2605", "0101"): 20.0, ("H2605", "3201"): 60.0}
OPEN = {("B1803", "01001"): 40, ("H2605", "59350"): 25, ("H2605", None): 10, ("K1103", "59350"): 3}


def market(seekers: dict[tuple[str, str], float], offers: dict[tuple[str, str | None], int]) -> Any:
    national = {"level": "nation", "territory": "FR", "fap": "T4Z60"}
    rows: list[dict[str, object]] = [
        {"family": f, "level": "area", "territory": a, "source": "tension_area", "seekers": n}
        for (f, a), n in seekers.items()
    ]
    rows += [{"family": "H2605", "source": "wages", "median_wage": 1800.0, **national}]
    rows += [{"family": "H2605", "source": "fixed_term", "fixed_term_share": 100.0, **national}]
    rows += [{"family": "B1803", "source": "fixed_term", "fixed_term_share": 0.0, **national}]
    opened = [{"family": f, "commune": c, "offers": n} for (f, c), n in offers.items()]
    columns = ["family", "level", "territory", "source", "fap", "seekers", "median_wage", "fixed_term_share"]
    return SimpleNamespace(
        table=pd.DataFrame(rows, columns=columns),
        offers=pd.DataFrame(opened, columns=["family", "commune", "offers"]).astype({"commune": "string"}),
    )


COMMUNES = pd.DataFrame({"code": ["01001", "59350", "98735"], "area": ["0101", "3201", None]}, dtype="string")
TABLES = toy_tables()


def toy(seed: int = 0, rates: Rates | None = None) -> Population:
    return Population.of(TABLES, market(CELLS, OPEN), COMMUNES, seed, rates)


def rows_of(blocks: Any) -> list[dict[str, Any]]:
    return [row for batch, _ in blocks for row in batch.to_pylist()]


@given(seed=st.integers(0, 2**32), n=st.integers(1, 60))
@settings(deadline=None, max_examples=40)
def test_a_seeker_is_one_that_the_records_would_take(seed: int, n: int) -> None:
    blocks = list(toy(seed).seekers(n))
    pa.Table.from_batches([batch for batch, _ in blocks], SEEKERS).validate(full=True)
    people = rows_of(blocks)
    assert len(people) == n
    assert len({one["seeker"] for one in people}) == n
    for one in people:
        assert one["generated"] is True
        profile = SeekerProfile.read(
            {
                "pastOccupations": [{"codeRome": p["code_rome"], "years": p["years"]} for p in one["past_occupations"]],
                "skills": [
                    {"codeOgr": s["code_ogr"], "origin": s["origin"], "level": s["level"]} for s in one["skills"]
                ],
                # the toy contexts have no code that the records know
                "area": one["area"],
                "reachKm": one["reach_km"],
            }
        )
        assert set(one["refused_contexts"]) <= {code for several in CONTEXTS.values() for code in several}
        assert len(set(one["refused_contexts"])) == len(one["refused_contexts"])
        first, *others = [past.code_rome for past in profile.past_occupations]
        # her family and area are a published cell, whatever else she did leads to it or from it by ROME
        assert (OCCUPATIONS[first][1], one["area"]) in CELLS
        assert all(other in MOVES[first] or first in MOVES[other] for other in others)


@given(seed=st.integers(0, 2**32), n=st.integers(1, 60))
@settings(deadline=None, max_examples=40)
def test_an_offer_asks_what_its_occupation_asks(seed: int, n: int) -> None:
    blocks = list(toy(seed).offers(n))
    pa.Table.from_batches([batch for batch, _ in blocks], OFFERS).validate(full=True)
    area_of = {"01001": "0101", "59350": "3201", None: None}
    for one in rows_of(blocks):
        assert one["generated"] is True
        assert one["offer"].startswith("gen-")
        assert (one["family"], one["commune"]) in OPEN
        assert one["area"] == area_of[one["commune"]]
        assert OCCUPATIONS[one["occupation"]][1] == one["family"]
        asked = [skill["code_ogr"] for skill in one["asked"]]
        assert len(set(asked)) == len(asked)
        assert set(asked) <= set(REQUIRES[one["occupation"]])
        # published of H2605 and B1803 alone; a wage of H2605 alone
        assert one["contract"] in {None, {"H2605": "CDD", "B1803": "CDI"}.get(one["family"], one["contract"])}
        assert one["monthly_wage"] is None or one["family"] == "H2605"


def test_what_is_blank_is_blank_as_often_as_assumed() -> None:
    rates = Rates()
    people = rows_of(toy(3).seekers(8000))
    offers = [one for one in rows_of(toy(3).offers(8000)) if one["family"] == "H2605"]
    skills = [skill for one in people for skill in one["skills"]]
    for found, expected in (
        ([one["reach_km"] is None for one in people], rates.reach_blank),
        ([len(one["refused_contexts"]) > 0 for one in people], sum(rates.refusals)),
        ([skill["level"] is None for skill in skills], rates.level_blank),
        ([skill["origin"] == "declared" for skill in skills], rates.origins[0]),
        ([one["past_occupations"][0]["years"] == "6+" for one in people], rates.years[2]),
        ([one["monthly_wage"] is None for one in offers], rates.wage_blank),
        ([one["contract"] is None for one in offers], rates.contract_blank),
        ([not one["asked"] for one in offers], rates.asked_blank),
    ):
        deviation = (expected * (1 - expected) / len(found)) ** 0.5
        assert abs(np.mean(found) - expected) < 5 * deviation, expected
    wages = [one["monthly_wage"] for one in offers if one["monthly_wage"]]
    assert np.median(wages) == pytest.approx(1800, rel=0.02)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        write_population(toy(seed), tmp_path / name, 100.0, {"dataVersion": "toy"})
    for file in ("seekers.parquet", "offers.parquet", "population.json"):
        a, b, c = ((tmp_path / name / file).read_bytes() for name in "abc")
        assert a == b
        assert a != c
    metadata = pq.read_schema(tmp_path / "a" / "offers.parquet").metadata
    assert metadata[b"passerelle.generated"] == b"true"
    assert metadata[b"passerelle.dataVersion"] == b"toy"
    document = json.loads((tmp_path / "a" / "population.json").read_text())
    assert (document["generated"], document["seekers"]["drawn"]) == (True, round(100 * sum(CELLS.values())))


def test_a_population_of_any_size_takes_one_block_of_memory() -> None:
    blocks = toy().seekers(10**12)
    assert [len(next(blocks)[0]) for _ in range(2)] == [AT_ONCE, AT_ONCE]


def test_a_batch_takes_a_population_as_it_is(tmp_path: Path) -> None:
    write_population(toy(1), tmp_path, 1.0, {})
    table = pq.read_table(tmp_path / "seekers.parquet")
    check_columns(table.schema, "seekers.parquet")
    found, aside = reader().recommend(table.combine_chunks().to_batches()[0])
    assert (len(found), len(aside)) == (round(sum(CELLS.values())), 0)


def test_nothing_published_draws_nobody() -> None:
    for seekers, offers in (({}, OPEN), (CELLS, {})):
        with pytest.raises(PopulationError, match="publié"):
            Population.of(TABLES, market(seekers, offers), COMMUNES, 0)  # type: ignore[arg-type]
    with pytest.raises(PopulationError, match="personne"):
        toy().sizes(0.0001)


def test_families_that_rome_has_not_are_left_out() -> None:
    made = Population.of(TABLES, market(CELLS | {("Z9999", "0101"): 1e6}, OPEN), COMMUNES, 0)
    assert made.seeker_cells.total == sum(CELLS.values())


@given(counts=st.lists(st.floats(0.1, 300), min_size=2, max_size=80), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_pooled_cells_expect_enough(counts: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    published = np.array(counts)
    groups = rng.integers(0, 6, len(counts))
    n = 20 + int(published.sum())
    drawn = rng.multinomial(n, published / published.sum())
    found = faithfulness(drawn, published, groups, n / published.sum())
    assert found.drawn == n
    assert found.ratio == pytest.approx(1.0)
    assert 1 <= found.cells <= n / LEAST_EXPECTED
    assert 0 <= found.p <= 1
    # counts as published could not fit better
    exact = faithfulness(np.round(published * 1000).astype(np.int64), published, groups, 1000)
    assert exact.chi_square < 1
    assert exact.p > 0.5 or exact.degrees == 0


def test_chance_alone_is_told_from_a_wrong_draw() -> None:
    published = np.array([100.0, 200.0, 300.0, 4.0, 2.0])
    groups = np.array([0, 0, 1, 1, 1])
    by_hand = ((110 - 100) ** 2 / 100) + ((190 - 200) ** 2 / 200)
    found = faithfulness(np.array([110, 190, 300, 3, 3]), published, groups, 1.0)
    assert (found.cells, found.degrees) == (4, 3)
    assert found.chi_square == pytest.approx(by_hand)
    assert faithfulness(np.array([200, 100, 300, 3, 3]), published, groups, 1.0).p < 1e-6


@given(values=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=40))
def test_each_value_is_kept_once_where_it_stands_first(values: list[tuple[int, int]]) -> None:
    ordered = sorted(values, key=lambda one: one[0])
    of, own = (np.array([one[at] for one in ordered], dtype=np.int64) for at in (0, 1))
    assert list(zip(*(kept.tolist() for kept in take_first(of, own)), strict=True)) == list(dict.fromkeys(ordered))


def test_lists_are_read_back() -> None:
    links = pd.DataFrame({"start": ["b", "a", "b", "z"], "end": ["x", "y", "y", "x"]})
    lists = Lists.of(links, pd.Index(["a", "b", "c"]), pd.Index(["x", "y"]))
    of, entry = lists.expand(np.array([1, 2, 0, 1]))
    assert of.tolist() == [0, 0, 2, 3, 3]
    assert lists.values[entry].tolist() == [0, 1, 1, 0, 1]


def test_ids_are_random_uuids() -> None:
    ids = uuids(np.random.default_rng(0), 100).to_pylist()
    assert len(set(ids)) == 100
    assert all(len(one) == 36 and one[14] == "4" and one[19] in "89ab" for one in ids)


@pytest.fixture(scope="module")
def published(data_dir: Path, real_tables: GraphTables) -> tuple[Territories, Market]:
    territories = read_territory(data_dir / "territory")
    return territories, read_market(data_dir, territories, real_tables.nodes["OccupationFamily"]["codeRome3"])


@pytest.mark.real_data
def test_what_is_written_is_faithful_to_what_is_published(
    real_tables: GraphTables, published: tuple[Territories, Market], tmp_path: Path
) -> None:
    """Counted again from the files and from the market's table, by other code than the generator's."""
    territories, of_market = published
    drawn = Population.of(real_tables, of_market, territories.communes, seed=460)
    write_population(drawn, tmp_path, 0.01, {})
    people = pq.read_table(tmp_path / "seekers.parquet").to_pandas()
    family_of = real_tables.relationships["in_family"].set_index("start")["end"]
    first = people["past_occupations"].map(lambda past: past[0]["code_rome"]).map(family_of)
    table = of_market.table
    local = table[(table["source"] == "tension_area") & (table["level"] == "area")]
    expected = local.set_index(["family", "territory"])["seekers"].astype("float64") / 100
    _check_counts(people.groupby([first, "area"]).size(), expected)
    offers = pq.read_table(tmp_path / "offers.parquet").to_pandas()
    whole = of_market.offers.assign(commune=of_market.offers["commune"].fillna("-"))
    expected = whole.groupby(["family", "commune"])["offers"].sum().astype("float64") / 100
    _check_counts(offers.fillna({"commune": "-"}).groupby(["family", "commune"]).size(), expected)
    assert people["generated"].all()
    assert offers["generated"].all()
    assert set(people.columns) == set(SEEKERS.names)
    assert people["skills"].map(len).mean() == pytest.approx(12, abs=1)


def _check_counts(found: "pd.Series[int]", expected: "pd.Series[float]") -> None:
    assert found.sum() == pytest.approx(expected.sum(), rel=0.01)
    assert not found.index.difference(expected.index).size
    both = pd.DataFrame({"expected": expected, "found": found.reindex(expected.index).fillna(0)})
    large = both["expected"] >= 5
    of_family = both[~large].groupby(level=0).sum()
    pooled = pd.concat([both[large], of_family[of_family["expected"] >= 5]])
    rest = of_family[of_family["expected"] < 5].sum()
    counts = np.vstack([pooled.to_numpy(), rest.to_numpy()])
    scaled = counts[:, 0] * counts[:, 1].sum() / counts[:, 0].sum()
    assert len(counts) > 100
    assert chisquare(counts[:, 1], scaled).pvalue > 0.001


def test_other_rates_draw_another_population() -> None:
    alone = toy(2, replace(Rates(), second_occupation=0.0, third_occupation=0.0, refusals=(0.0, 0.0, 0.0)))
    people = rows_of(alone.seekers(200))
    assert {len(one["past_occupations"]) for one in people} == {1}
    assert not any(one["refused_contexts"] for one in people)
