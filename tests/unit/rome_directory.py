"""A small directory of ROME files, whole and self-consistent, that a test may then damage."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

Rows = list[dict[str, str]]

OCCUPATIONS = 40
_DOMAINS = ("A11", "B12", "K13", "M18")


class RomeDirectory:
    """The files of a made-up ROME: name -> rows, each with every column of the publisher's file."""

    def __init__(self) -> None:
        self.codes = sorted(f"{domain}{place:02d}" for domain in _DOMAINS for place in range(1, OCCUPATIONS // 4 + 1))
        self.files: dict[str, Rows] = {}
        self._references()
        self._occupations()
        self._skills()
        self._links()
        self._trees()
        self._controls()

    def write(self, directory: Path, version: str = "460", version_text: str | None = None) -> Path:
        """Writes every file as the publisher does: all values quoted, no carriage return."""
        directory.mkdir(exist_ok=True)
        for name, rows in self.files.items():
            (directory / f"unix_{name}_v{version}_utf8.csv").write_text(as_csv(rows), encoding="utf-8", newline="")
        if version_text is None:
            version_text = f"Numero de version : {version[-2:]}\n\nDate de publication : 18/09/2025\n"
        (directory / "version.txt").write_text(version_text, encoding="utf-8")
        return directory

    def _references(self) -> None:
        self.files["grand_domaine"] = [
            {"code_grand_domaine": letter, "libelle_grand_domaine": f"Grand domaine {letter}"} for letter in "ABKM"
        ]
        self.files["domaine_professionnel"] = [
            {"code_domaine_professionnel": code, "libelle_domaine_professionnel": f"Domaine {code}"}
            for code in _DOMAINS
        ]
        for name, suffix, codes in (
            ("centre_interet", "centre_interet", "123456"),
            ("themes", "theme", "123456"),
            ("secteur_activite", "sect_activite", "123456"),
        ):
            self.files[name] = [
                {
                    f"code_{suffix}": code,
                    f"libelle_{suffix}": f"{name} {code}",
                    f"definition_{suffix}": f"Premier paragraphe.\n\nSecond de {code}.",
                }
                for code in codes
            ]
        self.files["sous_secteur_activite"] = [
            {
                "code_ss_sect_activite": f"9{code}",
                "libelle_ss_sect_activite": f"Sous-secteur {code}",
                "definition_ss_sect_activite": "",
                "code_sect_activite": code,
            }
            for code in "12"
        ]
        self.files["secteur_naf"] = [
            {"code_tech_secteur_naf": code, "code_secteur_naf": code, "libelle_secteur_naf": f"Division {code}"}
            for code in "123456"
        ]
        self.files["composition_bloc"] = [{"code_compo_bloc": "1", "libelle_bloc": "Code ROME et intitulé"}]
        self.files["descriptif_rubrique"] = [
            {"code_rubrique": "1", "code_compo_bloc": "5", "position_rubrique": "1", "libelle_rubrique": "Savoir-faire"}
        ]
        self.files["type_referentiel"] = []

    def _occupations(self) -> None:
        flags = {
            "transition_eco": "Emploi Blanc",
            "transition_num": "N",
            "transition_demo": "",
            "emploi_reglemente": "",
            "emploi_cadre": "O",
        }
        self.files["referentiel_code_rome"] = [
            {
                "code_rome": code,
                "code_fiche_metier": str(place + 1),
                "code_ogr": str(500 + place),
                "libelle_rome": f"Dentellier / Dentellière de {code}",
                **flags,
                "code_rome_parent": f"{code[:3]}01",
            }
            for place, code in enumerate(self.codes)
        ]
        self.files["referentiel_appellation"] = [
            {
                "code_ogr": str(10_000 + 10 * place + rank),
                "libelle_appellation_long": f"Dentellier / Dentellière à la main {code} {rank}",
                "libelle_appellation_court": f"Dentellier(ère) {code} {rank}",
                "code_rome": code,
                **flags,
                "classification": "PRINCIPALE" if rank == 0 else "SYNONYME",
                "origine": "",
                "code_rome_parent": f"{code[:3]}01",
                "peu_usite": "N" if rank else "O",
            }
            for place, code in enumerate(self.codes)
            for rank in range(3)
        ]

    def _skills(self) -> None:
        def competence(code: int, label: str, macro: str, category: str) -> dict[str, str]:
            return {
                "code_ogr": str(code),
                "nature": "Compétence" if macro else "Macro-compétence",
                "libelle_competence": label,
                "definition": "",
                "code_ogr_macro_comp": macro,
                "code_macro_comp": "" if macro else f"{code % 10}A101",
                "cat_comp": category,
                "sous_cat_comp": "Technique",
                "transition_eco": "",
                "transition_num": "N",
                "libelle_heterogeneite": "" if macro else "Homogène",
                "libelle_origine": "",
            }

        know_how, soft = "Savoir-faire", "Savoir-être professionnel"
        self.files["referentiel_competence"] = [
            *(competence(300_000 + n, f"Assembler {n}", "", know_how) for n in range(4)),
            competence(300_009, "Faire preuve de rigueur", "", soft),
            *(competence(100_000 + n, f"Coudre {n}", str(300_000 + n % 4), know_how) for n in range(60)),
        ]
        self.files["referentiel_savoir"] = [
            {
                "code_ogr_savoir": str(200_000 + n),
                "libelle_savoir": f"Savoir {n}",
                "categorie_savoir": "Certifications et habilitations" if n % 4 == 0 else "Domaines d'expertise",
                "sous_categorie_savoir": ("Habilitations" if n % 4 == 0 else "Langues") if n % 5 else "",
                "transition_eco": "",
                "transition_num": "O",
            }
            for n in range(20)
        ]
        self.files["referentiel_contexte_travail"] = [
            {
                "code_ogr": str(400_000 + n),
                "libelle_cont_travail": f"Contexte {n}",
                "code_type_cont_trav": "2",
                "libelle_type_cont_trav": "Horaires et durée du travail",
            }
            for n in range(5)
        ]

    def _links(self) -> None:
        count = len(self.codes)
        self.files["coherence_item"] = [
            {"code_rome": code, "code_ogr": ogr, "coeur_metier": heart}
            for place, code in enumerate(self.codes)
            for ogr, heart in (
                (str(100_000 + place), "Principale"),
                (str(100_000 + place + 1), "Émergente"),
                (str(200_000 + place % 20), ""),
                ("300009", ""),
                (str(400_000 + place % 5), ""),
            )
        ]
        self.files["rubrique_mobilite"] = [
            {"code_rome": code, "code_rome_cible": self.codes[(place + step) % count], "numero_ordre": str(step)}
            for place, code in enumerate(self.codes)
            for step in (1, 2)
        ]
        self.files["texte"] = [
            {
                "code_rome": code,
                "code_compo_bloc": "3" if kind == "definition" else "4",
                "libelle_type_texte": kind,
                "position_phrase": str(position),
                "libelle_texte": text,
            }
            for code in self.codes
            for kind, position, text in (
                ("definition", 2, "Assure l''entretien du métier"),
                ("definition", 1, f"L'' artisan de {code} dit \"oui\"."),
                ("acces_metier", 1, "Accessible sans diplôme."),
            )
        ]
        self.files["referentiel_code_rome_riasec"] = [
            {"code_rome": code, "riasec_majeur": "R", "riasec_mineur": "C" if code[0] == "A" else ""}
            for code in self.codes
        ]
        self.files["referentiel_macro_competence_riasec"] = [
            {"code_ogr": row["code_ogr"], "riasec_majeur": "I", "riasec_mineur": ""}
            for row in self.files["referentiel_competence"]
            if row["nature"] == "Macro-compétence"
        ]

    def _trees(self) -> None:
        def occupation(place: int) -> dict[str, str]:
            row = self.files["referentiel_code_rome"][place]
            return {
                "code_ogr_rome": row["code_ogr"],
                "code_rome": row["code_rome"],
                "libelle_rome": row["libelle_rome"],
            }

        def tree(name: str, suffix: str) -> Rows:
            return [
                {
                    f"code_{suffix}": row[f"code_{suffix}"],
                    f"libelle_{suffix}": row[f"libelle_{suffix}"],
                    **occupation(p),
                }
                for row in self.files[name]
                for p in range(OCCUPATIONS)
                if p % 6 == int(row[f"code_{suffix}"]) - 1
            ]

        self.files["arborescence_centre_interet"] = [
            {**row, "principal": "oui"} for row in tree("centre_interet", "centre_interet")
        ]
        self.files["arborescence_thematique"] = tree("themes", "theme")
        self.files["arborescence_secteur_naf"] = tree("secteur_naf", "secteur_naf")
        self.files["arborescence_secteur_activite"] = [
            {
                "code_sect_activite": row["code_sect_activite"],
                "libelle_sect_activite": row["libelle_sect_activite"],
                "code_ss_sect_activite": f"9{row['code_sect_activite']}" if row["code_sect_activite"] in "12" else "",
                "libelle_ss_sect_activite": (
                    f"Sous-secteur {row['code_sect_activite']}" if row["code_sect_activite"] in "12" else ""
                ),
                **row,
                "principal": "oui",
            }
            for row in tree("secteur_activite", "sect_activite")
        ]

    def _controls(self) -> None:
        occupations = self.files["referentiel_code_rome"]
        titles = self.files["referentiel_appellation"]
        rubric = {row["code_ogr"]: "1" for row in self.files["referentiel_competence"]}
        rubric["300009"] = "2"
        rubric |= {row["code_ogr_savoir"]: "3" for row in self.files["referentiel_savoir"]}
        self.files["liens_rome_referentiels"] = [
            *(_link(row["code_rome"], "1", "", row["code_ogr"]) for row in occupations),
            *(_link(row["code_rome"], "2", "", row["code_ogr"]) for row in titles),
            *(
                _link(
                    row["code_rome"],
                    "5" if row["code_ogr"] in rubric else "6",
                    rubric.get(row["code_ogr"], ""),
                    row["code_ogr"],
                )
                for row in self.files["coherence_item"]
            ),
        ]
        labels = {row["code_ogr"]: row["libelle_competence"] for row in self.files["referentiel_competence"]}
        labels |= {row["code_ogr_savoir"]: row["libelle_savoir"] for row in self.files["referentiel_savoir"]}
        labels |= {row["code_ogr"]: row["libelle_cont_travail"] for row in self.files["referentiel_contexte_travail"]}
        self.files["item"] = [
            {"code_ogr": code, "libelle": label, "code_rubrique": rubric.get(code, "")}
            for code, label in labels.items()
        ]
        self.files["cr_gd_dp"] = [
            {
                "code_rome": row["code_rome"],
                "libelle_rome": row["libelle_rome"],
                "code_grand_domaine": row["code_rome"][0],
                "libelle_grand_domaine": f"Grand domaine {row['code_rome'][0]}",
                "code_domaine_professionel": row["code_rome"][:3],
                "libelle_domaine_professionel": f"Domaine {row['code_rome'][:3]}",
            }
            for row in occupations
        ]
        ogr = {row["code_rome"]: row["code_ogr"] for row in occupations}
        self.files["cr_gd_dp_appellations"] = [
            *(_place(letter, intitule=f"Grand domaine {letter}", type_provenance="1") for letter in "ABKM"),
            *(_place(code[0], code[1:], intitule=f"Domaine {code}", type_provenance="2") for code in _DOMAINS),
            *(
                _place(
                    code[0],
                    code[1:3],
                    code[3:],
                    intitule=f"Dentellier / Dentellière de {code}",
                    type_provenance="3",
                    ogr_rome=ogr[code],
                )
                for code in self.codes
            ),
            *(
                _place(
                    type_provenance="4",
                    libelle_appellation_long=row["libelle_appellation_long"],
                    libelle_appellation_court=row["libelle_appellation_court"],
                    ogr_rome=ogr[row["code_rome"]],
                    ogr_appellation=row["code_ogr"],
                )
                for row in titles
            ),
        ]


def as_csv(rows: Rows) -> str:
    """Rows as the publisher writes them; a file without rows is its header alone."""
    text = io.StringIO()
    header = list(rows[0]) if rows else ["code_type_referentiel", "libelle_type_referentiel"]
    writer = csv.DictWriter(text, header, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def edit(directory: Path, name: str, change: Callable[[str], str], version: str = "460") -> Path:
    """Rewrites a file by its text."""
    path = directory / f"unix_{name}_v{version}_utf8.csv"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8", newline="")
    return path


def _link(code_rome: str, block: str, rubric: str, ogr: str) -> dict[str, str]:
    return {"code_rome": code_rome, "code_compo_bloc": block, "code_rubrique": rubric, "code_ogr": ogr}


def _place(grand_domain: str = "", domain: str = "", number: str = "", **more: str) -> dict[str, str]:
    blank = dict.fromkeys(
        (
            "intitule",
            "libelle_appellation_long",
            "libelle_appellation_court",
            "type_provenance",
            "code_fiche",
            "ogr_rome",
            "ogr_appellation",
        ),
        "",
    )
    place = {
        "code_grand_domaine": grand_domain,
        "code_domaine_professionnel": domain,
        "numero_fiche_rome": number,
    }
    return {**place, **blank, **more}
