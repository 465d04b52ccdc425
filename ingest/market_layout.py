"""The files of the labour market: open offers, tension by area, and what Dares publishes by professional family (FAP).

All of them are optional: whoever has only some of them gets the figures of those.
"""

from ingest.territory_reading import SourceFile, code_rome, matching, number, optional_text, scale, share, text

_FAP_225 = r"[A-Z]\d[A-Z]\d\d"
_YEAR = r"20\d\d"
#: a family of 225 ("A0Z40"), of 87 ("A0Z"), a domain ("A"), or everybody
_FAP_ANY = r"[A-Z]|[A-Z]\d[A-Z]|[A-Z]\d[A-Z]\d\d|ZZZ|ZZZZZ|Ensemble"

OFFERS = SourceFile(
    name="offres",
    file_name="territory/offres_commune_rome_2021-12-21.csv.bz2",
    delimiter=";",
    columns={
        # blank and "null": the offer has no place
        "commune": matching(r"\d{5}|2[AB]\d{3}|null", "code INSEE (cinq signes) ou null", required=False),
        "dc_rome_id": code_rome(),
        "nb_offre": matching(r"[1-9]\d{0,6}", "nombre d'offres (à partir de 1)"),
        "date_extract": matching(r"20\d\d-\d\d-\d\d", "date (année-mois-jour)"),
    },
    # a commune and an occupation stand twice: the counts add up
    key=(),
)
AREA_CAUSES = {
    "ind_int_emb_d": "hiring_intensity",
    "ind_main_oeuvre_d": "workforce_shortage",
    "ind_dur_empl_d": "unstable_jobs",
    "ind_cond_travail_d": "working_conditions",
    "ind_mismatch_geo_d": "geographic_mismatch",
    "ind_specif_form_empl_d": "training_link",
}
TENSION_BY_AREA = SourceFile(
    name="tension_bassin",
    file_name="territory/tension_rome_bassin_2021.csv",
    delimiter=";",
    columns={
        "annee": matching(_YEAR, "année"),
        "ROME": code_rome(),
        "cbassin": matching(r"\d{3,4}", "code de bassin"),
        "oee": number(),
        "defm_abc": number(),
        "ind_tension_d": scale(),
        **{column: scale() for column in AREA_CAUSES},
    },
    key=("annee", "ROME", "cbassin"),
)
FAMILY_CAUSES = {
    "Intensité d'embauches": "hiring_intensity",
    "Manque de main-d'œuvre disponible": "workforce_shortage",
    "Non-durabilité de l'emploi": "unstable_jobs",
    "Conditions de travail contraignantes": "working_conditions",
    "Inadéquation géographique": "geographic_mismatch",
    "Lien formation-emploi": "training_link",
}
TENSION_BY_FAMILY = SourceFile(
    name="tensions",
    file_name="dares/tensions.csv",
    columns={
        "fap": matching(_FAP_ANY, "code de famille professionnelle"),
        "Tension": number(signed=True),
        "Catégorie Tension": scale(),
        **{column: scale() for column in FAMILY_CAUSES},
        "Année": matching(_YEAR, "année"),
        "niveau_geo": matching("nat|reg|dep", "nat, reg ou dep"),
        "niveau_fap": matching("fap 225|fap 87", "fap 225 ou fap 87"),
        "reg": matching(r"\d{1,2}(?:\.0)?", "code de région", required=False),
        "dep": matching(r"\d{1,3}|2[AB]", "code de département", required=False),
    },
    key=("fap", "Année", "niveau_geo", "reg", "dep"),
)
#: NA in Rome: a family that the ROME does not describe
FAMILIES = SourceFile(
    name="fap225_rome",
    file_name="dares/fap225_rome.csv",
    delimiter=";",
    columns={
        "Fap": matching(_FAP_225, "code de famille professionnelle (225)"),
        "Rome": matching(r"[A-Z]\d{4}|NA", "code ROME 3 ou NA"),
        "intitule_rome": optional_text(),
    },
    key=("Fap", "Rome"),
)
_PERIOD = matching(r"(?:19|20)\d\d-20\d\d", "période (2017-2019)")
MEDIAN_WAGES = SourceFile(
    name="salaire_median",
    file_name="dares/salaire_median_3niv.csv",
    columns={
        "Fap3": matching(_FAP_ANY, "code de famille professionnelle"),
        "Annee": _PERIOD,
        "Salaire_median": number(),
    },
    key=("Fap3", "Annee"),
)
BANDS = {
    "Moins de 1250 €": "wage_below_1250",
    "De 1250 € à moins de 1500 €": "wage_1250_1500",
    "De 1500 € à moins de 2000 €": "wage_1500_2000",
    "De 2000 € à moins de 3000 €": "2000_3000",
    "3000 € ou plus": "3000_more",
}
#: the file has no year
WAGE_BANDS = SourceFile(
    name="salaires",
    file_name="dares/salaires_3niv.csv",
    columns={
        "Fap": matching(_FAP_ANY, "code de famille professionnelle"),
        "Salaire": matching("|".join(BANDS), "tranche de salaire"),
        "Pourcentage": share(),
    },
    key=("Fap", "Salaire"),
)
FIXED_TERM = SourceFile(
    name="part_cdd",
    file_name="dares/part_CDD_entrees.csv",
    delimiter=";",
    columns={"Fap3": text(), "Annee": matching(_YEAR, "année"), "Part": share()},
    key=("Fap3", "Annee"),
)
FILES = (OFFERS, TENSION_BY_AREA, TENSION_BY_FAMILY, FAMILIES, MEDIAN_WAGES, WAGE_BANDS, FIXED_TERM)
#: there, and not read: why stands in docs/territory.md
NOT_READ = ("territory/secteurs_bassins.csv", "dares/part_femmes_3niv.csv")
