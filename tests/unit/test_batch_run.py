"""From Parquet to Parquet: rows that cannot be read, kills, and directories that hold something else."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from passerelle.batch import run_batch
from passerelle.errors import BatchInputError, BatchOutputError
from recommend.batch_arrow import FILE, ROW, WRITTEN, made_by
from recommend.batch_rows import CONTEXTS, PAST, RECOMMENDED, SET_ASIDE, SKILLS, BatchRows
from recommend.rank import Recommender, rank
from tests.unit.batch_run import ABOUT, ROWS_PER_PART, reader
from tests.unit.toy import OCCUPATIONS
from tests.unit.toy import SKILLS as TOY_SKILLS

SCHEMA = pa.schema([("seeker", pa.string()), ("past_occupations", PAST), ("skills", SKILLS)]).append(
    pa.field("refused_contexts", CONTEXTS)
)
Row = dict[str, Any]


def row(seeker: str | None, past: list[Any], skills: list[str | None], refused: list[str] | None = None) -> Row:
    return {
        "seeker": seeker,
        "past_occupations": [{"code_rome": code, "years": years} for code, years in past],
        "skills": [{"code_ogr": code, "origin": "declared", "level": None} for code in skills],
        "refused_contexts": refused,
    }


def write(path: Path, rows: list[Row], group: int = 10_000) -> Path:
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path, row_group_size=group)
    return path


@pytest.fixture(scope="module")
def toy() -> BatchRows:
    return reader()


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 people, one in forty of whom cannot be read."""
    rng = np.random.default_rng(7)
    rows = []
    for number in range(2_000):
        past = [(str(code), "3-5") for code in rng.choice(sorted(OCCUPATIONS), int(rng.integers(1, 3)), replace=False)]
        skills: list[str | None] = [str(code) for code in rng.choice(sorted(TOY_SKILLS), 2, replace=False)]
        if number % 40 == 7:
            past[0] = ("Z9999", "3-5")
        rows.append(row(f"s{number}", past, skills))
    return write(tmp_path_factory.mktemp("people") / "people.parquet", rows, group=730)


def found_in(out: Path) -> tuple[list[str], list[str]]:
    parts = [pq.read_table(path) for path in sorted(out.glob("part-*.parquet"))]
    aside = [pq.read_table(path) for path in sorted(out.glob("set-aside-*.parquet"))]
    return (
        [one for part in parts for one in part["seeker"].to_pylist()],
        [one for part in aside for one in part["seeker"].to_pylist()],
    )


def contents(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.glob("*.parquet"))}


def test_a_row_is_written_as_it_is_ranked(toy: BatchRows, tmp_path: Path) -> None:
    source = write(tmp_path / "a.parquet", [row("one", [("H2604", "0-2"), ("B1804", "6+")], ["22"], ["C2"])])
    report = run_batch(toy, source, tmp_path / "out", ABOUT, rows_per_part=ROWS_PER_PART)
    table = pq.read_table(tmp_path / "out" / "part-00000.parquet")
    assert table.schema.equals(RECOMMENDED)
    assert table.schema.metadata[b"passerelle.dataVersion"] == b"toy"
    profile = toy.profiles(pq.read_table(source).to_batches()[0]).profile(toy.space, 0)
    assert profile.years == ("6+", "0-2")
    assert profile.refused_contexts == (1,)
    ranking = rank(toy.space.recommender, profile, lens="experts")
    (told,) = table.to_pylist()
    assert told["occupations"] == [toy.space.graph.codes[entry.occupation] for entry in ranking.ranked]
    assert told["log_odds"] == pytest.approx([entry.log_odds for entry in ranking.ranked], abs=1e-5)
    assert told["kinds"] == [entry.kind for entry in ranking.ranked]
    assert told["known_mobilities"] == [entry.known_mobility for entry in ranking.ranked]
    assert told["scores"] == pytest.approx([round(100 * entry.share, 1) for entry in ranking.ranked], abs=1e-4)
    assert (told["seeker"], told["situation"], told["set_aside"]) == ("one", ranking.model_name, ranking.set_aside)
    assert (report.rows, report.recommended, report.set_aside) == (1, 1, {})


