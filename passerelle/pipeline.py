"""What wires the rooms: from published files to a build, and from a build to the graph server."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow

from embeddings.similar import with_similar
from embeddings.triples import Triples
from embeddings.vectors import find_vectors
from graph.connection import connect
from graph.writer import WriteReport, write_graph
from ingest.catalogue import find_data, find_rome
from ingest.country_files import country_files, read_country
from ingest.country_tables import with_country
from ingest.report import IngestReport
from ingest.rome import read_rome
from passerelle.builds import BuildInfo, current_build
from passerelle.errors import DataFileError
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot, fingerprint, meta_as_dict, save_build
from recommend.learned import Learned, shipped

_ROOT = Path(__file__).resolve().parent.parent
#: the rooms whose code makes a build: when it changes, what was built is built again
_MAKING = ("embeddings", "graph", "ingest", "recommend")
#: folder of the vectors that were learned here, under the home; they go before the shipped ones
TRAINED = "vectors"
#: file of the weights that were learned here, under the home; they go before the shipped ones
LEARNED = "weights.json"


class Progress(Protocol):
    """What shows a person that something goes on."""

    def step(self, text: str) -> None:
        """A new step begins; ``text`` is French."""


_MAKING_FILES = {".py", ".tsv", ".json", ".npz"}


@dataclass(frozen=True)
class Built:
    """What ``build`` did."""

    info: BuildInfo
    #: of the ROME, then of the territories, the market and the homes where they are; none when what was there was up to
    #: date
    reports: tuple[IngestReport, ...]


def build(settings: Settings, progress: Progress, *, force: bool = False) -> Built:
    """Reads, validates and tables the published files, makes the arrays, and puts them in use.

    What was in use stays so when anything fails. Nothing is done when the files and the code are those of the build in
    use, unless ``force``.

    raises: DataNotFoundError, DataFileError
    """
    location = find_data(settings, Path.cwd())
    rome = find_rome(location.path, settings.rome_version)
    trained = settings.home / TRAINED
    cards = sorted(trained.rglob("card.json")) if trained.is_dir() else []
    weights = [path for path in [settings.home / LEARNED] if path.is_file()]
    published = [*sorted(rome.iterdir()), *country_files(location.path)]
    mark = fingerprint([*published, *cards, *weights], _making_code())
    there = current_build(settings.home)
    if there is not None and there.fingerprint == mark and not force:
        return Built(there, ())
    progress.step(f"Lecture du ROME ({rome.name}) et contrôle de chaque ligne")
    reading = read_rome(rome)
    progress.step("Compétences transférables")
    tables = with_similar(reading.tables, find_vectors(Triples.of(reading.tables), trained))
    progress.step("Territoires, marché du travail et logement")
    country = read_country(location.path, tables.nodes["OccupationFamily"]["codeRome3"])
    if country is not None:
        tables = with_country(tables, country)
    progress.step("Tables, tableaux de calcul et index de recherche")
    learned = find_learned(settings.home)
    info = BuildInfo(
        fingerprint=mark,
        data_version=tables.meta.data_version,
        sample=tables.meta.sample,
        data=str(rome),
        origin=location.origin,
        checksum=tables.checksum(),
        counts=tables.counts(),
        sources=meta_as_dict(tables.meta),
        model_version=learned.name,
    )
    reports = (reading.report, *(country.reports if country else ()))
    save_build(settings.home, tables, info, reports, learned, country.country if country else None)
    return Built(info, reports)


def find_learned(home: Path) -> Learned:
    """The weights to rank by: those that ``passerelle fit`` left under the home, else the shipped ones.

    raises: DataFileError when there are some and they cannot be read
    """
    path = home / LEARNED
    if not path.is_file():
        return shipped()
    try:
        return Learned.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        advice = "Relancez « passerelle fit », ou supprimez ce fichier : les poids livrés serviront."
        raise DataFileError(path, f"poids illisibles ({error})", advice) from error


@dataclass(frozen=True)
class Loaded:
    """What the graph's server holds after a load: its name, rows by label and by relationship type, what changed."""

    server: str
    nodes: dict[str, int]
    relationships: dict[str, int]
    report: WriteReport


def load_graph(settings: Settings, snapshot: Snapshot, progress: Progress, *, force: bool = False) -> Loaded:
    """Writes the tables of a build to the graph server, unless it holds them already, and counts what it holds.

    force: compare with what the server really holds, even where it says that it holds this version

    raises: GraphUnavailableError, GraphConflictError
    """
    progress.step("Graphe : démarrage du serveur et écriture")
    # what reading the files took is given back before the server takes its own
    pyarrow.default_memory_pool().release_unused()
    with connect(settings) as connection:
        report = write_graph(connection, snapshot.tables, force=force)
        progress.step("Graphe : compte de ce qu'il contient")
        counts: dict[str, dict[str, int]] = {"node": {}, "relationship": {}}
        for row in connection.ask("counts"):
            counts[row["kind"]][row["name"]] = row["total"]
        return Loaded(connection.server, counts["node"], counts["relationship"], report)


def _making_code() -> list[Path]:
    return [path for room in _MAKING for path in (_ROOT / room).rglob("*") if path.suffix in _MAKING_FILES]
