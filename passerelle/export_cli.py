"""The command ``export``: the built graph as files that other tools read."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from graph.export import write_graphml, write_parquet
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot


class Format(StrEnum):
    """What an export may be."""

    graphml = "graphml"
    parquet = "parquet"


def export(
    form: Annotated[Format, typer.Argument(metavar="FORMAT", help="graphml : un fichier ; parquet : un dossier.")],
    target: Annotated[Path, typer.Option("--out", help="Fichier ou dossier à créer ; rien n'est remplacé.")],
) -> None:
    """Écrit le graphe construit pour d'autres outils (Gephi, networkx, pandas, R…), sans serveur.

    Exemple : passerelle export graphml --out rome.graphml
    """
    tables = Snapshot.open(Settings().home).tables
    write = write_graphml if form is Format.graphml else write_parquet
    write(tables, target)
    print(f"{target} : {tables.node_count} nœuds, {tables.relationship_count} relations ({tables.meta.data_version}).")
