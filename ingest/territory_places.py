"""Tables of territories: regions, departments, employment areas, communes, arrondissements and the names they go by.

Each takes frames as ``ingest.territory_layout`` describes them, and gives one that ``SCHEMAS`` validates.
"""

import pandas as pd
import pandera.pandas as pa

from ingest.territory_codes import (
    COLLECTIVITIES,
    COLLECTIVITY_COMMUNES,
    CurrentCodes,
    department_of,
    is_collectivity,
)
from passerelle.errors import DataFileError

#: cantons of this number and above are communes of several cantons (INSEE, geographic code, variable CAN)
_FIRST_OF_SEVERAL_CANTONS = 80


def _text(*, nullable: bool = False, unique: bool = False) -> pa.Column:
    return pa.Column("string", nullable=nullable, unique=unique)


_LATITUDE = pa.Column("float64", pa.Check.in_range(-90, 90), nullable=True)
_LONGITUDE = pa.Column("float64", pa.Check.in_range(-180, 180), nullable=True)
_POSTCODES = pa.Column("string", pa.Check.str_matches(r"^(\d{5}( \d{5})*)?$"))

SCHEMAS = {
    "regions": pa.DataFrameSchema(
        {"code": _text(unique=True), "label": _text(), "seat": _text(nullable=True)}, strict=True
    ),
    "departments": pa.DataFrameSchema(
        {
            "code": _text(unique=True),
            "label": _text(),
            "region": _text(nullable=True),
            "seat": _text(nullable=True),
        },
        strict=True,
    ),
    "areas": pa.DataFrameSchema(
        {
            "code": pa.Column("string", pa.Check.str_matches(r"^\d{4}$"), unique=True),
            "label": _text(),
            "department": _text(),
            "region": _text(nullable=True),
            "communes": pa.Column("int64", pa.Check.ge(1)),
        },
        strict=True,
    ),
    "communes": pa.DataFrameSchema(
        {
            "code": _text(unique=True),
            "label": _text(nullable=True),
            "department": _text(),
            "region": _text(nullable=True),
            "area": _text(nullable=True),
            "postcodes": _POSTCODES,
            "latitude": _LATITUDE,
            "longitude": _LONGITUDE,
            "prominence": pa.Column("int64", pa.Check.in_range(0, 3)),
        },
        strict=True,
    ),
    "arrondissements": pa.DataFrameSchema(
        {
            "code": _text(unique=True),
            "label": _text(),
            "commune": _text(),
            "postcodes": _POSTCODES,
            "latitude": _LATITUDE,
            "longitude": _LONGITUDE,
        },
        strict=True,
    ),
    "names": pa.DataFrameSchema(
        {"code": _text(), "name": _text(), "kind": pa.Column("string", pa.Check.isin(["former", "locality"]))},
        strict=True,
    ),
}


