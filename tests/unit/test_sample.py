"""The built-in sample: whole, loadable, and honest about what it is."""

from pathlib import Path

import pandas as pd
import pytest

from graph.labels import fold
from graph.tables import GraphTables
from ingest.catalogue import find_rome
from ingest.rome import read_rome
from ingest.sample import sample_directory


@pytest.fixture(scope="module")
def tables() -> GraphTables:
    return read_rome(find_rome(sample_directory())).tables


def required(tables: GraphTables, occupation: str, kinds: tuple[str, ...]) -> set[str]:
    skills = tables.nodes["Skill"].set_index("codeOgr")["kind"]
    links = tables.relationships["requires"]
    ends = links.loc[links["start"] == occupation, "end"]
    return set(ends[ends.map(skills).isin(kinds)])


def test_every_row_is_loaded_and_every_control_agrees() -> None:
    report = read_rome(sample_directory()).report
    assert report.rows_read > 0
    assert report.rows_set_aside == 0
    for comparison in report.comparisons:
        assert comparison.differing == comparison.only_in_file == comparison.only_in_reference == 0, comparison.file
        assert comparison.agreeing > 0


def test_it_says_that_it_is_a_sample(tables: GraphTables) -> None:
    assert tables.meta.sample
    assert tables.meta.data_version == "sample"
    assert [source.publisher for source in tables.meta.sources] == ["Passerelle"]
    text = (sample_directory() / "version.txt").read_text(encoding="utf-8")
    assert text.startswith("Numero de version : sample\n")
    assert "passerelle fetch" in text
    assert {path.name for path in sample_directory().glob("*.csv")} == {
        path.name for path in sample_directory().glob("unix_*_vsample_utf8.csv")
    }


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in sample_directory().glob("*.*")) < 400_000


def test_it_covers_the_grand_domains_with_some_sixty_occupations(tables: GraphTables) -> None:
    codes = tables.nodes["Occupation"]["codeRome"]
    assert 55 <= len(codes) <= 70
    assert set(codes.str[0]) == set("ABCDEFGHIJKLMN")
    assert set(tables.nodes["GrandDomain"]["code"]) == set("ABCDEFGHIJKLMN")


def test_every_occupation_is_described(tables: GraphTables) -> None:
    occupations = tables.nodes["Occupation"]
    assert occupations[["definition", "access"]].notna().all(axis=None)
    for code in occupations["codeRome"]:
        assert len(required(tables, code, ("know-how",))) >= 7, code
        assert len(required(tables, code, ("soft",))) >= 3, code
        assert len(required(tables, code, ("knowledge", "certification"))) >= 2, code
    for table in ("has_context", "title_of", "in_sector", "has_interest", "occupation_riasec", "in_naf_division"):
        links = tables.relationships[table]
        linked = links["end" if table == "title_of" else "start"]
        assert set(occupations["codeRome"]) <= set(linked), table


def test_each_occupation_has_six_to_ten_mobilities_in_order_and_is_reached(tables: GraphTables) -> None:
    moves = tables.relationships["moves_to"]
    by_start = moves.groupby("start")["rank"].apply(sorted)
    assert set(by_start.index) == set(tables.nodes["Occupation"]["codeRome"])
    assert set(moves["end"]) == set(by_start.index)
    for ranks in by_start:
        assert 6 <= len(ranks) <= 10
        assert ranks == list(range(1, len(ranks) + 1))


def test_what_it_should_let_a_newcomer_try(tables: GraphTables) -> None:
    titles = tables.nodes["JobTitle"].set_index("label")
    assert titles.loc["Dentellier / Dentellière à la main", "feminine"] == "Dentellière à la main"
    skills = tables.nodes["Skill"]
    assert (skills["kind"] == "soft").sum() == 16
    assert (skills["kind"] == "certification").sum() >= 5
    assert skills["macro"].sum() > 16
    assert set(tables.relationships["requires"]["importance"]) == {"core", "emerging", "other"}
    # some occupations ask for a macro-skill itself, as in the ROME
    macros = set(skills.loc[skills["macro"] & (skills["kind"] == "know-how"), "codeOgr"])
    assert tables.relationships["requires"]["end"].isin(macros).sum() > 20


def test_the_lacemaker_shares_know_how_with_the_electronics_assembler(tables: GraphTables) -> None:
    shared = required(tables, "B1804", ("know-how",)) & required(tables, "H2605", ("know-how",))
    labels = set(tables.nodes["Skill"].set_index("codeOgr").loc[sorted(shared), "label"])
    assert "Travailler sous loupe avec un outillage de précision" in labels
    assert len(labels) >= 6
    # and the lacemaker's trade keeps know-how of its own: the sample is not made of one list
    assert len(required(tables, "B1804", ("know-how",)) - shared) >= 5


@pytest.mark.real_data
def test_codes_and_names_of_occupations_are_the_romes(tables: GraphTables, real_tables: GraphTables) -> None:
    if real_tables.meta.data_version != "rome-460":
        pytest.skip("the sample takes its names from version 460")
    for label, key in (
        ("Occupation", "codeRome"),
        ("JobTitle", "codeOgr"),
        ("Domain", "code"),
        ("GrandDomain", "code"),
    ):
        ours, theirs = (t.nodes[label].set_index(key)["label"] for t in (tables, real_tables))
        pd.testing.assert_series_equal(ours, theirs.loc[ours.index])
    ours, theirs = (t.relationships["title_of"].set_index("start")["end"] for t in (tables, real_tables))
    pd.testing.assert_series_equal(ours, theirs.loc[ours.index])


@pytest.mark.real_data
def test_words_of_skills_contexts_and_texts_are_our_own(tables: GraphTables, real_tables: GraphTables) -> None:
    for label in ("Skill", "WorkContext"):
        ours, theirs = tables.nodes[label], set(real_tables.nodes[label]["labelNorm"])
        if label == "Skill":
            # a diploma has one name
            ours = ours[ours["kind"] != "certification"]
        assert not set(ours["labelNorm"]) & theirs
    for column in ("definition", "access"):
        sentences = {
            fold(line) for text in real_tables.nodes["Occupation"][column].dropna() for line in text.split("\n")
        }
        for text in tables.nodes["Occupation"][column]:
            assert not {fold(line) for line in text.split("\n")} & sentences


def test_the_sample_lies_in_the_package() -> None:
    assert sample_directory() == Path(read_rome.__code__.co_filename).parent / "sample"
