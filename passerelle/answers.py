"""Answers as documents: the shape that ``--json`` prints and the tables are drawn from (docs/json.md)."""

from dataclasses import dataclass, field

from graph.queries import query
from passerelle.errors import PasserelleError
from passerelle.output import Document
from passerelle.snapshot import Snapshot
from recommend.compare import compare
from recommend.explain import Path, contributions_of, first_reasons, path_of, shown_ways
from recommend.gap import Gap, gap_of, regulation
from recommend.kinds import FRENCH, Kind
from recommend.paths import routes, stepping_stones
from recommend.profile import Profile, Years
from recommend.rank import LENS_FRENCH, LENSES, Lens, Ranked, Ranking, rank
from recommend.requirements import GapItem
from recommend.search import SearchAnswer
from recommend.skillgraph import SkillGraph
from recommend.ways import ways_of, ways_of_each
from recommend.ways_kinds import Way


def search_document(snapshot: Snapshot, answer: SearchAnswer) -> Document:
    """What a text leads to."""
    return {
        "query": answer.query,
        "notice": answer.notice,
        "clear": answer.clear,
        "hits": [
            {
                "codeRome": hit.code_rome,
                "label": hit.label,
                "title": hit.title,
                "codeOgr": hit.title_ogr,
                "score": round(hit.score, 4),
                "why": hit.why,
            }
            for hit in answer.hits
        ],
        **versions(snapshot),
    }


_SCORE_MEANING = "sur 100 rapprochements notés ainsi, nombre de ceux que les experts du ROME décrivent comme mobilités"
_SAMPLE_MEANING = "échantillon : les mobilités y sont inventées, le nombre ne vaut rien au-delà"


@dataclass(frozen=True)
class Asked:
    """A question for recommendations.

    query: as typed; matched: the title it was found by, None where the code or the occupation itself was typed
    codes: the past occupations it means, none for skills alone; years: of each, None where nobody said
    skills: codeOgr of skills declared beside them
    """

    query: str
    matched: str | None
    codes: list[str]
    lens: Lens
    kind: Kind | None = None
    years: list[Years | None] = field(default_factory=list)
    skills: list[str] = field(default_factory=list)

    def profile(self, graph: SkillGraph) -> Profile:
        """The profile that is asked for.

        raises: UnknownOccupationError, UnknownSkillError
        """
        return Profile.of_occupations(graph, self.codes, self.years or None).with_skills(graph, self.skills)


def recommend_document(snapshot: Snapshot, asked: Asked, *, limit: int = 20, only: int | None = None) -> Document:
    """Recommendations for who has worked in the occupations asked, each explained.

    limit: how many; only: row of the one occupation to explain, at the rank it has among all
    raises: PasserelleError when ``only`` is not among what is proposed.
    """
    graph = snapshot.graph
    profile = asked.profile(graph)
    ranking = rank(
        snapshot.recommender,
        profile,
        lens=asked.lens,
        kind=asked.kind,
        limit=limit if only is None else len(graph.codes),
    )
    shown = [entry for entry in ranking.ranked if only is None or entry.occupation == only]
    if only is not None and not shown:
        raise PasserelleError(
            f"{graph.codes[only]} n'est pas parmi les métiers proposés : c'est le métier de départ, ou un autre --kind."
        )
    return {
        "query": asked.query,
        "lens": asked.lens,
        "lensLabel": LENS_FRENCH[asked.lens],
        "kind": asked.kind,
        "situation": ranking.model_name,
        "profile": profile_document(snapshot, asked),
        "recommendations": [
            recommendation_document(snapshot, ranking, entry, ways)
            for entry, ways in zip(shown, ways_of_each(ranking, [entry.occupation for entry in shown]), strict=True)
        ],
        "scoreMeaning": _SAMPLE_MEANING if snapshot.info.sample else _SCORE_MEANING,
        **versions(snapshot),
    }


def profile_document(snapshot: Snapshot, asked: Asked) -> Document:
    """What a person brings, as the question says it.

    raises: UnknownOccupationError, UnknownSkillError
    """
    graph, profile = snapshot.graph, asked.profile(snapshot.graph)
    return {
        "occupations": [
            named(snapshot, row) | {"years": years}
            for row, years in zip(profile.past, profile.years or (None,) * len(profile.past), strict=True)
        ],
        "matchedTitle": asked.matched,
        "declaredSkills": [
            {"codeOgr": code, "label": graph.skill_labels[graph.skill_index_of[code]]} for code in asked.skills
        ],
        "skills": int((profile.held > 0).sum()),
    }


