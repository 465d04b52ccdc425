"""The wheel holds every package and data file by name, and answers from another directory."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = sorted({name.split(".")[0] for name in PROJECT["tool"]["setuptools"]["packages"]})


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source / name)
    for room in ROOMS:
        shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(target), str(source)], check=True, timeout=300)
    return next(target.glob("*.whl"))


def test_every_module_and_data_file_is_in_the_wheel(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and path.suffix in {".py", ".cypher", ".csv", ".tsv", ".txt", ".npy", ".npz", ".json"}
    }
    assert wanted
    assert not sorted(wanted - inside)


def test_the_wheel_answers_from_another_directory(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PASSERELLE_", "NEO4J_"))}
    environment = kept | {"PYTHONPATH": str(installed), "PASSERELLE_CACHE": str(tmp_path / "cache")}
    environment["PASSERELLE_HOME"] = str(tmp_path / "home")

    def run(*words: str) -> str:
        # -P keeps the current directory, and with it the checkout, out of the path
        command = [sys.executable, "-P", "-c", "from passerelle.cli import main; main()", *words]
        done = subprocess.run(
            command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("build", "--no-graph")
    assert "B1804" in run("search", "dentellière")
