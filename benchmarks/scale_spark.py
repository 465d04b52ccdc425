"""PySpark beside ``benchmarks.scale``: its own joins on a simpler question, and our lists by ``mapInArrow``.

Imported where PySpark is installed alone.
"""

import os
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as of
from scipy.sparse import csr_matrix

from passerelle.batch import ROWS_PER_PART
from passerelle.spark_batch import recommended
from recommend.rank import Recommender


@contextmanager
def local_session(threads: int) -> Iterator[SparkSession]:
    """Spark in this process and on loopback alone, with so many threads."""
    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    conf = {"spark.ui.enabled": "false", "spark.driver.memory": "3g"}
    conf |= {"spark.sql.shuffle.partitions": str(4 * threads), "spark.ui.showConsoleProgress": "false"}
    conf |= {"spark.sql.execution.arrow.maxRecordsPerBatch": str(ROWS_PER_PART)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        session = SparkSession.builder.master(f"local[{threads}]").config(map=conf).getOrCreate()
        try:
            yield session
        finally:
            session.stop()


def joined(
    session: SparkSession, held: csr_matrix, required: csr_matrix, limit: int, place: Path
) -> tuple[float, np.ndarray]:
    """Seekers a second by a join on the skill, a sum of products and a window; (n, limit) cosines, greatest first.

    held: (n, n_skills); required: (n_occupations, n_skills); the second run is timed, once Spark has compiled it
    """
    sides = {}
    for name, matrix in (("seeker", held), ("occupation", required)):
        whole = matrix.tocoo()
        path = place / f"{name}.parquet"
        pq.write_table(pa.table({name: whole.row, "skill": whole.col, f"of_{name}": whole.data}), path)
        read = session.read.parquet(str(path))
        length = read.groupBy(name).agg(of.sqrt(of.sum(of.col(f"of_{name}") ** 2)).alias(f"{name}_length"))
        sides[name] = (read, length)
    (own, own_length), (asked, asked_length) = sides["seeker"], sides["occupation"]
    product = of.sum(of.col("of_seeker") * of.col("of_occupation")).alias("product")
    pairs = own.join(of.broadcast(asked), "skill").groupBy("seeker", "occupation").agg(product)
    cosine = of.col("product") / of.col("seeker_length") / of.col("occupation_length")
    alike = pairs.join(own_length, "seeker").join(asked_length, "occupation").withColumn("cosine", cosine)
    best = Window.partitionBy("seeker").orderBy(of.desc("cosine"), "occupation")
    first = alike.withColumn("place", of.row_number().over(best)).where(f"place <= {limit}")
    for _ in range(2):
        began = time.perf_counter()
        told = first.select("seeker", "place", "cosine").toArrow()
        seconds = time.perf_counter() - began
    found = np.zeros((held.shape[0], limit))
    found[told["seeker"].to_numpy(), told["place"].to_numpy() - 1] = told["cosine"].to_numpy()
    return held.shape[0] / seconds, found


def mapped(session: SparkSession, recommender: Recommender, source: Path) -> float:
    """Seekers a second, from Parquet to lists that go nowhere, the start of Spark's Python processes included."""
    frame = session.read.parquet(str(source))
    began = time.perf_counter()
    recommended(frame, recommender).write.format("noop").mode("overwrite").save()
    return frame.count() / (time.perf_counter() - began)
