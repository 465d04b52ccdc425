"""The embedded server where it cannot be: errors that say what to do instead."""

import importlib.util
import json
import stat
from pathlib import Path

import pytest

from graph import embedded
from graph.embedded_server import write_private
from passerelle.errors import GraphUnavailableError


def test_a_system_without_the_engine_is_told_to_use_a_neo4j(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(GraphUnavailableError, match="docker compose up -d neo4j"):
        embedded.lease(tmp_path / "graph", 512)


def test_nothing_runs_for_a_directory_that_is_not_there(tmp_path: Path) -> None:
    assert embedded.status(tmp_path / "graph") is None
    assert embedded.attach(tmp_path / "graph") is None
    assert not embedded.down(tmp_path / "graph")
    assert not (tmp_path / "graph").exists()


def test_a_state_that_leads_to_a_closed_port_is_no_server(tmp_path: Path) -> None:
    (tmp_path / embedded.STATE_FILE).write_text(json.dumps({"control_port": 1, "nonce": "x"}), encoding="utf-8")
    assert embedded.attach(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "{}", '{"control_port": "x"}'])
def test_a_state_that_is_no_state_is_no_server(tmp_path: Path, text: str) -> None:
    (tmp_path / embedded.STATE_FILE).write_text(text, encoding="utf-8")
    assert embedded.attach(tmp_path) is None


def test_a_private_file_is_its_owners_and_replaces_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    write_private(path, "old, and longer")
    write_private(path, "new")
    assert path.read_text(encoding="utf-8") == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
