"""One file of territories or of the market on its way into tables: any delimiter, packed or not, optional or not.

What INSEE, La Poste, Dares and France Travail publish has commas or semicolons, and some of it is packed. The rules are
those of ``ingest.csvfile``: strict quotes, the line of each row, nothing set aside unsaid.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray

from ingest.csvfile import AGAIN, read_csv
from ingest.report import Rejection
from ingest.rome_layout import RomeFile
from ingest.rome_reading import FileReading
from passerelle.errors import DataFileError

NA = "NA"
_FETCH = "Téléchargez-le (« passerelle fetch »), ou prenez-le sur la page de son éditeur (voir docs/data.md)."


@dataclass(frozen=True)
class SourceFile(RomeFile):
    """What is known of one published file."""

    #: name of the file in its directory
    file_name: str = ""
    delimiter: str = ","
    optional: bool = True

    @property
    def required(self) -> bool:
        """Whether nothing can be read without the file."""
        return not self.optional


class SourceReading(FileReading):
    """The rows of a file that are still good, and what became of the others; "NA" is a missing value."""

    file: SourceFile

    def __init__(self, file: SourceFile, directory: Path) -> None:
        """Reads and validates; an optional file that is not there has no rows.

        raises: DataFileError when a required file is absent, or when the file as a whole cannot be used
        """
        super().__init__(file, None)
        path = directory / file.file_name
        if not path.exists():
            if file.required:
                raise DataFileError(path, "fichier absent", _FETCH)
            return
        self.path = path
        parsed = read_csv(path, list(file.columns), delimiter=file.delimiter)
        self.frame, self._lines, self.encoding = parsed.frame, parsed.lines, parsed.encoding
        self.unread_columns = parsed.unread_columns
        self.read = len(parsed.frame) + len(parsed.malformed)
        self._set_aside += [Rejection(row.line, row.reason) for row in parsed.malformed]
        if not len(self.frame):
            raise DataFileError(path, "aucune ligne de données", AGAIN)
        self._mend()
        self._validate()
        self.set_aside_repeated(file.key)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.file.file_name

    @property
    def present(self) -> bool:
        """Whether the file was there."""
        return self.path is not None

    def check_refused(self) -> None:
        """As ``FileReading``'s; a file that is not there has nothing to refuse."""
        if self.present:
            super().check_refused()

    def lines(self) -> NDArray[np.int64]:
        """(n_rows,) line in the file of each row that is still good."""
        return self._lines[self.frame.index]

    def numbers(self, column: str) -> "pd.Series[float]":
        """(n_rows,) a column of numbers, written with a decimal point or comma; missing stays missing (NaN)."""
        values = self.frame[column].mask(self.frame[column] == NA).str.replace(",", ".", regex=False)
        return values.astype("Float64").astype("float64")


def text() -> pa.Column:
    """A text that must be there."""
    return pa.Column()


def optional_text() -> pa.Column:
    """A text that may be missing."""
    return pa.Column(nullable=True)


def matching(pattern: str, expected: str, *, required: bool = True) -> pa.Column:
    """A value of one form; ``expected`` is what a person reads of it."""
    return pa.Column(
        nullable=not required, checks=pa.Check.str_matches(f"^(?:{pattern})$", error=f"{expected} attendu")
    )


def code_commune(*, required: bool = True) -> pa.Column:
    """INSEE's code of a commune: "59350", "2A004", "97411"."""
    return matching(r"\d{5}|2[AB]\d{3}", "code INSEE (cinq signes)", required=required)


def code_rome() -> pa.Column:
    """A code of ROME 3."""
    return matching(r"[A-Z]\d{4}", "code ROME (une lettre et quatre chiffres)")


def number(*, signed: bool = False) -> pa.Column:
    """A number with decimal point or comma; NA or blank is missing."""
    return matching(rf"{'-?' if signed else ''}\d+(?:[.,]\d+)?(?:[eE]-?\d+)?|NA", "nombre", required=False)


def share() -> pa.Column:
    """A percentage from 0 to 100; NA or blank is missing."""
    return matching(r"(?:100(?:[.,]0+)?|\d{1,2}(?:[.,]\d+)?)(?:[eE]-\d+)?|NA", "pourcentage de 0 à 100", required=False)


def scale() -> pa.Column:
    """A class from 1 to 5; blank is withheld or not computed."""
    return matching(r"[1-5](?:\.0)?", "classe de 1 à 5", required=False)
