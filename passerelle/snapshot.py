"""A build on disk: what ``passerelle build`` makes and every answer is read from.

A build is a directory that is complete or absent: it is written under another name and renamed, and the file
``current`` names the one in use, replaced in one step. Who opened a build keeps it: the one before the last stays.
"""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from rapidfuzz import fuzz, process

from graph.arrayset import ArraySet
from graph.labels import fold
from graph.tables import GraphTables, TablesMeta
from ingest.country import Country
from ingest.report import IngestReport
from ingest.territory_gazetteer import Gazetteer
from ingest.territory_search import PlaceIndex
from passerelle.arrays import open_arrays, save_arrays
from passerelle.builds import INFO, POINTER, BuildInfo, builds_directory, current_build
from passerelle.errors import NotBuiltError, NoTerritoryError, UnknownOccupationError, UnknownSkillError
from recommend.bare import BareSpace
from recommend.content import Content
from recommend.features import FeatureSpace
from recommend.learned import Learned
from recommend.pairs import PairEvidence
from recommend.rank import MODELS, Recommender
from recommend.rank_model import Model
from recommend.search import SearchHit, SearchIndex
from recommend.skillgraph import SkillGraph
from recommend.territory_arrays import MarketArrays

_COUNTRY = "country"
_PLACES = "places"
_OTHER = "construit par une autre version de Passerelle (il y manque {})"
_KEPT = 2
_SUGGESTED = 5


@dataclass(frozen=True)
class Snapshot:
    """An opened build: arrays memory-mapped, tables read when asked for."""

    directory: Path
    info: BuildInfo
    recommender: Recommender
    search: SearchIndex

    @classmethod
    def open(cls, home: Path) -> Self:
        """Opens the build in use.

        raises: NotBuiltError when there is none, or one of another format.
        """
        info = current_build(home)
        if info is None:
            raise NotBuiltError(home)
        directory = builds_directory(home) / info.fingerprint
        arrays = directory / "arrays"
        if (directory / _COUNTRY).is_dir() and not (arrays / _PLACES).is_dir():
            raise NotBuiltError(home, _OTHER.format(_PLACES))
        try:
            return cls(
                directory=directory,
                info=info,
                recommender=Recommender(
                    graph=SkillGraph.from_arrays(open_arrays(arrays / "graph")),
                    space=FeatureSpace.from_arrays(open_arrays(arrays / "space")),
                    pairs=PairEvidence.from_arrays(open_arrays(arrays / "pairs")),
                    bare=BareSpace.from_arrays(open_arrays(arrays / "bare")),
                    models={name: Model.from_arrays(open_arrays(arrays / f"model-{name}")) for name in MODELS},
                ),
                search=SearchIndex.from_arrays(open_arrays(arrays / "search")),
            )
        except KeyError as error:
            raise NotBuiltError(home, _OTHER.format(error)) from error

    @property
    def graph(self) -> SkillGraph:
        """The knowledge graph as arrays."""
        return self.recommender.graph

    @property
    def space(self) -> FeatureSpace:
        """What the features need."""
        return self.recommender.space

    @cached_property
    def tables(self) -> GraphTables:
        """The tables the arrays were made from."""
        return GraphTables.load(self.directory / "tables")

    @property
    def has_territories(self) -> bool:
        """Whether there were territories among the published files."""
        return (self.directory / _COUNTRY).is_dir()

    @cached_property
    def country(self) -> Country:
        """Territories, market and homes.

        raises: NoTerritoryError where there are none
        """
        if not self.has_territories:
            raise NoTerritoryError
        return Country.load(self.directory / _COUNTRY)

    @cached_property
    def market(self) -> MarketArrays:
        """The market of every family in every employment area.

        raises: NoTerritoryError as ``country``
        """
        if not self.has_territories:
            raise NoTerritoryError
        return MarketArrays.from_arrays(open_arrays(self.directory / "arrays" / "market"))

    @cached_property
    def places(self) -> PlaceIndex:
        """Search of a place as one types it.

        raises: NoTerritoryError as ``country``
        """
        if not self.has_territories:
            raise NoTerritoryError
        return PlaceIndex(Gazetteer.from_arrays(open_arrays(self.directory / "arrays" / _PLACES)))


