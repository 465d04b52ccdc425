"""A build that is put in use is taken while requests are answered: none fails, none sees two, workers agree."""

import gc
import json
import shutil
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
import pytest
import requests
from fastapi.testclient import TestClient

from api.state import State
from passerelle import snapshot
from passerelle.builds import current_build
from passerelle.errors import NotBuiltError
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot, save_build
from recommend.learned import shipped
from tests.unit.api_toy import LACEMAKER, ask_everything, running, sample_home, settings_for
from tests.unit.test_api_serve import PROGRAM, environment, free_port, until_ready

__all__ = ["sample_home"]

#: what tells one build from another in every byte that matters: weights, hence scores and order, and the versions
QUESTIONS: dict[str, tuple[str, str, Any]] = {
    "recommendations": ("POST", "/v1/recommendations", {"profile": LACEMAKER, "lens": "skills", "limit": 5}),
    "gap": ("POST", "/v1/gap", {"profile": LACEMAKER, "codeRome": "H2605"}),
    "paths": ("GET", "/v1/paths?from=B1804&to=H2605", None),
    "occupation": ("GET", "/v1/occupations/B1804", None),
    "model": ("GET", "/v1/model", None),
    "market": ("GET", "/v1/occupations/H2605/market?codeInsee=01001", None),
}
#: of one answer that is recorded, whatever the build
_OF_ITS_OWN = {"id": "", "shownAt": ""}
Names = tuple[str, str]


