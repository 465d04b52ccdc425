"""The API over a build of the sample and an invented country; ``python -m tests.unit.api_toy`` records the examples."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.graph_server import GraphServer
from graph.analyst import ReadStream
from ingest.sample import sample_directory
from passerelle import pipeline
from passerelle.settings import Settings
from records.store import Records
from tests.unit.country_toy import write_country
from tests.unit.matching_toy import lace_seeker, write_offers

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "api" / "examples.json"
LACEMAKER = {"pastOccupations": [{"codeRome": "B1804", "years": "6+"}]}
FIRST_OCCUPATIONS = "MATCH (o:Occupation) RETURN o.codeRome AS code, o.label AS label ORDER BY code LIMIT $count"
_BUILT: list[Path] = []
RECORDED = LACEMAKER | {"skills": [], "refusedContexts": []}


class Silent:
    """Progress that nobody sees."""

    def step(self, text: str) -> None:
        """Nothing is shown."""


def settings_for(home: Path, **others: Any) -> Settings:
    """Settings of a home of one's own, where matching is on."""
    given = {"PASSERELLE_HOME": home, "PASSERELLE_DATA": sample_directory(), "PASSERELLE_RATE_PER_MINUTE": 100_000}
    return Settings.model_validate(given | {"PASSERELLE_MATCHING": True} | others)


def build_sample(home: Path) -> Path:
    """Builds the sample of the ROME, with a country of four places and a few offers, under a home."""
    data = home.parent / f"{home.name}-data"
    data.mkdir()
    write_country(data)
    pipeline.build(settings_for(home, PASSERELLE_DATA=data), Silent())
    write_offers(home)
    return home


class Rows(ReadStream):
    """What the graph server would give, without one: rows of a test's own, an error where there is one among them."""

    def __init__(self, columns: tuple[str, ...], rows: Sequence[list[Any] | Exception]) -> None:
        self.columns, self.stopped_by, self.seconds, self.closed = columns, None, None, False
        self._rows = rows

    def __iter__(self) -> Iterator[list[Any]]:
        for row in self._rows:
            if isinstance(row, Exception):
                raise row
            yield row
        self.seconds = 0.004

    def close(self) -> None:
        self.closed = True


@contextmanager
def toy_graph(client: TestClient, stream: ReadStream | Exception) -> Iterator[Mock]:
    """In the place of the graph server: it holds the build in use, and answers every text with these rows."""
    app = client.app
    assert isinstance(app, FastAPI)
    info = app.state.passerelle.build.snapshot.info
    marker = Mock(checksum=info.checksum, meta=Mock(data_version=info.data_version, sample=info.sample))
    with (
        patch.object(GraphServer, "marker", return_value=marker),
        patch("api.routes.cypher.stream_read_only", side_effect=[stream]) as asked,
    ):
        yield asked


@contextmanager
def running(settings: Settings) -> Iterator[TestClient]:
    """A client of an application that has loaded."""
    app = create_app(settings)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        app.state.passerelle.wait()
        yield client


def new_key(settings: Settings, *scopes: str) -> dict[str, str]:
    """The header of a key made now."""
    with Records.open(settings.records) as records:
        return {"Authorization": f"Bearer {records.keys.create(scopes).token}"}


