"""A zip from the network into an empty directory, trusting nothing of it."""

import errno
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from passerelle.errors import FetchError

#: the ROME's archive holds 30 files and 28 MB
MAX_FILES = 500
MAX_UNPACKED_BYTES = 1024**3
_CHUNK_BYTES = 1024**2
_ADVICE = "Rien de ce qui était là n'est perdu. Relancez « passerelle fetch » plus tard."


def unpack(
    archive: Path,
    directory: Path,
    url: str,
    *,
    max_files: int = MAX_FILES,
    max_bytes: int = MAX_UNPACKED_BYTES,
) -> list[Path]:
    """Every file of ``archive``, written under ``directory``, which is made.

    url: where the archive comes from, named in the errors

    raises: FetchError when it is no zip, is cut or corrupt, holds a path that leads outside, a link, an encrypted or
        doubled file, or more than ``max_files`` files or ``max_bytes`` bytes
    """
    directory.mkdir(parents=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [info for info in opened.infolist() if not info.is_dir()]
            _check(members, url, max_files, max_bytes)
            left = max_bytes
            paths = []
            for info in members:
                path = directory.joinpath(*PurePosixPath(info.filename).parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                with opened.open(info) as source, path.open("xb") as target:
                    # the sizes that an archive announces are its own word: what is written is counted
                    while chunk := source.read(_CHUNK_BYTES):
                        left -= len(chunk)
                        if left < 0:
                            raise _refused(url, f"archive de plus de {max_bytes} octets une fois ouverte")
                        target.write(chunk)
                paths.append(path)
    # a changed offset makes zipfile seek before the start of the file
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise _refused(url, f"archive illisible ({error})") from error
    except (FileExistsError, NotADirectoryError) as error:
        raise _refused(url, f"un chemin de l'archive est à la fois fichier et dossier ({error.filename})") from error
    except OSError as error:
        # the same seek, as the system says it
        if error.errno != errno.EINVAL:
            raise
        raise _refused(url, f"archive illisible ({error})") from error
    return paths


def _check(members: list[zipfile.ZipInfo], url: str, max_files: int, max_bytes: int) -> None:
    if not members:
        raise _refused(url, "archive vide")
    if len(members) > max_files:
        raise _refused(url, f"archive de {len(members)} fichiers, plus que {max_files}")
    if sum(info.file_size for info in members) > max_bytes:
        raise _refused(url, f"archive de plus de {max_bytes} octets une fois ouverte")
    seen = set()
    for info in members:
        name = info.filename
        parts = PurePosixPath(name).parts
        if "\\" in name or ":" in name or name.startswith("/") or ".." in parts or not parts:
            raise _refused(url, f"chemin refusé dans l'archive : {name[:80]!r}")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise _refused(url, f"lien refusé dans l'archive : {name[:80]!r}")
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise _refused(url, f"compression inconnue dans l'archive : {name[:80]!r}")
        if info.flag_bits & 1:
            raise _refused(url, f"fichier chiffré dans l'archive : {name[:80]!r}")
        if name.casefold() in seen:
            raise _refused(url, f"fichier en double dans l'archive : {name[:80]!r}")
        seen.add(name.casefold())


def _refused(url: str, problem: str) -> FetchError:
    return FetchError(url, problem, _ADVICE)
