"""Territories: today's codes, areas, points and distances; what the files lack or have wrong."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ingest.country_files import CountryReading
from ingest.territory import Territories
from ingest.territory_distance import EARTH_RADIUS, distance_km
from ingest.territory_files import read_territory
from passerelle.errors import DataFileError

LATITUDES, LONGITUDES = st.floats(-90, 90), st.floats(-180, 180)

COMMUNES = """\
"TYPECOM","COM","REG","DEP","CAN","LIBELLE","COMPARENT"
"COM","01001","84","01","0199","Le Bourg",""
"COM","01002","84","01","0102","Saint-Ancien",""
"COM","2A004","94","2A","2A01","Ajaccio",""
"COM","75056","11","75","7599","Paris",""
"ARM","75101","","","","Paris 1er Arrondissement","75056"
"ARM","75120","","","","Paris 20e Arrondissement","75056"
"COMD","01003","","","","Vieux-Hameau","01001"
"""
DEPARTMENTS = """\
DEP,REG,CHEFLIEU,LIBELLE
01,84,01001,Ain
2A,94,2A004,Corse-du-Sud
75,11,75056,Paris
"""
REGIONS = """\
REG,CHEFLIEU,LIBELLE
84,01001,Auvergne-Rhône-Alpes
94,2A004,Corse
11,75056,Île-de-France
"""
PASSAGE = """\
Année;Niveau;Ancien Code Officiel;Code Courant Officiel
2025;COM;01001;01001
2025;COM;01002;01009
2025;COM;2A004;2A004
2025;COM;75056;75056
2025;ARM;75101;75101
"""
POSTCODES = """\
Code_commune_INSEE;Nom_commune;Code_postal;Ligne_5;coordonnees_gps
01001;LE BOURG;01000;;46.0, 5.0
01002;ST ANCIEN;01010;LA FERME;46.5, 5.5
75101;PARIS 01;75001;;48.86, 2.33
75120;PARIS 20;75020;;48.86, 2.40
98735;PAPEETE;98714;;
99138;MONACO;98000;;
"""
AREAS = """\
reg,dep,code_commune_insee,code_bassin_BMO,lib_bassin_BMO
84,1,01001,101,BOURG
84,1,01002,8401,ANCIEN
11,75,75056,1107,PARIS
94,2A,2A004,9407,AJACCIO
"""
FILES = {
    "cog_v_commune_2024.csv": COMMUNES,
    "cog_v_departement_2024.csv": DEPARTMENTS,
    "cog_v_region_2024.csv": REGIONS,
    "geocodes_passage_annuel_2025.csv": PASSAGE,
    "laposte_hexasmal.csv": POSTCODES,
    "bassin_emploi_commune_BMO.csv": AREAS,
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def published(published_country: CountryReading) -> Territories:
    return published_country.country.territories


def test_codes_are_those_of_today(directory: Path) -> None:
    found = read_territory(directory)
    assert found.communes["code"].tolist() == ["01001", "01009", "2A004", "75056", "98735"]
    assert found.communes["label"].tolist() == ["Le Bourg", "Saint-Ancien", "Ajaccio", "Paris", "PAPEETE"]
    assert found.communes["area"].fillna("").tolist() == ["0101", "8401", "9407", "1107", ""]
    assert [found.codes.commune(code) for code in ("01002", "01003", "75120", "2a004", "99999")] == [
        "01009",
        "01001",
        "75056",
        "2A004",
        None,
    ]
    assert found.area("75101") == "1107"
    assert found.area("98735") is None
    assert {*found.names["name"]} == {"Vieux-Hameau", "LA FERME", "ST ANCIEN"}


def test_a_city_lies_amid_its_arrondissements(directory: Path) -> None:
    paris = read_territory(directory).communes.set_index("code").loc["75056"]
    assert (paris["latitude"], paris["longitude"]) == pytest.approx((48.86, 2.365))
    assert paris["postcodes"] == "75001 75020"


def test_unknown_points_have_no_distance_and_a_commune_is_near_itself(directory: Path) -> None:
    found = read_territory(directory)
    assert np.isnan(found.distance("75101", pd.Series(["2A004", "12345"]))).all()
    assert found.distance("75101", pd.Series(["75120"]))[0] == pytest.approx(5.12, abs=0.01)
    assert found.within("98735", 5)["code"].tolist() == ["98735"]
    assert found.within("75120", 5)["code"].tolist() == ["75056"]
    assert found.within("99999", 5).empty


def test_every_row_is_accounted_for(directory: Path) -> None:
    report = read_territory(directory).report
    assert all(file.read == file.loaded + len(file.set_aside) for file in report.files)
    postal = next(file for file in report.files if file.file == "laposte_hexasmal.csv")
    assert [(row.line, row.column, row.value) for row in postal.set_aside] == [(7, "Code_commune_INSEE", "99138")]
    assert not next(file for file in report.files if file.file == "lexique_bassins_2019.csv").present


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("cog_")])
def test_an_optional_file_may_be_absent(directory: Path, name: str) -> None:
    (directory / name).unlink()
    found = read_territory(directory)
    assert next(file for file in found.report.files if file.file == name).present is False
    assert found.codes.commune("01003") == "01001"
    if name.startswith("bassin"):
        assert found.communes["area"].isna().all()
        assert found.areas.empty
    if name.startswith("laposte"):
        assert found.communes["latitude"].isna().all()
        assert (found.communes["postcodes"] == "").all()
    if name.startswith("geocodes"):
        assert found.codes.commune("01002") == "01002"
        assert found.report.version == "2024"


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("cog_")])
def test_a_required_file_may_not(directory: Path, name: str) -> None:
    (directory / name).unlink()
    with pytest.raises(DataFileError, match="fichier absent") as raised:
        read_territory(directory)
    assert raised.value.file.endswith(name)


@pytest.mark.parametrize(
    ("name", "before", "after", "line", "column"),
    [
        ("cog_v_commune_2024.csv", '"COMPARENT"\n', '"PARENT"\n', 1, "COMPARENT"),
        ("laposte_hexasmal.csv", ";", ",", 1, "Code_commune_INSEE"),
        ("geocodes_passage_annuel_2025.csv", "Niveau;", "Niveau;Niveau;", 1, "Niveau"),
        ("bassin_emploi_commune_BMO.csv", "94,2A,2A004,9407,AJACCIO\n", "94,2A,2A0", 5, None),
        ("cog_v_region_2024.csv", "Corse", '"Cor"se', 3, None),
    ],
)
def test_a_damaged_file_is_named_with_the_line(
    directory: Path, name: str, before: str, after: str, line: int, column: str | None
) -> None:
    path = directory / name
    content = path.read_text(encoding="utf-8")
    assert before in content
    path.write_text(content.replace(before, after), encoding="utf-8")
    with pytest.raises(DataFileError) as raised:
        read_territory(directory)
    assert (Path(raised.value.file).name, raised.value.line, raised.value.column) == (name, line, column)


@pytest.mark.parametrize(
    ("name", "before", "after", "line", "column"),
    [
        ("laposte_hexasmal.csv", ";01010;", ";1010;", 3, "Code_postal"),
        ("laposte_hexasmal.csv", "46.5, 5.5", "46.5", 3, "coordonnees_gps"),
        ("bassin_emploi_commune_BMO.csv", "01002,8401", "01002,", 3, "code_bassin_BMO"),
        ("cog_v_commune_2024.csv", '"COMD","01003"', '"COMX","01003"', 8, "TYPECOM"),
        ("cog_v_commune_2024.csv", "Vieux-Hameau", "Vieux-H\ufffdmeau", 8, "LIBELLE"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_line(
    directory: Path, name: str, before: str, after: str, line: int, column: str
) -> None:
    path = directory / name
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    report = next(file for file in read_territory(directory).report.files if file.file == name)
    assert (line, column) in [(row.line, row.column) for row in report.set_aside]
    assert report.read == report.loaded + len(report.set_aside)


def test_bytes_that_are_no_text_are_refused(directory: Path) -> None:
    (directory / "laposte_hexasmal.csv").write_bytes(POSTCODES.encode("utf-16"))
    with pytest.raises(DataFileError, match="UTF-16"):
        read_territory(directory)


def test_too_many_bad_rows_end_the_reading(directory: Path) -> None:
    rows = "".join(f"98,98,9999{digit},9999,X\n" for digit in range(9))
    (directory / "bassin_emploi_commune_BMO.csv").write_text(AREAS + rows, encoding="utf-8")
    with pytest.raises(DataFileError, match="9 lignes refusées sur 13"):
        read_territory(directory)


def test_a_directory_without_anything_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="fichier absent"):
        read_territory(tmp_path)


@pytest.mark.real_data
def test_the_published_files_give_these_tables(published: Territories) -> None:
    assert dict(published.report.counts) == {
        "regions": 18,
        "departments": 109,
        "arrondissements": 45,
        "communes": 34_969,
        "areas": 404,
        "names": 6_610,
    }
    found = {finding.code: finding.count for finding in published.report.findings}
    assert found == {
        "communesWithoutLabel": 5,
        "communesWithoutArea": 90,
        "communesWithoutPoint": 99,
        "communesWithoutPostcode": 8,
        "communesOfCollectivities": 94,
        "splitCommunes": 25,
        "undecidedCodes": 0,
        "areasOfSeveralDepartments": 21,
        "areasOfSeveralLabels": 1,
    }
    set_aside = {file.file: len(file.set_aside) for file in published.report.files if file.role == "source"}
    assert {name: count for name, count in set_aside.items() if count} == {
        "laposte_hexasmal.csv": 1,
        "bassin_emploi_commune_BMO.csv": 199,
    }
    compared = published.report.comparisons[0]
    assert (compared.agreeing, compared.differing) == (35_260, 97)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("code", "commune", "area"),
    [
        ("74093", "74010", "8407"),
        ("74268", "74010", "8407"),
        ("75113", "75056", "1107"),
        ("69381", "69123", "8428"),
        ("13201", "13055", "9306"),
        ("2a001", "2A001", "9407"),
        ("97123", "97701", "0102"),
        ("97127", "97801", "0102"),
        ("97801", "97801", "0102"),
        ("97411", "97411", "0404"),
        # its seat moved in 2025, and the code with it
        ("49069", "49126", "5229"),
        # split again: its own code lives on, and so do its four former communes
        ("15141", "15141", "8451"),
        ("15035", "15035", "8451"),
        ("98735", "98735", None),
        ("99138", None, None),
        ("75999", None, None),
    ],
)
def test_any_code_leads_to_its_commune_and_area(
    published: Territories, code: str, commune: str | None, area: str | None
) -> None:
    assert (published.codes.commune(code), published.area(code)) == (commune, area)


@pytest.mark.real_data
def test_every_successor_is_a_commune_of_the_table(published: Territories) -> None:
    codes = {*published.communes["code"]}
    assert {*published.codes.successors.values()} == codes
    assert {*published.arrondissements["commune"]} <= codes
    assert {*published.names["code"]} <= codes
    assert {*published.communes["area"].dropna()} == {*published.areas["code"]}
    assert {*published.communes["department"]} <= {*published.departments["code"]}
    assert {*published.departments["region"].dropna()} <= {*published.regions["code"]}
    assert {*published.departments["seat"].dropna(), *published.regions["seat"]} <= codes


@pytest.mark.real_data
def test_nearness_is_symmetric_and_paris_is_near_saint_denis(published: Territories) -> None:
    near = published.within("93066", 12)
    assert near["code"].iloc[0] == "93066"
    assert "75056" in {*near["code"]}
    assert "93066" in {*published.within("75056", 12)["code"]}
    away = published.distance("75101", pd.Series(["75101", "75120", "13055"]))
    assert away == pytest.approx([0, 4.72, 661.5], abs=0.05)


@pytest.mark.real_data
def test_a_copy_of_the_files_reads_the_same(published: Territories, data_dir: Path, tmp_path: Path) -> None:
    for file in published.report.files:
        shutil.copy(data_dir / "territory" / file.file, tmp_path / file.file)
    again = read_territory(tmp_path)
    pd.testing.assert_frame_equal(again.communes, published.communes)
    pd.testing.assert_frame_equal(again.names, published.names)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_distance_is_symmetric_and_bounded(a: float, b: float, c: float, d: float) -> None:
    there, back = distance_km(a, b, c, d), distance_km(c, d, a, b)
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= np.pi * EARTH_RADIUS + 1e-6


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_no_way_round_is_shorter(a: float, b: float, c: float, d: float, e: float, f: float) -> None:
    direct, first, second = distance_km(a, b, e, f), distance_km(a, b, c, d), distance_km(c, d, e, f)
    assert direct <= first + second + 1e-3


@given(st.floats(-89, 89), st.floats(-180, 180), st.floats(-1, 1))
def test_along_a_meridian_the_distance_is_that_of_the_arc(latitude: float, longitude: float, step: float) -> None:
    assume(abs(step) > 1e-6)
    expected = abs(np.radians(step)) * EARTH_RADIUS
    assert distance_km(latitude, longitude, latitude + step, longitude) == pytest.approx(expected, rel=1e-6)


def test_distances_broadcast() -> None:
    one, many = np.array([[48.85], [43.3]]), np.array([48.85, 45.76, 43.3])
    assert distance_km(one, one * 0 + 2.35, many, many * 0 + 5.0).shape == (2, 3)
