"""Everything that must hold before a change lands: format, lint, types, layers, tests. ``make test`` calls it.

python -m passerelle.checks            every check, then the tests; with coverage where CI=true
python -m passerelle.checks --lock     write the requirement files anew from pyproject.toml (needs uv)
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SOURCES = ["passerelle", "graph", "ingest", "recommend", "embeddings", "records", "api", "benchmarks", "tests"]

#: to count lines takes half as long again: whoever waits for the tests is spared it
_COVERAGE = ["--cov", "--cov-report=term:skip-covered"] if os.environ.get("CI") == "true" else []

CHECKS: dict[str, list[str]] = {
    "format": [str(BIN / "ruff"), "format", "--check", "--quiet", *SOURCES],
    "lint": [str(BIN / "ruff"), "check", "--quiet", *SOURCES],
    "types": [str(BIN / "mypy")],
    "layers": [str(BIN / "lint-imports")],
    # two processes, one of them for all that needs a graph server: more would each read the published data
    "tests": [str(BIN / "pytest"), "--numprocesses=2", "--durations=30", *_COVERAGE],
}

#: torch is installed apart and first, from where a build for the machine is (docs/embeddings.md): neither it nor the
#: gigabytes that its default build on Linux asks for are pinned
_TORCH = (
    *("torch", "triton", "cuda-bindings", "cuda-pathfinder", "cuda-toolkit", "nvidia-cublas", "nvidia-cuda-cupti"),
    *("nvidia-cuda-nvrtc", "nvidia-cuda-runtime", "nvidia-cudnn-cu13", "nvidia-cufft", "nvidia-cufile"),
    *("nvidia-curand", "nvidia-cusolver", "nvidia-cusparse", "nvidia-cusparselt-cu13", "nvidia-nccl-cu13"),
    *("nvidia-nvjitlink", "nvidia-nvshmem-cu13", "nvidia-nvtx"),
)

#: requirement file -> extras of pyproject.toml and files whose pins it must share
LOCKS: dict[str, list[str]] = {
    "requirements.txt": ["--group", "build"],
    "requirements-embedded.txt": ["--extra", "embedded", "-c", "requirements.txt"],
    "requirements-dev.txt": ["--extra", "dev", "-c", "requirements.txt"],
    "requirements-spark.txt": ["--extra", "spark", "-c", "requirements.txt"],
    "requirements-train.txt": [
        *("--extra", "train", "-c", "requirements.txt"),
        *(option for name in _TORCH for option in ("--no-emit-package", name)),
    ],
}


def main() -> int:
    """Runs the checks one after the other and names those that failed; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock", action="store_true", help="write the requirement files anew")
    if parser.parse_args().lock:
        return lock()
    failed = []
    for name, command in CHECKS.items():
        print(f"== {name}", flush=True)
        started = time.monotonic()
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            failed.append(name)
        print(f"-- {name}: {time.monotonic() - started:.0f} s", flush=True)
    if failed:
        print(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


def lock() -> int:
    """Pins every package for every platform with hashes and without naming an index."""
    for target, options in LOCKS.items():
        command = [
            str(BIN / "uv"),
            "pip",
            "compile",
            "pyproject.toml",
            "--universal",
            "--python-version",
            "3.11",
            "--quiet",
        ]
        command += ["--generate-hashes", "--no-emit-index-url", "--no-header"]
        subprocess.run([*command, *options, "-o", target], cwd=ROOT, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
