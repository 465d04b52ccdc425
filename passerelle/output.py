"""How commands answer: a document as JSON, or a screen drawn from it; and a sign of life while something lasts."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Document = dict[str, Any]

AsJson = Annotated[bool, typer.Option("--json", help="Écrit le document JSON (docs/json.md) au lieu du tableau.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=200, help="Nombre de lignes.")]

SAMPLE_WARNING = (
    "Échantillon intégré : une soixantaine de métiers, compétences rédigées pour l'exemple. "
    "Pour les données réelles : passerelle fetch, puis passerelle build."
)


def out(document: Document, as_json: bool, screen: Callable[[Document], RenderableType]) -> None:
    """Prints the document, or its screen; on the built-in sample the screen says so first."""
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    console = Console()
    if document.get("sample"):
        console.print(Panel(SAMPLE_WARNING, style="yellow"))
    console.print(screen(document))


class Steps:
    """Steps of something that lasts, each with its clock, on stderr."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", visible=False)

    def step(self, text: str, total: float | None = None) -> None:
        """A new step begins; ``text`` is French, ``total`` the size of what is to be done where it is known."""
        self.end()
        self._task = self._progress.add_task(text, total=total)

    def done(self, amount: float) -> None:
        """So much of the step is done."""
        self._progress.update(self._task, completed=amount)

    def end(self) -> None:
        """The step is over."""
        self._progress.update(self._task, total=1, completed=1)


@contextmanager
def steps() -> Iterator[Steps]:
    """Shows the steps of what runs inside the block."""
    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        shown = Steps(progress)
        yield shown
        shown.end()
