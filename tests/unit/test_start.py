"""What a start loads: little in the supervisor, and in a worker nothing that only reads files or learns."""

import subprocess
import sys

import pytest

_HEAVY = ("fastapi", "numpy", "pandas", "scipy", "pyarrow", "neo4j", "pandera")
_OF_OTHERS = ("pandera", "pyspark", "pooch", "torch", "networkx", "arcadedb_embedded", "scipy.optimize")


@pytest.mark.parametrize(
    ("module", "needless"),
    [
        ("passerelle.serve", _HEAVY),
        ("passerelle.machines", _HEAVY),
        ("passerelle.worker", _HEAVY),
        ("api.app", _OF_OTHERS),
    ],
)
def test_a_start_loads_what_it_needs(module: str, needless: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print(sorted(set({needless!r}) & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
