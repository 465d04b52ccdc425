"""Places as people type them."""

from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.places import places_asked
from graph.textindex import TextIndex
from ingest.country_files import CountryReading
from ingest.territory import Territories
from ingest.territory_gazetteer import Gazetteer
from ingest.territory_names import NameTable, tolerance
from ingest.territory_query import parse
from ingest.territory_search import PlaceIndex


@pytest.fixture(scope="module")
def territories(published_country: CountryReading) -> Territories:
    return published_country.country.territories


@pytest.fixture(scope="module")
def index(territories: Territories) -> PlaceIndex:
    t = territories
    return PlaceIndex(Gazetteer.of(t.communes, t.arrondissements, t.names, t.departments, t.codes.successors))


@pytest.mark.real_data
def test_large_and_small_communes_are_found_first_as_people_type_them(
    index: PlaceIndex, territories: Territories
) -> None:
    for asked in places_asked(territories.communes).values():
        assert len({code for _, code in asked}) == 40
        assert len(asked) > 240
        missed = []
        for text, code in asked:
            matches = index.find(text).matches
            if not matches or code not in (matches[0].code, matches[0].commune):
                missed.append(f"{text} -> {[match.label for match in matches[:2]]}")
        assert len(missed) <= 0.05 * len(asked), missed


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("st etienne", "42218"),
        ("stetienne", "42218"),
        ("59000", "59350"),
        ("paris 13", "75113"),
        ("PARIS XIII", "75113"),
        ("13e arrondissement de Paris", "75113"),
        ("75013", "75113"),
        ("75008 paris", "75108"),
        ("lyon 3eme", "69383"),
        ("l'hay les roses", "94038"),
        ("lhaylesroses", "94038"),
        ("saint denis 93", "93066"),
        ("saint denis (974)", "97411"),
        ("saint-denis la réunion", "97411"),
        ("Bourg en Bresse", "01053"),
        ("bourg en bresse 1", "01053"),
        ("marseile", "13055"),
        ("strassbourg", "67482"),
        ("chalons s/ saone", "71076"),
        ("cran gevrier", "74010"),
        ("74093", "74010"),
        ("Seynod", "74010"),
        ("2a001", "2A001"),
        ("20000", "2A004"),
        ("ajaccio 20", "2A004"),
        ("97150", "97801"),
        ("97801", "97801"),
        ("97133 saint barthelemy", "97701"),
        ("ville de nantes", "44109"),
        ("lille cedex 9", "59350"),
        ("59020 lille cedex", "59350"),
        ("59000 lile", "59350"),
        ("Y", "80829"),
    ],
)
def test_one_place_is_clear(index: PlaceIndex, typed: str, code: str) -> None:
    answer = index.find(typed)
    assert (answer.matches[0].code, answer.clear, answer.reason) == (code, True, "")


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        ("saint denis", "97411", "Saint-Denis (93)"),
        ("la rochelle", "17300", "La Rochelle (70)"),
        ("montreuil", "93048", "communes portent ce nom"),
        ("marseille 13", "13213", "numéro du département"),
        ("20200", "2B033", "celui de 4 communes"),
        ("74600", "74010", "celui de 3 communes"),
        ("75000", "75056", "CEDEX"),
        ("13000", "13055", "CEDEX"),
        ("92925", "92050", "CEDEX"),
        ("92925 paris la defense cedex", "92050", "CEDEX"),
        ("97127", "97110", "code INSEE d'une autre commune : Saint-Martin"),
        ("59", "59350", "59 est le département Nord"),
        ("paris 21", "75056", "rien de ce nom dans le département 21"),
        ("59000 marseille", "59350", "ne porte ce nom"),
        ("evry", "89162", "peut-être Évry-Courcouronnes (91)"),
        ("boulogne", "62160", "un nom de ce genre"),
        ("montpelier", "34172", "orthographe approchée"),
    ],
)
def test_what_is_not_clear_is_told(index: PlaceIndex, typed: str, code: str, told: str) -> None:
    answer = index.find(typed)
    assert answer.matches[0].code == code
    assert not answer.clear
    assert told in answer.reason


@pytest.mark.real_data
@pytest.mark.parametrize("typed", ["", "   ", "de la", "98000", "99", "xxxxxx", "'''", "paris" * 500, "\0\ud83d"])
def test_what_is_no_place_is_an_answer(index: PlaceIndex, typed: str) -> None:
    answer = index.find(typed)
    assert not answer.clear
    assert answer.reason
    assert not answer.matches


@pytest.mark.real_data
def test_a_short_name_is_never_taken_for_another(index: PlaceIndex) -> None:
    assert {match.how for match in index.find("gap").matches} <= {"name", "beginning", "words"}
    assert index.find("gap").matches[0].code == "05061"


@pytest.mark.real_data
def test_a_merged_commune_tells_its_former_names(index: PlaceIndex) -> None:
    match = index.find("74600").matches[0]
    assert {"Seynod", "Cran-Gevrier"} <= set(match.formerly)


