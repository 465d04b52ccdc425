"""What the cache of fetch holds and where it came from: ``manifest.json``, and the lock on the cache."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pooch

from passerelle.errors import DataFileError, FetchError

FORMAT = 1
_ADVICE = "Supprimez ce fichier, puis relancez « passerelle fetch »."


@dataclass(frozen=True)
class Record:
    """One source as it was fetched."""

    entry: str
    url: str
    #: of what was downloaded, before it was unpacked
    sha256: str
    bytes: int
    #: when, ISO 8601 in UTC
    fetched: str
    version: str | None
    #: the number that version.txt gives ("60" for version 460 of the ROME)
    release: str | None
    #: "etag" and "lastModified", where the server gave them
    validators: dict[str, str]
    #: path in the data directory -> SHA-256
    files: dict[str, str]


class Manifest:
    """The records by name ("rome4-460", "territory/cog_2024"), saved at each change."""

    def __init__(self, path: Path, records: dict[str, Record]) -> None:
        self.path = path
        self.records = records

    @classmethod
    def load(cls, path: Path) -> "Manifest":
        """The manifest at ``path``; an empty one where there is none.

        raises: DataFileError when it is unreadable
        """
        try:
            content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            form, records = content["format"], {name: Record(**record) for name, record in content["sources"].items()}
        except FileNotFoundError:
            return cls(path, {})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataFileError(path, f"illisible ({error})", _ADVICE) from error
        if form != FORMAT:
            raise DataFileError(path, f"écrit par une autre version de Passerelle (format {form})", _ADVICE)
        return cls(path, records)

    def put(self, name: str, record: Record) -> None:
        """Records a source and saves; the file is never seen half written."""
        self.records[name] = record
        content = {"format": FORMAT, "sources": {key: asdict(value) for key, value in sorted(self.records.items())}}
        beside = self.path.with_name(self.path.name + ".new")
        beside.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
        beside.replace(self.path)

    def intact(self, entry: str, url: str, data: Path) -> Record | None:
        """The newest record of ``entry`` from ``url`` whose every file is still in ``data`` as it came."""
        for record in sorted(self.records.values(), key=lambda record: record.fetched, reverse=True):
            if (record.entry, record.url) == (entry, url) and record.validators:
                files = ((data / name, sha256) for name, sha256 in record.files.items())
                if all(path.is_file() and pooch.file_hash(str(path)) == sha256 for path, sha256 in files):
                    return record
        return None


@contextmanager
def locked(cache: Path) -> Iterator[None]:
    """Keeps ``cache`` for this process alone; the system frees it when the process ends, however it ends.

    raises: FetchError when another process has it
    """
    with (cache / "lock").open("w", encoding="utf-8") as file:
        try:
            _lock(file.fileno())
        except OSError as error:
            raise FetchError(
                str(cache), "un autre « passerelle fetch » y travaille", "Attendez qu'il ait fini."
            ) from error
        yield


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl  # noqa: PLC0415

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
