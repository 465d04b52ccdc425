"""Who may ask, how often, and what is answered while something is missing."""

import threading
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.limiter import Limiter
from api.problems import KINDS, ProblemError
from api.reference import Reference
from passerelle.address import is_loopback
from passerelle.errors import RecordsBusyError, RecordsFullError
from passerelle.settings import Settings
from records.audit import Audit
from records.store import Records
from tests.unit.api_toy import LACEMAKER, new_key, running, sample_home, settings_for

__all__ = ["sample_home"]


@pytest.fixture
def settings(sample_home: Path, tmp_path: Path) -> Settings:
    return with_records(sample_home, tmp_path)


def with_records(home: Path, directory: Path, **others: Any) -> Settings:
    return settings_for(home, PASSERELLE_RECORDS=directory / "records" / "records.sqlite", **others)


def kind_of(answer: Any) -> str:
    kind: str = answer.json()["type"].removeprefix("/v1/problems/")
    assert answer.status_code == KINDS[kind].status
    return kind


def test_without_a_key_it_is_open_and_says_so_until_the_first_key_is_made(settings: Settings) -> None:
    with running(settings) as client:
        answer = client.get("/v1/model")
        assert (answer.status_code, answer.headers["passerelle-access"]) == (200, "open")
        assert client.get("/v1/health/ready").json()["access"] == "open"
        key = new_key(settings, "read")
        closed = client.get("/v1/model")
        assert kind_of(closed) == "key-missing"
        assert closed.headers["www-authenticate"] == "Bearer"
        answer = client.get("/v1/model", headers=key)
        assert (answer.status_code, "passerelle-access" in answer.headers) == (200, False)
        assert client.get("/v1/health/ready").json()["access"] == "keys"
        with Records.open(settings.records) as records:
            records.keys.revoke(records.keys.all()[0].prefix)
        # revoked: it neither opens nor leaves the door open
        assert kind_of(client.get("/v1/model", headers=key)) == "key-refused"
        assert kind_of(client.get("/v1/model")) == "key-missing"


