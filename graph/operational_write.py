"""A block of people -> a server, by the fastest safe way of each: parallel sessions of Bolt, or the engine's batch."""

import json
import shutil
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
from neo4j.exceptions import TransientError
from numpy.typing import NDArray

from graph.connection import Connection
from graph.embedded import Lease
from graph.operational import OPERATIONAL_RELATIONSHIPS, Block, end_key
from graph.operational_bulk import MANIFEST, PREFIX
from graph.queries import template

#: rows of one transaction
BATCH = 5_000
#: times that a transaction which the server rolled back, for a lock that others held, is tried again
_TRIES = 10


def write_by_bolt(connection: Connection, block: Block, load: str, sessions: int) -> None:
    """Nodes, then relationships table by table, in so many sessions at once.

    A skill that all have is a lock that all want: no two sessions write to the same other end, and each goes through
    its own in order, so that one lock serves many rows. What still locks is rolled back by the server and tried again.
    load:   id of the load; nothing is written once another has begun
    raises: Neo4jError when the server refuses a batch; GraphUnavailableError when it goes away.
    """
    name = template(f"operational_{block.spec.label.lower()}_create")
    with ThreadPoolExecutor(sessions) as pool:
        list(pool.map(lambda rows: _run(connection, name, rows, load), _batches(block.nodes)))
        for table, rows in block.links.items():
            text = template(f"operational_{table}")
            list(pool.map(lambda part, text=text: _in_order(connection, text, part, load), shared_out(rows, sessions)))


def write_by_bulk(lease: Lease, block: Block, load: str) -> None:
    """By the embedded server's own process, which reads the block from a folder beside its database.

    load:   id of the load
    raises: GraphConflictError when the server refuses the block; GraphUnavailableError when it ends.
    """
    folder = lease.directory / f"{PREFIX}{uuid.uuid4()}"
    folder.mkdir(mode=0o700)
    try:
        node = {"label": block.spec.label, "key": block.spec.key, "file": "nodes.arrow"}
        _save(block.nodes, folder / node["file"])
        links = []
        for link in OPERATIONAL_RELATIONSHIPS:
            if link.table in block.links:
                file = f"{link.table}.arrow"
                _save(block.links[link.table], folder / file)
                links.append({"type": link.type, "label": link.end, "key": end_key(link), "file": file})
        manifest = {"load": load, "node": node, "links": links}
        (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        lease.write_block(folder.name)
    finally:
        # another load may have removed it: the server has then refused it
        shutil.rmtree(folder, ignore_errors=True)


def _batches(rows: pa.Table) -> list[pa.Table]:
    return [rows.slice(start, BATCH) for start in range(0, rows.num_rows, BATCH)]


def _in_order(connection: Connection, text: str, rows: pa.Table, load: str) -> None:
    for batch in _batches(rows):
        _run(connection, text, batch, load)


def _run(connection: Connection, text: str, batch: pa.Table, load: str) -> None:
    rows = [{name: value for name, value in row.items() if value is not None} for row in batch.to_pylist()]
    for attempt in range(_TRIES):
        try:
            connection.run(text, {"rows": rows, "load": load})
        except TransientError:
            # the server has rolled it back: nothing of it is there
            if attempt == _TRIES - 1:
                raise
            time.sleep(0.05 * 2**attempt)
        else:
            return


def shared_out(rows: pa.Table, parts: int) -> list[pa.Table]:
    """The rows (columns start and end among them) in so many parts that share no end, each sorted by it."""
    codes: NDArray[np.int64] = rows["end"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    return [rows.filter(pa.array(codes % parts == part)).sort_by("end") for part in range(parts)]


def _save(rows: pa.Table, path: Path) -> None:
    with pa.ipc.new_file(path, rows.schema) as writer:
        writer.write_table(rows)
