"""``passerelle population``: seekers and offers drawn at random, faithful to published counts, labelled generated."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import typer
from numpy.typing import NDArray
from rich.console import Console

from ingest.catalogue import find_data
from ingest.market_files import read_market
from ingest.population import Cells, Population
from ingest.population_check import Faithfulness, faithfulness
from ingest.population_schema import OFFERS, SEEKERS
from ingest.territory_files import read_territory
from passerelle.errors import PopulationError
from passerelle.output import AsJson, Steps, steps
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot

Blocks = Iterator[tuple[pa.RecordBatch, NDArray[np.int64]]]


def write_population(
    population: Population, out: Path, scale: float, about: dict[str, str], shown: Steps | None = None
) -> dict[str, Any]:
    """Writes seekers.parquet, offers.parquet and population.json; the same population gives the same bytes.

    scale:   1 for all that are published
    about:   versions and sources, written into each file
    returns: what population.json holds
    raises:  PopulationError
    """
    out.mkdir(parents=True, exist_ok=True)
    n_seekers, n_offers = population.sizes(scale)
    labels = {"generated": "true", "seed": str(population.seed), "scale": repr(scale)} | about
    found: dict[str, Faithfulness] = {}
    for name, schema, cells, n, blocks in (
        ("seekers", SEEKERS, population.seeker_cells, n_seekers, population.seekers(n_seekers)),
        ("offers", OFFERS, population.offer_cells, n_offers, population.offers(n_offers)),
    ):
        if shown:
            shown.step(f"{n} {'demandeurs' if name == 'seekers' else 'offres'} tirés au hasard", total=n)
        drawn = _write(out / f"{name}.parquet", schema, labels, blocks, len(cells.count), shown)
        found[name] = _compared(drawn, cells, scale)
    document: dict[str, Any] = {
        "generated": True,
        "seed": population.seed,
        "scale": scale,
        **about,
        **{name: asdict(one) for name, one in found.items()},
        "assumptions": asdict(population.rates),
    }
    (out / "population.json").write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return document


def _write(
    path: Path, schema: pa.Schema, labels: dict[str, str], blocks: Blocks, cells: int, shown: Steps | None
) -> NDArray[np.int64]:
    """How many of each cell were written."""
    drawn = np.zeros(cells, dtype=np.int64)
    draft = path.with_name(f".{path.name}.tmp")
    labelled = schema.with_metadata({f"passerelle.{key}": value for key, value in labels.items()})
    with pq.ParquetWriter(draft, labelled) as writer:
        for batch, of in blocks:
            writer.write_batch(batch.replace_schema_metadata(labelled.metadata))
            drawn += np.bincount(of, minlength=cells)
            if shown:
                shown.done(float(drawn.sum()))
    draft.replace(path)
    return drawn


def _compared(drawn: NDArray[np.int64], cells: Cells, scale: float) -> Faithfulness:
    return faithfulness(drawn, cells.count, cells.family, scale)


def population(
    out: Annotated[Path, typer.Option("--out", metavar="DOSSIER", help="Dossier des fichiers.")],
    scale: Annotated[float, typer.Option(min=0.0, max=10.0, help="1 pour tous les effectifs publiés.")] = 0.01,
    seed: Annotated[int, typer.Option(min=0, help="Graine du tirage : la même donne les mêmes fichiers.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Tire au hasard des demandeurs et des offres inventés, fidèles aux effectifs publiés par métier et par bassin.

    Personne de ce fichier n'existe : c'est écrit dans chaque ligne.

    Exemple : passerelle population --scale 0.01 --seed 1 --out population
    """
    settings = Settings()
    snapshot = Snapshot.open(settings.home)
    location = find_data(settings, Path.cwd())
    if location.sample:
        raise PopulationError(
            "L'échantillon intégré n'a aucun effectif publié",
            "Lancez « passerelle fetch » puis « passerelle build », ou donnez le dossier par PASSERELLE_DATA.",
        )
    with steps() as shown:
        shown.step("Lecture des effectifs publiés")
        territories = read_territory(location.path / "territory")
        market = read_market(location.path, territories, snapshot.tables.nodes["OccupationFamily"]["codeRome3"])
        drawn = Population.of(snapshot.tables, market, territories.communes, seed)
        about = {"dataVersion": snapshot.info.data_version, "market": market.report.version}
        document = write_population(drawn, out, scale, about, shown)
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    console = Console()
    for name, label in (("seekers", "demandeurs"), ("offers", "offres")):
        one = document[name]
        console.print(
            f"{one['drawn']} {label} inventés dans {out / f'{name}.parquet'} "
            f"(publiés : {one['published']:.0f} ; écart : chi deux {one['chi_square']:.0f} sur {one['degrees']}, "
            f"p = {one['p']:.3f})."
        )
