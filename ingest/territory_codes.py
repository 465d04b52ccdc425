"""INSEE's commune codes through time: from any code that was once published to the one of today.

Three sources, in this order: the table of passage (old code -> code of its year), the parent of a delegated or
associated commune (COMPARENT), and the two codes that collectivities had until 2007. A commune that was split has
several successors: its own code where it lives on, else its parent where that is among them, else none.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

#: INSEE's list of overseas collectivities, which is a file of its own that is not needed for ten codes
COLLECTIVITIES = {
    "975": "Saint-Pierre-et-Miquelon",
    "977": "Saint-Barthélemy",
    "978": "Saint-Martin",
    "984": "Terres australes et antarctiques françaises",
    "986": "Wallis-et-Futuna",
    "987": "Polynésie française",
    "988": "Nouvelle-Calédonie",
    "989": "La Passion-Clipperton",
}
#: codes until 2007 of the two communes of Guadeloupe that became collectivities (INSEE, geographic code, "modifications
#: de communes"); the table of passage lacks them
FORMER_CODES = {"97123": "97701", "97127": "97801"}
#: the labels of the two, which the geographic code's file of communes lacks
COLLECTIVITY_COMMUNES = {"97701": "Saint-Barthélemy", "97801": "Saint-Martin"}


@dataclass(frozen=True)
class CurrentCodes:
    """Any known commune code to the one of today.

    current:       codes of the communes of today
    successors:    known code -> code of today; a code of today is its own
    arrondissements: code of a municipal arrondissement -> code of its commune
    split:         old codes of communes that were split and whose figures go to one successor
    undecided:     old codes of communes that were split, none of whose successors can be told the right one
    """

    current: frozenset[str]
    successors: dict[str, str]
    arrondissements: dict[str, str]
    split: tuple[str, ...]
    undecided: tuple[str, ...]

    def commune(self, code: str) -> str | None:
        """The commune of today of a commune's or arrondissement's code, in any case ("2a001"); None when unknown."""
        code = code.strip().upper()
        return self.successors.get(self.arrondissements.get(code, code))

    def communes(self, codes: "pd.Series[str]") -> "pd.Series[str]":
        """``commune`` of each; missing where unknown or missing."""
        found = {code: self.commune(code) for code in codes.dropna().unique()}
        return codes.map(found).astype("string")


def current_codes(cog: pd.DataFrame, passage: pd.DataFrame, postal: "pd.Series[str]") -> CurrentCodes:
    """What became of each commune.

    cog:     (n, .) columns TYPECOM, COM, COMPARENT of the geographic code
    passage: (n, .) columns Niveau, "Ancien Code Officiel", "Code Courant Officiel"; no row where there is no such file
    postal:  (n,) commune codes of La Poste's file, which alone has the communes of some overseas collectivities
    """
    communes = cog.loc[cog["TYPECOM"] == "COM", "COM"]
    merged = cog[cog["TYPECOM"].isin(["COMD", "COMA"]) & ~cog["COM"].isin(communes)]
    arrondissements = cog[cog["TYPECOM"] == "ARM"]
    rows = passage[passage["Niveau"] == "COM"]
    grouped = rows.groupby("Ancien Code Officiel")["Code Courant Officiel"].agg(list)
    targets: dict[str, list[str]] = {str(code): several for code, several in grouped.items()}
    known = {*communes, *merged["COM"], *arrondissements["COM"], *targets}
    overseas = {code for code in postal.dropna().unique() if code not in known and is_collectivity(code)}
    current = {*rows["Code Courant Officiel"]} or {*communes}
    parents = dict(zip(merged["COM"], merged["COMPARENT"], strict=True))
    successors: dict[str, str] = {code: code for code in overseas}
    undecided = []
    for code in sorted({*communes, *targets}):
        found = _successor(code, targets.get(code, [code]), parents)
        if found is None:
            undecided.append(code)
        else:
            successors[code] = found
    for code, parent in parents.items():
        if code not in targets and parent in successors:
            successors[code] = successors[parent]
    current |= overseas
    successors |= {old: new for old, new in FORMER_CODES.items() if new in current}
    return CurrentCodes(
        frozenset(current),
        successors,
        dict(zip(arrondissements["COM"], arrondissements["COMPARENT"], strict=True)),
        tuple(sorted(code for code, several in targets.items() if len(several) > 1 and code not in undecided)),
        tuple(undecided),
    )


def department_of(code: str) -> str:
    """The department or collectivity of a commune's code: "59350" -> "59", "2A004" -> "2A", "97411" -> "974"."""
    return code[:3] if code.startswith(("97", "98")) else code[:2]


def is_collectivity(code: str) -> bool:
    """Whether a commune's code is of an overseas collectivity rather than of a department."""
    return department_of(code) in {"975", "977", "978"} or code.startswith("98")


def _successor(code: str, targets: Iterable[str], parents: dict[str, str]) -> str | None:
    several = list(targets)
    if len(several) == 1:
        return several[0]
    if code in several:
        return code
    parent = parents.get(code)
    return parent if parent in several else None
