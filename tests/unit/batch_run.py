"""Batches over the toy graph as processes of their own, so that they can be killed: source, directory of results.

For each line that is read one is begun, and its number told, then how it ended.
"""

import os
import sys
from pathlib import Path

from passerelle.batch import run_batch
from recommend.batch_rows import BatchRows
from recommend.batch_space import BatchSpace
from tests.unit.toy import toy_recommender

ROWS_PER_PART = 50
ABOUT = {"dataVersion": "toy", "lens": "experts"}


def reader() -> BatchRows:
    return BatchRows(BatchSpace.of(toy_recommender(), "experts"))


def main(source: Path, out: Path) -> None:
    made = reader()
    for _ in sys.stdin:
        # made once and forked: a batch begins at once, so that a kill meets it at its work
        process = os.fork()
        if process == 0:
            run_batch(made, source, out, ABOUT, workers=2, rows_per_part=ROWS_PER_PART)
            os._exit(0)
        print(process, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