@pytest.mark.parametrize(
    ("reason", "bad"),
    [
        ("seeker-missing", row(None, [("B1804", None)], [])),
        ("seeker-missing", row("", [("B1804", None)], [])),
        ("nothing-held", row("x", [], [])),
        ("unknown-occupation", row("x", [("B1804", None), ("Z9999", None)], [])),
        ("unknown-occupation", row("x", [(None, "0-2")], [])),
        ("unknown-years", row("x", [("B1804", "12 ans")], [])),
        ("unknown-skill", row("x", [], ["11", "2850199999999"])),
        ("unknown-skill", row("x", [], [None])),
        ("unknown-context", row("x", [("B1804", None)], [], ["C9"])),
        ("code-twice", row("x", [("B1804", None), ("B1804", "6+")], [])),
        ("code-twice", row("x", [], ["11", "13", "11"])),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(toy: BatchRows, tmp_path: Path, reason: str, bad: Row) -> None:
    rows = [row("before", [("B1804", "6+")], []), bad, row("after", [], ["11"])]
    rows[2]["past_occupations"] = None
    source = write(tmp_path / "a.parquet", rows)
    report = run_batch(toy, source, tmp_path / "out", ABOUT)
    assert found_in(tmp_path / "out") == (["before", "after"], [bad["seeker"]])
    aside = pq.read_table(tmp_path / "out" / "set-aside-00000.parquet")
    assert aside.schema.equals(SET_ASIDE)
    (told,) = aside.to_pylist()
    assert (told["row"], told["reason"]) == (1, reason)
    # what somebody wrote where a code should be may be personal
    assert "2850199999999" not in told["message"]
    assert report.set_aside == {reason: 1}


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (pa.table({"id": ["a"], "skills": pa.array([[]], SKILLS)}), "seeker"),
        (pa.table({"seeker": ["a"]}), "rien à rapprocher"),
        (pa.table({"seeker": ["a"], "past_occupations": [["B1804"]]}), "past_occupations"),
        (pa.table({"seeker": ["a"], "skills": ["11"]}), "skills"),
        (pa.table({"seeker": [1], "skills": pa.array([[]], SKILLS)}), "seeker"),
    ],
)
def test_a_file_of_other_columns_is_refused(toy: BatchRows, tmp_path: Path, table: pa.Table, problem: str) -> None:
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(BatchInputError, match=problem):
        run_batch(toy, tmp_path / "a.parquet", tmp_path / "out", ABOUT)


def test_a_damaged_file_is_refused(toy: BatchRows, people: Path, tmp_path: Path) -> None:
    whole = people.read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    middle = bytearray(whole)
    middle[200:4000] = b"\xff" * 3800
    (tmp_path / "pages.parquet").write_bytes(bytes(middle))
    for name in ("cut.parquet", "pages.parquet", "none.parquet"):
        with pytest.raises(BatchInputError):
            run_batch(toy, tmp_path / name, tmp_path / f"out-{name}", ABOUT)


def test_twenty_kills_lose_and_double_nothing(toy: BatchRows, people: Path, tmp_path: Path) -> None:
    """Killed at random moments of its work, and resumed, it ends with the bytes of a run that nobody disturbed."""
    report = run_batch(toy, people, tmp_path / "whole", ABOUT, workers=2, rows_per_part=ROWS_PER_PART)
    assert report.recommended == 1_950
    assert report.set_aside == {"unknown-occupation": 50}
    out = tmp_path / "killed"
    rng = np.random.default_rng(20)
    command = [sys.executable, "-m", "tests.unit.batch_run", str(people), str(out)]
    done, stopped = [0], 0
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, bufsize=1) as helper:
        assert helper.stdin is not None
        assert helper.stdout is not None
        for _ in range(20):
            helper.stdin.write("begin\n")
            process = int(helper.stdout.readline())
            # by what was done and not by the clock alone, so that a slow machine is killed in the middle of things too
            enough, over = done[-1] + int(rng.integers(0, 4)), time.monotonic() + 20
            while len(list(out.glob("part-*.parquet"))) < min(enough, report.parts) and time.monotonic() < over:
                time.sleep(0.001)
            time.sleep(float(rng.random()) * 0.01)
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            stopped += int(helper.stdout.readline()) == -signal.SIGKILL
            parts = sorted(out.glob("part-*.parquet"))
            assert len(parts) >= done[-1], "a part that was done is gone"
            if len(parts) == report.parts:
                # all is done: the next kills need work to interrupt
                for path in parts[:: int(rng.integers(2, 4))]:
                    path.unlink()
            done.append(len(list(out.glob("part-*.parquet"))))
    assert stopped >= 10
    assert len(set(done)) > 3, "no kill came while it worked"
    after = run_batch(toy, people, out, ABOUT, workers=2, rows_per_part=ROWS_PER_PART)
    assert (after.recommended, after.set_aside) == (1_950, report.set_aside)
    assert contents(out) == contents(tmp_path / "whole")
    seekers, aside = found_in(out)
    assert sorted(seekers + aside) == sorted(f"s{number}" for number in range(2_000))


