"""The knowledge graph as triples (head, relation, tail): what the vectors are learned from."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph.schema import RELATIONSHIP_BY_TABLE
from graph.tables import GraphTables

Entity = tuple[str, str]
#: the experts' mobilities: what the ranking is measured on, so that no vector learns from them unless asked
MOVES_TO = "moves-to"

#: relation -> table, and the column and value that make it where one table holds several relations
_RELATIONS: dict[str, tuple[str, tuple[str, object] | None]] = {
    "requires-know-how": ("requires", ("kind", "know-how")),
    "requires-soft": ("requires", ("kind", "soft")),
    "requires-knowledge": ("requires", ("kind", "knowledge")),
    "requires-certification": ("requires", ("kind", "certification")),
    # a second edge beside the first: what ROME marks as the heart of the occupation, or as emerging
    "requires-core": ("requires", ("importance", "core")),
    "requires-emerging": ("requires", ("importance", "emerging")),
    "has-context": ("has_context", None),
    "skill-in-macro": ("skill_in_macro", None),
    "skill-in-category": ("skill_in_category", None),
    "category-in-category": ("category_in_category", None),
    "in-domain": ("occupation_in_domain", None),
    "in-grand-domain": ("domain_in_grand_domain", None),
    "in-family": ("in_family", None),
    "has-theme": ("has_theme", None),
    "in-sector": ("in_sector", None),
    "in-sub-sector": ("in_sub_sector", None),
    "sub-sector-in-sector": ("sub_sector_in_sector", None),
    "in-naf-division": ("in_naf_division", None),
    "has-interest": ("has_interest", None),
    "riasec-major": ("occupation_riasec", ("place", "major")),
    "riasec-minor": ("occupation_riasec", ("place", "minor")),
    "skill-riasec-major": ("skill_riasec", ("place", "major")),
    "skill-riasec-minor": ("skill_riasec", ("place", "minor")),
    MOVES_TO: ("moves_to", None),
}
RELATIONS: tuple[str, ...] = tuple(_RELATIONS)
#: the relations whose tail is a skill that an occupation asks
REQUIRES: tuple[str, ...] = tuple(name for name, (table, _) in _RELATIONS.items() if table == "requires")


@dataclass(frozen=True)
class Triples:
    """Facts of the graph on integer axes.

    entities:  (label, key) of ``graph.schema``, sorted; only those that stand in a triple
    relations: names, sorted
    rows:      (n_triples, 3) int64: head, relation, tail; sorted, each once
    data_version: of the tables ("rome-460")
    """

    entities: tuple[Entity, ...]
    relations: tuple[str, ...]
    rows: NDArray[np.int64]
    data_version: str

    @classmethod
    def of(cls, tables: GraphTables, *, mobility: bool = False, without: Collection[str] = ()) -> "Triples":
        """The triples of the tables: every relation, typed by kind of skill, importance and place.

        Skills that no occupation requires stay out with their macro-skill and category: nothing tells them apart.

        mobility: also the experts' mobilities (``MOVES_TO``), which leak into whatever is measured on mobilities
        without:  relations to leave out, for an ablation
        raises:   ValueError on a relation that does not exist
        """
        unknown = set(without) - set(RELATIONS)
        if unknown:
            raise ValueError(f"no such relations: {sorted(unknown)}; there are {', '.join(RELATIONS)}")
        left_out = {*without} if mobility else {*without, MOVES_TO}
        frames = [_facts(tables, name) for name in RELATIONS if name not in left_out]
        return cls.of_frame(pd.concat(frames, ignore_index=True), tables.meta.data_version)

    @classmethod
    def of_frame(cls, facts: pd.DataFrame, data_version: str) -> "Triples":
        """The triples of columns head_label, head, relation, tail_label, tail, in any order and with any repetition."""
        heads = pd.MultiIndex.from_arrays([facts["head_label"].astype(object), facts["head"].astype(object)])
        tails = pd.MultiIndex.from_arrays([facts["tail_label"].astype(object), facts["tail"].astype(object)])
        entities = heads.append(tails).unique().sort_values()
        relations = sorted(facts["relation"].unique())
        relation_at = {name: i for i, name in enumerate(relations)}
        columns = (
            entities.get_indexer(heads),
            facts["relation"].map(relation_at).to_numpy(dtype=np.int64),
            entities.get_indexer(tails),
        )
        rows = np.unique(np.column_stack(columns).astype(np.int64), axis=0)
        return cls(tuple(entities), tuple(relations), rows, data_version)

    @cached_property
    def index_of(self) -> dict[Entity, int]:
        """Entity -> its number."""
        return {entity: i for i, entity in enumerate(self.entities)}

    @cached_property
    def hash(self) -> str:
        """Hex SHA-256 of the facts alone: whatever order, file or table they came from."""
        digest = hashlib.sha256()
        names = ["\t".join(entity) for entity in self.entities]
        for head, relation, tail in self.rows.tolist():
            digest.update(f"{names[head]}\t{self.relations[relation]}\t{names[tail]}\n".encode())
        return digest.hexdigest()

    def counts(self) -> dict[str, int]:
        """Triples by relation."""
        total = np.bincount(self.rows[:, 1], minlength=len(self.relations))
        return dict(zip(self.relations, total.tolist(), strict=True))

    def keep(self, mask: NDArray[np.bool_]) -> "Triples":
        """The triples of a mask (n_triples,), on the same axes: entities that lose all their triples keep a number."""
        return replace(self, rows=self.rows[mask])


def _facts(tables: GraphTables, relation: str) -> pd.DataFrame:
    """Columns head_label, head, relation, tail_label, tail."""
    table, only = _RELATIONS[relation]
    spec = RELATIONSHIP_BY_TABLE[table]
    links = tables.relationships[table]
    if only is not None:
        column, value = only
        links = links[_column(tables, links, column) == value]
    if spec.start == "Skill":
        links = links[links["start"].isin(tables.relationships["requires"]["end"])]
    return pd.DataFrame(
        {
            "head_label": spec.start,
            "head": links["start"],
            "relation": relation,
            "tail_label": spec.end,
            "tail": links["end"],
        }
    )


def _column(tables: GraphTables, links: pd.DataFrame, column: str) -> "pd.Series[Any]":
    if column in links:
        return links[column]
    skills = tables.nodes["Skill"]
    return links["end"].map(pd.Series(skills[column].to_numpy(), index=skills["codeOgr"].to_numpy()))
