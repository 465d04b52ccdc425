"""``passerelle batch`` past one machine, for ``spark-submit``: Spark reads and writes, ``recommend`` makes the lists.

    spark-submit --master URL passerelle/spark_batch.py FILE.parquet --out DIRECTORY

Rows go through ``mapInArrow`` as record batches; what ranks is broadcast from the driver's build, so that executors
need this package and no build. One row is written for each row read, in the order of each file's piece.
"""

import json
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from passerelle.batch import ROWS_PER_PART, BatchReport
from passerelle.errors import BatchInputError, BatchOutputError, PasserelleError
from passerelle.output import AsJson
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from recommend.batch_arrow import FILE, ROW, WRITTEN, ddl, made_by
from recommend.batch_rows import COLUMNS, REASONS, SEEKER, check_columns
from recommend.rank import Lens, Recommender

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def recommended(frame: "DataFrame", recommender: Recommender, lens: Lens = "experts", limit: int = 20) -> "DataFrame":
    """A row for each row of a frame that Spark reads from Parquet: its list, or why it was set aside (``WRITTEN``).

    raises: BatchInputError when a column lacks or has another type
    """
    from pyspark.sql.pandas.types import to_arrow_schema  # noqa: PLC0415

    names = [name for name in frame.columns if name in {SEEKER, *COLUMNS}]
    check_columns(to_arrow_schema(frame.select(*names).schema), "Spark")
    session = frame.sparkSession
    told = session.sparkContext.broadcast(recommender)
    placed = frame.selectExpr(*names, f"_metadata.file_name AS {FILE}", f"_metadata.row_index AS {ROW}")
    return placed.mapInArrow(made_by(told, lens, limit), ddl(WRITTEN))


def run_spark(
    session: "SparkSession", snapshot: Snapshot, source: str, out: str, lens: Lens = "experts", limit: int = 20
) -> BatchReport:
    """Reads and writes where Spark does; the versions are in each file's metadata, on the column ``seeker``.

    raises: BatchInputError, BatchOutputError
    """
    from pyspark.errors import AnalysisException  # noqa: PLC0415

    began = time.monotonic()
    try:
        frame = session.read.parquet(source)
    except AnalysisException as error:
        raise BatchInputError(source, f"Spark ne peut pas le lire ({_first_line(error)})") from error
    info = snapshot.info
    about = {"dataVersion": info.data_version, "modelVersion": info.model_version, "build": info.fingerprint}
    about |= {"lens": lens, "limit": str(limit)}
    made = recommended(frame, snapshot.recommender, lens, limit)
    made = made.withMetadata(SEEKER, {f"passerelle.{key}": value for key, value in about.items()})
    try:
        made.write.mode("errorifexists").parquet(out)
    except AnalysisException as error:
        problem = f"Spark n'y écrit pas ({_first_line(error)})"
        raise BatchOutputError(out, problem, "Donnez un dossier qui n'existe pas encore.") from error
    return _reported(session, frame.count(), out, time.monotonic() - began)


def _reported(session: "SparkSession", rows: int, out: str, seconds: float) -> BatchReport:
    """Counts what the files hold.

    raises: BatchOutputError when there are not as many rows as were read
    """
    written = session.read.parquet(out)
    counts = {row["reason"]: row["count"] for row in written.groupBy("reason").count().collect()}
    if sum(counts.values()) != rows:
        problem = f"{sum(counts.values())} lignes y sont, pour {rows} lues"
        raise BatchOutputError(out, problem, "Le fichier lu a-t-il changé ? Relancez vers un autre dossier.")
    well = counts.pop(None, 0)
    return BatchReport(rows, well, dict(sorted(counts.items())), len(written.inputFiles()), 0, round(seconds, 3))


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


def batch(
    source: Annotated[str, typer.Argument(metavar="FICHIER.parquet", help="Fichier ou dossier, où que Spark lise.")],
    out: Annotated[
        str, typer.Option("--out", metavar="DOSSIER", help="Dossier des résultats, qui n'existe pas encore.")
    ],
    lens: Annotated[Lens, typer.Option(help="experts ou skills, comme pour recommend.")] = "experts",
    limit: Annotated[int, typer.Option(min=1, max=200, help="Métiers par profil.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Propose des métiers à tous les profils d'un fichier Parquet, sur les machines que donne spark-submit."""
    # only here: nothing else of Passerelle needs Spark
    from pyspark.sql import SparkSession  # noqa: PLC0415

    snapshot = Snapshot.open(Settings().home)
    rows = {"spark.sql.execution.arrow.maxRecordsPerBatch": str(ROWS_PER_PART)}
    session = SparkSession.builder.appName("passerelle batch").config(map=rows).getOrCreate()
    try:
        report = run_spark(session, snapshot, source, out, lens, limit)
    finally:
        session.stop()
    if as_json:
        print(json.dumps(asdict(report), ensure_ascii=False, indent=1))
    else:
        print(f"{report.recommended} profils sur {report.rows} ont leur liste dans {out}.")
        for reason, count in report.set_aside.items():
            print(f"{count} mis de côté : {REASONS[reason]} ({reason}).")


def main() -> None:
    """Runs the command; an error that a person can act upon is one sentence and its exit status."""
    try:
        typer.run(batch)
    except PasserelleError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    # by its name, so that executors import what they run instead of getting a copy of it with each task
    from passerelle.spark_batch import main as run

    run()
