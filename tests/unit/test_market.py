"""The market: sums, ranges of families, what is missing or damaged, and where a figure was found."""

import bz2
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.market import Market
from ingest.market_files import read_market
from ingest.market_layout import FILES
from ingest.market_measures import CAUSES
from ingest.market_sources import hung
from ingest.market_tables import MARKET, market_table
from ingest.territory_files import read_territory
from passerelle.errors import DataFileError
from tests.unit.test_territory import FILES as TERRITORY

KNOWN = ["A1101", "B1804", "H2913", "J1506"]
OFFERS = """\
"commune";"dc_rome_id";"nb_offre";"date_extract"
"01001";"A1101";2;2021-12-21
"01001";"A1101";3;2021-12-21
"01003";"A1101";1;2021-12-21
"75056";"H2913";4;2021-12-21
"75120";"H2913";1;2021-12-21
;"H2913";7;2021-12-21
"null";"J1506";5;2021-12-21
"99999";"J1506";1;2021-12-21
"""
BY_AREA = """\
annee;ROME;cbassin;oee;defm_abc;ind_tension_d;ind_int_emb_d;ind_main_oeuvre_d;ind_dur_empl_d;ind_cond_travail_d;\
ind_mismatch_geo_d;ind_specif_form_empl_d
2020;A1101;0101;16,5;28,25;1;5;1;5;4;4;5
2021;A1101;0101;16,61538462;28,25;5;5;1;5;4;4;
2021;H2913;7549;20;28,25;5;5;1;5;4;4;5
"""
BY_FAMILY = """\
fap,Tension ,Catégorie Tension,Intensité d'embauches,Lien formation-emploi,Manque de main-d'œuvre disponible,\
Non-durabilité de l'emploi,Conditions de travail contraignantes,Inadéquation géographique,Année,niveau_geo,niveau_fap,\
reg,dep
D2Z42,1.25,5.0,5.0,3.0,2.0,5.0,4.0,5.0,2019,nat,fap 225,,
D3Z20,-0.25,2.0,5.0,3.0,2.0,5.0,4.0,5.0,2019,nat,fap 225,,
D3Z20,,,,,,,,,2019,dep,fap 225,,75
D2Z42,0.5,4.0,5.0,3.0,2.0,5.0,4.0,5.0,2019,dep,fap 225,,75
D2Z42,0.5,4.0,5.0,3.0,2.0,5.0,4.0,5.0,2019,reg,fap 225,11.0,
D3Z20,0.4,3.0,5.0,3.0,2.0,5.0,4.0,5.0,2019,reg,fap 225,11.0,
D2Z,0.5,4.0,5.0,3.0,2.0,5.0,4.0,5.0,2019,reg ,fap 87,84.0,
V1Z80,0.5,4.0,5.0,3.0,2.0,5.0,4.0,5.0,2019,dep,fap 225,,01
"""
FAP = """\
Fap;Rome;intitule_rome
A0Z00;NA;NA
D2Z42;H2913;Soudage manuel
D3Z20;H2913;Soudage manuel
V1Z80;J1506;Soins infirmiers
"""
MEDIAN = """\
Fap3,Annee,Salaire_median
D2Z42,2003-2005,1100
D2Z42,2017-2019,1746
D3Z20,2017-2019,NA
D2Z,2017-2019,1700
Ensemble,2016-2018,1800
"""
BANDS = "Fap,Salaire,Pourcentage\n" + "".join(
    f"{fap},{band},{value}\n"
    for fap, values in {"D2Z42": (5, 15, 50, 10, 20), "D3Z20": (10, 20, 30, "NA", "NA")}.items()
    for band, value in zip(
        (
            "Moins de 1250 €",
            "De 1250 € à moins de 1500 €",
            "De 1500 € à moins de 2000 €",
            "De 2000 € à moins de 3000 €",
            "3000 € ou plus",
        ),
        values,
        strict=True,
    )
)
FIXED_TERM = "Fap3;Annee;Part\nD2Z;2013;50.5\nD2Z;2014;60.22\nV1Z;2014;95.13\nZZZ;2014;70\n"
CONTENT = {
    "dares/tensions.csv": BY_FAMILY,
    "dares/fap225_rome.csv": FAP,
    "dares/salaire_median_3niv.csv": MEDIAN,
    "dares/salaires_3niv.csv": BANDS,
    "dares/part_CDD_entrees.csv": FIXED_TERM,
    "territory/tension_rome_bassin_2021.csv": BY_AREA,
}
BZ2 = "territory/offres_commune_rome_2021-12-21.csv.bz2"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "territory").mkdir()
    (tmp_path / "dares").mkdir()
    for name, content in TERRITORY.items():
        (tmp_path / "territory" / name).write_text(content, encoding="utf-8")
    for name, content in CONTENT.items():
        encoding = "cp1252" if name.startswith("dares/sal") else "utf-8"
        (tmp_path / name).write_text(content, encoding=encoding)
    (tmp_path / BZ2).write_bytes(bz2.compress(OFFERS.encode()))
    return tmp_path