def test_an_address_that_others_reach_is_never_open(sample_home: Path, tmp_path: Path) -> None:
    with running(with_records(sample_home, tmp_path, PASSERELLE_HOST="0.0.0.0")) as client:  # noqa: S104
        assert kind_of(client.get("/v1/model")) == "key-missing"
        # behind a proxy the name is the proxy's
        assert kind_of(client.get("/v1/model", headers={"Host": "exemple.fr"})) == "key-missing"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *(("127.0.0.1", True), ("127.3.2.1", True), ("::1", True), ("[::1]", True), ("localhost", True)),
        *(("0.0.0.0", False), ("::", False), ("192.168.1.4", False), ("localhost.exemple.fr", False), ("", False)),  # noqa: S104
    ],
)
def test_loopback_is_told_from_the_rest(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_a_seekers_list_asks_for_both_scopes(settings: Settings) -> None:
    recommend, both = new_key(settings, "recommend"), new_key(settings, "recommend", "seekers")
    with running(settings) as client:
        seeker = client.post("/v1/seekers", json=LACEMAKER, headers=both).json()["id"]
        question = {"seekerId": seeker, "limit": 1}
        refused = client.post("/v1/recommendations", json=question, headers=recommend)
        assert kind_of(refused) == "scope-missing"
        assert 'scope="seekers"' in refused.headers["www-authenticate"]
        assert client.post("/v1/recommendations", json=question, headers=both).status_code == 200


def test_each_key_has_its_own_rate(sample_home: Path, tmp_path: Path) -> None:
    settings = with_records(sample_home, tmp_path, PASSERELLE_RATE_PER_MINUTE=3)
    one, other = new_key(settings, "read"), new_key(settings, "read")
    with running(settings) as client:
        answers = [client.get("/v1/feedback/reasons", headers=one) for _ in range(5)]
        assert [answer.status_code for answer in answers].count(200) == 3
        assert kind_of(answers[-1]) == "too-many-requests"
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert client.get("/v1/feedback/reasons", headers=other).status_code == 200
        assert client.get("/v1/health/live").status_code == 200


def test_wrong_tokens_are_limited_by_address_and_do_not_shut_out_a_good_one(sample_home: Path, tmp_path: Path) -> None:
    settings = with_records(sample_home, tmp_path, PASSERELLE_FAILURES_PER_MINUTE=3)
    good, new = new_key(settings, "read"), new_key(settings, "read")
    with running(settings) as client:
        assert client.get("/v1/feedback/reasons", headers=good).status_code == 200
        for token in ("psl_00000000_" + "0" * 64, "x", "psl_é", "x" * 5000):
            headers = {b"Authorization": f"Bearer {token}".encode()}
            answer = client.get("/v1/feedback/reasons", headers=headers)
        assert kind_of(answer) == "too-many-requests"
        assert client.get("/v1/feedback/reasons", headers=good).status_code == 200
        # one that was never seen here waits with the others
        assert kind_of(client.get("/v1/feedback/reasons", headers=new)) == "too-many-requests"


def test_a_token_that_turns_wrong_is_forgotten() -> None:
    limiter = Limiter(rate=10, failures=1)
    limiter.good("token")
    limiter.wrong("other", "address")
    limiter.before_check("token", "address")
    limiter.wrong("token", "address")
    with pytest.raises(ProblemError):
        limiter.before_check("token", "address")


def test_while_the_arrays_load_one_is_told_to_ask_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    opened = Reference.of

    def slowly(snapshot: Any) -> Reference:
        gate.wait()
        return opened(snapshot)

    monkeypatch.setattr(Reference, "of", slowly)
    app = create_app(settings)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        try:
            assert client.get("/v1/health/live").status_code == 200
            for path in ("/v1/health/ready", "/v1/model"):
                answer = client.get(path)
                assert kind_of(answer) == "loading"
                assert answer.headers["retry-after"] == "1"
        finally:
            gate.set()
        app.state.passerelle.wait()
        assert client.get("/v1/health/ready").status_code == 200


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_arrays_that_fail_to_load_are_not_said_to_be_loading(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> Reference:
        raise RuntimeError("of another version")

    monkeypatch.setattr(Reference, "of", fail)
    with running(settings) as client:
        answer = client.get("/v1/health/ready")
        assert kind_of(answer) == "internal"
        assert "another version" not in answer.text


def test_where_nothing_is_built_it_says_so_and_nothing_of_the_server(tmp_path: Path) -> None:
    with running(settings_for(tmp_path)) as client:
        answer = client.get("/v1/model")
        assert kind_of(answer) == "not-built"
        assert kind_of(client.get("/v1/health/ready")) == "not-built"
        assert str(tmp_path) not in answer.text


def test_records_that_cannot_be_opened_are_a_problem_that_names_no_file(sample_home: Path, tmp_path: Path) -> None:
    settings = with_records(sample_home, tmp_path)
    settings.records.parent.mkdir()
    settings.records.write_bytes(b"no database" * 1000)
    with running(settings) as client:
        answer = client.get("/v1/model")
        assert kind_of(answer) == "records-unavailable"
        assert str(tmp_path) not in answer.text


@pytest.mark.parametrize(
    ("error", "kind"), [(RecordsFullError(Path("/x")), "records-full"), (RecordsBusyError(Path("/x")), "records-busy")]
)
def test_what_cannot_be_recorded_is_not_shown(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Audit, "record", fail)
    with running(settings) as client:
        answer = client.post("/v1/recommendations", json={"profile": LACEMAKER})
        assert kind_of(answer) == kind
        assert "recommendations" not in answer.json()
        assert answer.headers["retry-after"]


def test_more_at_once_than_may_wait_are_told_to_ask_again(
    sample_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, gate = threading.Event(), threading.Event()

    def slowly(*_: object) -> dict[str, Any]:
        inside.set()
        gate.wait()
        return {}

    monkeypatch.setattr("api.routes.about.model_document", slowly)
    with running(with_records(sample_home, tmp_path, PASSERELLE_API_THREADS=1, PASSERELLE_API_WAITING=0)) as client:
        first = threading.Thread(target=client.get, args=["/v1/model"])
        first.start()
        try:
            assert inside.wait(10)
            answer = client.get("/v1/sources")
            assert kind_of(answer) == "overloaded"
            assert client.get("/v1/health/live").status_code == 200
        finally:
            gate.set()
            first.join()
        assert client.get("/v1/sources").status_code == 200
