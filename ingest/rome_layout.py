"""The files of ROME 4.0: their columns, what a value may be, and what each file is for."""

from dataclasses import dataclass

import pandera.pandas as pa

from ingest.report import Role


def _text(*, required: bool = False) -> pa.Column:
    return pa.Column(nullable=not required)


def _matching(pattern: str, expected: str, *, required: bool = True) -> pa.Column:
    return pa.Column(
        nullable=not required, checks=pa.Check.str_matches(f"^(?:{pattern})$", error=f"{expected} attendu")
    )


def _among(*values: str, required: bool = True) -> pa.Column:
    known = " ou ".join(values)
    return pa.Column(nullable=not required, checks=pa.Check.isin(values, error=f"{known} attendu"))


def _code_rome() -> pa.Column:
    return _matching(r"[A-Z]\d{4}", "code ROME (une lettre et quatre chiffres)")


def _code(*, required: bool = True) -> pa.Column:
    return _matching(r"\d{1,9}", "code (des chiffres)", required=required)


def _order() -> pa.Column:
    return _matching(r"[1-9]\d{0,3}", "numéro d'ordre (à partir de 1)")


def _flag() -> pa.Column:
    # blank is unknown, and stays so
    return _among("O", "N", required=False)


def _riasec() -> pa.Column:
    return _among(*"RIASEC", required=False)


@dataclass(frozen=True)
class RomeFile:
    """What is known of the file ``unix_<name>_v<version>_utf8.csv``."""

    name: str
    columns: dict[str, pa.Column]
    #: columns that name a row; a second row of the same name is set aside
    key: tuple[str, ...]
    role: Role = "source"
    #: whether a directory is read without it, or with its header alone, and the report says so
    may_be_missing: bool = False

    @property
    def required(self) -> bool:
        """Whether the tables need the file."""
        return self.role == "source" and not self.may_be_missing

    @property
    def schema(self) -> pa.DataFrameSchema:
        """What pandera checks of each row."""
        return pa.DataFrameSchema(self.columns)


_TRANSITIONS = {"transition_num": _flag()}
_CONDITIONS = {
    "transition_eco": _text(),
    **_TRANSITIONS,
    "transition_demo": _flag(),
    "emploi_reglemente": _flag(),
    "emploi_cadre": _flag(),
}
_OF_OCCUPATION = {"code_ogr_rome": _code(), "code_rome": _code_rome(), "libelle_rome": _text()}


def _reference(name: str, code: str, label: str, definition: str | None = None, **more: pa.Column) -> RomeFile:
    columns = {code: _code(), label: _text(required=True), **more}
    if definition:
        columns[definition] = _text()
    return RomeFile(name, columns, (code,))


