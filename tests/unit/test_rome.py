"""What the tables say of a small ROME whose content is known."""

import io
import json
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from graph.schema import NODES, RELATIONSHIPS
from ingest.report import report_table
from ingest.rome import RomeReading, read_rome
from tests.unit.rome_directory import OCCUPATIONS, RomeDirectory, edit


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> RomeReading:
    return read_rome(RomeDirectory().write(tmp_path_factory.mktemp("data") / "rome4"))


def test_every_table_of_romes_schema_has_rows(reading: RomeReading) -> None:
    counts = reading.tables.counts()

    assert set(counts) == {spec.label for spec in NODES} | {spec.table for spec in RELATIONSHIPS}
    # which skill answers which is told by the vectors, the country by others than ROME
    others = {"similar_to"} | {spec.label for spec in NODES if spec.part != "rome"}
    others |= {spec.table for spec in RELATIONSHIPS if spec.part != "rome"}
    assert {table for table, rows in counts.items() if not rows} == others


def test_every_row_is_loaded_or_set_aside(reading: RomeReading) -> None:
    for file in reading.report.files:
        assert file.read == file.loaded + len(file.set_aside), file.file

    assert reading.report.rows_read == sum(file.read for file in reading.report.files)
    assert reading.report.rows_set_aside == 0


def test_the_data_version_and_its_source(reading: RomeReading) -> None:
    meta = reading.tables.meta

    assert (meta.data_version, meta.sample) == ("rome-460", False)
    assert (meta.sources[0].vintage, meta.sources[0].year) == ("460 (18/09/2025)", 2025)
    assert reading.report.published_on == "2025-09-18"


def test_blank_flags_are_unknown_and_never_false(reading: RomeReading) -> None:
    occupations = reading.tables.nodes["Occupation"]

    assert occupations["regulated"].isna().all()
    assert occupations["transitionDemographic"].isna().all()
    assert (occupations["transitionDigital"] == False).all()  # noqa: E712
    assert occupations["manager"].all()


def test_sentences_are_joined_in_their_order_and_their_apostrophes_mended(reading: RomeReading) -> None:
    first = reading.tables.nodes["Occupation"].iloc[0]

    assert first["definition"] == "L'artisan de A1101 dit \"oui\".\nAssure l'entretien du métier"
    assert first["access"] == "Accessible sans diplôme."


def test_titles_have_both_whole_forms(reading: RomeReading) -> None:
    title = reading.tables.nodes["JobTitle"].iloc[0]

    assert title["masculine"] == "Dentellier à la main A1101 0"
    assert title["feminine"] == "Dentellière à la main A1101 0"
    assert title["shortLabel"] == "Dentellier(ère) A1101 0"
    assert title["main"]
    assert title["rare"]


def test_skills_have_their_kind_and_macro_skills_their_mark(reading: RomeReading) -> None:
    skills = reading.tables.nodes["Skill"].set_index("codeOgr")

    assert skills["kind"].value_counts().to_dict() == {
        "know-how": 64,
        "soft": 1,
        "knowledge": 15,
        "certification": 5,
    }
    assert skills.loc["300009", ["kind", "macro"]].tolist() == ["soft", True]
    assert skills.loc["300001", "codeMacro"] == "1A101"
    assert skills["macro"].sum() == 5


def test_importance_comes_from_the_heart_of_the_occupation(reading: RomeReading) -> None:
    requires = reading.tables.relationships["requires"]
    contexts = reading.tables.relationships["has_context"]

    assert requires["importance"].value_counts().to_dict() == {
        "core": OCCUPATIONS,
        "emerging": OCCUPATIONS,
        "other": 2 * OCCUPATIONS,
    }
    assert len(contexts) == OCCUPATIONS


def test_a_row_with_a_sub_sector_links_to_it_alone(reading: RomeReading) -> None:
    related = reading.tables.relationships
    in_sector, in_sub_sector = related["in_sector"], related["in_sub_sector"]

    assert set(in_sub_sector["end"]) == {"91", "92"}
    assert set(in_sector["end"]) == {"3", "4", "5", "6"}
    assert not set(in_sector["start"]) & set(in_sub_sector["start"])


