"""Bulk writing inside the embedded server's process: one block of nodes and relationships, by the engine's own batch.

Loaded by ``graph.embedded_server`` from the file beside it, and so without anything of the project. A block is a
folder that the client wrote: ``manifest.json`` and one Arrow file a table. The write-ahead log is on (``use_wal``):
a server that is killed in a block starts again with whole pages.
"""

import json
import shutil
import threading
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
#: begins the name of a block's folder
PREFIX = "block-"
#: buffered relationships, and those whose other end waits; bounds of the heap: 768 MiB were too few without them
_BUFFERED = 100_000
_WAITING = 200_000


class BulkWriter:
    """Writes blocks, one at a time; keeps the record ids of the other ends, as long as one load goes on.

    directory: the server's, where clients write their blocks
    """

    def __init__(self, directory: Path, database: Any) -> None:
        self._directory = directory
        self._database = import_module("arcadedb_embedded").Database(database)
        self._lock = threading.Lock()
        self._load = ""
        self._ids: dict[tuple[str, str], dict[str, str]] = {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """What the client of a control connection asks: to write a block, or to be told that none is being written."""
        try:
            with self._lock:
                if request["command"] == "bulk":
                    return {"ok": True, "created": self._write(self._folder(str(request["folder"])))}
                for left in self._directory.glob(f"{PREFIX}*"):
                    # of a client that was killed; a living one may remove its own at the same time
                    shutil.rmtree(left, ignore_errors=True)
                return {"ok": True}
        except Exception as error:  # noqa: BLE001
            # whatever it is, the client that waits must know it
            traceback.print_exc()
            return {"ok": False, "problem": f"{type(error).__name__}: {error}"}

    def _folder(self, name: str) -> Path:
        if not name.startswith(PREFIX) or Path(name).name != name:
            raise ValueError(f"{name!r} is no block")
        return self._directory / name

    def _write(self, folder: Path) -> int:
        """Writes the block of a folder; returns how many relationships were made.

        raises: KeyError for an end that the graph does not have; ArcadeDBError for a key that stands twice.
        """
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["load"] != self._load:
            # another load: the published data may have changed since
            self._load, self._ids = manifest["load"], {}
        links = [(link, _rows(folder / link["file"])) for link in manifest["links"]]
        for link, _ in links:
            self._declare(link["type"])
        node = manifest["node"]
        nodes = _rows(folder / node["file"])
        count = sum(int(rows.num_rows) for _, rows in links)
        with self._database.graph_batch(
            use_wal=True,
            batch_size=_BUFFERED,
            expected_edge_count=max(1, count),
            max_deferred_incoming_edges=_WAITING,
            chunk_cache_capacity=_BUFFERED,
        ) as batch:
            made = batch.create_vertices(node["label"], _without_blanks(nodes))
            own = dict(zip(nodes[node["key"]].to_pylist(), made, strict=True))
            for link, rows in links:
                ends = self._record_ids(link["label"], link["key"])
                batch.new_edges(
                    [own[start] for start in rows["start"].to_pylist()],
                    link["type"],
                    [ends[end] for end in rows["end"].to_pylist()],
                    _without_blanks(rows.drop_columns(["start", "end"])) if rows.num_columns > 2 else None,
                )
        return count

    def _declare(self, kind: str) -> None:
        self._database.command("sql", f"CREATE EDGE TYPE {kind} IF NOT EXISTS")

    def _record_ids(self, label: str, key: str) -> dict[str, str]:
        if (label, key) not in self._ids:
            # names of the project's schema, from who holds the server; a name can be no parameter
            text = f"SELECT {key} AS key, @rid.asString() AS id FROM {label}"  # noqa: S608
            self._ids[label, key] = {row.get("key"): row.get("id") for row in self._database.query("sql", text)}
        return self._ids[label, key]


def _rows(path: Path) -> Any:
    # imported here: the server's process needs it for this alone
    with import_module("pyarrow").ipc.open_file(path) as reader:
        return reader.read_all()


def _without_blanks(rows: Any) -> list[dict[str, Any]]:
    """A missing value is no property."""
    return [{name: value for name, value in row.items() if value is not None} for row in rows.to_pylist()]
