"""The embedded graph server's life: started with whoever needs it first, ended with the last, or kept by ``up``.

Everything that knows the engine is here and in ``graph.embedded_server``, the process that owns its files.
"""

import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from graph import embedded_server
from graph.embedded_server import ANALYST, CREDENTIALS_FILE, DATABASE, LOCKED, ROOT, STATE_FILE
from passerelle.errors import GraphConflictError, GraphUnavailableError

LOG_FILE = "server.log"
_START_S = 90.0
_STOP_S = 60.0
_ANSWER_S = 10.0
_BULK_S = 600.0
_LOG_LIMIT_BYTES = 1_000_000
_ADVICE_DOCKER = (
    "Utilisez un serveur Neo4j : « docker compose up -d neo4j », puis NEO4J_URI, NEO4J_USER et NEO4J_PASSWORD "
    "(voir docs/graph.md)"
)


@dataclass(frozen=True)
class EmbeddedStatus:
    """A running embedded server."""

    pid: int
    uri: str
    heap_mib: int
    #: True when ``up`` keeps it running
    kept: bool


class Lease:
    """A hold on the running server of a directory: the server lives at least as long as the lease is open.

    uri:      Bolt address on the loopback interface
    database: name of the database
    root, analyst: (user, password); the analyst may only read
    directory: where the server's files are
    """

    def __init__(self, directory: Path, state: dict[str, Any], channel: "_Channel", kept: bool) -> None:
        credentials = json.loads((directory / CREDENTIALS_FILE).read_text(encoding="utf-8"))
        self.database = DATABASE
        self.uri = f"bolt://127.0.0.1:{state['bolt_port']}"
        self.root = (ROOT, str(credentials[ROOT]))
        self.analyst = (ANALYST, str(credentials[ANALYST]))
        self.directory = directory
        self.status = EmbeddedStatus(int(state["pid"]), self.uri, int(state["heap_mib"]), kept)
        self._channel: _Channel | None = channel

    def keep(self) -> None:
        """The server outlives every lease from now on, until ``down``."""
        self._ask(command="keep")

    def limit_queries(self, seconds: float | None) -> None:
        """Queries that start from now on are stopped after ``seconds``; None takes the limit back."""
        self._ask(command="limit", ms=None if seconds is None else max(1, round(seconds * 1000)))

    def write_block(self, folder: str) -> int:
        """The server writes the block in a folder of its directory (``graph.operational_bulk``).

        returns: how many relationships were made
        raises:  GraphConflictError when the server refuses it; GraphUnavailableError when it ends
        """
        return int(self._ask_for_block(command="bulk", folder=folder)["created"])

    def settle(self) -> None:
        """Waits until no block is being written, and forgets those that nobody wrote to the end."""
        self._ask_for_block(command="settle")

    def stop(self) -> None:
        """Stops the server for everybody and waits until its process has ended."""
        channel, self._channel = self._channel, None
        if channel is not None:
            with channel:
                channel.ask(command="stop")
                channel.wait_until_closed(_STOP_S)

    def close(self) -> None:
        """Lets go; when that ends the server, waits until its process has ended. May be called twice."""
        channel, self._channel = self._channel, None
        if channel is None:
            return
        with channel:
            try:
                ending = channel.ask(command="release").get("ending", False)
            except _ChannelClosedError:
                return
            if ending:
                channel.wait_until_closed(_STOP_S)

    def __enter__(self) -> "Lease":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask_for_block(self, **request: Any) -> dict[str, Any]:
        answer = self._ask(_BULK_S, **request)
        if not answer["ok"]:
            raise GraphConflictError(
                f"Le serveur de graphe embarqué a refusé un bloc ({answer.get('problem')})",
                "Relancez la commande, qui reprend du début ; le journal du serveur en dit plus",
            )
        return answer

    def _ask(self, seconds: float = _ANSWER_S, /, **request: Any) -> dict[str, Any]:
        if self._channel is None:
            raise ValueError("the lease is closed")
        try:
            return self._channel.ask(seconds, **request)
        except _ChannelClosedError as error:
            raise _ended() from error


