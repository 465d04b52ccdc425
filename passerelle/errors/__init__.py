"""The errors a person can act upon. Imports nothing of ours, so that every room may raise them.

Each error keeps its facts as attributes and says, in French, what happened and what to do; the command line prints that
text and ends with ``exit_code``.
"""

from passerelle.errors.asked import (
    MatchingOffError,
    NoTerritoryError,
    RefusedQueryError,
    UnknownOccupationError,
    UnknownOfferError,
    UnknownPlaceError,
    UnknownRecordError,
    UnknownSkillError,
)
from passerelle.errors.base import (
    PasserelleError,
)
from passerelle.errors.data import (
    BatchInputError,
    BatchOutputError,
    DataFileError,
    DataNotFoundError,
    ExportError,
    FetchError,
    NotBuiltError,
    OffersError,
    PopulationError,
)
from passerelle.errors.records import (
    InvalidRecordError,
    RecordConflictError,
    RecordsBusyError,
    RecordsDamagedError,
    RecordsError,
    RecordsFullError,
    RecordsUnavailableError,
    RecordsVersionError,
    RetentionTooShortError,
)
from passerelle.errors.servers import (
    GraphConflictError,
    GraphUnavailableError,
    KeyRequiredError,
    PortTakenError,
    ServeError,
)

__all__ = [
    "BatchInputError",
    "BatchOutputError",
    "DataFileError",
    "DataNotFoundError",
    "ExportError",
    "FetchError",
    "GraphConflictError",
    "GraphUnavailableError",
    "InvalidRecordError",
    "KeyRequiredError",
    "MatchingOffError",
    "NoTerritoryError",
    "NotBuiltError",
    "OffersError",
    "PasserelleError",
    "PopulationError",
    "PortTakenError",
    "RecordConflictError",
    "RecordsBusyError",
    "RecordsDamagedError",
    "RecordsError",
    "RecordsFullError",
    "RecordsUnavailableError",
    "RecordsVersionError",
    "RefusedQueryError",
    "RetentionTooShortError",
    "ServeError",
    "UnknownOccupationError",
    "UnknownOfferError",
    "UnknownPlaceError",
    "UnknownRecordError",
    "UnknownSkillError",
]
