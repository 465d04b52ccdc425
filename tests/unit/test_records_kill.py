"""Killed while it writes, or written by two processes at once: everything that was acknowledged is there.

A kill shows that nothing acknowledged waits in the process. That it is on the disk itself is what ``synchronous`` is
for (test_records_faults.py); to show it one would have to cut the power.
"""

import multiprocessing
import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import date
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from records.forms import Verdict
from tests.unit.records_toy import ASKED, CONTEXTS, LACEMAKER, Clock, bytes_on_disk, open_toy, shown

if sys.platform != "win32":
    import fcntl

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork server")
KILLS = 30
KEEP = Verdict(code_rome="H2605", choice="keep")


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Children that begin with everything imported, so that a kill falls into writing and not into starting."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def write_for_ever(path: Path, seed: int, acknowledged: Connection, number: int | None = None) -> None:
    """Records lists for a seeker and decisions on them, erases every third seeker, and tells what has returned."""
    with open_toy(path, Clock(chance=random.Random(seed)), wait_s=30) as records:
        done = 0
        while number is None or done < number:
            seeker = records.seekers.create(LACEMAKER, contexts=CONTEXTS)
            entry = records.audit.record(ASKED, shown(), seeker_id=seeker.id)
            records.decisions.record(entry.id, KEEP)
            acknowledged.send((seeker.id, entry.id))
            if done % 3 == 2:
                acknowledged.send((seeker.id, "erasing"))
                records.erase(seeker.id)
                acknowledged.send((seeker.id, "erased"))
            done += 1
    acknowledged.close()


def _told(acknowledged: Connection) -> Iterator[tuple[str, str]]:
    try:
        while True:
            yield acknowledged.recv()
    except EOFError:
        acknowledged.close()


def _check(path: Path, told: list[tuple[str, str]]) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    decided = {row[0] for row in connection.execute("SELECT recommendation FROM decision")}
    linked = set(connection.execute("SELECT seeker, recommendation FROM seeker_recommendation").fetchall())
    seekers = {row[0] for row in connection.execute("SELECT id FROM seeker")}
    # no seeker is there by half
    halves = connection.execute(
        "SELECT count(*) FROM seeker WHERE (SELECT count(*) FROM seeker_skill WHERE seeker = seeker.id) <> 2"
    ).fetchone()[0]
    connection.close()
    assert halves == 0
    recorded = {(seeker, entry) for seeker, entry in told if entry not in ("erasing", "erased")}
    erasing, erased = ({seeker for seeker, what in told if what == word} for word in ("erasing", "erased"))
    assert {entry for _, entry in recorded} <= decided
    assert {pair for pair in recorded if pair[0] not in erasing} <= linked
    assert not erased & seekers


def test_killed_at_thirty_random_moments_nothing_acknowledged_is_lost(
    tmp_path: Path, processes: ForkServerContext
) -> None:
    chance = random.Random(2026)
    path = tmp_path / "r.sqlite"
    told: list[tuple[str, str]] = []
    for kill in range(KILLS):
        receiving, sending = processes.Pipe(duplex=False)
        child = processes.Process(target=write_for_ever, args=(path, kill, sending))
        child.start()
        sending.close()
        # by what was done and not by the clock alone, so that a slow machine is killed in the middle of things too
        told += [receiving.recv() for _ in range(chance.randint(1, 12))]
        time.sleep(chance.uniform(0, 0.01))
        child.kill()
        child.join()
        assert child.exitcode == -9
        told += _told(receiving)
        _check(path, told)
    assert len(told) > KILLS
    # erasures that a kill cut short are finished by the next start
    with open_toy(path) as records:
        records.finish_erasures()
        there = set(records.seekers.untouched_since(date.max))
        gone = {seeker for seeker, _ in told} - there
        content = bytes_on_disk(path)
        assert gone
        assert not [seeker for seeker in gone if seeker.encode() in content]
        assert all(seeker.encode() in content for seeker in there)


def test_two_processes_that_write_at_once_lose_nothing(tmp_path: Path, processes: ForkServerContext) -> None:
    path = tmp_path / "r.sqlite"
    each = 30
    children = []
    for seed in range(2):
        receiving, sending = processes.Pipe(duplex=False)
        child = processes.Process(target=write_for_ever, args=(path, seed, sending, each))
        child.start()
        sending.close()
        children.append((child, receiving))
    told = [message for _, receiving in children for message in _told(receiving)]
    for child, _ in children:
        child.join()
        assert child.exitcode == 0
    assert len(told) == 2 * (each + 2 * (each // 3))
    _check(path, told)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM decision").fetchone()[0] == 2 * each
    assert connection.execute("SELECT count(*) FROM seeker").fetchone()[0] == 2 * (each - each // 3)
    connection.close()


def hold_checkpoint(log_index: Path, held: Connection) -> None:
    """Holds the lock of a checkpoint, for which SQLite does not wait, until some time after the word.

    Byte 121 of the log's index (SQLite, "WAL-mode File Format", 2.3.1: WAL_CKPT_LOCK).
    """
    with log_index.open("r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX, 1, 121)
        held.send("held")
        held.recv()
        time.sleep(0.3)


def test_scrubbing_waits_while_another_process_empties_the_log(tmp_path: Path, processes: ForkServerContext) -> None:
    path = tmp_path / "r.sqlite"
    with open_toy(path, wait_s=30) as records:
        seeker = records.seekers.create(LACEMAKER, contexts=CONTEXTS)
        ours, theirs = processes.Pipe()
        child = processes.Process(target=hold_checkpoint, args=(path.with_name("r.sqlite-shm"), theirs))
        child.start()
        assert ours.recv() == "held"
        ours.send("go")
        records.erase(seeker.id)
        assert seeker.id.encode() not in bytes_on_disk(path)
        child.join()


def open_at_once(path: Path, ready: Connection) -> None:
    """Waits for the word, then opens: the file is made by whoever comes first."""
    ready.recv()
    open_toy(path, wait_s=30).close()


def test_processes_that_make_the_file_at_once_do_not_fail(tmp_path: Path, processes: ForkServerContext) -> None:
    for attempt in range(5):
        children = []
        for _ in range(3):
            receiving, sending = processes.Pipe(duplex=False)
            child = processes.Process(target=open_at_once, args=(tmp_path / f"{attempt}.sqlite", receiving))
            child.start()
            receiving.close()
            children.append((child, sending))
        for _, sending in children:
            sending.send("go")
            sending.close()
        for child, _ in children:
            child.join()
            assert child.exitcode == 0
