"""Fetch of the catalogue's sources into a cache, from a real server on the loopback."""

import dataclasses
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from ingest.catalogue import CATALOGUE, CatalogueEntry, find_data, find_entries, find_rome
from ingest.download import CHUNK_BYTES
from ingest.fetch import FetchReport, exit_code, fetch
from ingest.manifest import locked
from ingest.progress import DownloadBars
from passerelle.errors import DataFileError, FetchError
from passerelle.settings import Settings
from tests.unit.fetch_server import (
    Handler,
    PublisherServer,
    cut,
    not_modified,
    publisher_server,
    ranged,
    redirect,
    rome_zip,
    status,
    whole,
    zipped,
)

CSV = b"code,name\n" * 30_000


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[PublisherServer]:
    with publisher_server() as server:
        yield server


def entry(name: str, *urls: str) -> CatalogueEntry:
    """The catalogue's own entry, served from here."""
    return dataclasses.replace(find_entries([name])[0], urls=urls)


def fetch_one(entry: CatalogueEntry, cache: Path) -> FetchReport:
    (report,) = fetch([entry], cache, sleep=lambda _: None, now=lambda: datetime(2026, 9, 1, tzinfo=UTC))
    return report


def content(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def test_the_rome_comes_under_the_version_read_inside(server: PublisherServer, tmp_path: Path) -> None:
    archive = rome_zip()
    report = fetch_one(entry("rome4", server.serve("/rome", whole(archive))), tmp_path)
    assert (report.status, report.version, report.bytes) == ("fetched", "460", len(archive))
    assert report.paths == (tmp_path / "data" / "rome4-460",)
    assert sorted(content(tmp_path / "data")) == [
        "rome4-460/unix_item_v460_utf8.csv",
        "rome4-460/unix_referentiel_code_rome_v460_utf8.csv",
        "rome4-460/version.txt",
    ]
    assert [method for method, _, _ in server.requests] == ["GET"]
    assert not (tmp_path / "staging").exists()
    record = json.loads((tmp_path / "manifest.json").read_text())["sources"]["rome4-460"]
    assert (record["version"], record["release"], record["bytes"]) == ("460", "60", len(archive))
    assert record["fetched"] == "2026-09-01T00:00:00+00:00"
    assert len(record["files"]) == 3


def test_a_folder_inside_the_archive_is_no_matter(server: PublisherServer, tmp_path: Path) -> None:
    inside = {
        "ROME/unix_referentiel_code_rome_v460_utf8.csv": b"x,y\n",
        "ROME/version.txt": b"Numero de version : 60",
    }
    report = fetch_one(entry("rome4", server.serve("/rome", whole(zipped(inside)))), tmp_path)
    assert report.status == "fetched", report.message
    assert (tmp_path / "data/rome4-460/version.txt").is_file()


def test_fetched_again_it_is_up_to_date_and_a_new_version_stands_beside(
    server: PublisherServer, tmp_path: Path
) -> None:
    rome = entry("rome4", server.serve("/rome", whole(rome_zip())))
    fetch_one(rome, tmp_path)
    again = fetch_one(rome, tmp_path)
    assert again.status == "up-to-date"
    assert "déjà à jour" in again.message
    server.serve("/rome", whole(rome_zip("461", "61")))
    assert fetch_one(rome, tmp_path).version == "461"
    data = find_data(Settings(PASSERELLE_CACHE=tmp_path), tmp_path / "elsewhere").path  # type: ignore[call-arg]
    assert find_rome(data).name == "rome4-461"
    assert find_rome(data, "460").name == "rome4-460"


def test_the_same_version_with_other_content_keeps_what_it_replaces(server: PublisherServer, tmp_path: Path) -> None:
    rome = entry("rome4", server.serve("/rome", whole(rome_zip())))
    fetch_one(rome, tmp_path)
    before = content(tmp_path / "data")
    server.serve("/rome", whole(rome_zip(extra=b'"A1102","Y"\n')))
    assert fetch_one(rome, tmp_path).status == "fetched"
    assert content(tmp_path / "data") != before
    assert content(tmp_path / "previous") == before


def test_a_number_that_disagrees_with_the_file_names_is_said(server: PublisherServer, tmp_path: Path) -> None:
    report = fetch_one(entry("rome4", server.serve("/rome", whole(rome_zip("460", "61")))), tmp_path)
    assert report.status == "fetched"
    assert "version.txt dit 61, les noms des fichiers 460" in report.message


ROME_FILE = "unix_referentiel_code_rome_v460_utf8.csv"
BROKEN = {
    "truncated zip": (rome_zip()[:300], "archive illisible"),
    "noise": (b"PK" + b"noise" * 1000, "archive illisible"),
    "web page": (b"<!DOCTYPE html><title>Connexion</title>", "page web"),
    "empty": (b"", "fichier vide"),
    "no version.txt": (zipped({ROME_FILE: b"x"}), "version.txt manque"),
    "no number": (zipped({ROME_FILE: b"x", "version.txt": b"hello"}), "Numero de version"),
    "no ROME": (zipped({"readme.txt": b"x"}), "aucun fichier unix_"),
    "no occupations": (zipped({"unix_item_v460_utf8.csv": b"x"}), "liste des métiers"),
    "two versions": (zipped({ROME_FILE: b"x", "unix_item_v461_utf8.csv": b"x"}), "plusieurs versions"),
    "path outside": (zipped({ROME_FILE: b"x", "../../evil.csv": b"x"}), "chemin refusé"),
}


@pytest.mark.parametrize(("archive", "problem"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_broken_is_named_and_leaves_the_good_version(
    server: PublisherServer, tmp_path: Path, archive: bytes, problem: str
) -> None:
    rome = entry("rome4", server.serve("/rome", whole(rome_zip())))
    fetch_one(rome, tmp_path)
    before = content(tmp_path / "data"), (tmp_path / "manifest.json").read_bytes()
    server.serve("/rome", whole(archive))
    report = fetch_one(rome, tmp_path)
    assert report.status == "failed"
    assert isinstance(report.error, FetchError)
    assert problem in report.message
    assert server.url("/rome") in report.message
    assert exit_code([report]) == FetchError.exit_code != 0
    assert (content(tmp_path / "data"), (tmp_path / "manifest.json").read_bytes()) == before
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.parametrize("main", [status(404), status(503), whole(b"noise"), whole(b"<html>")])
def test_the_mirror_is_tried(server: PublisherServer, tmp_path: Path, main: object) -> None:
    server.serve("/served", whole(rome_zip()))
    urls = server.serve("/gone", main), server.serve("/mirror", redirect("/served"))  # type: ignore[arg-type]
    report = fetch_one(entry("rome4", *urls), tmp_path)
    assert (report.status, report.url) == ("fetched", urls[1])


def test_both_addresses_are_named_when_neither_serves(server: PublisherServer, tmp_path: Path) -> None:
    report = fetch_one(entry("rome4", server.url("/gone"), server.url("/mirror")), tmp_path)
    assert report.status == "failed"
    assert server.url("/gone") in report.message
    assert server.url("/mirror") in report.message


def test_halves_of_two_files_are_asked_for_again_from_zero(server: PublisherServer, tmp_path: Path) -> None:
    # of one length, from a server that gives no ETag: only the archive's own checksums tell
    first = zipped({ROME_FILE: bytes(200_000) + b"1", "version.txt": b"Numero de version : 60"}, 0)
    second = zipped({ROME_FILE: b"\x01" * 200_000 + b"2", "version.txt": b"Numero de version : 60"}, 0)
    assert len(first) == len(second)
    url = server.serve("/rome", cut(first, 100_000, {"Accept-Ranges": "bytes"}), ranged(second))
    report = fetch_one(entry("rome4", url), tmp_path)
    assert report.status == "fetched", report.message
    assert server.ranges() == [None, f"bytes={CHUNK_BYTES}-", None]
    assert content(tmp_path / "data")[f"rome4-460/{ROME_FILE}"][-1:] == b"2"


def test_what_fails_keeps_nothing_else_from_coming(server: PublisherServer, tmp_path: Path) -> None:
    entries = [
        entry("rome4", server.serve("/rome", whole(rome_zip()))),
        entry("territory/laposte_hexasmal", server.serve("/postcodes", status(404))),
        entry("dares/tensions"),
        entry("housing/loyers_2025", server.serve("/rents", whole(CSV))),
    ]
    reports = fetch(entries, tmp_path, sleep=lambda _: None)
    assert [report.status for report in reports] == ["fetched", "failed", "by-hand", "fetched"]
    assert (tmp_path / "data/housing/pred-app-mef-dhup.csv").read_bytes() == CSV
    assert exit_code(reports) == FetchError.exit_code
    assert "https://dares.travail-emploi.gouv.fr/donnees" in reports[2].message
    assert str(tmp_path / "data/dares/tensions.csv") in reports[2].message


def test_a_host_that_cannot_be_reached_is_asked_once(tmp_path: Path) -> None:
    with publisher_server() as server:
        urls = server.url("/main"), server.url("/mirror")
    waits: list[float] = []
    reports = fetch([entry("rome4", *urls), entry("territory/regions", urls[0])], tmp_path, sleep=waits.append)
    assert [report.status for report in reports] == ["failed", "failed"]
    assert waits == [1.0, 2.0]
    assert "est injoignable" in reports[1].message


def test_by_hand_alone_is_no_failure_and_says_when_it_is_there(tmp_path: Path) -> None:
    placed = tmp_path / "data/dares/tensions.csv"
    placed.parent.mkdir(parents=True)
    placed.write_bytes(CSV)
    report = fetch_one(entry("dares/tensions"), tmp_path)
    assert "déjà en place" in report.message
    assert exit_code([report]) == 0
    assert placed.read_bytes() == CSV


def test_members_of_the_geographic_code_take_their_names(server: PublisherServer, tmp_path: Path) -> None:
    names = {"v_commune_2024.csv": b"1", "v_departement_2024.csv": b"2", "v_region_2024.csv": b"3", "other.csv": b"4"}
    cog = entry("territory/cog_2024", server.serve("/cog", whole(zipped(names))))
    assert fetch_one(cog, tmp_path).status == "fetched"
    assert content(tmp_path / "data") == {
        "territory/cog_v_commune_2024.csv": b"1",
        "territory/cog_v_departement_2024.csv": b"2",
        "territory/cog_v_region_2024.csv": b"3",
    }
    del names["v_region_2024.csv"]
    server.serve("/cog", whole(zipped(names)))
    assert "v_region_2024.csv" in fetch_one(cog, tmp_path).message


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("territory/laposte_hexasmal", CSV, bytes(1000)),
        ("housing/dvf_2024_59", gzip.compress(CSV), gzip.compress(CSV)[:-20]),
        ("territory/bmo_2025", zipped({"[Content_Types].xml": b"x"}), zipped({"x": b"x"})),
        ("territory/regions", b'{"type": "FeatureCollection", "features": []}', b'{"type": "Feature'),
    ],
)
def test_each_kind_is_checked_before_it_replaces(
    server: PublisherServer, tmp_path: Path, name: str, good: bytes, bad: bytes
) -> None:
    source = entry(name, server.serve("/f", whole(good), whole(bad)))
    assert fetch_one(source, tmp_path).status == "fetched"
    assert fetch_one(source, tmp_path).status == "failed"
    assert list(content(tmp_path / "data").values()) == [good]


def test_an_unchanged_file_is_not_sent_again(server: PublisherServer, tmp_path: Path) -> None:
    postcodes = entry("territory/laposte_hexasmal", server.serve("/f", not_modified('"v1"', CSV)))
    fetch_one(postcodes, tmp_path)
    assert fetch_one(postcodes, tmp_path).status == "up-to-date"
    assert "If-None-Match" in server.requests[-1][2]
    # the file was altered here: it is asked for again, and what was altered is kept
    path = tmp_path / "data/territory/laposte_hexasmal.csv"
    path.write_bytes(b"altered,here\n")
    assert fetch_one(postcodes, tmp_path).status == "fetched"
    assert path.read_bytes() == CSV
    assert (tmp_path / "previous/territory/laposte_hexasmal.csv").read_bytes() == b"altered,here\n"


def test_two_fetches_do_not_work_in_one_cache(server: PublisherServer, tmp_path: Path) -> None:
    rome = entry("rome4", server.serve("/rome", whole(rome_zip())))
    with locked(tmp_path), pytest.raises(FetchError, match="un autre"):
        fetch_one(rome, tmp_path)
    assert fetch_one(rome, tmp_path).status == "fetched"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": 99, "sources": {}}'])
def test_an_unreadable_manifest_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(DataFileError, match=r"manifest\.json"):
        fetch([], tmp_path)


def test_what_a_killed_fetch_left_is_swept(server: PublisherServer, tmp_path: Path) -> None:
    (tmp_path / "staging/content").mkdir(parents=True)
    (tmp_path / "staging/content/half.csv").write_bytes(b"half")
    fetch_one(entry("rome4", server.serve("/rome", whole(rome_zip()))), tmp_path)
    assert not list(tmp_path.rglob("half.csv"))


def test_a_cache_that_cannot_be_written_is_said(server: PublisherServer, tmp_path: Path) -> None:
    # a file stands where the folder must be: refused even to root, unlike permissions
    (tmp_path / "data").write_bytes(b"")
    report = fetch_one(
        entry("territory/regions", server.serve("/f", whole(b'{"type": "FeatureCollection"}'))), tmp_path
    )
    assert report.status == "failed"
    assert "PASSERELLE_CACHE" in report.message


def test_bars_follow_the_bytes(server: PublisherServer, tmp_path: Path) -> None:
    postcodes = entry("territory/laposte_hexasmal", server.serve("/f", cut(CSV, 100_000), whole(CSV)))
    console = Console(force_terminal=True, width=120, record=True, file=(tmp_path / "terminal").open("w"))
    with console.file, DownloadBars(console) as bars:
        fetch([postcodes], tmp_path, progress=bars, sleep=lambda _: None)
        (task,) = bars._progress.tasks
        assert (task.completed, task.total) == (len(CSV), len(CSV))
        assert task.description == "territory/laposte_hexasmal"


def test_every_address_of_the_catalogue_is_secure() -> None:
    for source in CATALOGUE:
        assert all(url.startswith("https://") for url in (source.page, *source.urls)), source.name


def test_an_answer_without_length_is_read_to_its_end(server: PublisherServer, tmp_path: Path) -> None:
    # the ROME's address gives no length
    body = rome_zip()

    def chunked(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for part in (body[:100], body[100:]):
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        handler.wfile.write(b"0\r\n\r\n")

    assert fetch_one(entry("rome4", server.serve("/rome", chunked)), tmp_path).status == "fetched"
