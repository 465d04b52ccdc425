"""A zip that cannot be trusted."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.unpack import unpack
from passerelle.errors import FetchError
from tests.unit.fetch_server import zipped

URL = "http://publisher.invalid/f"


def write(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "archive"
    path.write_bytes(content)
    return path


def test_unpacks_folders_and_files(tmp_path: Path) -> None:
    files = {"a.csv": b"1", "folder/b.csv": b"22", "folder/été.csv": b""}
    paths = unpack(write(tmp_path, zipped(files)), tmp_path / "out", URL)
    assert {path.relative_to(tmp_path / "out").as_posix(): path.read_bytes() for path in paths} == files


@pytest.mark.parametrize(
    "name", ["../evil.csv", "a/../../evil.csv", "/etc/evil.csv", "C:/evil.csv", "..\\evil.csv", "a/b/../../../evil"]
)
def test_a_path_that_leads_outside_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(FetchError, match="chemin refusé"):
        unpack(write(tmp_path, zipped({"good.csv": b"1", name: b"evil"})), tmp_path / "in" / "out", URL)
    assert not list(tmp_path.rglob("evil*"))


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, "/etc/hosts")
    with pytest.raises(FetchError, match="lien refusé"):
        unpack(write(tmp_path, buffer.getvalue()), tmp_path / "out", URL)


def test_a_bomb_is_refused_by_its_word_and_by_its_bytes(tmp_path: Path) -> None:
    bomb = zipped({"zeros": bytes(5_000_000)})
    assert len(bomb) < 10_000
    with pytest.raises(FetchError, match="plus de 1000000 octets"):
        unpack(write(tmp_path, bomb), tmp_path / "out", URL, max_bytes=1_000_000)
    # the same archive that announces 10 bytes, in the directory and in the member's own header
    lying = bomb.replace((5_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(FetchError):
        unpack(write(tmp_path, lying), tmp_path / "out2", URL, max_bytes=1_000_000)
    assert sum(path.stat().st_size for path in tmp_path.rglob("zeros")) < 1_000_000


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="11 fichiers, plus que 10"):
        unpack(write(tmp_path, zipped({str(i): b"" for i in range(11)})), tmp_path / "out", URL, max_files=10)


def test_names_that_differ_by_case_alone_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="double"):
        unpack(write(tmp_path, zipped({"a.csv": b"1", "A.csv": b"2"})), tmp_path / "out", URL)


def test_a_name_that_is_file_and_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="à la fois fichier et dossier"):
        unpack(write(tmp_path, zipped({"a": b"1", "a/b": b"2"})), tmp_path / "out", URL)


def test_an_empty_archive_and_an_unknown_compression_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="vide"):
        unpack(write(tmp_path, zipped({})), tmp_path / "out", URL)
    with pytest.raises(FetchError, match="compression inconnue"):
        unpack(write(tmp_path, zipped({"a": b"1"}, zipfile.ZIP_BZIP2)), tmp_path / "out2", URL)


@given(st.data())
def test_a_changed_byte_never_gives_other_content(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    tmp_path = tmp_path_factory.mktemp("zip")
    files = {"a.csv": b"one,two\n" * 50, "b.csv": b"three"}
    content = bytearray(zipped(files))
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    try:
        paths = unpack(write(tmp_path, bytes(content)), tmp_path / "out", URL)
    except FetchError:
        return
    for path in paths:
        assert path.read_bytes() in files.values()


@given(st.binary(max_size=300))
def test_noise_is_refused(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    tmp_path = tmp_path_factory.mktemp("zip")
    with pytest.raises(FetchError, match="illisible"):
        unpack(write(tmp_path, noise), tmp_path / "out", URL)
