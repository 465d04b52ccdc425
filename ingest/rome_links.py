"""Relationship tables of the graph, from the files of ROME; a link to an unknown code is set aside with its line."""

from typing import Any

import pandas as pd

from ingest.rome_nodes import Readings, category_code, sub_category_code
from ingest.rome_reading import is_among

_IMPORTANCE = {"Principale": "core", "Émergente": "emerging"}


def check_references(readings: Readings) -> None:
    """Sets aside the rows that name a code which no file defines; to be called before any table is made.

    What defines comes before what refers: a title of an unknown occupation is gone before a link to it is judged.
    """
    competences = readings["referentiel_competence"]
    knowledge = readings["referentiel_savoir"]
    known = competences.frame["code_ogr"]
    knowledge.set_aside(
        is_among(knowledge.frame["code_ogr_savoir"], known),
        f"code déjà donné par {competences.name}",
        "code_ogr_savoir",
    )
    macros = known[competences.frame["nature"] == "Macro-compétence"]
    competences.note_unknown("code_ogr_macro_comp", macros, competences.name)
    domains = readings["domaine_professionnel"]
    grand_domains = readings["grand_domaine"]
    letters = domains.frame["code_domaine_professionnel"].str[0]
    domains.set_aside(
        ~letters.isin(grand_domains.frame["code_grand_domaine"]),
        f"première lettre inconnue de {grand_domains.name}",
        "code_domaine_professionnel",
    )
    occupations = readings["referentiel_code_rome"]
    occupations.set_aside(
        ~occupations.frame["code_rome"].str[:3].isin(domains.frame["code_domaine_professionnel"]),
        f"domaine inconnu de {domains.name}",
        "code_rome",
    )
    sectors = readings["secteur_activite"]
    sub_sectors = readings["sous_secteur_activite"]
    sub_sectors.set_aside_unknown("code_sect_activite", sectors.frame["code_sect_activite"], sectors.name)
    for name in (
        "referentiel_appellation",
        "coherence_item",
        "rubrique_mobilite",
        "texte",
        "referentiel_code_rome_riasec",
        "arborescence_centre_interet",
        "arborescence_thematique",
        "arborescence_secteur_activite",
        "arborescence_secteur_naf",
    ):
        readings[name].set_aside_unknown("code_rome", occupations.frame["code_rome"], occupations.name)
    mobility = readings["rubrique_mobilite"]
    mobility.set_aside_unknown("code_rome_cible", occupations.frame["code_rome"], occupations.name)
    mobility.set_aside(
        mobility.frame["code_rome"] == mobility.frame["code_rome_cible"], "mobilité vers lui-même", "code_rome_cible"
    )
    contexts = readings["referentiel_contexte_travail"]
    contexts.set_aside(
        is_among(contexts.frame["code_ogr"], pd.concat([known, knowledge.frame["code_ogr_savoir"]])),
        f"code déjà donné par {competences.name} ou {knowledge.name}",
        "code_ogr",
    )
    readings["coherence_item"].set_aside_unknown(
        "code_ogr",
        pd.concat([known, knowledge.frame["code_ogr_savoir"], contexts.frame["code_ogr"]]),
        f"{competences.name}, {knowledge.name} et {contexts.name}",
    )
    readings["referentiel_macro_competence_riasec"].set_aside_unknown("code_ogr", macros, competences.name)
    for tree, code, name in (
        ("arborescence_centre_interet", "code_centre_interet", "centre_interet"),
        ("arborescence_thematique", "code_theme", "themes"),
        ("arborescence_secteur_naf", "code_secteur_naf", "secteur_naf"),
        ("arborescence_secteur_activite", "code_sect_activite", "secteur_activite"),
    ):
        readings[tree].set_aside_unknown(code, readings[name].frame[code], readings[name].name)
    _check_sub_sectors(readings)


def _check_sub_sectors(readings: Readings) -> None:
    tree = readings["arborescence_secteur_activite"]
    sub_sectors = readings["sous_secteur_activite"]
    parents = sub_sectors.frame.set_index("code_ss_sect_activite")["code_sect_activite"]
    given = tree.frame["code_ss_sect_activite"].notna()
    tree.set_aside(
        given & ~tree.frame["code_ss_sect_activite"].isin(parents.index),
        f"code inconnu de {sub_sectors.name}",
        "code_ss_sect_activite",
    )
    parent = tree.frame["code_ss_sect_activite"].map(parents)
    tree.set_aside(
        (parent.notna() & (parent != tree.frame["code_sect_activite"])).fillna(False).astype(bool),
        f"sous-secteur d'un autre secteur dans {sub_sectors.name}",
        "code_ss_sect_activite",
    )