def validated(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The table with the columns of its schema in their order and a fresh index.

    raises: DataFileError naming the table and the first value that cannot be
    """
    schema = SCHEMAS[name]
    try:
        return schema.validate(table[list(schema.columns)].reset_index(drop=True))
    except pa.errors.SchemaError as error:
        raise DataFileError(
            f"table {name}", f"contenu inattendu ({error.reason_code}, {error.check})",
            "Les fichiers de territoires ne vont pas ensemble : téléchargez-les de nouveau (« passerelle fetch »).",
            column=str(error.schema.name),
        ) from error  # fmt: skip


def regions(rows: pd.DataFrame) -> pd.DataFrame:
    """Regions of the geographic code; codes of two digits."""
    return pd.DataFrame({"code": _padded(rows["REG"]), "label": rows["LIBELLE"], "seat": rows["CHEFLIEU"]})


def departments(rows: pd.DataFrame) -> pd.DataFrame:
    """Departments of the geographic code, then the overseas collectivities, which have no region and no seat."""
    named = pd.DataFrame(
        {
            "code": rows["DEP"].str.zfill(2),
            "label": rows["LIBELLE"],
            "region": _padded(rows["REG"]),
            "seat": rows["CHEFLIEU"],
        }
    )
    apart = pd.DataFrame({"code": list(COLLECTIVITIES), "label": list(COLLECTIVITIES.values())}).astype("string")
    return pd.concat([named, apart[~apart["code"].isin(named["code"])]], ignore_index=True).astype("string")


def communes(
    cog: pd.DataFrame, postal: pd.DataFrame, areas: pd.DataFrame, known: pd.DataFrame, codes: CurrentCodes
) -> pd.DataFrame:
    """Communes of today.

    cog, postal, areas: rows of the geographic code, of La Poste and of the employment areas
    known:   the table of departments
    label:   as INSEE writes it; of overseas collectivities as La Poste does; missing where no file names it
    postcodes: separated by a blank, in their order; "" where La Poste has none
    latitude, longitude: degrees (WGS 84); of Paris, Lyon and Marseille the mean of their arrondissements
    prominence: 3 seat of a region, 2 of a department, 1 a canton of its own or several, 0 other.
        No source gives the population: this is what orders homonyms
    """
    table = pd.DataFrame({"code": sorted(codes.current)}, dtype="string")
    table["label"] = table["code"].map(_labels(cog, postal, codes)).astype("string")
    table["department"] = table["code"].map(department_of).astype("string")
    region = known.set_index("code")["region"]
    table["region"] = table["department"].map(region).astype("string")
    table["area"] = table["code"].map(_area_of(areas, codes)).astype("string")
    current = codes.communes(postal["Code_commune_INSEE"])
    table["postcodes"] = _postcodes(table["code"], current, postal["Code_postal"])
    table = table.assign(**points(table["code"], current, postal))
    whole = cog[(cog["TYPECOM"] == "COM") & cog["CAN"].notna()]
    several = whole["CAN"].str[-2:].astype("Int64") >= _FIRST_OF_SEVERAL_CANTONS
    large = whole.loc[several | ~whole["CAN"].duplicated(keep=False), "COM"]
    prominence = table["code"].isin(large).astype("int64")
    prominence = prominence.mask(table["code"].isin(known["seat"].dropna()), 2)
    return table.assign(prominence=prominence)


def arrondissements(cog: pd.DataFrame, postal: pd.DataFrame) -> pd.DataFrame:
    """The 45 municipal arrondissements, each with its own point and postcodes."""
    rows = cog[cog["TYPECOM"] == "ARM"]
    table = pd.DataFrame({"code": rows["COM"], "label": rows["LIBELLE"], "commune": rows["COMPARENT"]})
    codes = postal["Code_commune_INSEE"]
    table["postcodes"] = _postcodes(table["code"], codes, postal["Code_postal"])
    return table.assign(**points(table["code"], codes, postal))


def areas_of(rows: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Employment areas: label and department of most of their communes; an area may cross departments, never regions.

    rows:  rows of the employment areas
    table: the table of communes
    """
    labels = rows.assign(code=rows["code_bassin_BMO"].str.zfill(4))
    label = labels.groupby("code")["lib_bassin_BMO"].agg(_commonest)
    placed = table.dropna(subset=["area"]).groupby("area")
    found = pd.DataFrame(
        {"department": placed["department"].agg(_commonest), "communes": placed.size().astype("int64")}
    ).reset_index(names="code")
    located = table.dropna(subset=["area", "region"]).groupby("area")
    found["region"] = found["code"].map(located["region"].agg(_commonest)).astype("string")
    found["label"] = found["code"].map(label).astype("string")
    return found.astype({"code": "string", "department": "string"})


def names(cog: pd.DataFrame, postal: pd.DataFrame, table: pd.DataFrame, codes: CurrentCodes) -> pd.DataFrame:
    """Names that lead to a commune beside its label: of the communes that it took in, and La Poste's localities."""
    former = pd.DataFrame(
        {"code": codes.communes(cog["COM"]), "name": cog["LIBELLE"], "kind": "former"}
    )[cog["TYPECOM"] != "ARM"]  # fmt: skip
    of_row = codes.communes(postal["Code_commune_INSEE"])
    old = postal["Code_commune_INSEE"] != of_row
    arrondissement = postal["Code_commune_INSEE"].isin(list(codes.arrondissements))
    localities = pd.concat(
        [
            pd.DataFrame({"code": of_row, "name": postal["Nom_commune"], "kind": "former"})[old & ~arrondissement],
            pd.DataFrame({"code": of_row, "name": postal["Ligne_5"], "kind": "locality"}),
        ]
    )
    both = pd.concat([former, localities]).dropna().drop_duplicates(["code", "name"])
    label = table.set_index("code")["label"]
    return both[both["name"] != both["code"].map(label)].astype("string")


def points(codes: "pd.Series[str]", of_row: "pd.Series[str]", postal: pd.DataFrame) -> dict[str, "pd.Series[float]"]:
    """Latitude and longitude of each code: its own where La Poste gives it, else the mean of what it took in.

    codes:  (n,) codes to place
    of_row: (n_postal,) which of them each row of La Poste's is of
    """
    parts = postal["coordonnees_gps"].str.replace(" ", "").str.split(",", n=1, expand=True).reindex(columns=[0, 1])
    located = pd.DataFrame(
        {
            "own": postal["Code_commune_INSEE"],
            "code": of_row,
            "latitude": parts[0].astype("Float64").astype("float64"),
            "longitude": parts[1].astype("Float64").astype("float64"),
        }
    ).dropna()
    # a code stands once for each postcode, at one point
    located = located.drop_duplicates(["own", "latitude", "longitude"])
    own = located[located["own"] == located["code"]].groupby("code")[["latitude", "longitude"]].mean()
    joined = located.groupby("code")[["latitude", "longitude"]].mean()
    best = own.reindex(joined.index).fillna(joined)
    return {name: codes.map(best[name]).astype("float64") for name in ("latitude", "longitude")}


def _labels(cog: pd.DataFrame, postal: pd.DataFrame, codes: CurrentCodes) -> dict[str, str]:
    """Label of each code of today, from the weakest source to the strongest."""
    overseas = postal[postal["Code_commune_INSEE"].map(is_collectivity).astype(bool)]
    found = dict(zip(overseas["Code_commune_INSEE"], overseas["Nom_commune"], strict=True)) | COLLECTIVITY_COMMUNES
    delegated = cog[cog["TYPECOM"].isin(["COMD", "COMA"])]
    found |= dict(zip(delegated["COM"], delegated["LIBELLE"], strict=True))
    whole = cog[cog["TYPECOM"] == "COM"]
    # a commune whose seat moved took its new seat's code and kept its name
    moved = whole.assign(now=codes.communes(whole["COM"]))
    moved = moved[(moved["now"] != moved["COM"]) & ~moved["now"].isin(whole["COM"])]
    found |= dict(zip(moved["now"], moved["LIBELLE"], strict=True))
    return found | dict(zip(whole["COM"], whole["LIBELLE"], strict=True))


def _area_of(rows: pd.DataFrame, codes: CurrentCodes) -> dict[str, str]:
    """Area of each commune of today: its own code's, else that of all the codes it took in where they agree."""
    area = rows["code_bassin_BMO"].str.zfill(4)
    now = codes.communes(rows["code_commune_insee"])
    pairs = pd.DataFrame({"code": now, "area": area}).dropna().drop_duplicates()
    agreed = pairs[~pairs["code"].duplicated(keep=False)]
    joined = dict(zip(agreed["code"], agreed["area"], strict=True))
    return joined | dict(zip(rows["code_commune_insee"], area, strict=True))


def _postcodes(codes: "pd.Series[str]", of_row: "pd.Series[str]", postcodes: "pd.Series[str]") -> "pd.Series[str]":
    pairs = pd.DataFrame({"code": of_row, "postcode": postcodes}).dropna().drop_duplicates().sort_values("postcode")
    joined = pairs.groupby("code")["postcode"].agg(" ".join)
    return codes.map(joined).astype("string").fillna("")


def _padded(codes: "pd.Series[str]") -> "pd.Series[str]":
    return codes.str.zfill(2)


def _commonest(values: "pd.Series[str]") -> str:
    """The value that stands most often, the first of them by name where several do."""
    counts = values.value_counts()
    return str(min(counts.index[counts == counts.iloc[0]]))
