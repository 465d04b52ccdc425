"""Any table written as CSV is read back, each row with the line it starts on."""

import bz2
import csv
import gzip
import io
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import csvfile
from ingest.csvfile import read_csv
from passerelle.errors import DataFileError

# no carriage return (made a line feed), no NUL, nothing that Python would cut at an end but is no blank of a file
_CELL = st.text(alphabet=st.sampled_from("abÉœ½°\"',; \n0’\x85\u2028?"), max_size=6)
_TABLES = st.lists(st.tuples(_CELL, _CELL, _CELL), min_size=1, max_size=8)


@settings(deadline=None)
@given(_TABLES, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_table_is_read_back_with_its_lines(table: list[tuple[str, str, str]], end: str, quoted: bool) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator="\n")
    writer.writerow(["a", "b", "c"])
    lines = []
    for row in table:
        lines.append(text.getvalue().count("\n") + 1)
        writer.writerow(row)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "table.csv"
        path.write_bytes(text.getvalue().replace("\n", end).encode())
        read = read_csv(path, ["c", "a"])

    assert read.encoding == "utf-8"
    assert read.unread_columns == ("b",)
    assert read.lines.tolist() == lines
    assert read.frame["a"].fillna("").tolist() == [row[0].strip() for row in table]
    assert read.frame["c"].fillna("").tolist() == [row[2].strip() for row in table]
    assert not (read.frame == "").any(axis=None)


@settings(deadline=None)
@given(st.lists(st.tuples(_CELL, _CELL), min_size=1, max_size=6), st.data())
def test_no_cut_goes_unseen_but_one_between_two_rows(table: list[tuple[str, str]], data: st.DataObject) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["a", "b"])
    starts = []
    for row in table:
        starts.append(len(text.getvalue().encode()))
        writer.writerow(row)
    raw = text.getvalue().encode()
    cut = data.draw(st.integers(starts[0], len(raw) - 1))
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "table.csv"
        path.write_bytes(raw[:cut])
        # without its last line feed a row is whole
        if any(cut in (start, start - 1) for start in (*starts, len(raw))):
            assert len(read_csv(path, ["a", "b"]).frame) == sum(start < cut for start in starts)
            return
        try:
            read = read_csv(path, ["a", "b"])
        except DataFileError as error:
            assert "coupé" in error.problem or "guillemet" in error.problem  # noqa: PT017
            return
    # a cut between the two quotes that stand for one leaves a whole row: nothing in the file tells
    assert raw[cut : cut + 1] == b'"'
    assert len(read.frame) == sum(start < cut for start in starts)


@pytest.mark.parametrize(
    ("raw", "encoding", "label"),
    [
        ("a\nMétier d'œuvre\n".encode(), "utf-8", "Métier d'œuvre"),
        ("\ufeffa\nMétier\n".encode(), "utf-8-sig", "Métier"),
        ("a\nMétier n° 1 – été\n".encode("cp1252"), "cp1252", "Métier n° 1 – été"),
        ("a\nMétier à ½ temps\n".encode("cp1252"), "cp1252", "Métier à ½ temps"),
        ("a\nManœuvre ou Œnologue\n".encode("iso-8859-15"), "iso-8859-15", "Manœuvre ou Œnologue"),
    ],
)
def test_the_encoding_is_found_in_the_file(tmp_path: Path, raw: bytes, encoding: str, label: str) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(raw)
    read = read_csv(path, ["a"])

    assert read.encoding == encoding
    assert read.frame["a"].tolist() == [label]


def test_one_bad_byte_in_a_utf_8_file_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes("a\nMétier\nMétier\n".encode() + b"x\xe9y\n")

    with pytest.raises(DataFileError, match="encodage inconnu") as caught:
        read_csv(path, ["a"])
    assert caught.value.line == 4


def test_a_short_row_in_the_middle_is_given_apart(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('a,b\n1,"x\ny"\n2\n3,z,t\n\n4,u\n', encoding="utf-8")
    read = read_csv(path, ["a"])

    assert read.frame["a"].tolist() == ["1", "4"]
    assert read.lines.tolist() == [2, 7]
    assert [(row.line, row.reason) for row in read.malformed] == [
        (4, "nombre de champs : 1 au lieu de 2"),
        (5, "nombre de champs : 3 au lieu de 2"),
    ]


@pytest.mark.parametrize(("suffix", "pack"), [("", bytes), (".gz", gzip.compress), (".bz2", bz2.compress)])
def test_another_delimiter_packed_or_not(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / f"f.csv{suffix}"
    path.write_bytes(pack('a;b\n1,5;"x;y"\nœ;é\n'.encode()))
    read = read_csv(path, ["b", "a"], delimiter=";")

    assert read.frame["a"].tolist() == ["1,5", "œ"]
    assert read.frame["b"].tolist() == ["x;y", "é"]
    assert read.encoding == "utf-8"


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
def test_a_cut_or_swollen_archive_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / f"f.csv{suffix}"
    whole = pack(b"a,b\n" + b"1,2\n" * 1000)
    for damaged in (whole[: len(whole) // 2], b"PK" + whole, whole[:12] + b"\xff\xff\xff\xff" + whole[16:]):
        path.write_bytes(damaged)
        with pytest.raises(DataFileError, match="abîmée"):
            read_csv(path, ["a"])
    path.write_bytes(whole)
    monkeypatch.setattr(csvfile, "MAX_BYTES", 1000)
    with pytest.raises(DataFileError, match="plus que la limite de 1000 octets"):
        read_csv(path, ["a"])