def relationship_tables(readings: Readings) -> dict[str, pd.DataFrame]:
    """Table -> rows with the columns of ``graph.schema``."""
    occupations = readings["referentiel_code_rome"].frame
    titles = readings["referentiel_appellation"].frame
    competences = readings["referentiel_competence"].frame
    domains = readings["domaine_professionnel"].frame["code_domaine_professionnel"]
    sub_sectors = readings["sous_secteur_activite"].frame
    mobility = readings["rubrique_mobilite"].frame
    coherence = readings["coherence_item"].frame
    importance = coherence["coeur_metier"].map(_IMPORTANCE).fillna("other")
    is_context = is_among(coherence["code_ogr"], readings["referentiel_contexte_travail"].frame["code_ogr"])
    required = _pairs(coherence["code_rome"], coherence["code_ogr"], importance=importance)
    return {
        "requires": required[~is_context],
        "has_context": required[is_context],
        "title_of": _pairs(titles["code_ogr"], titles["code_rome"]),
        "in_family": _pairs(occupations["code_rome"], occupations["code_rome_parent"]),
        "moves_to": _pairs(
            mobility["code_rome"], mobility["code_rome_cible"], rank=mobility["numero_ordre"].astype("int64")
        ),
        "skill_in_macro": _pairs(competences["code_ogr"], competences["code_ogr_macro_comp"]),
        **_category_links(readings),
        "occupation_in_domain": _pairs(occupations["code_rome"], occupations["code_rome"].str[:3]),
        "domain_in_grand_domain": _pairs(domains, domains.str[0]),
        "sub_sector_in_sector": _pairs(sub_sectors["code_ss_sect_activite"], sub_sectors["code_sect_activite"]),
        **_tree_links(readings),
        "occupation_riasec": _riasec(readings["referentiel_code_rome_riasec"].frame, "code_rome"),
        "skill_riasec": _riasec(readings["referentiel_macro_competence_riasec"].frame, "code_ogr"),
    }


def _category_links(readings: Readings) -> dict[str, pd.DataFrame]:
    knowledge = readings["referentiel_savoir"].frame
    category = category_code(knowledge["categorie_savoir"])
    sub_category = sub_category_code(knowledge["categorie_savoir"], knowledge["sous_categorie_savoir"])
    return {
        "skill_in_category": _pairs(knowledge["code_ogr_savoir"], sub_category.fillna(category)),
        "category_in_category": _pairs(sub_category, category).drop_duplicates(),
    }


def _tree_links(readings: Readings) -> dict[str, pd.DataFrame]:
    """Links to interests, themes, sectors and NAF divisions; a row with a sub-sector links to it alone."""
    interests = readings["arborescence_centre_interet"].frame
    themes = readings["arborescence_thematique"].frame
    sectors = readings["arborescence_secteur_activite"].frame
    divisions = readings["arborescence_secteur_naf"].frame
    main = sectors["principal"] == "oui"
    in_sector = _pairs(sectors["code_rome"], sectors["code_sect_activite"], main=main)
    return {
        "in_sector": in_sector[sectors["code_ss_sect_activite"].isna()],
        "in_sub_sector": _pairs(sectors["code_rome"], sectors["code_ss_sect_activite"], main=main),
        "in_naf_division": _pairs(divisions["code_rome"], divisions["code_secteur_naf"]),
        "has_interest": _pairs(
            interests["code_rome"], interests["code_centre_interet"], main=interests["principal"] == "oui"
        ),
        "has_theme": _pairs(themes["code_rome"], themes["code_theme"]),
    }


def _riasec(rows: pd.DataFrame, code: str) -> pd.DataFrame:
    # one type may stand in both places: the major one tells more
    places = [
        _pairs(rows[code], rows[column], place=pd.Series(place, index=rows.index))
        for column, place in (("riasec_majeur", "major"), ("riasec_mineur", "minor"))
    ]
    return pd.concat(places, ignore_index=True).drop_duplicates(["start", "end"])


def _pairs(start: "pd.Series[str]", end: "pd.Series[str]", **properties: "pd.Series[Any]") -> pd.DataFrame:
    """A relationship table; no row where an end is missing."""
    return pd.DataFrame({"start": start, "end": end, **properties}).dropna(subset=["start", "end"])
