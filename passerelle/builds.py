"""Which build is in use: what a supervisor needs to know of builds, without opening one."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from passerelle.errors import NotBuiltError

#: the file, among the builds, that names the one in use
POINTER = "current"
#: the file of a build that holds its ``BuildInfo``
INFO = "build.json"


@dataclass(frozen=True)
class BuildInfo:
    """What a build was made from."""

    #: changes with the published files and with the code that reads them
    fingerprint: str
    data_version: str
    sample: bool
    #: the directory of published files, and how it was found
    data: str
    origin: str
    #: SHA-256 of the tables' content: what the graph server must hold
    checksum: str
    counts: dict[str, int]
    sources: list[dict[str, Any]]
    #: ``Learned.name`` of the weights that rank
    model_version: str


def builds_directory(home: Path) -> Path:
    """Where the builds of a home lie."""
    return home / "builds"


def current_build(home: Path) -> BuildInfo | None:
    """What is in use under ``home``; None when nothing was built.

    raises: NotBuiltError when what is there cannot be read.
    """
    pointer = builds_directory(home) / POINTER
    if not pointer.is_file():
        return None
    directory = builds_directory(home) / pointer.read_text(encoding="utf-8").strip()
    try:
        return BuildInfo(**json.loads((directory / INFO).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise NotBuiltError(home, f"la construction en place est illisible ({error})") from error
