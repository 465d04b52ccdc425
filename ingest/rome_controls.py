"""The files of ROME that repeat others, held against the tables: a file that was cut cleanly shows here."""

from collections.abc import Mapping

import pandas as pd

from graph.tables import GraphTables
from ingest.report import Comparison
from ingest.rome_nodes import Readings
from ingest.rome_reading import FileReading, too_many
from passerelle.errors import DataFileError

_EXAMPLES = 5
#: code_rubrique of a skill in ``item`` and ``liens_rome_referentiels``
_RUBRICS = {"know-how": "1", "soft": "2", "knowledge": "3", "certification": "3"}


def compare_controls(readings: Readings, tables: GraphTables) -> tuple[Comparison, ...]:
    """Compares each control file's rows; those that the tables lack or contradict are set aside.

    raises: DataFileError when a control file has more than 1 % of rows that the file it repeats lacks
    """
    occupations = _OccupationRows(tables)
    comparisons = [
        *_compare_links(readings["liens_rome_referentiels"], readings, tables, occupations),
        *_compare_items(readings["item"], readings, tables),
        *_compare_domains(readings["cr_gd_dp"], readings, occupations),
        *_compare_titles(readings["cr_gd_dp_appellations"], readings, tables, occupations),
        *_compare_labels(readings, tables),
    ]
    absent = {reading.name for reading in readings.values() if reading.path is None}
    return tuple(comparison for comparison in comparisons if comparison.file not in absent)


class _OccupationRows:
    """Occupations with the labels of their domain and grand domain, in the columns of the control files."""

    def __init__(self, tables: GraphTables) -> None:
        rows = tables.nodes["Occupation"]
        self.code = rows["codeRome"]
        self.label = rows["label"]
        self.ogr = rows["codeOgr"]
        self.domain = self.code.str[:3]
        self.grand_domain = self.code.str[0]
        self.ogr_by_code: pd.Series[str] = self.ogr.set_axis(self.code)
        self.domains: pd.Series[str] = tables.nodes["Domain"].set_index("code")["label"]
        self.grand_domains: pd.Series[str] = tables.nodes["GrandDomain"].set_index("code")["label"]


def _compare_links(
    links: FileReading, readings: Readings, tables: GraphTables, occupations: _OccupationRows
) -> list[Comparison]:
    related = tables.relationships
    kinds = tables.nodes["Skill"].set_index("codeOgr")["kind"]
    required = related["requires"]
    coherence = readings["coherence_item"].name
    blocks = {
        "1": (readings["referentiel_code_rome"].name, occupations.code, occupations.ogr, None),
        "2": (
            readings["referentiel_appellation"].name,
            related["title_of"]["end"],
            related["title_of"]["start"],
            None,
        ),
        "5": (coherence, required["start"], required["end"], required["end"].map(kinds).map(_RUBRICS)),
        "6": (coherence, related["has_context"]["start"], related["has_context"]["end"], None),
    }
    links.set_aside(~links.frame["code_compo_bloc"].isin(list(blocks)), "bloc inconnu", "code_compo_bloc")
    return [
        _compare(
            links,
            links.frame["code_compo_bloc"] == block,
            _rows(code_rome=start, code_ogr=end, code_rubrique=rubric),
            ["code_rome", "code_ogr"],
            reference,
        )
        for block, (reference, start, end, rubric) in blocks.items()
    ]


def _compare_items(items: FileReading, readings: Readings, tables: GraphTables) -> list[Comparison]:
    skills, contexts = tables.nodes["Skill"], tables.nodes["WorkContext"]
    expected = pd.concat(
        [
            _rows(code_ogr=skills["codeOgr"], libelle=skills["label"], code_rubrique=skills["kind"].map(_RUBRICS)),
            _rows(code_ogr=contexts["code"], libelle=contexts["label"], code_rubrique=None),
        ]
    )
    parts = {
        "referentiel_competence": ["1", "2"],
        "referentiel_savoir": ["3"],
        "referentiel_contexte_travail": [""],
    }
    known = [rubric for rubrics in parts.values() for rubric in rubrics]
    items.set_aside(~items.frame["code_rubrique"].fillna("").isin(known), "rubrique inconnue", "code_rubrique")
    return [
        _compare(
            items,
            items.frame["code_rubrique"].fillna("").isin(rubrics),
            expected[expected["code_rubrique"].fillna("").isin(rubrics)],
            ["code_ogr"],
            readings[name].name,
        )
        for name, rubrics in parts.items()
    ]


