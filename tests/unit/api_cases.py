"""Requests that schemathesis makes of the API's own description, fitting and not; what each answer must hold.

``python -m tests.unit.api_cases --cases 20000`` asks many more than the tests do.
"""

import argparse
import json
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.graph_server import GraphServer
from api.openapi import examples
from api.shapes_cypher import CypherLine
from tests.unit.api_toy import Rows, build_sample, running, settings_for

#: of every answer: no server error, and a status, a type, headers and a document that the description has
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_NDJSON = "application/x-ndjson"
_LINE: TypeAdapter[Any] = TypeAdapter(CypherLine)


class Known:
    """Codes that there are, in the place of made-up ones: what is behind the first check is asked as well."""

    def __init__(self, client: TestClient) -> None:
        build = client.app.state.passerelle.build  # type: ignore[attr-defined]
        self._graph, self._market = build.snapshot.graph, build.snapshot.market
        self._client = client
        self.shown = str(client.post("/v1/recommendations", json=examples()["recommend"]["request"]).json()["id"])
        self.offers = [str(one["id"]) for one in client.get("/v1/offers").json()["offers"]]
        matched = client.post("/v1/matches", json=examples()["match"]["request"]).json()
        self.matched, self.fitting = str(matched["id"]), [str(one["id"]) for one in matched["matches"]]
        self.renew()

    def renew(self) -> None:
        """A seeker that is there; a case may have erased or changed the one of before."""
        self.seeker = str(self._client.post("/v1/seekers", json=examples()["createSeeker"]["request"]).json()["id"])

    def one_id(self, path: str, body: Any) -> str:
        """The id of what a path is about; of a list of offers where an offer is decided on."""
        if isinstance(body, dict) and "offer" in body:
            return self.matched
        if "offers" in path:
            return self.offers[0]
        return self.shown if "recommendations" in path else self.seeker

    def codes(self, name: str, number: int) -> str | None:
        """One of the codes of a field of this name, None where it is no code."""
        lists: dict[str, Any] = {
            "codeRome": self._graph.codes,
            "changedTo": self._graph.codes,
            "from": self._graph.codes,
            "to": self._graph.codes,
            "codeOgr": self._graph.skill_codes,
            "skills": self._graph.skill_codes,
            "refusedContexts": self._graph.context_codes,
            "area": self._market.area_codes,
            "codeInsee": [seat for seat in self._market.seats if seat],
            "seekerId": [self.seeker],
            "offer": self.fitting,
        }
        found = lists.get(name)
        return None if found is None else str(found[number % len(found)])

    def put(self, value: Any, name: str = "") -> Any:
        """A value with codes that there are; each at its own place, so that none comes twice."""
        match value:
            case dict():
                return {key: self.put(one, key) for key, one in value.items()}
            case list():
                return [
                    self.put(one, name) if isinstance(one, dict) else self._one(one, name, place)
                    for place, one in enumerate(value)
                ]
            case _:
                return self._one(value, name, 0)

    def _one(self, value: Any, name: str, place: int) -> Any:
        if not isinstance(value, str):
            return value
        found = self.codes(name, place + sum(map(ord, value)))
        return value if found is None else found


