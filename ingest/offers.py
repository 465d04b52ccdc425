"""Offers of France Travail ("Offres d'emploi v2"), from what its API answers or from files of it, to ``Offer``.

Nothing of an offer is invented: what it does not say stays missing, a code that the ROME in use does not know stays
text, and each such case is counted. See docs/offers.md.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from graph.tables import GraphTables
from ingest.csvfile import AGAIN, decode
from ingest.offers_findings import Counts, offers_report
from ingest.offers_model import Offer
from ingest.offers_place import PlaceReader
from ingest.offers_record import RecordReader
from ingest.offers_vocabulary import Fallback, Find, Vocabulary
from ingest.report import IngestReport, Rejection
from ingest.territory import Territories
from passerelle.errors import DataFileError


@dataclass(frozen=True)
class OffersReading:
    """Offers, each id once, in the order they came; and what became of every record.

    newest:     the last date in any of them: what was read is at least that recent
    unreadable: ids of records that are offers and could not be read
    """

    offers: tuple[Offer, ...]
    report: IngestReport
    newest: datetime | None
    unreadable: tuple[str, ...] = ()


@dataclass
class OfferReader:
    """Reads records into offers."""

    vocabulary: Vocabulary
    places: PlaceReader
    fallback: Fallback

    @classmethod
    def of(
        cls,
        tables: GraphTables,
        territories: Territories | None,
        *,
        find_skill: Find | None = None,
        find_occupation: Find | None = None,
    ) -> "OfferReader":
        """For the ROME and the territories in use (None: places keep only what the offer says).

        find_skill, find_occupation: a search for what has no code; None, and it stays text
        """
        vocabulary = Vocabulary.of(tables)
        return cls(vocabulary, PlaceReader(territories), Fallback(vocabulary, find_skill, find_occupation))

    def read(self, records: Iterable[object], source: str) -> OffersReading:
        """Reads records of the API (``resultats``). A record without an id, or that is none, is set aside.

        Of one id given twice, the version changed last is kept.

        source: where they come from, for the report
        """
        counts = Counts()
        offers: dict[str, Offer] = {}
        refused: list[Rejection] = []
        unreadable: list[str] = []
        number = 0
        for number, record in enumerate(records, start=1):
            offer = self._one(record, number, counts, refused)
            if isinstance(offer, str):
                unreadable.append(offer)
            if not isinstance(offer, Offer):
                continue
            known = offers.get(offer.id)
            if known is not None:
                refused.append(Rejection(number, "même offre déjà lue", "id", offer.id))
            if known is None or _newer(offer, known):
                offers[offer.id] = offer
        kept = tuple(offers.values())
        newest = max((offer.last_changed for offer in kept if offer.last_changed), default=None)
        report = offers_report(source, number, len(kept), refused, counts)
        return OffersReading(kept, report, newest, tuple(one for one in unreadable if one not in offers))

    def _one(self, record: object, number: int, counts: Counts, refused: list[Rejection]) -> Offer | str | None:
        """The offer; its id where it cannot be read; None where it has none."""
        if not isinstance(record, Mapping):
            refused.append(Rejection(number, "ce n'est pas une offre", None, str(record)[:80]))
            return None
        given = record.get("id")
        key = given.strip() if isinstance(given, str) else str(given) if type(given) is int else ""
        if not re.fullmatch(r"[\w.\-]{1,50}", key):
            refused.append(Rejection(number, "offre sans identifiant", "id", key[:80] or None))
            return None
        seen = Counts()
        try:
            offer = RecordReader(record, key, self.vocabulary, self.fallback, self.places, seen).offer()
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            refused.append(Rejection(number, f"valeur impossible ({first['type']})", ".".join(map(str, first["loc"]))))
            return key
        counts.add(seen)
        return offer


def _newer(offer: Offer, known: Offer) -> bool:
    if offer.last_changed is None or known.last_changed is None:
        return known.last_changed is None
    return offer.last_changed >= known.last_changed


def read_records(path: Path) -> list[object]:
    """The records of a file of JSON (a list, an answer with ``resultats``, one offer) or of JSON lines, packed or not.

    raises: DataFileError when it is missing, empty, too large, cut, or holds no list of offers
    """
    text, _ = decode(path)
    text = text.removeprefix("\ufeff")
    try:
        if path.name.removesuffix(".gz").removesuffix(".bz2").endswith((".jsonl", ".ndjson")):
            return [json.loads(line, parse_constant=_no_constant) for line in text.splitlines() if line.strip()]
        content = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise DataFileError(path, f"JSON illisible ({error.msg})", AGAIN, line=error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise DataFileError(path, f"JSON illisible ({type(error).__name__})", AGAIN) from error
    if isinstance(content, dict):
        content = content.get("resultats", [content])
    if not isinstance(content, list):
        raise DataFileError(path, "aucune liste d'offres", "Une liste, ou un objet avec « resultats », est attendue.")
    return content


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
