"""Search over a handful of occupations: what must hold whatever the data."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.labels import fold, gendered_forms
from graph.tables import GraphTables, TablesMeta
from passerelle.arrays import open_arrays, save_arrays
from recommend.search import SearchAnswer, SearchIndex
from recommend.search_query import MAX_LENGTH
from tests.unit.search_toy import OCCUPATIONS, tables_of


@pytest.fixture(scope="module")
def toy() -> SearchIndex:
    return SearchIndex.of(tables_of(OCCUPATIONS))


def codes(answer: SearchAnswer) -> list[str]:
    return [hit.code_rome for hit in answer.hits]


def test_an_exact_title_comes_first_with_its_title_and_its_occupation(toy: SearchIndex) -> None:
    answer = toy.search("dentellière à la main")
    hit = answer.hits[0]
    assert (hit.code_rome, hit.label) == ("B1804", "Brodeur / Brodeuse")
    assert (hit.title, hit.title_ogr, hit.why) == ("Dentellier / Dentellière à la main", "5", "appellation exacte")
    assert answer.clear
    assert hit.score == 1.0


@pytest.mark.parametrize(
    "typed",
    [
        "Coiffeur",
        "coiffeuse",
        "COIFFEUSES",
        "H/F Coiffeur",
        "Coiffeur.se",
        "coiffeur·se",
        "Coiffeur(euse) H/F",
        "Coiffeur / Coiffeuse",
        "  coiffeur  ",
        "«coiffeur»",
        "un coiffeur en CDI",
    ],
)
def test_one_word_however_typed_gives_one_answer(toy: SearchIndex, typed: str) -> None:
    answer = toy.search(typed)
    assert answer.hits == toy.search("coiffeur").hits
    assert codes(answer)[0] == "D1202"


def test_typing_on_completes_the_last_word(toy: SearchIndex) -> None:
    assert codes(toy.search("coif"))[0] == "D1202"
    assert codes(toy.search("auto-éc"))[0] == "K2110"


def test_hyphens_and_blanks_are_one(toy: SearchIndex) -> None:
    assert (
        codes(toy.search("moniteur auto-école"))
        == codes(toy.search("moniteur auto école"))
        == codes(toy.search("moniteur autoécole"))
    )


def test_one_typing_error_is_forgiven_in_long_words_only(toy: SearchIndex) -> None:
    assert codes(toy.search("maintenace"))[0] == "I1304"
    # seven letters: "brodeir" is one letter from a title, and is not it
    assert not toy.search("vorteux").hits
    assert codes(toy.search("vente"))[0] == "D1214"
    assert codes(toy.search("verte"))[0] == "A1203"


def test_the_right_spelling_is_never_worse_than_the_wrong_one(toy: SearchIndex) -> None:
    assert codes(toy.search("maintenance"))[0] == codes(toy.search("maintenace"))[0]


def test_a_code_comes_first_wherever_it_stands(toy: SearchIndex) -> None:
    for typed in ("n1101", "(N1101)", "coiffeuse n1101"):
        answer = toy.search(typed)
        assert codes(answer)[0] == "N1101"
        assert answer.hits[0].why == "code"
        assert answer.clear
    assert codes(toy.search("coiffeuse n1101"))[1] == "D1202"
    unknown = toy.search("N9999")
    assert not unknown.hits
    assert "N9999" in str(unknown.notice)


def test_a_skill_leads_to_the_occupations_that_ask_for_it(toy: SearchIndex) -> None:
    answer = toy.search("fuseaux")
    assert codes(answer) == ["B1804"]
    assert answer.hits[0].why == "compétence"
    assert answer.hits[0].title is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("06 12 34 56 78", "téléphone"),
        ("+33612345678", "téléphone"),
        ("coiffeur 0612345678", "téléphone"),
        ("1 85 05 78 006 048", "sécurité sociale"),
        ("2 85 05 2A 006 048 12", "sécurité sociale"),
        ("732 829 320 00074", "SIRET"),
        ("a.b@example.org", "adresse électronique"),
    ],
)
def test_personal_data_is_refused_and_not_repeated(toy: SearchIndex, typed: str, said: str) -> None:
    answer = toy.search(typed)
    assert not answer.hits
    assert said in str(answer.notice)
    assert answer.query == ""
    digits = "".join(c for c in typed if c.isdigit())
    assert digits not in repr(answer).replace(" ", "") or not digits
    assert "example" not in repr(answer)


def test_a_postcode_passes(toy: SearchIndex) -> None:
    assert toy.search("coiffeur 75011").hits == toy.search("coiffeur").hits


@pytest.mark.parametrize("typed", ["", "   ", "!?", "l", "de la le en", "CDI temps plein", "Île-de-France"])
def test_what_names_no_occupation_gives_none_and_says_why(toy: SearchIndex, typed: str) -> None:
    answer = toy.search(typed)
    assert not answer.hits
    assert answer.notice
    assert not answer.clear


def test_an_employer_is_said_to_be_one(toy: SearchIndex) -> None:
    answer = toy.search("sncf")
    assert "employeur" in str(answer.notice)
    assert not answer.clear


def test_noise_gives_nothing(toy: SearchIndex) -> None:
    for typed in ("qsdfghjk", "zzzzzzzzzzzz", "xwzkqj vbntr"):
        assert not toy.search(typed).hits


def test_a_long_text_is_answered_and_a_longer_one_refused(toy: SearchIndex) -> None:
    assert codes(toy.search(("coiffeur " * 250)[:MAX_LENGTH]))[0] == "D1202"
    answer = toy.search("coiffeur" * 1000)
    assert not answer.hits
    assert str(MAX_LENGTH) in str(answer.notice)


def test_limit(toy: SearchIndex) -> None:
    assert len(toy.search("agent", 1).hits) == 1
    assert toy.search("agent", 5).hits[:1] == toy.search("agent", 1).hits


@given(st.text(max_size=300))
@settings(deadline=None)
def test_any_text_is_answered(toy: SearchIndex, typed: str) -> None:
    answer = toy.search(typed)
    assert toy.search(typed) == answer
    scores = [hit.score for hit in answer.hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert len({*codes(answer)}) == len(answer.hits) <= 10
    assert answer.hits or answer.notice
    assert answer.hits or not answer.clear


@given(st.sampled_from([title for _, titles, _, _ in OCCUPATIONS.values() for title in titles]))
@settings(deadline=None)
def test_case_accents_and_gender_change_nothing(toy: SearchIndex, title: str) -> None:
    masculine, feminine = gendered_forms(title)
    expected = codes(toy.search(masculine))
    assert expected
    for typed in (feminine, masculine.upper(), fold(masculine), f"  {feminine}  h/f", title):
        assert codes(toy.search(typed)) == expected


def test_saved_and_opened_it_answers_the_same(toy: SearchIndex, tmp_path: Path) -> None:
    save_arrays(toy.to_arrays(), tmp_path / "search")
    opened = SearchIndex.from_arrays(open_arrays(tmp_path / "search"))
    for typed in ("dentellière", "maintenace", "coif", "n1101", "sncf", "nounou", "de la", "fuseaux"):
        assert opened.search(typed) == toy.search(typed)


def test_the_same_tables_give_the_same_arrays(toy: SearchIndex) -> None:
    again = SearchIndex.of(tables_of(OCCUPATIONS)).to_arrays()
    for name, array in toy.to_arrays().items():
        np.testing.assert_array_equal(array, again[name], err_msg=name)


def test_an_empty_graph_finds_nothing() -> None:
    empty = SearchIndex.of(GraphTables.of({}, {}, TablesMeta("empty")))
    assert not empty.search("coiffeur").hits
    assert empty.search("coiffeur").notice


def test_an_occupation_without_titles_is_found_by_its_definition() -> None:
    tables = tables_of(OCCUPATIONS)
    nodes = dict(tables.nodes)
    relationships = dict(tables.relationships)
    own = relationships["title_of"]
    lost = own.loc[own["end"] == "B1804", "start"]
    relationships["title_of"] = own[own["end"] != "B1804"].reset_index(drop=True)
    nodes["JobTitle"] = pd.DataFrame(nodes["JobTitle"][~nodes["JobTitle"]["codeOgr"].isin(lost)]).reset_index(drop=True)
    answer = SearchIndex.of(GraphTables(nodes, relationships, tables.meta)).search("orne les étoffes")
    assert codes(answer)[0] == "B1804"
    assert answer.hits[0].why == "description du métier"
