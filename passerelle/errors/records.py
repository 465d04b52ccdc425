"""Errors of the file of seekers, decisions, audit and keys."""

from pathlib import Path

from passerelle.errors.base import PasserelleError


class RecordsError(PasserelleError):
    """What people do (seekers, decisions, audit, keys) could not be read or written; nothing was half written."""

    exit_code = 10
    code = "records"

    def __init__(self, path: Path, problem: str, advice: str) -> None:
        self.path = path
        self.problem = problem
        self.advice = advice
        super().__init__(f"{path} : {problem}. {advice}")


class RecordsUnavailableError(RecordsError):
    """The file cannot be opened, read or written: a right that lacks, a disk that fails, somebody else's file."""

    code = "records-unavailable"


class RecordsFullError(RecordsError):
    """The disk is full."""

    code = "records-full"

    def __init__(self, path: Path, outcome: str = "rien n'a été enregistré") -> None:
        super().__init__(
            path, f"le disque est plein, {outcome}", "Faites de la place, puis recommencez la même opération."
        )


class RecordsBusyError(RecordsError):
    """Another process holds the file for longer than one waits."""

    code = "records-busy"

    def __init__(self, path: Path, outcome: str = "rien n'a été enregistré") -> None:
        super().__init__(
            path, f"un autre programme s'en sert, {outcome}", "Recommencez la même opération dans un instant."
        )


class RecordsDamagedError(RecordsError):
    """The file is no longer what was written; it is never removed nor mended by itself."""

    code = "records-damaged"

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            "le fichier est endommagé, il est laissé tel quel",
            "Arrêtez Passerelle, mettez de côté ce fichier et ses voisins -wal et -shm, rétablissez une sauvegarde.",
        )


class RecordsVersionError(RecordsError):
    """The file was written by a newer Passerelle."""

    code = "records-version"

    def __init__(self, path: Path, found: int, known: int) -> None:
        self.found = found
        self.known = known
        super().__init__(
            path,
            f"écrit par une version plus récente de Passerelle (format {found}, connu ici : {known})",
            "Installez cette version, ou rétablissez une sauvegarde faite avant.",
        )


class RecordConflictError(PasserelleError):
    """A record was changed by somebody else since it was read."""

    exit_code = 10
    code = "record-conflict"

    def __init__(self, given: int, current: int) -> None:
        self.given = given
        self.current = current
        super().__init__(
            f"La fiche a changé entre-temps (révision {current}, et non {given}) : relisez-la, puis recommencez."
        )


class RetentionTooShortError(PasserelleError):
    """Fewer months of retention than the law asks for."""

    exit_code = 10
    code = "retention-too-short"

    def __init__(self, months: int, least: int) -> None:
        self.months = months
        self.least = least
        super().__init__(
            f"Conservation de {months} mois : jamais moins de {least}. Corrigez PASSERELLE_RETENTION_MONTHS."
        )


class InvalidRecordError(PasserelleError):
    """Something may not be recorded. What was given is never repeated: it may be personal."""

    exit_code = 2
    code = "invalid-record"

    def __init__(self, pointer: str, problem: str) -> None:
        #: JSON pointer (RFC 6901) of the field, "" for the whole
        self.pointer = pointer
        self.problem = problem
        super().__init__(f"{pointer or '/'} : {problem}.")
