"""Everyone's lists by Spark are those of one machine, though one of two workers is killed while they are made."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from passerelle.batch import run_batch
from passerelle.builds import BuildInfo
from passerelle.snapshot import save_build
from recommend.batch_arrow import FILE, ROW, WRITTEN
from recommend.batch_rows import RECOMMENDED, SET_ASIDE
from recommend.learned import shipped
from tests.unit.batch_run import ABOUT, reader
from tests.unit.test_batch_run import Row, row, write
from tests.unit.toy import OCCUPATIONS, SKILLS, toy_tables

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None or shutil.which("java") is None,
    reason="needs PySpark and Java 17: pip install '.[spark]'",
)
ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent
PEOPLE, GROUP = 8_000, 500
LOOPBACK = "127.0.0.1"
#: seconds after which what did not happen is told as a failure
_PATIENCE = 120.0


@dataclass(frozen=True)
class Cluster:
    """A standalone master, and its workers: each the leader of a process group of its own."""

    url: str
    workers: list["subprocess.Popen[bytes]"]
    environment: dict[str, str]


def wait_for(what: Callable[[], Any], why: str) -> Any:
    """Asks again until the answer is yes; fails after ``_PATIENCE``."""
    ends = time.monotonic() + _PATIENCE
    while time.monotonic() < ends:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError(why)


@contextmanager
def started(
    directory: Path, name: str, arguments: list[str], environment: dict[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process whose group is ended when the block is; what it says is in NAME.log."""
    with (directory / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            arguments, stdout=log, stderr=subprocess.STDOUT, env=environment, cwd=directory, start_new_session=True
        )
        try:
            yield process
        finally:
            kill(process)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """SIGKILL to the process and its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A master and two workers of one core on loopback, each a process."""
    place = tmp_path_factory.mktemp("cluster")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))}
    environment |= {"SPARK_LOCAL_IP": LOOPBACK, "SPARK_DAEMON_MEMORY": "256m", "PYSPARK_PYTHON": sys.executable}
    # short-lived: more of the start than of the run
    environment |= {
        "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
    }
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore::FutureWarning"}
    command = [str(BIN / "spark-class"), "org.apache.spark.deploy.{0}.{1}", "--host", LOOPBACK, "--port", "0"]
    command += ["--webui-port", "0"]

    def said(text: str) -> list[str]:
        log = (place / "master.log").read_text(encoding="utf-8", errors="replace")
        return [line for line in log.splitlines() if text in line]

    with ExitStack() as stack:
        master = [part.format("master", "Master") for part in command]
        stack.enter_context(started(place, "master", master, environment))
        told = wait_for(lambda: said("Starting Spark master at"), "no master")
        url = told[0].rsplit(" ", 1)[-1]
        worker = [part.format("worker", "Worker") for part in command]
        worker += ["--cores", "1", "--memory", "1G"]
        workers = [
            stack.enter_context(started(place, name, [*worker, "--work-dir", str(place / name), url], environment))
            for name in ("worker-0", "worker-1")
        ]
        wait_for(lambda: len(said("Registering worker")) == len(workers), "not every worker came")
        yield Cluster(url, workers, environment)


def people(path: Path) -> Path:
    """Past occupations, bare profiles, and one in forty that cannot be read; many row groups, so many tasks."""
    rng = np.random.default_rng(7)
    rows: list[Row] = []
    for number in range(PEOPLE):
        count = int(rng.integers(0 if number % 10 == 0 else 1, 3))
        past = [(str(code), "3-5") for code in rng.choice(sorted(OCCUPATIONS), count, replace=False)]
        skills: list[str | None] = [str(code) for code in rng.choice(sorted(SKILLS), 2, replace=False)]
        if number % 40 == 7:
            past = [("Z9999", "3-5")]
        rows.append(row(f"s{number}", past, skills, ["C2"] if number % 5 == 0 else None))
    return write(path, rows, group=GROUP)


