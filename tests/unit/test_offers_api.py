"""The client of France Travail's API, against a server that fails in every way it can."""

import logging
import traceback
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from ingest.offers_api import MAX_WAIT_S, ApiKeys, OffersApi
from ingest.offers_errors import OffersAccessError, OffersServiceError
from ingest.offers_fetch import collect
from passerelle.errors import OffersError
from passerelle.settings import Settings
from tests.unit import offers_server as faulty
from tests.unit.offers_server import BEGINNING, CLIENT_ID, CLIENT_SECRET, OffersServer, offer, offers_server

NOW = BEGINNING + timedelta(days=10)


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[OffersServer]:
    with offers_server() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


def client(server: OffersServer, clock: Clock, secret: str = CLIENT_SECRET) -> OffersApi:
    return OffersApi(
        ApiKeys(SecretStr(CLIENT_ID), SecretStr(secret)),
        search_url=server.url("/offres/search"),
        token_url=server.url("/access_token"),
        sleep=clock.sleep,
        clock=clock,
    )


def test_pages_add_up_to_all_offers_once(server: OffersServer, clock: Clock) -> None:
    server.offers = [offer(number) for number in range(437)] + [offer(9000, "62")]
    found = collect(client(server, clock), "59", now=NOW)
    assert set(found.records) == {one["id"] for one in server.offers[:437]}
    assert found.whole
    assert [asked["range"] for asked in server.asked] == ["0-149", "150-299", "300-449"]
    path, form = server.token_requests[0]
    assert path == "/access_token?realm=%2Fpartenaire"
    assert (form["grant_type"], form["scope"]) == ("client_credentials", "api_offresdemploiv2 o2dsoffre")
    assert len(server.token_requests) == 1


def test_a_department_without_offers_is_whole_and_empty(server: OffersServer, clock: Clock) -> None:
    found = collect(client(server, clock), "48", now=NOW)
    assert found.whole
    assert not found.records


def test_what_one_question_cannot_reach_is_divided_by_date(server: OffersServer, clock: Clock) -> None:
    # most were created on the same morning, as after a partner's delivery
    server.offers = [offer(number, minutes=number % 90) for number in range(3400)]
    server.offers += [offer(number, minutes=-number * 1000) for number in range(3400, 3450)]
    found = collect(client(server, clock), "59", now=NOW)
    assert found.whole
    assert set(found.records) == {one["id"] for one in server.offers}
    assert max(int(asked["range"].split("-")[0]) for asked in server.asked) <= 3000


def test_more_offers_of_one_second_than_can_be_reached_are_not_called_whole(server: OffersServer, clock: Clock) -> None:
    server.offers = [offer(number, minutes=5) for number in range(3200)]
    found = collect(client(server, clock), "59", now=NOW)
    assert len(found.records) == 3150
    assert found.missing == 50


def test_at_most_ten_requests_a_second(server: OffersServer, clock: Clock) -> None:
    server.offers = [offer(number) for number in range(3000)]
    begun = clock.now
    api = client(server, clock)
    collect(api, "59", now=NOW)
    assert api.requests == 20
    assert clock.now - begun >= (api.requests - 1) / 10 - 1e-6


def test_a_token_is_renewed_before_its_end_and_when_it_is_taken_back(server: OffersServer, clock: Clock) -> None:
    server.offers = [offer(number) for number in range(300)]
    api = client(server, clock)
    api.page({"departement": "59"}, 0)
    clock.now += 1400
    api.page({"departement": "59"}, 0)
    assert api.tokens == 1
    clock.now += 60
    api.page({"departement": "59"}, 0)
    assert api.tokens == 2
    server.faults = [faulty.revoked]
    assert len(api.page({"departement": "59"}, 150).records) == 150
    assert api.tokens == 3


def test_a_token_refused_as_soon_as_given_is_said(server: OffersServer, clock: Clock) -> None:
    server.faults = [faulty.revoked, faulty.revoked]
    with pytest.raises(OffersAccessError, match="refuse le jeton"):
        client(server, clock).page({}, 0)


@pytest.mark.parametrize(
    ("faults", "waits"),
    [
        ([faulty.status(429, {"Retry-After": "7"})], [7.0]),
        ([faulty.status(502, {"Retry-After": "3"}), faulty.status(503)], [3.0, 2.0]),
        ([faulty.status(500), faulty.status(504)], [1.0, 2.0]),
        ([faulty.status(502, {"Retry-After": "bientôt"})], [1.0]),
        ([faulty.html()], [1.0]),
        ([faulty.html(502)], [1.0]),
        ([faulty.cut], [1.0]),
        ([faulty.half], [1.0]),
        ([faulty.elsewhere], [1.0]),
        ([faulty.cut, faulty.half, faulty.html(), faulty.status(429)], [1.0, 2.0, 4.0, 8.0]),
    ],
)
def test_what_passes_by_itself_is_asked_again(
    server: OffersServer, clock: Clock, faults: list[faulty.Fault], waits: list[float]
) -> None:
    server.offers = [offer(number) for number in range(200)]
    server.faults = list(faults)
    found = collect(client(server, clock), "59", now=NOW)
    assert len(found.records) == 200
    # what is shorter is the pace of ten a second
    assert [wait for wait in clock.waits if wait > 0.5] == waits


