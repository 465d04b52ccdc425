"""What a downloaded file holds: checked, unpacked, and named as the data directory names it."""

import gzip
import json
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import pooch

from ingest.catalogue import CatalogueEntry, rome_versions
from ingest.unpack import MAX_UNPACKED_BYTES, unpack
from passerelle.errors import FetchError

_ADVICE = "Rien de ce qui était là n'est perdu. Voyez la page du producteur."
_RELEASE = re.compile(r"num[eé]ro de version\s*:\s*(\S+)", re.IGNORECASE)


@dataclass(frozen=True)
class Content:
    """Files ready to take their place.

    files:   path in the data directory -> where the file is now
    digests: path in the data directory -> its SHA-256, hex
    """

    files: dict[str, Path]
    digests: dict[str, str] = field(init=False)
    #: the directory that takes its place as a whole, and its name in the data directory; None for single files
    directory: Path = Path()
    root: str | None = None
    #: version in the file names ("460"), and number in version.txt ("60")
    version: str | None = None
    release: str | None = None
    note: str = ""

    def __post_init__(self) -> None:
        digests = {name: pooch.file_hash(str(path)) for name, path in self.files.items()}
        object.__setattr__(self, "digests", digests)


def read_content(entry: CatalogueEntry, download: Path, directory: Path, url: str) -> Content:
    """Checks that ``download`` is what ``entry`` announces; archives are unpacked into ``directory``.

    raises: FetchError naming ``url`` when it is empty, a web page, corrupt, or lacks what it should hold
    """
    with download.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise FetchError(url, "fichier vide", _ADVICE)
    if re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|head)", head, re.IGNORECASE):
        raise FetchError(url, "une page web est venue au lieu du fichier (portail de connexion ?)", _ADVICE)
    if entry.kind == "rome":
        return _rome(unpack(download, directory, url), url)
    if entry.kind == "zip":
        return _members(entry, unpack(download, directory, url), url)
    if entry.kind == "csv.gz":
        _check_gzip(download, url)
    elif entry.kind == "xlsx":
        _check_workbook(download, url)
    elif entry.kind == "geojson":
        _check_outlines(download, url)
    elif b"\0" in head or not re.search(rb"[,;]", head):
        raise FetchError(url, "ce n'est pas un fichier CSV", _ADVICE)
    return Content({entry.targets[0]: download})


def _rome(paths: list[Path], url: str) -> Content:
    folders = {path.parent for path in paths if rome_versions([path.name])}
    versions = rome_versions(path.name for path in paths)
    if not versions:
        raise FetchError(url, "aucun fichier unix_*_v<version>_utf8.csv du ROME dans l'archive", _ADVICE)
    if len(versions) > 1 or len(folders) > 1:
        found = ", ".join(sorted(versions))
        raise FetchError(url, f"l'archive mêle plusieurs versions ou dossiers ({found})", _ADVICE)
    version, folder = versions.pop(), folders.pop()
    if not (folder / f"unix_referentiel_code_rome_v{version}_utf8.csv").is_file():
        raise FetchError(url, "la liste des métiers (unix_referentiel_code_rome) manque dans l'archive", _ADVICE)
    text_file = folder / "version.txt"
    if not text_file.is_file():
        raise FetchError(url, "version.txt manque dans l'archive", _ADVICE)
    match = _RELEASE.search(text_file.read_text(encoding="utf-8", errors="replace"))
    if match is None:
        raise FetchError(url, "version.txt ne donne pas de « Numero de version »", _ADVICE)
    root = f"rome4-{version}"
    files = {f"{root}/{path.relative_to(folder).as_posix()}": path for path in paths if folder in path.parents}
    note = ""
    if not version.endswith(match[1]):
        note = f"version.txt dit {match[1]}, les noms des fichiers {version} : vérifiez sur la page du producteur."
    return Content(files, directory=folder, root=root, version=version, release=match[1], note=note)


def _members(entry: CatalogueEntry, paths: list[Path], url: str) -> Content:
    by_name = {path.name: path for path in paths}
    missing = [member for member in entry.members if member not in by_name]
    if missing:
        raise FetchError(url, f"manque dans l'archive : {', '.join(missing)}", _ADVICE)
    return Content({target: by_name[member] for target, member in zip(entry.targets, entry.members, strict=True)})


def _check_gzip(download: Path, url: str) -> None:
    left = MAX_UNPACKED_BYTES
    try:
        with gzip.open(download) as file:
            while chunk := file.read(1024**2):
                left -= len(chunk)
                if left < 0:
                    raise FetchError(url, f"plus de {MAX_UNPACKED_BYTES} octets une fois ouvert", _ADVICE)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FetchError(url, f"fichier gzip illisible ({error})", _ADVICE) from error


def _check_workbook(download: Path, url: str) -> None:
    try:
        with zipfile.ZipFile(download) as opened:
            names = opened.namelist()
    except zipfile.BadZipFile as error:
        raise FetchError(url, f"ce n'est pas un classeur xlsx ({error})", _ADVICE) from error
    if "[Content_Types].xml" not in names:
        raise FetchError(url, "ce n'est pas un classeur xlsx", _ADVICE)


def _check_outlines(download: Path, url: str) -> None:
    try:
        outlines = json.loads(download.read_bytes())
    except ValueError as error:
        raise FetchError(url, f"ce n'est pas du GeoJSON ({error})", _ADVICE) from error
    if not isinstance(outlines, dict) or outlines.get("type") != "FeatureCollection":
        raise FetchError(url, "ce n'est pas un GeoJSON de contours (FeatureCollection)", _ADVICE)
