"""The published files, for what is measured on them."""

from pathlib import Path

from graph.tables import GraphTables
from ingest.catalogue import find_data, find_rome
from ingest.rome import read_rome
from passerelle.settings import Settings


def published_tables() -> GraphTables:
    """The tables of the real ROME.

    raises: SystemExit where only the built-in sample is there: nothing is measured on it.
    """
    settings = Settings()
    location = find_data(settings, Path.cwd())
    if location.sample:
        raise SystemExit("needs the published files: run `passerelle fetch`, or set PASSERELLE_DATA")
    return read_rome(find_rome(location.path, settings.rome_version)).tables
