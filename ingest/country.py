"""What is published of the country beside the ROME: its territories, its market, its homes, and by whom.

A build keeps it as Parquet beside its own tables, and opens it again without the published files.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pandas as pd

from ingest.housing import Housing
from ingest.market import Market
from ingest.territory import Territories
from ingest.territory_codes import CurrentCodes
from passerelle.errors import DataFileError

_TERRITORY = ("regions", "departments", "areas", "communes", "arrondissements", "names")


@dataclass(frozen=True)
class Country:
    """Territories, market and homes that belong together.

    outlines: "departments" and "regions" -> code -> GeoJSON geometry (WGS 84); what has no file or no outline is absent
    """

    territories: Territories
    market: Market
    housing: Housing
    outlines: dict[str, dict[str, Any]]

    def save(self, directory: Path) -> None:
        """Writes Parquet files into a directory that it makes."""
        directory.mkdir(parents=True)
        tables = {name: getattr(self.territories, name) for name in _TERRITORY}
        tables |= {"codes": _codes_table(self.territories.codes)}
        tables |= {"market": self.market.table, "offers": self.market.offers, "fap": self.market.families}
        tables |= {"housing": self.housing.table}
        for name, table in tables.items():
            table.to_parquet(directory / f"{name}.parquet", index=False)
        (directory / "outlines.json").write_text(json.dumps(self.outlines), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Reads what ``save`` wrote.

        raises: DataFileError when a file is missing or unreadable
        """

        def read(name: str) -> pd.DataFrame:
            try:
                return pd.read_parquet(directory / f"{name}.parquet")
            except (OSError, ValueError) as error:
                raise DataFileError(
                    directory / name, f"illisible ({error})", "Relancez « passerelle build »."
                ) from error

        territories = Territories(**{name: read(name) for name in _TERRITORY}, codes=_codes(read("codes")))
        outlines = json.loads((directory / "outlines.json").read_text(encoding="utf-8"))
        market = Market(read("market"), read("offers"), read("fap"), territories.areas)
        return cls(territories, market, Housing(read("housing"), territories), outlines)


_KINDS = ("successor", "arrondissement", "split", "undecided")


def _codes_table(codes: CurrentCodes) -> pd.DataFrame:
    followed: tuple[dict[str, str], ...] = (codes.successors, codes.arrondissements)
    rows = [(kind, *pair) for kind, part in zip(_KINDS, followed, strict=False) for pair in part.items()]
    rows += [
        (kind, code, "") for kind, part in (("split", codes.split), ("undecided", codes.undecided)) for code in part
    ]
    return pd.DataFrame(rows, columns=["kind", "code", "to"], dtype="string")


def _codes(table: pd.DataFrame) -> CurrentCodes:
    parts = {kind: table[table["kind"] == kind] for kind in _KINDS}
    successors, arrondissements = (
        dict(zip(parts[kind]["code"].tolist(), parts[kind]["to"].tolist(), strict=True))
        for kind in ("successor", "arrondissement")
    )
    split, undecided = (tuple(parts[kind]["code"]) for kind in ("split", "undecided"))
    return CurrentCodes(frozenset(successors.values()), successors, arrondissements, split, undecided)