FILES: tuple[RomeFile, ...] = (
    RomeFile(
        "referentiel_code_rome",
        {
            "code_rome": _code_rome(),
            "code_fiche_metier": _code(required=False),
            "code_ogr": _code(),
            "libelle_rome": _text(required=True),
            **_CONDITIONS,
            "code_rome_parent": _code_rome(),
        },
        ("code_rome",),
    ),
    RomeFile(
        "referentiel_appellation",
        {
            "code_ogr": _code(),
            "libelle_appellation_long": _text(required=True),
            "libelle_appellation_court": _text(required=True),
            "code_rome": _code_rome(),
            **_CONDITIONS,
            "classification": _among("PRINCIPALE", "SYNONYME"),
            "code_rome_parent": _matching(r"[A-Z]\d{4}", "code ROME", required=False),
            "peu_usite": _among("O", "N"),
        },
        ("code_ogr",),
    ),
    RomeFile(
        "referentiel_competence",
        {
            "code_ogr": _code(),
            "nature": _among("Compétence", "Macro-compétence"),
            "libelle_competence": _text(required=True),
            "definition": _text(),
            "code_ogr_macro_comp": _code(required=False),
            "code_macro_comp": _text(),
            "cat_comp": _among("Savoir-faire", "Savoir-être professionnel"),
            "sous_cat_comp": _text(),
            "transition_eco": _flag(),
            **_TRANSITIONS,
            "libelle_heterogeneite": _text(),
            "libelle_origine": _text(),
        },
        ("code_ogr",),
    ),
    RomeFile(
        "referentiel_savoir",
        {
            "code_ogr_savoir": _code(),
            "libelle_savoir": _text(required=True),
            "categorie_savoir": _text(required=True),
            "sous_categorie_savoir": _text(),
            "transition_eco": _flag(),
            **_TRANSITIONS,
        },
        ("code_ogr_savoir",),
    ),
    _reference(
        "referentiel_contexte_travail",
        "code_ogr",
        "libelle_cont_travail",
        code_type_cont_trav=_code(),
        libelle_type_cont_trav=_text(required=True),
    ),
    RomeFile(
        "coherence_item",
        {
            "code_rome": _code_rome(),
            "code_ogr": _code(),
            "coeur_metier": _among("Principale", "Émergente", required=False),
        },
        ("code_rome", "code_ogr"),
    ),
    RomeFile(
        "rubrique_mobilite",
        {"code_rome": _code_rome(), "code_rome_cible": _code_rome(), "numero_ordre": _order()},
        ("code_rome", "code_rome_cible"),
        # moves that experts list describe no trade: data that lack them are answered from all the same
        may_be_missing=True,
    ),
    RomeFile(
        "texte",
        {
            "code_rome": _code_rome(),
            "libelle_type_texte": _among("definition", "acces_metier"),
            "position_phrase": _order(),
            "libelle_texte": _text(required=True),
        },
        ("code_rome", "libelle_type_texte", "position_phrase"),
    ),
    RomeFile(
        "referentiel_code_rome_riasec",
        {"code_rome": _code_rome(), "riasec_majeur": _riasec(), "riasec_mineur": _riasec()},
        ("code_rome",),
    ),
    RomeFile(
        "referentiel_macro_competence_riasec",
        {"code_ogr": _code(), "riasec_majeur": _riasec(), "riasec_mineur": _riasec()},
        ("code_ogr",),
    ),
    RomeFile(
        "grand_domaine",
        {"code_grand_domaine": _matching("[A-Z]", "lettre"), "libelle_grand_domaine": _text(required=True)},
        ("code_grand_domaine",),
    ),
    RomeFile(
        "domaine_professionnel",
        {
            "code_domaine_professionnel": _matching(r"[A-Z]\d{2}", "code (une lettre et deux chiffres)"),
            "libelle_domaine_professionnel": _text(required=True),
        },
        ("code_domaine_professionnel",),
    ),
    _reference("centre_interet", "code_centre_interet", "libelle_centre_interet", "definition_centre_interet"),
    _reference("themes", "code_theme", "libelle_theme", "definition_theme"),
    _reference("secteur_activite", "code_sect_activite", "libelle_sect_activite", "definition_sect_activite"),
    _reference(
        "sous_secteur_activite",
        "code_ss_sect_activite",
        "libelle_ss_sect_activite",
        "definition_ss_sect_activite",
        code_sect_activite=_code(),
    ),
    _reference("secteur_naf", "code_secteur_naf", "libelle_secteur_naf"),
    RomeFile(
        "arborescence_centre_interet",
        {
            "code_centre_interet": _code(),
            "libelle_centre_interet": _text(),
            **_OF_OCCUPATION,
            "principal": _among("oui", "non"),
        },
        ("code_rome", "code_centre_interet"),
    ),
    RomeFile(
        "arborescence_thematique",
        {"code_theme": _code(), "libelle_theme": _text(), **_OF_OCCUPATION},
        ("code_rome", "code_theme"),
    ),
    RomeFile(
        "arborescence_secteur_activite",
        {
            "code_sect_activite": _code(),
            "libelle_sect_activite": _text(),
            "code_ss_sect_activite": _code(required=False),
            "libelle_ss_sect_activite": _text(),
            **_OF_OCCUPATION,
            "principal": _among("oui", "non"),
        },
        ("code_rome", "code_sect_activite", "code_ss_sect_activite"),
    ),
    RomeFile(
        "arborescence_secteur_naf",
        {"code_secteur_naf": _code(), "libelle_secteur_naf": _text(), **_OF_OCCUPATION},
        ("code_rome", "code_secteur_naf"),
    ),
    RomeFile(
        "liens_rome_referentiels",
        {
            "code_rome": _code_rome(),
            "code_compo_bloc": _code(),
            "code_rubrique": _code(required=False),
            "code_ogr": _code(),
        },
        ("code_rome", "code_compo_bloc", "code_ogr"),
        "control",
    ),
    RomeFile(
        "item",
        {"code_ogr": _code(), "libelle": _text(required=True), "code_rubrique": _code(required=False)},
        ("code_ogr",),
        "control",
    ),
    RomeFile(
        "cr_gd_dp",
        {
            "code_rome": _code_rome(),
            "libelle_rome": _text(),
            "code_grand_domaine": _text(),
            "libelle_grand_domaine": _text(),
            "code_domaine_professionel": _text(),
            "libelle_domaine_professionel": _text(),
        },
        ("code_rome",),
        "control",
    ),
    RomeFile(
        "cr_gd_dp_appellations",
        {
            "code_grand_domaine": _text(),
            "code_domaine_professionnel": _text(),
            "numero_fiche_rome": _text(),
            "intitule": _text(),
            "libelle_appellation_long": _text(),
            "libelle_appellation_court": _text(),
            "type_provenance": _among("1", "2", "3", "4"),
            "ogr_rome": _code(required=False),
            "ogr_appellation": _code(required=False),
        },
        ("code_grand_domaine", "code_domaine_professionnel", "numero_fiche_rome", "ogr_appellation"),
        "control",
    ),
    RomeFile(
        "composition_bloc", {"code_compo_bloc": _code(), "libelle_bloc": _text()}, ("code_compo_bloc",), "outside"
    ),
    RomeFile("descriptif_rubrique", {"code_rubrique": _code(), "libelle_rubrique": _text()}, (), "outside"),
    RomeFile("type_referentiel", {"code_type_referentiel": _text()}, (), "outside"),
    # domains, stakes and aims of competences: the graph takes the macro-skill of a skill from referentiel_competence
    RomeFile("arborescence_competences", {}, (), "outside"),
)
FILE_BY_NAME: dict[str, RomeFile] = {file.name: file for file in FILES}