def test_a_row_read_is_a_row_written_where_spark_makes_the_lists(toy: BatchRows) -> None:
    """Set aside or not, in its place; the reader is made once however many pieces a process works on."""
    rows = [row("a", [("B1804", "6+")], []), row(None, [], []), row("b", [], ["11"]), row("c", [("Z9999", None)], [])]
    batch = pa.RecordBatch.from_pylist(rows, SCHEMA)
    placed = batch.append_column(FILE, pa.array(["x.parquet"] * 4)).append_column(ROW, pa.array([7, 8, 9, 10]))
    sent = Counted(toy.space.recommender)
    made = made_by(sent, "experts", 3)
    (first, second) = (pa.Table.from_batches(made(iter([placed.slice(0, 0), placed]))) for _ in range(2))
    assert sent.asked == 1
    assert first.schema.equals(WRITTEN)
    assert first.equals(second)
    found, aside = toy.recommend(batch, limit=3)
    assert (first[ROW].to_pylist(), first[FILE].unique().to_pylist()) == ([7, 8, 9, 10], ["x.parquet"])
    assert first["seeker"].to_pylist() == ["a", None, "b", "c"]
    assert first["reason"].to_pylist() == [None, "seeker-missing", None, "unknown-occupation"]
    assert first.filter(first["reason"].is_null()).select(RECOMMENDED.names).to_pylist() == found.to_pylist()
    assert first["message"].drop_null().to_pylist() == aside["message"].to_pylist()


class Counted:
    """What ranks, as Spark sends it: it is read as seldom as can be."""

    def __init__(self, recommender: Recommender) -> None:
        self.recommender, self.asked = recommender, 0

    @property
    def value(self) -> Recommender:
        self.asked += 1
        return self.recommender


def test_what_is_done_is_not_done_again(toy: BatchRows, people: Path, tmp_path: Path) -> None:
    first = run_batch(toy, people, tmp_path, ABOUT, rows_per_part=ROWS_PER_PART)
    kept = (tmp_path / "part-00003.parquet").stat().st_mtime_ns
    (tmp_path / "part-00001.parquet").unlink()
    (tmp_path / "part-00002.parquet").write_bytes(b"PAR1 cut")
    again = run_batch(toy, people, tmp_path, ABOUT, rows_per_part=ROWS_PER_PART)
    assert (first.parts_before, again.parts_before) == (0, first.parts - 2)
    assert (tmp_path / "part-00003.parquet").stat().st_mtime_ns == kept
    assert json.loads((tmp_path / "report.json").read_text())["rows"] == 2_000


@pytest.mark.parametrize("change", [{"lens": "skills"}, {"dataVersion": "rome-461"}])
def test_the_results_of_another_question_are_refused(
    toy: BatchRows, people: Path, tmp_path: Path, change: dict[str, str]
) -> None:
    run_batch(toy, people, tmp_path, ABOUT)
    with pytest.raises(BatchOutputError, match=next(iter(change))):
        run_batch(toy, people, tmp_path, ABOUT | change)


def _another_source(_: Path, tmp_path: Path) -> tuple[Path, Path]:
    return write(tmp_path / "b.parquet", [row("b", [("B1804", None)], [])]), tmp_path / "out"


def _somebody_elses(people: Path, tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "out2").mkdir()
    (tmp_path / "out2" / "mine.parquet").write_bytes(b"")
    return people, tmp_path / "out2"


@pytest.mark.parametrize("other", [_another_source, _somebody_elses])
def test_a_directory_of_something_else_is_refused(
    toy: BatchRows, people: Path, tmp_path: Path, other: Callable[[Path, Path], tuple[Path, Path]]
) -> None:
    run_batch(toy, people, tmp_path / "out", ABOUT)
    source, out = other(people, tmp_path)
    with pytest.raises(BatchOutputError):
        run_batch(toy, source, out, ABOUT)


def test_two_at_once_in_one_directory_are_refused(toy: BatchRows, people: Path, tmp_path: Path) -> None:
    def meanwhile(_: float) -> None:
        with pytest.raises(BatchOutputError, match="autre"):
            run_batch(toy, people, tmp_path, ABOUT)

    run_batch(toy, people, tmp_path, ABOUT, done=meanwhile)


def test_an_error_in_a_thread_is_told(toy: BatchRows, people: Path, tmp_path: Path) -> None:
    class Failing(BatchRows):
        def recommend(self, batch: pa.RecordBatch, **_: int) -> tuple[pa.RecordBatch, pa.RecordBatch]:
            raise MemoryError(len(batch))

    with pytest.raises(MemoryError):
        run_batch(Failing(toy.space), people, tmp_path, ABOUT, workers=2)
