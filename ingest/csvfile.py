"""One CSV file of a publisher: its encoding found, its rows parsed strictly, each with its line in the file.

The structure is checked by the standard library's strict parser, because pandas' own fills a short row, keeps a stray
quote and forgets on which line a row stood; the rows then become a pandas frame at once.
"""

import bz2
import csv
import gzip
import io
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from passerelle.errors import DataFileError

#: ROME's largest file takes 3 MB and its longest text 766 characters: far above, and far below what fills the memory
MAX_BYTES = 200 * 2**20
MAX_FIELD = 20_000

AGAIN = "Téléchargez de nouveau le fichier (« passerelle fetch »)."
#: what a legacy encoding may hold in a French text; read as another encoding, most letters fall outside
_FRENCH = frozenset("àâäçéèêëîïôöùûüÿœæñáíóúÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆÑ«»’‘“”–—…•°²³€·§®™½¼¾\xa0")
_PLAUSIBLE = 0.95
#: bytes that are ¼ ½ ¾ in cp1252 and Œ œ Ÿ in ISO 8859-15: next to a letter they are letters
_LIGATURE = re.compile(rb"[A-Za-z][\xbc-\xbe]|[\xbc-\xbe][A-Za-z]")
_C1_BYTE = re.compile(rb"[\x80-\x9f]")
_TRUNCATED_CHARACTER = 3
_PACKED = (".gz", ".bz2")


@dataclass(frozen=True)
class MalformedRow:
    """A row that has not as many fields as the header."""

    line: int
    reason: str


@dataclass(frozen=True)
class CsvFile:
    """A parsed file.

    frame:     (n_rows, n_columns) the wanted columns, dtype "string", blanks around values cut, blank is NA, RangeIndex
    lines:     (n_rows,) line of the file on which each row starts; the header is on line 1
    malformed: rows that are not in ``frame``
    """

    path: Path
    encoding: str
    frame: pd.DataFrame
    lines: NDArray[np.int64]
    malformed: tuple[MalformedRow, ...]
    #: columns of the file that were not asked for
    unread_columns: tuple[str, ...]


def read_csv(path: Path, columns: Sequence[str], *, delimiter: str = ",") -> CsvFile:
    """Reads the named columns of a file with a header, plain or packed (``.gz``, ``.bz2``).

    raises: DataFileError when the file is missing, empty, too large, damaged, of an unknown encoding, cut, wrongly
        quoted, or lacks a column.
    """
    text, encoding = decode(path)
    header, rows, lines = _parse(path, text, delimiter)
    doubled = {name for name in header if header.count(name) > 1}
    if doubled:
        raise DataFileError(path, "colonne présente deux fois", AGAIN, line=1, column=min(doubled))
    missing = [name for name in columns if name not in header]
    if missing:
        found = ", ".join(header)[:400]
        raise MissingColumnError(
            path, missing[0], header, f"Colonnes trouvées : {found}. Vérifiez la version du fichier, ou {AGAIN.lower()}"
        )
    width = len(header)
    if rows and len(rows[-1]) < width:
        raise DataFileError(path, "dernière ligne incomplète : fichier coupé", AGAIN, line=int(lines[-1]))
    fitting = [len(row) == width for row in rows]
    malformed: tuple[MalformedRow, ...] = ()
    if not all(fitting):
        malformed = tuple(
            MalformedRow(line, f"nombre de champs : {len(row)} au lieu de {width}")
            for row, line, fits in zip(rows, lines, fitting, strict=True)
            if not fits
        )
        lines = [line for line, fits in zip(lines, fitting, strict=True) if fits]
        rows = [row for row, fits in zip(rows, fitting, strict=True) if fits]
    frame = _frame(header, rows, columns)
    numbers = np.array(lines, dtype=np.int64)
    _check_lengths(path, frame, numbers)
    return CsvFile(path, encoding, frame, numbers, malformed, tuple(name for name in header if name not in columns))


class MissingColumnError(DataFileError):
    """A file lacks a column; keeps the header, from which the reader may tell what the file is instead."""

    def __init__(self, path: Path, column: str, header: list[str], advice: str) -> None:
        self.header = header
        super().__init__(path, "colonne absente", advice, line=1, column=column)


