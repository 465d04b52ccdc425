"""One file over HTTP, as a downloader for pooch: it tries again, and takes up again where the server can.

GET alone is used, since the ROME's address answers 404 to HEAD. What has come is kept in a ``.part`` file with what the
server said of it beside (``.json``), so that a cut download goes on, in the same run or a later one.
"""

import json
import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Protocol

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError

from passerelle.errors import FetchError

#: the largest file of the catalogue is under 100 MB; more than this is not what was asked for
MAX_BYTES = 512 * 1024**2
ATTEMPTS = 5
#: of a connection that never opened: without network, every source would wait for nothing
CONNECTION_ATTEMPTS = 3
#: seconds to connect, seconds without a byte
TIMEOUT_S = (10.0, 30.0)
MAX_WAIT_S = 60.0
CHUNK_BYTES = 64 * 1024

_TRANSIENT = {408, 425, 429, 500, 502, 503, 504}
_RELAUNCH = "Vérifiez la connexion, puis relancez « passerelle fetch » : ce qui est arrivé est gardé."


class ProgressBar(Protocol):
    """What pooch asks of a progress bar: bytes expected (0 where unknown), bytes come, start again, end."""

    total: int

    def update(self, amount: int) -> object:
        """``amount`` bytes more have come."""

    def reset(self) -> object:
        """Back to zero bytes."""

    def close(self) -> object:
        """The download is over."""


class NotModifiedError(Exception):
    """The server says that the file has not changed since it was last fetched (304)."""


class UnreachableError(FetchError):
    """No connection to the host could be opened."""


