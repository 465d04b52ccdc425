"""A real HTTP server on the loopback that answers well, or in each of the ways that servers fail."""

import io
import socket
import struct
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Gives the answers of the path in turn, the last one for ever; 404 to HEAD, as the ROME's address does."""

    protocol_version = "HTTP/1.1"
    server: "PublisherServer"

    def do_HEAD(self) -> None:
        self.server.requests.append(("HEAD", self.path, {}))
        self.reply(404, b"")

    def do_GET(self) -> None:
        self.server.requests.append(("GET", self.path, dict(self.headers)))
        answers = self.server.answers.get(self.path, [status(404)])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        answer(self)

    def reply(self, code: int, body: bytes, headers: dict[str, str] | None = None, length: int | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class PublisherServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, list[Answer]] = {}
        #: (method, path, headers) of every request
        self.requests: list[tuple[str, str, dict[str, str]]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        # a client that leaves in the middle is what some tests are about
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def serve(self, path: str, *answers: Answer) -> str:
        self.answers[path] = list(answers)
        return self.url(path)

    def ranges(self) -> list[str | None]:
        return [headers.get("Range") for method, _, headers in self.requests if method == "GET"]


@contextmanager
def publisher_server() -> Iterator[PublisherServer]:
    server = PublisherServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def whole(body: bytes, headers: dict[str, str] | None = None) -> Answer:
    """200 with the length, and no range."""
    return lambda handler: handler.reply(200, body, headers)


def status(code: int, headers: dict[str, str] | None = None) -> Answer:
    return lambda handler: handler.reply(code, b"", headers)


def ranged(body: bytes, headers: dict[str, str] | None = None) -> Answer:
    """206 from the byte asked for, unless If-Range names another ETag."""

    def answer(handler: Handler) -> None:
        given = {"Accept-Ranges": "bytes", **(headers or {})}
        asked, only_if = handler.headers.get("Range"), handler.headers.get("If-Range")
        if not asked or (only_if and only_if != given.get("ETag")):
            handler.reply(200, body, given)
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(body):
            handler.reply(416, b"", {"Content-Range": f"bytes */{len(body)}"})
            return
        given["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        handler.reply(206, body[start:], given)

    return answer


def cut(body: bytes, after: int, headers: dict[str, str] | None = None, *, reset: bool = False) -> Answer:
    """Announces the whole body, sends ``after`` bytes, then closes: cleanly, or by a reset of the connection."""

    def answer(handler: Handler) -> None:
        handler.reply(200, body[:after], headers, length=len(body))
        handler.wfile.flush()
        handler.close_connection = True
        if reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()

    return answer


def not_modified(etag: str, body: bytes) -> Answer:
    """304 to who holds ``etag``, else the body with it."""

    def answer(handler: Handler) -> None:
        if handler.headers.get("If-None-Match") == etag:
            handler.reply(304, b"", {"ETag": etag})
        else:
            handler.reply(200, body, {"ETag": etag})

    return answer


def redirect(target: str) -> Answer:
    return status(302, {"Location": target})


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The bytes of a zip of ``files``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def rome_zip(version: str = "460", release: str = "60", extra: bytes = b"") -> bytes:
    """A small archive in the ROME's layout."""
    return zipped(
        {
            f"unix_referentiel_code_rome_v{version}_utf8.csv": b'"code_rome","libelle_rome"\n"A1101","X"\n' + extra,
            f"unix_item_v{version}_utf8.csv": b'"code_ogr","libelle","code_rubrique"\n',
            "version.txt": f"Numero de version : {release}\n\nDate de publication : 18/09/2025\n".encode(),
        }
    )
