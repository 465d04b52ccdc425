"""``passerelle batch`` past one machine, for ``spark-submit``: Spark reads and writes, ``recommend`` makes the lists.

    spark-submit --master URL passerelle/spark_batch.py FILE.parquet --out DIRECTORY

Rows go through ``mapInArrow`` as record batches; what ranks is broadcast from the driver's build, so that executors
need this package and no build. One row is written for each row read, in the order of each file's piece.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import numpy as np
import pyarrow as pa
import typer

from passerelle.batch import ROWS_PER_PART, BatchReport
from passerelle.errors import BatchInputError, BatchOutputError, PasserelleError
from passerelle.output import AsJson
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from recommend.batch_rows import COLUMNS, RECOMMENDED, SEEKER, SET_ASIDE, BatchRows, check_columns
from recommend.batch_space import BatchSpace
from recommend.rank import Lens, Recommender

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

#: where a row was read: the name of its file, and its number there from 0
FILE, ROW = "file", "row"
#: Spark takes no dictionary of Arrow, and a row set aside has no list
_TOLD = ("reason", "message")
_READERS: dict[str, BatchRows] = {}


def _plain(of: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(of):
        return of.value_type
    return pa.list_(_plain(of.value_type)) if pa.types.is_list(of) else of


WRITTEN = pa.schema(
    [
        pa.field(FILE, pa.string()),
        pa.field(ROW, pa.int64()),
        *(pa.field(field.name, _plain(field.type)) for field in RECOMMENDED),
        *(SET_ASIDE.field(name).with_nullable(True) for name in _TOLD),
    ]
)


def whole(reader: BatchRows, batch: pa.RecordBatch, limit: int) -> pa.Table:
    """What each row of a batch was recommended, or why it was set aside, in the order of the rows (``WRITTEN``).

    batch: the columns of docs/batch.md, ``FILE`` and ``ROW``
    """
    found, aside = reader.recommend(batch, limit=limit)
    there = np.ones(len(batch), dtype=bool)
    there[aside.column("row").to_numpy()] = False
    order = np.argsort(np.concatenate([np.flatnonzero(there), np.flatnonzero(~there)]), kind="stable")
    columns = {FILE: batch.column(FILE), ROW: batch.column(ROW)}
    for field in WRITTEN:
        if field.name not in columns:
            parts = [
                of.column(field.name).cast(field.type)
                if field.name in of.schema.names
                else pa.nulls(len(of), field.type)
                for of in (found, aside)
            ]
            columns[field.name] = pa.chunked_array(parts, field.type).take(pa.array(order))
    return pa.table(columns, schema=WRITTEN)


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
    with warnings.catch_warnings():
        # record batches of Arrow go through, never pandas
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        return placed.mapInArrow(_made_by(told, uuid4().hex, lens, limit), _ddl(WRITTEN))


def _made_by(
    told: "Broadcast[Recommender]", key: str, lens: Lens, limit: int
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def make(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        reader = _reader(told, key, lens)
        for batch in batches:
            if len(batch):
                yield from whole(reader, batch, limit).combine_chunks().to_batches()

    return make


def _reader(told: "Broadcast[Recommender]", key: str, lens: Lens) -> BatchRows:
    """Made once in each Python process of an executor, which works on one task after the other."""
    if key not in _READERS:
        _READERS.clear()
        _READERS[key] = BatchRows(BatchSpace.of(told.value, lens))
    return _READERS[key]


def _ddl(schema: pa.Schema) -> str:
    def name(of: pa.DataType) -> str:
        if pa.types.is_list(of):
            return f"array<{name(of.value_type)}>"
        return {"string": "string", "int32": "int", "int64": "bigint", "float": "float", "bool": "boolean"}[str(of)]

    return ", ".join(f"`{field.name}` {name(field.type)}" for field in schema)


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
            print(f"{count} mis de côté : {reason}.")


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
