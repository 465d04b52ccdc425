"""The files of territories: INSEE's geographic code, La Poste's postcodes, France Travail's employment areas."""

from ingest.territory_reading import SourceFile, code_commune, matching, optional_text, text

_REGION = r"\d{1,2}"
_DEPARTMENT = r"\d{1,3}|2[AB]"

#: communes (COM), arrondissements of Paris, Lyon and Marseille (ARM), delegated and associated communes (COMD, COMA)
COMMUNES = SourceFile(
    name="cog_commune",
    file_name="cog_v_commune_2024.csv",
    optional=False,
    columns={
        "TYPECOM": matching("COM|ARM|COMD|COMA", "COM, ARM, COMD ou COMA"),
        "COM": code_commune(),
        "REG": matching(_REGION, "code de région", required=False),
        "DEP": matching(_DEPARTMENT, "code de département", required=False),
        "LIBELLE": text(),
        "CAN": matching(r"\w{4,5}", "code de canton", required=False),
        "COMPARENT": code_commune(required=False),
    },
    key=("TYPECOM", "COM"),
)
DEPARTMENTS = SourceFile(
    name="cog_departement",
    file_name="cog_v_departement_2024.csv",
    optional=False,
    columns={
        "DEP": matching(_DEPARTMENT, "code de département"),
        "REG": matching(_REGION, "code de région"),
        "CHEFLIEU": code_commune(),
        "LIBELLE": text(),
    },
    key=("DEP",),
)
REGIONS = SourceFile(
    name="cog_region",
    file_name="cog_v_region_2024.csv",
    optional=False,
    columns={"REG": matching(_REGION, "code de région"), "CHEFLIEU": code_commune(), "LIBELLE": text()},
    key=("REG",),
)
#: an old code has several rows where its commune was split since
PASSAGE = SourceFile(
    name="geocodes_passage",
    file_name="geocodes_passage_annuel_2025.csv",
    delimiter=";",
    columns={
        "Année": matching(r"20\d\d", "année"),
        "Niveau": matching("COM|ARM|DEP|REG", "COM, ARM, DEP ou REG"),
        "Ancien Code Officiel": text(),
        "Code Courant Officiel": text(),
    },
    key=("Niveau", "Ancien Code Officiel", "Code Courant Officiel"),
)
#: a commune has a row for each postcode and each locality (Ligne_5); some rows stand twice
POSTCODES = SourceFile(
    name="laposte_hexasmal",
    file_name="laposte_hexasmal.csv",
    delimiter=";",
    columns={
        "Code_commune_INSEE": code_commune(),
        "Nom_commune": text(),
        "Code_postal": matching(r"\d{5}", "code postal (cinq chiffres)"),
        "Ligne_5": optional_text(),
        "coordonnees_gps": matching(
            r"-?\d{1,2}(?:\.\d+)?, ?-?\d{1,3}(?:\.\d+)?", "latitude, longitude", required=False
        ),
    },
    key=(),
)
AREAS = SourceFile(
    name="bassin_emploi_commune_BMO",
    file_name="bassin_emploi_commune_BMO.csv",
    columns={
        "reg": matching(_REGION, "code de région"),
        "dep": matching(_DEPARTMENT, "code de département"),
        "code_commune_insee": code_commune(),
        "code_bassin_BMO": matching(r"\d{3,4}", "code de bassin (trois ou quatre chiffres)"),
        "lib_bassin_BMO": text(),
    },
    key=("code_commune_insee",),
)
#: the areas of 2019: compared, never loaded
LEXICON = SourceFile(
    name="lexique_bassins",
    file_name="lexique_bassins_2019.csv",
    role="control",
    columns={"CODE_COMMUNE_INSEE": code_commune(), "BE19": matching(r"\d{3,4}", "code de bassin")},
    key=("CODE_COMMUNE_INSEE",),
)
FILES = (COMMUNES, DEPARTMENTS, REGIONS, PASSAGE, POSTCODES, AREAS, LEXICON)
