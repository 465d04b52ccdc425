"""Answers and the graph agree: arrays read back are those of the files, and each path is there to be walked."""

import numpy as np
import pytest

from graph.connection import Connection
from graph.queries import query
from graph.reader import read_graph
from graph.tables import GraphTables
from recommend.explain import Path, paths_of
from recommend.profile import Profile
from recommend.rank import LENSES, Recommender, rank
from recommend.search import SearchIndex
from recommend.skillgraph import SkillGraph

pytestmark = pytest.mark.real_data

#: manual trades and office ones, whose recommendations together walk every kind of path
CASES = ("B1804", "H2605", "M1607", "K1104", "D1102")


@pytest.fixture(scope="module")
def paths(real_recommender: Recommender) -> list[Path]:
    graph = real_recommender.graph
    found = []
    for code in CASES:
        for lens in LENSES:
            ranking = rank(real_recommender, Profile.of_occupations(graph, [code]), lens=lens, limit=10)
            for entry in ranking.ranked:
                found += paths_of(ranking, entry.occupation, limit=40)
    return found


def test_arrays_read_back_are_those_of_the_files(loaded: Connection, rome_tables: GraphTables) -> None:
    again = read_graph(loaded)
    for record in (SkillGraph, SearchIndex):
        ours, theirs = record.of(rome_tables).to_arrays(), record.of(again).to_arrays()
        assert ours.keys() == theirs.keys()
        for name, array in ours.items():
            np.testing.assert_array_equal(theirs[name], array, err_msg=f"{record.__name__}.{name}")


def test_every_path_shown_is_in_the_graph(loaded: Connection, paths: list[Path]) -> None:
    asked = {(path.query, str(path.parameters)): path for path in paths}
    assert {path.kind for path in paths} >= {"shared-skill", "common-macro-skill", "shared-context", "neighbour"}
    assert {path.kind for path in paths} >= {"near-there", "parallel-move", "listed-together"}
    assert {path.kind for path in paths} >= {"transferable-skill", "stepping-stone"}
    for path in asked.values():
        rows = loaded.ask(path.query, **path.parameters)
        assert rows, path
        for row in rows:
            assert list(row) == list(query(path.query).columns)
            assert None not in row.values()


def test_a_path_that_is_not_there_gives_no_row(loaded: Connection) -> None:
    assert loaded.ask("path_shared_skill", past=["B1804"], to="H2605", skill="0") == []
    assert loaded.ask("path_stepping_stone", past=["B1804"], to="H2605", via="A1101") == []
