"""Bad files of ROME: a clear error or a counted rejection, never a silent loss."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.report import FileReport, Rejection
from ingest.rome import read_rome
from ingest.rome_layout import FILES
from passerelle.errors import DataFileError
from tests.unit.rome_directory import RomeDirectory, edit

REQUIRED = [file.name for file in FILES if file.required]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return RomeDirectory().write(tmp_path / "rome4")


def _path(directory: Path, name: str) -> Path:
    return directory / f"unix_{name}_v460_utf8.csv"


def _file(directory: Path, name: str) -> FileReport:
    """The report on one file, its counts checked."""
    for file in read_rome(directory).report.files:
        assert file.read == file.loaded + len(file.set_aside)
        if file.file == _path(directory, name).name:
            return file
    raise AssertionError(name)


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_file_is_named(directory: Path, name: str) -> None:
    _path(directory, name).unlink()

    with pytest.raises(DataFileError, match="fichier absent") as caught:
        read_rome(directory)
    assert caught.value.file == str(_path(directory, name))


def test_a_missing_or_empty_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="dossier absent"):
        read_rome(tmp_path / "nowhere")
    with pytest.raises(DataFileError, match="aucun fichier"):
        read_rome(tmp_path)


def test_two_versions_in_one_directory_are_refused(directory: Path) -> None:
    RomeDirectory().write(directory, "461")

    with pytest.raises(DataFileError, match="460, 461"):
        read_rome(directory)


@pytest.mark.parametrize("content", ["", "\n", "\ufeff\n"])
def test_an_empty_file_is_an_error(directory: Path, content: str) -> None:
    edit(directory, "themes", lambda _: content)

    with pytest.raises(DataFileError, match="fichier vide"):
        read_rome(directory)


def test_a_header_alone_is_an_error(directory: Path) -> None:
    edit(directory, "coherence_item", lambda text: text.splitlines()[0] + "\n")

    with pytest.raises(DataFileError, match="aucune ligne de données"):
        read_rome(directory)


@pytest.mark.parametrize("left", ["nothing", "the header"])
def test_mobilities_may_be_taken_out_and_the_report_says_so(directory: Path, left: str) -> None:
    (file,) = directory.glob("unix_rubrique_mobilite_*.csv")
    if left == "nothing":
        file.unlink()
    else:
        edit(directory, "rubrique_mobilite", lambda text: text.splitlines()[0] + "\n")

    reading = read_rome(directory)

    assert reading.tables.relationships["moves_to"].empty
    (report,) = (one for one in reading.report.files if "rubrique_mobilite" in one.file)
    assert (report.present, report.loaded) == (left != "nothing", 0)
    (finding,) = (one for one in reading.report.findings if one.code == "occupationsWithoutMobility")
    assert finding.count == len(reading.tables.nodes["Occupation"])


@pytest.mark.parametrize("name", REQUIRED)
def test_a_renamed_column_is_named(directory: Path, name: str) -> None:
    column = next(iter(next(file for file in FILES if file.name == name).columns))
    edit(directory, name, lambda text: text.replace(f'"{column}"', '"autre"', 1))

    with pytest.raises(DataFileError, match="colonne absente") as caught:
        read_rome(directory)
    assert (caught.value.line, caught.value.column) == (1, column)
    assert "autre" in caught.value.advice


def test_a_doubled_column_is_an_error(directory: Path) -> None:
    edit(directory, "coherence_item", lambda text: text.replace('"coeur_metier"', '"code_ogr"', 1))

    with pytest.raises(DataFileError, match="présente deux fois"):
        read_rome(directory)


@pytest.mark.parametrize("encoding", ["utf-16", "cp850", "mac-roman"])
def test_an_unknown_encoding_is_an_error(directory: Path, encoding: str) -> None:
    path = _path(directory, "texte")
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))

    with pytest.raises(DataFileError, match=r"UTF-16|encodage inconnu"):
        read_rome(directory)


@pytest.mark.parametrize("encoding", ["cp1252", "iso-8859-15"])
def test_a_legacy_encoding_is_read_right_and_reported(directory: Path, encoding: str) -> None:
    sign = "œuvre n°1" if encoding == "iso-8859-15" else "œuvre n°1 – suite"
    edit(directory, "texte", lambda text: text.replace("sans diplôme", f"sans main d''{sign}"))
    expected = read_rome(directory).tables.nodes["Occupation"]
    path = _path(directory, "texte")
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    reading = read_rome(directory)

    assert {file.encoding for file in reading.report.files if file.file == path.name} == {encoding}
    assert reading.tables.nodes["Occupation"].equals(expected)
    assert expected["access"].iloc[0] == f"Accessible sans main d'{sign}."


def test_a_byte_order_mark_and_carriage_returns_change_nothing(directory: Path) -> None:
    expected = read_rome(directory).tables.checksum()
    for file in FILES:
        path = _path(directory, file.name)
        if path.exists():
            path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

    assert read_rome(directory).tables.checksum() == expected


def test_a_repeated_key_is_set_aside_with_its_line(directory: Path) -> None:
    edit(directory, "centre_interet", lambda text: text + '"3","Autre intérêt",""\n')
    file = _file(directory, "centre_interet")

    # 1 of header and 6 rows of 3 lines
    assert file.set_aside == (Rejection(20, "code_centre_interet : déjà donné plus haut", "code_centre_interet", "3"),)


@pytest.mark.parametrize(
    ("name", "row", "column"),
    [
        ("coherence_item", '"A1101","999999",""\n', "code_ogr"),
        ("coherence_item", '"Z1101","100001",""\n', "code_rome"),
        ("rubrique_mobilite", '"A1101","Z9999","3"\n', "code_rome_cible"),
        ("rubrique_mobilite", '"A1101","A1101","3"\n', "code_rome_cible"),
        ("arborescence_secteur_naf", '"77","Division 77","500","A1101","Dentellier"\n', "code_secteur_naf"),
        ("referentiel_macro_competence_riasec", '"100001","R",""\n', "code_ogr"),
        ("texte", '"Z9999","3","definition","1","Perdu."\n', "code_rome"),
    ],
)
def test_a_link_to_an_unknown_code_is_set_aside_with_its_line(
    directory: Path, name: str, row: str, column: str
) -> None:
    path = edit(directory, name, lambda text: text + row)
    (rejection,) = _file(directory, name).set_aside

    assert rejection.line == path.read_text(encoding="utf-8").count("\n")
    assert rejection.column == column
    assert rejection.value in row


@pytest.mark.parametrize(
    ("name", "row", "column", "reason"),
    [
        ("coherence_item", '"A1101","100030","Peut-être"\n', "coeur_metier", "Principale ou Émergente attendu"),
        ("coherence_item", '"","100030",""\n', "code_rome", "valeur obligatoire absente"),
        ("coherence_item", '"A110","100030",""\n', "code_rome", "code ROME"),
        ("rubrique_mobilite", '"A1101","B1201","premier"\n', "numero_ordre", "numéro d'ordre"),
        ("rubrique_mobilite", '"A1101","B1201"\n"A1102","A1105","3"\n', None, "2 au lieu de 3"),
        ("texte", '"A1101","3","definition","3","Ma\ufffdtre"\n', "libelle_texte", "texte abîmé"),
        ("texte", '"A1101","3","definition","3","Ma?tre"\n', "libelle_texte", "texte abîmé"),
        ("texte", '"A1101","3","definition","3","MaÃ®tre"\n', "libelle_texte", "texte abîmé"),
    ],
)
def test_a_value_that_cannot_be_is_set_aside(
    directory: Path, name: str, row: str, column: str | None, reason: str
) -> None:
    edit(directory, name, lambda text: text + row)
    (rejection,) = _file(directory, name).set_aside

    assert rejection.column == column
    assert reason in rejection.reason


def test_a_macro_skill_that_does_not_exist_leaves_the_skill_without_it(directory: Path) -> None:
    edit(
        directory, "referentiel_competence", lambda text: text.replace('"300003","","Savoir', '"399999","","Savoir', 1)
    )
    reading = read_rome(directory)
    file = next(file for file in reading.report.files if "referentiel_competence" in file.file)

    assert len(file.incomplete) == 1
    assert file.incomplete[0].value == "399999"
    assert file.loaded == file.read
    assert len(reading.tables.relationships["skill_in_macro"]) == 59


@pytest.mark.parametrize("name", ["coherence_item", "texte", "referentiel_code_rome", "centre_interet"])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.97])
def test_a_file_cut_in_the_middle_is_an_error(directory: Path, name: str, share: float) -> None:
    path = _path(directory, name)
    raw = path.read_bytes()
    cut = raw[: int(len(raw) * share)]
    # between two rows the cut is clean, which is another test's subject
    path.write_bytes(cut[:-3] if cut.endswith((b"\n", b'"')) else cut)

    with pytest.raises(DataFileError, match="coupé"):
        read_rome(directory)


def test_a_file_cut_inside_a_character_is_an_error(directory: Path) -> None:
    path = _path(directory, "texte")
    raw = path.read_bytes()
    path.write_bytes(raw[: raw.rindex("é".encode()) + 1])

    with pytest.raises(DataFileError, match="coupé au milieu d'un caractère") as caught:
        read_rome(directory)
    assert caught.value.line


def test_a_short_last_row_is_an_error(directory: Path) -> None:
    edit(directory, "coherence_item", lambda text: text + '"A1101","100030"\n')

    with pytest.raises(DataFileError, match="dernière ligne incomplète"):
        read_rome(directory)


@pytest.mark.parametrize("name", REQUIRED)
def test_a_file_that_lost_its_second_half_cleanly_is_an_error(tmp_path: Path, name: str) -> None:
    rome = RomeDirectory()
    rows = rome.files[name]
    rome.files[name] = rows[: len(rows) // 2]

    with pytest.raises(DataFileError):
        read_rome(rome.write(tmp_path))


def test_a_quote_too_many_is_an_error_with_its_line(directory: Path) -> None:
    edit(directory, "coherence_item", lambda text: text.replace('"A1102","100001"', '"A1102","10"0001"', 1))

    with pytest.raises(DataFileError, match="guillemet") as caught:
        read_rome(directory)
    assert caught.value.line == 7


@pytest.mark.parametrize(
    "change",
    [
        lambda directory: [path.rename(str(path).replace("_v460_", "_v346_")) for path in directory.glob("*.csv")],
        lambda directory: edit(
            directory,
            "referentiel_code_rome",
            lambda _: '"code_rome","code_fiche_metier","code_ogr","libelle_rome","statut"\n"A1101","11","6","X","1"\n',
        ),
        lambda directory: edit(
            directory,
            "rubrique_mobilite",
            lambda _: (
                '"code_rome","code_appellation_source","code_rome_cible","code_appellation_cible",'
                '"code_type_mobilite","libelle_type_mobilite"\n"A1101","","A1203","","1","Proche"\n'
            ),
        ),
    ],
)
def test_files_of_rome_3_are_named_as_such(directory: Path, change: Callable[[Path], object]) -> None:
    change(directory)

    with pytest.raises(DataFileError, match="ROME 3"):
        read_rome(directory)


def test_a_file_too_large_is_refused_before_it_is_read(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.csvfile.MAX_BYTES", 1000)

    with pytest.raises(DataFileError, match="limite de 1000"):
        read_rome(directory)


def test_a_text_too_long_is_an_error_with_its_line(directory: Path) -> None:
    edit(directory, "themes", lambda text: text.replace("Second de 2.", "x" * 20_000))

    with pytest.raises(DataFileError, match="plus que la limite") as caught:
        read_rome(directory)
    assert (caught.value.line, caught.value.column) == (5, "definition_theme")


def test_more_than_one_row_in_a_hundred_refused_is_an_error(directory: Path) -> None:
    edit(directory, "coherence_item", lambda text: text.replace('"100005",', '"999999",').replace('"300009"', '"1"'))

    with pytest.raises(DataFileError, match="lignes refusées sur 200"):
        read_rome(directory)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["coherence_item", "rubrique_mobilite", "texte", "arborescence_centre_interet"]),
    line=st.integers(1, 39),
    text=st.text(alphabet=st.sampled_from("aA1é\"\n,;'?\ufffd "), max_size=12),
)
def test_whatever_is_written_over_a_line_every_row_is_counted_or_the_file_refused(
    tmp_path: Path, name: str, line: int, text: str
) -> None:
    directory = RomeDirectory().write(tmp_path / "rome4")
    lines = _path(directory, name).read_text(encoding="utf-8").split("\n")
    lines[line] = text
    _path(directory, name).write_text("\n".join(lines), encoding="utf-8", newline="")
    try:
        report = read_rome(directory).report
    except DataFileError as error:
        assert error.file  # noqa: PT017
        return
    for file in report.files:
        assert file.read == file.loaded + len(file.set_aside)