def test_a_failing_token_service_is_asked_again(server: OffersServer, clock: Clock) -> None:
    server.offers = [offer(1)]
    server.token_faults = [faulty.status(503, {"Retry-After": "2"}), faulty.html(), faulty.status(200)]
    assert len(client(server, clock).page({}, 0).records) == 1


def test_patience_ends(server: OffersServer, clock: Clock) -> None:
    server.faults = [faulty.status(502)] * 9
    with pytest.raises(OffersServiceError, match=r"502 \(5 essais\)"):
        client(server, clock).page({}, 0)
    assert len(server.asked) == 5


def test_a_wait_without_end_is_refused(server: OffersServer, clock: Clock) -> None:
    server.faults = [faulty.status(429, {"Retry-After": "86400"})]
    with pytest.raises(OffersServiceError, match=r"attente demandée : \d{5} s"):
        client(server, clock).page({}, 0)
    assert max(clock.waits, default=0.0) <= MAX_WAIT_S


def test_what_is_final_is_not_asked_again(server: OffersServer, clock: Clock) -> None:
    server.faults = [faulty.status(400, message="Valeur du paramètre « departement » incorrecte.")]
    with pytest.raises(OffersServiceError, match="« departement » incorrecte"):
        client(server, clock).page({"departement": "XX"}, 0)
    server.faults = [faulty.status(403)]
    with pytest.raises(OffersAccessError, match="403"):
        client(server, clock).page({}, 0)
    server.faults = [faulty.status(302, {"Location": "http://127.0.0.1:9/ailleurs"})]
    with pytest.raises(OffersServiceError, match="302"):
        client(server, clock).page({}, 0)
    assert len(server.asked) == 3


def test_offers_that_arrive_and_go_between_two_pages(server: OffersServer, clock: Clock) -> None:
    server.offers = [offer(number) for number in range(400)]
    stay = {one["id"] for one in server.offers}

    def change(request: int) -> None:
        if request == 2:  # new ones push the others on: duplicates across pages
            server.offers += [offer(number) for number in range(400, 420)]
        if request == 3:  # these go: others slip past the page that is asked for
            server.offers = [one for one in server.offers if not "0000380" <= one["id"] <= "0000399"]

    server.before = change
    found = collect(client(server, clock), "59", now=NOW)
    assert found.whole
    assert stay - {f"{number:07d}" for number in range(380, 400)} <= set(found.records)


def test_an_answer_that_never_holds_what_it_announces_is_not_whole(server: OffersServer, clock: Clock) -> None:
    server.offers = [offer(number) for number in range(200)]
    # each time the second page is asked for, the first offers have gone to its end
    server.before = lambda request: server.offers.extend([offer(10**6 + request), offer(2 * 10**6 + request)])
    found = collect(client(server, clock), "59", now=NOW)
    assert not found.whole
    assert len(found.records) >= 200


def test_keys_and_tokens_are_seen_nowhere(
    server: OffersServer, clock: Clock, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    token = "jeton-1-c2VjcmV0"
    every: list[tuple[str, list[faulty.Fault], list[faulty.Fault]]] = [
        ("faux-secret-987654", [], []),
        (CLIENT_SECRET, [faulty.status(400, message=f"refusé : {token} {CLIENT_ID} {CLIENT_SECRET}")], []),
        (CLIENT_SECRET, [faulty.revoked, faulty.revoked], []),
        (CLIENT_SECRET, [faulty.cut] * 5, []),
        (CLIENT_SECRET, [faulty.status(403, message=token)], []),
        (CLIENT_SECRET, [], [faulty.status(400, message=CLIENT_SECRET)]),
        (CLIENT_SECRET, [], [faulty.cut] * 5),
        (CLIENT_SECRET, [], [lambda handler: handler.json(200, {"access_token": f"{CLIENT_SECRET}\r\nX: y"})] * 5),
    ]
    for secret, faults, token_faults in every:
        server.token_requests.clear()
        server.faults, server.token_faults = list(faults), list(token_faults)
        api = client(server, clock, secret)
        with pytest.raises(OffersError) as caught:
            api.page({"departement": "59"}, 0)
        told += [str(caught.value), repr(caught.value), repr(vars(api)), repr(api._keys)]
        told += traceback.format_exception(caught.value)
    told += [caplog.text, *capfd.readouterr()]
    said = "\n".join(told)
    assert "departement=59" in caplog.text, "the log was on"
    for hidden in (CLIENT_SECRET, CLIENT_ID, token, "faux-secret-987654"):
        assert hidden not in said


def test_missing_keys_are_said_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRANCE_TRAVAIL_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("FRANCE_TRAVAIL_CLIENT_SECRET", "")
    with pytest.raises(OffersAccessError, match="FRANCE_TRAVAIL_CLIENT_SECRET"):
        ApiKeys.of(Settings())
    monkeypatch.setenv("FRANCE_TRAVAIL_CLIENT_SECRET", CLIENT_SECRET)
    assert ApiKeys.of(Settings()).client_secret.get_secret_value() == CLIENT_SECRET
    assert CLIENT_SECRET not in repr(Settings())


def test_keys_never_go_in_the_open() -> None:
    keys = ApiKeys(SecretStr("a"), SecretStr("b"))
    for url in ("http://api.francetravail.io/search", "ftp://127.0.0.1/", "http://127.0.0.1.example.org/"):
        with pytest.raises(OffersServiceError, match="https"):
            OffersApi(keys, search_url=url)