@pytest.mark.real_data
def test_size_orders_homonyms(territories: Territories) -> None:
    t = territories
    tables = (t.communes, t.arrondissements, t.names, t.departments, t.codes.successors)
    without = PlaceIndex(Gazetteer.of(*tables)).find("saint ouen", 3).matches
    sized = PlaceIndex(Gazetteer.of(*tables, size={"80711": 9.0})).find("saint ouen", 3).matches
    assert [match.code for match in without][:2] == ["41226", "80711"]
    assert [match.code for match in sized][:2] == ["80711", "41226"]


@pytest.fixture(scope="module")
def toy() -> PlaceIndex:
    communes = pd.DataFrame(
        {
            "code": ["01001", "01002", "02001", "75056"],
            "label": ["Le Bourg", "Le Bourg-Neuf", "Bourg", "Paris"],
            "department": ["01", "01", "02", "75"],
            "postcodes": ["01000", "01000 01010", "02000", "75001"],
            "prominence": [2, 0, 0, 3],
        }
    )
    arrondissements = pd.DataFrame(
        {"code": ["75101"], "label": ["Paris 1er Arrondissement"], "commune": ["75056"], "postcodes": ["75001"]}
    )
    names = pd.DataFrame({"code": ["02001"], "name": ["Hameau-Vieux"], "kind": ["former"]})
    departments = pd.DataFrame(
        {"code": ["01", "02", "75"], "label": ["Ain", "Aisne", "Paris"], "seat": ["01001", None, "75056"]}
    )
    return PlaceIndex(Gazetteer.of(communes, arrondissements, names, departments, {"01999": "01002"}))


def test_articles_part_two_names_only_when_typed(toy: PlaceIndex) -> None:
    assert [m.code for m in toy.find("le bourg").matches] == ["01001", "02001", "01002"]
    assert toy.find("le bourg").clear
    assert toy.find("bourg").matches[0].code == "02001"
    assert [m.code for m in toy.find("bourg aisne").matches] == ["02001"]
    assert toy.find("hameau vieux").matches[0].name == "Hameau-Vieux"
    assert toy.find("01999").matches[0].code == "01002"
    assert toy.find("paris 1er").matches[0].commune == "75056"


def test_a_department_without_seat_is_still_told(toy: PlaceIndex) -> None:
    answer = toy.find("02")
    assert not answer.matches
    assert "Aisne" in answer.reason


@given(st.text(max_size=300))
def test_whatever_is_typed_is_answered(toy: PlaceIndex, typed: str) -> None:
    answer = toy.find(typed)
    assert answer.clear != bool(answer.reason)
    assert answer.matches or answer.reason
    assert len({match.code for match in answer.matches}) == len(answer.matches)


@given(
    st.sampled_from(["Le Bourg", "Paris", "bourg-neuf", "01000", "hameau vieux"]),
    st.sampled_from([str.upper, str.lower, str.title, lambda text: f"  {text} ", lambda text: text.replace("-", " ")]),
)
def test_case_blanks_and_hyphens_change_nothing(toy: PlaceIndex, typed: str, change: Callable[[str], str]) -> None:
    assert toy.find(change(typed)) == toy.find(typed)


@given(st.lists(st.text("ab é\U0010ffff", max_size=4), max_size=20), st.text("ab é\U0010ffff", max_size=4))
def test_rows_are_found_by_text_and_by_what_a_text_begins_with(texts: list[str], wanted: str) -> None:
    index = TextIndex.of((text, row) for row, text in enumerate(texts))
    assert index.get(wanted).tolist() == [row for row, text in enumerate(texts) if text == wanted]
    begun = index.begun(wanted)
    assert index.texts[begun] == sorted({text for text in texts if text.startswith(wanted)})
    rows = [row for text in index.texts[begun] for row in index.get(text).tolist()]
    assert index.rows_of(begun).tolist() == rows
    assert index.first(wanted) == (texts.index(wanted) if wanted in texts else None)


@given(st.text("bourgparis-neuf 0127599", max_size=14))
def test_what_was_saved_answers_as_what_was_made(toy: PlaceIndex, typed: str) -> None:
    opened = PlaceIndex(Gazetteer.from_arrays(toy.gazetteer.to_arrays()))
    assert opened.find(typed) == toy.find(typed)
    assert opened.by_code(typed) == toy.by_code(typed)


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=12), min_size=1, max_size=30), st.data())
def test_names_alike_are_those_within_the_tolerance(names: list[str], data: st.DataObject) -> None:
    typed = data.draw(st.text("abcdefgh", min_size=1, max_size=12))
    table = NameTable.of(names)
    found, distances = table.alike((typed,), among=pd.Index(range(len(names))).to_numpy())
    assert all(distance <= tolerance(len(typed)) for distance in distances)
    if typed in names and tolerance(len(typed)):
        assert names.index(typed) in found


def test_numbers_are_departments_or_arrondissements() -> None:
    assert parse("saint denis 93").department == "93"
    assert parse("st-denis (974)").words == ("saint", "denis")
    assert parse("Bastia 2b").department == "2B"
    assert parse("paris 20").arrondissement == 20
    assert parse("lille 3").arrondissement is None
    assert parse("59020 LILLE CEDEX 9") == parse("lille 59020 cedex")
    assert parse("2a004").code == "2A004"
