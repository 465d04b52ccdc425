"""Invented offers for a build of the sample, kept as offers are, and a seeker whom the first ones fit."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.offers_model import AskedSkill, Condition, Offer, Place
from ingest.offers_store import OffersStore
from passerelle.snapshot import Snapshot

#: near Le Bourg, whose area is 0101; about 10 km away; somewhere else; nobody knows where
_PLACES = ((46.0, 5.0), (46.09, 5.0), (48.86, 2.35), (None, None))


def lace_seeker(**others: Any) -> dict[str, Any]:
    """The record of somebody who made lace, around Le Bourg."""
    past = [{"codeRome": "B1804", "years": "6+"}]
    return {"pastOccupations": past, "skills": [], "refusedContexts": [], "area": "0101", "reachKm": 50} | others


def toy_offers(snapshot: Snapshot) -> list[Offer]:
    """Of lacemakers and of who mounts electronic cards, with what they ask, in four places."""
    graph = snapshot.graph
    columns = {int(column) for column in graph.skills_of(graph.index_of["B1804"])}
    lace = [graph.skill_codes[column] for column in sorted(columns)]
    # that nothing a lacemaker holds answers
    other = next(
        code
        for column, code in enumerate(graph.skill_codes)
        if not columns & {column, *graph.answered_by[[column]].indices.tolist()}
    )
    offers = []
    for number, (latitude, longitude) in enumerate(_PLACES):
        skills = [(lace[0], True), (lace[1 + number], None)]
        offers.append(_offer(f"100LACE{number}", "B1804", skills, latitude, longitude))
    offers.append(_offer("200CARD0", "H2605", [(lace[0], None)], 46.0, 5.0))
    offers.append(_offer("300NONE0", "H2605", [(other, True)], 46.0, 5.0))
    return offers


def _offer(
    offer_id: str,
    occupation: str,
    skills: list[tuple[str, bool | None]],
    latitude: float | None,
    longitude: float | None,
) -> Offer:
    return Offer(
        id=offer_id,
        title="Offre inventée pour l'exemple",
        occupation=occupation,
        occupation_how="code",
        skills=tuple(AskedSkill(code=code, label=code, required=required, how="code") for code, required in skills),
        conditions=(Condition(kind="licence", label="Permis B", required=True),),
        place=Place(latitude=latitude, longitude=longitude, how="code" if latitude else "none"),
        contract="CDI",
        employer="Employeur inventé",
        created=datetime(2026, 11, 2, 8, tzinfo=UTC),
    )


def write_offers(home: Path, offers: list[Offer] | None = None, at: datetime | None = None) -> None:
    """Keeps offers under a home, as seen now: all that its source has."""
    found = toy_offers(Snapshot.open(home)) if offers is None else offers
    with OffersStore(home / "offers" / "offers.sqlite") as store:
        store.apply("Offres inventées", "exemple", found, at=at or datetime.now(UTC), whole=True)
