"""What is not written down is not done: settings, commands, errors, labels and files have their place in docs/."""

from pathlib import Path

import pytest

from graph.schema import NODES, RELATIONSHIPS
from passerelle import errors
from passerelle.cli import COMMANDS
from passerelle.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("passerelle", "graph", "ingest", "recommend", "embeddings", "records", "api", "benchmarks", "tests")


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_every_setting_is_documented() -> None:
    page = _page("settings.md")
    names = [str(field.validation_alias) for field in Settings.model_fields.values()]
    assert names
    assert not [name for name in names if f"`{name}`" not in page]


def test_every_command_and_option_is_documented() -> None:
    page = _page("cli.md")
    assert COMMANDS
    assert not [name for name in COMMANDS if f"`passerelle {name}" not in page]


def test_every_error_is_documented() -> None:
    page = _page("cli.md")
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.PasserelleError)
    ]
    for kind in kinds:
        line = next((line for line in page.splitlines() if line.startswith(f"| {kind.exit_code} |")), "")
        assert f"`{kind.code}`" in line, kind


def test_every_label_relationship_and_property_is_documented() -> None:
    page = _page("schema.md")
    names = {spec.label for spec in NODES} | {label for spec in NODES for label in spec.extra_labels.values()}
    names |= {spec.type for spec in RELATIONSHIPS}
    names |= {column.name for spec in NODES for column in spec.columns}
    names |= {column.name for spec in RELATIONSHIPS for column in spec.properties}
    assert not sorted(name for name in names if f"`{name}" not in page)


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_links_between_pages_lead_somewhere(page: str) -> None:
    targets = [part.split(")")[0].split("#")[0] for part in _page(page).split("](")[1:]]
    broken = [target for target in targets if "://" not in target and not (ROOT / "docs" / target).exists()]
    assert not broken


def test_files_are_rooms_one_can_hold_in_mind() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 360
    }
    assert not long
