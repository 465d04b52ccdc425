"""ROME 4.0, the French public employment service's directory of occupations, as tables of the graph."""

from dataclasses import dataclass
from pathlib import Path

from graph.tables import GraphTables, TablesMeta
from ingest.report import IngestReport
from ingest.rome_controls import compare_controls
from ingest.rome_findings import check_complete, find_gaps
from ingest.rome_layout import FILES
from ingest.rome_links import check_references, relationship_tables
from ingest.rome_nodes import node_tables
from ingest.rome_reading import FileReading
from ingest.rome_version import find_version
from passerelle.errors import DataFileError


@dataclass(frozen=True)
class RomeReading:
    """What ``read_rome`` gives."""

    tables: GraphTables
    report: IngestReport


def read_rome(directory: Path, version: str | None = None) -> RomeReading:
    """Reads, validates and tables the files ``unix_<name>_v<version>_utf8.csv`` of one version of ROME 4.0.

    version: the one to read where the directory holds several ("460")
    raises:  DataFileError when a file is missing, damaged, of another version or of ROME 3; rows that cannot be used
        are set aside and reported, up to 1 % of a file
    """
    found = find_version(directory, version)
    readings = {}
    for file in FILES:
        path = found.files.get(file.name)
        if path is None and file.required:
            missing = directory / f"unix_{file.name}_v{found.version}_utf8.csv"
            raise DataFileError(missing, "fichier absent", "Téléchargez la version entière (« passerelle fetch »).")
        readings[file.name] = FileReading(file, path)
    check_references(readings)
    for reading in readings.values():
        reading.check_refused()
    if not found.sample:
        check_complete(readings)
    meta = TablesMeta(found.data_version, found.sample, (found.source,))
    tables = GraphTables.of(node_tables(readings), relationship_tables(readings), meta)
    comparisons = compare_controls(readings, tables)
    for reading in readings.values():
        if reading.file.role == "outside":
            reading.set_aside_all("sans place dans le graphe")
    known = {path.name for name, path in found.files.items() if name in readings}
    report = IngestReport(
        source="ROME 4.0",
        version=found.version,
        published_on=found.published.isoformat() if found.published else None,
        directory=str(directory),
        files=tuple(reading.report() for reading in readings.values()),
        comparisons=comparisons,
        findings=find_gaps(readings, tables, contradicted_by=found.contradicted_by),
        not_read=(*found.not_read, *(path.name for path in found.files.values() if path.name not in known)),
        counts=tables.counts(),
    )
    return RomeReading(tables, report)