def _read(directory: Path) -> Market:
    return read_market(directory, read_territory(directory / "territory"), KNOWN)


def test_doubled_keys_add_up_and_what_has_no_place_is_counted(directory: Path) -> None:
    market = _read(directory)
    offers = market.offers.fillna({"commune": "-"})
    assert sorted(offers.values.tolist()) == [
        ["-", "H2913", 7],
        ["-", "J1506", 6],
        ["01001", "A1101", 6],
        ["75056", "H2913", 5],
    ]
    assert market.unplaced == 13
    figure = market.read("H2913", "1107", "offers")
    assert figure is not None
    assert (figure.low, figure.level, figure.territory, figure.period) == (5, "area", "1107", "2021-12-21")
    nation = market.read("H2913", None, "offers")
    assert nation is not None
    assert nation.high == 12


def test_every_row_is_accounted_for(directory: Path) -> None:
    report = _read(directory).report
    assert all(file.read == file.loaded + len(file.set_aside) for file in report.files)
    aside = {(file.file, row.line): row.reason for file in report.files for row in file.set_aside}
    assert aside["territory/tension_rome_bassin_2021.csv", 2] == "millésime plus ancien que le dernier"
    assert aside["territory/tension_rome_bassin_2021.csv", 4] == "bassin dont aucune commune n'est connue"
    assert aside["dares/tensions.csv", 8] == "niveau plus large que la famille professionnelle"
    assert aside["dares/salaire_median_3niv.csv", 2] == "millésime plus ancien que le dernier"


def test_the_newest_vintage_only_and_the_smallest_territory_first(directory: Path) -> None:
    figure = _read(directory).read("A1101", "0101")
    assert figure is not None
    assert (figure.values, figure.level, figure.year, figure.source) == (((None, 5.0),), "area", 2021, "tension_area")


def test_several_families_are_a_range_and_half_a_range_is_passed_over(directory: Path) -> None:
    market = _read(directory)
    figure = market.read("H2913", "1107")
    assert figure is not None
    # the department has D2Z42 alone: D3Z20 is blank there, and the region has both
    assert (figure.level, figure.territory) == ("region", "11")
    assert figure.values == (("D2Z42", 4.0), ("D3Z20", 3.0))
    assert (figure.low, figure.high, figure.without) == (3.0, 4.0, ())
    wage = market.read("H2913", "1107", "median_wage")
    assert wage is not None
    assert (wage.values, wage.without, wage.period, wage.year) == ((("D2Z42", 1746.0),), ("D3Z20",), "2017-2019", 2019)
    share = market.read("H2913", None, "fixed_term_share")
    assert share is not None
    assert (share.values, share.without) == ((("D2Z", 60.22),), ("D3Z20",))


def test_missing_stays_missing(directory: Path) -> None:
    market = _read(directory)
    assert market.read("B1804", "1107") is None
    assert market.read("B1804", "1107", "offers") is None
    area = market.table[market.table["level"] == "area"]
    assert area.loc[area["source"] == "tension_area", "training_link"].isna().all()
    blank = market.table[(market.table["fap"] == "D3Z20") & (market.table["level"] == "department")]
    assert blank[["tension", "tension_score", *CAUSES]].isna().all(axis=None)
    bands = market.table[market.table["source"] == "wage_bands"].set_index("fap")
    assert bands.loc["D2Z42", "wage_2000_more"] == 30
    assert pd.isna(bands.loc["D3Z20", "wage_2000_more"])
    assert bands["year"].isna().all()


def test_an_old_figure_says_its_year(directory: Path) -> None:
    market = _read(directory)
    tension, wage = market.read("A1101", "0101"), market.read("H2913", None, "median_wage")
    bands = market.read("H2913", None, "wage_below_1250")
    assert tension is not None
    assert wage is not None
    assert bands is not None
    assert (tension.vintage(2026), tension.vintage(2024)) == ("données de 2021", None)
    assert wage.vintage(2026) == "données de 2017-2019"
    assert bands.vintage(2026) == "année non précisée"
    assert wage.source_label == "salaires médians (Dares)"


def test_an_unknown_measure_is_an_error_and_an_unknown_area_is_the_nation(directory: Path) -> None:
    market = _read(directory)
    with pytest.raises(KeyError, match="luck"):
        market.read("A1101", "0101", "luck")
    figure = market.read("H2913", "9999")
    assert figure is not None
    assert figure.level == "nation"


@pytest.mark.parametrize("absent", [file.file_name for file in FILES])
def test_each_file_may_be_absent(directory: Path, absent: str) -> None:
    (directory / absent).unlink()
    market = _read(directory)
    assert [file.file for file in market.report.files if not file.present] == [absent]
    assert len(market.table)
    assert list(market.table.columns) == list(MARKET.columns)


