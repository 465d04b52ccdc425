"""Homes as published: what is set aside of the extracts, and the sales of the Nord."""

import pytest

from ingest.country_files import CountryReading
from ingest.housing_files import HousingReading
from ingest.housing_layout import T2_SURFACE
from ingest.housing_sources import LEAST_SALES

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def published(published_country: CountryReading) -> HousingReading:
    housing = published_country.country.housing
    assert isinstance(housing, HousingReading)
    return housing


def test_eight_places_carry_the_filler_and_six_departments_anothers_price(published: HousingReading) -> None:
    (file,) = [file for file in published.report.files if file.file.endswith("departements_loyers.csv")]
    fillers = [row.line for row in file.set_aside if "remplissage" in row.reason]
    assert len(fillers) == 8
    aside = [row for row in file.set_aside if "contredit" in row.reason]
    assert [row.value for row in aside] == ["1399", "1712", "1408", "1487", "3741", "4908"]
    departments = published.table[published.table["source"] == "departments"]
    assert not {"71", "977", "978", "984", "986", "987", "988", "989"} & {*departments["territory"]}
    assert not {"21", "17", "31", "74", "92", "66"} & {*departments["territory"]}
    # the Rhône has the price of the filler and a rent of its own
    rhone = departments.set_index("territory").loc["69"]
    assert (rhone["rent_m2"], rhone["price_m2"]) == (15, 4588)


def test_towns_with_an_article_are_found_and_homonyms_are_not_guessed(published: HousingReading) -> None:
    towns = published.table[published.table["source"] == "towns"].set_index("territory")
    assert len(towns) == 48
    assert towns.loc[["76351", "72181", "17300"], "rent_t2"].tolist() == [538, 480, 734]
    # MONTREUIL has the department of Eure-et-Loir's price, not Seine-Saint-Denis's
    assert not {"93048", "28267", "93070"} & {*towns.index}


def test_two_rooms_are_45_square_metres_in_the_towns(published: HousingReading) -> None:
    towns = published.table[published.table["source"] == "towns"]
    assert (towns["rent_t2"] / towns["rent_m2"]).between(T2_SURFACE - 0.1, T2_SURFACE + 0.1).all()


def test_overseas_and_paris(published: HousingReading) -> None:
    departments = published.table[published.table["source"] == "departments"].set_index("territory")
    assert departments.loc[["971", "972", "973", "974", "975", "976"], "rent_m2"].tolist() == [13, 13, 14, 12, 9, 13]
    assert departments["rent_m2"].isna().tolist().count(True) == 1
    assert departments.loc["75", ["rent_m2", "rent_t2"]].isna().all()
    paris = published.read("75113")
    assert paris is not None
    assert paris.rent is not None
    assert (paris.rent.source, paris.rent.t2, paris.rent.year) == ("towns", 1401.0, None)


def test_sales_of_the_north(published: HousingReading) -> None:
    sales = published.table[published.table["source"] == "sales"]
    nord = sales[sales["level"] == "department"].iloc[0]
    assert (nord["territory"], nord["year"], nord["sales"]) == ("59", 2024, 26_045)
    assert nord["price_m2"] == pytest.approx(2029.70, abs=0.01)
    communes = sales[sales["level"] == "commune"]
    assert (len(communes), communes["sales"].min()) == (350, LEAST_SALES)
    assert {finding.code: finding.count for finding in published.report.findings}["communesOfFewSales"] == 285
    (file,) = [file for file in published.report.files if "dvf" in file.file]
    assert (file.read, file.loaded) == (95_099, 26_045)
    assert file.read == file.loaded + len(file.set_aside)
    lille = published.read("59350")
    assert lille is not None
    assert lille.price is not None
    assert (lille.price.source, lille.price.sales) == ("sales", 2901)
