"""Where offers are kept: what is shown, what closes and why, and a whole sync against a faulty service."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from ingest.offers import OfferReader
from ingest.offers_api import ApiKeys, OffersApi
from ingest.offers_errors import OffersStoreError
from ingest.offers_fetch import load, sync
from ingest.offers_model import LICENCE_URL, SOURCE, Offer
from ingest.offers_store import LEAST_OPEN, OffersStore, ScopeOutcome
from passerelle.errors import DataFileError
from tests.unit import offers_server as faulty
from tests.unit.offers_server import CLIENT_ID, CLIENT_SECRET, OffersServer, offer, offers_server
from tests.unit.toy import toy_tables

NORD, RHONE = "département 59", "département 69"
DAY = datetime(2026, 3, 11, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[OffersStore]:
    with OffersStore(tmp_path / "offers" / "offers.sqlite") as store:
        yield store


@pytest.fixture(scope="module")
def reader() -> OfferReader:
    return OfferReader.of(toy_tables(), None)


def some(*ids: str, title: str = "Brodeur") -> list[Offer]:
    return [Offer(id=one, title=title, updated=DAY) for one in ids]


def ids(store: OffersStore, now: datetime) -> list[str]:
    return [shown.offer.id for shown in store.shown(now)]


def take(store: OffersStore, scope: str, *given: str, at: datetime = DAY, whole: bool = True) -> ScopeOutcome:
    return store.apply(SOURCE, scope, some(*given), at=at, whole=whole)


def test_an_offer_lives_changes_closes_and_comes_back(store: OffersStore) -> None:
    assert take(store, NORD, "A", "B") == ScopeOutcome(added=2)
    changed = store.apply(SOURCE, NORD, some("A", title="Brodeuse") + some("B"), at=DAY + HOUR, whole=True)
    assert changed == ScopeOutcome(updated=1, unchanged=1)
    assert take(store, NORD, "A", at=DAY + 2 * HOUR).closed == 1
    assert ids(store, DAY + 2 * HOUR) == ["A"]
    assert take(store, NORD, "A", "B", at=DAY + 3 * HOUR).reopened == 1
    assert ids(store, DAY + 3 * HOUR) == ["A", "B"]
    told = [(one.at, one.before, one.after, one.reason) for one in store.history("B")]
    assert told == [
        (DAY, None, "open", f"vue pour la première fois ({SOURCE}, {NORD})"),
        (DAY + 2 * HOUR, "open", "closed", f"absente à la source ({NORD}) le 2026-03-11T10:00:00.000000+00:00"),
        (DAY + 3 * HOUR, "closed", "open", f"vue de nouveau ({SOURCE}, {NORD})"),
    ]


def test_each_display_has_its_mention(store: OffersStore) -> None:
    take(store, NORD, "A")
    (shown,) = store.shown(DAY + HOUR)
    assert shown.mention.startswith(
        f"Source : {SOURCE}. Dernière mise à jour de l'offre : 11/03/2026 ; vérifiée le 11/03/"
    )
    assert shown.mention.endswith(LICENCE_URL)
    undated = type(shown)(Offer(id="B"), SOURCE, DAY)
    assert "non précisé" in undated.mention


def test_what_did_not_come_whole_closes_nothing(store: OffersStore) -> None:
    take(store, NORD, "A", "B")
    assert take(store, NORD, "A", at=DAY + HOUR, whole=False).closed == 0
    assert ids(store, DAY + HOUR) == ["A", "B"]
    assert store.confirmed() == {(SOURCE, NORD): DAY}


def test_a_scope_closes_only_its_own(store: OffersStore) -> None:
    take(store, NORD, "A")
    take(store, RHONE, "B", at=DAY + HOUR)
    assert ids(store, DAY + HOUR) == ["A", "B"]
    # an offer that moves to another department is the other's from then on
    take(store, RHONE, "A", "B", at=DAY + 2 * HOUR)
    assert take(store, NORD, at=DAY + 3 * HOUR).closed == 0
    assert ids(store, DAY + 3 * HOUR) == ["A", "B"]


def test_an_answer_without_most_of_what_was_there_is_not_believed_at_once(store: OffersStore) -> None:
    names = [f"{number:03d}" for number in range(LEAST_OPEN)]
    take(store, NORD, *names)
    few = names[: LEAST_OPEN // 2 - 1]
    assert take(store, NORD, *few, at=DAY + HOUR).withheld == LEAST_OPEN - len(few)
    assert ids(store, DAY + HOUR) == names
    sure = store.apply(SOURCE, NORD, some(*few), at=DAY + 2 * HOUR, whole=True, confirmed=True)
    assert sure.closed == LEAST_OPEN - len(few)
    assert ids(store, DAY + 2 * HOUR) == few


def test_nothing_older_than_a_day_is_shown_and_it_expires_with_its_reason(store: OffersStore) -> None:
    take(store, NORD, "A")
    assert ids(store, DAY + 24 * HOUR) == ["A"]
    assert ids(store, DAY + 25 * HOUR) == []
    assert [shown.offer.id for shown in store.shown(DAY + 25 * HOUR, fresh=None)] == ["A"]
    assert store.expire(DAY + 24 * HOUR) == 0
    assert store.expire(DAY + 25 * HOUR) == 1
    assert store.statuses() == {"expired": 1}
    assert store.history("A")[-1].reason == "non confirmée depuis le 2026-03-11T08:00:00.000000+00:00, plus de 24 h"


def test_what_is_closed_leaves_nothing_of_its_content_on_the_disk(store: OffersStore) -> None:
    store.apply(SOURCE, NORD, [Offer(id="A", description="phrase-unique-du-recruteur")], at=DAY, whole=True)
    assert b"phrase-unique" in store.path.read_bytes()
    take(store, NORD, at=DAY + HOUR)
    left = b"".join(path.read_bytes() for path in store.path.parent.iterdir())
    assert b"phrase-unique" not in left


def test_older_news_changes_nothing(store: OffersStore) -> None:
    take(store, NORD, "A", at=DAY)
    with pytest.raises(OffersStoreError, match="plus anciennes"):
        take(store, NORD, at=DAY - HOUR)
    assert take(store, "fichier vieux.json", "A", at=DAY - HOUR).older == 1
    assert ids(store, DAY) == ["A"]
    with pytest.raises(ValueError, match="zone"):
        take(store, NORD, at=datetime(2026, 3, 12))


def test_a_scope_is_taken_in_whole_or_not_at_all(store: OffersStore) -> None:
    take(store, NORD, "A")

    def half() -> Iterator[Offer]:
        yield from some("B", "C")
        raise RuntimeError("the reader fails")

    with pytest.raises(RuntimeError):
        store.apply(SOURCE, NORD, half(), at=DAY + HOUR, whole=True)
    assert store.statuses() == {"open": 1}
    assert not store.history("B")


@pytest.mark.parametrize("kind", ["text", "other", "directory", "newer"])
def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "offers.sqlite"
    if kind == "text":
        path.write_text("pas une base de données, " * 100, encoding="utf-8")
    elif kind == "directory":
        path.mkdir()
    elif kind == "other":
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE theirs (x)")
        connection.close()
    else:
        OffersStore(path).close()
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA user_version = 99")
        connection.close()
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(OffersStoreError, match=r"offers\.sqlite"):
        OffersStore(path, busy_timeout_s=0.1)
    assert before == (path.read_bytes() if path.is_file() else None)


_SEEN = st.sets(st.sampled_from("ABCDEF"))
_STEPS = st.lists(st.tuples(st.sampled_from([NORD, RHONE]), _SEEN, st.booleans(), st.integers(1, 20)), max_size=12)


@settings(max_examples=30, deadline=None)
@given(steps=_STEPS)
def test_whatever_comes_what_is_shown_was_seen_and_is_not_gone(
    steps: list[tuple[str, set[str], bool, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    now = DAY
    last: dict[str, tuple[str, datetime]] = {}
    confirmed: dict[str, datetime] = {}
    with OffersStore(tmp_path_factory.mktemp("model") / "offers.sqlite") as store:
        for scope, seen, whole, hours in steps:
            now += hours * HOUR
            store.apply(SOURCE, scope, some(*sorted(seen)), at=now, whole=whole)
            last |= dict.fromkeys(seen, (scope, now))
            if whole:
                confirmed[scope] = now
            expected = {
                one
                for one, (where, when) in last.items()
                if when >= confirmed.get(where, when) and now - when <= 24 * HOUR
            }
            assert set(ids(store, now)) == expected
            for one in last:
                changes = store.history(one)
                assert all(change.reason for change in changes)
                # each change begins where the one before it ended
                befores = [change.before for change in changes]
                assert befores == [None, *(change.after for change in changes[:-1])]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[OffersServer, OffersApi]]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with offers_server() as server:
        keys = ApiKeys(SecretStr(CLIENT_ID), SecretStr(CLIENT_SECRET))
        urls = {"search_url": server.url("/search"), "token_url": server.url("/token")}
        yield server, OffersApi(keys, **urls, sleep=lambda _: None)


def test_a_sync_goes_on_where_a_department_fails(
    service: tuple[OffersServer, OffersApi], reader: OfferReader, store: OffersStore
) -> None:
    server, api = service
    server.offers = [offer(1), offer(2), offer(3, "69"), offer(4, "2A")]
    first = list(sync(api, reader, store, ["59", "69", "2A"], now=lambda: DAY))
    assert [report.problem for report in first] == [None, None, None]
    assert ids(store, DAY) == ["0000001", "0000002", "0000003", "0000004"]
    server.offers = [offer(1, romeCode="Z9999"), offer(3, "69"), offer(5, "69")]
    server.faults = [*[faulty.status(503)] * 5]
    later = DAY + 2 * HOUR
    failed, done, gone = sync(api, reader, store, ["59", "69", "2A"], now=lambda: later)
    assert "503" in failed.message
    assert done.outcome == ScopeOutcome(added=1, unchanged=1)
    assert gone.outcome == ScopeOutcome(closed=1)
    assert ids(store, later) == ["0000001", "0000002", "0000003", "0000005"]
    (mended,) = sync(api, reader, store, ["59"], now=lambda: later + HOUR)
    assert mended.outcome == ScopeOutcome(updated=1, closed=1)
    assert mended.reading is not None
    assert next(one.count for one in mended.reading.findings if one.code == "unknownRome") == 1


def test_a_sync_a_little_late_opens_nothing_anew_and_ends_what_it_could_not_confirm(
    service: tuple[OffersServer, OffersApi], reader: OfferReader, store: OffersStore
) -> None:
    server, api = service
    server.offers = [offer(1), offer(3, "69")]
    list(sync(api, reader, store, ["59", "69"], now=lambda: DAY))
    late = DAY + 24 * HOUR + timedelta(minutes=1)
    (report,) = sync(api, reader, store, ["59"], now=lambda: late)
    assert report.outcome == ScopeOutcome(unchanged=1)
    assert ids(store, late) == ["0000001"]
    assert store.statuses() == {"open": 1, "expired": 1}


def test_a_sync_stops_asking_a_service_that_is_down(
    service: tuple[OffersServer, OffersApi], reader: OfferReader, store: OffersStore
) -> None:
    server, api = service
    server.faults = [faulty.status(502)] * 100
    reports = list(sync(api, reader, store, ["01", "02", "03", "04", "05"], now=lambda: DAY))
    assert [report.outcome for report in reports] == [None] * 5
    assert "non demandé" in (reports[-1].problem or "")
    assert len(server.asked) == 15


def test_an_offer_that_becomes_unreadable_is_closed_for_that(store: OffersStore) -> None:
    take(store, NORD, "A", "B")
    store.apply(SOURCE, NORD, some("A"), at=DAY + HOUR, whole=True, unreadable=("B",))
    assert store.history("B")[-1].reason.startswith("illisible à la source")


def test_a_file_is_as_recent_as_its_newest_offer(tmp_path: Path, reader: OfferReader, store: OffersStore) -> None:
    path = tmp_path / "offres.json"
    path.write_text(json.dumps([offer(1), offer(2)]), encoding="utf-8")
    report = load(path, reader, store)
    assert report.outcome == ScopeOutcome(added=2)
    assert "2 nouvelles" in report.message
    assert store.confirmed() == {(SOURCE, "fichier offres.json"): datetime(2026, 3, 1, 8, 2, tzinfo=UTC)}
    assert load(path, reader, store, as_of=DAY).outcome == ScopeOutcome(unchanged=2)
    path.write_text('[{"id": "A"}]', encoding="utf-8")
    with pytest.raises(DataFileError, match="--as-of"):
        load(path, reader, store)
