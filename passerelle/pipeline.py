"""What wires the rooms: from published files to a build, and from a build to the graph server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from graph.connection import Connection, connect
from graph.writer import WriteReport, write_graph
from ingest.catalogue import DataLocation, find_data, find_rome
from ingest.report import IngestReport
from ingest.rome import read_rome
from passerelle.settings import Settings
from passerelle.snapshot import BuildInfo, Snapshot, current_build, fingerprint, meta_as_dict, save_build

_ROOT = Path(__file__).resolve().parent.parent
#: the rooms whose code makes a build: when it changes, what was built is built again
_MAKING = ("graph", "ingest", "recommend")


class Progress(Protocol):
    """What shows a person that something goes on."""

    def step(self, text: str) -> None:
        """A new step begins; ``text`` is French."""


@dataclass(frozen=True)
class Built:
    """What ``build`` did."""

    info: BuildInfo
    #: None when what was there was up to date
    report: IngestReport | None


def build(settings: Settings, progress: Progress, *, force: bool = False) -> Built:
    """Reads, validates and tables the published files, makes the arrays, and puts them in use.

    What was in use stays so when anything fails. Nothing is done when the files and the code are those of the build in
    use, unless ``force``.

    raises: DataNotFoundError, DataFileError
    """
    location = find_data(settings, Path.cwd())
    rome = find_rome(location.path, settings.rome_version)
    mark = fingerprint(sorted(rome.iterdir()), _making_code())
    there = current_build(settings.home)
    if there is not None and there.fingerprint == mark and not force:
        return Built(there, None)
    progress.step(f"Lecture du ROME ({rome.name}) et contrôle de chaque ligne")
    reading = read_rome(rome)
    progress.step("Tables, tableaux de calcul et index de recherche")
    info = BuildInfo(
        fingerprint=mark,
        data_version=reading.tables.meta.data_version,
        sample=reading.tables.meta.sample,
        data=str(rome),
        origin=location.origin,
        checksum=reading.tables.checksum(),
        counts=reading.tables.counts(),
        sources=meta_as_dict(reading.tables.meta),
    )
    save_build(settings.home, reading.tables, info, reading.report.to_json())
    return Built(info, reading.report)


@contextmanager
def opened_graph(settings: Settings) -> Iterator[Connection]:
    """A connection to the graph server of these settings.

    raises: GraphUnavailableError
    """
    with connect(settings) as connection:
        yield connection


def load_graph(settings: Settings, snapshot: Snapshot, progress: Progress) -> WriteReport:
    """Writes the tables of a build to the graph server, unless it holds them already.

    raises: GraphUnavailableError, GraphConflictError
    """
    progress.step("Graphe : démarrage du serveur et écriture")
    with connect(settings) as connection:
        return write_graph(connection, snapshot.tables)


def data_location(settings: Settings) -> DataLocation:
    """Where the published files are read from."""
    return find_data(settings, Path.cwd())


def _making_code() -> list[Path]:
    return [path for room in _MAKING for path in (_ROOT / room).rglob("*") if path.suffix in {".py", ".tsv"}]
