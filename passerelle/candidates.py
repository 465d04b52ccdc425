"""``passerelle candidates``: which recorded seekers an offer fits, explained. Off unless a setting turns it on.

Whom to tell of an offer, never whom to refuse: a value is of a match, nobody has one of their own, the rule of exposure
keeps the list short and spread (docs/matching.md), and a counselor keeps or dismisses. Nothing is sent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Annotated

import numpy as np
import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from scipy.sparse import csr_matrix

from passerelle.answers import versions
from passerelle.ask_territory import MOST_KM
from passerelle.errors import UnknownRecordError
from passerelle.matches import check_lines, kept_document, offer_lines, point_of, why_document
from passerelle.mention import mention
from passerelle.offers_ready import KeptOffers, ReadyOffers, check_matching, flags, store_path
from passerelle.output import AsJson, Document, out
from passerelle.place import WholeArea
from passerelle.recorded import matches_shown
from passerelle.screens import owed_line
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from recommend.matching import Seekers
from recommend.matching_explain import explain, sentences
from recommend.matching_exposure import FLOOR, drawn, told_of
from records.forms import AskedOccupation, Question, SeekerProfile
from records.seekers import Seeker
from records.store import Records

#: people whom one offer is shown for at the most, in a day: the rule of exposure
MOST_SEEKERS = 50
#: those whom the offer suits best, equal ones as they are drawn: of them the rule chooses, at a cost that is bounded
_CHOSEN_FROM = 4 * MOST_SEEKERS


def candidates(
    offer: Annotated[str, typer.Argument(metavar="OFFRE", help="L'identifiant d'une offre gardée.")],
    km: Annotated[
        float | None,
        typer.Option("--km", min=0, max=MOST_KM, help="Au plus tant de kilomètres du bassin de la personne."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST_SEEKERS, help="Nombre de personnes.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Montre à quelles fiches enregistrées une offre gardée va, et pourquoi ; rien n'est envoyé (PASSERELLE_MATCHING).

    Exemple : passerelle candidates 048KLTP --km 30
    """
    settings = Settings()
    check_matching(settings)
    snapshot = Snapshot.open(settings.home)
    now = datetime.now(UTC)
    offers = KeptOffers(store_path(settings)).ready(snapshot, now)
    row = offers.row(offer)
    with Records.open(settings.records, retention_months=settings.retention_months) as records:
        recorded = list(recorded_seekers(records))
        document = candidates_document(snapshot, offers, row, recorded, now.date(), km=km, limit=limit)
        record_candidates(records, snapshot, document, recorded)
    document = {"mention": mention("matches", settings)} | document
    out(document, as_json, candidates_screen)


def recorded_seekers(records: Records) -> Iterator[Seeker]:
    """Every seeker that is recorded; one who is erased meanwhile is not among them."""
    for seeker_id in records.seekers.untouched_since(date.max):
        try:
            yield records.seekers.get(seeker_id)
        except UnknownRecordError:
            continue


@dataclass(frozen=True)
class _Brought:
    """Seekers as matching reads them, and how many bring nothing that the data in use know."""

    seekers: Seekers
    without: int


def matching_seekers(snapshot: Snapshot, recorded: Sequence[Seeker]) -> _Brought:
    """Recorded seekers as arrays: the skills that their past occupations require, and those that are recorded.

    A code that today's data do not have is passed over; an area, then, is nowhere.
    """
    graph = snapshot.graph
    contexts = {code: column for column, code in enumerate(graph.context_codes)}
    profiles = [one.profile for one in recorded]
    past = flags([[done.code_rome for done in one.past_occupations] for one in profiles], graph.index_of)
    skills = flags([[held.code_ogr for held in one.skills] for one in profiles], graph.skill_index_of)
    kept = np.flatnonzero(np.diff(past.indptr) + np.diff(skills.indptr)).tolist()
    points = [point_of(snapshot, _area_of(snapshot, profiles[row])) for row in kept]
    latitude, longitude = np.array(points, dtype=np.float64).reshape(-1, 2).T
    reach = [profiles[row].reach_km for row in kept]
    seekers = Seekers(
        tuple(recorded[row].id for row in kept),
        csr_matrix(past[kept] @ graph.requires + skills[kept]),
        flags([profiles[row].refused_contexts for row in kept], contexts),
        latitude,
        longitude,
        np.array([np.nan if km is None else km for km in reach], dtype=np.float64),
    )
    return _Brought(seekers, len(recorded) - len(kept))


