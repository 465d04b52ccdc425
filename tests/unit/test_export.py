"""Exports open again in the tools they are for, and hold what the tables hold; a target that cannot be is told."""

import errno
import resource
import sys
import xml.etree.ElementTree as ET  # what is parsed was written here
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from graph.export import _failed, _quoted, _text, to_networkx, write_graphml, write_parquet
from graph.schema import NODE_BY_LABEL, RELATIONSHIPS
from graph.tables import GraphTables, Source, TablesMeta
from passerelle import export_cli
from passerelle.errors import ExportError
from tests.unit.toy import toy_tables

networkx = pytest.importorskip("networkx")
Write = Callable[[GraphTables, Path], None]
WRITERS = [write_graphml, write_parquet]
ROME = Source("ROME 4.0", "France Travail", "Licence Ouverte 2.0", "460", 2025, "https://example.org")


@pytest.fixture(scope="module")
def tables() -> GraphTables:
    toy = toy_tables()
    return replace(toy, meta=TablesMeta("toy", sources=(ROME,)))


def _content(graph: Any) -> tuple[dict[str, Any], list[Any]]:
    """Nodes and edges in an order of their own; an edge's id is the writer's."""
    edges = [(start, end, sorted(values.items())) for start, end, values in graph.edges(data=True)]
    return dict(graph.nodes(data=True)), sorted(edges, key=str)


def test_networkx_holds_every_node_and_relationship(tables: GraphTables) -> None:
    graph = to_networkx(tables)
    assert graph.number_of_nodes() == tables.node_count
    assert graph.number_of_edges() == tables.relationship_count
    assert graph.graph == {"data_version": "toy", "sample": False}
    assert graph.nodes["Skill:1"] == {
        "labels": ":Skill:MacroSkill",
        "codeOgr": "1",
        "label": "Assembler des pièces",
        "labelNorm": "assembler des pieces",
        "kind": "know-how",
        "macro": True,
    }
    # unknown is absent: neither false nor empty
    assert "manager" not in graph.nodes["Occupation:B1804"]
    assert graph.nodes["Occupation:B1803"]["manager"] is False
    moves = graph.edges["Occupation:B1804", "Occupation:B1803", "MOVES_TO"]
    assert moves == {"type": "MOVES_TO", "rank": 1, "source": "ROME 4.0", "year": 2025}
    # what a model computed is in no publication
    assert graph.edges["Skill:11", "Skill:12", "SIMILAR_TO"] == {"type": "SIMILAR_TO", "score": 0.85, "model": "toy"}


def test_graphml_opens_as_the_same_graph(tables: GraphTables, tmp_path: Path) -> None:
    target = tmp_path / "toy.graphml"
    write_graphml(tables, target)
    assert _content(networkx.read_graphml(target, force_multigraph=True)) == _content(to_networkx(tables))
    assert list(tmp_path.iterdir()) == [target]


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_comes_back_from_xml(text: str) -> None:
    element = ET.fromstring(f"<a b={_quoted(text)}>{_text(text)}</a>")  # noqa: S314
    # what XML cannot hold at all is shown as replaced, and is not dropped in silence
    held = "".join(c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in text)
    assert (element.attrib["b"], element.text or "") == (held, held)


def test_parquet_opens_as_the_same_tables(tables: GraphTables, tmp_path: Path) -> None:
    write_parquet(tables, tmp_path / "toy")
    again = GraphTables.load(tmp_path / "toy")
    assert again.checksum() == tables.checksum()
    assert again.meta == tables.meta


@pytest.mark.real_data
def test_the_whole_graph_opens_with_equal_counts(built_tables: GraphTables, tmp_path: Path) -> None:
    target = tmp_path / "rome.graphml"
    write_graphml(built_tables, target)
    found = {"node": 0, "edge": 0}
    ids: set[str] = set()
    for _, element in ET.iterparse(target):  # noqa: S314
        tag = element.tag.rpartition("}")[2]
        if tag in found:
            found[tag] += 1
            if tag == "node":
                ids.add(element.attrib["id"])
            else:
                assert {element.attrib["source"], element.attrib["target"]} <= ids
            element.clear()
    assert found == {"node": built_tables.node_count, "edge": built_tables.relationship_count}
    graph = to_networkx(built_tables)
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (found["node"], found["edge"])
    moves = built_tables.relationships["moves_to"]
    lacemaker = moves[moves["start"] == "B1804"].set_index("end")["rank"].to_dict()
    shown = {
        graph.nodes[end]["codeRome"]: values["rank"]
        for _, end, key, values in graph.out_edges("Occupation:B1804", keys=True, data=True)
        if key == "MOVES_TO"
    }
    assert shown == lacemaker


