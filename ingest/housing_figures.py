"""Figures of homes as they are read and told: rent and price, and a sentence in French for each."""

from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["arrondissement", "commune", "department"]
#: preferred first; a smaller territory always comes before a better source
SOURCES = {
    "rent_map": "carte des loyers (ministère chargé du Logement)",
    "sales": "ventes immobilières (DVF, DGFiP)",
    "towns": "loyers et prix de 50 villes",
    "departments": "loyers et prix par département",
}
#: extracts of which nobody knows the year, and in which figures stand at the wrong department
TO_BE_CHECKED = frozenset({"departments"})


@dataclass(frozen=True)
class Rent:
    """Monthly rent of a flat, in euros.

    per_m2:      low and high give the 95% prediction interval of a flat's rent, where the source has one
    t2, t2_surface: a two-room flat, and the m² that are assumed; None where no source gives them
    charges:     True: included; None: the source does not say
    year:        None where nobody knows it
    """

    level: Level
    territory: str
    source: str
    year: int | None
    per_m2: float
    low: float | None
    high: float | None
    t2: float | None
    t2_surface: float | None
    charges: bool | None


@dataclass(frozen=True)
class Price:
    """Price of a dwelling, in euros per m²; sales is None where the source does not count them."""

    level: Level
    territory: str
    source: str
    year: int | None
    per_m2: float
    sales: int | None


@dataclass(frozen=True)
class HousingFigures:
    """What is known of homes in a commune, each figure at the smallest territory that has it.

    department: label of the commune's department, for the sentences
    """

    commune: str
    department: str
    rent: Rent | None
    price: Price | None

    @property
    def rent_sentence(self) -> str:
        """What a two-room flat costs, in French, with place, surface, source and year; said where nobody knows."""
        rent = self.rent
        if rent is None or rent.t2 is None or rent.t2_surface is None:
            return "Aucun loyer n'est publié pour cette commune ni pour son département."
        charges = ", charges comprises," if rent.charges else ""
        where = f"Dans le département ({self.department}), un" if rent.level == "department" else "Un"
        there = "" if rent.level == "department" else "y "
        return (
            f"{where} T2 de {rent.t2_surface:.0f} m² {there}coûte{charges} environ {_euros_text(rent.t2, 10)} "
            f"par mois ({_origin(rent.source, rent.year)})."
        )

    @property
    def price_sentence(self) -> str:
        """What a square metre is sold for, in French, likewise."""
        price = self.price
        if price is None:
            return "Aucun prix de vente n'est publié pour cette commune ni pour son département."
        where = f"Dans le département ({self.department}), un" if price.level == "department" else "Un"
        there = "" if price.level == "department" else "y "
        count = f" ; {_thousands(price.sales)} ventes" if price.sales is not None else ""
        return (
            f"{where} logement {there}vaut environ {_euros_text(price.per_m2, 10)} par m² "
            f"({_origin(price.source, price.year)}{count})."
        )


def rent_of(row: dict[str, Any]) -> Rent:
    """The rent that a row of the table gives; missing values are None."""
    return Rent(
        level=row["level"],
        territory=row["territory"],
        source=row["source"],
        year=row["year"],
        per_m2=row["rent_m2"],
        low=row["rent_m2_low"],
        high=row["rent_m2_high"],
        t2=row["rent_t2"],
        t2_surface=row["t2_surface"],
        charges=True if row["source"] == "rent_map" else None,
    )


def price_of(row: dict[str, Any]) -> Price:
    """The price that a row of the table gives."""
    return Price(row["level"], row["territory"], row["source"], row["year"], row["price_m2"], row["sales"])


def _origin(source: str, year: int | None) -> str:
    vintage = "millésime inconnu" if year is None else str(year)
    return f"{SOURCES[source]}, {vintage}{', à vérifier' if source in TO_BE_CHECKED else ''}"


def _euros_text(amount: float, step: int) -> str:
    return f"{_thousands(round(amount / step) * step)} €"


def _thousands(count: int) -> str:
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
