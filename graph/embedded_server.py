"""The embedded graph server's own process: ArcadeDB with its Bolt listener, and a control channel that keeps it alive.

Run as a script by ``graph.embedded`` (never imported by what only talks to a server): it needs nothing of the project,
so that it starts the same from a checkout, an image or another directory.

The process owns ``DIRECTORY``: a lock file keeps a second one out. It ends when the last holder of a control connection
has gone (a killed holder counts: its socket closes), unless ``keep`` was asked. SIGTERM stops it in order: ``-Xrs``
leaves signals to Python, because the JVM's own handler crashed here inside JPype.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import secrets
import signal
import socket
import socketserver
import sys
import threading
import time
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

DATABASE = "passerelle"
ROOT = "root"
ANALYST = "analyst"
#: files in the server's directory
LOCK_FILE = "lock"
STATE_FILE = "server.json"
CREDENTIALS_FILE = "credentials.json"
#: exit status when another process owns the directory
LOCKED = 3
#: seconds without any holder, after the start, before the process ends
GRACE_S = 30.0
_LOOPBACK = "127.0.0.1"
_PORT_ATTEMPTS = 5
_JVM_ARGUMENTS = (
    "-Xrs",
    "-XX:+UseSerialGC",
    # a commit is on the disk before it is acknowledged
    "-Darcadedb.txWalFlush=1",
    "-Darcadedb.opencypher.loadCsv.allowFileUrls=false",
    "-Darcadedb.opencypher.loadCsv.allowRemoteUrls=false",
)
_READ_ONLY_GROUP = {
    "resultSetLimit": -1,
    "readTimeout": -1,
    "access": [],
    "types": {"*": {"access": ["readRecord"]}},
}


def main() -> int:
    """Serves until nobody holds the server; returns the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--heap-mib", type=int, required=True)
    arguments = parser.parse_args()
    directory: Path = arguments.directory
    os.umask(0o077)
    with (directory / LOCK_FILE).open("a+b") as lock:
        if not _lock(lock.fileno()):
            return LOCKED
        (directory / STATE_FILE).unlink(missing_ok=True)
        ending = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: ending.set())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            engine = _Engine(directory, arguments.heap_mib, _credentials(directory))
        except Exception:  # noqa: BLE001
            # threads of the JVM would keep a process that failed alive
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        with _Control(engine, ending) as control:
            threading.Thread(target=control.serve_forever, daemon=True).start()
            state = {
                "pid": os.getpid(),
                "bolt_port": engine.bolt_port,
                "control_port": control.server_address[1],
                "nonce": control.nonce,
                "heap_mib": arguments.heap_mib,
            }
            write_private(directory / STATE_FILE, json.dumps(state))
            control.wait()
            (directory / STATE_FILE).unlink(missing_ok=True)
            engine.stop()
            # the control connections close with the process: a holder that waits for that knows that it has ended
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)


