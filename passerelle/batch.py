"""``passerelle batch``: everyone's list at once, from Parquet to Parquet, taken up again where it stopped.

The rows of the source are cut into parts, always the same ones. A part is a file that is complete or absent: it is
written under another name, brought to the disk and renamed, after the file of the rows that were set aside from it. So
a part that is there is done, and one that is not is done again from the beginning.
"""

import hashlib
import json
import os
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.console import Console

from passerelle.errors import BatchInputError, BatchOutputError
from passerelle.output import AsJson, steps
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from recommend.batch_rows import COLUMNS, REASONS, SEEKER, BatchRows, check_columns
from recommend.batch_space import BatchSpace
from recommend.rank import Lens

#: rows of a part: some seconds of work, so that a kill loses little
ROWS_PER_PART = 16_384
_ABOUT, _REPORT, _LOCK = "batch.json", "report.json", "lock"
_FORMAT = 1


@dataclass(frozen=True)
class Part:
    """Some rows of the source: number of the part, row group, first row in the file, and how many."""

    number: int
    group: int
    first_row: int
    rows: int

    def path(self, directory: Path) -> Path:
        """The file of what these rows were recommended."""
        return directory / f"part-{self.number:05d}.parquet"

    def aside_path(self, directory: Path) -> Path:
        """The file of the rows set aside; absent where there is none."""
        return directory / f"set-aside-{self.number:05d}.parquet"

    def is_done(self, directory: Path) -> bool:
        """Whether its files are there and hold all of its rows."""
        paths = (self.path(directory), self.aside_path(directory))
        try:
            found = [pq.read_metadata(path).num_rows for path in paths if path.exists()]
        except (OSError, pa.ArrowInvalid):
            # not written by a run that ended well: it is made anew
            return False
        return paths[0].exists() and sum(found) == self.rows


@dataclass(frozen=True)
class BatchReport:
    """What a run left: rows of the source, of the results, and set aside, by reason; parts made now and before."""

    rows: int
    recommended: int
    set_aside: dict[str, int]
    parts: int
    parts_before: int
    seconds: float


def run_batch(
    reader: BatchRows,
    source: Path,
    out: Path,
    about: Mapping[str, Any],
    *,
    limit: int = 20,
    workers: int = 1,
    rows_per_part: int = ROWS_PER_PART,
    done: Callable[[float], None] = lambda _: None,
) -> BatchReport:
    """Recommends for every row of a Parquet file; parts that are there already are left as they are.

    about:  what the results depend on beside the source: versions, lens; a directory of other results is refused
    done:   told how many rows are done
    raises: BatchInputError, BatchOutputError
    """
    began = time.monotonic()
    with _source(source) as file, _alone(out):
        check_columns(file.schema_arrow, str(source))
        parts = list(_parts(file.metadata, rows_per_part))
        written = {str(key): str(value) for key, value in about.items()}
        whole = {"format": _FORMAT, "source": _digest(source), "limit": limit, "rowsPerPart": rows_per_part, **written}
        _same_question(out, whole)
        for draft in out.glob(".*.tmp"):
            draft.unlink()
        left = [part for part in parts if not part.is_done(out)]
        ready = sum(part.rows for part in parts) - sum(part.rows for part in left)
        done(ready)
        waiting: deque[tuple[Part, Future[None]]] = deque()
        with ThreadPoolExecutor(workers) as pool:
            try:
                for part, table in _read(file, left, rows_per_part, source):
                    waiting.append((part, pool.submit(_make, reader, part, table, out, written, limit)))
                    # what is read waits in memory: no more of it than the threads can take up at once
                    if len(waiting) > 2 * workers:
                        ready += _finish(waiting)
                        done(ready)
                while waiting:
                    ready += _finish(waiting)
                    done(ready)
            except BaseException:
                for _, future in waiting:
                    future.cancel()
                raise
        report = _reported(out, parts, len(parts) - len(left), time.monotonic() - began)
        _replace(out / _REPORT, lambda path: path.write_text(json.dumps(asdict(report), indent=1), encoding="utf-8"))
    return report


def _finish(waiting: "deque[tuple[Part, Future[None]]]") -> int:
    part, future = waiting.popleft()
    future.result()
    return part.rows


@contextmanager
def _source(source: Path) -> Iterator[pq.ParquetFile]:
    try:
        file = pq.ParquetFile(source)
    except (OSError, pa.ArrowInvalid) as error:
        raise BatchInputError(source, f"ce n'est pas un fichier Parquet lisible ({_first_line(error)})") from error
    with file:
        yield file


def _parts(metadata: pq.FileMetaData, rows_per_part: int) -> Iterator[Part]:
    first, number = 0, 0
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        for start in range(0, rows, rows_per_part):
            yield Part(number, group, first + start, min(rows_per_part, rows - start))
            number += 1
        first += rows