def test_knowledge_is_part_of_its_sub_category_or_else_of_its_category(reading: RomeReading) -> None:
    parts = reading.tables.relationships["skill_in_category"].set_index("start")["end"]
    tree = reading.tables.relationships["category_in_category"]

    assert parts["200000"] == "certifications-et-habilitations"
    assert parts["200004"] == "certifications-et-habilitations/habilitations"
    assert set(map(tuple, tree.to_numpy())) == {
        ("certifications-et-habilitations/habilitations", "certifications-et-habilitations"),
        ("domaines-d-expertise/langues", "domaines-d-expertise"),
    }


def test_families_are_named_by_the_occupation_of_their_code(reading: RomeReading) -> None:
    families = reading.tables.nodes["OccupationFamily"].set_index("codeRome3")

    assert families.loc["A1101", "label"] == "Dentellier / Dentellière de A1101"
    assert len(families) == 4


def test_a_family_without_occupation_has_no_label(tmp_path: Path) -> None:
    rome = RomeDirectory()
    rome.files["referentiel_appellation"][3]["code_rome_parent"] = "Z9901"
    reading = read_rome(rome.write(tmp_path))
    families = reading.tables.nodes["OccupationFamily"].set_index("codeRome3")

    assert pd.isna(families.loc["Z9901", "label"])
    findings = {finding.code: finding for finding in reading.report.findings}
    assert findings["familiesWithoutLabel"].examples == ("Z9901",)
    assert findings["titlesOfAnotherFamily"].examples == ("10010",)


def test_occupations_without_skill_or_mobility_are_listed(tmp_path: Path) -> None:
    rome = RomeDirectory()
    alone = "B1203"
    contexts = {row["code_ogr"] for row in rome.files["referentiel_contexte_travail"]}
    for name, gone in (
        ("coherence_item", lambda row: row["code_ogr"] not in contexts),
        ("liens_rome_referentiels", lambda row: row["code_compo_bloc"] == "5"),
        ("rubrique_mobilite", bool),
    ):
        rome.files[name] = [row for row in rome.files[name] if row["code_rome"] != alone or not gone(row)]
    reading = read_rome(rome.write(tmp_path))
    findings = {finding.code: finding for finding in reading.report.findings}

    assert findings["occupationsWithoutSkill"].examples == (alone,)
    assert findings["occupationsWithoutMobility"].examples == (alone,)
    assert findings["occupationsWithoutTitle"].count == 0


def test_redundant_files_are_compared_and_their_differences_reported(tmp_path: Path) -> None:
    directory = RomeDirectory().write(tmp_path)
    edit(directory, "item", lambda text: text.replace('"Coudre 7"', '"Coudre sept"'))
    edit(directory, "cr_gd_dp", lambda text: "".join(text.splitlines(keepends=True)[:-1]))
    edit(directory, "arborescence_thematique", lambda text: text.replace("de B1203", "de mer"))
    report = read_rome(directory).report
    files = {file.file.split("_v460")[0]: file for file in report.files}
    comparisons = {comparison.file.split("_v460")[0]: comparison for comparison in reversed(report.comparisons)}

    assert [rejection.value for rejection in files["unix_item"].set_aside] == ["Coudre sept"]
    assert comparisons["unix_item"].examples == ("100007 : « Coudre sept », « Coudre 7 »",)
    assert comparisons["unix_cr_gd_dp"].only_in_reference == 1
    assert comparisons["unix_arborescence_thematique"].differing == 1
    assert files["unix_arborescence_thematique"].set_aside == ()


