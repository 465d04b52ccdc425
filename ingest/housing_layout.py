"""The files of housing: the ministry's map of rents, two extracts of rents and prices, property sales (DVF)."""

from ingest.territory_reading import SourceFile, code_commune, matching, number, optional_text, text

#: edition of the map of rents that the catalogue gives: neither the columns nor the names of its files tell it
RENT_MAP_YEAR = 2025
#: the map's reference flats in m², charges included: all flats, and those of one or two rooms
FLAT_SURFACE, SMALL_FLAT_SURFACE = 52.0, 37.0
#: a flat of two rooms where the source gives no rent for one: what the towns' file takes (its rent_t2 / rent_m2)
T2_SURFACE = 45.0

_RENT_MAP = {
    "INSEE_C": code_commune(),
    "loypredm2": number(),
    "lwr.IPm2": number(),
    "upr.IPm2": number(),
    "TYPPRED": matching("commune|maille|epci|EPCI", "commune, maille ou epci"),
    "nbobs_com": matching(r"\d{1,7}", "nombre d'annonces", required=False),
}
RENT_MAP = SourceFile(
    name="carte_loyers",
    file_name="housing/pred-app-mef-dhup.csv",
    delimiter=";",
    columns=_RENT_MAP,
    key=("INSEE_C",),
)
RENT_MAP_SMALL = SourceFile(
    name="carte_loyers_t1_t2",
    file_name="housing/pred-app12-mef-dhup.csv",
    delimiter=";",
    columns=_RENT_MAP,
    key=("INSEE_C",),
)
#: towns in capitals, without code and without year
TOWNS = SourceFile(
    name="villes_loyers",
    file_name="housing/villes_loyers.csv",
    delimiter=";",
    columns={"city": text(), "rent_t2": number(), "rent_m2": number(), "buy_m2": number()},
    key=("city",),
)
#: no year
DEPARTMENTS = SourceFile(
    name="departements_loyers",
    file_name="housing/departements_loyers.csv",
    delimiter=";",
    columns={
        "code": matching(r"\d{1,3}|2[AB]", "code de département"),
        "name": text(),
        "rent_m2": number(),
        "buy_m2": number(),
    },
    key=("code",),
)
#: the six departments and collectivities that the extract numbers from 1 to 6
OVERSEAS = {"1": "971", "2": "972", "3": "973", "4": "974", "5": "975", "6": "976"}
FILES = (RENT_MAP, RENT_MAP_SMALL, TOWNS, DEPARTMENTS)

#: what tells one dwelling of a sale from another
DWELLING = (
    "id_mutation",
    "id_parcelle",
    "lot1_numero",
    "lot2_numero",
    "lot3_numero",
    "lot4_numero",
    "lot5_numero",
    "type_local",
    "surface_reelle_bati",
    "nombre_pieces_principales",
    "adresse_numero",
    "adresse_suffixe",
    "adresse_nom_voie",
)


def sales_file(name: str) -> SourceFile:
    """The property sales of one department and year: "dvf_2024_59.csv.gz"; columns of the geolocated edition."""
    return SourceFile(
        name=name,
        file_name=f"housing/{name}",
        columns={
            **{column: optional_text() for column in DWELLING},
            "id_mutation": text(),
            "numero_disposition": text(),
            "nature_mutation": text(),
            "valeur_fonciere": number(),
            "surface_reelle_bati": number(),
            "code_commune": code_commune(),
        },
        # a sale has a row for each of its premises and parcels
        key=(),
    )
