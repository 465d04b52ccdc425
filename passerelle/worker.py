"""A worker of ``passerelle serve``: a module of its own, so that the supervisor never loads what answers."""

import gc
import os
import signal
import threading
from multiprocessing import connection, parent_process
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI


def worker() -> "FastAPI":
    """The application of a worker, which ends when its supervisor does, however that ended."""
    supervisor = parent_process()
    if supervisor is not None:
        sentinel = supervisor.sentinel

        def end_with_it() -> None:
            connection.wait([sentinel])
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=end_with_it, name="supervisor", daemon=True).start()
    # what is loaded here stays to the end: to look for garbage in it takes a fifth of the time that loading takes
    gc.disable()
    try:
        from api.app import create_app  # noqa: PLC0415

        return create_app()
    finally:
        gc.freeze()
        gc.enable()
