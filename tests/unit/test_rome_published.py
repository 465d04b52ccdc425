"""The published ROME: what is known of version 460 is found in it, and a larger version loads as well."""

import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest

from graph.labels import fold
from graph.tables import GraphTables
from ingest.catalogue import find_rome
from ingest.rome import RomeReading, read_rome
from passerelle.errors import DataFileError
from passerelle.settings import Settings
from tests.unit.rome_directory import Rows, as_csv

pytestmark = pytest.mark.real_data

_BROKEN = re.compile("''|\ufffd|[\x80-\x9f]|[^\\W\\d_]\\?[^\\W\\d_]")


@pytest.fixture(scope="module")
def rome(data_dir: Path) -> Path:
    return find_rome(data_dir, Settings().rome_version)


@pytest.fixture(scope="module")
def reading(rome: Path) -> RomeReading:
    return read_rome(rome)


@pytest.fixture(scope="module")
def v460(reading: RomeReading) -> GraphTables:
    if reading.tables.meta.data_version != "rome-460":
        pytest.skip(f"these facts are of version 460, not {reading.tables.meta.data_version}")
    return reading.tables


def test_the_counts_of_version_460(v460: GraphTables) -> None:
    counts = v460.counts()

    assert counts["Occupation"] == 1584
    assert counts["OccupationFamily"] == 532
    assert counts["JobTitle"] == 13_120
    assert counts["Skill"] == 18_317 + 15_354
    assert counts["WorkContext"] == 179
    assert counts["requires"] == 90_556
    assert counts["has_context"] == 13_663
    assert counts["moves_to"] == 14_912
    assert (v460.node_count, v460.relationship_count) == (49_459, 184_075)


def test_the_kinds_of_version_460(v460: GraphTables) -> None:
    skills, moves = v460.nodes["Skill"], v460.relationships["moves_to"]
    importance = pd.concat([v460.relationships[table]["importance"] for table in ("requires", "has_context")])
    titles = v460.nodes["JobTitle"].set_index("codeOgr")["familyCode"]
    family = v460.relationships["in_family"].set_index("start")["end"]
    title_of = v460.relationships["title_of"]

    assert skills["kind"].value_counts().to_dict() == {
        "know-how": 18_301,
        "soft": 16,
        "knowledge": 15_354 - 3_223,
        "certification": 3_223,
    }
    assert skills["macro"].sum() == 507
    assert skills.loc[skills["kind"] == "soft", "macro"].all()
    assert importance.value_counts().to_dict() == {"core": 18_900, "emerging": 1_731, "other": 83_588}
    assert (moves["start"].str[0] != moves["end"].str[0]).sum() == 6_614
    assert len({frozenset(pair) for pair in zip(moves["start"], moves["end"], strict=True)}) == 13_646
    assert (title_of["start"].map(titles) != title_of["end"].map(family)).sum() == 404
    assert v460.nodes["Occupation"]["regulated"].value_counts(dropna=False).to_dict() == {
        False: 1109,
        True: 241,
        pd.NA: 234,
    }


def test_titles_and_codes_that_other_loads_of_version_460_lost(v460: GraphTables) -> None:
    title_of = v460.relationships["title_of"].set_index("start")["end"]
    labels = v460.nodes["Occupation"].set_index("codeRome")["label"]

    assert title_of[["404452", "18923", "403741"]].tolist() == ["H2301", "G1221", "F1616"]
    assert labels["E1205"] == "Designer graphique"
    assert {"M1218", "C1204"} <= set(labels.index)


def test_the_text_that_another_load_filled_with_question_marks(v460: GraphTables) -> None:
    texts = v460.nodes["Occupation"].set_index("codeRome").loc["D1410", ["definition", "access"]]

    assert texts["definition"].startswith("L'Attaché commercial dynamise efficacement l'offre de l'entreprise")
    assert "?" not in texts["definition"] + texts["access"]


def test_nothing_of_version_460_is_set_aside_and_every_comparison_agrees(
    v460: GraphTables, reading: RomeReading
) -> None:
    assert v460 is reading.tables
    report = reading.report
    odd = {
        (comparison.file.split("_v")[0], comparison.reference.split("_v")[0])
        for comparison in report.comparisons
        if comparison.differing or comparison.only_in_file or comparison.only_in_reference
    }

    assert report.rows_set_aside == 0
    assert odd == set()
    assert {file.encoding for file in report.files if "secteur_naf" in file.file} == {"utf-8", "iso-8859-15"}
    assert sum(file.mended for file in report.files if "unix_texte" in file.file) == 5_249


