"""Everyone's lists as Spark's ``mapInArrow`` asks: record batches in, record batches out, a row for each row.

Apart from what drives Spark, so that an executor imports this room alone. Nothing here imports Spark.
"""

from collections.abc import Callable, Iterator
from typing import Protocol
from uuid import uuid4

import numpy as np
import pyarrow as pa

from recommend.batch_rows import RECOMMENDED, SET_ASIDE, BatchRows
from recommend.batch_space import BatchSpace
from recommend.rank import Lens, Recommender

#: where a row was read: the name of its file, and its number there from 0
FILE, ROW = "file", "row"
_TOLD = ("reason", "message")
_READERS: dict[str, BatchRows] = {}


class Sent(Protocol):
    """What ranks, as it was sent to an executor: a Spark ``Broadcast``."""

    @property
    def value(self) -> Recommender:
        """Read where it is asked for, and kept there."""
        ...


def _plain(of: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(of):
        return of.value_type
    return pa.list_(_plain(of.value_type)) if pa.types.is_list(of) else of


#: a row read is a row written: Spark takes no dictionary of Arrow, and a row set aside has no list
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


def made_by(sent: Sent, lens: Lens, limit: int) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What ``mapInArrow`` runs on each piece of the rows."""
    key = uuid4().hex

    def make(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if len(batch):
                yield from whole(_reader(sent, key, lens), batch, limit).combine_chunks().to_batches()

    return make


def _reader(sent: Sent, key: str, lens: Lens) -> BatchRows:
    """Made once in each Python process of an executor, which works on one piece after the other."""
    if key not in _READERS:
        _READERS.clear()
        _READERS[key] = BatchRows(BatchSpace.of(sent.value, lens))
    return _READERS[key]


def ddl(schema: pa.Schema) -> str:
    """A schema of texts, numbers and lists as Spark writes it."""

    def name(of: pa.DataType) -> str:
        if pa.types.is_list(of):
            return f"array<{name(of.value_type)}>"
        return {"string": "string", "int32": "int", "int64": "bigint", "float": "float", "bool": "boolean"}[str(of)]

    return ", ".join(f"`{field.name}` {name(field.type)}" for field in schema)
