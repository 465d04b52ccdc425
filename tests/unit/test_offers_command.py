"""``passerelle offers``: from a toy build, a file and a local service to what is kept."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ingest.offers_api import OffersApi
from ingest.offers_model import AskedSkill, Condition, Offer, Place
from passerelle import offers as command
from passerelle import offers_ready
from passerelle.builds import BuildInfo
from passerelle.errors import NotBuiltError, OffersError
from passerelle.snapshot import save_build
from recommend.learned import shipped
from recommend.skillgraph import SkillGraph
from tests.unit.offers_server import CLIENT_ID, CLIENT_SECRET, OffersServer, offer, offers_server, status
from tests.unit.toy import SKILLS, toy_tables


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    info = BuildInfo("toy", "toy", False, "nulle part", "essai", "0", {}, [], "toy")
    save_build(home, toy_tables(), info, {}, shipped())
    return home


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OffersServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with offers_server() as server:
        urls = {"search_url": server.url("/search"), "token_url": server.url("/token")}
        monkeypatch.setattr(command, "OffersApi", partial(OffersApi, **urls, sleep=lambda _: None))
        yield server


def run(home: Path, *words: str) -> tuple[int, str]:
    keys = {"FRANCE_TRAVAIL_CLIENT_ID": CLIENT_ID, "FRANCE_TRAVAIL_CLIENT_SECRET": CLIENT_SECRET}
    result = CliRunner().invoke(command.app, list(words), env=keys | {"PASSERELLE_HOME": str(home)})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_offers_are_fetched_loaded_and_counted(home: Path, server: OffersServer, tmp_path: Path) -> None:
    server.offers = [offer(1, competences=[{"libelle": "reporter des motifs"}]), offer(2, "69")]
    assert run(home, "fetch", "59", "69") == (
        0,
        "département 59 : 1 nouvelles, 0 modifiées, 0 inchangées, 0 rouvertes, 0 closes\n"
        "département 69 : 1 nouvelles, 0 modifiées, 0 inchangées, 0 rouvertes, 0 closes\n",
    )
    server.faults = [status(503)] * 5
    code, said = run(home, "fetch", "59", "--json")
    assert code == OffersError.exit_code
    assert "503" in json.loads(said)["problem"]
    file = tmp_path / "offres.json"
    file.write_text(json.dumps([offer(3)]), encoding="utf-8")
    code, said = run(home, "load", str(file), "--as-of", "2026-03-02", "--json")
    document = json.loads(said)
    assert (code, document["scope"], document["outcome"]["added"]) == (0, "fichier offres.json", 1)
    assert document["report"]["files"][0]["loaded"] == 1
    assert "offres sans salaire" in run(home, "load", str(file), "--as-of", "2026-03-02")[1]
    code, said = run(home, "status", "--json")
    document = json.loads(said)
    # the file is of March: kept, not shown
    assert (code, document["statuses"], document["shown"]) == (0, {"open": 3}, 2)
    assert list(document["confirmed"]) == ["département 59", "département 69", "fichier offres.json"]
    assert "3 offres ouvertes, dont 2 vérifiées" in run(home, "status")[1]


def test_without_keys_or_a_build_it_says_so(home: Path, tmp_path: Path, server: OffersServer) -> None:
    with pytest.raises(NotBuiltError):
        run(tmp_path, "fetch", "59")
    result = CliRunner().invoke(
        command.app, ["fetch"], env={"PASSERELLE_HOME": str(home), "FRANCE_TRAVAIL_CLIENT_ID": ""}
    )
    assert isinstance(result.exception, OffersError)
    assert not server.asked


def test_kept_offers_are_what_matching_reads() -> None:
    graph = SkillGraph.of(toy_tables())
    asked = [("11", True), ("12", False), ("13", None), ("99999", True), (None, True)]
    skills = tuple(AskedSkill(code=code, label="x", required=required, how="code") for code, required in asked)
    place = Place(latitude=50.6, longitude=3.1)
    made = offers_ready.matching_offers(
        graph, [Offer(id="A", occupation="H2605", skills=skills, place=place), Offer(id="B", occupation="Z9999")]
    )
    assert [graph.skill_codes[column] for column in made.must.indices] == ["11"]
    assert [graph.skill_codes[column] for column in made.wished.indices] == ["12", "13"]
    assert made.occupation.tolist() == [graph.index_of["H2605"], -1]
    assert (made.latitude[0], made.longitude[0]) == (50.6, 3.1)
    assert np.isnan([made.latitude[1], made.longitude[1]]).all()
    assert len(offers_ready.matching_offers(graph, [])) == 0
    licences = tuple(
        Condition(kind="licence", label=label, required=must) for label, must in (("B", True), ("C", False))
    )
    text = AskedSkill(label="Tableur", required=True, how="none")
    assert offers_ready.to_check(Offer(id="C", skills=(text, skills[0]), conditions=licences)) == ("B", "Tableur")


def test_a_skill_is_found_by_the_same_words_and_by_no_others() -> None:
    find = command.skill_finder(
        [(code, label) for code, (label, *_) in SKILLS.items()] + [("41", "Permis C"), ("42", "Permis CE")]
    )
    found = {
        text: find(text) for text in ("reporter des motifs", "Histoire de dentelles", "permis c", "permis", "de la")
    }
    assert found == {
        "reporter des motifs": "13",
        "Histoire de dentelles": "21",
        "permis c": "41",
        "permis": None,
        "de la": None,
    }
    near = command.skill_finder([("1", "Coffrer des ouvrages"), ("2", "Moteur 3 cylindres")])
    assert [near(text) for text in ("Décoffrer des ouvrages", "Moteur 4 cylindres", "Coffrer un ouvrage")] == [
        None,
        None,
        "1",
    ]