def _read(
    file: pq.ParquetFile, parts: list[Part], rows_per_part: int, source: Path
) -> Iterator[tuple[Part, pa.RecordBatch]]:
    """The rows of each part, group by group; groups without a part are not read."""
    names = [name for name in file.schema_arrow.names if name in {SEEKER, *COLUMNS}]
    wanted = {part.first_row: part for part in parts}
    first = 0
    for group in range(file.metadata.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        if any(part.group == group for part in parts):
            try:
                for batch in file.iter_batches(rows_per_part, row_groups=[group], columns=names):
                    part = wanted.get(first)
                    first, rows = first + len(batch), rows - len(batch)
                    if part is None:
                        continue
                    if part.rows != len(batch):
                        # more text than one array holds: the reader cuts it where it must
                        raise BatchInputError(source, f"trop de texte en un bloc après la ligne {part.first_row}")
                    yield part, batch
            except (OSError, pa.ArrowInvalid) as error:
                raise BatchInputError(source, f"illisible après la ligne {first} ({_first_line(error)})") from error
        first += rows


def _make(
    reader: BatchRows, part: Part, batch: pa.RecordBatch, out: Path, about: Mapping[str, str], limit: int
) -> None:
    found, aside = reader.recommend(batch, first_row=part.first_row, limit=limit)
    if len(aside):
        _write(part.aside_path(out), aside, about)
    _write(part.path(out), found, about)


def _write(path: Path, batch: pa.RecordBatch, about: Mapping[str, str]) -> None:
    table = pa.Table.from_batches([batch]).replace_schema_metadata({f"passerelle.{k}": v for k, v in about.items()})
    _replace(path, lambda draft: pq.write_table(table, draft))


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Writes a file that is complete or absent, and is on the disk when this returns."""
    draft = path.with_name(f".{path.name}.tmp")
    write(draft)
    _sync(draft)
    draft.replace(path)
    if sys.platform != "win32":
        _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Keeps the directory for this process alone; the lock goes with the process, however it ends."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / _LOCK).open("w", encoding="utf-8") as file:
        try:
            _lock(file.fileno())
        except OSError as error:
            problem = "un autre « passerelle batch » y écrit"
            raise BatchOutputError(out, problem, "Attendez qu'il ait fini, ou donnez un autre dossier.") from error
        yield


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl  # noqa: PLC0415

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _same_question(out: Path, whole: dict[str, Any]) -> None:
    """raises: BatchOutputError when the directory holds the results of another question, or anything else"""
    path = out / _ABOUT
    if not path.exists():
        if any(out.glob("*.parquet")):
            raise BatchOutputError(out, "des fichiers Parquet d'autre chose y sont", "Donnez un dossier vide.")
        _replace(path, lambda draft: draft.write_text(json.dumps(whole, indent=1), encoding="utf-8"))
        return
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BatchOutputError(out, f"{_ABOUT} est illisible", "Donnez un dossier vide.") from error
    if there != whole:
        differs = [key for key in whole if not isinstance(there, dict) or there.get(key) != whole[key]]
        problem = f"ce dossier contient les résultats d'une autre demande (diffèrent : {', '.join(differs) or 'autre'})"
        raise BatchOutputError(out, problem, "Donnez un autre dossier, ou videz celui-ci.")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reported(out: Path, parts: list[Part], before: int, seconds: float) -> BatchReport:
    """Counts what the files hold, and not what was meant to be written.

    raises: BatchOutputError when a row of the source is in none of them
    """
    lacking = [part.number for part in parts if not part.is_done(out)]
    if lacking:
        raise BatchOutputError(out, f"il y manque des lignes (parties {lacking[:5]})", "Relancez la même commande.")
    aside: Counter[str] = Counter()
    for part in parts:
        if part.aside_path(out).exists():
            aside.update(pq.read_table(part.aside_path(out), columns=["reason"])["reason"].to_pylist())
    rows = sum(part.rows for part in parts)
    return BatchReport(rows, rows - aside.total(), dict(sorted(aside.items())), len(parts), before, round(seconds, 3))


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:120]


def batch(
    source: Annotated[Path, typer.Argument(metavar="FICHIER.parquet", help="Un profil par ligne (docs/batch.md).")],
    out: Annotated[Path, typer.Option("--out", metavar="DOSSIER", help="Dossier des résultats.")],
    lens: Annotated[Lens, typer.Option(help="experts ou skills, comme pour recommend.")] = "experts",
    limit: Annotated[int, typer.Option(min=1, max=200, help="Métiers par profil.")] = 20,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Fils de calcul ; autant que de cœurs.")] = (
        os.cpu_count() or 1
    ),
    as_json: AsJson = False,
) -> None:
    """Propose des métiers à tous les profils d'un fichier Parquet, avec ce qui pèse le plus pour chacun.

    Interrompue, la même commande reprend où elle en était.

    Exemple : passerelle batch demandeurs.parquet --out listes
    """
    settings = Settings()
    snapshot = Snapshot.open(settings.home)
    info = snapshot.info
    about = {"dataVersion": info.data_version, "modelVersion": info.model_version, "build": info.fingerprint}
    with steps() as shown:
        shown.step("Préparation")
        reader = BatchRows(BatchSpace.of(snapshot.recommender, lens))
        with _source(source) as file:
            rows = file.metadata.num_rows
        shown.step(f"Métiers proposés à {rows} profils", total=rows or None)
        report = run_batch(reader, source, out, about | {"lens": lens}, limit=limit, workers=workers, done=shown.done)
    if as_json:
        print(json.dumps(asdict(report), ensure_ascii=False, indent=1))
        return
    console = Console()
    console.print(f"{report.recommended} profils sur {report.rows} ont leur liste dans {out}.")
    for reason, count in report.set_aside.items():
        console.print(f"{count} mis de côté : {REASONS[reason]} ({reason}).")
