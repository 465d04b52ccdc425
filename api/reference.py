"""What the routes read of a build's tables beside its arrays: texts, titles, kinds of contexts, made once a build."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import pandas as pd

from graph.tables import load_some
from passerelle.snapshot import Snapshot

_READ = ("Occupation", "Skill", "WorkContext", "Domain", "GrandDomain", "JobTitle", "title_of")


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
        tables = load_some(snapshot.directory / "tables", _READ)
        occupations, skills, contexts = tables["Occupation"], tables["Skill"], tables["WorkContext"]
        groups = pd.concat([tables["Domain"], tables["GrandDomain"]])
        folds = dict(_rows(skills, "codeOgr", "labelNorm"))
        folded = [folds[code] for code in snapshot.graph.skill_codes]
        made = (snapshot.directory / "build.json").stat().st_mtime
        return cls(
            texts={
                code: {"definition": _text(definition), "access": _text(access)}
                for code, definition, access in _rows(occupations, "codeRome", "definition", "access")
            },
            titles=_titles(tables),
            skills={code: _text(definition) for code, definition in _rows(skills, "codeOgr", "definition")},
            context_types=dict(_rows(contexts, "code", "typeLabel")),
            groups=dict(_rows(groups, "code", "label")),
            required_by=snapshot.graph.requires.getnnz(axis=0).tolist(),
            folded=folded,
            words=sorted(set(re.findall(r"[^\W\d_]+", " ".join(folded)))),
            loaded=datetime.fromtimestamp(made, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        )


def _titles(tables: dict[str, pd.DataFrame]) -> dict[str, list[dict[str, Any]]]:
    named = tables["JobTitle"].set_index("codeOgr")
    links = tables["title_of"]
    joined = links.join(named, on="start").sort_values(["end", "main", "label"], ascending=[True, False, True])
    titles: dict[str, list[dict[str, Any]]] = defaultdict(list)
    columns = ("end", "start", "label", "masculine", "feminine", "main")
    for code, ogr, label, masculine, feminine, main in _rows(joined, *columns):
        forms = {"masculine": masculine, "feminine": feminine}
        titles[code].append({"codeOgr": ogr, "label": label, **forms, "main": bool(main)})
    return dict(titles)


def _rows(table: pd.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    # lists first: to go through a column of texts itself takes ten times as long
    return zip(*(table[name].tolist() for name in columns), strict=True)


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
