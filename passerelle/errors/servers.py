"""Errors of the graph's server and of our own."""

from passerelle.errors.base import PasserelleError


class GraphUnavailableError(PasserelleError):
    """The graph server cannot be reached or started."""

    exit_code = 7
    code = "graph-unavailable"

    def __init__(self, problem: str, advice: str) -> None:
        self.problem = problem
        self.advice = advice
        super().__init__(f"{problem}. {advice.rstrip('.')}.")


class GraphConflictError(PasserelleError):
    """The graph holds something else than what is about to be written or read."""

    exit_code = 8
    code = "graph-conflict"

    def __init__(self, problem: str, advice: str) -> None:
        self.problem = problem
        self.advice = advice
        super().__init__(f"{problem}. {advice.rstrip('.')}.")


class ServeError(PasserelleError):
    """The server cannot start as it was asked to."""

    exit_code = 11
    code = "serve"


class KeyRequiredError(ServeError):
    """An address that other machines reach, and no key yet: everybody would read and write everything."""

    code = "key-required"

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(
            f"Écouter sur {host} ouvre Passerelle à d'autres machines, et aucune clé n'est en service. "
            "Créez-en une : « passerelle keys create --scope read », ou écoutez sur 127.0.0.1."
        )


class PortTakenError(ServeError):
    """The address cannot be listened on: another server is there, or it is not this machine's."""

    code = "port-taken"

    def __init__(self, host: str, port: int, problem: str) -> None:
        self.host, self.port = host, port
        super().__init__(
            f"{host}:{port} ne peut pas être écouté ({problem}). "
            "Arrêtez le serveur qui y répond, ou donnez un autre port : « passerelle serve --port 8001 »."
        )