def decode(path: Path) -> tuple[str, str]:
    """The text of a file, line ends made "\\n", and the encoding found: utf-8, utf-8-sig, cp1252 or iso-8859-15.

    raises: DataFileError when the file is missing, empty, too large or wrongly packed, or when no encoding gives French
        text.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise DataFileError(path, f"{size} octets, plus que la limite de {MAX_BYTES}", AGAIN)
        raw = path.read_bytes()
    except FileNotFoundError:
        raise DataFileError(path, "fichier absent", AGAIN) from None
    except OSError as error:
        raise DataFileError(path, f"illisible ({error.strerror})", "Vérifiez les droits d'accès du fichier.") from error
    raw = _unpacked(path, raw)
    if not raw.strip():
        raise DataFileError(path, "fichier vide", AGAIN)
    if b"\0" in raw:
        raise DataFileError(path, "fichier binaire ou en UTF-16, alors qu'un texte UTF-8 est attendu", AGAIN)
    encoding = "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        text, encoding = _decode_legacy(path, raw, error)
    return text.replace("\r\n", "\n"), encoding


def _unpacked(path: Path, raw: bytes) -> bytes:
    """What a packed file holds, no more of it than ``MAX_BYTES``: a few bytes may unpack to more than the memory."""
    if path.suffix not in _PACKED:
        return raw
    try:
        stream = io.BytesIO(raw)
        with gzip.GzipFile(fileobj=stream) if path.suffix == ".gz" else bz2.BZ2File(stream) as packed:
            raw = packed.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataFileError(path, f"archive {path.suffix[1:]} abîmée ({error})", AGAIN) from error
    if len(raw) > MAX_BYTES:
        raise DataFileError(path, f"plus que la limite de {MAX_BYTES} octets", AGAIN)
    return raw


def _decode_legacy(path: Path, raw: bytes, error: UnicodeDecodeError) -> tuple[str, str]:
    line = raw.count(b"\n", 0, error.start) + 1
    if error.reason == "unexpected end of data" and len(raw) - error.start <= _TRUNCATED_CHARACTER:
        raise DataFileError(path, "coupé au milieu d'un caractère", AGAIN, line=line) from error
    latin9 = not _C1_BYTE.search(raw) and _LIGATURE.search(raw) is not None
    encoding = "iso-8859-15" if latin9 else "cp1252"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        text = ""
    signs = [sign for sign in text if sign > "\x7f"]
    if not signs or sum(sign in _FRENCH for sign in signs) < _PLAUSIBLE * len(signs):
        raise DataFileError(
            path, "encodage inconnu : ni UTF-8, ni Windows-1252, ni ISO 8859-15", AGAIN, line=line
        ) from error
    return text, encoding


def _parse(path: Path, text: str, delimiter: str) -> tuple[list[str], list[tuple[str, ...]], list[int]]:
    """Header, rows and the line on which each row starts; blank lines are no rows."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    last = 0
    try:
        for row in reader:
            if row:
                # tuples of texts, unlike lists, leave the garbage collector nothing to follow
                rows.append(tuple(row))
                lines.append(last + 1)
            last = reader.line_num
    except csv.Error as error:
        if "end of data" in str(error) or "field limit" in str(error):
            problem = "guillemet jamais refermé : fichier coupé, ou guillemet de trop"
        else:
            problem = f"guillemets mal placés ({error})"
        raise DataFileError(path, problem, AGAIN, line=last + 1) from error
    if not rows:
        raise DataFileError(path, "fichier vide", AGAIN)
    return [name.strip() for name in rows[0]], rows[1:], lines[1:]


def _frame(header: list[str], rows: list[tuple[str, ...]], columns: Sequence[str]) -> pd.DataFrame:
    if not rows:
        return pd.DataFrame({name: pd.array([], dtype="string") for name in columns})
    by_name = dict(zip(header, zip(*rows, strict=True), strict=True))
    frame = {}
    for name in columns:
        values = pd.Series(pd.array(by_name[name], dtype="string")).str.strip()
        frame[name] = values.mask(values == "")
    # a file of which no column is wanted still has its rows counted
    return pd.DataFrame(frame, index=pd.RangeIndex(len(rows)))


def _check_lengths(path: Path, frame: pd.DataFrame, lines: NDArray[np.int64]) -> None:
    for name in frame:
        lengths = frame[name].str.len().fillna(0).to_numpy(dtype=np.int64)
        longest = int(lengths.max(initial=0))
        if longest > MAX_FIELD:
            raise DataFileError(
                path,
                f"texte de {longest} caractères, plus que la limite de {MAX_FIELD}",
                AGAIN,
                line=int(lines[lengths.argmax()]),
                column=str(name),
            )
