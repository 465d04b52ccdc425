"""What a whole run of the API leaves in its logs: each request's line, and nobody's token, id, words or body."""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from records.store import Records
from tests.unit.api_toy import LACEMAKER, Rows, ask_everything, running, sample_home, settings_for, toy_graph

__all__ = ["sample_home"]

#: what somebody may type or send, each as rare as a secret, where the API takes a text, a name or a header
TYPED = {
    "text": "zzchaudronnerie",
    "email": "zzjeanne.martin@exemple.fr",
    "phone": "06 12 34 56 78",
    "digits": "0612345678",
    "nir": "2750375116001",
    "token": "psl_zz000000_" + "f" * 64,
    "cypher": "RETURN 'zzsecret' AS zzname",
}
#: what a number of ours never looks like
PATTERNS = {
    "a token": re.compile(r"psl_[0-9a-z]{8}_"),
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
    # a request's id is drawn at random and may hold ten digits between two letters
    "a telephone number": re.compile(r"(?<![\w:.-])0[1-9](?:[ .]?\d{2}){4}(?![\w-])"),
}
#: the client's own lines; nothing of it runs in a server
_CLIENTS = ("httpx2", "httpcore2", "asyncio")


@dataclass
class Run:
    """What was logged at every level, and what must not be in it."""

    lines: list[logging.LogRecord] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    #: statuses that were answered
    statuses: set[int] = field(default_factory=set)


class Keeping(logging.Handler):
    """Keeps every line that the server writes."""

    def __init__(self, kept: list[logging.LogRecord]) -> None:
        super().__init__(logging.DEBUG)
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(_CLIENTS):
            self._kept.append(record)


@pytest.fixture(scope="module")
def run(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Every route as it is meant, then as it is not: typed, hostile, failing; everything that was logged."""
    found = Run(secrets=set(TYPED.values()))
    root, before = logging.getLogger(), logging.getLogger().level
    handler = Keeping(found.lines)
    # the API's own loggers give to the root's handlers as well: uvicorn's way of setting them up is not in use here
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    records = tmp_path_factory.mktemp("logs") / "r" / "records.sqlite"
    try:
        with running(settings_for(sample_home, PASSERELLE_RECORDS=records)) as client:
            for _, answer in ask_everything(client).values():
                found.secrets |= ids_in(answer)
            with Records.open(records) as opened:
                token = opened.keys.create(["read", "recommend", "seekers", "analyst"]).token
            found.secrets |= {token, token.rpartition("_")[2]}
            misuse(client, {"Authorization": f"Bearer {token}"}, found)
        yield found
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def ids_in(answer: Any) -> set[str]:
    """Ids of seekers and of lists that were shown."""
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text))


def misuse(client: TestClient, key: dict[str, str], found: Run) -> None:
    """Sends what may not be logged to everywhere it may stand."""

    def ask(method: str, address: str, **others: Any) -> Any:
        headers = key | others.pop("headers", {})
        answer = client.request(method, address, headers=headers, **others)
        found.statuses.add(answer.status_code)
        return answer

    seeker = ask("POST", "/v1/seekers", json=LACEMAKER).json()["id"]
    shown = ask("POST", "/v1/recommendations", json={"seekerId": seeker, "limit": 2}).json()["id"]
    found.secrets |= {seeker, shown}
    for path in (f"/v1/seekers/{seeker}", f"/v1/seekers/{seeker}/export", f"/v1/recommendations/{shown}"):
        assert ask("GET", path).status_code == 200
    for word in TYPED.values():
        for box in ("occupations/search", "skills/search", "territories"):
            ask("GET", f"/v1/{box}", params={"q": word})
        ask("GET", f"/v1/{word}")
        ask("GET", "/v1/occupations", params={"cursor": word})
        ask("GET", "/v1/model", params={word: word})
        ask("GET", "/v1/occupations/H2605/market", params={"near": word})
        ask("GET", "/v1/model", headers={"X-Request-Id": word, "User-Agent": word, "Referer": word})
        ask("GET", "/v1/model", headers={"Authorization": f"Bearer {word}"})
        for body in ({word: word}, {"near": word}, {"profile": {"skills": [word]}}, {"seekerId": word}):
            ask("POST", "/v1/recommendations", json=body)
            ask("POST", "/v1/seekers", json=body)
        ask("POST", "/v1/potential", json={"profile": LACEMAKER, "near": word, "region": word})
        ask("POST", "/v1/recommendations", content=word.encode(), headers={"Content-Type": word})
        with toy_graph(client, Rows((word,), [[word]])):
            ask("POST", "/v1/cypher", json={"query": TYPED["cypher"], "parameters": {"zzname": word}})
        with toy_graph(client, ValueError(word)):
            ask("POST", "/v1/cypher", json={"query": word})
    assert ask("DELETE", f"/v1/seekers/{seeker}").status_code == 200
    assert ask("GET", f"/v1/seekers/{seeker}").status_code == 404


def said(record: logging.LogRecord) -> str:
    """A line as it is written, with its traceback where it has one."""
    return logging.Formatter("%(levelname)s %(name)s %(message)s").format(record)


def test_nothing_that_names_or_opens_is_logged(run: Run) -> None:
    lines = [said(record) for record in run.lines]
    assert not [(secret, line) for line in lines for secret in run.secrets if secret in line]
    assert not [(name, line) for line in lines for name, pattern in PATTERNS.items() if pattern.search(line)]


def test_the_run_was_one_in_which_something_could_have_been_logged(run: Run) -> None:
    access = [json.loads(one.getMessage()) for one in run.lines if one.name == "passerelle.access"]
    assert len(access) > 150
    assert {one["status"] for one in access} >= run.statuses >= {200, 201, 401, 404, 415, 422, 500}
    assert len({one["route"] for one in access}) > 25
    # an error that nobody foresaw is told by its class, without what it held
    assert [one for one in run.lines if one.name == "passerelle.api" and "ValueError" in one.getMessage()]
    assert len(run.secrets) > len(TYPED) + 5


def test_an_id_is_no_telephone_number() -> None:
    line = '{"requestId": "4d0a7008-3d5e-4d24-a968-c0578915991b"}'
    assert not [name for name, pattern in PATTERNS.items() if pattern.search(line)]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("key psl_0a1b2c3d_ffff", "a token"),
        ("jeanne@exemple.fr came", "an e-mail address"),
        ("call 06 12 34 56 78", "a telephone number"),
        ('"q": "0612345678"', "a telephone number"),
    ],
)
def test_what_is_looked_for_would_be_found(line: str, name: str) -> None:
    assert [found for found, pattern in PATTERNS.items() if pattern.search(line)] == [name]
