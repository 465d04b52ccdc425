"""Rows of the published files, as rows of the market's tables."""

from collections.abc import Mapping

import pandas as pd

from ingest.market_layout import AREA_CAUSES, BANDS, FAMILY_CAUSES
from ingest.market_measures import LEVELS, NATION
from ingest.territory import Territories
from ingest.territory_reading import NA, SourceReading

_NULL = "null"
_LEVEL = {"nat": "nation", "reg": "region", "dep": "department"}
_OLDER = "millésime plus ancien que le dernier"
_WIDER = "niveau plus large que la famille professionnelle"
_UNDESCRIBED = "famille professionnelle sans code ROME"


def offers_by_commune(reading: SourceReading, territories: Territories) -> tuple[pd.DataFrame, int]:
    """Offers by commune of today and family, each once, and how many keys stood twice in the file.

    columns: commune (missing where the offer has no place, or one that nobody knows), family, offers
    """
    rows = reading.frame
    doubled = int(rows["commune"].notna().mul(rows.duplicated(["commune", "dc_rome_id"])).sum())
    place = rows["commune"].mask(rows["commune"] == _NULL)
    table = pd.DataFrame(
        {
            "commune": territories.codes.communes(place),
            "family": rows["dc_rome_id"],
            "offers": rows["nb_offre"].astype("int64"),
        }
    )
    return table.groupby(["commune", "family"], dropna=False, sort=True)["offers"].sum().reset_index(), doubled


def offers_by_territory(offers: pd.DataFrame, territories: Territories, days: "pd.Series[str]") -> pd.DataFrame:
    """The same offers by area, department, region and nation; the nation's have those without a place, too.

    days: dates of the extract, ISO 8601; the newest is the period
    """
    if offers.empty:
        return pd.DataFrame()
    day = str(days.max())
    places = territories.communes.set_index("code")
    parts = []
    for level in LEVELS:
        of = (
            pd.Series(NATION, index=offers.index, dtype="string")
            if level == "nation"
            else offers["commune"].map(places[level])
        )
        summed = offers.groupby([of.rename("territory"), "family"])["offers"].sum().reset_index()
        parts.append(summed.assign(level=level))
    return pd.concat(parts, ignore_index=True).assign(source="offers", year=int(day[:4]), period=day)


def tension_by_area(reading: SourceReading, territories: Territories) -> pd.DataFrame:
    """Offers, seekers, tension and causes by area and family, of the newest year."""
    rows = reading.frame
    areas = rows["cbassin"].str.zfill(4)
    reading.set_aside(~areas.isin(territories.areas["code"]), "bassin dont aucune commune n'est connue", "cbassin")
    set_aside_older(reading, "annee")
    rows = reading.frame
    return pd.DataFrame(
        {
            "family": rows["ROME"],
            "level": "area",
            "territory": rows["cbassin"].str.zfill(4),
            "source": "tension_area",
            "year": rows["annee"].astype("Int64"),
            "registered_offers": reading.numbers("oee"),
            "seekers": reading.numbers("defm_abc"),
            "tension": reading.numbers("ind_tension_d"),
            **{name: reading.numbers(column) for column, name in AREA_CAUSES.items()},
        }
    )


def tension_by_family(reading: SourceReading, territories: Territories, families: "pd.DataFrame") -> pd.DataFrame:
    """Tension and causes by nation, region or department, hung on each ROME 3 family of the FAP: one row each."""
    rows = reading.frame
    known = {
        "nation": {NATION},
        "region": {*territories.regions["code"]},
        "department": {*territories.departments["code"]},
    }
    reading.set_aside(~_territory(rows).isin(set().union(*known.values())), "territoire inconnu", "niveau_geo")
    set_aside_older(reading, "Année")
    reading.set_aside(reading.frame["niveau_fap"] != "fap 225", _WIDER, "niveau_fap")
    set_aside_undescribed(reading, "fap", families)
    rows = reading.frame
    table = pd.DataFrame(
        {
            "fap": rows["fap"],
            "level": rows["niveau_geo"].map(_LEVEL),
            "territory": _territory(rows),
            "source": "tension_family",
            "year": rows["Année"].astype("Int64"),
            "tension": reading.numbers("Catégorie Tension"),
            "tension_score": reading.numbers("Tension"),
            **{name: reading.numbers(column) for column, name in FAMILY_CAUSES.items()},
        }
    )
    return hung(table, families)


