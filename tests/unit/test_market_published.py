"""The market as published: totals, the direction of tension, and what its columns mean."""

import pytest

from graph.tables import GraphTables
from ingest.country_files import CountryReading
from ingest.market import Market
from ingest.market_measures import CAUSES, LEVELS, MEASURES, SOURCES
from ingest.territory import Territories


@pytest.fixture(scope="module")
def territories(published_country: CountryReading) -> Territories:
    return published_country.country.territories


@pytest.fixture(scope="module")
def published(published_country: CountryReading) -> Market:
    return published_country.country.market


@pytest.mark.real_data
def test_the_national_totals_are_those_published(published: Market) -> None:
    offers = published.table[published.table["source"] == "offers"]
    totals = offers.groupby("level")["offers"].sum()
    assert published.offers["offers"].sum() == 925_168
    assert totals["nation"] == 925_168
    assert totals["department"] == 846_134
    assert totals["area"] == 846_128
    # Saint-Pierre-et-Miquelon, Saint-Martin and Saint-Barthélemy are in no region
    assert totals["region"] == 846_098
    assert published.unplaced == 71_775 + 7_259


@pytest.mark.real_data
def test_a_familys_figure_is_not_its_occupations_sum(published: Market, real_tables: GraphTables) -> None:
    """What a join by code would make of it: 529 of the codes are also occupations', and the rest get nothing."""
    occupations = {*real_tables.nodes["Occupation"]["codeRome"]}
    families = {*published.offers["family"]}
    assert len(families) == len(families & occupations) == 529
    related = real_tables.relationships["in_family"]
    nation = published.table[(published.table["source"] == "offers") & (published.table["level"] == "nation")]
    copied = related["end"].map(nation.set_index("family")["offers"]).sum()
    assert copied > 4_000_000
    assert nation["offers"].sum() == 925_168


@pytest.mark.real_data
def test_arrondissements_count_for_their_city(published: Market) -> None:
    by_commune = published.offers.groupby("commune")["offers"].sum()
    assert by_commune[["75056", "69123", "13055"]].sum() == 55_692 + 7_128 + 2_392 + 1_383
    assert not {"75101", "69381", "13201"} & {*by_commune.index}


@pytest.mark.real_data
def test_five_is_the_tightest(published: Market) -> None:
    """Known cases (nurses and welders are hard to recruit, clerks are not), and more offers a seeker in class 5."""
    area = published.table[published.table["source"] == "tension_area"]
    share = area.groupby("family")["tension"].agg(lambda classes: (classes == 5).mean())
    assert share["J1506"] > 0.9  # nurses
    assert share["J1501"] > 0.75  # care assistants
    assert share["H2913"] > 0.75  # welders
    assert share["M1602"] < 0.05  # clerks
    assert share["M1607"] < 0.05  # secretaries
    ratio = (area["registered_offers"] / area["seekers"]).groupby(area["tension"]).median()
    assert ratio.is_monotonic_increasing
    assert ratio[5] > 2 * ratio[1]
    family = published.table[(published.table["source"] == "tension_family") & (published.table["level"] == "nation")]
    assert family.groupby("tension")["tension_score"].median().is_monotonic_increasing
    welders, clerks = published.read("H2913"), published.read("M1602")
    assert welders is not None
    assert clerks is not None
    assert welders.low == 5.0
    assert clerks.high == 2.0


@pytest.mark.real_data
def test_both_sources_mean_the_same_by_a_cause(published: Market) -> None:
    """The columns of the two files have other names: those taken for the same cause go together."""
    table = published.table
    local = table[table["source"] == "tension_area"].groupby("family")[[*CAUSES]].mean()
    national = table[(table["source"] == "tension_family") & (table["level"] == "nation")]
    national = national.groupby("family")[[*CAUSES]].mean().reindex(local.index)
    related = {
        cause: {other: local[cause].astype(float).corr(national[other].astype(float)) for other in CAUSES}
        for cause in CAUSES
    }
    assert all(max(others, key=others.__getitem__) == cause for cause, others in related.items()), related


@pytest.mark.real_data
def test_the_published_files_give_these_counts(published: Market) -> None:
    assert published.table.groupby("source").size().to_dict() == {
        "fixed_term": 714,
        "offers": 132_804,
        "tension_area": 27_111,
        "tension_family": 80_830,
        "wage_bands": 745,
        "wages": 745,
    }
    assert {finding.code: finding.count for finding in published.report.findings} == {
        "doubledOffers": 38_182,
        "offersWithoutPlace": 79_034,
        "familiesOfSeveralFap": 201,
        "familiesWithoutFap": 1,
        "familiesWithoutTension": 29,
        "familiesWithoutLocalTension": 135,
        "familiesWithoutOffers": 3,
        "contradictedWageBands": 59,
    }
    aside = {file.file: len(file.set_aside) for file in published.report.files}
    assert aside["territory/tension_rome_bassin_2021.csv"] == 24
    assert aside["dares/fap225_rome.csv"] == 3
    assert all(file.read == file.loaded + len(file.set_aside) for file in published.report.files)


@pytest.mark.real_data
def test_a_lacemakers_family_falls_back_and_says_where(published: Market) -> None:
    """B1804 has no local tension: its region's, of 2019, is said to be the region's."""
    figure = published.read("B1804", "3201")
    assert figure is not None
    assert (figure.values, figure.level, figure.territory, figure.year) == ((("F1Z41", 5.0),), "region", "32", 2019)
    assert figure.vintage(2026) == "données de 2019"


@pytest.mark.real_data
def test_a_figure_is_read_where_it_is_published_only(published: Market, territories: Territories) -> None:
    """Whatever is asked, the value stands in the table at the level that is told, and no smaller level has it whole."""
    table = published.table
    for area in ("1107", "0102", "9407", "3201"):
        for family in ("J1506", "H2913", "B1804", "M1805", "L1510"):
            figure = published.read(family, area)
            if figure is None:
                chain = {territory for _, territory in published.chain(area)}
                own = table[(table["family"] == family) & table["territory"].isin(chain)]
                assert own["tension"].isna().all()
                continue
            at = table[(table["family"] == family) & (table["territory"] == figure.territory)]
            assert {*at["tension"].dropna().astype(float)} == {value for _, value in figure.values}
            assert (figure.level, figure.territory) in published.chain(area)
    assert {*territories.areas["code"]} >= {*table.loc[table["level"] == "area", "territory"]}


@pytest.mark.real_data
def test_every_row_has_one_known_source_and_level(published: Market) -> None:
    assert {*published.table["level"]} == {*LEVELS}
    assert {*published.table["source"]} == {*SOURCES}
    assert published.table[[*MEASURES]].notna().any(axis=1).mean() > 0.8
    assert not (published.table[["offers", "registered_offers", "seekers", "median_wage"]] == 0).any(axis=None)
