"""SkillGraph: the knowledge graph as arrays, made from the tables, the one thing that ranking and explanation read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from graph.arrayset import ArraySet
from graph.strings import StringColumn
from graph.tables import GraphTables
from passerelle.errors import UnknownOccupationError
from recommend.access import UNKNOWN_LEVEL, access_level

KINDS = ("know-how", "soft", "knowledge", "certification")
#: how much a link counts: ROME's "Principale", "Émergente", and no mention
IMPORTANCE = {"core": 1.0, "emerging": 0.8, "other": 0.6}
UNKNOWN, NO, YES = -1, 0, 1


@dataclass(frozen=True)
class SkillGraph(ArraySet):
    """Occupations, skills and what links them, on integer axes ordered by code.

    Sparse matrices have their rows on occupations; a three-valued flag is -1 unknown, 0 no, 1 yes.
    """

    #: UTF-8 data version, one text
    version: StringColumn
    #: (1,) 1 for the built-in sample
    sample: NDArray[np.int8]

    codes: StringColumn
    labels: StringColumn
    #: (n_occupations,) index into ``family_codes`` and ``domain_codes``
    family: NDArray[np.int32]
    domain: NDArray[np.int32]
    #: (n_occupations,) first letter of the code, as its code point
    grand_domain: NDArray[np.int32]
    family_codes: StringColumn
    domain_codes: StringColumn
    regulated: NDArray[np.int8]
    manager: NDArray[np.int8]
    #: level of the French framework of qualifications at entry: 0 none asked, 3 CAP ... 8 doctorate; -1 unknown
    level: NDArray[np.int8]

    skill_codes: StringColumn
    skill_labels: StringColumn
    #: (n_skills,) index into ``KINDS``
    skill_kind: NDArray[np.int8]
    #: (n_skills,) index of the macro-skill it is part of (its own, for a macro-skill); -1 where there is none
    macro_of: NDArray[np.int32]
    is_macro: NDArray[np.bool_]

    #: (n_skills, n_skills) how well the column's skill, held, answers the row's, required: in (0, 1], or nothing
    answered_by: csr_matrix

    context_codes: StringColumn
    context_labels: StringColumn

    #: (n_occupations, n_skills) importance in (0, 1]
    requires: csr_matrix
    #: (n_occupations, n_contexts) 0/1
    contexts: csr_matrix
    #: (n_occupations, n_occupations) experts' order of each listed mobility, 1 the first
    moves: csr_matrix

    @classmethod
    def of(cls, tables: GraphTables) -> Self:
        """Makes the arrays; the same tables give the same arrays, whatever they were read from."""
        occupations, skills = tables.nodes["Occupation"], tables.nodes["Skill"]
        contexts = tables.nodes["WorkContext"]
        at = {code: i for i, code in enumerate(occupations["codeRome"])}
        skill_at = {code: i for i, code in enumerate(skills["codeOgr"])}
        family, family_codes = _membership(tables, "in_family", occupations["codeRome"])
        domain, domain_codes = _membership(tables, "occupation_in_domain", occupations["codeRome"])
        macro_of = np.full(len(skills), -1, dtype=np.int32)
        parts = tables.relationships["skill_in_macro"]
        macro_of[parts["start"].map(skill_at).to_numpy()] = parts["end"].map(skill_at).to_numpy()
        is_macro = skills["macro"].to_numpy(dtype=bool)
        macro_of[is_macro] = np.flatnonzero(is_macro)

        alike = tables.relationships["similar_to"]
        required_held = (alike["end"].map(skill_at).to_numpy(), alike["start"].map(skill_at).to_numpy())

        def matrix(table: str, columns: Mapping[str, int], values: "pd.Series[Any] | None" = None) -> csr_matrix:
            links = tables.relationships[table]
            data = np.ones(len(links)) if values is None else values.to_numpy()
            row, column = links["start"].map(at).to_numpy(), links["end"].map(columns).to_numpy()
            return csr_matrix((data.astype(np.float32), (row, column)), shape=(len(at), len(columns)))

        return cls(
            version=StringColumn.of([tables.meta.data_version]),
            sample=np.array([tables.meta.sample], dtype=np.int8),
            codes=StringColumn.of(occupations["codeRome"]),
            labels=StringColumn.of(occupations["label"]),
            family=family,
            domain=domain,
            grand_domain=np.array([ord(code[0]) for code in occupations["codeRome"]], dtype=np.int32),
            family_codes=family_codes,
            domain_codes=domain_codes,
            regulated=_flag(occupations["regulated"]),
            manager=_flag(occupations["manager"]),
            level=np.array(
                [UNKNOWN_LEVEL if pd.isna(text) else access_level(text) for text in occupations["access"]],
                dtype=np.int8,
            ),
            skill_codes=StringColumn.of(skills["codeOgr"]),
            skill_labels=StringColumn.of(skills["label"]),
            skill_kind=np.array([KINDS.index(kind) for kind in skills["kind"]], dtype=np.int8),
            macro_of=macro_of,
            is_macro=is_macro,
            answered_by=csr_matrix(
                (alike["score"].to_numpy(dtype=np.float32), required_held), shape=(len(skills), len(skills))
            ),
            context_codes=StringColumn.of(contexts["code"]),
            context_labels=StringColumn.of(contexts["label"]),
            requires=matrix("requires", skill_at, tables.relationships["requires"]["importance"].map(IMPORTANCE)),
            contexts=matrix("has_context", {code: i for i, code in enumerate(contexts["code"])}),
            moves=matrix("moves_to", at, tables.relationships["moves_to"]["rank"]),
        )

    @cached_property
    def index_of(self) -> dict[str, int]:
        """codeRome -> row."""
        return {code: i for i, code in enumerate(self.codes)}

    @cached_property
    def skill_index_of(self) -> dict[str, int]:
        """codeOgr of a skill -> column."""
        return {code: i for i, code in enumerate(self.skill_codes)}

    @property
    def data_version(self) -> str:
        """Short text that changes with the data: "rome-460"."""
        return self.version[0]

    @property
    def is_sample(self) -> bool:
        """True when the data are the built-in sample, which every screen must say."""
        return bool(self.sample[0])

    def occupation(self, code: str) -> int:
        """Row of an occupation.

        raises: UnknownOccupationError with the occupations of the same domain as suggestions.
        """
        row = self.index_of.get(code.strip().upper())
        if row is None:
            near = [i for c, i in self.index_of.items() if c[:3] == code.strip().upper()[:3]][:5]
            suggestions = [(self.codes[i], self.labels[i]) for i in near]
            raise UnknownOccupationError(code, f"ce code ROME n'existe pas dans {self.data_version}", suggestions)
        return row

    def answering(self, skill: int, is_held: NDArray[np.bool_]) -> list[tuple[int, float]]:
        """The held skills that answer a required one, as columns with their scores in (0, 1], best first.

        is_held: (n_skills,)
        """
        part = slice(self.answered_by.indptr[skill], self.answered_by.indptr[skill + 1])
        columns = self.answered_by.indices[part]
        there = is_held[columns]
        found = zip(columns[there].tolist(), self.answered_by.data[part][there].tolist(), strict=True)
        return sorted(found, key=lambda one: (-one[1], one[0]))

    def skills_of(self, occupation: int) -> NDArray[np.int32]:
        """Columns of the skills that an occupation requires."""
        return self.requires.indices[self.requires.indptr[occupation] : self.requires.indptr[occupation + 1]]


def _flag(column: "pd.Series[Any]") -> NDArray[np.int8]:
    return np.array([UNKNOWN if pd.isna(value) else int(value) for value in column], dtype=np.int8)


def _membership(tables: GraphTables, table: str, codes: "pd.Series[str]") -> tuple[NDArray[np.int32], StringColumn]:
    """Index of the one group each occupation belongs to (-1 for none), and the groups' codes."""
    links = tables.relationships[table]
    group_of = pd.Series(links["end"].to_numpy(), index=links["start"].to_numpy())
    groups = sorted(group_of.unique())
    index = codes.map(group_of).map({code: i for i, code in enumerate(groups)})
    return index.fillna(-1).to_numpy(dtype=np.int32), StringColumn.of(groups)
