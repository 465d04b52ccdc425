"""One file over HTTP, from a server that fails in every way it can."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from ingest.download import CHUNK_BYTES, NotModifiedError, ResumingDownloader, UnreachableError
from passerelle.errors import FetchError
from tests.unit.fetch_server import (
    PublisherServer,
    cut,
    not_modified,
    publisher_server,
    ranged,
    redirect,
    status,
    whole,
)

BODY = bytes(range(256)) * 4096  # 1 MiB, so that a cut falls in the middle of a chunk
CUT = 3 * CHUNK_BYTES + 1000
#: bytes are kept by whole chunks
KEPT = f"bytes={3 * CHUNK_BYTES}-"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[PublisherServer]:
    with publisher_server() as server:
        yield server


class Clock:
    def __init__(self) -> None:
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


class Bar:
    def __init__(self) -> None:
        self.total = 0
        self.come = 0
        self.closed = False

    def update(self, amount: int) -> None:
        self.come += amount

    def reset(self) -> None:
        self.come = 0

    def close(self) -> None:
        self.closed = True


def download(
    url: str, directory: Path, clock: Clock | None = None, bar: Bar | None = None, **options: object
) -> tuple[bytes, ResumingDownloader]:
    clock = clock or Clock()
    downloader = ResumingDownloader(
        directory / "x.part",
        progress=bar,
        sleep=clock.sleep,
        **options,  # type: ignore[arg-type]
    )
    downloader(url, directory / "out", None)
    return (directory / "out").read_bytes(), downloader


def test_serves_well_by_get_alone_and_fills_the_bar(server: PublisherServer, tmp_path: Path) -> None:
    bar = Bar()
    body, _ = download(server.serve("/f", whole(BODY)), tmp_path, bar=bar)
    assert body == BODY
    assert [method for method, _, _ in server.requests] == ["GET"]
    assert (bar.total, bar.come, bar.closed) == (len(BODY), len(BODY), True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_dropped_connection_is_taken_up_where_it_stopped(
    server: PublisherServer, tmp_path: Path, *, reset: bool
) -> None:
    headers = {"Accept-Ranges": "bytes", "ETag": '"v1"'}
    url = server.serve("/f", cut(BODY, 700_000, headers, reset=reset), ranged(BODY, headers))
    bar, clock = Bar(), Clock()
    body, downloader = download(url, tmp_path, clock, bar)
    assert body == BODY
    assert downloader.resumed
    first, second = server.ranges()
    assert first is None
    assert second is not None
    start = int(second.removeprefix("bytes=").removesuffix("-"))
    # a reset may lose what the client had not read yet, never add to it
    assert 0 < start <= 700_000
    assert server.requests[1][2]["If-Range"] == '"v1"'
    assert bar.come == len(BODY)
    assert clock.waits == [1.0]


def test_starts_from_zero_where_the_server_ignores_range(server: PublisherServer, tmp_path: Path) -> None:
    headers = {"Accept-Ranges": "bytes"}
    body, downloader = download(server.serve("/f", cut(BODY, CUT, headers), whole(BODY)), tmp_path)
    assert body == BODY
    assert not downloader.resumed
    assert server.ranges() == [None, KEPT]


def test_asks_no_range_of_a_server_that_announces_none(server: PublisherServer, tmp_path: Path) -> None:
    body, _ = download(server.serve("/f", cut(BODY, 1000), cut(BODY, 2000), whole(BODY)), tmp_path)
    assert body == BODY
    assert server.ranges() == [None, None, None]


def test_a_file_changed_in_between_starts_from_zero(server: PublisherServer, tmp_path: Path) -> None:
    old = {"Accept-Ranges": "bytes", "ETag": '"old"'}
    newer = b"newer" * 300_000
    url = server.serve("/f", cut(BODY, CUT, old), ranged(newer, {"ETag": '"new"'}))
    body, _ = download(url, tmp_path)
    assert body == newer


def test_a_range_of_another_total_starts_from_zero(server: PublisherServer, tmp_path: Path) -> None:
    # no ETag: only the total tells that the file is another one
    longer = BODY + b"tail"
    url = server.serve("/f", cut(BODY, CUT, {"Accept-Ranges": "bytes"}), ranged(longer))
    body, _ = download(url, tmp_path)
    assert body == longer
    assert server.ranges() == [None, KEPT, None]


def test_a_refused_range_starts_from_zero(server: PublisherServer, tmp_path: Path) -> None:
    url = server.serve("/f", cut(BODY, CUT, {"Accept-Ranges": "bytes"}), status(416), whole(BODY))
    body, _ = download(url, tmp_path)
    assert body == BODY


def test_what_came_is_kept_for_the_next_run_where_an_etag_vouches_for_it(
    server: PublisherServer, tmp_path: Path
) -> None:
    headers = {"Accept-Ranges": "bytes", "ETag": '"v1"'}
    url = server.serve("/f", cut(BODY, CUT, headers), status(404))
    with pytest.raises(FetchError, match="404"):
        download(url, tmp_path)
    assert (tmp_path / "x.part").read_bytes() == BODY[: 3 * CHUNK_BYTES]
    server.serve("/f", ranged(BODY, headers))
    body, _ = download(url, tmp_path)
    assert body == BODY
    assert server.ranges()[-1] == KEPT


def test_without_etag_the_next_run_starts_from_zero(server: PublisherServer, tmp_path: Path) -> None:
    headers = {"Accept-Ranges": "bytes"}
    url = server.serve("/f", cut(BODY, CUT, headers), status(404))
    with pytest.raises(FetchError):
        download(url, tmp_path)
    server.serve("/f", ranged(BODY, headers))
    body, _ = download(url, tmp_path)
    assert body == BODY
    assert server.ranges()[-1] is None


@pytest.mark.parametrize(
    ("given", "waited"),
    [({"Retry-After": "7"}, 7.0), ({"Retry-After": "0"}, 0.0), ({}, 1.0), ({"Retry-After": "soon"}, 1.0)],
)
def test_503_then_200_waits_what_the_server_asks(
    server: PublisherServer, tmp_path: Path, given: dict[str, str], waited: float
) -> None:
    clock = Clock()
    body, _ = download(server.serve("/f", status(503, given), whole(BODY)), tmp_path, clock)
    assert body == BODY
    assert clock.waits == [waited]


def test_retry_after_may_be_a_date(server: PublisherServer, tmp_path: Path) -> None:
    clock = Clock()
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    download(server.serve("/f", status(503, {"Retry-After": date}), whole(BODY)), tmp_path, clock)
    assert len(clock.waits) == 1
    assert 0 < clock.waits[0] <= 30


def test_a_wait_too_long_is_said_rather_than_waited(server: PublisherServer, tmp_path: Path) -> None:
    clock = Clock()
    with pytest.raises(FetchError, match="attente demandée : 3600 s"):
        download(server.serve("/f", status(503, {"Retry-After": "3600"})), tmp_path, clock)
    assert clock.waits == []


def test_a_server_that_never_recovers_is_left_after_five_tries(server: PublisherServer, tmp_path: Path) -> None:
    clock = Clock()
    with pytest.raises(FetchError, match=r"503 \(5 essais\)"):
        download(server.serve("/f", status(503)), tmp_path, clock)
    assert clock.waits == [1.0, 2.0, 4.0, 8.0]
    assert len(server.requests) == 5


def test_a_body_always_short_is_an_error_not_a_file(server: PublisherServer, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="5 essais"):
        download(server.serve("/f", cut(BODY, 1000)), tmp_path)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410])
def test_other_refusals_are_final(server: PublisherServer, tmp_path: Path, code: int) -> None:
    clock = Clock()
    with pytest.raises(FetchError, match=str(code)) as caught:
        download(server.serve("/f", status(code)), tmp_path, clock)
    assert clock.waits == []
    assert caught.value.url == server.url("/f")


def test_nobody_listens(tmp_path: Path) -> None:
    with publisher_server() as server:
        url = server.url("/f")
    clock = Clock()
    with pytest.raises(UnreachableError, match=r"connexion impossible \(NewConnectionError\) \(3 essais\)"):
        download(url, tmp_path, clock)
    assert clock.waits == [1.0, 2.0]


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/f", "file:///etc/hosts", "/etc/hosts", "data:,x"])
def test_only_http(tmp_path: Path, url: str) -> None:
    with pytest.raises(FetchError, match="http"):
        download(url, tmp_path)


def test_a_redirection_is_followed_and_one_to_a_file_is_not(server: PublisherServer, tmp_path: Path) -> None:
    server.serve("/real", whole(BODY))
    body, _ = download(server.serve("/f", redirect("/real")), tmp_path)
    assert body == BODY
    with pytest.raises(FetchError):
        download(server.serve("/g", redirect("file:///etc/hosts")), tmp_path)


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_too_large_is_refused(server: PublisherServer, tmp_path: Path, *, announced: bool) -> None:
    def chunked(handler: object) -> None:
        handler.send_response(200)  # type: ignore[attr-defined]
        handler.send_header("Transfer-Encoding", "chunked")  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        handler.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY))  # type: ignore[attr-defined]

    url = server.serve("/f", whole(BODY) if announced else chunked)
    with pytest.raises(FetchError, match="Le plus admis est 1000 octets"):
        download(url, tmp_path, max_bytes=1000)
    assert not (tmp_path / "out").exists()
    body, _ = download(url, tmp_path, max_bytes=len(BODY))
    assert body == BODY


def test_304_to_who_holds_the_file(server: PublisherServer, tmp_path: Path) -> None:
    url = server.serve("/f", not_modified('"v1"', BODY))
    _, downloader = download(url, tmp_path)
    assert downloader.validators == {"etag": '"v1"'}
    with pytest.raises(NotModifiedError):
        download(url, tmp_path, known=downloader.validators)


def test_the_proxy_of_the_environment_is_used(
    server: PublisherServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url(""))
    server.serve("http://publisher.invalid/f", whole(BODY))
    body, _ = download("http://publisher.invalid/f", tmp_path)
    assert body == BODY
