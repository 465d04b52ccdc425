"""One file of ROME on its way into the tables: what is set aside is noted with its line, and the rest goes on."""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa

from ingest.csvfile import AGAIN, MissingColumnError, read_csv
from ingest.report import FileReport, Rejection
from ingest.rome_layout import RomeFile
from ingest.rome_version import ROME_3, ROME_3_ADVICE, is_rome_3
from passerelle.errors import DataFileError

#: a file with more refused rows than this share, and than this count, is damaged or of another version
REFUSED_SHARE = 0.01
REFUSED_COUNT = 10
#: the same for short files
REFUSED_SHARE_OF_FEW = 0.1
REFUSED_COUNT_OF_FEW = 4

#: cp1252 characters that went through as control characters: "gros \x9cuvre"
_CONTROL = {code: bytes([code]).decode("cp1252", "ignore") or None for code in range(0x80, 0xA0)}
_CONTROLS = "[\x80-\x9f]"
#: "L'' agent", "l''unité"; and "à l\x92'étranger" once its control character is an apostrophe
_ELIDED = re.compile(r"\b([cdjlmnst]|qu)''\s*", re.IGNORECASE)
#: a lost character, UTF-8 that was encoded twice, a question mark inside a word
_LETTER = "[A-Za-zÀ-ÖØ-öø-ÿŒœ]"
_DAMAGED = f"\ufffd|[ÂÃ][\x80-\xbf]|â€|{_LETTER}\\?{_LETTER}"
_BLANK = "valeur obligatoire absente"


def too_many(refused: int, read: int) -> bool:
    """Whether so many refused rows mean a damaged file rather than a few mistakes of the publisher's."""
    return refused > max(REFUSED_COUNT, REFUSED_SHARE * read) or refused > max(
        REFUSED_COUNT_OF_FEW, REFUSED_SHARE_OF_FEW * read
    )


def is_among(values: "pd.Series[str]", known: "pd.Series[str] | pd.Index[str]") -> "pd.Series[bool]":
    """As ``values.isin(known)``, which takes a tenth of a second for 30,000 texts; a missing value is among none."""
    places = pd.Index(known.dropna().unique()).get_indexer(pd.Index(values))
    return pd.Series(places >= 0, index=values.index)


