"""``passerelle candidates``: which recorded seekers an offer fits, explained. Off unless a setting turns it on.

Whom to tell of an offer, never whom to refuse: a value is of a match, nobody has one of their own, the rule of exposure
keeps the list short and spread (docs/matching.md), and a counselor keeps or dismisses. Nothing is sent.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from scipy.sparse import csr_matrix

from passerelle.answers import versions
from passerelle.ask_territory import MOST_KM
from passerelle.matches import check_lines, kept_document, offer_lines, point_of, why_document
from passerelle.mention import mention
from passerelle.offers_ready import KeptOffers, ReadyOffers, check_matching, flags, store_path
from passerelle.output import AsJson, Document, out
from passerelle.place import WholeArea
from passerelle.recorded import matches_shown
from passerelle.screens import owed_line
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from recommend.matching import Matcher, Seekers
from recommend.matching_explain import explain, sentences
from recommend.matching_exposure import FLOOR, drawn, told_of
from records.forms import AskedOccupation, Question, SeekerProfile
from records.seekers import Seeker
from records.shown import Shown
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
        recorded = records.seekers.all()
        dismissed = records.decisions.dismissed_offers()
        document = candidates_document(snapshot, offers, row, recorded, now.date(), dismissed, km=km, limit=limit)
        record_candidates(records, snapshot, document, recorded)
    document = {"mention": mention("matches", settings)} | document
    out(document, as_json, candidates_screen)


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
    dismissed: Mapping[str, Mapping[str, date]] | None = None,
    *,
    km: float | None = None,
    limit: int = 20,
) -> Document:
    """The recorded seekers that an offer is shown for by the rule of exposure, each explained, best first.

    row: of the offer; day: of the rule's draw
    dismissed: seeker's id -> id of an offer that a counselor dismissed for her -> the day of it. Those for whom it is
        this one are left out; the rule knows what was dismissed before ``day``: a dismissal shows nobody else that day
    km: at most so far from the area of each, beside what each accepts; what is unknown keeps nobody out
    """
    matcher, shown = offers.matcher, offers.shown[row]
    out = {one: of_her[shown.offer.id] for one, of_her in (dismissed or {}).items() if shown.offer.id in of_her}
    looked_at = [one for one in recorded if one.id not in out or out[one.id] >= day]
    brought = matching_seekers(snapshot, looked_at)
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
    suiting, best = _suiting(matcher, among, _before(day, dismissed or {}))
    # rounded as the values of the list are
    best = np.round(best, 12)
    told = told_of(value, suiting, best, among.ids, day, most_seekers=limit)
    # a place of somebody for whom it was dismissed today stays empty until tomorrow
    places = [one for one in told.tolist() if among.ids[one] not in out]
    order = sorted(places, key=lambda one: (-value[one], among.ids[one]))
    served = np.flatnonzero(value < FLOOR * best).tolist()
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
        "seekers": sum(one not in out for one in seekers.ids),
        "withoutProfile": brought.without,
        "dismissed": sum(one.id in out for one in recorded),
        "suited": sum(seekers.ids[one] not in out for one in suited.tolist()),
        "betterServed": sum(among.ids[one] not in out for one in served),
        "matches": matches,
        "rule": (
            f"Une offre est montrée pour {MOST_SEEKERS} personnes au plus par jour : d'abord, à valeur voisine, celles "
            "à qui le moins d'offres vont ; jamais quand une autre offre vaut plus du double pour la personne. Une "
            "place que libère une offre écartée reste vide jusqu'au lendemain. La valeur est celle du rapprochement, "
            "pas de la personne ; la distance part du centre de son bassin d'emploi."
        ),
        **versions(snapshot),
    }


def record_candidates(records: Records, snapshot: Snapshot, document: Document, recorded: Sequence[Seeker]) -> None:
    """Records each match of a document for its seeker, before it is shown, and gives it the ``id`` of what is recorded.

    Her export has it, and her erasure ends the link. Who is erased meanwhile is left out.
    raises: RecordsError: then nothing is recorded, and nothing may be shown
    """
    profiles = {one.id: one.profile for one in recorded}
    asked: list[tuple[Question, Shown, str]] = []
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
        asked.append((question, shown, match["seekerId"]))
    kept: list[Document] = []
    for match, entry in zip(document["matches"], records.audit.record_each(asked), strict=True):
        if entry is not None:
            told = {name: match[name] for name in match if name != "rank"}
            kept.append({"rank": len(kept) + 1, "id": entry.id, **told})
    document["matches"] = kept


def candidates_screen(document: Document) -> RenderableType:
    """The offer with what its licence asks to be said, then the seekers by their ids."""
    offer = document["offer"]
    head = Group(offer_lines(offer), Text("\n".join([*check_lines(offer), offer["mention"]])), Text(""))
    counted = f"{document['seekers']} fiches regardées, l'offre va à {document['suited']}."
    if document["betterServed"]:
        counted += f" {document['betterServed']} ont une offre qui vaut plus du double."
    if document["dismissed"]:
        counted += f" Un conseiller l'a écartée pour {document['dismissed']} fiche{'s' * (document['dismissed'] > 1)}."
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


def _before(day: date, dismissed: Mapping[str, Mapping[str, date]]) -> dict[str, list[str]]:
    return {one: [offer for offer, decided in of_her.items() if decided < day] for one, of_her in dismissed.items()}


def _suiting(
    matcher: Matcher, seekers: Seekers, dismissed: Mapping[str, Collection[str]]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """How many offers suit each, and what the best is worth, as ``Matcher.suiting``, but for those dismissed for her:
    nobody is left to a better offer that her own list no longer has."""
    suiting, best = matcher.suiting(seekers)
    row_of = {offer: row for row, offer in enumerate(matcher.offers.ids)} if dismissed else {}
    for place, seeker_id in enumerate(seekers.ids):
        rows = np.array([row_of[one] for one in dismissed.get(seeker_id, ()) if one in row_of], dtype=np.int64)
        one = seekers.rows(slice(place, place + 1))
        gone = int(matcher.table(one, rows).eligible.sum()) if len(rows) else 0
        if gone:
            ranked = matcher.offers_for(one, gone + 1)
            suiting[place] -= gone
            best[place] = np.max(ranked.value[0], where=~np.isin(ranked.chosen[0], [-1, *rows]), initial=-np.inf)
    return suiting, np.where(suiting > 0, best, np.nan)


def _area_of(snapshot: Snapshot, profile: SeekerProfile) -> WholeArea | None:
    if profile.area is None or not snapshot.has_territories:
        return None
    return WholeArea(profile.area) if profile.area in snapshot.market.area_index_of else None
