"""What was read of a source: each row loaded or set aside with its line, comparisons, what the data lack.

``to_json`` gives the shape that docs/ingest.md describes; ``report_table`` shows the same to a person, in French.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from rich.console import Group, RenderableType
from rich.table import Table

#: source: its rows make the tables; control: its rows repeat others and are compared; outside: no place in the graph
Role = Literal["source", "control", "outside"]
EXAMPLES = 10


@dataclass(frozen=True)
class Rejection:
    """A row, or a value of it, that is not in the tables."""

    line: int
    reason: str
    column: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class FileReport:
    """One file. Always ``read == loaded + len(set_aside)``.

    A control file's row is loaded when the tables hold what it says.
    """

    file: str
    role: Role
    #: False: the file is optional and is not there
    present: bool
    encoding: str | None = None
    read: int = 0
    loaded: int = 0
    set_aside: tuple[Rejection, ...] = ()
    #: rows that are loaded without one of their values
    incomplete: tuple[Rejection, ...] = ()
    #: texts in which a doubled apostrophe or a broken character was mended
    mended: int = 0
    unread_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """A file held against another that should say the same."""

    file: str
    reference: str
    agreeing: int
    differing: int
    #: rows of ``file`` that the reference lacks
    only_in_file: int
    #: rows of the reference that ``file`` lacks
    only_in_reference: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """Something that the data lack or that is odd in them, counted."""

    code: str
    text: str
    count: int
    #: the first ones, in the order of their codes
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class IngestReport:
    """Everything that happened to the files of one source."""

    source: str
    version: str
    #: date of publication, ISO 8601; None where the publisher does not say
    published_on: str | None
    directory: str
    files: tuple[FileReport, ...]
    comparisons: tuple[Comparison, ...] = ()
    findings: tuple[Finding, ...] = ()
    #: names of files that were there and not read
    not_read: tuple[str, ...] = ()
    #: rows by table
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def rows_read(self) -> int:
        """Rows of all files."""
        return sum(file.read for file in self.files)

    @property
    def rows_set_aside(self) -> int:
        """Rows that are not in the tables, but for those of the files that have no place there."""
        return sum(len(file.set_aside) for file in self.files if file.role != "outside")

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values, keys in camelCase; see docs/ingest.md."""
        content = _camel(asdict(self))
        for file, reported in zip(content["files"], self.files, strict=True):
            file["reasons"] = dict(Counter(rejection.reason for rejection in reported.set_aside).most_common())
        return {**content, "rowsRead": self.rows_read, "rowsSetAside": self.rows_set_aside}


_ROLES: dict[Role, str] = {"source": "chargé", "control": "comparé", "outside": "hors graphe"}


def report_table(report: IngestReport) -> RenderableType:
    """One line a file, then where redundant files differ, what the data lack, what was not read: fits 80 columns."""
    published = f", publié le {report.published_on}" if report.published_on else ""
    files = Table(
        title=f"{report.source}, version {report.version}{published}",
        caption=f"{_number(report.rows_read)} lignes lues, {_number(report.rows_set_aside)} écartées",
        title_justify="left",
        caption_justify="left",
    )
    files.add_column("Fichier", overflow="fold", ratio=1)
    files.add_column("Rôle, encodage, motifs", overflow="fold", ratio=1)
    for title in ("Lues", "Chargées", "Écartées"):
        files.add_column(title, justify="right")
    for file in report.files:
        if not file.present:
            files.add_row(_short(file.file), "facultatif, absent", "", "", "")
            continue
        counts = (file.read, file.loaded, len(file.set_aside))
        told = "\n".join(filter(None, (f"{_ROLES[file.role]}, {file.encoding or 'vide'}", _reasons(file))))
        files.add_row(_short(file.file), told, *map(_number, counts))
    for name in report.not_read:
        files.add_row(_short(name), "non lu", "", "", "")
    return Group(files, *_differences(report), *_findings(report))


def _differences(report: IngestReport) -> list[RenderableType]:
    odd = [one for one in report.comparisons if one.differing + one.only_in_file + one.only_in_reference]
    told: list[RenderableType] = [
        f"{len(report.comparisons) - len(odd)} comparaisons de fichiers redondants concordent."
    ]
    if odd:
        table = Table("Fichier", "face à", "Concordances", "Écarts", title="Redondances", title_justify="left")
        for one in odd:
            count = one.differing + one.only_in_file + one.only_in_reference
            examples = "".join(f"\n{example}" for example in one.examples[:3])
            table.add_row(_short(one.file), _short(one.reference), _number(one.agreeing), _number(count) + examples)
        told.append(table)
    return told


def _findings(report: IngestReport) -> list[RenderableType]:
    table = Table("Constat", "Nombre", "Les premiers", title="Ce qui manque ou étonne", title_justify="left")
    for finding in report.findings:
        if finding.count:
            table.add_row(finding.text, _number(finding.count), ", ".join(finding.examples[:5]))
    none = [finding.text for finding in report.findings if not finding.count]
    return [table, *([f"Aucun cas de : {', '.join(none)}."] if none else [])]


def _short(name: str) -> str:
    """The name without what every ROME file has in it; the version stands in the title."""
    return re.sub(r"^unix_|_v\w+_utf8\.csv$", "", name)


def _reasons(file: FileReport) -> str:
    first: dict[str, Rejection] = {}
    counted: Counter[str] = Counter()
    for rejection in (*file.set_aside, *file.incomplete):
        counted[rejection.reason] += 1
        first.setdefault(rejection.reason, rejection)
    parts = [f"{_number(count)} × {reason} (ligne {first[reason].line})" for reason, count in counted.most_common(3)]
    if not file.read:
        parts.append("aucune ligne")
    if file.mended:
        parts.append(f"textes réparés : {_number(file.mended)}")
    return "\n".join(parts)


def _number(count: int) -> str:
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _camel(value: Any) -> Any:
    if isinstance(value, dict):
        # table names are values, not fields
        return {_camel_name(key): dict(item) if key == "counts" else _camel(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_camel(item) for item in value]
    return value


def _camel_name(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)