def test_without_any_file_nothing_is_known(directory: Path) -> None:
    for file in FILES:
        (directory / file.file_name).unlink()
    market = _read(directory)
    assert market.table.empty
    assert market.unplaced == 0
    assert market.read("H2913", "1107") is None


def _rewrite(path: Path, before: str, after: str) -> None:
    encoding = "cp1252" if path.name.startswith("sal") else "utf-8"
    text = path.read_text(encoding=encoding)
    assert before in text
    path.write_text(text.replace(before, after), encoding=encoding)


@pytest.mark.parametrize(
    ("name", "before", "after", "line", "column"),
    [
        ("dares/tensions.csv", "Catégorie Tension", "Classe", 1, "Catégorie Tension"),
        ("territory/tension_rome_bassin_2021.csv", ";", ",", 1, "annee"),
        ("dares/part_CDD_entrees.csv", "ZZZ;2014;70", "ZZZ;2014", 5, None),
        ("dares/fap225_rome.csv", "Soins infirmiers", '"Soins" infirmiers', 5, None),
        ("dares/salaire_median_3niv.csv", MEDIAN, " ", None, None),
        ("dares/salaire_median_3niv.csv", MEDIAN, MEDIAN.splitlines()[0], None, None),
    ],
)
def test_a_damaged_file_is_named_with_line_and_column(
    directory: Path, name: str, before: str, after: str, line: int | None, column: str | None
) -> None:
    _rewrite(directory / name, before, after)
    with pytest.raises(DataFileError) as raised:
        _read(directory)
    assert (Path(raised.value.file), raised.value.line, raised.value.column) == (directory / name, line, column)


@pytest.mark.parametrize(
    ("name", "before", "after", "line", "column"),
    [
        ("dares/salaires_3niv.csv", "D2Z42,Moins de", "D2Z42,Under", 2, "Salaire"),
        ("dares/salaires_3niv.csv", "1500 €,15", "1500 €,115", 3, "Pourcentage"),
        ("dares/tensions.csv", "D2Z42,1.25,5.0", "D2Z42,1.25,6.0", 2, "Catégorie Tension"),
        ("territory/tension_rome_bassin_2021.csv", "2021;A1101;0101", "2021;A110;0101", 3, "ROME"),
        ("territory/tension_rome_bassin_2021.csv", "2021;A1101;0101", "2021;Z9999;0101", 3, "ROME"),
        # at the end of a file, a short row would be a cut
        ("dares/fap225_rome.csv", "V1Z80;J1506;", "V1Z80;J1506\nV1Z81;J1506;", 5, None),
    ],
)
def test_a_bad_row_is_set_aside_with_its_line(
    directory: Path, name: str, before: str, after: str, line: int, column: str | None
) -> None:
    _rewrite(directory / name, before, after)
    rows = next(file for file in _read(directory).report.files if file.file == name).set_aside
    assert (line, column) in [(row.line, row.column) for row in rows]


@pytest.mark.parametrize("raw", [b"BZh9 nothing", b"", bz2.compress(OFFERS.encode())[:-20], bz2.compress(b"\xff\xfe;")])
def test_a_damaged_archive_is_named(directory: Path, raw: bytes) -> None:
    (directory / BZ2).write_bytes(raw)
    with pytest.raises(DataFileError) as raised:
        _read(directory)
    assert raised.value.file.endswith(".bz2")


def test_a_wrong_count_of_offers_is_set_aside(directory: Path) -> None:
    rows = [f'"01001";"A1101";{count};2021-12-21\n' for count in ("0", "-3", "1,5")]
    (directory / BZ2).write_bytes(bz2.compress((OFFERS + "".join(rows)).encode()))
    market = _read(directory)
    offers = next(file for file in market.report.files if file.file == BZ2)
    assert [(row.line, row.value) for row in offers.set_aside] == [(10, "0"), (11, "-3"), (12, "1,5")]
    assert market.offers["offers"].sum() == 24


@given(st.lists(st.tuples(st.sampled_from(["D2Z42", "D3Z20", "V1Z80"]), st.integers(1, 5)), max_size=12, unique=True))
def test_hanging_a_figure_on_families_changes_none(rows: list[tuple[str, int]]) -> None:
    families = pd.DataFrame({"fap": ["D2Z42", "D3Z20", "D3Z20"], "family": ["H2913", "H2913", "H2914"]})
    table = pd.DataFrame(rows, columns=["fap", "tension"])
    found = hung(table, families)
    assert {*zip(found["fap"], found["tension"], strict=True)} == {row for row in rows if row[0] != "V1Z80"}
    assert len(found) == sum({"D2Z42": 1, "D3Z20": 2}.get(fap, 0) for fap, _ in rows)


def test_a_figure_twice_for_the_same_place_is_refused() -> None:
    row = {"family": "H2913", "level": "nation", "territory": "FR", "source": "wages", "fap": "D2Z42"}
    with pytest.raises(DataFileError, match="table market"):
        market_table([pd.DataFrame([row, row])])
