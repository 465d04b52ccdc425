"""One file of territories or of the market on its way into tables: any delimiter, packed or not, optional or not.

``ingest.csvfile`` reads comma-separated files; what INSEE, La Poste, Dares and France Travail publish has semicolons,
and one of the files is packed with bzip2. The rules are the same: strict quotes, the line of each row, nothing
set aside unsaid.
"""

import bz2
import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray

from ingest.csvfile import AGAIN, MAX_BYTES, MAX_FIELD, MissingColumnError, decode
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
        text, self.encoding = _text(path)
        header, rows, lines = _rows(path, text, file.delimiter)
        self.unread_columns = tuple(name for name in header if name not in file.columns)
        for name in file.columns:
            if header.count(name) != 1:
                raise _column_error(path, name, header)
        whole = [len(row) == len(header) for row in rows]
        if rows and not whole[-1] and len(rows[-1]) < len(header):
            raise DataFileError(path, "dernière ligne incomplète : fichier coupé", AGAIN, line=lines[-1])
        malformed = [
            Rejection(line, f"nombre de champs : {len(row)} au lieu de {len(header)}")
            for row, line, fits in zip(rows, lines, whole, strict=True)
            if not fits
        ]
        self.read = len(rows)
        self.frame, self._lines = _frame(path, file, header, rows, lines, whole)
        self._set_aside += malformed
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


def _text(path: Path) -> tuple[str, str]:
    if path.suffix != ".bz2":
        return decode(path)
    try:
        with bz2.open(path) as packed:
            raw = packed.read(MAX_BYTES + 1)
    except (OSError, EOFError) as error:
        raise DataFileError(path, f"archive bzip2 abîmée ({error})", AGAIN) from error
    if len(raw) > MAX_BYTES:
        raise DataFileError(path, f"plus que la limite de {MAX_BYTES} octets", AGAIN)
    if not raw.strip():
        raise DataFileError(path, "fichier vide", AGAIN)
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n"), "utf-8"
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataFileError(path, "encodage inconnu : UTF-8 attendu", AGAIN, line=line) from error


def _rows(path: Path, content: str, delimiter: str) -> tuple[list[str], list[tuple[str, ...]], list[int]]:
    """Header, rows and the line on which each row starts; blank lines are no rows."""
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    last = 0
    try:
        for row in reader:
            if row:
                rows.append(tuple(row))
                lines.append(last + 1)
            last = reader.line_num
    except csv.Error as error:
        raise DataFileError(
            path, f"guillemets mal placés ou jamais refermés ({error})", AGAIN, line=last + 1
        ) from error
    if not rows:
        raise DataFileError(path, "fichier vide", AGAIN)
    return [name.strip() for name in rows[0]], rows[1:], lines[1:]


def _column_error(path: Path, name: str, header: list[str]) -> DataFileError:
    if name in header:
        return DataFileError(path, "colonne présente deux fois", AGAIN, line=1, column=name)
    return MissingColumnError(
        path, name, header, f"Colonnes trouvées : {', '.join(header)[:400]}. Vérifiez la version du fichier."
    )


def _frame(
    path: Path, file: SourceFile, header: list[str], rows: list[tuple[str, ...]], lines: list[int], whole: list[bool]
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    keep = np.array(whole, dtype=bool)
    kept = np.array(lines, dtype=np.int64)[keep] if lines else np.zeros(0, dtype=np.int64)
    by_name = dict(
        zip(header, zip(*(r for r, fits in zip(rows, whole, strict=True) if fits), strict=True), strict=False)
    )
    frame = {}
    for name in file.columns:
        values = pd.Series(pd.array(by_name.get(name, ()), dtype="string")).str.strip()
        long = values.str.len().fillna(0).to_numpy(dtype=np.int64)
        if long.max(initial=0) > MAX_FIELD:
            line = int(kept[long.argmax()])
            raise DataFileError(path, f"texte de plus de {MAX_FIELD} caractères", AGAIN, line=line, column=name)
        frame[name] = values.mask(values == "")
    return pd.DataFrame(frame, index=pd.RangeIndex(len(kept))), kept