def resolve(snapshot: Snapshot, text: str) -> SearchHit:
    """The occupation that a text means, with what says why.

    raises: UnknownOccupationError with suggestions when the text leads nowhere, or to several.
    """
    answer = snapshot.search.search(text, limit=_SUGGESTED)
    suggestions = [(hit.code_rome, hit.label) for hit in answer.hits]
    if not answer.hits:
        raise UnknownOccupationError(answer.query, (answer.notice or "aucun métier ne correspond").rstrip("."), [])
    if not answer.clear:
        raise UnknownOccupationError(text, "plusieurs métiers sont possibles", suggestions)
    return answer.hits[0]


def resolve_skill(snapshot: Snapshot, text: str) -> str:
    """The codeOgr of a skill named by its code, or by its label whatever its capitals and accents.

    raises: UnknownSkillError with the nearest labels
    """
    graph = snapshot.graph
    if text.strip() in graph.skill_index_of:
        return text.strip()
    wanted = fold(text)
    labels = [fold(label) for label in graph.skill_labels]
    if wanted in labels:
        return graph.skill_codes[labels.index(wanted)]
    near = process.extract(wanted, labels, scorer=fuzz.WRatio, limit=_SUGGESTED)
    suggestions = [(graph.skill_codes[row], graph.skill_labels[row]) for _, _, row in near]
    raise UnknownSkillError(text, graph.data_version, suggestions)


def save_build(
    home: Path,
    tables: GraphTables,
    info: BuildInfo,
    reports: Sequence[IngestReport],
    learned: Learned,
    country: Country | None = None,
) -> Path:
    """Makes the arrays, writes everything beside what is in use, then puts it in use; returns its directory."""
    builds = builds_directory(home)
    builds.mkdir(parents=True, exist_ok=True)
    draft = builds / f".draft-{uuid4().hex}"
    try:
        draft.mkdir()
        tables.save(draft / "tables")
        recommender = Recommender.of(SkillGraph.of(tables), Content.of(tables), learned)
        parts: dict[str, ArraySet | SearchIndex] = {"graph": recommender.graph, "space": recommender.space}
        parts |= {"pairs": recommender.pairs, "bare": recommender.bare, "search": SearchIndex.of(tables)}
        parts |= {f"model-{name}": model for name, model in recommender.models.items()}
        if country is not None:
            country.save(draft / _COUNTRY)
            known = country.territories
            parts["market"] = MarketArrays.of(country.market, known, _family_labels(tables))
            parts[_PLACES] = Gazetteer.of(
                known.communes, known.arrondissements, known.names, known.departments, known.codes.successors
            )
        for name, part in parts.items():
            save_arrays(part.to_arrays(), draft / "arrays" / name)
        _write_json(draft / "reports.json", [report.to_json() for report in reports])
        _write_json(draft / INFO, vars(info))
        target = builds / info.fingerprint
        if target.exists():
            shutil.rmtree(target)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    pointer = builds / f".{POINTER}-{uuid4().hex}"
    pointer.write_text(info.fingerprint, encoding="utf-8")
    pointer.replace(builds / POINTER)
    _forget_old(builds, keep=target)
    return target


def meta_as_dict(meta: TablesMeta) -> list[dict[str, Any]]:
    """The sources of the tables, as they are shown and stored."""
    return [vars(source) for source in meta.sources]


def fingerprint(files: list[Path], code: list[Path]) -> str:
    """Hex digest that changes with the name or content of a published file or of the code that reads it."""
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.name) + sorted(code):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:24]


def _family_labels(tables: GraphTables) -> dict[str, str]:
    families = tables.nodes["OccupationFamily"]
    return dict(zip(families["codeRome3"], families["label"].fillna(""), strict=True))


def _write_json(path: Path, content: dict[str, Any] | list[Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def _forget_old(builds: Path, keep: Path) -> None:
    """Removes all but the last builds: a reader may still have the one before open."""
    old = sorted((path for path in builds.iterdir() if path.is_dir() and path != keep), key=lambda p: p.stat().st_mtime)
    for path in old[: max(0, len(old) - (_KEPT - 1))]:
        shutil.rmtree(path)
