"""What Spark refuses, told by its code: a directory that exists, a file of other columns, and none at all."""

import sys
from pathlib import Path

from pyspark.sql import SparkSession

from passerelle.errors import PasserelleError
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from passerelle.spark_batch import run_spark


def main(place: Path) -> None:
    snapshot = Snapshot.open(Settings().home)
    session = SparkSession.builder.getOrCreate()
    for source, out in (("people", "there"), ("other", "out"), ("none", "out")):
        try:
            run_spark(session, snapshot, str(place / f"{source}.parquet"), str(place / out))
        except PasserelleError as error:
            print(f"{error.code} {error}")
    session.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