@pytest.fixture(scope="module")
def two_builds(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two builds of other weights; the first is in use."""
    home = tmp_path_factory.mktemp("two") / "home"
    for kept in ("builds", "offers"):
        shutil.copytree(sample_home / kept, home / kept)
    first = Snapshot.open(home)
    learned = shipped()
    halved = {
        name: replace(one, weights={feature: weight / 2 for feature, weight in one.weights.items()})
        for name, one in learned.situations.items()
    }
    other = replace(learned, seed=learned.seed + 1, situations=halved)
    info = replace(first.info, fingerprint="other", model_version=other.name)
    save_build(home, first.tables, info, [], other, first.country)
    put_in_use(home, first.info.fingerprint)
    return home


@pytest.fixture
def home(two_builds: Path, tmp_path: Path) -> Path:
    """Both builds, in a home of one's own."""
    shutil.copytree(two_builds, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture(scope="module")
def alone(two_builds: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Fingerprint -> question -> what that build alone answers."""
    home = tmp_path_factory.mktemp("alone") / "home"
    shutil.copytree(two_builds, home)
    return whole_answers(home)


def test_a_build_of_before_its_places_were_kept_as_arrays_is_refused(home: Path) -> None:
    first, _ = names_of(home)
    shutil.rmtree(home / "builds" / first / "arrays" / "places")
    with pytest.raises(NotBuiltError, match=r"autre version.*places"):
        Snapshot.open(home)


def names_of(home: Path) -> Names:
    """Fingerprint of the first build and of the other."""
    first = current_build(home)
    assert first is not None
    return first.fingerprint, "other"


def put_in_use(home: Path, fingerprint: str) -> None:
    """As a build does when it is complete."""
    pointer = home / "builds" / ".next"
    pointer.write_text(fingerprint, encoding="utf-8")
    pointer.replace(home / "builds" / "current")


def settings_of(home: Path) -> Settings:
    return settings_for(home, PASSERELLE_RECORDS=home.parent / "r" / "records.sqlite")


def answer_of(ask: Callable[..., Any], name: str) -> str:
    """One answer, without what is of its own; fails where it is no answer."""
    method, path, body = QUESTIONS[name]
    answer = ask(method, path, json=body)
    assert answer.status_code == 200, (name, answer.text)
    return json.dumps({key: _OF_ITS_OWN.get(key, value) for key, value in answer.json().items()}, sort_keys=True)


def whole_answers(home: Path) -> dict[str, dict[str, str]]:
    first, other = names_of(home)
    found = {}
    for fingerprint in (other, first):
        put_in_use(home, fingerprint)
        with running(settings_of(home)) as client:
            found[fingerprint] = {name: answer_of(client.request, name) for name in QUESTIONS}
    # each must tell the builds from one another
    assert all(found[first][name] != found[other][name] for name in QUESTIONS)
    return found


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def state_and_client(home: Path) -> Iterator[tuple[State, TestClient]]:
    with running(settings_of(home)) as client:
        yield client.app.state.passerelle, client  # type: ignore[attr-defined]


def test_every_answer_under_load_is_wholly_of_one_build_and_none_fails(
    home: Path, alone: dict[str, dict[str, str]]
) -> None:
    names = names_of(home)
    over = threading.Event()

    def load(client: TestClient, start: int) -> list[tuple[str, str]]:
        asked = list(QUESTIONS)
        given = []
        while not over.is_set():
            start += 1
            name = asked[start % len(asked)]
            given.append((name, answer_of(client.request, name)))
        return given

    with running(settings_of(home)) as client, ThreadPoolExecutor(4) as pool:
        state: State = client.app.state.passerelle  # type: ignore[attr-defined]
        running_loads = [pool.submit(load, client, start) for start in range(4)]
        try:
            # one of them by the worker's own look, the others at once
            put_in_use(home, names[1])
            until(lambda: state.build.snapshot.info.fingerprint == names[1])
            for turn in range(4):
                put_in_use(home, names[turn % 2])
                state.look()
                time.sleep(0.1)
        finally:
            over.set()
        given = [one for each in running_loads for one in each.result()]
    seen = dict.fromkeys(names, 0)
    for name, answer in given:
        (of,) = [fingerprint for fingerprint in names if alone[fingerprint][name] == answer]
        seen[of] += 1
    assert min(seen.values()) > 0, seen


def test_no_route_takes_the_build_twice(
    state_and_client: tuple[State, TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, client = state_and_client
    taken: list[State] = []
    most: dict[str, int] = {}
    build, request = State.build.fget, client.request  # type: ignore[attr-defined]

    def taking(self: State) -> Any:
        taken.append(self)
        return build(self)

    def asking(method: str, url: str, **others: Any) -> Any:
        taken.clear()
        answer = request(method, url, **others)
        most[f"{method} {url}"] = len(taken)
        return answer

    monkeypatch.setattr(State, "build", property(taking))
    monkeypatch.setattr(client, "request", asking)
    ask_everything(client)
    assert max(most.values()) == 1, most


def test_a_request_under_way_keeps_its_build(
    state_and_client: tuple[State, TestClient], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, client = state_and_client
    first, other = names_of(home)
    inside, gate = threading.Event(), threading.Event()
    rank = snapshot.Snapshot.graph.fget  # type: ignore[attr-defined]

    def slowly(self: Snapshot) -> Any:
        if threading.current_thread().name.startswith("AnyIO"):
            inside.set()
            gate.wait(20)
        return rank(self)

    monkeypatch.setattr(Snapshot, "graph", property(slowly))
    before, kept = state.build.snapshot.info.model_version, weakref.ref(state.build)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(client.get, "/v1/occupations/B1804")
        try:
            assert inside.wait(20)
            put_in_use(home, other)
            state.look()
            assert state.build.snapshot.info.fingerprint == other
        finally:
            gate.set()
        assert asked.result().json()["modelVersion"] == before
    # and nothing keeps it once nobody is answered from it
    gc.collect()
    assert kept() is None
    assert client.get("/v1/occupations/B1804").json()["modelVersion"] != before
    assert first != other


def test_a_build_that_cannot_be_opened_leaves_the_one_in_use_and_is_tried_again(
    state_and_client: tuple[State, TestClient], home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    state, client = state_and_client
    first, other = names_of(home)
    arrays = home / "builds" / other / "arrays"
    arrays.rename(arrays.with_name("away"))
    put_in_use(home, other)
    for _ in range(3):
        state.look()
    assert client.get("/v1/model").status_code == 200
    assert state.build.snapshot.info.fingerprint == first
    # said once, with where it is, for who reads the log
    assert len([one for one in caplog.records if one.levelname in ("WARNING", "ERROR")]) == 1
    arrays.with_name("away").rename(arrays)
    state.look()
    # not at once: opening costs
    assert state.build.snapshot.info.fingerprint == first
    with patch("api.state.AGAIN_S", 0), patch("api.state.time.monotonic", lambda: time.time() + 1e9):
        state.look()
    assert state.build.snapshot.info.fingerprint == other
    # a pointer that is gone, or leads nowhere, takes nothing away
    put_in_use(home, "nothing")
    state.look()
    (home / "builds" / "current").unlink()
    state.look()
    assert client.get("/v1/model").status_code == 200


def test_the_first_build_is_taken_without_a_start(sample_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(settings_of(home)) as client:
        assert client.get("/v1/model").json()["type"] == "/v1/problems/not-built"
        shutil.copytree(sample_home / "builds", home / "builds")
        until(lambda: client.get("/v1/health/ready").status_code == 200)
        assert client.get("/v1/model").status_code == 200


def test_records_that_could_not_be_opened_are_opened_once_they_can_be(sample_home: Path, tmp_path: Path) -> None:
    settings = settings_for(sample_home, PASSERELLE_RECORDS=tmp_path / "r" / "records.sqlite")
    (tmp_path / "r").write_text("in the way")
    with running(settings) as client:
        assert client.get("/v1/model").json()["type"] == "/v1/problems/records-unavailable"
        (tmp_path / "r").unlink()
        until(lambda: client.get("/v1/health/ready").status_code == 200)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGHUP")
def test_two_workers_take_a_build_without_dropping_a_request_and_agree(
    home: Path, alone: dict[str, dict[str, str]]
) -> None:
    first, other = names_of(home)
    port, log = free_port(), home.parent / "serve.log"
    with log.open("wb") as written:
        command = [*PROGRAM, "serve", "--port", str(port), "--workers", "2"]
        place = environment(home, home.parent / "r" / "records.sqlite") | {"PASSERELLE_RATE_PER_MINUTE": "100000"}
        process = psutil.Popen(command, env=place, stderr=written, stdout=written, cwd=home.parent)
        try:
            until_ready(port, process)
            workers = {one.pid for one in process.children(recursive=True)}
            over = threading.Event()

            def ask(name: str) -> str:
                # a connection each, so that both workers are asked
                return answer_of(
                    lambda method, path, json: requests.request(
                        method, f"http://127.0.0.1:{port}{path}", json=json, timeout=30
                    ),
                    name,
                )

            def load() -> list[str]:
                given = []
                while not over.is_set():
                    given.append(ask("recommendations"))
                return given

            with ThreadPoolExecutor(3) as pool:
                loads = [pool.submit(load) for _ in range(3)]
                try:
                    put_in_use(home, other)
                    process.send_signal(signal.SIGHUP)
                    until(lambda: log.read_text().count("api build: ") == 4)
                    # from here on both hold the new one
                    agreed = {ask("model") for _ in range(20)}
                finally:
                    over.set()
                given = [one for each in loads for one in each.result()]
            assert agreed == {alone[other]["model"]}
            assert {alone[first]["recommendations"], alone[other]["recommendations"]} == set(given)
            # SIGHUP replaced none of them
            assert {one.pid for one in process.children(recursive=True)} == workers
            assert not [word for word in ("Traceback", "B1804") if word in log.read_text()]
        finally:
            for child in [*process.children(recursive=True), process]:
                child.kill()
            process.wait(10)