def lease(directory: Path, heap_mib: int) -> Lease:
    """Attaches to the server of ``directory``, starting it where none runs (``heap_mib`` counts only then).

    raises: GraphUnavailableError when this system has no embedded engine, or it does not start.
    """
    deadline = time.monotonic() + _START_S
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    while time.monotonic() < deadline:
        attached = attach(directory)
        if attached is not None:
            return attached
        child = _spawn(directory, heap_mib)
        while child.poll() is None and time.monotonic() < deadline:
            attached = attach(directory)
            if attached is not None:
                # reaps the process when it ends, which may be long after this lease
                threading.Thread(target=child.wait, daemon=True).start()
                return attached
            time.sleep(0.05)
        if child.poll() is None:
            child.kill()
            child.wait()
        elif child.returncode != LOCKED:
            raise GraphUnavailableError(
                f"Le serveur de graphe embarqué s'est arrêté au démarrage (code {child.returncode})",
                f"Son journal {directory / LOG_FILE} finit par : {_log_tail(directory)}",
            )
        # another process is starting or ending the server of this directory
        time.sleep(0.2)
    raise GraphUnavailableError(
        f"Le serveur de graphe embarqué de {directory} n'a pas répondu en {_START_S:.0f} s",
        f"Lisez son journal {directory / LOG_FILE}, puis réessayez",
    )


def attach(directory: Path) -> Lease | None:
    """A lease on the server that runs for ``directory``; None when none does."""
    try:
        state = json.loads((directory / STATE_FILE).read_text(encoding="utf-8"))
        channel = _Channel(int(state["control_port"]))
    except (OSError, ValueError, KeyError):
        # none, or what a killed server left
        return None
    try:
        answer = channel.ask(nonce=state["nonce"])
    except _ChannelClosedError:
        answer = {}
    if not answer.get("ok"):
        channel.close()
        return None
    return Lease(directory, state, channel, bool(answer["kept"]))


def up(directory: Path, heap_mib: int) -> EmbeddedStatus:
    """Keeps a server running until ``down``, whoever comes and goes.

    raises: GraphUnavailableError, as ``lease`` does.
    """
    with lease(directory, heap_mib) as held:
        held.keep()
        return EmbeddedStatus(held.status.pid, held.status.uri, held.status.heap_mib, kept=True)


def down(directory: Path) -> bool:
    """Stops the server of ``directory`` in order, whoever holds it; False when none runs."""
    held = attach(directory)
    if held is None:
        return False
    held.stop()
    return True


def status(directory: Path) -> EmbeddedStatus | None:
    """The server that runs for ``directory``; None when none does."""
    held = attach(directory)
    if held is None:
        return None
    with held:
        return held.status


class _ChannelClosedError(Exception):
    """The server's process has ended, or is ending."""


class _Channel:
    """A control connection to the server's process."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=_ANSWER_S)
        self._file = self._socket.makefile("rb")

    def ask(self, seconds: float = _ANSWER_S, /, **request: Any) -> dict[str, Any]:
        try:
            self._socket.settimeout(seconds)
            self._socket.sendall(json.dumps(request).encode() + b"\n")
            line = self._file.readline()
        except OSError as error:
            raise _ChannelClosedError from error
        if not line:
            raise _ChannelClosedError
        return dict(json.loads(line))

    def wait_until_closed(self, seconds: float) -> None:
        self._socket.settimeout(seconds)
        try:
            while self._socket.recv(64):
                pass
        except ConnectionError:
            return
        except TimeoutError as error:
            raise GraphUnavailableError(
                f"Le serveur de graphe embarqué ne s'est pas arrêté en {seconds:.0f} s",
                "Ses données sont entières ; arrêtez son processus",
            ) from error

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def __enter__(self) -> "_Channel":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _spawn(directory: Path, heap_mib: int) -> subprocess.Popen[bytes]:
    if importlib.util.find_spec("arcadedb_embedded") is None:
        raise GraphUnavailableError(
            "Le serveur de graphe embarqué n'est pas installé "
            "(pip install '.[embedded]' ; il n'existe pas pour tous les systèmes)",
            _ADVICE_DOCKER,
        )
    log_path = directory / LOG_FILE
    if log_path.exists() and log_path.stat().st_size > _LOG_LIMIT_BYTES:
        log_path.replace(directory / f"{LOG_FILE}.1")
    descriptor = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "wb") as log:
        # its own session, so that Ctrl-C in a terminal reaches the holder only; its own folder, where it writes logs
        return subprocess.Popen(
            [sys.executable, "-P", embedded_server.__file__, str(directory.resolve()), "--heap-mib", str(heap_mib)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=directory,
            start_new_session=True,
        )


def _log_tail(directory: Path) -> str:
    lines = (directory / LOG_FILE).read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return " / ".join(lines[-3:])[-600:]


def _ended() -> GraphUnavailableError:
    return GraphUnavailableError("Le serveur de graphe embarqué s'est arrêté", "Relancez la commande")