def median_wages(reading: SourceReading, families: pd.DataFrame) -> pd.DataFrame:
    """Median monthly wage in euros, of the newest period; the file does not say whether it is net."""
    reading.set_aside(reading.frame["Fap3"].str.len() != 5, _WIDER, "Fap3")
    set_aside_undescribed(reading, "Fap3", families)
    set_aside_older(reading, "Annee")
    rows = reading.frame
    table = pd.DataFrame(
        {"fap": rows["Fap3"], "period": rows["Annee"], "median_wage": reading.numbers("Salaire_median")}
    )
    return hung(table.assign(year=rows["Annee"].str[-4:].astype("Int64"), source="wages", **_NATIONAL), families)


def wage_bands(reading: SourceReading, families: pd.DataFrame) -> pd.DataFrame:
    """Shares in % of wages below 1,250, to 1,500, to 2,000 and of 2,000 euros or more; the file has no year.

    The two upper bands are joined: their labels stand for each other in the file (see ``contradicted_bands``).
    """
    reading.set_aside(reading.frame["Fap"].str.len() != 5, _WIDER, "Fap")
    set_aside_undescribed(reading, "Fap", families)
    bands = _bands(reading)
    if bands.empty:
        return pd.DataFrame()
    bands["wage_2000_more"] = bands["2000_3000"] + bands["3000_more"]
    table = bands.drop(columns=["2000_3000", "3000_more"]).reset_index(names="fap")
    return hung(table.assign(source="wage_bands", **_NATIONAL), families)


def contradicted_bands(bands: SourceReading, medians: SourceReading) -> list[str]:
    """FAP whose median wage says that the labels of the two upper bands stand for each other.

    A median above 3,000 euros puts at least half above 3,000, one below at most half. Both frames are whole files.
    """
    if not (bands.present and medians.present):
        return []
    shares = _bands(bands)
    recent = medians.frame.sort_values("Annee").drop_duplicates("Fap3", keep="last")
    median = medians.numbers("Salaire_median")[recent.index].set_axis(recent["Fap3"]).reindex(shares.index)
    above = shares["3000_more"]
    return sorted(shares.index[((median > 3000) & (above < 50)) | ((median < 3000) & (above > 50))])


def fixed_term(reading: SourceReading, families: pd.DataFrame) -> pd.DataFrame:
    """Share in % of hires that are fixed-term, of the newest year, by the 87 FAP that the first three signs name."""
    wide = families.assign(fap=families["fap"].str[:3]).drop_duplicates()
    set_aside_undescribed(reading, "Fap3", wide)
    set_aside_older(reading, "Annee")
    rows = reading.frame
    table = pd.DataFrame({"fap": rows["Fap3"], "fixed_term_share": reading.numbers("Part")})
    return hung(table.assign(year=rows["Annee"].astype("Int64"), source="fixed_term", **_NATIONAL), wide)


def family_codes(reading: SourceReading) -> pd.DataFrame:
    """columns fap (FAP 2009, 225), family (ROME 3): each pair once; without the FAP that the ROME does not describe."""
    rows = reading.frame[reading.frame["Rome"] != NA]
    return rows[["Fap", "Rome"]].set_axis(["fap", "family"], axis="columns").reset_index(drop=True)


def hung(table: pd.DataFrame, families: pd.DataFrame) -> pd.DataFrame:
    """Each row once for each ROME 3 family of its FAP; nothing is divided or added up."""
    return table.merge(families, on="fap", how="inner")


def set_aside_older(reading: SourceReading, column: str) -> None:
    """Keeps the rows of the newest year or period."""
    ends = reading.frame[column].str[-4:]
    reading.set_aside(ends != ends.max(), _OLDER, column)


def set_aside_undescribed(reading: SourceReading, column: str, families: pd.DataFrame) -> None:
    """Keeps the rows of a FAP that leads to a ROME 3 family."""
    reading.set_aside(~reading.frame[column].isin(families["fap"]), _UNDESCRIBED, column)


_NATIONAL: Mapping[str, str] = {"level": "nation", "territory": NATION}


def _territory(rows: pd.DataFrame) -> "pd.Series[str]":
    """Code of the territory of a row of Dares: "84.0" is region 84, "1.0" is 01."""
    region = rows["reg"].str.removesuffix(".0").str.zfill(2)
    department = rows["dep"].str.zfill(2)
    code = department.where(rows["niveau_geo"] == "dep", region)
    return code.mask(rows["niveau_geo"] == "nat", NATION)


def _bands(reading: SourceReading) -> pd.DataFrame:
    rows = reading.frame.assign(band=reading.frame["Salaire"].map(BANDS), share=reading.numbers("Pourcentage"))
    if rows.empty:
        return pd.DataFrame(columns=list(BANDS.values()), dtype="float64")
    return rows.pivot_table(index="Fap", columns="band", values="share", dropna=False).reindex(
        columns=[*BANDS.values()]
    )
