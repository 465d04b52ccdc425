"""The tables of an evaluation."""

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

_MEASURES = ("mrr", "hits@1", "hits@5", "hits@10", "ndcg@10", "medianRank")


def evaluation_screen(report: dict[str, Any]) -> RenderableType:
    """What ``report.json`` says, as tables."""
    title = (
        f"{report['data_version']}, graine {report['seed']}, {report['folds']} pli(s), {report['heldOut']} mobilités"
    )
    shown: list[RenderableType] = [
        _methods(report["methods"], f"Mobilités cachées : {title}"),
        _methods(report["cold"], "Métiers sans aucune mobilité connue (un dixième à la fois)"),
        _methods(report["withoutLists"], "Métiers sans liste (un cinquième à la fois)"),
        _exposure(report["exposure"]),
        _calibration(report["calibration"]),
        _diversity(report["diversity"]),
    ]
    if report["missing"]:
        shown.append(Text(f"PyKEEN non mesuré : il manque {', '.join(report['missing'])} (docs/embeddings.md)."))
    elif report["quick"]:
        shown.append(Text("PyKEEN non mesuré : il apprend trop longtemps pour --quick."))
    return Group(*shown)


def _methods(methods: dict[str, Any], title: str) -> Table:
    table = Table(
        "méthode", *_MEASURES, "mrr, autre domaine", "hits@10, autre domaine", "mrr sans les 10 plus cités", title=title
    )
    for name, found in methods.items():
        across, elsewhere = found["crossDomain"], found["withoutMostListed"]
        values = [*(found["all"][measure] for measure in _MEASURES), across["mrr"], across["hits@10"], elsewhere["mrr"]]
        table.add_row(name, *(_number(value) for value in values))
    return table


def _exposure(exposure: dict[str, dict[str, float]]) -> Table:
    table = Table("méthode", "couverture", "Gini", "part des 10 plus montrés", title="Qui est dans les vingt premiers")
    for name, found in exposure.items():
        table.add_row(name, *(_number(found[key]) for key in ("coverage", "gini", "mostShown")))
    return table


def _calibration(calibration: dict[str, Any]) -> Table:
    table = Table(
        "mouvement", "couples", "taux", "erreur", "Brier", "gain de Brier", "passe", title="Le nombre montré, sur 20"
    )
    for name, found in calibration.items():
        values = (found[key] for key in ("base_rate", "error", "brier", "skill"))
        table.add_row(name, str(found["count"]), *map(_number, values), "oui" if found["passes"] else "non")
    table.caption = "\n".join(
        f"annoncé {100 * said:.1f}, constaté {100 * seen:.1f} ({count} couples)"
        for said, seen, count in zip(
            calibration["all"]["forecast"], calibration["all"]["observed"], calibration["all"]["size"], strict=True
        )
    )
    return table


def _diversity(diversity: dict[str, dict[str, float]]) -> Table:
    columns = list(next(iter(diversity.values())))
    table = Table("liste de vingt", *columns, title="Places par sorte de mouvement")
    for name, found in diversity.items():
        table.add_row(name, *(_number(found[column]) for column in columns))
    return table


def _number(value: float) -> str:
    return f"{value:.3f}"
