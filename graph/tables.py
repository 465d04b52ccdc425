"""GraphTables: one DataFrame a node label or relationship table, checked, saved and loaded as Parquet."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from graph.schema import NODES, RELATIONSHIPS, Property
from passerelle.errors import DataFileError

FORMAT = 1
_META = "meta.json"


@dataclass(frozen=True)
class Source:
    """Where a part of the tables comes from: what a counselor is shown beside a figure."""

    name: str
    publisher: str
    licence: str
    #: the publisher's version or date, as text ("460 (18/09/2025)")
    vintage: str
    #: year the figures stand for; None where the publisher does not say
    year: int | None
    page: str


@dataclass(frozen=True)
class TablesMeta:
    """What the tables were made from."""

    #: short text that changes with the data: "rome-460", "sample"
    data_version: str
    #: True for the built-in sample: every screen must say so
    sample: bool = False
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class GraphTables:
    """The whole graph as tables.

    nodes:         label -> DataFrame, columns of ``NodeSpec.columns``, sorted by key, RangeIndex
    relationships: table -> DataFrame, columns of ``RelationshipSpec.columns``, sorted by (start, end), RangeIndex

    Every table of the schema is present, possibly with no row. ``GraphTables.of`` makes one: it sorts, types, checks.
    """

    nodes: Mapping[str, pd.DataFrame]
    relationships: Mapping[str, pd.DataFrame]
    meta: TablesMeta = field(default_factory=lambda: TablesMeta("unknown"))

    @classmethod
    def of(
        cls, nodes: Mapping[str, pd.DataFrame], relationships: Mapping[str, pd.DataFrame], meta: TablesMeta
    ) -> "GraphTables":
        """Types, sorts and checks the tables; a table of the schema that is not given is empty.

        raises: ValueError naming the table and the fact, on a duplicated key or pair, a missing required value, or
            an end that is no node: what reads published files reports these rows before it comes here.
        """
        unknown = {*nodes, *relationships} - {spec.label for spec in NODES} - {spec.table for spec in RELATIONSHIPS}
        if unknown:
            raise ValueError(f"tables that the schema does not name: {sorted(unknown)}")
        typed_nodes = {
            spec.label: _typed(spec.label, nodes.get(spec.label), spec.columns, [spec.key]) for spec in NODES
        }
        keys = {spec.label: pd.Index(typed_nodes[spec.label][spec.key]) for spec in NODES}
        typed_relationships = {}
        for spec in RELATIONSHIPS:
            frame = _typed(spec.table, relationships.get(spec.table), spec.columns, ["start", "end"])
            for end, label in (("start", spec.start), ("end", spec.end)):
                # as ``isin``, which goes through each key in Python
                orphans = frame.loc[keys[label].get_indexer(pd.Index(frame[end])) < 0, end]
                if len(orphans):
                    raise ValueError(f"{spec.table}: {end} {orphans.iloc[0]!r} is no {label}")
            typed_relationships[spec.table] = frame
        return cls(typed_nodes, typed_relationships, meta)

    def counts(self) -> dict[str, int]:
        """Rows by node label, then by relationship table."""
        return {name: len(frame) for name, frame in (*self.nodes.items(), *self.relationships.items())}

    @property
    def node_count(self) -> int:
        """Nodes of all labels."""
        return sum(len(frame) for frame in self.nodes.values())

    @property
    def relationship_count(self) -> int:
        """Relationships of all tables."""
        return sum(len(frame) for frame in self.relationships.values())

    def checksum(self) -> str:
        """Hex SHA-256 over the content of every table, independent of how it was stored."""
        digest = hashlib.sha256()
        for name, frame in (*self.nodes.items(), *self.relationships.items()):
            digest.update(name.encode())
            for column in frame.columns:
                digest.update(column.encode())
                digest.update(pd.util.hash_pandas_object(frame[column], index=False).to_numpy().tobytes())
        return digest.hexdigest()

    def save(self, directory: Path) -> None:
        """Writes one Parquet file a table, and ``meta.json``, into a directory that it makes."""
        directory.mkdir(parents=True)
        for name, frame in (*self.nodes.items(), *self.relationships.items()):
            frame.to_parquet(directory / f"{name}.parquet", index=False)
        meta = {"format": FORMAT, **asdict(self.meta)}
        (directory / _META).write_text(json.dumps(meta, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> "GraphTables":
        """Reads what ``save`` wrote.

        raises: DataFileError when a file is missing, unreadable or of another format.
        """
        meta = _read_meta(directory)
        sources = tuple(Source(**source) for source in meta.pop("sources"))
        return cls(
            {spec.label: _read(directory, spec.label) for spec in NODES},
            {spec.table: _read(directory, spec.table) for spec in RELATIONSHIPS},
            TablesMeta(sources=sources, **meta),
        )


def load_some(directory: Path, names: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Some of the tables that ``GraphTables.save`` wrote, by their names, for who does not need the whole graph.

    raises: DataFileError as ``GraphTables.load``
    """
    _read_meta(directory)
    return {name: _read(directory, name) for name in names}


_ADVICE = "Relancez « passerelle build »."
_COLUMNS = {spec.label: spec.columns for spec in NODES} | {spec.table: spec.columns for spec in RELATIONSHIPS}


def _read_meta(directory: Path) -> dict[str, Any]:
    try:
        meta: dict[str, Any] = json.loads((directory / _META).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataFileError(directory / _META, f"illisible ({error})", _ADVICE) from error
    if meta.pop("format", None) != FORMAT:
        raise DataFileError(directory / _META, "construit par une autre version de Passerelle", _ADVICE)
    return meta


def _read(directory: Path, name: str) -> pd.DataFrame:
    path = directory / f"{name}.parquet"
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise DataFileError(path, f"illisible ({error})", _ADVICE) from error
    return frame.astype({column.name: column.dtype for column in _COLUMNS[name]})


def _typed(name: str, frame: pd.DataFrame | None, columns: tuple[Property, ...], key: list[str]) -> pd.DataFrame:
    dtypes = {column.name: column.dtype for column in columns}
    if frame is None:
        return pd.DataFrame({column: pd.Series(dtype=dtype) for column, dtype in dtypes.items()})
    extra = set(frame.columns) - set(dtypes)
    if extra:
        raise ValueError(f"{name}: columns that the schema does not name: {sorted(extra)}")
    missing = [c.name for c in columns if c.required and (c.name not in frame or frame[c.name].isna().any())]
    if missing:
        raise ValueError(f"{name}: required columns with missing values: {missing}")
    typed = frame.reindex(columns=list(dtypes)).astype(dtypes).sort_values(key, ignore_index=True)
    doubled = typed.duplicated(key)
    if doubled.any():
        raise ValueError(f"{name}: {key} stands twice: {typed.loc[doubled, key].iloc[0].tolist()}")
    return typed
