"""The command line on the built-in sample, as a person and as a program use it."""

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from ingest.sample import sample_directory
from passerelle.cli import COMMANDS, app
from passerelle.cypher import parameters_of
from passerelle.errors import PasserelleError
from recommend.evaluation import ranks_of

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a machine without published files, on which the sample has been built."""
    home = tmp_path_factory.mktemp("home")
    nowhere = tmp_path_factory.mktemp("nowhere")
    environment = {
        "PASSERELLE_HOME": str(home),
        "PASSERELLE_CACHE": str(nowhere / "cache"),
        "COLUMNS": "100",
    }
    built = _run(environment, "build", "--no-graph", "--json", cwd=nowhere)
    assert built.returncode == 0, built.stderr
    document = json.loads(built.stdout)
    assert document["build"]["sample"] is True
    assert document["build"]["data"] == str(sample_directory())
    assert document["reports"][0]["rowsSetAside"] == 0
    return environment | {"CWD": str(nowhere)}


def _run(environment: dict[str, str], *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PASSERELLE_", "NEO4J_"))}
    return subprocess.run(
        [sys.executable, "-c", "from passerelle.cli import main; main()", *words],
        env=kept | {"PYTHONPATH": str(ROOT)} | environment,
        cwd=cwd or environment.get("CWD"),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def _document(environment: dict[str, str], *words: str) -> dict[str, Any]:
    run = _run(environment, *words, "--json")
    assert run.returncode == 0, run.stderr
    document = json.loads(run.stdout)
    assert isinstance(document, dict)
    return document


def _keys(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_keys, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    return set(value) | set().union(*(_keys(item) for name, item in value.items() if name != "parameters"))


@pytest.mark.parametrize(
    "words",
    [
        ("search", "dentellière"),
        ("recommend", "dentellière", "--lens", "skills"),
        ("paths", "dentellière", "H2605"),
        ("compare", "B1804", "H2605", "B1803"),
        ("status",),
    ],
)
def test_every_screen_says_that_it_is_a_sample_and_every_field_is_documented(
    sample_home: dict[str, str], words: tuple[str, ...]
) -> None:
    screen = _run(sample_home, *words)
    assert screen.returncode == 0, screen.stderr
    assert "Échantillon intégré" in screen.stdout
    assert "passerelle fetch" in screen.stdout
    document = _document(sample_home, *words)
    assert document["sample"] is True
    # the experts' and skills lenses are keys of "lenses", table names are keys of "counts"
    values = {"experts", "skills", *document.get("build", {}).get("counts", {})}
    undocumented = {key for key in _keys(document) - values if f"`{key}" not in DOCS}
    assert not undocumented - {"name", "publisher", "licence", "vintage", "year", "page"}


def test_recommendations_have_the_documented_shape(sample_home: dict[str, str]) -> None:
    document = _document(sample_home, "recommend", "dentellière", "--kind", "reconversion", "--limit", "5")
    assert document["query"] == "dentellière"
    assert document["profile"]["occupations"] == [{"codeRome": "B1804", "label": "Brodeur / Brodeuse", "years": None}]
    assert document["profile"]["matchedTitle"] == "Dentellier / Dentellière à la main"
    ranked = document["recommendations"]
    assert [entry["rank"] for entry in ranked] == list(range(1, len(ranked) + 1))
    for entry in ranked:
        assert entry["kind"] == "reconversion"
        assert entry["codeRome"][0] != "B"
        assert 0 <= entry["score"] <= 100
        total = entry["intercept"] + sum(one["contribution"] for one in entry["contributions"])
        assert total == pytest.approx(entry["logOdds"], abs=1e-9)
        for path in entry["paths"]:
            for name in path["cypher"]["parameters"]:
                assert f"${name}" in path["cypher"]["text"]


def test_both_genders_give_the_same_answer(sample_home: dict[str, str]) -> None:
    answers = [
        _document(sample_home, "recommend", title) for title in ("dentellier à la main", "Dentellière à la main")
    ]
    for answer in answers:
        answer.pop("query")
    assert answers[0] == answers[1]


def test_a_multiword_title_needs_no_quotes(sample_home: dict[str, str]) -> None:
    assert _document(sample_home, "search", "dentellière", "à", "la", "main")["hits"][0]["codeRome"] == "B1804"


@pytest.mark.parametrize(
    ("words", "status", "code", "told"),
    [
        (("recommend", "xyzzyxq"), 2, "unknown-occupation", "xyzzyxq"),
        (("recommend", "B9999"), 2, "unknown-occupation", "B9999"),
        (("recommend", "dentellière", "--explain", "Z1234"), 2, "unknown-occupation", "Z1234"),
        (("recommend", "dentellière", "--explain", "B1804"), 1, "error", "B1804"),
        (("paths", "B1804", "dentellière"), 1, "error", "donnez-en deux"),
        (("compare", "B1804"), 1, "error", "deux à 4"),
        (("cypher",), 1, "error", "--list"),
        (("cypher", "counts", "--param", "x"), 1, "error", "nom=valeur"),
    ],
)
def test_nonsense_gets_a_clear_answer(
    sample_home: dict[str, str], words: tuple[str, ...], status: int, code: str, told: str
) -> None:
    run = _run(sample_home, *words)
    assert run.returncode == status
    assert told in run.stderr
    assert "Traceback" not in run.stderr
    assert ".." not in run.stderr.replace("...", "")
    error = json.loads(_run(sample_home, *words, "--json").stderr)
    assert error["error"] == code


@pytest.mark.parametrize("command", ["search", "recommend"])
def test_what_is_refused_is_never_repeated(sample_home: dict[str, str], command: str) -> None:
    number = "1 85 05 78 006 048 22"
    for words in ((command, number), (command, number, "--json")):
        run = _run(sample_home, *words)
        assert "85 05" not in run.stdout + run.stderr
        assert "numéro" in run.stdout + run.stderr


def test_an_ambiguous_word_gets_suggestions(sample_home: dict[str, str]) -> None:
    hits = _document(sample_home, "search", "agent")
    if hits["clear"]:
        pytest.fail("the sample has several agents: the word must not be clear")
    run = _run(sample_home, "recommend", "agent")
    assert run.returncode == 2
    assert hits["hits"][0]["codeRome"] in run.stderr


def test_before_a_build_every_question_says_what_to_do(tmp_path: Path) -> None:
    run = _run({"PASSERELLE_HOME": str(tmp_path), "PASSERELLE_CACHE": str(tmp_path)}, "search", "maçon", cwd=tmp_path)
    assert run.returncode == 6
    assert "passerelle build" in run.stderr


def test_a_wrong_data_directory_is_an_error_not_the_sample(tmp_path: Path) -> None:
    environment = {"PASSERELLE_HOME": str(tmp_path / "home"), "PASSERELLE_DATA": str(tmp_path / "none")}
    run = _run(environment, "build", "--no-graph", cwd=tmp_path)
    assert run.returncode in {3, 4}
    assert str(tmp_path / "none") in run.stderr


def test_a_failed_build_leaves_what_was_built_in_use(sample_home: dict[str, str], tmp_path: Path) -> None:
    broken = tmp_path / "rome4"
    broken.mkdir()
    for path in sample_directory().glob("*.*"):
        if path.suffix in {".csv", ".txt"}:
            (broken / path.name).write_bytes(path.read_bytes())
    cut = next(broken.glob("unix_coherence_item_*"))
    cut.write_bytes(b"")
    run = _run(sample_home | {"PASSERELLE_DATA": str(tmp_path)}, "build", "--no-graph")
    assert run.returncode == 4
    assert cut.name in run.stderr
    assert _document(sample_home, "search", "B1804")["hits"][0]["codeRome"] == "B1804"


def test_a_second_build_has_nothing_to_do(sample_home: dict[str, str]) -> None:
    run = _run(sample_home, "build", "--no-graph")
    assert run.returncode == 0
    assert "Rien n'a changé" in run.stdout


def test_every_command_explains_itself() -> None:
    runner = CliRunner()
    listed = runner.invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    for name, (panel, place) in COMMANDS.items():
        module, attribute = place.split(":")
        found = getattr(importlib.import_module(module), attribute)
        told = found.info.help if isinstance(found, typer.Typer) else found.__doc__
        assert told
        assert panel in listed
        result = runner.invoke(app, [name, "--help"], env={"COLUMNS": "200"})
        assert result.exit_code == 0
        assert told.split(".")[0][:40] in result.output


def test_a_mistyped_command_is_told_what_is_near_it() -> None:
    result = CliRunner().invoke(app, ["recomend"])
    assert result.exit_code == 2
    assert "recommend" in result.output


def test_a_command_loads_nothing_of_the_others() -> None:
    heavy = ("numpy", "pandas", "fastapi", "neo4j", "scipy")
    code = "import sys; from passerelle.cli import main; sys.argv[1:] = ['keys', '--help']\n"
    code += f"try:\n    main()\nfinally:\n    print('loaded:', sorted(set({heavy}) & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "loaded: []" in run.stdout


def test_parameters_are_values_not_text() -> None:
    assert parameters_of(["code=B1804", "limit=3", 'codes=["A", "B"]', "nom=l'été"]) == {
        "code": "B1804",
        "limit": 3,
        "codes": ["A", "B"],
        "nom": "l'été",
    }
    with pytest.raises(PasserelleError, match="deux fois"):
        parameters_of(["a=1", "a=2"])


def test_several_occupations_with_years_and_declared_skills(sample_home: dict[str, str]) -> None:
    words = ("recommend", "dentellière", "--years", "6+", "--also", "H2605:0-2")
    document = _document(sample_home, *words)
    assert [(one["codeRome"], one["years"]) for one in document["profile"]["occupations"]] == [
        ("B1804", "6+"),
        ("H2605", "0-2"),
    ]
    skill = document["recommendations"][0]["gap"][-1]
    with_it = _document(sample_home, *words, "--skill", skill["label"].upper())
    assert with_it["profile"]["declaredSkills"] == [{"codeOgr": skill["codeOgr"], "label": skill["label"]}]
    assert with_it["profile"]["skills"] == document["profile"]["skills"] + 1
    alone = _document(sample_home, "recommend", "--skill", skill["codeOgr"])
    assert alone["situation"] == "bare"
    assert alone["profile"]["occupations"] == []
    assert {entry["kind"] for entry in alone["recommendations"]} == {"unknown"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "au moins une compétence"),
        (("--years", "6+", "--skill", "x"), "donnez-le"),
        (("B1804", "--also", "H2605:12"), "0-2, 3-5, 6+"),
        (("--skill", "zzz"), "Proches"),
    ],
)
def test_a_profile_that_makes_no_sense_is_told_so(
    sample_home: dict[str, str], words: tuple[str, ...], told: str
) -> None:
    run = _run(sample_home, "recommend", *words)
    assert run.returncode in {1, 2}
    assert told in run.stderr


def test_every_score_is_given_as_it_is_served(sample_home: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "scores.parquet"
    assert _run(sample_home, "scores", "--out", str(file)).returncode == 0
    frame = pd.read_parquet(file).set_index(["source", "target"])
    document = _document(sample_home, "recommend", "B1804")
    occupations = len(set(frame.index.get_level_values("source")))
    assert len(frame) == occupations * (occupations - 1)
    for entry in document["recommendations"]:
        row = frame.loc[("B1804", entry["codeRome"])]
        assert row["log_odds"] == pytest.approx(entry["logOdds"], abs=1e-6)
        assert round(100 * row["share"], 1) == entry["score"]
    nowhere = _run(sample_home, "scores", "--out", str(tmp_path / "no" / "scores.parquet"))
    assert nowhere.returncode == 1
    assert "n'existe pas" in nowhere.stderr


@pytest.fixture
def own_home(sample_home: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """A copy of the build, to change."""
    shutil.copytree(sample_home["PASSERELLE_HOME"], tmp_path / "home")
    return sample_home | {"PASSERELLE_HOME": str(tmp_path / "home")}


def test_fit_learns_builds_and_is_told_when_its_weights_are_damaged(own_home: dict[str, str]) -> None:
    before = _document(own_home, "recommend", "B1804")
    fitted = _run(own_home, "fit")
    assert fitted.returncode == 0, fitted.stderr
    after = _document(own_home, "recommend", "B1804")
    assert before["modelVersion"].startswith("rome-460-")
    assert after["modelVersion"].startswith(after["dataVersion"])
    assert after["modelVersion"] in fitted.stdout.replace("\n", "")
    weights = Path(own_home["PASSERELLE_HOME"]) / "weights.json"
    weights.write_text(weights.read_text(encoding="utf-8")[:100], encoding="utf-8")
    refused = _run(own_home, "build", "--no-graph")
    assert refused.returncode == 4
    assert "weights.json" in refused.stderr
    assert "passerelle fit" in refused.stderr.replace("\n", " ")
    # what was in use goes on
    assert _document(own_home, "recommend", "B1804")["modelVersion"] == after["modelVersion"]


def test_evaluate_writes_what_its_figures_are_recomputed_from(own_home: dict[str, str], tmp_path: Path) -> None:
    run = _run(own_home, "evaluate", "--quick", "--seed", "1", "--out", str(tmp_path / "measured"))
    assert run.returncode == 0, run.stderr
    report = json.loads((tmp_path / "measured" / "report.json").read_text(encoding="utf-8"))
    frame = pd.read_csv(tmp_path / "measured" / "predictions.csv")
    assert list(frame.columns) == ["fold", "source", "target", "score", "held_out"]
    ranks = ranks_of(frame)
    assert (1 / ranks).mean() == pytest.approx(report["methods"]["experts"]["all"]["mrr"])
    assert "experts" in run.stdout
    assert "PyKEEN" in run.stdout


def test_data_without_mobilities_are_answered_from_all_the_same(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(sample_directory(), data, ignore=shutil.ignore_patterns("__*"))
    (moves,) = data.glob("unix_rubrique_mobilite_*.csv")
    header = moves.read_text(encoding="utf-8").splitlines()[0]
    moves.write_text(header + "\n", encoding="utf-8")
    environment = {"PASSERELLE_HOME": str(tmp_path / "home"), "PASSERELLE_DATA": str(data), "CWD": str(tmp_path)}
    built = _run(environment, "build", "--no-graph")
    assert built.returncode == 0, built.stderr
    document = _document(environment, "recommend", "B1804")
    assert document["situation"] == "content"
    assert len(document["recommendations"]) == 20
    assert not any(entry["knownMobility"] for entry in document["recommendations"])
    fitted = _run(environment, "fit")
    assert fitted.returncode == 0
    assert "aucune mobilité" in fitted.stderr.replace("\n", " ")
    assert _run(environment, "scores", "--out", str(tmp_path / "scores.parquet")).returncode == 0
    refused = _run(environment, "evaluate", "--out", str(tmp_path / "measured"))
    assert refused.returncode == 1
    assert "aucune mobilité" in refused.stderr.replace("\n", " ")