def write_private(path: Path, text: str) -> None:
    """Writes a file whole or not at all, readable by its owner only (mode 0600)."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


class _Engine:
    """The ArcadeDB server inside this process."""

    def __init__(self, directory: Path, heap_mib: int, credentials: dict[str, str]) -> None:
        # imported here: it loads JPype, which only this process needs
        engine = import_module("arcadedb_embedded")
        for attempt in range(_PORT_ATTEMPTS):
            self.bolt_port, http_port = _free_ports()
            self._server = engine.ArcadeDBServer(
                str(directory),
                credentials[ROOT],
                {
                    "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
                    # "production" hides what is wrong with a text; what else it sets is in _JVM_ARGUMENTS
                    "mode": "development",
                    "host": _LOOPBACK,
                    "http_port": http_port,
                    "bolt_host": _LOOPBACK,
                    "bolt_port": self.bolt_port,
                },
                jvm_kwargs={"heap_size": f"{heap_mib}m", "jvm_args": list(_JVM_ARGUMENTS)},
            )
            try:
                self._server.start()
                break
            except engine.ArcadeDBError:
                # somebody may have taken a port between its choice and its use
                if attempt == _PORT_ATTEMPTS - 1:
                    raise
        self._java: Any = self._server._java_server
        self._database: Any = self._java.getDatabase(DATABASE, True, True)
        self._set_users(credentials)
        self._limits: dict[int, int] = {}
        self._limits_lock = threading.Lock()
        self.bulk = _beside("operational_bulk").BulkWriter(directory, self._database)

    def stop(self) -> None:
        """Closes the databases and the listeners."""
        self._server.stop()

    def limit_queries(self, holder: int, milliseconds: int | None) -> None:
        """Queries that start from now on end after the shortest limit that any holder asks for; None: no limit.

        The engine has one limit for a database, read when a query starts; the driver's own timeout did not stop it.
        """
        with self._limits_lock:
            if milliseconds is None:
                self._limits.pop(holder, None)
            else:
                self._limits[holder] = milliseconds
            shortest = min(self._limits.values(), default=0)
            self._database.getConfiguration().setValue("arcadedb.command.timeout", str(shortest))

    def _set_users(self, credentials: dict[str, str]) -> None:
        json_object = import_module("jpype").JClass("com.arcadedb.serializer.json.JSONObject")
        security = self._java.getSecurity()
        security.saveGroup(DATABASE, "analyst", json_object(json.dumps(_READ_ONLY_GROUP)))
        security.setUserPassword(ROOT, credentials[ROOT])
        if security.existsUser(ANALYST):
            security.dropUser(ANALYST)
        user = {
            "name": ANALYST,
            "password": str(security.encodePassword(credentials[ANALYST])),
            "databases": {DATABASE: ["analyst"]},
        }
        security.createUser(json_object(json.dumps(user)))


class _Control(socketserver.ThreadingTCPServer):
    """Who holds the server. One JSON object a line each way; the first of a connection gives the nonce."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, engine: _Engine, ending: threading.Event) -> None:
        super().__init__((_LOOPBACK, 0), _Holder)
        self.engine = engine
        self.nonce = secrets.token_urlsafe(24)
        self.kept = False
        self._ending = ending
        self._holders: set[int] = set()
        self._left_open: list[Any] = []
        self._changed = threading.Condition()
        self._empty_since = time.monotonic()
        self._had_holder = False

    def wait(self) -> None:
        """Returns when the process should end."""
        while not self._ending.wait(0.05):
            with self._changed:
                grace = 0.0 if self._had_holder else GRACE_S
                if not self.kept and not self._holders and time.monotonic() - self._empty_since >= grace:
                    # set under the lock: a holder that comes now is refused and starts another server
                    self._ending.set()

    def add(self, holder: int) -> bool:
        """False when the process is ending."""
        with self._changed:
            if self._ending.is_set():
                return False
            self._holders.add(holder)
            self._had_holder = True
            return True

    def remove(self, holder: int) -> bool:
        """True when the process ends because this holder goes."""
        with self._changed:
            self._holders.discard(holder)
            self._empty_since = time.monotonic()
            if not self.kept and not self._holders:
                self._ending.set()
            return self._ending.is_set()

    def keep(self) -> None:
        """From now on only ``stop`` or SIGTERM ends the process."""
        with self._changed:
            self.kept = True

    def stop(self) -> None:
        """Ends the process whoever holds it."""
        self._ending.set()

    def shutdown_request(self, request: Any) -> None:
        # left open while the process ends: its closing tells the holder that the process has gone
        if self._ending.is_set():
            self._left_open.append(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # a holder killed in the middle of a line is ordinary; anything else must be seen in the log
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Holder(socketserver.StreamRequestHandler):
    server: _Control

    def handle(self) -> None:
        me = id(self)
        greeting = self._receive()
        if not secrets.compare_digest(str(greeting.get("nonce", "")), self.server.nonce) or not self.server.add(me):
            self._send({"ok": False})
            return
        self._send({"ok": True, "kept": self.server.kept})
        try:
            while request := self._receive():
                match request.get("command"):
                    case "keep":
                        self.server.keep()
                        self._send({"ok": True})
                    case "stop":
                        self.server.stop()
                        self._send({"ok": True})
                    case "limit":
                        self.server.engine.limit_queries(me, request.get("ms"))
                        self._send({"ok": True})
                    case "bulk" | "settle":
                        self._send(self.server.engine.bulk.answer(request))
                    case "release":
                        self._send({"ok": True, "ending": self.server.remove(me)})
                        return
                    case _:
                        self._send({"ok": False})
        finally:
            self.server.engine.limit_queries(me, None)
            self.server.remove(me)

    def _receive(self) -> dict[str, Any]:
        line = self.rfile.readline(4096)
        if not line.endswith(b"\n"):
            return {}
        value = json.loads(line)
        return value if isinstance(value, dict) else {}

    def _send(self, value: dict[str, Any]) -> None:
        with contextlib.suppress(ConnectionError):
            self.wfile.write(json.dumps(value).encode() + b"\n")


def _beside(name: str) -> Any:
    """The module of a file beside this one, which may be no package here."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _credentials(directory: Path) -> dict[str, str]:
    path = directory / CREDENTIALS_FILE
    if path.exists():
        return dict(json.loads(path.read_text(encoding="utf-8")))
    credentials = {user: secrets.token_urlsafe(24) for user in (ROOT, ANALYST)}
    write_private(path, json.dumps(credentials))
    return credentials


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind((_LOOPBACK, 0))
        second.bind((_LOOPBACK, 0))
        return first.getsockname()[1], second.getsockname()[1]


def _lock(descriptor: int) -> bool:
    """Takes the lock for as long as the process lives; False when another process has it."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
