"""Progress bars of the downloads, in a terminal."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from ingest.catalogue import CatalogueEntry


class DownloadBars:
    """Give it to ``ingest.fetch.fetch`` as ``progress``, inside ``with DownloadBars() as bars``: one bar a source.

    Bars are drawn on stderr, and only where it is a terminal.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=console or Console(stderr=True),
        )

    def __enter__(self) -> "DownloadBars":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def __call__(self, entry: CatalogueEntry) -> "DownloadBar":
        """The bar of one source."""
        return DownloadBar(self._progress, self._progress.add_task(entry.name, total=None))


class DownloadBar:
    """One bar, in pooch's protocol."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        #: bytes expected; 0 where the server does not say
        self.total = 0

    def update(self, amount: int) -> None:
        """``amount`` bytes more have come."""
        self._progress.update(self._task, advance=amount, total=self.total or None)

    def reset(self) -> None:
        """Back to zero bytes: the download starts again."""
        self._progress.reset(self._task, total=self.total or None)

    def close(self) -> None:
        """The download is over."""
        self._progress.stop_task(self._task)
