"""Which files a directory holds, of which version of ROME, published when."""

import datetime
import re
from dataclasses import dataclass
from pathlib import Path

from graph.tables import Source
from ingest.csvfile import decode
from passerelle.errors import DataFileError

SAMPLE = "sample"
VERSION_FILE = "version.txt"
PAGE = "https://www.data.gouv.fr/fr/datasets/repertoire-operationnel-des-metiers-et-des-emplois-rome/"
ROME_3 = "fichiers du ROME 3, alors que Passerelle lit le ROME 4.0"
ROME_3_ADVICE = f"Téléchargez la version en vigueur (« passerelle fetch », ou {PAGE})."

_FILE = re.compile(r"unix_(?P<name>\w+)_v(?P<version>[0-9A-Za-z]+)_utf8\.csv")
_NUMBER = re.compile(r"Num[eé]ro de version\s*:\s*(\S+)", re.IGNORECASE)
_DATE = re.compile(r"Date de publication\s*:\s*(\d{2})/(\d{2})/(\d{4})", re.IGNORECASE)
#: columns that only ROME 3 has
_ROME_3_COLUMNS = frozenset({"statut", "code_type_competence", "code_appellation_source", "code_type_mobilite"})


@dataclass(frozen=True)
class RomeVersion:
    """One version of ROME in a directory.

    files: name ("referentiel_code_rome") -> path
    """

    directory: Path
    #: as the file names give it: "460", "sample"
    version: str
    published: datetime.date | None
    files: dict[str, Path]
    not_read: tuple[str, ...]
    #: the number in version.txt where it is not the files' own
    contradicted_by: str | None = None

    @property
    def sample(self) -> bool:
        """Whether it is the sample that Passerelle comes with."""
        return self.version == SAMPLE

    @property
    def data_version(self) -> str:
        """The version as ``TablesMeta`` has it."""
        return SAMPLE if self.sample else f"rome-{self.version}"

    @property
    def source(self) -> Source:
        """What is shown beside what comes from it."""
        if self.sample:
            # its words are not France Travail's, and no screen may say so
            return Source("Échantillon de démonstration", "Passerelle", "Apache-2.0", SAMPLE, None, "docs/data.md")
        return Source(
            name="ROME 4.0",
            publisher="France Travail",
            licence="Licence Ouverte 2.0 (Etalab)",
            vintage=f"{self.version} ({self.published:%d/%m/%Y})" if self.published else self.version,
            year=self.published.year if self.published else None,
            page=PAGE,
        )


def find_version(directory: Path, version: str | None = None) -> RomeVersion:
    """The files of the one version that the directory holds, or of the named one.

    raises: DataFileError when there is none, several, or a version of ROME 3.
    """
    if not directory.is_dir():
        raise DataFileError(directory, "dossier absent", "Lancez « passerelle fetch », ou donnez PASSERELLE_DATA.")
    matches = {path: _FILE.fullmatch(path.name) for path in sorted(directory.iterdir()) if path.is_file()}
    versions = sorted({match["version"] for match in matches.values() if match})
    chosen = version or (versions[0] if len(versions) == 1 else None)
    if chosen is None and versions:
        raise DataFileError(
            directory,
            f"fichiers de plusieurs versions du ROME : {', '.join(versions)}",
            "Gardez-en une seule par dossier, ou choisissez avec PASSERELLE_ROME_VERSION.",
        )
    if chosen not in versions:
        wanted = f"unix_…_v{chosen or '…'}_utf8.csv"
        raise DataFileError(directory, f"aucun fichier {wanted}", "Lancez « passerelle fetch ».")
    if re.fullmatch(r"3\d\d", chosen):
        raise DataFileError(directory, f"version {chosen} : {ROME_3}", ROME_3_ADVICE)
    files = {match["name"]: path for path, match in matches.items() if match and match["version"] == chosen}
    others = tuple(path.name for path in matches if path not in files.values() and path.name != VERSION_FILE)
    number, published = _version_text(directory / VERSION_FILE)
    contradicted_by = number if number and not chosen.endswith(number) else None
    return RomeVersion(directory, chosen, None if contradicted_by else published, files, others, contradicted_by)


def is_rome_3(header: list[str]) -> bool:
    """Whether a header is one of ROME 3's."""
    return not _ROME_3_COLUMNS.isdisjoint(header)


def _version_text(path: Path) -> tuple[str | None, datetime.date | None]:
    if not path.is_file():
        return None, None
    text, _ = decode(path)
    number = _NUMBER.search(text)
    date = _DATE.search(text)
    if date is None:
        return number and number[1], None
    day, month, year = map(int, date.groups())
    try:
        return number and number[1], datetime.date(year, month, day)
    except ValueError as error:
        raise DataFileError(path, "date impossible", "Corrigez la date de publication.", value=date[0]) from error
