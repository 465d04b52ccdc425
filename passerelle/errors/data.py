"""Errors of what is read from files and written to them."""

from pathlib import Path

from passerelle.errors.base import PasserelleError


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

    def __init__(self, directory: Path | str, problem: str, advice: str) -> None:
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


class OffersError(PasserelleError):
    """Offers could not be fetched, read or kept. No key and no token is ever part of the text."""

    exit_code = 12
    code = "offers"

    def __init__(self, problem: str, advice: str) -> None:
        self.problem = problem
        self.advice = advice
        super().__init__(f"{problem}. {advice}")
