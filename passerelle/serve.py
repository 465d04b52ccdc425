"""Serving: one supervisor that owns the workers, ends erasures that were cut short, and purges daily.

It loads little, as each worker loads anew what answers, and waits for it.
"""

import logging
import os
import socket
import threading
from contextlib import closing
from typing import Any

from rich.console import Console
from uvicorn import Config
from uvicorn.supervisors import Multiprocess

from passerelle.address import is_loopback
from passerelle.builds import current_build
from passerelle.errors import KeyRequiredError, NotBuiltError, PasserelleError, PortTakenError
from passerelle.settings import Settings
from records.store import Records

_DAY_S = 24 * 3600.0
#: seconds that requests in flight are given to end
GRACE_S = 15
_BACKLOG = 2048
_log = logging.getLogger("passerelle.serve")

#: to stderr, one line an event; uvicorn's own access log would hold what was typed
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}},
    "loggers": {
        "passerelle": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}


def run(settings: Settings) -> None:
    """Serves until it is told to end.

    raises: NotBuiltError, KeyRequiredError, PortTakenError; RecordsError
    """
    if current_build(settings.home) is None:
        raise NotBuiltError(settings.home)
    open_access = prepare(settings)
    with closing(listen(settings.host, settings.port)) as listening:
        _say(settings, open_access=open_access)
        Supervisor(settings, listening).run()


def prepare(settings: Settings) -> bool:
    """What must be so before anybody may ask; True where one may ask without a key.

    raises: KeyRequiredError; RecordsError
    """
    with Records.open(settings.records, retention_months=settings.retention_months) as records:
        records.finish_erasures()
        keys = records.keys.all()
    if is_loopback(settings.host):
        return not keys
    if all(key.revoked is not None for key in keys):
        raise KeyRequiredError(settings.host)
    return False


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    raises: PortTakenError
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host.strip("[]"), port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise PortTakenError(host, port, os.strerror(error.errno) if error.errno else str(error)) from error
    # without it an answer's last packet waits for the first to be acknowledged, 40 ms; what is accepted inherits it
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


class Workers(Multiprocess):
    """uvicorn's, but that SIGHUP ends no worker: each takes a new build by itself."""

    def handle_hup(self) -> None:
        """Says so; uvicorn would end the workers one by one, each before the next has opened its build."""
        _log.info("SIGHUP: each worker takes a new build by itself; settings are read at the start")


class Supervisor:
    """Starts workers, starts another where one died, ends them on SIGTERM or SIGINT once they have answered."""

    def __init__(self, settings: Settings, listening: socket.socket) -> None:
        self._settings = settings
        self._listening = listening
        self._over = threading.Event()

    def run(self) -> None:
        """Returns when everything has ended."""
        # first, as it sets up the log that the purge writes to
        workers = Workers(config_for(self._settings), sockets=[self._listening])
        upkeep = threading.Thread(target=self._purge_daily, name="purge", daemon=True)
        upkeep.start()
        try:
            workers.run()
        finally:
            self._over.set()

    def _purge_daily(self) -> None:
        while True:
            purge(self._settings)
            if self._over.wait(_DAY_S):
                return


def purge(settings: Settings) -> None:
    """Removes what is past its retention; a fault is logged, and the next day tries again."""
    try:
        with Records.open(settings.records, retention_months=settings.retention_months) as records:
            purged = records.purge()
    except PasserelleError as error:
        _log.error("purge: %s", error)
        return
    _log.info("purge: %d recommendations, %d decisions", purged.recommendations, purged.decisions)


def config_for(settings: Settings) -> Config:
    """How workers run; they make their application themselves, records and all."""
    return Config(
        "passerelle.worker:worker",
        factory=True,
        workers=settings.workers,
        log_config=LOGGING,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or "127.0.0.1",
        timeout_graceful_shutdown=GRACE_S,
        timeout_worker_healthcheck=30,
        ws="none",
    )


def _say(settings: Settings, *, open_access: bool) -> None:
    console = Console(stderr=True)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    console.print(f"Passerelle répond sur http://{host}:{settings.port}/v1/openapi.json", soft_wrap=True, markup=False)
    if open_access:
        console.print(
            "[bold yellow]Attention : aucune clé.[/] Tout programme de cette machine peut tout lire et tout écrire. "
            "Pour fermer : passerelle keys create --scope read",
            soft_wrap=True,
        )
