"""``passerelle match``: the offers that fit a person, explained. Off unless a setting turns it on; nothing is sent."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import numpy as np
import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from scipy.sparse import csr_matrix

from ingest.offers_model import said
from ingest.offers_store import OffersStore, ShownOffer
from ingest.territory_distance import distance_km
from passerelle.answers import Asked, profile_document, versions
from passerelle.ask import Also, Declared, InYears, asked_of
from passerelle.ask import Text as Words
from passerelle.ask_territory import MOST_KM, Near
from passerelle.errors import PasserelleError
from passerelle.offers import matching_offers, store_path, to_check
from passerelle.output import AsJson, Document, Limit, out
from passerelle.place import Place, place_document, resolve_place
from passerelle.screens import whence
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from recommend.matching import Matcher, Seekers
from recommend.matching_explain import MatchExplanation, explain, sentences


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
    if not settings.matching:
        raise PasserelleError(
            "Le rapprochement avec des offres est éteint. Qui en répond l'allume par PASSERELLE_MATCHING=true "
            "(docs/matching.md)."
        )
    if km is not None and near is None:
        raise PasserelleError("--km compte depuis un lieu : donnez-le avec --near.")
    snapshot = Snapshot.open(settings.home)
    asked = asked_of(snapshot, text, years, also, skill, "experts", None)
    place = None if near is None else resolve_place(snapshot, near)
    with OffersStore(store_path(settings)) as store:
        shown = list(store.shown(datetime.now(UTC)))
    out(match_document(snapshot, asked, shown, place=place, km=km, limit=limit), as_json, match_screen)


def match_document(
    snapshot: Snapshot,
    asked: Asked,
    shown: Sequence[ShownOffer],
    *,
    place: Place | None = None,
    km: float | None = None,
    limit: int = 10,
) -> Document:
    """The offers that fit who asks best, each explained.

    shown: the offers that may be shown
    km:    at most so far from the place; an offer that says no place stays, and says so
    raises: UnknownOccupationError, UnknownSkillError
    """
    graph = snapshot.graph
    profile = asked.profile(graph)
    commune = None if place is None or place.match is None else place.match.code
    point = (np.nan, np.nan) if commune is None else snapshot.country.territories.point(commune)
    seekers = Seekers(
        ids=("",),
        held=csr_matrix(profile.held[None, :]),
        refused=csr_matrix((1, len(graph.context_codes))),
        latitude=np.array([point[0]]),
        longitude=np.array([point[1]]),
        reach_km=np.array([np.nan if km is None else km]),
    )
    matcher = Matcher(graph, snapshot.space.idf, matching_offers(graph, [one.offer for one in shown]), distance_km)
    ranked = matcher.offers_for(seekers, limit)
    rows = [int(row) for row in ranked.chosen[0] if row >= 0]
    return {
        "query": asked.query,
        "profile": profile_document(snapshot, asked),
        "place": None if place is None else place_document(snapshot, place),
        "km": km,
        "offersKept": len(shown),
        "matches": [
            _match_document(matcher, explain(matcher, seekers, 0, row), shown[row], rank)
            for rank, row in enumerate(rows, start=1)
        ],
        **versions(snapshot),
    }


def _match_document(matcher: Matcher, told: MatchExplanation, shown: ShownOffer, rank: int) -> Document:
    offer, graph = shown.offer, matcher.graph
    return {
        "rank": rank,
        "id": offer.id,
        "title": offer.title,
        "codeRome": offer.occupation,
        "employer": offer.employer,
        "place": offer.place.label,
        "contract": offer.contract_label or offer.contract,
        "wage": offer.wage,
        "url": offer.url,
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
        "sentences": list(sentences(matcher, told)),
        "toCheck": list(to_check(offer)),
        "mention": shown.mention,
    }


def match_screen(document: Document) -> RenderableType:
    """The offers in a table; under each, what France Travail's licence asks to be said."""
    table = Table(title=f"{whence(document['profile'])}\nOffres qui lui vont", title_justify="left", show_lines=True)
    table.add_column("", justify="right")
    table.add_column("Offre", ratio=1)
    table.add_column("Pourquoi, et ce qui reste à vérifier", ratio=2)
    for one in document["matches"]:
        head = [said(one["title"]), f"{said(one['employer'])}, {said(one['place'])}"]
        head += [f"{said(one['contract'])}, {said(one['wage'])}", *([one["url"]] if one["url"] else [])]
        check = [f"À vérifier : {', '.join(one['toCheck'])}."] if one["toCheck"] else []
        # what a recruiter wrote is text, never markup
        table.add_row(
            str(one["rank"]),
            Text("\n".join(head)),
            Text("\n".join([*one["sentences"], *check, one["mention"]])),
        )
    if document["matches"]:
        return Group(table, Text("Rien n'est envoyé : le conseiller retient ou écarte.", style="dim"))
    if not document["offersKept"]:
        return Text("Aucune offre vérifiée depuis moins de 24 h n'est gardée : « passerelle offers fetch ».")
    return Text(f"Aucune des {document['offersKept']} offres gardées ne va à ce profil à cette distance.")
