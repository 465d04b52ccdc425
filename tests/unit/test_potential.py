"""Potential of areas: what must hold for any market, and small markets counted by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recommend.territory import Potential, Pursuit, best_areas, potential
from recommend.territory_arrays import MarketArrays
from recommend.territory_reasons import outlook_sentence, reasons, tension, tension_sentence
from recommend.territory_shrinkage import SHAPE, chance, open_again, pool, ratio_interval
from recommend.territory_whatif import what_if
from tests.unit.potential_toy import AREAS, FAMILIES, Cells, arrays_of

CLOSE = 1e-12
CELLS = [(family, area) for family in FAMILIES for area in AREAS]
COUNTS = st.dictionaries(st.sampled_from(CELLS), st.integers(0, 300), min_size=1)
SEEKERS = st.dictionaries(st.sampled_from(CELLS), st.integers(1, 300), min_size=1)
WEIGHTS = st.lists(st.tuples(st.sampled_from(FAMILIES), st.floats(0, 1)), max_size=6)
PAST = st.lists(st.sampled_from(FAMILIES), max_size=2)


def _values(found: Potential) -> np.ndarray:
    """A potential that nobody can tell adds nothing."""
    return np.nan_to_num(found.value, nan=0.0)


@settings(deadline=None, max_examples=60)
@given(COUNTS, SEEKERS, PAST, WEIGHTS, st.sampled_from(CELLS))
def test_one_more_offer_never_lowers_the_potential_of_any_area(
    offers: Cells, seekers: Cells, past: list[str], weights: list[tuple[str, float]], cell: tuple[str, str]
) -> None:
    """An offer of an area is also its department's, its region's, the nation's and the whole market's."""
    assume(any(offers.values()))
    before = arrays_of(offers, seekers)
    after = arrays_of({**offers, cell: offers.get(cell, 0) + 1}, seekers)
    wanted = Pursuit.of(before, past, weights)
    assert (_values(potential(after, wanted)) >= _values(potential(before, wanted)) - CLOSE).all()


@settings(deadline=None, max_examples=60)
@given(COUNTS, SEEKERS, PAST, WEIGHTS, st.data())
def test_one_more_competitor_never_raises_the_potential_of_any_area(
    offers: Cells, seekers: Cells, past: list[str], weights: list[tuple[str, float]], data: st.DataObject
) -> None:
    assume(any(offers.values()))
    cell = data.draw(st.sampled_from(sorted(seekers)))
    before = arrays_of(offers, seekers)
    after = arrays_of(offers, {**seekers, cell: seekers[cell] + 1})
    wanted = Pursuit.of(before, past, weights)
    assert (_values(potential(after, wanted)) <= _values(potential(before, wanted)) + CLOSE).all()


@settings(deadline=None, max_examples=60)
@given(COUNTS, SEEKERS, PAST, WEIGHTS, st.sampled_from(FAMILIES), st.floats(0, 1))
def test_one_more_occupation_never_lowers_it_and_the_interval_holds_it(
    offers: Cells, seekers: Cells, past: list[str], weights: list[tuple[str, float]], family: str, share: float
) -> None:
    assume(any(offers.values()))
    arrays = arrays_of(offers, seekers)
    found = potential(arrays, Pursuit.of(arrays, past, weights))
    more = potential(arrays, Pursuit.of(arrays, past, [*weights, (family, share)]))
    assert (_values(more) >= _values(found) - CLOSE).all()
    if not np.isnan(found.value).any():
        assert ((found.low >= 0) & (found.low <= found.value) & (found.value <= found.high)).all()
        assert (found.high <= found.out_of + CLOSE).all()
        assert found.parts.sum(axis=0) == pytest.approx(found.value)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(FAMILIES), st.floats(0, 1)), min_size=1, max_size=12))
def test_the_occupations_of_a_family_count_once_by_the_greatest_weight(weights: list[tuple[str, float]]) -> None:
    arrays = arrays_of({("B1804", "0101"): 7, ("J1506", "0101"): 5}, {("B1804", "0101"): 20})
    greatest: dict[str, float] = {}
    for family, share in weights:
        greatest[family] = max(share, greatest.get(family, 0.0))
    several, once = (Pursuit.of(arrays, [], pairs) for pairs in (weights, greatest.items()))
    assert several.rows.tolist() == once.rows.tolist()
    assert several.weights.tolist() == once.weights.tolist()
    assert len(set(several.rows.tolist())) == len(several.rows)
    a, b = potential(arrays, several), potential(arrays, once)
    assert a.out_of == b.out_of
    np.testing.assert_array_equal(a.value, b.value)
    np.testing.assert_array_equal(a.other_offers, b.other_offers)


def test_a_past_occupations_family_among_the_reconversions_stays_the_past_ones() -> None:
    arrays = arrays_of({("B1804", "0101"): 7, ("H2605", "0101"): 2}, {("B1804", "0101"): 20})
    pursuit = Pursuit.of(arrays, ["B1804"], [("B1804", 0.4), ("H2605", 0.5), ("Z9999", 0.3), ("J1506", 0.0)])
    assert (pursuit.weights.tolist(), pursuit.own.tolist(), pursuit.unknown) == ([1.0, 0.5], [True, False], ("Z9999",))
    found = potential(arrays, pursuit)
    assert (found.own_offers[0], found.other_offers[0]) == (7, 2)
    with pytest.raises(ValueError, match="not in"):
        Pursuit.of(arrays, [], [("B1804", 1.5)])


def test_the_estimate_counted_by_hand() -> None:
    """Two areas in one department, one in another of the same region."""
    offers = np.array([[6.0, 0.0, 3.0]])
    seekers = np.array([[10.0, np.nan, 30.0]])
    pooled = pool(offers, seekers, np.array([0, 0, 1], np.int32), np.array([0, 0, 0], np.int32))
    overall = 9.5 / 40
    nation = (9 + SHAPE) / (40 + SHAPE / overall)
    region = (9 + SHAPE) / (40 + SHAPE / nation)
    first, second = (6 + SHAPE) / (10 + SHAPE / region), (3 + SHAPE) / (30 + SHAPE / region)
    assert pooled.overall == pytest.approx(overall)
    assert pooled.shape[0].tolist() == [6 + SHAPE, SHAPE, 3 + SHAPE]
    assert pooled.rate[0].tolist() == pytest.approx([10 + SHAPE / first, SHAPE / first, 30 + SHAPE / second])
    assert pooled.level[0].tolist() == [0, 1, 0]
    # withheld: the department's ratio itself
    assert pooled.shape[0, 1] / pooled.rate[0, 1] == pytest.approx(first)


def test_chances_counted_by_simulation() -> None:
    draws = np.random.default_rng(1).gamma(4.0, 1 / 20.0, 400_000)
    mean, variance = chance(np.array(4.0), np.array(20.0))
    assert mean == pytest.approx((1 - np.exp(-draws)).mean(), abs=1e-3)
    assert variance == pytest.approx((1 - np.exp(-draws)).var(), rel=0.02)
    low, high = ratio_interval(np.array(4.0), np.array(20.0))
    assert np.quantile(draws, [0.05, 0.95]) == pytest.approx([low, high], rel=0.02)
    # Jeffreys' posterior for a Poisson mean after 3, then another draw
    means = np.random.default_rng(2).gamma(3.5, 1.0, 400_000)
    assert open_again(np.array(3.0)) == pytest.approx((1 - np.exp(-means)).mean(), abs=1e-3)


def test_missing_falls_back_is_said_and_has_a_wider_interval() -> None:
    offers = {("J1506", "0101"): 6, ("J1506", "0102"): 6, ("J1506", "3201"): 6, ("J1506", "9701"): 6}
    whole = arrays_of(offers, {("J1506", "0101"): 30, ("J1506", "0102"): 30})
    lacking = arrays_of(offers, {("J1506", "0101"): 30})
    pursuit = Pursuit.of(lacking, ["J1506"])
    with_figures, without = potential(whole, pursuit), potential(lacking, pursuit)
    # the same ratio is expected there, and it is less certain
    assert without.value[1] == pytest.approx(with_figures.value[1], rel=0.1)
    assert without.high[1] - without.low[1] > 1.3 * (with_figures.high[1] - with_figures.low[1])
    assert lacking.level[lacking.family_index_of["J1506"]].tolist() == [0, 1, 2, 3, 3]
    assert np.isnan(without.own_seekers[1])
    best = best_areas(lacking, without).best
    told = {one.code: " ".join(reasons(lacking, without, one)) for one in best}
    assert "chiffres du département pour 1" in told["0102"]
    assert "chiffres de la région pour 1" in told["0103"]
    assert "chiffres de la France pour 1" in told["3201"]
    assert "Demandeurs non publiés" not in told["0101"]
    assert best[0].own_seekers == 30 or best[0].own_seekers is None


def test_families_without_seekers_anywhere_are_told_and_not_counted() -> None:
    arrays = arrays_of({("J1506", "0101"): 6, ("B1804", "0101"): 4}, {("J1506", "0101"): 30})
    found = potential(arrays, Pursuit.of(arrays, ["B1804"], [("J1506", 0.5)]))
    assert found.out_of == 0.5
    assert found.counted.tolist() == [False, True]
    destination = best_areas(arrays, found).best[0]
    told = reasons(arrays, found, destination)
    assert told[0] == "Offres ouvertes au 21/12/2021 : 4 pour le métier exercé, 6 pour les reconversions."
    assert "Sans nombre de demandeurs publié, et donc hors du calcul : 1 famille." in told


def test_nothing_known_is_no_potential_rather_than_none() -> None:
    nobody = arrays_of({("J1506", "0101"): 6}, {})
    found = potential(nobody, Pursuit.of(nobody, ["J1506"]))
    assert np.isnan(found.value).all()
    assert best_areas(nobody, found).best == ()
    uncounted = arrays_of({}, {("J1506", "0101"): 30})
    assert np.isnan(uncounted.offers).all()
    again = potential(uncounted, Pursuit.of(uncounted, ["J1506"]))
    assert np.isnan(again.value).all()
    assert best_areas(uncounted, again).own_offers is None
    nothing = potential(uncounted, Pursuit.of(uncounted, []))
    assert np.isnan(nothing.value).all()
    assert nothing.out_of == 0


def _everywhere() -> MarketArrays:
    offers = {("J1506", area): 5 * n for n, area in enumerate(AREAS, start=1)}
    return arrays_of(offers, {("J1506", area): 40 for area in AREAS})


def test_the_best_areas_in_reach_in_a_region_in_france() -> None:
    arrays = _everywhere()
    found = potential(arrays, Pursuit.of(arrays, ["J1506"]))
    km = np.array([0.0, 30.0, 60.0, 500.0, np.nan])
    assert [one.code for one in best_areas(arrays, found).best] == ["9701", "3201", "0103", "0102", "0101"]
    near = best_areas(arrays, found, km=km, within=50)
    assert ([one.code for one in near.best], near.considered, near.unplaced) == (["0102", "0101"], 2, 1)
    assert (near.own_offers, near.other_offers) == (15, None)
    assert [one.km for one in near.best] == [30.0, 0.0]
    region = best_areas(arrays, found, region="84", limit=2)
    assert ([one.code for one in region.best], region.considered) == (["0103", "0102"], 3)
    # the person's own area is in reach, even where nobody knows where it lies
    home = best_areas(arrays, found, km=km, within=10, home="9701")
    assert {one.code for one in home.best} == {"9701", "0101"}
    with pytest.raises(KeyError):
        best_areas(arrays, found, region="99")
    with pytest.raises(ValueError, match="km"):
        best_areas(arrays, found, within=10)


@settings(deadline=None, max_examples=40)
@given(st.floats(0, 1000), st.floats(0, 1000))
def test_a_longer_reach_keeps_what_a_shorter_one_had(one: float, other: float) -> None:
    arrays = _everywhere()
    found = potential(arrays, Pursuit.of(arrays, ["J1506"]))
    km = np.array([0.0, 30.0, 60.0, 500.0, 900.0])
    shorter, longer = (
        {place.code for place in best_areas(arrays, found, km=km, within=reach).best} for reach in sorted((one, other))
    )
    assert shorter <= longer


def test_what_is_wanted_here_and_what_elsewhere() -> None:
    offers = {("A1101", "0101"): 2, ("A1101", "3201"): 90, ("H2605", "0101"): 80, ("H2605", "3201"): 1}
    seekers = dict.fromkeys(offers, 100)
    arrays = arrays_of({**offers, ("B1804", "0101"): 3}, seekers)
    pursuit = Pursuit.of(arrays, ["B1804"], [("A1101", 0.4), ("H2605", 0.6)])
    own, second, third = what_if(arrays, pursuit, "0101")
    assert (own.family, own.own, own.here.wanted, own.here.ratio, own.here.offers) == (
        "B1804", True, "unknown", None, 3,
    )  # fmt: skip
    assert (second.family, second.here.wanted, second.wanted_areas) == ("H2605", "yes", 0)
    assert (third.family, third.here.wanted, third.wanted_areas) == ("A1101", "no", 1)
    assert [arrays.area_codes[one.area] for one in third.elsewhere] == ["3201"]
    assert third.here.low is not None
    assert third.here.high is not None
    assert third.here.low < third.here.high < arrays.overall[0]
    sentence = outlook_sentence(arrays, third)
    assert sentence.startswith("Famille : peu recherché ici (")
    assert "recherché ailleurs dans 1 bassin, d'abord BASSIN 3201 (" in sentence
    assert "n'est publié nulle part" in outlook_sentence(arrays, own)
    nowhere = what_if(arrays, pursuit, "0101", reach=np.zeros(len(AREAS), dtype=np.bool_))
    assert all(one.wanted_areas == 0 and one.elsewhere == () for one in nowhere)
    with pytest.raises(KeyError):
        what_if(arrays, pursuit, "9999")


def _classes(*rows: tuple[str, str, str | None, int, int | None]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "family": "J1506", "level": level, "territory": code, "fap": fap, "tension": value, "year": 2019,
                "source": "tension_area" if level == "area" else "tension_family", "working_conditions": cause,
            }
            for level, code, fap, value, cause in rows
        ]
    )  # fmt: skip


def test_tension_is_a_range_found_at_a_level_and_never_part_of_the_potential() -> None:
    offers, seekers = {("J1506", "0101"): 6}, {("J1506", "0101"): 30}
    classes = _classes(
        ("area", "0101", None, 5, 4),
        ("department", "59", "V1Z80", 2, 1),
        ("region", "32", "V1Z80", 2, 5),
        ("region", "32", "V1Z81", 4, 2),
        ("nation", "FR", "V1Z80", 3, None),
        ("nation", "FR", "V1Z81", 3, 5),
    )
    plain, arrays = arrays_of(offers, seekers), arrays_of(offers, seekers, classes)
    row = arrays.family_index_of["J1506"]
    local, north, island = (tension(arrays, row, arrays.area_index_of[code]) for code in ("0101", "3201", "9701"))
    assert local is not None
    assert north is not None
    assert island is not None
    assert (local.low, local.high, local.level, local.causes) == (5, 5, "area", ("working_conditions",))
    # the department has one of the two families: half of a range is passed over
    assert (north.low, north.high, north.level, north.year) == (2, 4, "region", 2019)
    assert (island.low, island.level) == (3, "nation")
    assert tension_sentence(arrays, row, 3, north) == (
        "Difficulté à recruter faible à forte (2 à 4 sur 5) pour la famille « Famille » (J1506) "
        "(région Hauts-de-France, données de 2019)."
    )
    assert tension(plain, row, 0) is None
    pursuit = Pursuit.of(arrays, ["J1506"])
    np.testing.assert_array_equal(potential(plain, pursuit).value, potential(arrays, pursuit).value)


def test_the_arrays_are_stored_and_read_back() -> None:
    arrays = _everywhere()
    again = MarketArrays.from_arrays(arrays.to_arrays())
    pursuit = Pursuit.of(arrays, ["J1506"], [("A1101", 0.5)])
    np.testing.assert_array_equal(potential(again, pursuit).value, potential(arrays, pursuit).value)
    assert list(again.area_labels) == list(arrays.area_labels)


def test_an_area_lies_where_most_offers_are() -> None:
    arrays = _everywhere()
    assert (arrays.latitude[0], arrays.longitude[0]) == (46.5, 5.5)
    assert np.isnan(arrays.latitude[4])


def test_a_familys_row_is_added_up_over_no_occupation() -> None:
    """Doubling a column of the arrays doubles what is read: offers are the family's, as they stand."""
    arrays = _everywhere()
    doubled = replace(arrays, offers=arrays.offers * 2)
    pursuit = Pursuit.of(arrays, [], [("J1506", 0.2), ("J1506", 0.9), ("J1506", 0.5)])
    assert potential(arrays, pursuit).other_offers.tolist() == [5, 10, 15, 20, 25]
    assert potential(doubled, pursuit).other_offers.tolist() == [10, 20, 30, 40, 50]