def recommendation_document(snapshot: Snapshot, ranking: Ranking, entry: Ranked, ways: list[Way]) -> Document:
    """One recommendation with its contributions, paths and gap."""
    row = entry.occupation
    return {
        **named(snapshot, row),
        "rank": entry.rank,
        "score": _score(entry.share),
        "logOdds": entry.log_odds,
        "kind": entry.kind,
        "kindLabel": FRENCH[entry.kind],
        "knownMobility": entry.known_mobility,
        "reasons": list(first_reasons(ranking, ways)),
        "intercept": float(ranking.model.intercept[0]),
        "contributions": [vars(contribution) for contribution in contributions_of(ranking, row)],
        "paths": [_path_document(path_of(ranking, row, way)) for way in shown_ways(ways)],
        **_gap_document(gap_of(ranking.evidence, row)),
    }


def paths_document(snapshot: Snapshot, start: str, end: str, *, limit: int = 5) -> Document:
    """Everything that leads from one occupation to another: by each lens, listed mobilities, stepping stones."""
    graph = snapshot.graph
    first, last = graph.occupation(start), graph.occupation(end)
    lenses = {}
    for lens in LENSES:
        profile = Profile.of_occupations(graph, [start])
        ranking = rank(snapshot.recommender, profile, lens=lens, limit=len(graph.codes))
        entry = next(entry for entry in ranking.ranked if entry.occupation == last)
        found = recommendation_document(snapshot, ranking, entry, ways_of(ranking, last))
        lenses[lens] = {"lensLabel": LENS_FRENCH[lens], **found}
    stones = stepping_stones(snapshot.recommender, (first, last), lens="experts", limit=limit)
    return {
        "from": named(snapshot, first),
        "to": named(snapshot, last),
        "lenses": lenses,
        "routes": [
            {
                "occupations": [named(snapshot, row) for row in route.occupations],
                "ranks": list(route.ranks),
            }
            for route in routes(graph, first, last, limit=limit)
        ],
        "steppingStones": [
            {
                **named(snapshot, stone.occupation),
                "scoreToIt": _score(stone.share_to_it),
                "scoreFromIt": _score(stone.share_from_it),
            }
            for stone in stones
        ],
        **versions(snapshot),
    }


def compare_document(snapshot: Snapshot, codes: list[str]) -> Document:
    """Occupations side by side."""
    graph = snapshot.graph
    rows = tuple(graph.occupation(code) for code in codes)
    found = compare(graph, snapshot.space, rows)
    return {
        "occupations": [
            named(snapshot, row)
            | {
                "accessLevel": level if (level := int(graph.level[row])) >= 0 else None,
                "regulated": regulation(graph, row),
                "skills": len(graph.skills_of(row)),
            }
            for row in rows
        ],
        "skills": [
            {
                "codeOgr": graph.skill_codes[int(skill)],
                "label": graph.skill_labels[int(skill)],
                "requiredBy": [graph.codes[row] for row, value in zip(rows, values, strict=True) if value > 0],
            }
            for skill, values in zip(found.skills, found.importance.T, strict=True)
        ],
        "overlap": [[round(float(value), 4) for value in line] for line in found.overlap],
        **versions(snapshot),
    }


def _score(share: float) -> float:
    return round(100 * share, 1)


def named(snapshot: Snapshot, row: int) -> Document:
    """An occupation by its code and label."""
    return {"codeRome": snapshot.graph.codes[row], "label": snapshot.graph.labels[row]}


def versions(snapshot: Snapshot) -> Document:
    """What every answer ends with."""
    info = snapshot.info
    return {"dataVersion": info.data_version, "sample": info.sample, "modelVersion": info.model_version}


def _path_document(path: Path) -> Document:
    return {
        "kind": path.kind,
        "contribution": path.contribution,
        "sentence": path.sentence,
        "nodes": list(path.nodes),
        "cypher": {"query": path.query, "text": query(path.query).text, "parameters": path.parameters},
    }


def _gap_document(gap: Gap) -> Document:
    return {"gap": [_gap_item(item) for item in gap.items], "skillsAsked": gap.asked, "skillsHeld": gap.held}


def _gap_item(item: GapItem) -> Document:
    return {
        "kind": item.kind,
        "label": item.label,
        "importance": item.importance,
        "codeOgr": item.code,
        "bridges": list(item.bridges),
    }