def _compare_domains(file: FileReading, readings: Readings, occupations: _OccupationRows) -> list[Comparison]:
    expected = _rows(
        code_rome=occupations.code,
        libelle_rome=occupations.label,
        code_grand_domaine=occupations.grand_domain,
        libelle_grand_domaine=occupations.grand_domain.map(occupations.grand_domains),
        code_domaine_professionel=occupations.domain,
        libelle_domaine_professionel=occupations.domain.map(occupations.domains),
    )
    return [_compare(file, _every(file), expected, ["code_rome"], readings["referentiel_code_rome"].name)]


def _compare_titles(
    file: FileReading, readings: Readings, tables: GraphTables, occupations: _OccupationRows
) -> list[Comparison]:
    titles = tables.nodes["JobTitle"]
    occupation = titles["codeOgr"].map(tables.relationships["title_of"].set_index("start")["end"])
    place = ["code_grand_domaine", "code_domaine_professionnel", "numero_fiche_rome"]
    domains = occupations.domains.reset_index()
    levels: dict[str, tuple[str, list[str], pd.DataFrame]] = {
        "1": (
            "grand_domaine",
            place[:1],
            _rows(code_grand_domaine=occupations.grand_domains.index, intitule=occupations.grand_domains.array),
        ),
        "2": (
            "domaine_professionnel",
            place[:2],
            _rows(
                code_grand_domaine=domains["code"].str[0],
                code_domaine_professionnel=domains["code"].str[1:],
                intitule=domains["label"],
            ),
        ),
        "3": (
            "referentiel_code_rome",
            place,
            _rows(
                code_grand_domaine=occupations.grand_domain,
                code_domaine_professionnel=occupations.code.str[1:3],
                numero_fiche_rome=occupations.code.str[3:],
                intitule=occupations.label,
                ogr_rome=occupations.ogr,
            ),
        ),
        "4": (
            "referentiel_appellation",
            ["ogr_appellation"],
            _rows(
                ogr_appellation=titles["codeOgr"],
                libelle_appellation_long=titles["label"],
                libelle_appellation_court=titles["shortLabel"],
                ogr_rome=occupation.map(occupations.ogr_by_code),
            ),
        ),
    }
    return [
        _compare(file, file.frame["type_provenance"] == level, expected, key, readings[name].name)
        for level, (name, key, expected) in levels.items()
    ]


def _compare_labels(readings: Readings, tables: GraphTables) -> list[Comparison]:
    """The labels that the trees of interests, themes, sectors and NAF divisions repeat; nothing is set aside."""
    occupations = tables.nodes["Occupation"]
    by_tree = {
        "arborescence_centre_interet": [("Interest", "centre_interet", "centre_interet")],
        "arborescence_thematique": [("Theme", "theme", "themes")],
        "arborescence_secteur_activite": [
            ("ActivitySector", "sect_activite", "secteur_activite"),
            ("ActivitySubSector", "ss_sect_activite", "sous_secteur_activite"),
        ],
        "arborescence_secteur_naf": [("NafDivision", "secteur_naf", "secteur_naf")],
    }
    comparisons = []
    for tree, places in by_tree.items():
        rows = readings[tree].frame
        repeated = [
            ("referentiel_code_rome", "code_rome", {"libelle_rome": "label", "code_ogr_rome": "codeOgr"}, occupations)
        ]
        repeated += [
            (name, f"code_{suffix}", {f"libelle_{suffix}": "label"}, tables.nodes[label])
            for label, suffix, name in places
        ]
        for name, code, columns, nodes in repeated:
            given = rows[rows[code].notna()]
            known = nodes.set_index(nodes.columns[0])
            differs = pd.Series(False, index=given.index)
            examples: list[str] = []
            for column, attribute in columns.items():
                expected = given[code].map(known[attribute])
                odd = (given[column].fillna("") != expected).astype(bool)
                differs |= odd
                pairs = zip(given.loc[odd, code], given.loc[odd, column], expected[odd], strict=True)
                examples += [f"{key} : « {here} », « {there} »" for key, here, there in pairs]
            count = int(differs.sum())
            comparisons.append(
                Comparison(
                    readings[tree].name,
                    readings[name].name,
                    agreeing=len(given) - count,
                    differing=count,
                    only_in_file=0,
                    only_in_reference=0,
                    examples=tuple(examples[:_EXAMPLES]),
                )
            )
    return comparisons


