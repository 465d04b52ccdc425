"""A worker of ``passerelle serve``: a module of its own, so that the supervisor never loads what answers."""

import os
import signal
import threading
from multiprocessing import connection, parent_process

from fastapi import FastAPI

from api.app import create_app


def worker() -> FastAPI:
    """The application of a worker, which ends when its supervisor does, however that ended."""
    supervisor = parent_process()
    if supervisor is not None:
        sentinel = supervisor.sentinel

        def end_with_it() -> None:
            connection.wait([sentinel])
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=end_with_it, name="supervisor", daemon=True).start()
    return create_app()