class Asker:
    """Asks cases of an application, and counts what came."""

    def __init__(self, client: TestClient) -> None:
        self.statuses: Counter[int] = Counter()
        self.fitting: Counter[str] = Counter()
        self._client = client
        self._known = Known(client)
        app = client.app
        assert isinstance(app, FastAPI)
        self.schema = schemathesis.openapi.from_dict(app.openapi())
        self.operations = {one.ok().label: one.ok() for one in self.schema.get_all_operations()}

    def cases(self, label: str) -> st.SearchStrategy[Case]:
        """Cases of an operation: fitting or not; as they were made up, or with codes that there are, in a body that was
        answered but for some of its fields; one of eight with a token."""
        operation = self.operations[label]
        either = operation.as_strategy(GenerationMode.POSITIVE) | operation.as_strategy(GenerationMode.NEGATIVE)
        return st.builds(self._made, either, st.booleans(), st.integers(0, 255), st.integers(0, 7))

    def _made(self, case: Case, known: bool, kept: int, token: int) -> Case:
        if token:
            case.headers.pop("Authorization", None)
        if not known:
            return case
        for part in ("path_parameters", "query", "body"):
            setattr(case, part, self._known.put(getattr(case, part)))
        operation = case.operation.definition.raw["operationId"]
        answered = examples().get(operation, {}).get("request")
        if operation == "giveFeedback" and kept & 64:
            # there is one example of each route, and this one decides on an offer as well
            answered = {"offer": self._known.fitting[0], "choice": "dismiss", "reason": "hours"}
        if answered is not None and isinstance(case.body, dict):
            some = [name for place, name in enumerate(case.body) if kept >> place % 8 & 1]
            case.body = answered | {name: case.body[name] for name in some}
        if case.path_parameters and "id" in case.path_parameters:
            case.path_parameters["id"] = self._known.one_id(case.path, case.body)
        return case

    def ask(self, case: Case) -> None:
        """Sends a case; raises where the answer is not one that the description has."""
        given = case.as_transport_kwargs(base_url="http://127.0.0.1")
        data, cookies = given.pop("data", None), given.pop("cookies", None)
        if cookies:
            given["headers"]["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        if data is not None:
            given["content"] = data if isinstance(data, bytes | str) else json.dumps(data)
        answer = self._client.request(**given)
        self.statuses[answer.status_code] += 1
        if answer.status_code < 300:
            self.fitting[case.operation.label] += 1
            if case.method in ("DELETE", "PUT"):
                self._known.renew()
        lines = answer.headers.get("content-type") == _NDJSON
        checks = [one for one in CHECKS if not (lines and one is response_schema_conformance)]
        case.validate_response(answer, checks=checks)
        if lines:
            for line in answer.text.splitlines():
                _LINE.validate_json(line)


def ask_many(asker: Asker, label: str, cases: int) -> None:
    """Asks so many cases of one operation; the same ones each time."""

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=asker.cases(label))
    def run(case: Case) -> None:
        asker.ask(case)

    run()


@contextmanager
def asking(home: Path, records: Path) -> Iterator[Asker]:
    """An asker of an application over a build, with a graph server that answers a row to everything."""
    rates = {"PASSERELLE_RATE_PER_MINUTE": 1_000_000, "PASSERELLE_FAILURES_PER_MINUTE": 10_000}
    given_settings = settings_for(home, PASSERELLE_RECORDS=records, **rates)
    with running(given_settings) as client:
        info = client.app.state.passerelle.build.snapshot.info  # type: ignore[attr-defined]
        marker = Mock(checksum=info.checksum, meta=Mock(data_version=info.data_version, sample=info.sample))
        with (
            patch.object(GraphServer, "marker", return_value=marker),
            patch("api.routes.cypher.stream_read_only", side_effect=lambda *_, **__: Rows(("code",), [["A1203"]])),
        ):
            yield Asker(client)


def main() -> None:
    """Asks of every operation its share of the cases, and prints what came; ends at the first answer that is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000, help="all together")
    wanted = parser.parse_args().cases
    logging.disable(logging.WARNING)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        home = build_sample(Path(directory) / "home")
        with asking(home, Path(directory) / "r" / "records.sqlite") as asker:
            share = -(-wanted // len(asker.operations))
            for label in asker.operations:
                before = asker.statuses.total()
                ask_many(asker, label, share)
                print(f"{label}: {asker.statuses.total() - before}, {asker.fitting[label]} answered", flush=True)
            statuses = dict(sorted(asker.statuses.items()))
            print(f"{asker.statuses.total()} cases, {time.monotonic() - began:.0f} s: {statuses}")


if __name__ == "__main__":
    main()
