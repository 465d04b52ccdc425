"""Invented tables that follow the schema: what tests write when the content does not matter, only that it is whole."""

import numpy as np
import pandas as pd

from graph.schema import NODE_BY_LABEL, NODES, RELATIONSHIPS, Property
from graph.tables import GraphTables, Source, TablesMeta

_NODES = {"Occupation": 30, "JobTitle": 60, "Skill": 200}
_RELATIONSHIPS = {"requires": 500, "has_context": 60, "title_of": 60, "moves_to": 60, "skill_in_macro": 100}
_DEFAULT = 12


def invented_tables(seed: int, *, scale: float = 1.0, version: str | None = None) -> GraphTables:
    """Tables of about 1,500 rows times ``scale``; two seeds share keys and differ in most values and relationships."""
    random = np.random.default_rng(seed)
    nodes = {}
    for spec in NODES:
        count = max(3, int(_NODES.get(spec.label, _DEFAULT) * scale))
        # a tenth of the keys is this seed's own, so that going from one to another creates, updates and removes
        numbers = [number if number % 10 else number + (seed + 1) * 1_000_000 for number in range(count)]
        columns = {column.name: _values(random, column, numbers) for column in spec.properties}
        nodes[spec.label] = pd.DataFrame({spec.key: [f"{spec.label[:2]}{n:07}" for n in numbers], **columns})
    relationships = {}
    for link in RELATIONSHIPS:
        starts = nodes[link.start][NODE_BY_LABEL[link.start].key].to_numpy()
        ends = nodes[link.end][NODE_BY_LABEL[link.end].key].to_numpy()
        pairs = len(starts) * len(ends)
        wanted = min(int(_RELATIONSHIPS.get(link.table, 3 * _DEFAULT) * scale), pairs // 2)
        chosen = random.choice(pairs, size=wanted, replace=False)
        columns = {column.name: _values(random, column, list(range(wanted))) for column in link.properties}
        relationships[link.table] = pd.DataFrame(
            {"start": starts[chosen // len(ends)], "end": ends[chosen % len(ends)], **columns}
        )
    source = Source("ROME 4.0", "France Travail", "Licence Ouverte 2.0", "inventé", 2025 + seed, "https://example.org")
    return GraphTables.of(nodes, relationships, TablesMeta(version or f"invented-{seed}", sources=(source,)))


def _values(random: np.random.Generator, column: Property, numbers: list[int]) -> list[object]:
    count = len(numbers)
    missing = np.zeros(count, dtype=bool) if column.required else random.random(count) < 0.4
    if column.name == "retiredIn":
        missing[:] = True
    if column.dtype == "boolean":
        values: list[object] = [bool(value) for value in random.random(count) < 0.3]
    elif column.dtype in ("int64", "Int64"):
        values = [int(value) for value in random.integers(1, 9, count)]
    elif column.dtype == "float64":
        values = [float(value) for value in random.random(count)]
    else:
        tails = random.integers(0, 1000, count)
        values = [f"{column.name} d'été « {tail} »\nŒuvre {n}" for n, tail in zip(numbers, tails, strict=True)]
    return [None if absent else value for absent, value in zip(missing, values, strict=True)]
