"""What differs between a table that a server holds and the table it should hold."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Changes:
    """Rows to write so that what is held becomes what is wanted; dtype object, None where a value is missing.

    created, updated: rows of the wanted table
    removed:          rows of the held table, one a key
    """

    created: pd.DataFrame
    updated: pd.DataFrame
    removed: pd.DataFrame

    def __len__(self) -> int:
        return len(self.created) + len(self.updated) + len(self.removed)


def changes(held: pd.DataFrame, wanted: pd.DataFrame, key: Sequence[str]) -> Changes:
    """Compares two tables of the same columns, row by row of the same key.

    held:   dtype object, None where a value is missing; a key may stand several times (parallel relationships): such
            rows are removed and created anew
    wanted: any dtypes, keys unique
    """
    keys = list(key)
    wanted = as_objects(wanted)[list(held.columns)]
    single = held[~held.duplicated(keys, keep=False)]
    position = pd.MultiIndex.from_frame(single[keys]).get_indexer(pd.MultiIndex.from_frame(wanted[keys]))
    present = position >= 0
    matched = wanted[present]
    differs = (single.iloc[position[present]].to_numpy() != matched.to_numpy()).any(axis=1)
    gone = ~pd.MultiIndex.from_frame(held[keys]).isin(pd.MultiIndex.from_frame(matched[keys]))
    return Changes(wanted[~present], matched[differs], held[gone].drop_duplicates(keys))


def as_objects(frame: pd.DataFrame) -> pd.DataFrame:
    """The same values as Python objects, None where one is missing."""
    return frame.astype(object).where(frame.notna(), None)
