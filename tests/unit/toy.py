"""A graph small enough to reckon by hand: four trades, what they ask, who leads where."""

import pandas as pd

from graph.labels import fold, gendered_forms
from graph.tables import GraphTables, TablesMeta
from recommend.content import Content
from recommend.learned import shipped
from recommend.rank import Recommender
from recommend.skillgraph import SkillGraph

#: codeRome -> label, family, manager, regulated, access
OCCUPATIONS = {
    "B1804": ("Brodeur / Brodeuse", "B1804", None, None, "Cet emploi est accessible avec un CAP en broderie."),
    "B1803": ("Couturier / Couturière", "B1803", False, False, "Cet emploi est accessible avec un Bac professionnel."),
    "B1808": ("Chef d'atelier / Cheffe d'atelier", "B1803", True, False, "Ce métier demande de l'expérience."),
    "H2605": ("Monteur-câbleur / Monteuse-câbleuse", "H2605", False, None, "Cet emploi est accessible sans diplôme."),
    "H2604": ("Assembleur / Assembleuse", "H2605", False, False, "Cet emploi est accessible avec un BTS ou un Bac+3."),
    "K1103": ("Naturopathe", "K1103", None, True, "Cet emploi est accessible avec un Doctorat."),
}
#: codeOgr -> label, kind, macro-skill it is part of
SKILLS = {
    "1": ("Assembler des pièces", "know-how", None),
    "2": ("Faire preuve de rigueur", "soft", None),
    "11": ("Monter un métier à tisser", "know-how", "1"),
    "12": ("Monter une carte électronique", "know-how", "1"),
    "13": ("Reporter un motif", "know-how", None),
    "21": ("Histoire de la dentelle", "knowledge", None),
    "22": ("Électricité", "knowledge", None),
    "31": ("Habilitation électrique", "certification", None),
    "32": ("Jamais demandée", "know-how", None),
}
MACRO = {"1", "2"}
REQUIRES = {
    "B1804": {"11": "core", "13": "core", "2": "other", "21": "other", "1": "other"},
    "B1803": {"13": "core", "21": "other", "2": "other"},
    "B1808": {"13": "other", "2": "other"},
    "H2605": {"12": "core", "1": "emerging", "22": "core", "31": "other", "2": "other"},
    "H2604": {"12": "other", "22": "other", "1": "other"},
    "K1103": {},
}
CONTEXTS = {"B1804": ["C1"], "B1803": ["C1"], "B1808": [], "H2605": ["C2"], "H2604": ["C1", "C2"], "K1103": []}
MOVES = {
    "B1804": ["B1803", "H2604"],
    "B1803": ["B1804", "B1808", "H2605"],
    "B1808": ["B1803"],
    "H2605": ["H2604"],
    "H2604": ["H2605"],
    "K1103": ["B1803", "B1804"],
}


def toy_tables(moves: dict[str, list[str]] | None = None) -> GraphTables:
    """The tables of the toy graph, with other mobilities on request."""
    moves = MOVES if moves is None else moves
    occupations = pd.DataFrame(
        [
            {"codeRome": code, "codeOgr": f"9{i}", "label": label, "labelNorm": fold(label)}
            | {"manager": manager, "regulated": regulated, "access": access}
            for i, (code, (label, _, manager, regulated, access)) in enumerate(OCCUPATIONS.items())
        ]
    )
    families = sorted({family for _, family, *_ in OCCUPATIONS.values()})
    skills = pd.DataFrame(
        [
            {"codeOgr": code, "label": label, "labelNorm": fold(label), "kind": kind, "macro": code in MACRO}
            for code, (label, kind, _) in SKILLS.items()
        ]
    )
    titles = []
    for i, (label, *_) in enumerate(OCCUPATIONS.values()):
        masculine, feminine = gendered_forms(label)
        titles.append(
            {"codeOgr": f"7{i}", "label": label, "labelNorm": fold(label), "shortLabel": label, "main": True}
            | {"masculine": masculine, "feminine": feminine, "rare": False}
        )
    domains = sorted({code[:3] for code in OCCUPATIONS})
    grand_domains = sorted({code[0] for code in OCCUPATIONS})
    nodes = {
        "Occupation": occupations,
        "OccupationFamily": pd.DataFrame({"codeRome3": families}),
        "JobTitle": pd.DataFrame(titles),
        "Skill": skills,
        "WorkContext": pd.DataFrame(
            [_named(code) | {"typeCode": "1", "typeLabel": "Conditions"} for code in ("C1", "C2")]
        ),
        "Domain": pd.DataFrame([_named(code) for code in domains]),
        "GrandDomain": pd.DataFrame([_named(code) for code in grand_domains]),
    }
    relationships = {
        "requires": _links([(o, s, imp) for o, asked in REQUIRES.items() for s, imp in asked.items()], "importance"),
        "has_context": _links([(o, c, "other") for o, several in CONTEXTS.items() for c in several], "importance"),
        "moves_to": _links([(o, t, i) for o, to in moves.items() for i, t in enumerate(to, start=1)], "rank"),
        "in_family": _links([(code, family) for code, (_, family, *_) in OCCUPATIONS.items()]),
        "title_of": _links([(f"7{i}", code) for i, code in enumerate(OCCUPATIONS)]),
        "similar_to": _links([("11", "12", 0.85, "toy"), ("13", "22", 0.8, "toy")], "score", "model"),
        "skill_in_macro": _links([(code, macro) for code, (_, _, macro) in SKILLS.items() if macro]),
        "occupation_in_domain": _links([(code, code[:3]) for code in OCCUPATIONS]),
        "domain_in_grand_domain": _links([(code, code[0]) for code in domains]),
    }
    return GraphTables.of(nodes, relationships, TablesMeta("toy"))


def _named(code: str) -> dict[str, str]:
    return {"code": code, "label": f"Libellé {code}", "labelNorm": fold(f"Libellé {code}")}


def _links(rows: list[tuple[object, ...]], *properties: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["start", "end", *properties])


def toy_recommender(moves: dict[str, list[str]] | None = None) -> Recommender:
    """The toy graph with the shipped weights."""
    tables = toy_tables(moves)
    return Recommender.of(SkillGraph.of(tables), Content.of(tables), shipped())
