"""The errors a person can act upon. Imports nothing of ours, so that every room may raise them.

Each error keeps its facts as attributes and says, in French, what happened and what to do; the command line prints that
text and ends with ``exit_code``.
"""

from pathlib import Path


class PasserelleError(Exception):
    """Base of every error that is shown to a person rather than as a traceback."""

    exit_code = 1
    #: stable identifier, given by ``--json``
    code = "error"


class DataNotFoundError(PasserelleError):
    """No directory with published files was found."""

    exit_code = 3
    code = "data-not-found"

    def __init__(self, tried: list[Path]) -> None:
        self.tried = tried
        places = ", ".join(str(path) for path in tried)
        super().__init__(
            f"Aucune donnée trouvée (cherchée dans : {places}). "
            "Lancez « passerelle fetch », ou donnez le dossier par PASSERELLE_DATA."
        )


class DataFileError(PasserelleError):
    """A published file cannot be used: missing, empty, cut, renamed column, unexpected content."""

    exit_code = 4
    code = "data-file"

    def __init__(
        self,
        file: Path | str,
        problem: str,
        advice: str,
        *,
        line: int | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        self.file = str(file)
        self.problem = problem
        self.advice = advice
        self.line = line
        self.column = column
        self.value = value
        where = self.file
        if line is not None:
            where += f", ligne {line}"
        if column is not None:
            where += f", colonne « {column} »"
        if value is not None:
            where += f", valeur « {value[:80]} »"
        super().__init__(f"{where} : {problem}. {advice}")


class FetchError(PasserelleError):
    """A published file could not be downloaded, or what came is not what was announced."""

    exit_code = 5
    code = "fetch"

    def __init__(self, url: str, problem: str, advice: str) -> None:
        self.url = url
        self.problem = problem
        self.advice = advice
        super().__init__(f"{url} : {problem}. {advice}")


class NotBuiltError(PasserelleError):
    """There is no usable build to answer from."""

    exit_code = 6
    code = "not-built"

    def __init__(self, home: Path, problem: str = "rien n'est encore construit") -> None:
        self.home = home
        self.problem = problem
        super().__init__(f"{home} : {problem}. Lancez « passerelle build ».")


class GraphUnavailableError(PasserelleError):
    """The graph server cannot be reached or started."""

    exit_code = 7
    code = "graph-unavailable"

    def __init__(self, problem: str, advice: str) -> None:
        self.problem = problem
        self.advice = advice
        super().__init__(f"{problem}. {advice.rstrip('.')}.")


class GraphConflictError(PasserelleError):
    """The graph holds something else than what is about to be written or read."""

    exit_code = 8
    code = "graph-conflict"

    def __init__(self, problem: str, advice: str) -> None:
        self.problem = problem
        self.advice = advice
        super().__init__(f"{problem}. {advice.rstrip('.')}.")


class UnknownOccupationError(PasserelleError):
    """A text or a code leads to no occupation, or to several equally good ones.

    A text that the search refused (a telephone or social security number) is given blank: it is never repeated.
    """

    exit_code = 2
    code = "unknown-occupation"

    def __init__(self, query: str, problem: str, suggestions: list[tuple[str, str]]) -> None:
        self.query = query
        self.problem = problem
        #: (codeRome, label), best first
        self.suggestions = suggestions
        text = f"« {query[:80]} » : {problem}." if query else f"{problem}."
        if suggestions:
            text += " Essayez : " + ", ".join(f"{label} ({code})" for code, label in suggestions) + "."
        super().__init__(text)


class UnknownSkillError(PasserelleError):
    """A code is no skill's."""

    exit_code = 2
    code = "unknown-skill"

    def __init__(self, skill: str, data_version: str, suggestions: list[tuple[str, str]] | None = None) -> None:
        self.skill, self.suggestions = skill, suggestions or []
        hint = " Proches : " + " ; ".join(f"{code} {label}" for code, label in self.suggestions) if suggestions else ""
        super().__init__(f"« {skill[:80]} » : cette compétence n'existe pas dans {data_version}.{hint}")


class UnknownPlaceError(PasserelleError):
    """A text leads to no commune, or to several."""

    exit_code = 2
    code = "unknown-place"

    def __init__(self, query: str, problem: str, suggestions: list[tuple[str, str]]) -> None:
        self.query = query
        #: (codeInsee, label with its department), best first
        self.suggestions = suggestions
        text = f"« {query[:80]} » : {problem}."
        if suggestions:
            text += " Essayez : " + ", ".join(f"{label} ({code})" for code, label in suggestions) + "."
        super().__init__(text)


class NoTerritoryError(PasserelleError):
    """Nothing is known of territories: their files are not among the published files in use."""

    exit_code = 3
    code = "no-territory"

    def __init__(self) -> None:
        super().__init__(
            "Les territoires ne sont pas parmi les données en place. Lancez « passerelle fetch », puis "
            "« passerelle build » (docs/data.md dit lesquelles se prennent à la main)."
        )


class RefusedQueryError(PasserelleError):
    """A Cypher text was refused before it ran, or stopped while it ran."""

    exit_code = 9
    code = "refused-query"


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


class UnknownRecordError(PasserelleError):
    """An id leads to nothing: never given, erased, or past its retention. The id itself is never repeated."""

    exit_code = 2
    code = "unknown-record"

    def __init__(self, kind: str) -> None:
        #: "seeker", "recommendation" or "key"
        self.kind = kind
        what = {"seeker": "Cette fiche", "recommendation": "Cette recommandation", "key": "Cette clé"}[kind]
        super().__init__(f"{what} n'existe pas, ou plus : vérifiez l'identifiant.")


class InvalidRecordError(PasserelleError):
    """Something may not be recorded. What was given is never repeated: it may be personal."""

    exit_code = 2
    code = "invalid-record"

    def __init__(self, pointer: str, problem: str) -> None:
        #: JSON pointer (RFC 6901) of the field, "" for the whole
        self.pointer = pointer
        self.problem = problem
        super().__init__(f"{pointer or '/'} : {problem}.")


class ServeError(PasserelleError):
    """The server cannot start as it was asked to."""

    exit_code = 11
    code = "serve"


class KeyRequiredError(ServeError):
    """An address that other machines reach, and no key yet: everybody would read and write everything."""

    code = "key-required"

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(
            f"Écouter sur {host} ouvre Passerelle à d'autres machines, et aucune clé n'est en service. "
            "Créez-en une : « passerelle keys create --scope read », ou écoutez sur 127.0.0.1."
        )


class PortTakenError(ServeError):
    """The address cannot be listened on: another server is there, or it is not this machine's."""

    code = "port-taken"

    def __init__(self, host: str, port: int, problem: str) -> None:
        self.host, self.port = host, port
        super().__init__(
            f"{host}:{port} ne peut pas être écouté ({problem}). "
            "Arrêtez le serveur qui y répond, ou donnez un autre port : « passerelle serve --port 8001 »."
        )


class OffersError(PasserelleError):
    """Offers could not be fetched, read or kept. No key and no token is ever part of the text."""

    exit_code = 12
    code = "offers"

    def __init__(self, problem: str, advice: str) -> None:
        self.problem = problem
        self.advice = advice
        super().__init__(f"{problem}. {advice}")


class BatchInputError(PasserelleError):
    """A file of profiles cannot be read as one: no Parquet, a column that lacks or has another type, a damaged page."""

    exit_code = 13
    code = "batch-input"

    def __init__(self, file: Path | str, problem: str) -> None:
        self.file = str(file)
        self.problem = problem
        super().__init__(f"{file} : {problem}. Les colonnes attendues sont décrites dans docs/batch.md.")


class BatchOutputError(PasserelleError):
    """A directory of results cannot take these: it holds those of another question, or somebody else writes there."""

    exit_code = 13
    code = "batch-output"

    def __init__(self, directory: Path, problem: str, advice: str) -> None:
        self.directory = directory
        self.problem = problem
        super().__init__(f"{directory} : {problem}. {advice}")


class PopulationError(PasserelleError):
    """No population can be drawn: nothing is published to draw it from, or nobody is asked for."""

    exit_code = 13
    code = "population"

    def __init__(self, problem: str, advice: str) -> None:
        self.problem = problem
        super().__init__(f"{problem}. {advice}")


class ExportError(PasserelleError):
    """The graph could not be written for other tools; nothing of it was left at the target."""

    exit_code = 14
    code = "export"

    def __init__(self, target: Path, problem: str, advice: str) -> None:
        self.target = target
        self.problem = problem
        self.advice = advice
        super().__init__(f"{target} : {problem}. {advice.rstrip('.')}.")
