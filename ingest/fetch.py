"""Downloads what the catalogue lists into the user's cache: ``<cache>/data``, laid out as the data directory is.

Each source is downloaded beside, unpacked beside and checked; only then does it take its place, in one step, and what
it replaces is kept under ``<cache>/previous``. ``<cache>/manifest.json`` records where each file came from, when, and
its SHA-256. One source that fails keeps none of the others from coming.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pooch

from ingest.catalogue import CatalogueEntry
from ingest.content import Content, read_content
from ingest.download import MAX_BYTES, NotModifiedError, ProgressBar, ResumingDownloader, UnreachableError
from ingest.manifest import Manifest, Record, locked
from passerelle.errors import FetchError

Status = Literal["fetched", "up-to-date", "by-hand", "failed"]
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class FetchReport:
    """What became of one source."""

    entry: CatalogueEntry
    status: Status
    #: where its files are, or would be
    paths: tuple[Path, ...]
    #: version of the ROME ("460"); None for the others
    version: str | None = None
    #: the address that served it
    url: str | None = None
    #: bytes of what was downloaded
    bytes: int = 0
    error: FetchError | None = None
    #: something to know that is no error, in French
    note: str = ""

    @property
    def message(self) -> str:
        """One sentence in French for the command line."""
        name = f"{self.entry.name} {self.version}" if self.version else self.entry.name
        places = ", ".join(str(path) for path in self.paths)
        if self.status == "failed":
            return f"{name} : échec. {self.error}"
        if self.status == "by-hand":
            there = all(path.is_file() for path in self.paths)
            state = f"déjà en place ({places})" if there else f"déposez-le sous {places}"
            return f"{name} : à prendre à la main sur {self.entry.page} ; {state}."
        done = "déjà à jour" if self.status == "up-to-date" else f"reçu ({self.bytes / 1e6:.1f} Mo)"
        return f"{name} : {done}, {places}." + (f" {self.note}" if self.note else "")


def fetch(
    entries: Sequence[CatalogueEntry],
    cache_dir: Path,
    *,
    progress: Callable[[CatalogueEntry], ProgressBar] | None = None,
    sleep: Callable[[float], object] = time.sleep,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    max_bytes: int = MAX_BYTES,
) -> list[FetchReport]:
    """Downloads ``entries`` into ``cache_dir``, one after the other; one report each, in their order.

    progress: gives the bar of an entry, in pooch's protocol; None shows none
    sleep, now: the clock, given by tests

    raises: FetchError when another fetch works in the same cache; DataFileError when its manifest is unreadable
    """
    # pooch tells of each file on stderr, over the progress bar
    pooch.get_logger().setLevel("WARNING")
    (cache_dir / "partial").mkdir(parents=True, exist_ok=True)
    with locked(cache_dir):
        manifest = Manifest.load(cache_dir / MANIFEST)
        run = _Run(cache_dir, manifest, progress, sleep, now, max_bytes)
        try:
            return [run.report(entry) for entry in entries]
        finally:
            shutil.rmtree(cache_dir / "staging", ignore_errors=True)


def exit_code(reports: Sequence[FetchReport]) -> int:
    """0 when everything that can be downloaded came, else the exit code of ``FetchError``."""
    return FetchError.exit_code if any(report.status == "failed" for report in reports) else 0


@dataclass
class _Run:
    cache: Path
    manifest: Manifest
    progress: Callable[[CatalogueEntry], ProgressBar] | None
    sleep: Callable[[float], object]
    now: Callable[[], datetime]
    max_bytes: int
    #: hosts that could not be reached: asked once a run, not once a file
    unreachable: set[str] = field(default_factory=set)

    def report(self, entry: CatalogueEntry) -> FetchReport:
        if entry.by_hand:
            return FetchReport(entry, "by-hand", self._paths(entry))
        errors: list[FetchError] = []
        for url in entry.urls:
            host = urlsplit(url).netloc
            if host in self.unreachable:
                errors.append(FetchError(url, f"{host} est injoignable", "Vérifiez la connexion, puis relancez."))
                continue
            try:
                return self._fetch(entry, url)
            except UnreachableError as error:
                self.unreachable.add(host)
                errors.append(error)
            except FetchError as error:
                errors.append(error)
            except OSError as error:
                problem = f"écriture impossible dans le cache ({error})"
                errors.append(FetchError(url, problem, "Libérez de la place, ou donnez un autre PASSERELLE_CACHE."))
        first = errors[0]
        problem = first.problem + "".join(f" ; puis {error.url} : {error.problem}" for error in errors[1:])
        return FetchReport(entry, "failed", self._paths(entry), error=FetchError(first.url, problem, first.advice))

    def _fetch(self, entry: CatalogueEntry, url: str) -> FetchReport:
        record = self.manifest.intact(entry.name, url, self.cache / "data")
        known = record.validators if record else {}
        for fresh in (False, True):
            staging = self._staging()
            downloader = self._downloader(entry, known, fresh=fresh)
            try:
                archive = self._download(url, staging, downloader)
                content = read_content(entry, archive, staging / "content", url)
            except NotModifiedError:
                version = record.version if record else None
                return FetchReport(entry, "up-to-date", self._paths(entry, version), version, url)
            except FetchError:
                # halves of two different files make a broken one: once more from zero before it is called broken
                if not downloader.resumed or fresh:
                    raise
                continue
            break
        # before it is installed: a file that is no archive moves to its place
        sha256, size = pooch.file_hash(str(archive)), archive.stat().st_size
        changed = self._install(content)
        self.manifest.put(
            entry.name if content.version is None else f"{entry.name}-{content.version}",
            Record(
                entry.name,
                url,
                sha256,
                size,
                self.now().isoformat(timespec="seconds"),
                content.version,
                content.release,
                downloader.validators,
                content.digests,
            ),
        )
        return FetchReport(
            entry,
            "fetched" if changed else "up-to-date",
            self._paths(entry, content.version),
            content.version,
            url,
            size,
            note=content.note,
        )

    def _download(self, url: str, staging: Path, downloader: ResumingDownloader) -> Path:
        try:
            return Path(
                pooch.retrieve(url, known_hash=None, fname="download", path=str(staging), downloader=downloader)
            )
        finally:
            if downloader.progress is not None:
                downloader.progress.close()

    def _downloader(self, entry: CatalogueEntry, known: dict[str, str], *, fresh: bool) -> ResumingDownloader:
        return ResumingDownloader(
            self.cache / "partial" / f"{entry.name.replace('/', '-')}.part",
            progress=self.progress(entry) if self.progress else None,
            known=known,
            fresh=fresh,
            sleep=self.sleep,
            max_bytes=self.max_bytes,
        )

    def _staging(self) -> Path:
        staging = self.cache / "staging"
        if staging.exists():
            shutil.rmtree(staging)
        staging.mkdir(parents=True)
        return staging

    def _paths(self, entry: CatalogueEntry, version: str | None = None) -> tuple[Path, ...]:
        return tuple(self.cache / "data" / target.format(version=version or "<version>") for target in entry.targets)

    def _install(self, content: Content) -> bool:
        """Puts the files in their place; False when the same ones were there."""
        data, previous = self.cache / "data", self.cache / "previous"
        if content.root is None:
            changed = [name for name in content.digests if not _same(data / name, content.digests[name])]
            for name in changed:
                for path in (data / name, previous / name):
                    path.parent.mkdir(parents=True, exist_ok=True)
                if (data / name).exists():
                    shutil.copy2(data / name, previous / name)
                content.files[name].replace(data / name)
            return bool(changed)
        root = data / content.root
        there = {f"{content.root}/{path.relative_to(root).as_posix()}" for path in root.rglob("*") if path.is_file()}
        if there == set(content.digests) and all(_same(data / name, sha) for name, sha in content.digests.items()):
            return False
        data.mkdir(exist_ok=True)
        if root.exists():
            kept = previous / content.root
            shutil.rmtree(kept, ignore_errors=True)
            previous.mkdir(exist_ok=True)
            root.replace(kept)
            try:
                content.directory.replace(root)
            except OSError:
                kept.replace(root)
                raise
        else:
            content.directory.replace(root)
        return True


def _same(path: Path, sha256: str) -> bool:
    return path.is_file() and pooch.file_hash(str(path)) == sha256
