"""What a version of ROME lacks: occupations without skill or mobility, and files that end too early."""

import math

import pandas as pd

from graph.tables import GraphTables
from ingest.csvfile import AGAIN
from ingest.report import EXAMPLES, Finding
from ingest.rome_nodes import Readings
from ingest.rome_reading import is_among
from passerelle.errors import DataFileError

#: a file that should speak of every occupation and leaves out more than this share is damaged: far above what new
#: occupations without content may make
UNCOVERED_SHARE = 0.5
#: a file in the order of another's codes that has none of its last ones was cut there
TAIL_SHARE = 0.01
TAIL_COUNT = 3

_OCCUPATIONS = ("referentiel_code_rome", "code_rome")
#: file, column -> file and column that define its codes, in their order (occupations and macro-skills: that of codes)
_ORDERED = {
    ("coherence_item", "code_rome"): _OCCUPATIONS,
    ("rubrique_mobilite", "code_rome"): _OCCUPATIONS,
    ("texte", "code_rome"): _OCCUPATIONS,
    ("referentiel_code_rome_riasec", "code_rome"): _OCCUPATIONS,
    ("referentiel_macro_competence_riasec", "code_ogr"): ("referentiel_competence", "code_ogr"),
    ("arborescence_centre_interet", "code_centre_interet"): ("centre_interet", "code_centre_interet"),
    ("arborescence_thematique", "code_theme"): ("themes", "code_theme"),
    ("arborescence_secteur_activite", "code_sect_activite"): ("secteur_activite", "code_sect_activite"),
    ("arborescence_secteur_naf", "code_secteur_naf"): ("secteur_naf", "code_secteur_naf"),
}


def check_complete(readings: Readings) -> None:
    """Looks for whole rows that are gone from the end of a file.

    raises: DataFileError naming the file and where it stops
    """
    for (name, column), (defining, code) in _ORDERED.items():
        defined = readings[defining].frame
        if defining == "referentiel_competence":
            defined = defined[defined["nature"] == "Macro-compétence"]
        codes = defined[code].reset_index(drop=True)
        if code in ("code_rome", "code_ogr"):
            codes = codes.sort_values(ignore_index=True)
        position = pd.Series(codes.index, index=codes)
        places = readings[name].frame[column].map(position)
        if places.empty:
            continue
        tail = len(codes) - 1 - int(places.max())
        if places.is_monotonic_increasing and tail >= max(TAIL_COUNT, math.ceil(TAIL_SHARE * len(codes))):
            raise DataFileError(
                readings[name].path or name,
                f"s'arrête à {codes.iloc[int(places.max())]}, {tail} codes avant la fin de {readings[defining].name} : "
                "fichier coupé",
                AGAIN,
                column=column,
            )


def find_gaps(readings: Readings, tables: GraphTables, *, contradicted_by: str | None) -> tuple[Finding, ...]:
    """Lists what is missing or odd, whether or not anything is; the first codes of each are examples.

    raises: DataFileError when a file that should speak of every occupation leaves out more than half of them
    """
    nodes, related = tables.nodes, tables.relationships
    occupations = nodes["Occupation"]
    codes = occupations["codeRome"]
    sectors = pd.concat([related["in_sector"], related["in_sub_sector"]])
    with_sector = sectors["start"]
    expected = (
        ("occupationsWithoutSkill", "métiers sans compétence", "coherence_item", related["requires"]["start"]),
        ("occupationsWithoutMobility", "métiers sans mobilité", "rubrique_mobilite", related["moves_to"]["start"]),
        ("occupationsWithoutTitle", "métiers sans appellation", "referentiel_appellation", related["title_of"]["end"]),
        ("occupationsWithoutDefinition", "métiers sans définition", "texte", _with(occupations, "definition")),
        (
            "occupationsWithoutRiasec",
            "métiers sans type RIASEC",
            "referentiel_code_rome_riasec",
            related["occupation_riasec"]["start"],
        ),
        (
            "occupationsWithoutInterest",
            "métiers sans centre d'intérêt",
            "arborescence_centre_interet",
            related["has_interest"]["start"],
        ),
        ("occupationsWithoutSector", "métiers sans secteur d'activité", "arborescence_secteur_activite", with_sector),
        (
            "occupationsWithoutNafDivision",
            "métiers sans division NAF",
            "arborescence_secteur_naf",
            related["in_naf_division"]["start"],
        ),
    )
    findings = []
    for code, text, name, covered in expected:
        missing = codes[~is_among(codes, covered)]
        left_out = readings[name].file.may_be_missing and not readings[name].read
        if len(missing) > UNCOVERED_SHARE * len(codes) and not tables.meta.sample and not left_out:
            raise DataFileError(
                readings[name].path or name, f"{len(missing)} {text} sur {len(codes)} : fichier coupé", AGAIN
            )
        findings.append(_finding(code, text, missing))
    skills = nodes["Skill"]
    used = pd.concat([related["requires"]["end"], related["skill_in_macro"]["end"]])
    own_family = related["title_of"].merge(related["in_family"], left_on="end", right_on="start", suffixes=("", "_of"))
    title_family = nodes["JobTitle"].set_index("codeOgr")["familyCode"]
    apart = own_family[own_family["start"].map(title_family) != own_family["end_of"]]["start"]
    families = nodes["OccupationFamily"]
    findings += [
        _finding("occupationsWithoutAccess", "métiers sans texte d'accès", codes[occupations["access"].isna()]),
        _finding(
            "occupationsOfUnknownRegulation",
            "métiers dont on ne sait s'ils sont réglementés",
            codes[occupations["regulated"].isna()],
        ),
        _main("occupationsWithoutMainInterest", "métiers sans centre d'intérêt principal", related["has_interest"]),
        _main("occupationsWithoutMainSector", "métiers sans secteur principal", sectors),
        _finding(
            "skillsOfNoOccupation",
            "compétences et savoirs que rien ne demande",
            skills.loc[~is_among(skills["codeOgr"], used), "codeOgr"],
        ),
        _finding("titlesOfAnotherFamily", "appellations d'une autre famille que leur métier", apart),
        _finding(
            "familiesWithoutLabel",
            "familles dont aucun métier ne porte le code",
            families.loc[families["label"].isna(), "codeRome3"],
        ),
    ]
    if contradicted_by:
        findings.append(
            Finding(
                "versionContradicted",
                "version.txt donne un autre numéro que les fichiers : date de publication non retenue",
                1,
                (contradicted_by,),
            )
        )
    return tuple(findings)


def _with(table: pd.DataFrame, column: str) -> "pd.Series[str]":
    return table.loc[table[column].notna(), "codeRome"]


def _main(code: str, text: str, links: pd.DataFrame) -> Finding:
    by_occupation = links.groupby("start")["main"].any()
    return _finding(code, text, by_occupation.index[~by_occupation.astype(bool)].to_series())


def _finding(code: str, text: str, codes: "pd.Series[str]") -> Finding:
    return Finding(code, text, len(codes), tuple(codes.sort_values().head(EXAMPLES)))
