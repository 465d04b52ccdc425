"""What the routes read of a build's tables beside its arrays: texts, titles, kinds of contexts, made once a build."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import pandas as pd

from graph.labels import fold
from graph.tables import GraphTables
from passerelle.snapshot import Snapshot


@dataclass(frozen=True)
class Reference:
    """Texts by code.

    texts:  codeRome -> definition and conditions of access, None where ROME gives none
    titles: codeRome -> its titles, main one first, then by label
    skills: codeOgr -> definition, None where there is none
    context_types: code of a work context -> label of its type
    groups: code of a domain or grand domain -> label
    required_by: (n_skills,) how many occupations require each
    folded: (n_skills,) labels as the search reads them; words: every word of theirs, sorted
    loaded: when the build was made
    """

    texts: dict[str, dict[str, str | None]]
    titles: dict[str, list[dict[str, Any]]]
    skills: dict[str, str | None]
    context_types: dict[str, str]
    groups: dict[str, str]
    required_by: list[int]
    folded: list[str]
    words: list[str]
    loaded: str

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """Reads the tables of a build, and lets them go.

        raises: DataFileError
        """
        tables = GraphTables.load(snapshot.directory / "tables")
        occupations, skills = tables.nodes["Occupation"], tables.nodes["Skill"]
        contexts = tables.nodes["WorkContext"]
        groups = pd.concat([tables.nodes["Domain"], tables.nodes["GrandDomain"]])
        folded = [fold(label) for label in snapshot.graph.skill_labels]
        made = (snapshot.directory / "build.json").stat().st_mtime
        return cls(
            texts={
                code: {"definition": _text(definition), "access": _text(access)}
                for code, definition, access in zip(
                    *(occupations[name] for name in ("codeRome", "definition", "access")), strict=True
                )
            },
            titles=_titles(tables),
            skills=dict(zip(skills["codeOgr"], map(_text, skills["definition"]), strict=True)),
            context_types=dict(zip(contexts["code"], contexts["typeLabel"], strict=True)),
            groups=dict(zip(groups["code"], groups["label"], strict=True)),
            required_by=snapshot.graph.requires.getnnz(axis=0).tolist(),
            folded=folded,
            words=sorted({word for label in folded for word in re.findall(r"[^\W\d_]+", label)}),
            loaded=datetime.fromtimestamp(made, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        )


def _titles(tables: GraphTables) -> dict[str, list[dict[str, Any]]]:
    named = tables.nodes["JobTitle"].set_index("codeOgr")
    links = tables.relationships["title_of"]
    joined = links.join(named, on="start").sort_values(["end", "main", "label"], ascending=[True, False, True])
    titles: dict[str, list[dict[str, Any]]] = defaultdict(list)
    columns = ("end", "start", "label", "masculine", "feminine", "main")
    for code, ogr, label, masculine, feminine, main in zip(*(joined[name] for name in columns), strict=True):
        forms = {"masculine": masculine, "feminine": feminine}
        titles[code].append({"codeOgr": ogr, "label": label, **forms, "main": bool(main)})
    return dict(titles)


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
