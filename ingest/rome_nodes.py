"""Node tables of the graph, from the files of ROME."""

import re
from collections.abc import Callable, Mapping

import pandas as pd

from graph.labels import fold, gendered_forms
from ingest.rome_reading import FileReading

Readings = Mapping[str, FileReading]

#: Holland's six types; ROME gives their letters only
RIASEC = {
    "R": "Réaliste",
    "I": "Investigateur",
    "A": "Artistique",
    "S": "Social",
    "E": "Entreprenant",
    "C": "Conventionnel",
}
_CERTIFICATION = "certifications et habilitations"
_FLAGS = {
    "transition_num": "transitionDigital",
    "transition_demo": "transitionDemographic",
    "emploi_reglemente": "regulated",
    "emploi_cadre": "manager",
}


def node_tables(readings: Readings) -> dict[str, pd.DataFrame]:
    """Label -> table with the columns of ``graph.schema``."""
    occupations = _occupations(readings)
    return {
        "Occupation": occupations,
        "OccupationFamily": _families(readings, occupations),
        "JobTitle": _titles(readings),
        "Skill": _skills(readings),
        "SkillCategory": _categories(readings),
        "WorkContext": _contexts(readings),
        "Interest": _reference(readings, "centre_interet", "centre_interet"),
        "Theme": _reference(readings, "themes", "theme"),
        "ActivitySector": _reference(readings, "secteur_activite", "sect_activite"),
        "ActivitySubSector": _reference(readings, "sous_secteur_activite", "ss_sect_activite"),
        "NafDivision": _reference(readings, "secteur_naf", "secteur_naf"),
        "Domain": _reference(readings, "domaine_professionnel", "domaine_professionnel"),
        "GrandDomain": _reference(readings, "grand_domaine", "grand_domaine"),
        "Riasec": _named(pd.DataFrame({"code": list(RIASEC), "label": list(RIASEC.values())})),
    }


