"""``passerelle match``: the offers that fit a person, explained. Off unless a setting turns it on; nothing is sent."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated

import numpy as np
import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from scipy.sparse import csr_matrix

from ingest.offers_model import said
from ingest.offers_store import ShownOffer
from passerelle.answers import Asked, profile_document, versions
from passerelle.ask import Also, Declared, InYears, asked_of
from passerelle.ask import Text as Words
from passerelle.ask_territory import MOST_KM, Near
from passerelle.errors import PasserelleError
from passerelle.offers_ready import KeptOffers, ReadyOffers, check_matching, store_path, to_check
from passerelle.output import AsJson, Document, Limit, out
from passerelle.place import Location, Place, place_document, resolve_place
from passerelle.recorded import matches_shown, owed_here, question_of
from passerelle.screens import owed_line, whence
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from recommend.matching import Seekers
from recommend.matching_explain import MatchExplanation, explain, sentences
from recommend.skillgraph import SkillGraph


def match(
    text: Words = None,
    near: Near = None,
    km: Annotated[
        float | None, typer.Option("--km", min=0, max=MOST_KM, help="Au plus tant de kilomètres du lieu.")
    ] = None,
    years: InYears = None,
    also: Also = None,
    skill: Declared = None,
    limit: Limit = 10,
    as_json: AsJson = False,
) -> None:
    """Montre les offres gardées qui vont à une personne, et pourquoi ; rien n'est envoyé (PASSERELLE_MATCHING).

    Exemple : passerelle match aide-soignante --near Lille --km 30
    """
    settings = Settings()
    check_matching(settings)
    if km is not None and near is None:
        raise PasserelleError("--km compte depuis un lieu : donnez-le avec --near.")
    snapshot = Snapshot.open(settings.home)
    asked = asked_of(snapshot, text, years, also, skill, "experts", None)
    place = None if near is None else resolve_place(snapshot, near)
    offers = KeptOffers(store_path(settings)).ready(snapshot, datetime.now(UTC))
    document = match_document(snapshot, asked, offers, place=place, km=km, limit=limit)
    owed = owed_here(settings, question_of(asked, place, reach_km=km), matches_shown(snapshot, document))
    out(owed | document, as_json, match_screen)


def match_document(
    snapshot: Snapshot,
    asked: Asked,
    offers: ReadyOffers,
    *,
    place: Location | None = None,
    km: float | None = None,
    limit: int = 10,
    dismissed: Collection[str] = (),
) -> Document:
    """The offers that fit who asks best, each explained; ``rank`` is that among all.

    km: at most so far from the place; an offer that says no place stays, and says so
    dismissed: ids of the offers that a counselor dismissed for who asks: they are left out
    raises: UnknownOccupationError, UnknownSkillError
    """
    graph, matcher = snapshot.graph, offers.matcher
    profile = asked.profile(graph)
    refused = np.zeros(len(graph.context_codes))
    refused[list(profile.refused_contexts)] = 1.0
    latitude, longitude = point_of(snapshot, place)
    seekers = Seekers(
        ids=("",),
        held=csr_matrix(profile.held[None, :]),
        refused=csr_matrix(refused[None, :]),
        latitude=np.array([latitude]),
        longitude=np.array([longitude]),
        reach_km=np.array([np.nan if km is None else km]),
    )
    ranked = matcher.offers_for(seekers, limit + len(dismissed))
    matches: list[Document] = []
    for rank, row in enumerate(ranked.chosen[0][ranked.chosen[0] >= 0].tolist(), start=1):
        shown = offers.shown[row]
        if shown.offer.id in dismissed or len(matches) == limit:
            continue
        told = explain(matcher, seekers, 0, row)
        matches.append(
            {
                "rank": rank,
                **kept_document(shown),
                **why_document(graph, told),
                "sentences": list(sentences(matcher, told)),
            }
        )
    return {
        "query": asked.query,
        "profile": profile_document(snapshot, asked),
        "place": None if place is None else place_document(snapshot, place),
        "km": km,
        "offersKept": len(offers.shown),
        "matches": matches,
        **versions(snapshot),
    }


def dismissed_here(offers: ReadyOffers, dismissed: Collection[str]) -> list[str]:
    """Those of the dismissed offers that are among the kept ones, by id: one that is closed is in no answer."""
    return sorted(one.offer.id for one in offers.shown if one.offer.id in dismissed)


def point_of(snapshot: Snapshot, place: Location | None) -> tuple[float, float]:
    """Latitude and longitude of a commune, or of an employment area as a whole; NaN where nobody knows."""
    if place is None:
        return np.nan, np.nan
    if isinstance(place, Place):
        return snapshot.country.territories.point(place.match.code)
    row = snapshot.market.area_index_of[place.area]
    return float(snapshot.market.latitude[row]), float(snapshot.market.longitude[row])


def kept_document(shown: ShownOffer) -> Document:
    """What a list says of an offer; ``mention`` is to be shown with it wherever it is (licence)."""
    offer = shown.offer
    return {
        "id": offer.id,
        "title": offer.title,
        "codeRome": offer.occupation,
        "employer": offer.employer,
        "place": offer.place.label,
        "contract": offer.contract_label or offer.contract,
        "wage": offer.wage,
        "url": offer.url,
        "toCheck": list(to_check(offer)),
        "mention": shown.mention,
    }


def why_document(graph: SkillGraph, told: MatchExplanation) -> Document:
    """What a match is worth, how far it is, and what adds up to the value."""
    return {
        "value": None if told.value is None else round(told.value, 4),
        "km": None if told.km is None else round(told.km, 1),
        "asked": [
            {
                "codeOgr": graph.skill_codes[one.skill],
                "label": graph.skill_labels[one.skill],
                "how": one.how,
                "answeredBy": None if one.answered_by is None else graph.skill_codes[one.answered_by],
                "answer": round(one.answer, 4),
                "contribution": one.contribution,
            }
            for one in told.asked
        ],
    }


def offer_lines(one: Document) -> Text:
    """The head of an offer; what a recruiter wrote is text, never markup."""
    head = [said(one["title"]), f"{said(one['employer'])}, {said(one['place'])}"]
    head += [f"{said(one['contract'])}, {said(one['wage'])}", *([one["url"]] if one["url"] else [])]
    return Text("\n".join(head))


def check_lines(one: Document) -> list[str]:
    """What of an offer a person has to check."""
    return [f"À vérifier : {', '.join(one['toCheck'])}."] if one["toCheck"] else []


def match_screen(document: Document) -> RenderableType:
    """The offers in a table; under each, what France Travail's licence asks to be said."""
    table = Table(title=f"{whence(document['profile'])}\nOffres qui lui vont", title_justify="left", show_lines=True)
    table.add_column("", justify="right")
    # an address that is cut leads nowhere, and the licence asks for its own
    table.add_column("Offre", ratio=1, overflow="fold")
    table.add_column("Pourquoi, et ce qui reste à vérifier", ratio=2, overflow="fold")
    for one in document["matches"]:
        why = Text("\n".join([*one["sentences"], *check_lines(one), one["mention"]]))
        table.add_row(str(one["rank"]), offer_lines(one), why)
    if document["matches"]:
        closing = Text("Rien n'est envoyé : le conseiller retient ou écarte.", style="dim")
        return Group(table, closing, *owed_line(document))
    if not document["offersKept"]:
        return Text("Aucune offre vérifiée depuis moins de 24 h n'est gardée : « passerelle offers fetch ».")
    near = "" if document["km"] is None else " à cette distance"
    return Text(f"Aucune des {document['offersKept']} offres gardées ne va à ce profil{near}.")
