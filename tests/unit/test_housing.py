"""Homes: the map of rents, extracts with fillers and homonyms, sales of several rows; what is missing or damaged."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.catalogue import CATALOGUE
from ingest.housing import Housing
from ingest.housing_files import read_housing
from ingest.housing_layout import RENT_MAP, RENT_MAP_SMALL, RENT_MAP_YEAR
from ingest.housing_sources import LEAST_SALES
from ingest.territory_files import read_territory
from passerelle.errors import DataFileError
from tests.unit.test_territory import FILES as TERRITORY

#: two homonyms of which none is a seat, a homonym of a seat, and a town that the file gives without its article
MORE_COMMUNES = """\
"COM","01010","84","01","0103","Saint-Ouen",""
"COM","01011","84","01","0104","Saint-Ouen",""
"COM","01012","84","01","0105","Ajaccio",""
"COM","01013","84","01","0106","Le Havre",""
"COM","97411","04","974","","Saint-Denis",""
"""
#: the layout of the published map: quoted texts, decimal comma, columns that nobody asks for
MAP = """\
"id_zone";"INSEE_C";"LIBGEO";"DEP";"REG";"loypredm2";"lwr.IPm2";"upr.IPm2";"TYPPRED";"nbobs_com";"nbobs_mail";"R2_adj"
"1";"01001";"Le Bourg";"01";"84";10,5;8,25;13,5;"commune";40;400;0,7
"1";"01003";"Vieux-Hameau";"01";"84";8,5;6,25;14;"maille";10;400;0,7
"2";"75101";"Paris 1er";"75";"11";36,25;28,5;45,125;"commune";300;900;0,8
"2";"75120";"Paris 20e";"75";"11";30,25;24,5;38,5;"commune";100;900;0,8
"3";"2A004";"Ajaccio";"2A";"94";14;11;18;"maille";0;0;0,5
"""
SMALL = MAP.replace("10,5;", "12,5;").replace("8,5;", "10;").replace('"3";"2A004";"Ajaccio"', '"4";"98735";"Papeete"')
TOWNS = """\
city;rent_t2;rent_t4;rent_m2;buy_m2
PARIS;1401;2410.4;31.13;10564
HAVRE;538;752.8;11.95;2595
AJACCIO;700;900;15;4000
SAINT OUEN;635;888;14.1;4667
NULLE PART;635;888;14.1;4667
"""
DEPARTMENTS = """\
code;name;code_region;rent_m2;buy_m2
01;Ain;84;13;4106
2A;Corse-du-Sud;94;10;1900
75;Paris;11;;10788
5;Saint-Pierre-et-Miquelon;;9;1360
4;La Réunion;;12;2236
977;Saint-Barthélemy;;16;4588
987;Polynésie francaise;;16;4588
988;Nouvelle-Calédonie;;16;4588
"""
SALES_HEADER = (
    "id_mutation,date_mutation,numero_disposition,nature_mutation,valeur_fonciere,adresse_numero,adresse_suffixe,"
    "adresse_nom_voie,code_commune,id_parcelle,lot1_numero,lot2_numero,lot3_numero,lot4_numero,lot5_numero,type_local,"
    "surface_reelle_bati,nombre_pieces_principales\n"
)


def _sale(
    number: str,
    price: str = "100000",
    kind: str = "Maison",
    surface: str = "100",
    *,
    nature: str = "Vente",
    disposition: str = "000001",
    commune: str = "01001",
    plot: str = "A1",
) -> str:
    return f"{number},2024-01-03,{disposition},{nature},{price},1,,RUE X,{commune},{plot},,,,,,{kind},{surface},4\n"


def _sales() -> str:
    """As many sales as may be shown in one commune, too few in another, and every sort that does not count."""
    shown = "".join(_sale(f"s{n}", str(100_000 + 10_000 * n)) for n in range(LEAST_SALES))
    few = "".join(_sale(f"f{n}", commune="01002") for n in range(LEAST_SALES - 1))
    apart = [
        # one house on two parcels, with an outbuilding: one sale, which the repeated row does not make two
        *(_sale("s0", "100000"), _sale("s0", "100000", "Dépendance", ""), _sale("s0", "100000", "", "", plot="A2")),
        *(_sale("two", "900000"), _sale("two", "900000", "Appartement", "30")),
        *(_sale("shop", "900000"), _sale("shop", "900000", "Local industriel. commercial ou assimilé", "200")),
        *(_sale("disp", "900000"), _sale("disp", "1", "Dépendance", "", disposition="000002")),
        *(_sale("new", "900000", nature="Vente en l'état futur d'achèvement"), _sale("swap", nature="Echange")),
        *(_sale("free", ""), _sale("zero", "100000", "Appartement", "0"), _sale("bare", "100000", "Appartement", "")),
    ]
    return SALES_HEADER + shown + few + "".join(apart)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for folder in ("territory", "housing"):
        (tmp_path / folder).mkdir()
    for name, content in TERRITORY.items():
        more = MORE_COMMUNES if name == "cog_v_commune_2024.csv" else ""
        more += "974,04,97411,La Réunion\n" if name == "cog_v_departement_2024.csv" else ""
        more += "04,97411,La Réunion\n" if name == "cog_v_region_2024.csv" else ""
        if name == "geocodes_passage_annuel_2025.csv":
            more += "".join(f"2025;COM;{code};{code}\n" for code in ("01010", "01011", "01012", "01013", "97411"))
        (tmp_path / "territory" / name).write_text(content + more, encoding="utf-8")
    for name, content in (
        ("pred-app-mef-dhup.csv", MAP),
        ("pred-app12-mef-dhup.csv", SMALL),
        ("villes_loyers.csv", TOWNS),
        ("departements_loyers.csv", DEPARTMENTS),
    ):
        (tmp_path / "housing" / name).write_text(content, encoding="utf-8")
    (tmp_path / "housing/dvf_2024_01.csv.gz").write_bytes(gzip.compress(_sales().encode()))
    return tmp_path


def _read(directory: Path, *without: str) -> Housing:
    for name in without:
        (directory / "housing" / name).unlink()
    return read_housing(directory, read_territory(directory / "territory"))


MAPS = ("pred-app-mef-dhup.csv", "pred-app12-mef-dhup.csv")


def test_the_map_of_rents_comes_first_and_a_merged_commune_has_the_mean(directory: Path) -> None:
    figures = _read(directory).read("01003")
    assert figures is not None
    rent = figures.rent
    assert rent is not None
    assert (rent.level, rent.territory, rent.source, rent.year) == ("commune", "01001", "rent_map", 2025)
    # 40 adverts in one part, 10 in the other
    assert rent.per_m2 == pytest.approx((40 * 10.5 + 10 * 8.5) / 50)
    assert (rent.low, rent.high, rent.charges) == (6.25, 14.0, True)
    assert rent.t2 == pytest.approx(37 * (40 * 12.5 + 10 * 10) / 50)
    assert figures.rent_sentence == (
        "Un T2 de 37 m² y coûte, charges comprises, environ 440 € par mois "
        "(carte des loyers (ministère chargé du Logement), 2025)."
    )


def test_an_arrondissement_has_its_own_rent_and_the_city_their_mean(directory: Path) -> None:
    housing = _read(directory)
    first, city = housing.read("75101"), housing.read("75056")
    assert first is not None
    assert city is not None
    assert first.rent is not None
    assert city.rent is not None
    assert (first.rent.level, first.rent.per_m2) == ("arrondissement", 36.25)
    assert (city.rent.level, city.rent.per_m2) == ("commune", pytest.approx((300 * 36.25 + 100 * 30.25) / 400))
    assert (city.rent.low, city.rent.high) == (24.5, 45.125)


def test_without_adverts_the_prediction_stands(directory: Path) -> None:
    figures = _read(directory).read("2A004")
    assert figures is not None
    assert figures.rent is not None
    # no rent of small flats there: all flats' for a surface of 45 m²
    assert (figures.rent.per_m2, figures.rent.t2, figures.rent.t2_surface) == (14.0, 45 * 14.0, 45.0)


def test_the_map_of_small_flats_alone_is_enough(directory: Path) -> None:
    figures = _read(directory, MAPS[0]).read("98735")
    assert figures is not None
    assert figures.rent is not None
    assert (figures.rent.per_m2, figures.rent.t2) == (14.0, 37 * 14.0)


def test_the_year_of_the_map_is_the_catalogues() -> None:
    of = {target: entry for entry in CATALOGUE for target in entry.targets}
    for file in (RENT_MAP, RENT_MAP_SMALL):
        assert of[file.file_name].vintage == str(RENT_MAP_YEAR)
        assert of[file.file_name].urls


def test_a_town_is_found_with_or_without_its_article_and_its_year_is_unknown(directory: Path) -> None:
    housing = _read(directory, *MAPS)
    figures = housing.read("01013")
    assert figures is not None
    assert figures.rent is not None
    assert (figures.rent.source, figures.rent.year, figures.rent.t2) == ("towns", None, 538.0)
    assert figures.rent_sentence == (
        "Un T2 de 45 m² y coûte environ 540 € par mois (loyers et prix de 50 villes, millésime inconnu)."
    )
    (towns,) = [file for file in housing.report.files if file.file.endswith("villes_loyers.csv")]
    assert [(row.line, row.reason) for row in towns.set_aside] == [
        (5, "plusieurs communes de ce nom"),
        (6, "ville inconnue"),
    ]
    # of two communes called Ajaccio, the seat of a region is the one that is meant
    seat, other = housing.read("2A004"), housing.read("01012")
    assert seat is not None
    assert other is not None
    assert seat.rent is not None
    assert other.rent is not None
    assert (seat.rent.per_m2, other.rent.level) == (15.0, "department")


def test_fillers_and_prices_of_another_department_are_rejected_and_reported(directory: Path) -> None:
    housing = _read(directory, *MAPS)
    (file,) = [file for file in housing.report.files if file.file.endswith("departements_loyers.csv")]
    assert [(row.line, row.value) for row in file.set_aside] == [(3, "1900"), (7, "16"), (8, "16"), (9, "16")]
    counts = {finding.code: finding.count for finding in housing.report.findings}
    assert counts == {
        "fillerRents": 3,
        "contradictedRents": 1,
        "ambiguousTowns": 1,
        "departmentsWithoutRent": 1,
        "communesOfFewSales": 1,
    }
    figures = housing.read("98735")
    assert figures is not None
    assert (figures.rent, figures.price) == (None, None)
    assert figures.rent_sentence == "Aucun loyer n'est publié pour cette commune ni pour son département."
    assert figures.price_sentence.startswith("Aucun prix de vente n'est publié")


def test_overseas_departments_numbered_from_1(directory: Path) -> None:
    figures = _read(directory, *MAPS).read("97411")
    assert figures is not None
    assert figures.rent is not None
    assert (figures.rent.territory, figures.rent.per_m2) == ("974", 12.0)
    assert figures.rent_sentence == (
        "Dans le département (La Réunion), un T2 de 45 m² coûte environ 540 € par mois "
        "(loyers et prix par département, millésime inconnu, à vérifier)."
    )


def test_a_blank_rent_is_missing_and_the_price_beside_it_stays(directory: Path) -> None:
    housing = _read(directory, *MAPS, "villes_loyers.csv")
    figures = housing.read("75056")
    assert figures is not None
    assert figures.rent is None
    assert figures.price is not None
    assert (figures.price.level, figures.price.per_m2) == ("department", 10788.0)


def test_a_sale_counts_once_and_few_are_withheld(directory: Path) -> None:
    housing = _read(directory)
    shown, few = housing.read("01001"), housing.read("01002")
    assert shown is not None
    assert few is not None
    assert shown.price is not None
    assert few.price is not None
    # eleven houses of 100 m² from 100,000 to 200,000 euros
    assert (shown.price.level, shown.price.sales, shown.price.per_m2) == ("commune", LEAST_SALES, 1500.0)
    assert (few.price.level, few.price.sales, few.price.year) == ("department", 2 * LEAST_SALES - 1, 2024)
    assert shown.price_sentence == (
        "Un logement y vaut environ 1\N{NARROW NO-BREAK SPACE}500 € par m² "
        "(ventes immobilières (DVF, DGFiP), 2024 ; 11 ventes)."
    )
    (file,) = [file for file in housing.report.files if "dvf" in file.file]
    assert file.read == file.loaded + len(file.set_aside)
    assert file.loaded == 2 * LEAST_SALES - 1
    # what is said of a row that is set aside tells no price, surface nor address
    assert {row.value for row in file.set_aside} == {None}


@given(st.integers(1, 2 * LEAST_SALES), st.integers(1, 2 * LEAST_SALES))
def test_no_count_below_the_threshold_is_ever_in_the_table(
    tmp_path_factory: pytest.TempPathFactory, one: int, other: int
) -> None:
    root = tmp_path_factory.mktemp("few")
    for folder in ("territory", "housing"):
        (root / folder).mkdir()
    for name, content in TERRITORY.items():
        (root / "territory" / name).write_text(content, encoding="utf-8")
    rows = [_sale(f"a{n}") for n in range(one)] + [_sale(f"b{n}", commune="01002") for n in range(other)]
    (root / "housing/dvf_2023_01.csv").write_text(SALES_HEADER + "".join(rows), encoding="utf-8")
    table = _read(root).table
    assert (table["sales"] >= LEAST_SALES).all()
    assert {*table.loc[table["level"] == "commune", "territory"]} == {
        code for code, count in (("01001", one), ("01009", other)) if count >= LEAST_SALES
    }


@pytest.mark.parametrize("absent", [*MAPS, "villes_loyers.csv", "departements_loyers.csv", "dvf_2024_01.csv.gz"])
def test_each_file_may_be_absent(directory: Path, absent: str) -> None:
    housing = _read(directory, absent)
    assert len(housing.table)
    told = {file.file for file in housing.report.files if file.present}
    assert f"housing/{absent}" not in told
    assert len(told) == 4


def test_without_any_file_nothing_is_known(directory: Path) -> None:
    housing = _read(directory, *MAPS, "villes_loyers.csv", "departements_loyers.csv", "dvf_2024_01.csv.gz")
    assert housing.table.empty
    assert housing.report.version == "millésime inconnu"
    figures = housing.read("01001")
    assert figures is not None
    assert figures.rent is None
    assert housing.read("00000") is None


@pytest.mark.parametrize(
    ("name", "before", "after", "column"),
    [
        ("pred-app-mef-dhup.csv", "loypredm2", "loyer", "loypredm2"),
        ("villes_loyers.csv", "rent_t2", "loyer", "rent_t2"),
        ("departements_loyers.csv", "code;", "dep;", "code"),
    ],
)
def test_a_renamed_column_is_named(directory: Path, name: str, before: str, after: str, column: str) -> None:
    path = directory / "housing" / name
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        _read(directory)
    assert (caught.value.file, caught.value.column) == (str(path), column)


def test_a_damaged_archive_and_a_row_that_cannot_be(directory: Path) -> None:
    path = directory / "housing/departements_loyers.csv"
    path.write_text(DEPARTMENTS.replace("12;2236", "beaucoup;2236"), encoding="utf-8")
    housing = _read(directory, *MAPS)
    (file,) = [file for file in housing.report.files if file.file.endswith("departements_loyers.csv")]
    assert (6, "nombre attendu", "rent_m2", "beaucoup") in [
        (row.line, row.reason, row.column, row.value) for row in file.set_aside
    ]
    archive = directory / "housing/dvf_2024_01.csv.gz"
    archive.write_bytes(archive.read_bytes()[:200])
    with pytest.raises(DataFileError, match="archive gz abîmée"):
        _read(directory)


def test_a_file_that_is_named_otherwise_is_said_not_read(directory: Path) -> None:
    (directory / "housing/dvf_nord.csv").write_text(SALES_HEADER, encoding="utf-8")
    assert _read(directory).report.not_read == ("housing/dvf_nord.csv",)