class ResumingDownloader:
    """Callable as pooch calls its downloaders: ``downloader(url, output_file, pooch)``.

    part:    file that keeps what has come; its directory must exist
    known:   ETag and Last-Modified of the version held, to ask for a newer one only (304 raises NotModifiedError)
    fresh:   forget what has come and start from zero

    A dropped connection, a body shorter than announced, 408, 425, 429 and 5xx are tried again, after the wait that the
    server asks for (Retry-After) or 1, 2, 4... seconds. Anything else is final.

    raises: FetchError when it is final, or when ``attempts`` tries did not do; NotModifiedError
    """

    def __init__(
        self,
        part: Path,
        *,
        progress: ProgressBar | None = None,
        known: dict[str, str] | None = None,
        fresh: bool = False,
        sleep: Callable[[float], object] = time.sleep,
        attempts: int = ATTEMPTS,
        max_bytes: int = MAX_BYTES,
        timeout_s: tuple[float, float] = TIMEOUT_S,
    ) -> None:
        self.part = part
        self.progress = progress
        self.known = known or {}
        self.sleep = sleep
        self.attempts = attempts
        self.max_bytes = max_bytes
        self.timeout_s = timeout_s
        #: True once bytes of an earlier answer were kept
        self.resumed = False
        #: validators of what came: "etag", "lastModified"
        self.validators: dict[str, str] = {}
        self._state_file = part.with_name(part.name + ".json")
        if fresh:
            self._forget()

    def __call__(self, url: str, output_file: str | os.PathLike[str], pooch: object) -> None:  # noqa: ARG002
        """Downloads ``url`` to ``output_file``; ``pooch`` is not used."""
        if not url.lower().startswith(("http://", "https://")):
            raise FetchError(url, "adresse refusée", "Seuls http et https sont permis.")
        self._resume_of_earlier_run(url)
        for attempt in range(1, self.attempts + 1):
            try:
                self._attempt(url)
                break
            except _TransientError as error:
                wait = error.wait_s if error.wait_s is not None else 2.0 ** (attempt - 1)
                if error.unopened and attempt >= min(self.attempts, CONNECTION_ATTEMPTS):
                    raise UnreachableError(url, f"{error} ({attempt} essais)", _RELAUNCH) from error
                if attempt == self.attempts:
                    raise FetchError(url, f"{error} ({attempt} essais)", _RELAUNCH) from error
                if wait > MAX_WAIT_S:
                    raise FetchError(url, f"{error}, attente demandée : {wait:.0f} s", _RELAUNCH) from error
                self.sleep(wait)
        if self.progress is not None:
            self.progress.close()
        self.part.replace(output_file)
        self._forget()

    def _attempt(self, url: str) -> None:
        state = self._state()
        held = self.part.stat().st_size if state and self.part.exists() else 0
        headers = {"Accept-Encoding": "identity", "User-Agent": "passerelle (open data fetch)"}
        if held:
            headers["Range"] = f"bytes={held}-"
            if validator := _strong_validator(state):
                headers["If-Range"] = validator
        else:
            if "etag" in self.known:
                headers["If-None-Match"] = self.known["etag"]
            if "lastModified" in self.known:
                headers["If-Modified-Since"] = self.known["lastModified"]
        try:
            with requests.get(url, headers=headers, stream=True, timeout=self.timeout_s) as response:
                self._refuse(url, response)
                self._receive(url, response, held, state)
        except (requests.exceptions.SSLError, requests.exceptions.InvalidProxyURL) as error:
            raise FetchError(
                url, f"connexion sûre impossible ({error})", "Vérifiez HTTPS_PROXY et REQUESTS_CA_BUNDLE."
            ) from error
        except (
            requests.exceptions.ConnectionError,
            requests.exceptions.Timeout,
            requests.exceptions.ChunkedEncodingError,
        ) as error:
            reason = getattr(error.args[0], "reason", error.args[0]) if error.args else error
            unopened = isinstance(reason, (NewConnectionError, ConnectTimeoutError, ProxyError))
            what = "connexion impossible" if unopened else "connexion coupée"
            problem = f"{what} ({type(reason).__name__})"
            raise _TransientError(problem, unopened=unopened) from error
        except requests.exceptions.RequestException as error:
            raise FetchError(url, f"requête refusée ({error})", "Vérifiez l'adresse.") from error

    def _refuse(self, url: str, response: requests.Response) -> None:
        if url.lower().startswith("https://") and not response.url.lower().startswith("https://"):
            raise FetchError(url, f"renvoie vers une adresse non sûre ({response.url})", "Prenez le fichier à la main.")
        status = response.status_code
        if status == 304 and self.known:
            raise NotModifiedError(url)
        if status == 416:
            self._forget()
            raise _TransientError("reprise refusée par le serveur (416)", wait_s=0.0)
        if status in _TRANSIENT:
            raise _TransientError(f"le serveur répond {status}", wait_s=_retry_after(response))
        if status not in {200, 206}:
            raise FetchError(
                url, f"le serveur répond {status}", "L'adresse a peut-être changé : voyez la page du producteur."
            )

    def _receive(self, url: str, response: requests.Response, held: int, state: dict[str, Any]) -> None:
        if response.status_code == 206:
            start, total = _content_range(response)
            if start != held or (state.get("total") is not None and total not in {None, state["total"]}):
                # another file, or another part of it, than the one begun
                self._forget()
                raise _TransientError("le serveur reprend ailleurs que demandé", wait_s=0.0)
            self.resumed = True
        else:
            held, total = 0, _content_length(response)
            self.resumed = False
        if total is not None and total > self.max_bytes:
            raise FetchError(url, f"{total} octets annoncés", f"Le plus admis est {self.max_bytes} octets.")
        self._remember(url, response, total)
        if self.progress is not None:
            self.progress.total = total or 0
            self.progress.reset()
            self.progress.update(held)
        size = held
        with self.part.open("r+b" if held else "wb") as out:
            out.seek(held)
            for chunk in response.iter_content(CHUNK_BYTES):
                size += len(chunk)
                if size > self.max_bytes:
                    raise FetchError(url, "fichier trop gros", f"Le plus admis est {self.max_bytes} octets.")
                out.write(chunk)
                if self.progress is not None:
                    self.progress.update(len(chunk))
        if total is not None and size != total:
            if size > total:
                self._forget()
            raise _TransientError(f"{size} octets reçus sur {total}")

    def _resume_of_earlier_run(self, url: str) -> None:
        state = self._state()
        # between two runs the file may have changed: without a validator, nothing says that both halves belong together
        if state.get("url") != url or not _strong_validator(state):
            self._forget()

    def _state(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = json.loads(self._state_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            # cut while it was written: what has come cannot be trusted, and is asked for again
            self._forget()
            return {}
        return state

    def _remember(self, url: str, response: requests.Response, total: int | None) -> None:
        headers = {"etag": response.headers.get("ETag"), "lastModified": response.headers.get("Last-Modified")}
        self.validators = {name: value for name, value in headers.items() if value}
        takes_up = response.status_code == 206 or response.headers.get("Accept-Ranges", "").lower() == "bytes"
        if takes_up and "Content-Encoding" not in response.headers:
            state = {"url": url, "total": total, **self.validators}
            self._state_file.write_text(json.dumps(state), encoding="utf-8")
        else:
            self._state_file.unlink(missing_ok=True)

    def _forget(self) -> None:
        self.part.unlink(missing_ok=True)
        self._state_file.unlink(missing_ok=True)


class _TransientError(Exception):
    """Worth another try, after ``wait_s`` seconds where the server says so."""

    def __init__(self, problem: str, wait_s: float | None = None, *, unopened: bool = False) -> None:
        super().__init__(problem)
        self.wait_s = wait_s
        self.unopened = unopened


def _strong_validator(state: dict[str, Any]) -> str | None:
    etag = state.get("etag")
    if etag and not etag.startswith("W/"):
        return str(etag)
    return state.get("lastModified")


def _content_length(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    # with an encoding, the length is that of the encoded body, which urllib3 checks
    return int(text) if text.isdecimal() and "Content-Encoding" not in response.headers else None


def _content_range(response: requests.Response) -> tuple[int, int | None]:
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", "").strip())
    if match is None:
        return -1, None
    return int(match[1]), None if match[2] == "*" else int(match[2])


def _retry_after(response: requests.Response) -> float | None:
    text = response.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
