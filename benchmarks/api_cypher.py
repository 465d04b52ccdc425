"""The same question to the API and to Neo4j by Cypher alone: twenty occupations for who comes from one, and why.

    python -m benchmarks.api_cypher [--seconds 20] [--occupations 20]

Needs NEO4J_TEST_URI, _USER and _PASSWORD; what that server holds is replaced by the graph of PASSERELLE_HOME. In Cypher
the question is ``overlap_ranking`` for the twenty (rare skills in common, the nearest that a query comes to our
ranking), then for each of them ``explanation_paths``, eight paths, and what it asks (``occupation_skills``). How many
of the twenty are the same is printed too, as the two do not weigh alike.
"""

import argparse
import os
import statistics
import time

from benchmarks.api import questions
from benchmarks.api_load import load, served
from graph.connection import Connection, connect_neo4j
from graph.writer import write_graph
from passerelle.answers import Asked, recommend_document
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot

_NAME = "recommendations, 20 explained"


def by_cypher(connection: Connection, code: str) -> list[str]:
    """The twenty, each with its paths and what it asks."""
    found = [str(row["codeRome"]) for row in connection.ask("overlap_ranking", codeRome=code, limit=20)]
    for other in found:
        connection.ask("explanation_paths", codeRome=code, otherCodeRome=other, limit=8)
        connection.ask("occupation_skills", codeRome=other)
    return found


def main() -> None:
    """Prints what both took, in one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--occupations", type=int, default=20)
    given = parser.parse_args()
    home = Settings().home
    snapshot = Snapshot.open(home)
    codes = list(snapshot.graph.codes)[:: max(1, len(snapshot.graph.codes) // given.occupations)]
    uri, user, password = (os.environ[f"NEO4J_TEST_{name}"] for name in ("URI", "USER", "PASSWORD"))
    question = next(one for one in questions(snapshot) if one.name == _NAME)
    with connect_neo4j(uri, user, password) as connection:
        write_graph(connection, snapshot.tables, force=True)
        for code in codes:
            by_cypher(connection, code)
        ranking, whole, same = [], [], 0
        for code in codes:
            began = time.perf_counter()
            connection.ask("overlap_ranking", codeRome=code, limit=20)
            ranking.append(1000 * (time.perf_counter() - began))
            began = time.perf_counter()
            found = by_cypher(connection, code)
            whole.append(1000 * (time.perf_counter() - began))
            ours = recommend_document(snapshot, Asked("", None, [code], "experts", years=["6+"]))["recommendations"]
            same += len(set(found) & {one["codeRome"] for one in ours})
        with served(home, 1) as server:
            load([question], server.port, 1, 1.0)
            api = load([question], server.port, 1, given.seconds)
    alone, explained = statistics.median(ranking), statistics.median(whole)
    print(f"Cypher, the twenty alone: {alone:.1f} ms; with paths and skills: {explained:.1f} ms")
    print(f"API, the twenty explained: {api.median:.1f} ms; Cypher takes {explained / api.median:.1f} times that")
    print(f"occupations in both lists: {same / len(codes):.1f} of 20")


if __name__ == "__main__":
    main()