def ask_everything(client: TestClient) -> dict[str, tuple[Any, Any]]:
    """operationId -> (body asked, document answered), for every route."""
    found: dict[str, tuple[Any, Any]] = {}

    def ask(name: str, method: str, address: str, body: Any = None) -> Any:
        answer = client.request(method, address, json=body)
        assert answer.status_code < 300, (name, answer.text)
        lines = answer.headers["content-type"] == "application/x-ndjson"
        found[name] = (body, answer.text if lines else answer.json())
        return found[name][1]

    ask("listOccupations", "GET", "/v1/occupations?limit=2")
    ask("searchOccupations", "GET", "/v1/occupations/search?q=dentelli%C3%A8re&limit=2")
    skill = ask("getOccupation", "GET", "/v1/occupations/B1804")["skills"][0]["codeOgr"]
    ask("listContexts", "GET", "/v1/contexts")
    ask("listSkills", "GET", "/v1/skills?limit=2")
    ask("findSkills", "GET", "/v1/skills/search?q=assembler&limit=2")
    ask("getSkill", "GET", f"/v1/skills/{skill}")
    ask("getSimilarSkills", "GET", f"/v1/skills/{skill}/similar")
    ask("listRequiringOccupations", "GET", f"/v1/skills/{skill}/occupations?limit=2")
    ask("getPaths", "GET", "/v1/paths?from=B1804&to=H2605&limit=2")
    ask("compare", "GET", "/v1/compare?codeRome=B1804&codeRome=H2605")
    ask("searchTerritories", "GET", "/v1/territories?q=bourg")
    ask("getTerritory", "GET", "/v1/territories/01001")
    ask("listAreas", "GET", "/v1/territories/areas")
    ask("getArea", "GET", "/v1/territories/areas/0101")
    ask("getMarket", "GET", "/v1/occupations/H2605/market?codeInsee=01001")
    ask("getPotential", "POST", "/v1/potential", {"profile": LACEMAKER, "near": "bourg", "reachKm": 100, "limit": 2})
    ask("getGap", "POST", "/v1/gap", {"profile": LACEMAKER, "codeRome": "H2605"})
    question = {"profile": LACEMAKER, "near": "bourg", "sort": "market", "lens": "skills", "limit": 2}
    shown = ask("recommend", "POST", "/v1/recommendations", question)
    taken = {"codeRome": shown["recommendations"][0]["codeRome"], "choice": "dismiss", "reason": "too-far"}
    ask("giveFeedback", "POST", f"/v1/recommendations/{shown['id']}/feedback", taken)
    ask("getRecommendation", "GET", f"/v1/recommendations/{shown['id']}")
    ask("listReasons", "GET", "/v1/feedback/reasons")
    ask("match", "POST", "/v1/matches", {"profile": LACEMAKER, "near": "bourg", "reachKm": 100, "limit": 2})
    offer = ask("listOffers", "GET", "/v1/offers?limit=2")["offers"][0]["id"]
    fitting = client.post("/v1/seekers", json=lace_seeker()).json()["id"]
    ask("findCandidates", "POST", f"/v1/offers/{offer}/candidates", {"reachKm": 30, "limit": 2})
    assert client.delete(f"/v1/seekers/{fitting}").status_code == 200
    seeker = ask("createSeeker", "POST", "/v1/seekers", RECORDED)["id"]
    ask("getSeeker", "GET", f"/v1/seekers/{seeker}")
    ask("changeSeeker", "PUT", f"/v1/seekers/{seeker}", {"revision": 1, "profile": RECORDED | {"reachKm": 30}})
    ask("exportSeeker", "GET", f"/v1/seekers/{seeker}/export")
    ask("eraseSeeker", "DELETE", f"/v1/seekers/{seeker}")
    ask("listQuestions", "GET", "/v1/cypher/questions")
    first = [[one["codeRome"], one["label"]] for one in found["listOccupations"][1]["occupations"]]
    with toy_graph(client, Rows(("code", "label"), first)):
        ask("askGraph", "POST", "/v1/cypher", {"query": FIRST_OCCUPATIONS, "parameters": {"count": 2}})
    ask("getModel", "GET", "/v1/model")
    ask("getSources", "GET", "/v1/sources")
    ask("getProblem", "GET", "/v1/problems/unknown-occupation")
    ask("getLive", "GET", "/v1/health/live")
    ask("getReady", "GET", "/v1/health/ready")
    return found


def _cut(document: Any) -> Any:
    """The document with at most two of each list, for an example."""
    if isinstance(document, list):
        return [_cut(one) for one in document[:2]]
    return {name: _cut(one) for name, one in document.items()} if isinstance(document, dict) else document


def record_examples(home: Path) -> None:
    """Writes ``api/examples.json``."""
    with running(settings_for(build_sample(home))) as client:
        found = ask_everything(client)
    examples = {
        name: ({} if body is None else {"request": body}) | {"response": _cut(answer)}
        for name, (body, answer) in found.items()
    }
    EXAMPLES.write_text(json.dumps(examples, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a build of the sample and its country."""
    # a fixture that several modules import is made in each of them
    if not _BUILT:
        _BUILT.append(build_sample(tmp_path_factory.mktemp("home")))
    return _BUILT[0]


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        record_examples(Path(directory) / "home")