def candidates_document(
    snapshot: Snapshot,
    offers: ReadyOffers,
    row: int,
    recorded: Sequence[Seeker],
    day: date,
    *,
    km: float | None = None,
    limit: int = 20,
) -> Document:
    """The recorded seekers that an offer is shown for by the rule of exposure, each explained, best first.

    row: of the offer; day: of the rule's draw
    km:  at most so far from the area of each, beside what each accepts; what is unknown keeps nobody out
    """
    matcher, shown = offers.matcher, offers.shown[row]
    brought = matching_seekers(snapshot, recorded)
    seekers = brought.seekers
    if km is not None:
        seekers = replace(seekers, reach_km=np.fmin(seekers.reach_km, km))
    found = matcher.seekers_for(np.array([row]), seekers, most=max(1, len(seekers)))
    suited = found.chosen[0][found.chosen[0] >= 0]
    value = found.value[0][: len(suited)]
    draw = drawn(tuple(seekers.ids[one] for one in suited.tolist()), day)
    pool = np.lexsort((draw, -value))[:_CHOSEN_FROM]
    suited_best, value = suited[pool], value[pool]
    # what else each could have is counted within what she accepts herself
    among = brought.seekers.rows(suited_best)
    suiting, best = matcher.suiting(among)
    # rounded as the values of the list are
    best = np.round(best, 12)
    told = told_of(value, suiting, best, among.ids, day, most_seekers=limit)
    order = sorted(told.tolist(), key=lambda one: (-value[one], among.ids[one]))
    matches = []
    for rank, one in enumerate(order, start=1):
        why = explain(matcher, seekers, int(suited_best[one]), row)
        matches.append(
            {
                "rank": rank,
                "seekerId": among.ids[one],
                **why_document(snapshot.graph, why),
                "sentences": list(sentences(matcher, why)),
            }
        )
    return {
        "offer": kept_document(shown),
        "km": km,
        "day": day.isoformat(),
        "seekers": len(seekers),
        "withoutProfile": brought.without,
        "suited": len(suited),
        "betterServed": int((value < FLOOR * best).sum()),
        "matches": matches,
        "rule": (
            f"Une offre est montrée pour {MOST_SEEKERS} personnes au plus par jour : d'abord, à valeur voisine, celles "
            "à qui le moins d'offres vont ; jamais quand une autre offre vaut plus du double pour la personne. La "
            "valeur est celle du rapprochement, pas de la personne ; la distance part du centre de son bassin d'emploi."
        ),
        **versions(snapshot),
    }


def record_candidates(records: Records, snapshot: Snapshot, document: Document, recorded: Sequence[Seeker]) -> None:
    """Records each match of a document for its seeker, before it is shown, and gives it the ``id`` of what is recorded.

    Her export has it, and her erasure ends the link. Who is erased meanwhile is left out.
    raises: RecordsError: then nothing may be shown
    """
    profiles = {one.id: one.profile for one in recorded}
    kept: list[Document] = []
    for match in document["matches"]:
        profile = profiles[match["seekerId"]]
        question = Question(
            past_occupations=tuple(
                AskedOccupation(code_rome=one.code_rome, years=one.years) for one in profile.past_occupations
            ),
            skills=tuple(one.code_ogr for one in profile.skills),
            refused_contexts=profile.refused_contexts,
            area=profile.area,
            reach_km=profile.reach_km if document["km"] is None else round(document["km"]),
        )
        shown = matches_shown(snapshot, {"matches": [{**match, "id": document["offer"]["id"]}]})
        try:
            entry = records.audit.record(question, shown, seeker_id=match["seekerId"])
        except UnknownRecordError:
            continue
        kept.append({"rank": len(kept) + 1, "id": entry.id, **{name: match[name] for name in match if name != "rank"}})
    document["matches"] = kept


def candidates_screen(document: Document) -> RenderableType:
    """The offer with what its licence asks to be said, then the seekers by their ids."""
    offer = document["offer"]
    head = Group(offer_lines(offer), Text("\n".join([*check_lines(offer), offer["mention"]])), Text(""))
    counted = f"{document['seekers']} fiches regardées, l'offre va à {document['suited']}."
    if document["betterServed"]:
        counted += f" {document['betterServed']} ont une offre qui vaut plus du double."
    if document["withoutProfile"]:
        counted += f" {document['withoutProfile']} fiches sans métier ni compétence connus sont laissées de côté."
    if not document["matches"]:
        return Group(head, Text(counted))
    table = Table(title="Fiches à qui cette offre va", title_justify="left", show_lines=True)
    table.add_column("", justify="right")
    table.add_column("Fiche", no_wrap=True)
    table.add_column("Pourquoi", ratio=1)
    for one in document["matches"]:
        table.add_row(str(one["rank"]), one["seekerId"], Text("\n".join(one["sentences"])))
    closing = f"{document['rule']}\nRien n'est envoyé : le conseiller retient ou écarte."
    return Group(head, table, Text(counted), Text(closing, style="dim"), *owed_line(document))


def _area_of(snapshot: Snapshot, profile: SeekerProfile) -> WholeArea | None:
    if profile.area is None or not snapshot.has_territories:
        return None
    return WholeArea(profile.area) if profile.area in snapshot.market.area_index_of else None
