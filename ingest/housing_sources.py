"""Rows of the files of housing, as rows of the table of housing."""

import numpy as np
import pandas as pd

from ingest.housing_layout import (
    DWELLING,
    FLAT_SURFACE,
    OVERSEAS,
    RENT_MAP_YEAR,
    SMALL_FLAT_SURFACE,
    T2_SURFACE,
)
from ingest.territory import Territories
from ingest.territory_query import key_words, name_words
from ingest.territory_reading import SourceReading

#: fewer sales than this in a commune are withheld. INSEE publishes nothing on fewer than 11 tax households ("secret
#: statistique", fiscal sources); the conditions of DVF forbid re-identification and name no number
LEAST_SALES = 11
#: the same rent and price in so many departments is no measure of any of them
_REPEATED = 3
#: a department's price beyond these multiples of its own towns' is another department's
_CONTRADICTED = (0.5, 2.0)
#: a town named without code is a homonym's unless it is the seat of its department or region (territory.prominence)
_SEAT = 2

_SALE = "Vente"
_DWELLINGS = ("Maison", "Appartement")
_PREMISES = "Local industriel. commercial ou assimilé"


def rent_map(reading: SourceReading, small: SourceReading, territories: Territories) -> pd.DataFrame:
    """Rents of the map by commune of today and by arrondissement; a two-room flat has the small flats' rent.

    A commune of several rows (merged since, or Paris, Lyon, Marseille by arrondissement) has their mean, weighted by
    adverts, and the widest interval.
    """
    flats, rooms = _map_rows(reading, territories), _map_rows(small, territories)
    both = flats.join(rooms.add_suffix("_small"), how="outer")
    surface = np.where(both["rent_small"].notna(), SMALL_FLAT_SURFACE, T2_SURFACE)
    per_m2 = both["rent_small"].fillna(both["rent"])
    # the small flats' rent stands for a square metre only where nobody gives all flats'
    whole = both["rent"].notna()
    return pd.DataFrame(
        {
            "source": "rent_map",
            "year": RENT_MAP_YEAR,
            "rent_m2": both["rent"].fillna(both["rent_small"]),
            "rent_m2_low": both["low"].where(whole, both["low_small"]),
            "rent_m2_high": both["high"].where(whole, both["high_small"]),
            "rent_surface": np.where(whole, FLAT_SURFACE, SMALL_FLAT_SURFACE),
            "rent_t2": surface * per_m2,
            "t2_surface": surface,
            "adverts": both["adverts"].where(whole, both["adverts_small"]),
        }
    ).reset_index()


def towns(reading: SourceReading, territories: Territories) -> pd.DataFrame:
    """Rents and prices of towns that are known by their name alone; articles, accents and hyphens do not count.

    A name of several communes is set aside, but for the seat of a department: the file took one of them, and its
    figures do not tell which.
    """
    named = territories.communes.dropna(subset=["label"])
    known: dict[str, list[tuple[int, str]]] = {}
    for code, label, prominence in zip(named["code"], named["label"], named["prominence"], strict=True):
        known.setdefault(_key(label), []).append((int(prominence), str(code)))
    found = {name: sorted(known.get(_key(name), []), reverse=True) for name in reading.frame["city"]}
    unknown = [name for name, several in found.items() if not several]
    reading.set_aside(reading.frame["city"].isin(unknown), "ville inconnue", "city")
    clear = {
        name: several[0][1]
        for name, several in found.items()
        if len(several) == 1 or (len(several) > 1 and several[0][0] >= _SEAT > several[1][0])
    }
    reading.set_aside(~reading.frame["city"].isin(list(clear)), "plusieurs communes de ce nom", "city")
    return pd.DataFrame(
        {
            "level": "commune",
            "territory": reading.frame["city"].map(clear).astype("string"),
            "source": "towns",
            "rent_m2": reading.numbers("rent_m2"),
            "rent_t2": reading.numbers("rent_t2"),
            "t2_surface": T2_SURFACE,
            "price_m2": reading.numbers("buy_m2"),
        }
    )


def departments(reading: SourceReading, territories: Territories, of_towns: pd.DataFrame) -> pd.DataFrame:
    """Rents and prices of departments, without those that cannot be theirs.

    of_towns: what ``towns`` gave; a department whose price contradicts its own towns' is set aside
    """
    rents, prices = reading.numbers("rent_m2"), reading.numbers("buy_m2")
    same = rents.notna() & (
        pd.DataFrame({"r": rents, "p": prices}).groupby(["r", "p"])["r"].transform("size") >= _REPEATED
    )
    reading.set_aside(same.fillna(False), "valeurs de remplissage (les mêmes dans plusieurs territoires)", "rent_m2")
    codes = reading.frame["code"].replace(OVERSEAS)
    reading.set_aside(~codes.isin(territories.departments["code"]), "département inconnu", "code")
    codes = codes[reading.frame.index]
    department = territories.communes.set_index("code")["department"]
    price = of_towns.groupby(of_towns["territory"].map(department))["price_m2"].median()
    ratio = reading.numbers("buy_m2") / codes.map(price).astype("float64")
    low, high = _CONTRADICTED
    reading.set_aside((ratio < low) | (ratio > high), "prix contredit par les villes du département", "buy_m2")
    rents = reading.numbers("rent_m2")
    return pd.DataFrame(
        {
            "level": "department",
            "territory": codes[reading.frame.index],
            "source": "departments",
            "rent_m2": rents,
            "rent_t2": rents * T2_SURFACE,
            "t2_surface": T2_SURFACE,
            "price_m2": reading.numbers("buy_m2"),
        }
    )


