"""Potential on the published market: the same tension as the tables give, known cases, and the shape of the prior."""

import numpy as np
import pytest
from scipy.special import gammaln

from graph.tables import GraphTables
from ingest.country_files import CountryReading
from ingest.market import Market
from ingest.territory import Territories
from ingest.territory_distance import distance_km
from recommend.territory import Pursuit, best_areas, potential
from recommend.territory_arrays import CLASSES, LEVELS, MarketArrays
from recommend.territory_reasons import reasons, tension
from recommend.territory_shrinkage import SHAPE
from recommend.territory_whatif import what_if

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def territories(published_country: CountryReading) -> Territories:
    return published_country.country.territories


@pytest.fixture(scope="module")
def market(published_country: CountryReading) -> Market:
    return published_country.country.market


@pytest.fixture(scope="module")
def arrays(market: Market, territories: Territories, real_tables: GraphTables) -> MarketArrays:
    families = real_tables.nodes["OccupationFamily"]
    return MarketArrays.of(market, territories, dict(zip(families["codeRome3"], families["label"], strict=True)))


def test_what_is_counted(arrays: MarketArrays) -> None:
    assert (len(arrays.family_codes), len(arrays.area_codes)) == (532, 404)
    assert np.nansum(arrays.offers) == 846_128
    assert not np.isnan(arrays.offers).any()
    assert (~np.isnan(arrays.seekers)).sum() == 27_111
    levels, counts = np.unique(arrays.level, return_counts=True)
    # 135 families have no seekers anywhere
    assert dict(zip(levels.tolist(), counts.tolist(), strict=True)) == {
        -1: 135 * 404, 0: 27_111, 1: 28_047, 2: 47_522, 3: 57_708,
    }  # fmt: skip
    assert arrays.overall[0] == pytest.approx(0.1396, abs=1e-4)
    assert (arrays.offers_day[0], arrays.seekers_year[0], arrays.class_year.tolist()) == (
        "2021-12-21", 2021, [2021, 2019, 2019, 2019],
    )  # fmt: skip


def test_tension_is_the_tables_with_its_level(arrays: MarketArrays, market: Market) -> None:
    random = np.random.default_rng(5)
    found = 0
    for _ in range(3000):
        family, area = int(random.integers(len(arrays.family_codes))), int(random.integers(len(arrays.area_codes)))
        ours = tension(arrays, family, area)
        theirs = market.read(arrays.family_codes[family], arrays.area_codes[area])
        if theirs is None:
            assert ours is None
            continue
        found += 1
        assert ours is not None
        assert (ours.low, ours.high, ours.level, ours.year) == (theirs.low, theirs.high, theirs.level, theirs.year)
    assert found > 2000


def test_causes_are_the_tables(arrays: MarketArrays, market: Market) -> None:
    random = np.random.default_rng(6)
    for _ in range(3000):
        family, area = int(random.integers(len(arrays.family_codes))), int(random.integers(len(arrays.area_codes)))
        name = CLASSES[int(random.integers(len(CLASSES)))]
        theirs = market.read(arrays.family_codes[family], arrays.area_codes[area], name)
        places = [(level, arrays.territory(area, position)) for position, level in enumerate(LEVELS)]
        low, high = arrays.class_low[CLASSES.index(name), family], arrays.class_high[CLASSES.index(name), family]
        ours = [(level, low[place], high[place]) for level, place in places if place is not None and low[place]]
        assert ours[:1] == ([] if theirs is None else [(theirs.level, theirs.low, theirs.high)])


def test_nurses_are_wanted_and_clerks_are_not(arrays: MarketArrays) -> None:
    """The direction: tight trades have the greater potential in every area with figures, and in France."""
    nurses, clerks = (potential(arrays, Pursuit.of(arrays, [family])).value for family in ("J1506", "M1602"))
    assert (nurses > clerks).mean() > 0.95
    pursuit = Pursuit.of(arrays, ["M1602"], [("J1506", 0.3)])
    outlook = {one.family: one for one in what_if(arrays, pursuit, "3216")}
    assert (outlook["J1506"].here.wanted, outlook["M1602"].here.wanted) == ("yes", "no")
    assert outlook["J1506"].wanted_areas > 5 * outlook["M1602"].wanted_areas


def test_small_counts_lean_on_the_larger_territory(arrays: MarketArrays) -> None:
    """Shrinkage draws the extremes in: the estimates spread less than the ratios, most where seekers are few."""
    known = arrays.level == 0
    raw, estimate = arrays.offers[known] / arrays.seekers[known], (arrays.shape / arrays.rate)[known]
    few = arrays.seekers[known] < 20
    moved = np.abs(estimate - raw)
    assert estimate.std() < raw.std()
    assert np.median(moved[few]) > 3 * np.median(moved[~few])


def test_a_lacemaker_near_valenciennes(arrays: MarketArrays, territories: Territories) -> None:
    """No figure of her family anywhere near: the reconversions count, and what is unknown is said."""
    place = territories.communes.set_index("code").loc["59606"]
    km = distance_km(place["latitude"], place["longitude"], arrays.latitude, arrays.longitude)
    pursuit = Pursuit.of(arrays, ["B1804"], [("H2605", 0.3), ("H2604", 0.25), ("B1803", 0.5)])
    found = potential(arrays, pursuit)
    near = best_areas(arrays, found, km=km, within=60, home=territories.area("59606"))
    assert near.considered > 3
    assert all(one.km is not None and one.km <= 60 for one in near.best)
    told = " ".join(reasons(arrays, found, near.best[0]))
    assert "hors du calcul" in told
    assert "données de 2019" in told
    assert "au 21/12/2021" in told
    everywhere = best_areas(arrays, found, limit=1)
    assert everywhere.best[0].potential >= near.best[0].potential


def test_the_shape_of_the_prior_is_the_likeliest(arrays: MarketArrays) -> None:
    """Marginal likelihood (negative binomial) of the published cells, each left out of its own prior."""
    known = arrays.level == 0
    offers, seekers = np.where(known, arrays.offers, 0.0), np.where(known, arrays.seekers, 0.0)

    def of(level: np.ndarray, counts: np.ndarray) -> np.ndarray:
        sums = np.zeros((counts.shape[0], level.max() + 2))
        np.add.at(sums.T, level, counts.T)
        return sums[:, level] - counts

    def likelihood(shape: float) -> float:
        everyone = offers.sum(axis=1, keepdims=True) - offers, seekers.sum(axis=1, keepdims=True) - seekers
        mean = np.full(offers.shape, arrays.overall[0])
        for o, s in (everyone, *((of(at, offers), of(at, seekers)) for at in (arrays.region, arrays.department))):
            mean = (o + shape) / (s + shape / mean)
        o, s, rate = offers[known], seekers[known], shape / mean[known]
        terms = gammaln(o + shape) - gammaln(shape) - gammaln(o + 1)
        return float((terms + shape * np.log(rate / (rate + s)) + o * np.log(s / (rate + s))).sum())

    at = {shape: likelihood(shape) for shape in (0.5, 1.0, 1.5, 2.0, SHAPE, 3.0, 4.0, 6.0)}
    assert max(at, key=at.__getitem__) == SHAPE