def test_a_name_of_two_types_is_declared_as_text(tmp_path: Path) -> None:
    named = {"label": ["x"], "labelNorm": ["x"]}
    occupation = pd.DataFrame({"codeRome": ["A1101"], "codeOgr": ["1"], "transitionEco": ["Emploi Vert"], **named})
    skill = pd.DataFrame({"codeOgr": ["2"], "kind": ["soft"], "macro": [False], "transitionEco": [True], **named})
    write_graphml(GraphTables.of({"Occupation": occupation, "Skill": skill}, {}, TablesMeta("t")), tmp_path / "t")
    nodes = networkx.read_graphml(tmp_path / "t").nodes
    assert [nodes[name]["transitionEco"] for name in ("Occupation:A1101", "Skill:2")] == ["Emploi Vert", "true"]


def test_no_two_relationships_share_a_pair_and_a_type() -> None:
    # what lets a type be an edge's key: two tables of one type never join the same two labels
    joined = [(spec.type, spec.start, spec.end) for spec in RELATIONSHIPS]
    assert len(set(joined)) == len(joined)
    assert {spec.start for spec in RELATIONSHIPS} <= set(NODE_BY_LABEL)


@pytest.mark.parametrize("write", WRITERS)
def test_what_exists_is_left_as_it_is(tables: GraphTables, tmp_path: Path, write: Write) -> None:
    target = tmp_path / "there"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(ExportError, match="existe déjà"):
        write(tables, target)
    assert target.read_text(encoding="utf-8") == "mine"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("write", WRITERS)
def test_a_folder_that_is_not_there_is_told(tables: GraphTables, tmp_path: Path, write: Write) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ExportError, match="dossier n'existe pas"):
        write(tables, tmp_path / "file" / "export")
    with pytest.raises(ExportError, match="dossier n'existe pas"):
        write(tables, tmp_path / "nowhere" / "export")


@pytest.fixture
def little_room() -> Iterator[None]:
    """No file may grow past 1,000 bytes: what a full disk does, at a moment that the test chooses."""
    if sys.platform == "win32":
        pytest.skip("needs a limit on the size of files")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("little_room")
@pytest.mark.parametrize("write", WRITERS)
def test_a_full_disk_leaves_nothing(tables: GraphTables, tmp_path: Path, write: Write) -> None:
    with pytest.raises(ExportError, match="disque est plein"):
        write(tables, tmp_path / "export")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "told"),
    [(errno.EACCES, "droit"), (errno.EROFS, "droit"), (errno.ENOSPC, "plein"), (errno.EIO, "a échoué")],
)
def test_each_failure_has_its_sentence(number: int, told: str) -> None:
    error = _failed(Path("x"), OSError(number, "told by the system"))
    assert told in error.problem
    assert error.exit_code == 14


def test_networkx_that_lacks_says_what_to_install(tables: GraphTables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(ExportError, match=r"pip install '\.\[export\]'"):
        to_networkx(tables)


@pytest.mark.parametrize("form", ["graphml", "parquet"])
def test_the_command_writes_the_build(
    tables: GraphTables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    class Opened:
        def __init__(self) -> None:
            self.tables = tables

        @classmethod
        def open(cls, home: Path) -> "Opened":
            assert home == tmp_path
            return cls()

    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    monkeypatch.setattr(export_cli, "Snapshot", Opened)
    app = export_cli.typer.Typer()
    app.command()(export_cli.export)
    target = tmp_path / "out"
    result = CliRunner().invoke(app, [form, "--out", str(target)], catch_exceptions=False)
    assert result.exit_code == 0
    assert f"{tables.node_count} nœuds" in result.output
    assert target.is_file() if form == "graphml" else GraphTables.load(target).checksum() == tables.checksum()
