"""A load in its own process, which a test may kill: says each step on a line, ``done`` when the server has answered."""

import sys
from pathlib import Path

from graph.connection import connect
from graph.tables import GraphTables
from graph.writer import write_graph
from passerelle.settings import Settings

if __name__ == "__main__":
    tables = GraphTables.load(Path(sys.argv[1]))
    with connect(Settings()) as connection:
        # the embedded server's process, 0 for a Neo4j
        print("server", 0 if connection.lease is None else connection.lease.status.pid, flush=True)
        write_graph(connection, tables, lambda _table, done, total: print("step", done, total, flush=True))
        print("done", flush=True)