def submitted(cluster: Cluster, home: Path, source: Path, out: Path) -> list[str]:
    conf = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.executor.memory": "512m",
        "spark.driver.memory": "512m",
    }
    # both executors are there before the first task
    conf |= {"spark.scheduler.minRegisteredResourcesRatio": "1.0"}
    conf |= {"spark.scheduler.maxRegisteredResourcesWaitingTime": "60s"}
    # a task for each row group
    conf |= {"spark.sql.files.maxPartitionBytes": str(source.stat().st_size // (PEOPLE // GROUP))}
    conf |= {"spark.sql.files.openCostInBytes": "0", "spark.executorEnv.PYTHONWARNINGS": "ignore::FutureWarning"}
    options = [part for name, value in conf.items() for part in ("--conf", f"{name}={value}")]
    script = str(ROOT / "passerelle" / "spark_batch.py")
    command = [str(BIN / "spark-submit"), "--master", cluster.url, *options, script, str(source), "--out", str(out)]
    return ["env", f"PASSERELLE_HOME={home}", *command, "--json"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of the toy graph."""
    place, model = tmp_path_factory.mktemp("home"), shipped()
    save_build(place, toy_tables(), BuildInfo("toy", "toy", True, "", "", "", {}, [], model.name), [], model)
    return place


def test_the_lists_of_spark_are_those_of_one_machine_though_a_worker_is_killed(
    cluster: Cluster, home: Path, tmp_path: Path
) -> None:
    source, out = people(tmp_path / "people.parquet"), tmp_path / "out"
    with started(tmp_path, "driver", submitted(cluster, home, source, out), cluster.environment) as driver:
        ready = wait_for(
            lambda: driver.poll() is not None or len(list(out.glob("_temporary/0/task_*"))) >= 4, "nothing was written"
        )
        assert ready
        kill(cluster.workers[0])
        at_kill = len(list(out.glob("_temporary/0/task_*")))
        assert driver.poll() is None
        assert driver.wait(_PATIENCE) == 0, (tmp_path / "driver.log").read_text()
    log = (tmp_path / "driver.log").read_text(encoding="utf-8")
    assert "Lost executor" in log
    assert 0 < at_kill < PEOPLE // GROUP
    report = json.loads(log[log.index("{\n") : log.rindex("}") + 1])
    single = run_batch(reader(), source, tmp_path / "single", ABOUT)
    assert (report["rows"], report["recommended"], report["set_aside"]) == (
        single.rows,
        single.recommended,
        single.set_aside,
    )
    assert report["set_aside"] == {"unknown-occupation": PEOPLE // 40}
    check_same(out, tmp_path / "single")


def check_same(out: Path, single: Path) -> None:
    """Every row, bit by bit, in the same order within each file."""
    files = [pq.read_table(path) for path in out.glob("*.parquet")]
    assert len(files) > 2
    for one in files:
        rows = one[ROW].to_numpy()
        assert (np.diff(rows) == 1).all()
    found = pa.concat_tables(files).sort_by(ROW)
    assert found[ROW].to_pylist() == list(range(PEOPLE))
    assert set(found[FILE].to_pylist()) == {"people.parquet"}
    for names, parts in (
        ([field.name for field in RECOMMENDED], "part"),
        ([field.name for field in SET_ASIDE], "set-aside"),
    ):
        expected = pa.concat_tables(pq.read_table(path) for path in sorted(single.glob(f"{parts}-*.parquet")))
        is_aside = found["reason"].is_valid()
        own = found.filter(is_aside if parts == "set-aside" else pa.compute.invert(is_aside)).select(names)
        plain = pa.schema([WRITTEN.field(name) for name in names])
        assert own.cast(plain).equals(expected.cast(plain))


def test_what_spark_refuses_is_told_in_a_sentence(cluster: Cluster, home: Path, tmp_path: Path) -> None:
    write(tmp_path / "people.parquet", [row("a", [("B1804", None)], [])])
    pq.write_table(pa.table({"seeker": ["a"], "skills": ["11"]}), tmp_path / "other.parquet")
    (tmp_path / "there").mkdir()
    command = [str(BIN / "spark-submit"), "--master", "local[1]", "--conf", "spark.ui.enabled=false"]
    command += [str(Path(__file__).with_name("spark_refusals.py")), str(tmp_path)]
    environment = cluster.environment | {"PASSERELLE_HOME": str(home), "PYTHONPATH": str(ROOT)}
    found = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=True)
    lines = [line for line in found.stdout.splitlines() if line.startswith("batch-")]
    assert [line.split(" ")[0] for line in lines] == ["batch-output", "batch-input", "batch-input"]
    assert "there" in lines[0]
    assert "skills" in lines[1]
    assert "none.parquet" in lines[2]
    assert not (tmp_path / "out").exists()
