"""The two tables of the market: what is published for each family, and the open offers of each commune."""

import pandas as pd
import pandera.pandas as pa

from ingest.market_measures import BANDS, CAUSES, LEVELS, MEASURES, SOURCES
from passerelle.errors import DataFileError


def _class() -> pa.Column:
    return pa.Column("Int64", pa.Check.in_range(1, 5), nullable=True)


def _share() -> pa.Column:
    return pa.Column("Float64", pa.Check.in_range(0, 100), nullable=True)


#: a source fills its own, and the others are missing in its rows
_COLUMNS = {
    "offers": pa.Column("Int64", pa.Check.ge(1), nullable=True),
    "registered_offers": pa.Column("Float64", pa.Check.gt(0), nullable=True),
    "seekers": pa.Column("Float64", pa.Check.gt(0), nullable=True),
    "tension": _class(),
    "tension_score": pa.Column("Float64", nullable=True),
    **{cause: _class() for cause in CAUSES},
    "median_wage": pa.Column("Float64", pa.Check.gt(0), nullable=True),
    **{band: _share() for band in BANDS},
    "fixed_term_share": _share(),
}
MARKET = pa.DataFrameSchema(
    {
        "family": pa.Column("string", pa.Check.str_matches(r"^[A-Z]\d{4}$")),
        "level": pa.Column("string", pa.Check.isin(LEVELS)),
        "territory": pa.Column("string"),
        "source": pa.Column("string", pa.Check.isin(list(SOURCES))),
        "year": pa.Column("Int64", pa.Check.in_range(2000, 2100), nullable=True),
        "period": pa.Column("string", nullable=True),
        "fap": pa.Column("string", nullable=True),
        **{name: _COLUMNS[name] for name in MEASURES},
    },
    strict=True,
    unique=["family", "level", "territory", "source", "fap"],
)
OFFERS = pa.DataFrameSchema(
    {
        "commune": pa.Column("string", nullable=True),
        "family": pa.Column("string", pa.Check.str_matches(r"^[A-Z]\d{4}$")),
        "offers": pa.Column("int64", pa.Check.ge(1)),
    },
    strict=True,
    unique=["commune", "family"],
)


_DTYPES = {name: str(column.dtype) for name, column in MARKET.columns.items()}


def market_table(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The parts one under the other, with every column of ``MARKET`` in its order, sorted by family and territory.

    raises: DataFileError when a value cannot be, or a family, territory, source and FAP stand twice
    """
    filled = [_typed(part) for part in parts if len(part)] or [_typed(pd.DataFrame())]
    table = pd.concat(filled, ignore_index=True)
    order = ["family", "level", "territory", "source", "fap"]
    return _checked("market", MARKET, table.sort_values(order, ignore_index=True))


def offers_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Open offers by commune and family; a missing commune is "sans territoire".

    raises: DataFileError when a commune and family stand twice
    """
    return _checked("offers", OFFERS, rows[list(OFFERS.columns)].reset_index(drop=True))


def _typed(part: pd.DataFrame) -> pd.DataFrame:
    return part.reindex(columns=list(MARKET.columns)).astype(_DTYPES)


def _checked(name: str, schema: pa.DataFrameSchema, table: pd.DataFrame) -> pd.DataFrame:
    try:
        return schema.validate(table)
    except pa.errors.SchemaError as error:
        raise DataFileError(
            f"table {name}",
            f"contenu inattendu ({error.check or error.reason_code})",
            "Les fichiers du marché ne vont pas ensemble : téléchargez-les de nouveau.",
            column=str(error.schema.name) if error.schema.name else None,
        ) from error