def test_every_row_is_counted(reading: RomeReading) -> None:
    for file in reading.report.files:
        assert file.read == file.loaded + len(file.set_aside), file.file


def test_no_text_is_broken(reading: RomeReading) -> None:
    tables = reading.tables
    texts = [frame[column] for frame in tables.nodes.values() for column in frame if frame[column].dtype == "string"]
    broken = [text for column in texts for text in column.dropna().unique() if _BROKEN.search(text)]

    assert len(texts) > 40
    assert broken == []


def test_a_larger_version_loads(rome: Path, reading: RomeReading, tmp_path: Path) -> None:
    """Version 461 as it is announced: 1,911 occupations, 14,301 titles, 192 contexts, same columns."""
    old = reading.tables.counts()
    directory = tmp_path / "rome4-461"
    directory.mkdir()
    for path in rome.glob("unix_*.csv"):
        name = re.sub(r"_v\w+_utf8", "_v461_utf8", path.name)
        (directory / name).write_bytes(path.read_bytes())
    (directory / "version.txt").write_text("Numero de version : 61\nDate de publication : 16/06/2026\n")

    taken = set(reading.tables.nodes["Occupation"]["codeRome"])
    domains = sorted({code[:3] for code in taken})
    free = [code for n in range(99, 0, -1) for domain in domains if (code := f"{domain}{n:02d}") not in taken]
    new = free[: 1911 - old["Occupation"]]
    occupations = _rows(directory, "referentiel_code_rome")
    added = [
        {**occupations[0], "code_rome": code, "code_ogr": str(900_000 + n), "libelle_rome": f"Métier neuf {n}"}
        for n, code in enumerate(new)
    ]
    _write(directory, "referentiel_code_rome", sorted([*occupations, *added], key=lambda row: row["code_rome"]))
    titles = _rows(directory, "referentiel_appellation")
    titles += [
        {**titles[0], "code_ogr": str(910_000 + n), "code_rome": new[n % len(new)]}
        for n in range(14_301 - old["JobTitle"])
    ]
    _write(directory, "referentiel_appellation", titles)
    contexts = _rows(directory, "referentiel_contexte_travail")
    contexts += [
        {**contexts[0], "code_ogr": str(920_000 + n), "libelle_cont_travail": f"Contexte neuf {n}"}
        for n in range(192 - old["WorkContext"])
    ]
    _write(directory, "referentiel_contexte_travail", contexts)

    larger = read_rome(directory)
    counts = larger.tables.counts()
    assert (counts["Occupation"], counts["JobTitle"], counts["WorkContext"]) == (1911, 14_301, 192)
    assert larger.tables.meta.data_version == "rome-461"
    assert larger.tables.meta.sources[0].year == 2026
    gaps = {finding.code: finding.count for finding in larger.report.findings}
    assert gaps["occupationsWithoutSkill"] == len(new)
    assert gaps["occupationsWithoutMobility"] == len(new)


@pytest.mark.parametrize(
    "name",
    ["coherence_item", "rubrique_mobilite", "texte", "referentiel_appellation", "referentiel_contexte_travail", "item"],
)
def test_a_tenth_of_a_file_cut_cleanly_is_noticed(rome: Path, tmp_path: Path, name: str) -> None:
    for path in rome.glob("*"):
        if path.is_file() and f"unix_{name}_v" not in path.name:
            (tmp_path / path.name).symlink_to(path)
    (path,) = rome.glob(f"unix_{name}_v*.csv")
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    (tmp_path / path.name).write_text(as_csv(rows[: len(rows) * 9 // 10]), encoding="utf-8", newline="")
    if name == "item":
        # a control file that is cut takes nothing from the tables: reported, not refused
        comparisons = [c for c in read_rome(tmp_path).report.comparisons if "unix_item" in c.file]
        assert sum(comparison.only_in_reference for comparison in comparisons) == len(rows) - len(rows) * 9 // 10
        return
    with pytest.raises(DataFileError, match="coupé"):
        read_rome(tmp_path)


def test_labels_are_folded_as_search_folds_them(reading: RomeReading) -> None:
    for label in ("Occupation", "JobTitle", "Skill"):
        table = reading.tables.nodes[label].sample(200, random_state=1)
        assert table["labelNorm"].tolist() == [fold(text) for text in table["label"]]


def _rows(directory: Path, name: str) -> Rows:
    path = directory / f"unix_{name}_v461_utf8.csv"
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def _write(directory: Path, name: str, rows: Rows) -> None:
    (directory / f"unix_{name}_v461_utf8.csv").write_text(as_csv(rows), encoding="utf-8", newline="")
