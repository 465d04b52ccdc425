"""What the model says of itself to machines: what was measured, what it cannot do, and the weights that rank.

Figures are those of ``recommend/measured.tsv``, which docs/ranking.md and docs/model-card.md tell in words; tests hold
pages, file and answer to one another.
"""

import csv
import importlib.resources
from functools import cache
from pathlib import Path

from passerelle.output import Document
from recommend.explain import FEATURE_FRENCH
from recommend.groups import GROUPS, group_of
from recommend.learned import Fitted, Learned, shipped
from recommend.measures import GREATEST_ERROR, LEAST_SKILL

#: name of the weights that ``passerelle fit`` leaves under the home, as ``passerelle.pipeline`` has it: that one loads
#: all that builds, which who answers does not need
LEARNED = "weights.json"


@cache
def figures() -> dict[str, dict[str, dict[str, str]]]:
    """Table -> row -> measure -> value, as the shipped file has them."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    file = importlib.resources.files("recommend").joinpath("measured.tsv")
    for line in csv.DictReader(file.read_text("utf-8").splitlines(), delimiter="\t"):
        found.setdefault(line["table"], {}).setdefault(line["row"], {})[line["measure"]] = line["value"]
    return found


def measured_document(data_version: str, model_version: str) -> Document:
    """What was measured of the shipped weights, how and when, and whether that is what ranks here."""
    about = {name: row[""] for name, row in figures()["about"].items()}
    calibration = [{"move": row, **values, "kept": kept(row)} for row, values in _numbers("calibration").items()]
    return {
        "command": about["command"],
        "date": about["date"],
        "dataVersion": about["dataVersion"],
        "modelVersion": about["modelVersion"],
        "ofThisBuild": (about["dataVersion"], about["modelVersion"]) == (data_version, model_version),
        "hiddenMobilities": int(about["hiddenMobilities"]),
        "folds": int(about["folds"]),
        "ranking": [{"method": row, **values} for row, values in _numbers("ranking").items()],
        "newOccupation": [{"method": row, **values} for row, values in _numbers("newOccupation").items()],
        "shown": [{"method": row, **values} for row, values in _numbers("shown").items()],
        "calibration": calibration,
        "calibrationLimits": {"expectedErrorBelow": GREATEST_ERROR, "brierSkillAbove": LEAST_SKILL},
    }


def kept(move: str) -> bool:
    """Whether the announced number keeps its limits for a kind of move, "all" for all."""
    values = _numbers("calibration")[move]
    return values["expectedError"] < GREATEST_ERROR and values["brierSkill"] > LEAST_SKILL


def _numbers(table: str) -> dict[str, dict[str, float]]:
    return {
        row: {measure: int(value) if value.isdigit() else float(value) for measure, value in values.items()}
        for row, values in figures()[table].items()
    }


def limits() -> list[str]:
    """What the model cannot do and is not, in French, as docs/model-card.md lists it."""
    calibration = figures()["calibration"]
    error, other = (calibration[move]["expectedError"].replace(".", ",") for move in ("all", "reconversion"))
    limit = str(GREATEST_ERROR).replace(".", ",")
    return [
        "Le modèle a appris des mobilités décrites par les experts du ROME, non de parcours de personnes réelles : ce "
        "qu'ils oublient ou évitent, il l'oublie ou l'évite aussi.",
        f"Le nombre annoncé ne tient pas sa limite : erreur attendue de {error} pour {limit} au plus sur l'ensemble, "
        f"de {other} pour les reconversions, annoncées trop haut.",
        "Les pistes par compétences ne savent pas ce que les fiches ne disent pas ; leurs poids sont un choix.",
        "Les listes restent proches de la mixité du métier de départ, comme celles des experts ; depuis le cinquième "
        "des métiers les plus masculins, la lecture des experts le reste un peu plus qu'elles.",
        "Un seul pays, une seule nomenclature, une seule version : les poids d'un autre ROME sont à réapprendre.",
        "Personne n'a encore mesuré si les personnes à qui ces listes ont été montrées s'en trouvent mieux.",
        "Aucun essai d'attaque ni audit par un tiers n'a eu lieu.",
        "Un score est celui d'un rapprochement entre un profil et un métier, jamais celui d'une personne.",
        "Âge, sexe, nom, nationalité et situation de famille n'entrent dans aucun calcul.",
        "Le conseiller retient, remplace ou écarte ; rien n'est envoyé, réservé ni refusé automatiquement.",
    ]


def learned_in_use(home: Path, model_version: str) -> Learned | None:
    """The weights that a build ranks by: the shipped ones, or those under the home; None where they are neither any
    more, as ``passerelle fit`` has run since."""
    found = shipped()
    if found.name == model_version:
        return found
    try:
        found = Learned.from_json((home / LEARNED).read_text(encoding="utf-8"))
    # those that rank were read when the build was made: that they cannot be read now is said by ``passerelle build``
    except (OSError, ValueError):
        return None
    return found if found.name == model_version else None


def group_weights(fitted: Fitted) -> list[Document]:
    """The weights of one situation by group of evidence, in log-odds, and what each group adds to a pair at random."""
    return [
        {
            "group": group,
            "label": FEATURE_FRENCH[group],
            "centre": fitted.centres.get(group, 0.0),
            "weights": {
                name.partition("/")[2]: weight for name, weight in fitted.weights.items() if group_of(name) == group
            },
        }
        for group in GROUPS
        if any(group_of(name) == group for name in fitted.weights)
    ]
