"""Places of France as people type them: what the search of a place is measured and tested on."""

import random
from collections.abc import Iterator

import pandas as pd

from graph.labels import fold

#: the 40 most populous communes (INSEE, legal populations of 2021)
MOST_POPULOUS = {
    "Paris": "75056", "Marseille": "13055", "Lyon": "69123", "Toulouse": "31555", "Nice": "06088", "Nantes": "44109",
    "Montpellier": "34172", "Strasbourg": "67482", "Bordeaux": "33063", "Lille": "59350", "Rennes": "35238",
    "Toulon": "83137", "Reims": "51454", "Saint-Étienne": "42218", "Le Havre": "76351", "Villeurbanne": "69266",
    "Dijon": "21231", "Angers": "49007", "Saint-Denis (La Réunion)": "97411", "Grenoble": "38185", "Nîmes": "30189",
    "Aix-en-Provence": "13001", "Clermont-Ferrand": "63113", "Le Mans": "72181", "Brest": "29019", "Tours": "37261",
    "Amiens": "80021", "Annecy": "74010", "Limoges": "87085", "Metz": "57463", "Boulogne-Billancourt": "92012",
    "Perpignan": "66136", "Besançon": "25056", "Orléans": "45234", "Rouen": "76540", "Saint-Denis (93)": "93066",
    "Montreuil": "93048", "Caen": "14118", "Argenteuil": "95018", "Mulhouse": "68224",
}  # fmt: skip
#: with fewer letters a wrong one makes another commune's name
LONG_ENOUGH = 6


def places_asked(communes: pd.DataFrame) -> dict[str, list[tuple[str, str]]]:
    """ "large" (the 40 most populous) and "small" (40 rural ones drawn at random) -> (typed text, code wanted).

    communes: the table of ``ingest.territory``
    """
    known = communes[communes["postcodes"] != ""]
    namesakes = known["label"].dropna().map(plain).value_counts()
    large = known[known["code"].isin(MOST_POPULOUS.values())].copy()
    # the smaller of the two Saint-Denis is asked for with its department
    large.loc[large["code"] == "93066", "prominence"] = 0
    small = known[(known["prominence"] == 0) & known["region"].notna()].sample(40, random_state=5)
    return {name: [*_asked(wanted, namesakes)] for name, wanted in (("large", large), ("small", small))}


def _asked(wanted: pd.DataFrame, namesakes: "pd.Series[int]") -> Iterator[tuple[str, str]]:
    # the same typing errors each time
    rng = random.Random(20)  # noqa: S311
    for row in wanted.itertuples():
        alone = namesakes[plain(row.label)] == 1 or row.prominence > 0
        for form, text in _typed(row.label, row.department, row.postcodes.split()[0], rng).items():
            # of two places of one name, nobody can tell which without a word more
            yield (text if alone or form.startswith("with ") else f"{text} ({row.department})"), row.code


def plain(name: str) -> str:
    """A name without capitals, accents, hyphens and apostrophes."""
    return fold(name).replace("-", " ").replace("'", " ")


def _abbreviated(name: str) -> str:
    return " ".join({"saint": "st", "sainte": "ste"}.get(word, word) for word in plain(name).split())


def _without_article(name: str) -> str:
    return " ".join(word for word in plain(name).split() if word not in {"le", "la", "les", "l"})


def _mistyped(name: str, rng: random.Random) -> str:
    """One letter left out, doubled, or exchanged with the next, anywhere but first."""
    text = plain(name)
    places = [place for place in range(1, len(text) - 1) if text[place] != " " and text[place + 1] != " "]
    place = rng.choice(places)
    return rng.choice(
        [
            text[:place] + text[place + 1 :],
            text[: place + 1] + text[place:],
            text[:place] + text[place + 1] + text[place] + text[place + 2 :],
        ]
    )


def _typed(label: str, department: str, postcode: str, rng: random.Random) -> dict[str, str]:
    """The same place as seven people would type it."""
    forms = {
        "plain": plain(label),
        "capitals": label.upper(),
        "abbreviated": _abbreviated(label),
        "without article": _without_article(label),
        "with department": f"{plain(label)} {department.lower()}",
        "with postcode": f"{postcode} {_abbreviated(label)}",
    }
    if len(plain(label)) >= LONG_ENOUGH:
        forms["mistyped"] = _mistyped(label, rng)
    return forms
