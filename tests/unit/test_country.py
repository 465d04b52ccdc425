"""The country: kept and opened again, in the graph without a figure copied, asked by its commands."""

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from graph.schema import RELATIONSHIPS
from graph.tables import GraphTables
from ingest.country import Country
from ingest.country_files import CountryReading, read_country
from ingest.country_tables import with_country
from ingest.rome import read_rome
from passerelle.cli import main
from passerelle.errors import DataFileError
from tests.unit.country_toy import OUTLINE, write_country

FAMILIES = ["B1804", "H2605", "J1506"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("country") / "data"
    write_country(path)
    return path


@pytest.fixture(scope="module")
def reading(data: Path) -> CountryReading:
    found = read_country(data, FAMILIES)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def home(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the toy has been built."""
    path = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSERELLE_HOME", str(path))
        patch.setenv("PASSERELLE_DATA", str(data))
        patch.setattr(sys, "argv", ["passerelle", "build", "--no-graph"])
        assert _status() == 0
    return path


def _status() -> int:
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.fixture
def ask(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Runs a command in the home: its status, and what it printed (what it said on stderr where it failed)."""
    monkeypatch.setenv("PASSERELLE_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["passerelle", *words])
        status = _status()
        printed = capsys.readouterr()
        return status, printed.err if status else printed.out

    return run


def test_what_was_kept_is_what_is_opened(reading: CountryReading, tmp_path: Path) -> None:
    ours = reading.country
    ours.save(tmp_path / "country")
    theirs = Country.load(tmp_path / "country")
    assert theirs.territories.codes == ours.territories.codes
    for name in ("regions", "departments", "areas", "communes", "arrondissements", "names"):
        pd.testing.assert_frame_equal(getattr(theirs.territories, name), getattr(ours.territories, name))
    for one, other in ((theirs.market, ours.market), (theirs.housing, ours.housing)):
        pd.testing.assert_frame_equal(one.table, other.table)
    assert theirs.outlines == {"departments": {"01": OUTLINE}, "regions": {}}
    (tmp_path / "country" / "market.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataFileError, match="passerelle build"):
        Country.load(tmp_path / "country")


def test_sources_are_those_that_were_read(reading: CountryReading) -> None:
    names = [source.name for source in reading.sources]
    assert "Code officiel géographique : communes, départements, régions" in names
    assert "Contours des départements" in names
    # not there, and there but never read
    assert not [name for name in names if "ventes" in name.lower() or "femmes" in name]
    extracts = [source for source in reading.sources if "non établies" in source.licence]
    assert {source.year for source in extracts} == {2021}


@pytest.mark.parametrize(
    "content",
    [
        "no json",
        "[]",
        '{"features": [{}]}',
        '{"features": [{"properties": {"code": "01"}, "geometry": {"type": "Point"}}]}',
    ],
)
def test_outlines_that_are_none_are_refused(data: Path, tmp_path: Path, content: str) -> None:
    for path in data.rglob("*"):
        if path.is_file() and "rome4" not in path.parts:
            target = tmp_path / path.relative_to(data)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
    (tmp_path / "territory/departements-version-simplifiee.geojson").write_text(content, encoding="utf-8")
    with pytest.raises(DataFileError, match="departements-version-simplifiee"):
        read_country(tmp_path, FAMILIES)


def test_a_fap_has_its_figures_once_however_many_families_it_has(data: Path, reading: CountryReading) -> None:
    tables = with_country(read_rome(data / "rome4").tables, reading)
    assert tables.relationships["fap_nation"]["start"].tolist() == ["D2Z42", "D3Z20"]
    wages = tables.relationships["wages"].set_index("start")
    assert (wages.loc["D2Z42", "medianWage"], wages.loc["D2Z42", "year"]) == (1746, 2019)
    assert (wages.loc["D2Z", "fixedTermShare"], wages.loc["D2Z", "year"]) == (60.22, 2014)
    assert pd.isna(wages.loc["D2Z", "medianWage"])
    area = tables.relationships["market_area"].set_index(["start", "end"])
    assert area.loc[("H2605", "0101"), ["offers", "seekers", "tension"]].tolist() == [6, 28.25, 5]
    # counted in no area of Paris: withheld, not zero
    assert area.loc[("B1804", "1107"), "offers"] == 5
    assert pd.isna(area.loc[("B1804", "1107"), "seekers"])
    assert tables.meta.sources[0].name == "Échantillon de démonstration"


@pytest.mark.real_data
def test_the_published_market_is_in_the_graph_once(built_tables: GraphTables) -> None:
    links = built_tables.relationships
    assert links["market_area"]["offers"].sum() == 846_128
    assert links["market_nation"]["offers"].sum() == 925_168
    assert links["market_area"]["seekers"].notna().sum() == 27_111
    assert not [spec.table for spec in RELATIONSHIPS if spec.type == "MARKET" and spec.start == "Occupation"]
    assert built_tables.nodes["Commune"]["codeInsee"].is_unique
    assert len(links["commune_in_area"]) == 34_969 - 90
    for table in ("market_area", "fap_departement", "commune_rent", "wages"):
        assert links[table]["source"].notna().all()
    # rents of unknown vintage have no year, sales have theirs
    rents = links["commune_rent"]
    assert rents.groupby("end")["year"].apply(lambda years: years.isna().all()).to_dict() == {
        "sales": False,
        "towns": True,
    }


def test_market_reads_the_familys_figures_and_says_where_from(ask) -> None:  # type: ignore[no-untyped-def]
    status, printed = ask("market", "B1804", "--near", "paris 1", "--json")
    assert status == 0
    document = json.loads(printed)
    assert document["family"]["codeRome3"] == "B1804"
    assert document["place"]["codeInsee"] == "75101"
    assert document["place"]["area"] == {"code": "1107", "label": "PARIS"}
    assert document["offers"] == {"count": 5, "day": "2021-12-21", "level": "area", "code": "1107", "label": "PARIS"}
    figures = {figure["measure"]: figure for figure in document["figures"]}
    # of two FAP the department has one: half of a range is no range
    assert (figures["tension"]["low"], figures["tension"]["high"], figures["tension"]["level"]) == (3, 4, "region")
    assert figures["tension"]["vintage"] == "données de 2019"
    assert figures["median_wage"]["without"] == ["D3Z20"]
    assert "Demandeurs d'emploi (catégories A, B, C), moyenne de l'année" in document["missing"]
    assert document["here"]["wanted"] == "unknown"
    status, printed = ask("market", "B1804", "--near", "75020")
    assert status == 0
    assert "la famille « Brodeur / Brodeuse » (B1804)" in printed
    assert "3 à 4 sur 5" in printed
    assert "région Île-de-France" in printed


def test_potential_finds_where_a_person_is_wanted_and_what_a_home_costs(ask) -> None:  # type: ignore[no-untyped-def]
    status, printed = ask("potential", "H2605", "--near", "Le Bourg", "--km", "80", "--json")
    assert status == 0
    document = json.loads(printed)
    assert [area["code"] for area in document["areas"]] == ["0101", "8401"]
    first = document["areas"][0]
    assert first["ownOffers"] == 6
    assert 0 <= first["low"] <= first["potential"] <= first["high"] <= first["outOf"]
    # 10.5 € per m² and 45 m², to the nearest ten
    assert "470 € par mois" in first["housing"]["rent"]
    assert "2025" in first["housing"]["rent"]
    assert first["km"] == 0
    own = next(family for family in document["families"] if family["own"])
    assert own["occupations"][0]["codeRome"] == "H2605"
    assert document["whatIf"][0]["sentence"]
    status, printed = ask("potential", "H2605", "--region", "ile de france", "--json")
    assert [area["code"] for area in json.loads(printed)["areas"]] == ["1107"]
    status, printed = ask("potential", "H2605", "--near", "Le Bourg")
    assert status == 0
    assert "Et si" in printed


def test_the_map_is_geojson_with_what_has_no_outline_kept(ask) -> None:  # type: ignore[no-untyped-def]
    status, printed = ask("potential", "H2605", "--geojson")
    assert status == 0
    document = json.loads(printed)
    assert document["type"] == "FeatureCollection"
    found = {(one["properties"]["level"], one["properties"]["code"]): one for one in document["features"]}
    assert found[("area", "0101")]["geometry"] == {"type": "Point", "coordinates": [5.0, 46.0]}
    assert found[("department", "01")]["geometry"] == OUTLINE
    assert found[("department", "75")]["geometry"] is None
    best = found[("department", "01")]["properties"]
    assert best["potential"] == max(
        one["properties"]["potential"] for key, one in found.items() if key in {("area", "0101"), ("area", "8401")}
    )


def test_sorting_by_the_market_lets_nothing_else_in(ask) -> None:  # type: ignore[no-untyped-def]
    plain = json.loads(ask("recommend", "J1506", "--limit", "8", "--json")[1])
    ranked = json.loads(ask("recommend", "J1506", "--limit", "8", "--near", "01000", "--json")[1])
    market = json.loads(ask("recommend", "J1506", "--limit", "8", "--near", "01000", "--sort", "market", "--json")[1])
    codes = [[one["codeRome"] for one in document["recommendations"]] for document in (plain, ranked, market)]
    assert codes[0] == codes[1]
    assert sorted(codes[2]) == sorted(codes[0])
    least = [one["market"]["low"] for one in market["recommendations"]]
    known = [value for value in least if value is not None]
    # unknown is last and is no zero
    assert least[: len(known)] == sorted(known, reverse=True)
    shown = ask("recommend", "B1804", "--lens", "skills", "--limit", "8", "--near", "01000")[1]
    assert "Marché à Le Bourg" in shown
    # it is years old, and says so
    assert "tension 5 sur 5 (bassin, 2021)" in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("market", "B1804", "--near", "Nullepart"), "Nullepart"),
        (("market", "B1804", "--near", "06 12 34 56 78"), "téléphone"),
        (("market", "Z9999", "--near", "Paris"), "Z9999"),
        (("potential", "B1804", "--km", "30"), "--near"),
        (("potential", "B1804", "--region", "Bretagne"), "Auvergne-Rhône-Alpes"),
        (("potential",), "--skill"),
        (("recommend", "B1804", "--sort", "market"), "--near"),
    ],
)
def test_nonsense_gets_a_clear_answer(ask, words: tuple[str, ...], said: str) -> None:  # type: ignore[no-untyped-def]
    status, printed = ask(*words)
    assert status in (1, 2)
    assert said in printed
    assert "06 12 34 56 78" not in printed


def test_without_territories_everything_else_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    write_country(data)
    for path in (data / "territory").iterdir():
        path.unlink()
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PASSERELLE_DATA", str(data))
    for words, expected, said in (
        (("build", "--no-graph", "--json"), 0, '"Occupation"'),
        (("recommend", "B1804", "--limit", "1"), 0, "B1804"),
        (("market", "B1804", "--near", "Paris"), 3, "passerelle fetch"),
        (("potential", "B1804"), 3, "passerelle fetch"),
    ):
        monkeypatch.setattr(sys, "argv", ["passerelle", *words])
        assert _status() == expected
        printed = capsys.readouterr()
        assert said in (printed.err if expected else printed.out)
