"""The error that all others are."""


class PasserelleError(Exception):
    """Base of every error that is shown to a person rather than as a traceback."""

    exit_code = 1
    #: stable identifier, given by ``--json``
    code = "error"
