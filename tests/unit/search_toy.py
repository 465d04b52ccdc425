"""A handful of occupations in ROME's shape, for tests of the search."""

import pandas as pd

from graph.labels import fold, gendered_forms
from graph.tables import GraphTables, TablesMeta

#: code -> label, titles, definition, skills
OCCUPATIONS: dict[str, tuple[str, list[str], str, list[str]]] = {
    "A1203": (
        "Agent / Agente d'entretien des espaces verts",
        ["Agent / Agente d'entretien des espaces verts", "Technicien / Technicienne espaces verts"],
        "Entretient les pelouses et les massifs.",
        ["Tailler une haie", "Tondre une pelouse"],
    ),
    "B1804": (
        "Brodeur / Brodeuse",
        ["Brodeur / Brodeuse", "Dentellier / Dentellière", "Dentellier / Dentellière à la main"],
        "Orne les étoffes de motifs.",
        ["Réaliser une dentelle aux fuseaux"],
    ),
    "D1202": (
        "Coiffeur / Coiffeuse",
        ["Coiffeur / Coiffeuse", "Assistant coiffeur / Assistante coiffeuse"],
        "Coupe et coiffe les cheveux.",
        ["Réaliser une coupe de cheveux"],
    ),
    "D1214": (
        "Vendeur / Vendeuse en prêt-à-porter",
        ["Vendeur / Vendeuse en prêt-à-porter", "Conseiller / Conseillère de vente en habillement"],
        "Vend des vêtements.",
        ["Conclure une vente"],
    ),
    "I1304": (
        "Technicien / Technicienne de maintenance industrielle",
        ["Technicien / Technicienne de maintenance industrielle", "Agent / Agente de maintenance"],
        "Entretient des machines.",
        ["Diagnostiquer une panne"],
    ),
    "K1303": (
        "Garde d'enfant",
        ["Garde d'enfant", "Baby-sitter", "Homme / Femme de compagnie auprès d'enfants"],
        "S'occupe d'enfants au domicile de leurs parents.",
        ["Préparer un repas"],
    ),
    "K2110": (
        "Enseignant / Enseignante de la conduite",
        ["Moniteur / Monitrice d'auto-école", "Gérant / Gérante d'autoécole"],
        "Enseigne la conduite des véhicules.",
        ["Former à la conduite d'un véhicule"],
    ),
    "N1101": (
        "Cariste",
        ["Cariste", "Conducteur / Conductrice de chariot élévateur"],
        "Déplace des charges avec un chariot.",
        ["Conduire un chariot élévateur"],
    ),
}


def tables_of(occupations: dict[str, tuple[str, list[str], str, list[str]]]) -> GraphTables:
    """The tables of some occupations, their titles numbered from 1 in the order given."""
    titles, of, skills, requires = [], [], {}, []
    for code, (_, own_titles, _, own_skills) in occupations.items():
        for place, title in enumerate(own_titles):
            masculine, feminine = gendered_forms(title)
            number = str(len(titles) + 1)
            titles.append(
                {
                    "codeOgr": number,
                    "label": title,
                    "labelNorm": fold(title),
                    "shortLabel": title,
                    "masculine": masculine,
                    "feminine": feminine,
                    "main": place == 0,
                    "rare": False,
                }
            )
            of.append({"start": number, "end": code})
        for skill in own_skills:
            number = skills.setdefault(skill, str(1000 + len(skills)))
            requires.append({"start": code, "end": number, "importance": "core"})
    return GraphTables.of(
        {
            "Occupation": pd.DataFrame(
                {
                    "codeRome": code,
                    "label": label,
                    "labelNorm": fold(label),
                    "codeOgr": f"9{code[1:]}",
                    "definition": definition,
                }
                for code, (label, _, definition, _) in occupations.items()
            ),
            "JobTitle": pd.DataFrame(titles),
            "Skill": pd.DataFrame(
                {"codeOgr": number, "label": skill, "labelNorm": fold(skill), "kind": "know-how", "macro": False}
                for skill, number in skills.items()
            ),
        },
        {"title_of": pd.DataFrame(of), "requires": pd.DataFrame(requires)},
        TablesMeta("toy"),
    )
