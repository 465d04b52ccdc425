"""A real HTTP server on the loopback that answers as France Travail's API of offers does, and fails as it can."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE, LAST_START = 150, 3000
CLIENT_ID, CLIENT_SECRET = "PAR_passerelle_0f1e2d3c", "s3cr3t-4b5a69788796a5b4"
BEGINNING = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

Fault = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "OffersServer"

    def do_POST(self) -> None:
        form = {k: v[0] for k, v in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()}
        self.server.token_requests.append((self.path, form))
        if self.server.token_faults:
            self.server.token_faults.pop(0)(self)
        elif (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            told = {"error": "invalid_client", "error_description": f"unknown {form.get('client_id')}"}
            self.json(401, told)
        else:
            token = f"jeton-{len(self.server.token_requests)}-c2VjcmV0"
            self.server.valid = {token}
            self.json(
                200,
                {"access_token": token, "token_type": "Bearer", "scope": form["scope"]}
                | {"expires_in": self.server.lifetime},
            )

    def do_GET(self) -> None:
        asked = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        with self.server.lock:
            self.server.asked.append(asked)
            self.server.before(len(self.server.asked))
            fault = self.server.faults.pop(0) if self.server.faults else None
        if fault is not None:
            fault(self)
        elif self.headers.get("Authorization", "").removeprefix("Bearer ") not in self.server.valid:
            self.json(401, {"message": "jeton refusé"})
        else:
            self.search(asked)

    def search(self, asked: dict[str, str]) -> None:
        first, last = map(int, asked.get("range", "0-149").split("-"))
        if first > LAST_START:
            self.json(400, {"message": "La position de début doit être inférieure ou égale à 3000."})
            return
        if last - first >= PAGE:
            self.json(400, {"message": "La plage de résultats demandée est trop importante."})
            return
        found = [offer for offer in self.server.offers if _matches(offer, asked)]
        found.sort(key=lambda offer: (offer["dateCreation"], offer["id"]), reverse=True)
        part = found[first : last + 1]
        if not part:
            self.reply(204, b"")
            return
        span = f"offres {first}-{first + len(part) - 1}/{len(found)}"
        status = 206 if len(part) < len(found) else 200
        self.json(status, {"resultats": part, "filtresPossibles": []}, {"Content-Range": span, "Accept-Range": "150"})

    def json(self, code: int, content: Any, headers: dict[str, str] | None = None) -> None:
        self.reply(code, json.dumps(content, ensure_ascii=False).encode(), headers)

    def reply(
        self, code: int, body: bytes, headers: dict[str, str] | None = None, kind: str = "application/json"
    ) -> None:
        self.send_response(code)
        if code != 204:
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", kind)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class OffersServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.offers: list[dict[str, Any]] = []
        #: tokens that are accepted now; seconds that a new one lasts
        self.valid: set[str] = set()
        self.lifetime = 1499
        #: what the next requests meet instead of an answer, one each
        self.faults: list[Fault] = []
        self.token_faults: list[Fault] = []
        #: called with the number of each search request before it is answered
        self.before: Callable[[int], None] = lambda _: None
        self.asked: list[dict[str, str]] = []
        self.token_requests: list[tuple[str, dict[str, str]]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is what some tests are about."""

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


@contextmanager
def offers_server() -> Iterator[OffersServer]:
    server = OffersServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def offer(number: int, department: str = "59", minutes: int | None = None, **fields: Any) -> dict[str, Any]:
    """An offer as the API gives it, created so many minutes after the beginning."""
    created = BEGINNING + timedelta(minutes=number if minutes is None else minutes)
    return {
        "id": f"{number:07d}",
        "intitule": f"Brodeur / Brodeuse {number} (H/F)",
        "dateCreation": created.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "dateActualisation": created.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "lieuTravail": {"libelle": f"{department} - VILLE", "commune": f"{department}001"},
        "romeCode": "B1804",
        "typeContrat": "CDI",
    } | fields


def status(code: int, headers: dict[str, str] | None = None, message: str = "erreur") -> Fault:
    return lambda handler: handler.json(code, {"message": message}, headers)


def html(code: int = 200) -> Fault:
    page = b"<!DOCTYPE html><html><body><h1>Service indisponible</h1></body></html>"
    return lambda handler: handler.reply(code, page, kind="text/html")


def revoked(handler: Handler) -> None:
    """The token is taken back before its time."""
    handler.server.valid = set()
    handler.json(401, {"message": "jeton expiré"})


def cut(handler: Handler) -> None:
    """Announces more than it sends, then closes."""
    handler.send_response(206)
    handler.send_header("Content-Length", "100000")
    handler.send_header("Content-Range", "offres 0-149/150")
    handler.end_headers()
    handler.wfile.write(b'{"resultats": [{"id": "00')
    handler.close_connection = True


def half(handler: Handler) -> None:
    """Half of a JSON text, its length right."""
    handler.reply(206, b'{"resultats": [{"id": "0000001"}, {"id": ', {"Content-Range": "offres 0-149/150"})


def elsewhere(handler: Handler) -> None:
    """Another page than the one asked for."""
    handler.json(206, {"resultats": [offer(1)]}, {"Content-Range": "offres 40-40/300"})


def _matches(one: dict[str, Any], asked: dict[str, str]) -> bool:
    department = asked.get("departement")
    if department is not None and not one["lieuTravail"]["libelle"].startswith(department):
        return False
    created = one["dateCreation"][:19] + "Z"
    return asked.get("minCreationDate", "") <= created <= asked.get("maxCreationDate", "9")