def test_optional_files_may_be_absent_and_unknown_ones_are_named(tmp_path: Path) -> None:
    rome = RomeDirectory()
    for name in ("item", "liens_rome_referentiels", "cr_gd_dp", "cr_gd_dp_appellations", "type_referentiel"):
        del rome.files[name]
    rome.files["nouveaute"] = [{"code": "1"}]
    directory = rome.write(tmp_path)
    (directory / "LISEZMOI.txt").write_text("bonjour", encoding="utf-8")
    report = read_rome(directory).report

    assert {file.file for file in report.files if not file.present} == {
        "unix_item",
        "unix_liens_rome_referentiels",
        "unix_cr_gd_dp",
        "unix_cr_gd_dp_appellations",
        "unix_type_referentiel",
        "unix_arborescence_competences",
    }
    assert set(report.not_read) == {"LISEZMOI.txt", "unix_nouveaute_v460_utf8.csv"}


def test_the_tree_of_competences_is_counted_where_it_is_there(tmp_path: Path) -> None:
    rome = RomeDirectory()
    rome.files["arborescence_competences"] = [
        {"code_enjeu": "1", "enjeu": "Produire"},
        {"code_enjeu": "2", "enjeu": ""},
    ]
    (file,) = (f for f in read_rome(rome.write(tmp_path)).report.files if "arborescence_competences" in f.file)

    assert (file.role, file.read, file.loaded) == ("outside", 2, 0)
    assert [rejection.line for rejection in file.set_aside] == [2, 3]


def test_another_version_and_the_sample_load_alike(tmp_path: Path) -> None:
    newer = read_rome(RomeDirectory().write(tmp_path / "a", "1000", "Numero de version : 1000\n"))
    sample = read_rome(RomeDirectory().write(tmp_path / "b", "sample", "Numero de version : sample\n"))

    assert newer.tables.meta.data_version == "rome-1000"
    assert newer.tables.meta.sources[0].year is None
    assert not newer.tables.meta.sample
    assert sample.tables.meta.data_version == "sample"
    assert sample.tables.meta.sample
    assert sample.tables.checksum() == newer.tables.checksum()


def test_a_version_text_of_another_version_gives_no_date(tmp_path: Path) -> None:
    text = "Numero de version : 61\nDate de publication : 18/06/2026\n"
    reading = read_rome(RomeDirectory().write(tmp_path, version_text=text))

    assert reading.tables.meta.sources[0].year is None
    assert "versionContradicted" in {finding.code for finding in reading.report.findings}


def test_one_of_several_versions_is_chosen_by_name(tmp_path: Path) -> None:
    rome = RomeDirectory()
    rome.write(tmp_path, "461")
    rome.write(tmp_path, "460")

    assert read_rome(tmp_path, "461").tables.meta.data_version == "rome-461"


def test_the_report_as_json_and_as_a_table(reading: RomeReading) -> None:
    content = json.loads(json.dumps(reading.report.to_json()))
    file = content["files"][0]

    assert set(content) == {
        "source",
        "version",
        "publishedOn",
        "directory",
        "files",
        "comparisons",
        "findings",
        "notRead",
        "counts",
        "rowsRead",
        "rowsSetAside",
    }
    assert content["counts"]["moves_to"] == 2 * OCCUPATIONS
    assert (file["read"], file["loaded"], file["setAside"], file["reasons"]) == (OCCUPATIONS, OCCUPATIONS, [], {})

    console = Console(width=160, record=True, file=io.StringIO())
    console.print(report_table(reading.report))
    text = console.export_text()
    assert "lignes lues, 0 écartées" in text
    assert "métiers sans compétence" in text


def test_the_documentation_names_every_finding_and_field(reading: RomeReading) -> None:
    documentation = (Path(__file__).parents[2] / "docs" / "ingest.md").read_text(encoding="utf-8")
    content = reading.report.to_json()
    names = {finding["code"] for finding in content["findings"]}
    names |= set(content) | set(content["files"][0]) | set(content["comparisons"][0]) | set(content["findings"][0])

    assert [
        name for name in sorted(names) if f"`{name}`" not in documentation and f"`{name}[]`" not in documentation
    ] == []
