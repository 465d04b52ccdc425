"""What ROME says of occupations, as a generated population is drawn from it."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from graph.tables import GraphTables
from ingest.population_draws import Floats, Lists
from ingest.population_rates import REFUSABLE, Rates


@dataclass(frozen=True)
class Trades:
    """What ROME says of occupations, as lists laid end to end.

    of_family: occupations of each family; near: those that ROME's mobilities lead to or from
    skills:    skills of each occupation; skill_weight, skill_is_core: of each of these
    titles:    job titles of each occupation
    """

    codes: pa.Array
    skill_codes: pa.Array
    title_codes: pa.Array
    context_codes: pa.Array
    of_family: Lists
    near: Lists
    skills: Lists
    skill_weight: Floats
    skill_is_core: NDArray[np.bool_]
    titles: Lists
    #: (n_skills,) number of occupations that require each
    requiring: Floats

    @classmethod
    def of(cls, tables: GraphTables, families: pd.Index, rates: Rates) -> Self:
        """families: codeRome3, in the order of the cells' indices"""
        nodes, links = tables.nodes, tables.relationships
        occupations, skills = pd.Index(nodes["Occupation"]["codeRome"]), pd.Index(nodes["Skill"]["codeOgr"])
        titles = pd.Index(nodes["JobTitle"]["codeOgr"])
        contexts = nodes["WorkContext"]
        moves, requires = links["moves_to"], links["requires"]
        both = pd.concat([moves[["start", "end"]], moves[["end", "start"]].set_axis(["start", "end"], axis=1)])
        both = both.drop_duplicates()
        requires = requires.assign(place=occupations.get_indexer(pd.Index(requires["start"])))
        requires = requires.sort_values(["place", "end"], ignore_index=True)
        is_certification = requires["end"].isin(
            nodes["Skill"].loc[nodes["Skill"]["kind"] == "certification", "codeOgr"]
        )
        weight = requires["importance"].map(dict(zip(("core", "emerging", "other"), rates.importance, strict=True)))
        skill = skills.get_indexer(pd.Index(requires["end"]))
        refusable = contexts.loc[contexts["typeCode"].astype("string").isin(REFUSABLE), "code"]
        return cls(
            codes=pa.array(occupations, pa.string()),
            skill_codes=pa.array(skills, pa.string()),
            title_codes=pa.array(titles, pa.string()),
            context_codes=pa.array(sorted(refusable), pa.string()),
            of_family=Lists.of(links["in_family"], families, occupations, start="end", end="start"),
            near=Lists.of(both, occupations, occupations),
            skills=Lists.of(requires, occupations, skills),
            skill_weight=np.asarray(weight * np.where(is_certification, rates.certification, 1.0), dtype=np.float64),
            skill_is_core=(requires["importance"] == "core").to_numpy(),
            titles=Lists.of(links["title_of"], occupations, titles, start="end", end="start"),
            requiring=np.bincount(skill, minlength=len(skills)).astype(np.float64),
        )