def category_code(label: "pd.Series[str]") -> "pd.Series[str]":
    """Code of a skill category, which ROME gives none: its folded label with dashes."""
    return _each(label, lambda text: re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-"))


def sub_category_code(category: "pd.Series[str]", label: "pd.Series[str]") -> "pd.Series[str]":
    """Code of a sub-category, missing where there is none: two categories may have one of the same label."""
    return category_code(category) + "/" + category_code(label)


def is_certification(category: "pd.Series[str]") -> "pd.Series[bool]":
    """Whether a category of knowledge is that of certifications and licences."""
    return _each(category, fold) == _CERTIFICATION


def _occupations(readings: Readings) -> pd.DataFrame:
    rows = readings["referentiel_code_rome"].frame
    texts = _texts(readings)
    table = _named(pd.DataFrame({"codeRome": rows["code_rome"], "label": rows["libelle_rome"]}))
    return table.assign(
        codeOgr=rows["code_ogr"],
        definition=rows["code_rome"].map(texts["definition"]).astype("string"),
        access=rows["code_rome"].map(texts["acces_metier"]).astype("string"),
        transitionEco=rows["transition_eco"],
        **{name: _three_valued(rows[column]) for column, name in _FLAGS.items()},
    )


def _texts(readings: Readings) -> dict[str, "pd.Series[str]"]:
    """Kind of text -> code of occupation -> its sentences in their order, one a line."""
    rows = readings["texte"].frame
    ordered = rows.assign(position=rows["position_phrase"].astype("int64")).sort_values("position", kind="stable")
    return {
        kind: ordered[ordered["libelle_type_texte"] == kind].groupby("code_rome")["libelle_texte"].agg("\n".join)
        for kind in ("definition", "acces_metier")
    }


def _families(readings: Readings, occupations: pd.DataFrame) -> pd.DataFrame:
    parents = [
        readings[name].frame["code_rome_parent"] for name in ("referentiel_code_rome", "referentiel_appellation")
    ]
    codes = pd.concat(parents).dropna().drop_duplicates()
    labels = occupations.set_index("codeRome")[["label", "labelNorm"]].reindex(codes)
    return labels.reset_index(names="codeRome3")


def _titles(readings: Readings) -> pd.DataFrame:
    rows = readings["referentiel_appellation"].frame
    forms = [gendered_forms(label) for label in rows["libelle_appellation_long"]]
    table = _named(pd.DataFrame({"codeOgr": rows["code_ogr"], "label": rows["libelle_appellation_long"]}))
    return table.assign(
        shortLabel=rows["libelle_appellation_court"],
        masculine=pd.array([masculine for masculine, _ in forms], dtype="string"),
        feminine=pd.array([feminine for _, feminine in forms], dtype="string"),
        main=rows["classification"] == "PRINCIPALE",
        rare=rows["peu_usite"] == "O",
        familyCode=rows["code_rome_parent"],
        transitionEco=rows["transition_eco"],
        **{name: _three_valued(rows[column]) for column, name in _FLAGS.items()},
    )


def _skills(readings: Readings) -> pd.DataFrame:
    competences = readings["referentiel_competence"].frame
    soft = competences["cat_comp"] == "Savoir-être professionnel"
    skills = pd.DataFrame(
        {
            "codeOgr": competences["code_ogr"],
            "label": competences["libelle_competence"],
            "kind": soft.map({True: "soft", False: "know-how"}),
            "macro": competences["nature"] == "Macro-compétence",
            "level": competences["sous_cat_comp"],
            "definition": competences["definition"],
            "transitionEco": _three_valued(competences["transition_eco"]),
            "transitionDigital": _three_valued(competences["transition_num"]),
            "heterogeneity": competences["libelle_heterogeneite"],
            "codeMacro": competences["code_macro_comp"],
            "origin": competences["libelle_origine"],
        }
    )
    rows = readings["referentiel_savoir"].frame
    certified = is_certification(rows["categorie_savoir"])
    knowledge = pd.DataFrame(
        {
            "codeOgr": rows["code_ogr_savoir"],
            "label": rows["libelle_savoir"],
            "kind": certified.map({True: "certification", False: "knowledge"}),
            "macro": False,
            "transitionEco": _three_valued(rows["transition_eco"]),
            "transitionDigital": _three_valued(rows["transition_num"]),
        }
    )
    return _named(pd.concat([skills, knowledge], ignore_index=True))


def _categories(readings: Readings) -> pd.DataFrame:
    rows = readings["referentiel_savoir"].frame
    category, sub_category = rows["categorie_savoir"], rows["sous_categorie_savoir"]
    both = pd.concat(
        [
            pd.DataFrame({"code": category_code(category), "label": category, "level": "category"}),
            pd.DataFrame(
                {"code": sub_category_code(category, sub_category), "label": sub_category, "level": "sub-category"}
            ).dropna(),
        ]
    )
    return _named(both.drop_duplicates("code"))


def _contexts(readings: Readings) -> pd.DataFrame:
    rows = readings["referentiel_contexte_travail"].frame
    return _named(
        pd.DataFrame(
            {
                "code": rows["code_ogr"],
                "label": rows["libelle_cont_travail"],
                "typeCode": rows["code_type_cont_trav"],
                "typeLabel": rows["libelle_type_cont_trav"],
            }
        )
    )


def _reference(readings: Readings, name: str, suffix: str) -> pd.DataFrame:
    rows = readings[name].frame
    table = {"code": rows[f"code_{suffix}"], "label": rows[f"libelle_{suffix}"]}
    if f"definition_{suffix}" in rows:
        table["definition"] = rows[f"definition_{suffix}"]
    return _named(pd.DataFrame(table))


def _named(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(labelNorm=_each(table["label"], fold))


def _each(texts: "pd.Series[str]", function: Callable[[str], str]) -> "pd.Series[str]":
    """``function`` of each text, called once for each different one; missing stays missing."""
    values = {text: function(text) for text in texts.dropna().unique()}
    return texts.map(values).astype("string")


def _three_valued(column: "pd.Series[str]") -> "pd.Series[bool]":
    """O and N as a boolean; blank stays unknown."""
    return column.map({"O": True, "N": False}).astype("boolean")