def sales(reading: SourceReading, territories: Territories, year: int, department: str) -> tuple[pd.DataFrame, int]:
    """Median price and number of the sales of one dwelling, by commune and for the department; communes withheld.

    A sale counts when it is an ordinary one, has one disposition, and one house or flat, with outbuildings and land but
    no business premises: the price of the others is not a dwelling's.
    """
    rows = reading.frame
    dispositions = rows.groupby("id_mutation")["numero_disposition"].transform("nunique")
    mixed = rows["id_mutation"].isin(rows.loc[rows["type_local"] == _PREMISES, "id_mutation"])
    reading.set_aside(rows["nature_mutation"] != _SALE, "autre qu'une vente de logement existant")
    _keep(reading, dispositions == 1, "vente de plusieurs dispositions")
    _keep(reading, ~mixed, "vente mêlée d'un local d'activité")
    reading.set_aside(~reading.frame["type_local"].isin(_DWELLINGS), "dépendance ou terrain")
    reading.set_aside(reading.frame.duplicated(list(DWELLING)), "logement déjà donné : plusieurs lignes par vente")
    alone = reading.frame.groupby("id_mutation")["id_mutation"].transform("size") == 1
    _keep(reading, alone, "vente de plusieurs logements")
    price, surface = reading.numbers("valeur_fonciere"), reading.numbers("surface_reelle_bati")
    reading.set_aside(~((price > 0) & (surface > 0)), "prix ou surface absents")
    per_m2 = reading.numbers("valeur_fonciere") / reading.numbers("surface_reelle_bati")
    given = reading.frame["code_commune"]
    of_today = territories.codes.communes(given)
    parts = [
        _prices(per_m2, of_today, "commune"),
        _prices(per_m2, given[given != of_today], "arrondissement", list(territories.arrondissements["code"])),
        _prices(per_m2, pd.Series(department, index=given.index), "department"),
    ]
    table = pd.concat(parts, ignore_index=True)
    few = (table["sales"] < LEAST_SALES).to_numpy(dtype=bool)
    return table[~few].assign(source="sales", year=year), int((few & (table["level"] == "commune")).sum())


def _prices(
    per_m2: "pd.Series[float]", territory: "pd.Series[str]", level: str, only: list[str] | None = None
) -> pd.DataFrame:
    kept = territory.dropna() if only is None else territory[territory.isin(only)]
    grouped = per_m2[kept.index].groupby(kept)
    table = pd.DataFrame({"price_m2": grouped.median(), "sales": grouped.size()})
    return table.rename_axis("territory").reset_index().assign(level=level)


def _map_rows(reading: SourceReading, territories: Territories) -> pd.DataFrame:
    """index level and territory; columns rent, low, high (euros per m² and month), adverts."""
    given = reading.frame["INSEE_C"]
    now = territories.codes.communes(given)
    rows = pd.DataFrame(
        {
            "territory": now,
            "rent": reading.numbers("loypredm2"),
            "low": reading.numbers("lwr.IPm2"),
            "high": reading.numbers("upr.IPm2"),
            "adverts": reading.numbers("nbobs_com"),
        }
    )
    own = given.isin(territories.arrondissements["code"])
    levels = [rows.assign(level="commune"), rows[own].assign(territory=given[own], level="arrondissement")]
    both = pd.concat(levels, ignore_index=True).dropna(subset=["territory", "rent"])
    keys = ["level", "territory"]
    counted = both.groupby(keys)["adverts"].transform("sum") > 0
    # no advert at all: the rents are predicted, and each counts the same
    both["weight"] = both["adverts"].fillna(0.0).where(counted, 1.0)
    both["weighted"] = both["rent"] * both["weight"]
    grouped = both.groupby(keys)
    return pd.DataFrame(
        {
            "rent": grouped["weighted"].sum() / grouped["weight"].sum(),
            "low": grouped["low"].min(),
            "high": grouped["high"].max(),
            "adverts": grouped["adverts"].sum(min_count=1),
        }
    )


def _key(name: str) -> str:
    """A town's name without articles, accents and hyphens: "LE HAVRE", "Havre" and "Le Havre" are one."""
    return " ".join(key_words(name_words(name)))


def _keep(reading: SourceReading, good: "pd.Series[bool]", reason: str) -> None:
    """Sets aside the rows that are still there and are not good; ``good`` may be of more rows."""
    reading.set_aside(~good[reading.frame.index], reason)