def _compare(
    reading: FileReading, part: "pd.Series[bool]", expected: pd.DataFrame, key: list[str], reference: str
) -> Comparison:
    """Holds the rows ``part`` of a control file against ``expected``, whose other columns than ``key`` are values."""
    values = [column for column in expected.columns if column not in key]
    rows = reading.frame.loc[part, [*key, *values]]
    held = rows.merge(expected, on=key, how="left", suffixes=("", " expected"), indicator=True).set_axis(rows.index)
    missing = held["_merge"] == "left_only"
    differing: dict[str, pd.Series[bool]] = {}
    seen = missing
    for value in values:
        odd = (held[value].fillna("") != held[f"{value} expected"].fillna("")) & ~seen
        differing[value] = odd
        seen = seen | odd
    unmatched = expected.merge(rows[key], on=key, how="left", indicator=True)
    unmatched = unmatched[unmatched["_merge"] == "left_only"]
    absent = f"absent de {reference}"
    examples = [f"{' '.join(map(str, row))} : {absent}" for row in rows.loc[missing, key].head(_EXAMPLES).to_numpy()]
    examples += [
        f"{key_value} : « {here} », « {there} »"
        for value, odd in differing.items()
        for key_value, here, there in held.loc[odd, [key[-1], value, f"{value} expected"]].head(_EXAMPLES).to_numpy()
    ]
    lacking = unmatched[key].head(_EXAMPLES).to_numpy()
    examples += [f"{' '.join(map(str, row))} : absent de {reading.name}" for row in lacking]
    comparison = Comparison(
        reading.name,
        reference,
        agreeing=int((~seen).sum()),
        differing=int(seen.sum() - missing.sum()),
        only_in_file=int(missing.sum()),
        only_in_reference=len(unmatched),
        examples=tuple(examples[:_EXAMPLES]),
    )
    _set_aside(reading, missing, absent, key[-1])
    for value, odd in differing.items():
        _set_aside(reading, odd, f"autre valeur dans {reference}", value)
    if too_many(comparison.only_in_file, len(rows)):
        raise DataFileError(
            reference,
            f"{comparison.only_in_file} lignes de {reading.name} n'y ont pas leur pareille, d'abord : {examples[0]}",
            "L'un des deux fichiers est coupé ou d'une autre version : téléchargez-les de nouveau ensemble "
            "(« passerelle fetch »).",
        )
    return comparison


def _set_aside(reading: FileReading, refused: "pd.Series[bool]", reason: str, column: str) -> None:
    """As ``FileReading.set_aside``, where ``refused`` has the index of a part of the rows."""
    if refused.any():
        whole = refused.reindex(reading.frame.index, fill_value=False).astype(bool)
        reading.set_aside(whole, reason, column)


def _every(reading: FileReading) -> "pd.Series[bool]":
    return pd.Series(True, index=reading.frame.index)


def _rows(**columns: object) -> pd.DataFrame:
    """A table of texts; a column given as None is missing in every row, and is then compared too."""
    given: Mapping[str, object] = {name: values for name, values in columns.items() if values is not None}
    frame = pd.DataFrame(given).astype("string")
    for name in columns.keys() - given.keys():
        frame[name] = pd.array([pd.NA] * len(frame), dtype="string")
    return frame
