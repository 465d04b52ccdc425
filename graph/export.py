"""The graph for other tools: GraphML and Parquet on disk, a networkx graph in memory; no server is needed.

A node's id is its label and key, ``Occupation:B1804``; ``labels`` holds all its labels as servers print them, ``type``
is a relationship's. Properties have the names of ``graph.schema``; what is missing is absent. A relationship from a
publication carries ``source`` and ``year``, as it does on the servers.
"""

import errno
import importlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any
from uuid import uuid4
from xml.sax.saxutils import escape, quoteattr

import pandas as pd

from graph.schema import NODES, RELATIONSHIPS, NodeSpec, RelationshipSpec
from graph.tables import GraphTables
from passerelle.errors import ExportError

#: rows that become Python objects at once
_CHUNK = 5_000
_GRAPHML_TYPES = {"string": "string", "boolean": "boolean", "int64": "long", "Int64": "long", "float64": "double"}
_GRAPHML_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns '
    'http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
)
#: characters that XML 1.0 cannot hold, as ``str.translate`` takes them; a carriage return would be read as a line end
_XML = {code: "\ufffd" for code in (*range(0x20), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)) if code not in (9, 10, 13)}
_XML[13] = "&#13;"

Row = dict[str, Any]


def write_graphml(tables: GraphTables, target: Path) -> None:
    """Writes one GraphML file (graphml.graphdrawing.org), row by row: Gephi, yEd, networkx and igraph read it.

    raises: ExportError when the target exists or cannot be written; then nothing is left of it.
    """

    def write(draft: Path) -> None:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            _write_graphml(tables, file)

    _place(target, write)


def write_parquet(tables: GraphTables, target: Path) -> None:
    """Writes a directory of Parquet files, one a table of the schema, and ``meta.json``; ``GraphTables.load`` reads it.

    raises: ExportError when the target exists or cannot be written; then nothing is left of it.
    """
    _place(target, tables.save)


def to_networkx(tables: GraphTables) -> Any:
    """The graph in memory, a ``networkx.MultiDiGraph``: several hundred megabytes for the whole ROME.

    Graph attributes: ``data_version``, ``sample``. An edge's key is its type.
    raises: ExportError when networkx is not installed.
    """
    try:
        # an extra: the rest of the export does without
        networkx = importlib.import_module("networkx")
    except ImportError as error:
        raise ExportError(Path("networkx"), "n'est pas installé", "Lancez « pip install '.[export]' »") from error
    graph = networkx.MultiDiGraph(data_version=tables.meta.data_version, sample=tables.meta.sample)
    graph.add_nodes_from((_id(spec.label, row[spec.key]), values) for spec, row, values in _nodes(tables))
    graph.add_edges_from(
        (_id(spec.start, row["start"]), _id(spec.end, row["end"]), spec.type, values)
        for spec, row, values in _relationships(tables)
    )
    return graph


def _nodes(tables: GraphTables) -> Iterator[tuple[NodeSpec, Row, Row]]:
    """Each node: its specification, its row, and its attributes."""
    for spec in NODES:
        for row in _rows(tables.nodes[spec.label]):
            extra = [label for column, label in spec.extra_labels.items() if row.get(column)]
            yield spec, row, {"labels": "".join(f":{label}" for label in (spec.label, *extra)), **row}


def _relationships(tables: GraphTables) -> Iterator[tuple[RelationshipSpec, Row, Row]]:
    """Each relationship: its specification, its row, and its attributes."""
    rome = next(iter(tables.meta.sources), None)
    for spec in RELATIONSHIPS:
        own = {column.name for column in spec.properties}
        published = rome is not None and not own & {"source", "model"}
        source = {"source": rome.name, "year": rome.year} if rome is not None and published else {}
        given = {name: value for name, value in source.items() if value is not None}
        for row in _rows(tables.relationships[spec.table]):
            values = {name: value for name, value in row.items() if name not in ("start", "end")}
            yield spec, row, {"type": spec.type, **values, **given}


def _rows(frame: pd.DataFrame) -> Iterator[Row]:
    """Each row without what is missing, its values as Python has them."""
    for start in range(0, len(frame), _CHUNK):
        part = frame.iloc[start : start + _CHUNK]
        names = [str(name) for name in part.columns]
        # one column at a time: ``tolist`` gives Python's own values, and all the columns at once are as many copies
        columns = [part[name].astype(object).where(part[name].notna(), None).tolist() for name in names]
        for values in zip(*columns, strict=True):
            yield {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _write_graphml(tables: GraphTables, file: IO[str]) -> None:
    file.write(_GRAPHML_HEAD)
    keys: dict[tuple[str, str], str] = {}
    for kind, specs in (("node", NODES), ("edge", RELATIONSHIPS)):
        types = {"labels": "string"} if kind == "node" else {"type": "string", "source": "string", "year": "long"}
        for spec in specs:
            for column in spec.columns:
                if kind == "node" or column.name not in ("start", "end"):
                    declared = _GRAPHML_TYPES[column.dtype]
                    # transitionEco is a word of an occupation and a yes or no of a skill: GraphML has one type a name
                    types[column.name] = declared if types.get(column.name, declared) == declared else "string"
        for name, declared in types.items():
            keys[kind, name] = f"k{len(keys)}"
            file.write(f'<key id="{keys[kind, name]}" for="{kind}" attr.name={quoteattr(name)} ')
            file.write(f'attr.type="{declared}"/>\n')
    file.write('<graph edgedefault="directed">\n')
    for node, row, values in _nodes(tables):
        file.write(f"<node id={_quoted(_id(node.label, row[node.key]))}>{_data('node', values, keys)}</node>\n")
    for number, (link, row, values) in enumerate(_relationships(tables)):
        ends = f"source={_quoted(_id(link.start, row['start']))} target={_quoted(_id(link.end, row['end']))}"
        file.write(f'<edge id="e{number}" {ends}>{_data("edge", values, keys)}</edge>\n')
    file.write("</graph>\n</graphml>\n")


def _data(kind: str, values: Row, keys: dict[tuple[str, str], str]) -> str:
    return "".join(f'<data key="{keys[kind, name]}">{_text(value)}</data>' for name, value in values.items())


def _text(value: Any) -> str:
    # as XML Schema writes a boolean
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return escape(text).translate(_XML)


def _quoted(text: str) -> str:
    return quoteattr(text).translate(_XML)


def _id(label: str, key: str) -> str:
    return f"{label}:{key}"


def _place(target: Path, write: Callable[[Path], None]) -> None:
    """Writes beside the target, then renames: it is whole or absent."""
    if target.exists() or target.is_symlink():
        raise ExportError(target, "existe déjà", "Donnez un autre nom, ou supprimez-le : rien n'est remplacé")
    if not target.parent.is_dir():
        raise ExportError(target, "son dossier n'existe pas", "Créez-le d'abord")
    draft = target.with_name(f".{target.name}.{uuid4().hex}.partial")
    try:
        write(draft)
        draft.rename(target)
    except OSError as error:
        raise _failed(target, error) from error
    finally:
        if draft.is_dir():
            shutil.rmtree(draft)
        elif draft.exists():
            draft.unlink()


def _failed(target: Path, error: OSError) -> ExportError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return ExportError(target, "le disque est plein, rien n'en reste", "Faites de la place, ou choisissez ailleurs")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ExportError(target, "vous n'avez pas le droit d'y écrire", "Choisissez un autre dossier")
    return ExportError(target, f"l'écriture a échoué ({error.strerror})", "Choisissez un autre dossier")
