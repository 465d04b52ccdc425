"""Kinds of ``OffersError``: which of the source, its keys and our own file failed."""

from passerelle.errors import OffersError


class OffersAccessError(OffersError):
    """The keys of France Travail's API are not set, or are refused."""

    code = "offers-access"


class OffersServiceError(OffersError):
    """France Travail's API fails, or answers what it should not, after every try."""

    code = "offers-service"


class OffersStoreError(OffersError):
    """The file of the offers cannot be used; nothing was half written."""

    code = "offers-store"
