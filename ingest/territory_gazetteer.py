"""Places, their names and their codes as arrays: made once of the tables, saved, and opened in no time."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graph.arrayset import ArraySet
from graph.strings import StringColumn
from graph.textindex import TextIndex
from ingest.territory_names import NameTable
from ingest.territory_postcodes import PostcodeTable
from ingest.territory_query import key_words, name_words, parse

Places = NDArray[np.int64]
#: kinds of names: of today, of a commune that was merged, of a locality
TODAY, FORMER, LOCALITY = 0, 1, 2


@dataclass(frozen=True)
class Gazetteer(ArraySet):
    """Communes that have a label, then the arrondissements; their names, first the labels of the communes.

    codes, labels, departments: (n_places,)
    postcodes:    (n_places,) those of each, with blanks between
    commune:      (n_places,) position of the place's commune: its own but for an arrondissement
    prominence:   (n_places,) 0 to 3, as in ``Territories``
    rank:         (n_places,) 0 for the one that is meant first among homonyms
    by_code:      places by any code that they had, those of today first
    names, name_place, name_kind: (n_names,)
    former_place: (n_former,) increasing; former: (n_former,) the names that are a former commune's
    by_department: names by the department of their place
    department_codes, department_labels, seats: (n_departments,); seats are positions, -1 where there is none
    """

    codes: StringColumn
    labels: StringColumn
    departments: StringColumn
    postcodes: StringColumn
    commune: Places
    prominence: Places
    rank: Places
    by_code: TextIndex
    postal: PostcodeTable
    names: StringColumn
    name_place: Places
    name_kind: Places
    former_place: Places
    former: Places
    table: NameTable
    by_department: TextIndex
    department_codes: StringColumn
    department_labels: StringColumn
    seats: Places

    @classmethod
    def of(
        cls,
        communes: pd.DataFrame,
        arrondissements: pd.DataFrame,
        names: pd.DataFrame,
        departments: pd.DataFrame,
        successors: Mapping[str, str],
        size: Mapping[str, float] | None = None,
    ) -> Self:
        """The tables of ``Territories``, and ``Territories.codes.successors``: an old code finds its commune.

        size: commune -> anything that grows with it: it orders homonyms of the same prominence
        """
        labelled = communes[communes["label"].notna()]
        both = pd.concat([labelled.assign(commune=labelled["code"]), arrondissements], ignore_index=True)
        codes: list[str] = both["code"].tolist()
        place = {code: row for row, code in enumerate(codes)}
        commune = [place[code] for code in both["commune"]]
        own: list[str] = both["commune"].map(labelled.set_index("code")["department"]).tolist()
        postcodes = [tuple(text.split()) for text in both["postcodes"]]
        prominence = both["prominence"].fillna(0).to_numpy(dtype=np.int64)
        sizes = np.array([(size or {}).get(code, 0.0) for code in codes])
        several = np.array([len(some) for some in postcodes])
        order = np.lexsort((np.arange(len(both)), -several, -sizes, -prominence))
        rank = np.empty(len(both), dtype=np.int64)
        rank[order] = np.arange(len(both))
        # a postcode of Paris is its arrondissement's
        cities = set(commune[len(labelled) :])
        known = names[names["code"].isin(labelled["code"])]
        kinds = known["kind"].map({"former": FORMER, "locality": LOCALITY})
        called = [*labelled["label"], *known["name"]]
        name_place = np.array([place[code] for code in [*labelled["code"], *known["code"]]], dtype=np.int64)
        name_kind = np.concatenate([np.full(len(labelled), TODAY), kinds.to_numpy(dtype=np.int64)])
        former = np.flatnonzero(name_kind == FORMER)
        former = former[np.argsort(name_place[former], kind="stable")]
        of_today = list(place.items())
        of_old = [(old, place[new]) for old, new in successors.items() if old not in place and new in place]
        return cls(
            codes=StringColumn.of(codes),
            labels=StringColumn.of(both["label"]),
            departments=StringColumn.of(own),
            postcodes=StringColumn.of(" ".join(some) for some in postcodes),
            commune=np.array(commune, dtype=np.int64),
            prominence=prominence,
            rank=rank,
            by_code=TextIndex.of([*of_today, *of_old]),
            postal=PostcodeTable.of(
                [() if row in cities else some for row, some in enumerate(postcodes)], own, order.tolist()
            ),
            names=StringColumn.of(called),
            name_place=name_place,
            name_kind=name_kind,
            former_place=name_place[former],
            former=former,
            table=NameTable.of(called),
            by_department=TextIndex.of((own[row], name) for name, row in enumerate(name_place.tolist())),
            department_codes=StringColumn.of(departments["code"]),
            department_labels=StringColumn.of(departments["label"]),
            seats=np.array([place.get(seat, -1) for seat in departments["seat"].fillna("")], dtype=np.int64),
        )

    def formerly(self, place: int) -> tuple[str, ...]:
        """Names of the communes that a place took in."""
        first, last = np.searchsorted(self.former_place, [place, place + 1])
        return tuple(self.names[int(name)] for name in self.former[first:last])

    def seat(self, department: str) -> int | None:
        """The place where a department has its seat; None where it has none."""
        row = self.department_row.get(department)
        return None if row is None or self.seats[row] < 0 else int(self.seats[row])

    def department_label(self, code: str) -> str | None:
        """A department's name; None where there is no such department."""
        row = self.department_row.get(code)
        return None if row is None else self.department_labels[row]

    @cached_property
    def department_row(self) -> dict[str, int]:
        """Row of each department."""
        return {code: row for row, code in enumerate(self.department_codes)}

    @cached_property
    def department_named(self) -> dict[tuple[str, ...], str]:
        """Words of a department's name, without articles -> its code."""
        pairs = zip(self.department_labels, self.department_codes, strict=True)
        return {key_words(name_words(label)): code for label, code in pairs}

    @cached_property
    def arrondissements(self) -> dict[tuple[str, int], int]:
        """City and number of an arrondissement -> its place."""
        found = {}
        for place in np.flatnonzero(self.commune != np.arange(len(self.commune))).tolist():
            label = parse(self.labels[place])
            if label.arrondissement is not None:
                found[label.words[0], label.arrondissement] = place
        return found
