"""The catalogue, and the choice of a data directory and of a ROME version."""

import random
from pathlib import Path, PurePosixPath

import pytest

from ingest.catalogue import CATALOGUE, find_data, find_entries, find_rome, property_sales
from passerelle.errors import DataFileError, DataNotFoundError, PasserelleError
from passerelle.settings import Settings


def rome(directory: Path, version: str = "460") -> Path:
    directory.mkdir(parents=True)
    (directory / f"unix_item_v{version}_utf8.csv").write_text("x\n")
    (directory / "version.txt").write_text("Numero de version : 60\n")
    return directory


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with no data around."""
    monkeypatch.delenv("PASSERELLE_DATA", raising=False)
    monkeypatch.setenv("PASSERELLE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def test_the_order_of_the_places(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    location = find_data(Settings(), place)
    assert (location.origin, location.sample) == ("sample", True)
    for origin, path in (
        ("cache", place.parent / "cache/data"),
        ("../shared/data", place.parent / "shared/data"),
        ("./data", place / "data"),
        ("PASSERELLE_DATA", place.parent / "named"),
    ):
        rome(path / "rome4")
        if origin == "PASSERELLE_DATA":
            monkeypatch.setenv("PASSERELLE_DATA", str(path))
        location = find_data(Settings(), place)
        assert (location.origin, location.path.resolve(), location.sample) == (origin, path.resolve(), False)


def test_a_folder_called_data_without_a_rome_is_passed_over(place: Path) -> None:
    (place / "data").mkdir()
    (place / "data/thesis.csv").write_text("x\n")
    assert find_data(Settings(), place).origin == "sample"


def test_a_named_directory_is_never_replaced_by_another(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rome(place / "data/rome4")
    monkeypatch.setenv("PASSERELLE_DATA", str(place / "nowhere"))
    with pytest.raises(DataNotFoundError, match="nowhere"):
        find_data(Settings(), place)
    for name, problem in (("file", "n'est pas un dossier"), ("empty", "ne contient pas de ROME")):
        path = place / name
        path.write_text("x") if name == "file" else path.mkdir()
        monkeypatch.setenv("PASSERELLE_DATA", str(path))
        with pytest.raises(DataFileError, match=problem) as caught:
            find_data(Settings(), place)
        assert caught.value.file == str(path)


def test_a_named_directory_is_taken_from_the_working_directory(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rome(place / "mine/rome4-460")
    monkeypatch.setenv("PASSERELLE_DATA", "mine")
    assert find_data(Settings(), place).path == place / "mine"


def test_the_newest_version_is_the_greatest_number(tmp_path: Path) -> None:
    for version in ("461", "1000", "99", "460"):
        rome(tmp_path / f"rome4-{version}", version)
    assert find_rome(tmp_path).name == "rome4-1000"
    assert find_rome(tmp_path, "99").name == "rome4-99"
    with pytest.raises(DataFileError, match="version 462 du ROME absente ; présentes : 99, 460, 461, 1000"):
        find_rome(tmp_path, "462")


def test_the_version_is_the_files_own_whatever_the_folder_says(tmp_path: Path) -> None:
    rome(tmp_path / "rome4", "461")
    rome(tmp_path / "rome4-460", "460")
    assert find_rome(tmp_path).name == "rome4"
    assert find_rome(tmp_path, "460").name == "rome4-460"


@pytest.mark.parametrize("seed", range(3))
def test_of_two_with_one_version_the_folder_that_names_it(tmp_path: Path, seed: int) -> None:
    names = ["rome4", "rome4-460", "rome4-other"]
    random.Random(seed).shuffle(names)
    for name in names:
        rome(tmp_path / name)
    assert find_rome(tmp_path).name == "rome4-460"


def test_a_directory_that_mixes_versions_is_refused(tmp_path: Path) -> None:
    rome(tmp_path / "rome4", "460")
    (tmp_path / "rome4/unix_texte_v461_utf8.csv").write_text("x\n")
    with pytest.raises(DataFileError, match=r"mêle plusieurs versions du ROME \(460, 461\)"):
        find_rome(tmp_path)


def test_no_rome_file_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "rome4").mkdir()
    with pytest.raises(DataFileError, match="passerelle fetch"):
        find_rome(tmp_path)


def test_a_directory_of_rome_files_may_be_given_itself(tmp_path: Path) -> None:
    directory = rome(tmp_path / "anything")
    assert find_rome(directory) == directory


def test_the_catalogue_is_whole() -> None:
    names = [entry.name for entry in CATALOGUE]
    targets = [target for entry in CATALOGUE for target in entry.targets]
    assert len(set(names)) == len(names)
    assert len(set(targets)) == len(targets)
    for entry in CATALOGUE:
        assert entry.title
        assert entry.publisher
        assert entry.licence
        assert entry.vintage
        assert entry.by_hand == ("à la main" in entry.note), entry.name
        assert len(entry.members) == (len(entry.targets) if entry.kind == "zip" else 0)
        assert all(".." not in PurePosixPath(target).parts for target in entry.targets)
    assert [entry.name for entry in CATALOGUE if entry.required] == ["rome4"]


def test_entries_by_name() -> None:
    assert find_entries() == CATALOGUE
    assert [entry.name for entry in find_entries(["territory/cog_2024", "rome4"])] == ["territory/cog_2024", "rome4"]
    paris = find_entries(["housing/dvf_2023_75"])[0]
    assert paris == property_sales("2023", "75")
    assert paris.urls[0].endswith("/2023/departements/75.csv.gz")
    for unknown in ("rome3", "housing/dvf_2023_75/../x", "housing/dvf_2024_20", "../rome4"):
        with pytest.raises(PasserelleError, match="n'est pas au catalogue"):
            find_entries([unknown])


@pytest.mark.real_data
def test_every_file_by_hand_or_fetched_has_the_name_that_the_data_directory_gives(data_dir: Path) -> None:
    there = {path.relative_to(data_dir).as_posix() for path in data_dir.rglob("*") if path.is_file()}
    catalogued = {target for entry in CATALOGUE for target in entry.targets}
    # what the catalogue adds to the layout: newer sources, and the folder of a version
    added = {
        "rome4-{version}",
        "territory/Base_open_data_BMO_2025.xlsx",
        "dares/Dares_FAP2021_Table_passage_ROME.xlsx",
        "housing/pred-app-mef-dhup.csv",
        "housing/pred-app12-mef-dhup.csv",
    }
    assert catalogued - there <= added


def test_the_documentation_names_every_source_and_file() -> None:
    text = (Path(__file__).parents[2] / "docs/data.md").read_text(encoding="utf-8")
    for entry in CATALOGUE:
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{entry.name}` |")]
        for fact in (entry.publisher, entry.page, entry.vintage, entry.licence, *entry.targets):
            assert fact in row, (entry.name, fact)
        assert ("by hand" in row) == entry.by_hand
