"""Makes ``.venv`` and installs the pinned packages; run before anything is installed: standard library only.

    python3 passerelle/bootstrap.py [--dev] [--train] [--spark]

A second run finds the stamp of the same requirement files and does nothing.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST = (3, 11)
_TORCH = "torch==2.13.0"


def main() -> int:
    """Sets up ``.venv``; returns the exit status."""
    parser = argparse.ArgumentParser(description="Make .venv and install Passerelle's pinned packages.")
    parser.add_argument("--dev", action="store_true", help="what the tests need as well")
    parser.add_argument("--train", action="store_true", help="what learning vectors needs as well: PyTorch and PyKEEN")
    parser.add_argument("--spark", action="store_true", help="what lists past one machine need as well: PySpark")
    wanted = parser.parse_args()
    base = sys.executable if sys.version_info >= OLDEST else _newer_python()
    if base is None:
        print("Passerelle needs Python 3.11 or newer: install it, or call make with PYTHON=/path/to/python3.11.")
        return 1
    extras = [name for name in ("dev", "train", "spark") if getattr(wanted, name)]
    files = [ROOT / f"requirements{name}.txt" for name in ("", "-embedded", *(f"-{extra}" for extra in extras))]
    fingerprint = hashlib.sha256(b"".join(path.read_bytes() for path in (*files, ROOT / "pyproject.toml"))).hexdigest()
    stamp = VENV / "-".join(["stamp", *extras])
    if stamp.is_file() and stamp.read_text() == fingerprint:
        return 0
    print("Making .venv and installing pinned packages (once, a minute or two)...", flush=True)
    if not PYTHON.is_file():
        subprocess.run([base, "-m", "venv", str(VENV)], check=True)
    if not _install(extras):
        print("The packages could not be installed; pip's message is above. Run the same command again.")
        return 1
    stamp.write_text(fingerprint)
    return 0


def _install(extras: "list[str]") -> bool:
    """Everything in order; False where pip failed at something that is needed."""
    if not _locked("requirements.txt"):
        return False
    # the embedded server has no wheel for Alpine and Intel Macs: everything but the graph works there
    if not _locked("requirements-embedded.txt"):
        print("No embedded graph server for this system: all else works; docs/graph.md tells how to use a Neo4j.")
    if "dev" in extras and not _locked("requirements-dev.txt"):
        return False
    # it comes as source: built with the setuptools that is pinned with the rest
    if "spark" in extras and not _locked("requirements-spark.txt", "--no-build-isolation"):
        return False
    # PyTorch apart and first: which build fits a machine is not for a lock to say (docs/embeddings.md)
    if "train" in extras and not (_pip(_TORCH) and _locked("requirements-train.txt", "--no-deps")):
        return False
    return _pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))


def _locked(name: str, *options: str) -> bool:
    return _pip("--require-hashes", *options, "-r", str(ROOT / name))


def _pip(*arguments: str) -> bool:
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, check=False).returncode == 0


def _newer_python() -> "str | None":
    return next((path for minor in range(19, 10, -1) if (path := shutil.which(f"python3.{minor}"))), None)


if __name__ == "__main__":
    sys.exit(main())