class FileReading:
    """The rows of a file that are still good, and what became of the others."""

    def __init__(self, file: RomeFile, path: Path | None) -> None:
        """Reads, validates and mends; an absent file (``path`` None) has no rows.

        raises: DataFileError when the file as a whole cannot be used.
        """
        self.file = file
        self.path = path
        self.encoding: str | None = None
        self.read = 0
        self.mended = 0
        self.unread_columns: tuple[str, ...] = ()
        self._set_aside: list[Rejection] = []
        self._incomplete: list[Rejection] = []
        if path is None:
            self.frame = pd.DataFrame({name: pd.array([], dtype="string") for name in file.columns})
            self._lines = np.zeros(0, dtype=np.int64)
            return
        try:
            parsed = read_csv(path, list(file.columns))
        except MissingColumnError as error:
            if is_rome_3(error.header):
                raise DataFileError(path, ROME_3, ROME_3_ADVICE, line=1, column=error.column) from error
            raise
        #: (n_rows, n_columns) dtype "string", blank is NA; the index is the row's place in ``_lines``
        self.frame = parsed.frame
        self._lines = parsed.lines
        self.encoding = parsed.encoding
        self.unread_columns = parsed.unread_columns
        self.read = len(parsed.frame) + len(parsed.malformed)
        self._set_aside += [Rejection(row.line, row.reason) for row in parsed.malformed]
        if file.required and not len(parsed.frame):
            raise DataFileError(path, "aucune ligne de données", AGAIN)
        self._mend()
        self._validate()
        self.set_aside_repeated(file.key)

    @property
    def name(self) -> str:
        """The file's name, or the name that it would have."""
        return self.path.name if self.path else f"unix_{self.file.name}"

    def set_aside(self, refused: "pd.Series[bool]", reason: str, column: str | None = None) -> None:
        """Takes rows out of the frame and notes them.

        refused: (n_rows,) on the frame's index
        """
        if refused.any():
            self._set_aside += self._rejections(refused, reason, column)
            self.frame = self.frame[~refused]

    def note_incomplete(self, refused: "pd.Series[bool]", reason: str, column: str) -> None:
        """Notes rows that are loaded without the value of a column, which becomes missing in the frame."""
        if refused.any():
            self._incomplete += self._rejections(refused, reason, column)
            self.frame = self.frame.assign(**{column: self.frame[column].mask(refused)})

    def set_aside_unknown(self, column: str, known: "pd.Series[str] | pd.Index[str]", reference: str) -> None:
        """Takes out the rows whose code is none of ``known``; ``reference`` is the file that should have it."""
        self.set_aside(~is_among(self.frame[column], known), f"code inconnu de {reference}", column)

    def note_unknown(self, column: str, known: "pd.Series[str] | pd.Index[str]", reference: str) -> None:
        """Keeps the rows whose code is none of ``known``, without that code."""
        unknown = self.frame[column].notna() & ~is_among(self.frame[column], known)
        self.note_incomplete(unknown, f"code inconnu de {reference}", column)

    def set_aside_repeated(self, key: Iterable[str]) -> None:
        """Takes out each row whose key an earlier row has."""
        columns = list(key)
        if columns:
            self.set_aside(self.frame.duplicated(columns), f"{', '.join(columns)} : déjà donné plus haut", columns[-1])

    def set_aside_all(self, reason: str) -> None:
        """Takes out every row."""
        self.set_aside(pd.Series(True, index=self.frame.index), reason)

    def check_refused(self) -> None:
        """Ends the reading where too much of a source file was refused.

        raises: DataFileError naming the commonest reason and its first line.
        """
        if not self.read:
            # a file that may be missing, or that is not there
            return
        refused = [*self._set_aside, *self._incomplete]
        nothing_left = len(self._set_aside) == self.read
        if self.file.role != "source" or not (nothing_left or too_many(len(refused), self.read)):
            return
        reasons = pd.Series([(rejection.reason, rejection.column) for rejection in refused])
        commonest = reasons.value_counts().index[0]
        first = next(r for r in refused if (r.reason, r.column) == commonest)
        raise DataFileError(
            self.path or self.name,
            f"{len(refused)} lignes refusées sur {self.read}, d'abord : {first.reason}",
            "L'un des fichiers est coupé, modifié ou d'une autre version : téléchargez-les de nouveau ensemble "
            "(« passerelle fetch »).",
            line=first.line,
            column=first.column,
            value=first.value,
        )

    def report(self) -> FileReport:
        """What became of the rows; what is left in the frame is loaded."""
        return FileReport(
            file=self.name,
            role=self.file.role,
            present=self.path is not None,
            encoding=self.encoding,
            read=self.read,
            loaded=len(self.frame),
            set_aside=tuple(sorted(self._set_aside, key=lambda rejection: rejection.line)),
            incomplete=tuple(sorted(self._incomplete, key=lambda rejection: rejection.line)),
            mended=self.mended,
            unread_columns=self.unread_columns,
        )

    def _rejections(self, refused: "pd.Series[bool]", reason: str, column: str | None) -> list[Rejection]:
        places = self.frame.index[refused]
        values = self.frame.loc[places, column] if column else pd.Series(None, index=places, dtype="string")
        return [
            Rejection(int(line), reason, column, None if pd.isna(value) else str(value)[:80])
            for line, value in zip(self._lines[places], values, strict=True)
        ]

    def _texts(self) -> list[str]:
        """Columns that hold texts rather than codes."""
        return [name for name, column in self.file.columns.items() if not column.checks]

    def _mend(self) -> None:
        for column in self._texts():
            before = self.frame[column]
            if not before.str.contains(f"''|{_CONTROLS}", regex=True).any():
                continue
            after = before.str.translate(_CONTROL).str.replace("’'", "'", regex=False)
            after = after.str.replace(_ELIDED, r"\1'", regex=True).str.replace("''", "'", regex=False)
            self.mended += int((after != before).sum())
            self.frame[column] = after

    def _validate(self) -> None:
        for column in self._texts():
            damaged = self.frame[column].str.contains(_DAMAGED, regex=True).fillna(False).astype(bool)
            self.set_aside(damaged, "texte abîmé (caractère perdu à l'encodage)", column)
        try:
            self.file.schema.validate(self.frame, lazy=True)
        except pa.errors.SchemaErrors as error:
            cases = error.failure_cases.drop_duplicates("index")
            for (column, check), rows in cases.groupby(["column", "check"], sort=False):
                reason = _BLANK if check == "not_nullable" else str(check)
                refused = pd.Series(self.frame.index.isin(rows["index"]), index=self.frame.index)
                self.set_aside(refused, reason, str(column))
