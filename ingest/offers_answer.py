"""What France Travail's API answers, read with distrust: JSON or not, its refusals, the wait that it asks for."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from pydantic import SecretStr
from urllib3.exceptions import InvalidHeader
from urllib3.util.retry import Retry

from ingest.offers_text import clean


@dataclass(frozen=True)
class Answer:
    """A whole answer, its body read; ``wait_s`` is what Retry-After asks, None where it does not."""

    status: int
    body: bytes
    content_range: str
    wait_s: float | None

    def json(self) -> Any:
        """The content; a page of HTML or half of an answer is worth another try."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise TransientError("réponse qui n'est pas du JSON, ou coupée") from None

    def message(self) -> str:
        """What the service says of a refusal, cleaned and short; "" where it says nothing readable."""
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            return ""
        said = content.get("message") if isinstance(content, dict) else None
        return f" : {clean(said, 200).text}" if isinstance(said, str) and said else ""

    def oauth_error(self) -> str:
        """OAuth2's own word for the refusal (RFC 6749, 5.2), never the sentence beside it."""
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            return ""
        word = content.get("error") if isinstance(content, dict) else None
        return f", {word}" if isinstance(word, str) and re.fullmatch(r"[a-z_]{1,40}", word) else ""


class TransientError(Exception):
    """Worth another try, after ``wait_s`` seconds where the service says so."""

    def __init__(self, problem: str, wait_s: float | None = None) -> None:
        super().__init__(problem)
        self.wait_s = wait_s


class Bearer(requests.auth.AuthBase):
    """Puts a token into a request as it leaves, and nowhere else."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """As requests calls it."""
        request.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        return request


def unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """A request as it is: without any, requests would look for a password of that host in ~/.netrc."""
    return request


def wait_of(headers: Mapping[str, str]) -> float | None:
    """Seconds that Retry-After asks for, as a number or a date; None without it, or where it is neither."""
    text = headers.get("Retry-After")
    if not text:
        return None
    try:
        return Retry().parse_retry_after(text.strip())
    except InvalidHeader:
        return None
