"""From what is asked and answered to what is recorded of it: codes and numbers, for the API and the command line."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from passerelle.answers import Asked
from passerelle.errors import RecordsUnavailableError
from passerelle.market import Sort
from passerelle.mention import mention
from passerelle.output import Document
from passerelle.place import Location
from passerelle.settings import Settings
from passerelle.snapshot import Snapshot
from records.audit import Recommendation
from records.forms import AskedOccupation, Question
from records.shown import (
    NO_LENS,
    Shown,
    ShownArea,
    ShownGap,
    ShownMarket,
    ShownOccupation,
    ShownOffer,
    ShownTension,
)
from records.store import Records
from records.surroundings import written


def question_of(
    asked: Asked,
    place: Location | None = None,
    sort: Sort | None = None,
    *,
    refused: Sequence[str] = (),
    reach_km: float | None = None,
    region: str | None = None,
) -> Question:
    """What is recorded of a question: of a place its employment area, never the commune.

    sort: kept where there is a place, which it sorts by; refused: codes of work contexts; region: its code
    """
    years = asked.years or [None] * len(asked.codes)
    return Question(
        past_occupations=tuple(
            AskedOccupation(code_rome=code, years=known) for code, known in zip(asked.codes, years, strict=True)
        ),
        skills=tuple(asked.skills),
        refused_contexts=tuple(refused),
        area=None if place is None else place.area,
        # a fraction of a kilometre would say more than what was meant
        reach_km=None if reach_km is None else round(reach_km),
        region=region,
        kind=asked.kind,
        sort=None if place is None else sort,
    )


def recommendations_shown(snapshot: Snapshot, document: Document) -> Shown:
    """What is recorded of a list of recommendations, with its market where it shows one."""
    return Shown(
        data_version=snapshot.info.data_version,
        model_version=snapshot.info.model_version,
        lens=document["lens"],
        occupations=tuple(occupation_shown(entry) for entry in document["recommendations"]),
    )


def occupation_shown(entry: Document) -> ShownOccupation:
    """What is recorded of one recommendation."""
    contributions = {one["feature"]: one["contribution"] for one in entry["contributions"]}
    market = entry.get("market")
    return ShownOccupation(
        code_rome=entry["codeRome"],
        rank=entry["rank"],
        score=entry["score"],
        contributions={"intercept": entry["intercept"], **contributions},
        market=None if market is None else market_shown(market),
    )


def market_shown(market: Document) -> ShownMarket:
    """What is recorded of the market beside an occupation (``market.standing_document``)."""
    tight = market["tension"]
    return ShownMarket(
        code_rome3=market["family"]["codeRome3"],
        wanted=market["wanted"],
        **{name: market[name] for name in ("ratio", "low", "high", "level", "offers", "seekers")},
        offers_day=market["offersDay"],
        seekers_year=market["seekersYear"],
        tension=None
        if tight is None
        else ShownTension(**{name: tight[name] for name in ("low", "high", "level", "year")}),
    )


def potential_shown(snapshot: Snapshot, asked: Asked, document: Document) -> Shown:
    """What is recorded of where somebody is wanted: of the list, or of the map, which is a FeatureCollection."""
    areas = document.get("areas")
    if areas is None:
        properties = [feature["properties"] for feature in document["features"]]
        areas = [one for one in properties if one["level"] == "area"]
    return Shown(
        kind="potential",
        data_version=snapshot.info.data_version,
        model_version=snapshot.info.model_version,
        lens=asked.lens,
        areas=tuple(
            ShownArea(
                area=one["code"],
                rank=one["rank"],
                **{name: one[name] for name in ("potential", "low", "high")},
                out_of=one["outOf"],
                contributions={part["codeRome3"]: part["contribution"] for part in one.get("contributions", ())},
            )
            for one in areas
        ),
    )


def gap_shown(snapshot: Snapshot, document: Document) -> Shown:
    """What is recorded of a gap."""
    return Shown(
        kind="gap",
        data_version=snapshot.info.data_version,
        model_version=snapshot.info.model_version,
        lens=NO_LENS,
        gap=ShownGap(
            code_rome=document["codeRome"],
            items=len(document["gap"]),
            skills_asked=document["skillsAsked"],
            skills_held=document["skillsHeld"],
        ),
    )


def matches_shown(snapshot: Snapshot, document: Document) -> Shown:
    """What is recorded of offers that fit: of what a skill adds, only the sum by how it is asked."""
    return Shown(
        kind="matches",
        data_version=snapshot.info.data_version,
        model_version=snapshot.info.model_version,
        lens=NO_LENS,
        offers=tuple(
            ShownOffer(offer=one["id"], rank=one["rank"], value=one["value"], contributions=_by_how(one["asked"]))
            for one in document["matches"]
        ),
    )


def _by_how(asked: Sequence[Document]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for one in asked:
        sums[one["how"]] += one["contribution"]
    return dict(sums)


def owed(entry: Recommendation, settings: Settings) -> Document:
    """What an answer that was recorded begins with: its id, when it was shown, and the mention that is due."""
    shown_at = written(entry.shown_at)
    return {"id": entry.id, "shownAt": shown_at, "mention": mention(entry.shown.kind, settings)}


def owed_here(settings: Settings, question: Question, shown: Shown) -> Document:
    """The same on the command line: recorded where records are in use, which is where their file is; else the mention.

    raises: RecordsError: then nothing may be shown
    """
    if not _in_use(settings.records):
        return {"mention": mention(shown.kind, settings)}
    with Records.open(settings.records, retention_months=settings.retention_months) as records:
        return owed(records.audit.record(question, shown), settings)


def _in_use(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        advice = "Demandez les droits sur ce fichier à qui tient le service, ou corrigez PASSERELLE_RECORDS."
        raise RecordsUnavailableError(path, f"accès impossible ({error.strerror or error})", advice) from error
    return True
