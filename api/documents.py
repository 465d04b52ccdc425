"""Documents of reference data: an occupation, a skill, a work context, the model, the sources."""

from pathlib import Path
from typing import Any

import numpy as np

from api.state import Build
from passerelle.answers import versions
from passerelle.model_card import group_weights, learned_in_use, limits, measured_document
from passerelle.output import Document
from recommend.evidence import Evidence
from recommend.explain import FEATURE_FRENCH
from recommend.features import FEATURES
from recommend.gap import gap_of, regulation
from recommend.groups import GROUPS
from recommend.profile import Profile
from recommend.rank import LENS_FRENCH
from recommend.skillgraph import IMPORTANCE, KINDS, NO, YES, SkillGraph

_IMPORTANCE_OF = {round(weight, 3): name for name, weight in IMPORTANCE.items()}


def named(graph: SkillGraph, row: int) -> Document:
    """An occupation in a list."""
    return {"codeRome": graph.codes[row], "label": graph.labels[row]}


def named_skill(graph: SkillGraph, column: int) -> Document:
    """A skill in a list."""
    kind = KINDS[int(graph.skill_kind[column])]
    return {"codeOgr": graph.skill_codes[column], "label": graph.skill_labels[column], "kind": kind}


def occupation_document(build: Build, row: int) -> Document:
    """An occupation with its titles, skills, contexts and the mobilities that experts list."""
    graph, reference = build.snapshot.graph, build.reference
    code = graph.codes[row]
    asked = graph.requires[[row]]
    order = np.lexsort((asked.indices, -asked.data))
    skills = zip(asked.indices[order].tolist(), asked.data[order].tolist(), strict=True)
    moves = graph.moves[[row]]
    level = int(graph.level[row])
    return {
        **named(graph, row),
        **reference.texts[code],
        "domain": {"code": code[:3], "label": reference.groups.get(code[:3])},
        "grandDomain": {"code": code[0], "label": reference.groups.get(code[0])},
        "accessLevel": level if level >= 0 else None,
        "regulated": regulation(graph, row),
        "manager": {YES: True, NO: False}.get(int(graph.manager[row])),
        "titles": reference.titles.get(code, []),
        "skills": [
            named_skill(graph, column) | {"importance": _IMPORTANCE_OF[round(weight, 3)]} for column, weight in skills
        ],
        "contexts": [context_document(build, column) for column in graph.contexts[[row]].indices.tolist()],
        "mobilities": [
            named(graph, int(to)) | {"rank": int(rank)}
            for rank, to in sorted(zip(moves.data.tolist(), moves.indices.tolist(), strict=True))
        ],
        **versions(build.snapshot),
    }


def context_document(build: Build, column: int) -> Document:
    """A work context, which a person may refuse."""
    graph = build.snapshot.graph
    code = graph.context_codes[column]
    return {"code": code, "label": graph.context_labels[column], "type": build.reference.context_types[code]}


def skill_document(build: Build, column: int) -> Document:
    """A skill: what it is, its macro-skill, how many occupations require it."""
    graph, reference = build.snapshot.graph, build.reference
    macro = int(graph.macro_of[column])
    return {
        **named_skill(graph, column),
        "definition": reference.skills[graph.skill_codes[column]],
        "macro": bool(graph.is_macro[column]),
        "macroSkill": named_skill(graph, macro) if macro >= 0 else None,
        "requiredBy": reference.required_by[column],
        **versions(build.snapshot),
    }


def similar_document(build: Build, column: int) -> Document:
    """What a skill answers when it is held, and what answers it when it is required (SIMILAR_TO), best first."""
    graph = build.snapshot.graph

    def listed(matrix: Any) -> list[Document]:
        order = np.lexsort((matrix.indices, -matrix.data))
        pairs = zip(matrix.indices[order].tolist(), matrix.data[order].tolist(), strict=True)
        return [named_skill(graph, other) | {"score": round(score, 3)} for other, score in pairs]

    return {
        **named_skill(graph, column),
        "answers": listed(graph.answered_by.T.tocsr()[[column]]),
        "answeredBy": listed(graph.answered_by[[column]]),
        **versions(build.snapshot),
    }


def requiring(graph: SkillGraph, column: int) -> list[Document]:
    """The occupations that require a skill: most important first, then by code."""
    asked = graph.requires.T.tocsr()[[column]]
    order = np.lexsort((asked.indices, -asked.data))
    pairs = zip(asked.indices[order].tolist(), asked.data[order].tolist(), strict=True)
    return [named(graph, row) | {"importance": _IMPORTANCE_OF[round(weight, 3)]} for row, weight in pairs]


def gap_document(build: Build, profile: Profile, row: int) -> Document:
    """What separates a profile from an occupation, most binding first."""
    snapshot = build.snapshot
    gap = gap_of(Evidence.of(snapshot.graph, snapshot.space, profile), row)
    return {
        **named(snapshot.graph, row),
        "gap": [
            {
                "kind": item.kind,
                "label": item.label,
                "importance": item.importance,
                "codeOgr": item.code,
                "bridges": list(item.bridges),
            }
            for item in gap.items
        ],
        "skillsAsked": gap.asked,
        "skillsHeld": gap.held,
        **versions(snapshot),
    }


def model_document(build: Build, home: Path) -> Document:
    """The card of what ranks: what it reads, with which weights, what was measured, and what it is not.

    home: where ``passerelle fit`` leaves weights
    """
    info = build.snapshot.info
    learned = learned_in_use(home, info.model_version)
    fitted = {} if learned is None else dict(learned.situations)
    return {
        "lenses": LENS_FRENCH,
        "features": [{"feature": name, "label": FEATURE_FRENCH[name]} for name in (*FEATURES, *GROUPS)],
        "learned": None
        if learned is None
        else {
            "dataVersion": learned.data_version,
            "mobilities": learned.mobilities,
            "seed": learned.seed,
            "date": learned.date,
        },
        "models": [
            {
                "name": name,
                "lens": "skills" if name == "skills" else "experts",
                "intercept": float(model.intercept[0]),
                "weights": dict(zip(FEATURES, model.weights.tolist(), strict=True)),
                # the skills lens has none
                "groups": [] if name == "skills" else group_weights(fitted[name]) if name in fitted else None,
            }
            for name, model in build.snapshot.recommender.models.items()
        ],
        "measured": measured_document(info.data_version, info.model_version),
        "limits": limits(),
        **versions(build.snapshot),
    }


def sources_document(build: Build) -> Document:
    """Where the data come from, and when they were loaded."""
    info = build.snapshot.info
    return {
        "sources": info.sources,
        "loadedAt": build.reference.loaded,
        "counts": info.counts,
        **versions(build.snapshot),
    }
