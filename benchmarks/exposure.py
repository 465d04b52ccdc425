"""Are occupations with many women shown less? ``python -m benchmarks.exposure``; what it found is in docs/exposure.md.

Sex is in no table, array or feature: the only reader of the share of women is here, beside the product, to look at what
the product does. Needs the published files (``PASSERELLE_DATA``), the share of women (``dares/part_femmes_3niv.csv``)
among them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.stats import rankdata, spearmanr

from embeddings.similar import with_similar
from embeddings.triples import Triples
from embeddings.vectors import find_vectors
from ingest.catalogue import find_data, find_rome
from ingest.market_layout import FAMILIES
from ingest.market_sources import family_codes, set_aside_older
from ingest.rome import read_rome
from ingest.territory_reading import SourceFile, SourceReading, matching, share, text
from passerelle.settings import Settings
from recommend.baselines import popularity
from recommend.content import Content
from recommend.diversity import seated
from recommend.kinds import KINDS_OF_MOVE, kinds_of_moves
from recommend.learned import shipped
from recommend.measures import SHOWN, top_lists
from recommend.rank import LENSES, Recommender
from recommend.scores import every_score
from recommend.skillgraph import SkillGraph

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
#: by method, then by ``ALL`` or kind: (n_occupations, n_occupations) lists, sources in rows
Methods = Mapping[str, Mapping[str, Booleans]]

#: share of women by FAP 2009 (225, 87, domains), moving means of three years; Dares
WOMEN = SourceFile(
    name="part_femmes",
    file_name="dares/part_femmes_3niv.csv",
    columns={"Fap3": text(), "Annee": matching(r"(?:19|20)\d\d-20\d\d|19\d\d-19\d\d", "période"), "Part": share()},
    key=("Fap3", "Annee"),
    optional=False,
)
#: the list as it is shown; then the likeliest of one kind alone
ALL = "all"
_QUINTILES, _STRATA = 5, 10
_DRAWS, _SEED = 2_000, 460


@dataclass(frozen=True)
class Women:
    """Share of women of each occupation's professional families (FAP), in percent; NaN where there is no figure.

    low, high, middle: (n_occupations,) the least and greatest of its FAP, and their mean: nothing says how many of an
        occupation's people are in which FAP
    cluster: (n_occupations,) index of the set of FAP; occupations with the same one share one figure; -1 without one
    """

    low: Floats
    high: Floats
    middle: Floats
    cluster: Integers

    @classmethod
    def of(cls, families: list[str], fap: pd.DataFrame, shares: Mapping[str, float]) -> "Women":
        """families: ROME 3 family of each occupation; fap: columns fap, family; shares: FAP -> percent."""
        with_figure = fap[fap["fap"].isin(set(shares))].sort_values("fap")
        of_family: dict[str, tuple[str, ...]] = {
            str(family): tuple(codes) for family, codes in with_figure.groupby("family")["fap"]
        }
        sets = [of_family.get(family, ()) for family in families]
        number = {codes: row for row, codes in enumerate(sorted(set(sets) - {()}))}
        found = [[shares[code] for code in codes] or [np.nan] for codes in sets]
        return cls(
            low=np.array([min(values) for values in found]),
            high=np.array([max(values) for values in found]),
            middle=np.array([sum(values) / len(values) for values in found]),
            cluster=np.array([number.get(codes, -1) for codes in sets], dtype=np.int64),
        )


@dataclass(frozen=True)
class Figure:
    """A value with its bootstrap interval of 95% over clusters (Field and Welsh 2007); NaN where it is not defined."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """The value, then the interval."""
        return "–" if np.isnan(self.value) else f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


@dataclass(frozen=True)
class Association:
    """How exposure goes with the share of women.

    spearman: rank correlation (Spearman 1904); ratio: mean exposure of the most feminised fifth over the least's
    spearman_given, ratio_given: the same given how many of the experts' lists name the occupation: partial rank
        correlation, and fifths compared by exposure over the mean exposure of occupations that are named as often
    """

    spearman: Figure
    spearman_given: Figure
    ratio: Figure
    ratio_given: Figure


def read_women(directory: Path) -> tuple[str, dict[str, float]]:
    """The newest period and its share of women by FAP (225), in percent.

    raises: DataFileError when the file is absent or damaged
    """
    reading = SourceReading(WOMEN, directory)
    reading.check_refused()
    set_aside_older(reading, "Annee")
    rows = reading.frame.assign(share=reading.numbers("Part")).dropna(subset=["share"])
    rows = rows[rows["Fap3"].str.fullmatch(r"[A-Z]\d[A-Z]\d\d")]
    (period,) = set(rows["Annee"])
    return str(period), dict(zip(rows["Fap3"], rows["share"].astype(float), strict=True))


def shown(graph: SkillGraph, scores: Floats, limit: int = SHOWN) -> dict[str, Booleans]:
    """Which occupations the list of each occupation holds.

    scores:  (n_occupations, n_occupations) log-odds, sources in rows
    returns: by ``ALL`` (places kept for each kind, as shown) and by kind (that kind alone):
        (n_occupations, n_occupations), sources in rows
    """
    lists = {name: np.zeros(scores.shape, dtype=bool) for name in (ALL, *KINDS_OF_MOVE)}
    for source, order in enumerate(np.argsort(-scores, axis=1, kind="stable")):
        likeliest = order[order != source]
        kinds = kinds_of_moves(graph, (source,))
        lists[ALL][source, seated(likeliest.tolist(), kinds, graph.family, limit)] = True
        for number, kind in enumerate(KINDS_OF_MOVE):
            lists[kind][source, likeliest[kinds[likeliest] == number][:limit]] = True
    return lists


def listed(graph: SkillGraph) -> dict[str, Booleans]:
    """Which occupations the experts' own list of each occupation holds: all, and by kind, as ``shown``."""
    moves = graph.moves.toarray() > 0
    kinds = np.stack([kinds_of_moves(graph, (source,)) for source in range(len(graph.codes))])
    by_kind: dict[str, Booleans] = {kind: moves & (kinds == number) for number, kind in enumerate(KINDS_OF_MOVE)}
    return {ALL: moves, **by_kind}


def most_named(graph: SkillGraph) -> dict[str, Booleans]:
    """The baseline that shows everybody what most of the experts' lists name, as ``shown``."""
    tops = top_lists(popularity(graph), np.zeros((len(graph.codes),) * 2, dtype=bool))
    lists = np.zeros((len(graph.codes),) * 2, dtype=bool)
    source, place = np.nonzero(tops >= 0)
    lists[source, tops[source, place]] = True
    return {ALL: lists}


def quintiles(women: Women) -> Integers:
    """(n_occupations,) 0 for the fifth with the fewest women to 4; -1 without a figure.

    Occupations with one figure stay in one fifth, so that fifths are not quite of one size.
    """
    fifth = np.full(len(women.middle), -1, dtype=np.int64)
    known = women.cluster >= 0
    place = (rankdata(women.middle[known], method="average") - 0.5) / known.sum()
    fifth[known] = (place * _QUINTILES).astype(np.int64)
    return fifth


def associate(exposure: Integers, named: Integers, women: Women, draws: int = _DRAWS) -> Association:
    """How exposure goes with the share of women, over the occupations that have a figure.

    exposure: (n_occupations,) how many lists show each; named: how many of the experts' lists, for moves of that kind
    draws:    of sets of FAP, with replacement
    """
    known = women.cluster >= 0
    columns = (exposure[known], named[known], women.middle[known], quintiles(women)[known])
    clusters = [np.flatnonzero(women.cluster[known] == number) for number in range(women.cluster.max() + 1)]
    random = np.random.default_rng(_SEED)
    drawn = []
    for _ in range(draws):
        rows = np.concatenate([clusters[number] for number in random.integers(0, len(clusters), len(clusters))])
        drawn.append(_measure(*(column[rows] for column in columns)))
    return Association(*map(_figure, _measure(*columns).tolist(), np.array(drawn).T))


def shift(lists: Booleans, baseline: Booleans, women: Women, sources: Booleans, draws: int = _DRAWS) -> Figure:
    """Points more women in what ``lists`` hold than in what ``baseline`` holds, asked from ``sources``.

    lists, baseline: (n_occupations, n_occupations), as ``shown``; sources: (n_occupations,) with a figure
    draws:           of the sources' sets of FAP, with replacement; what there is to be shown stays
    """
    known = women.cluster >= 0
    sums = np.zeros((women.cluster.max() + 1, 4))
    for column, held in enumerate(part[sources][:, known] for part in (lists, baseline)):
        totals = np.stack([held @ women.middle[known], held.sum(axis=1)], axis=1)
        np.add.at(sums[:, 2 * column : 2 * column + 2], women.cluster[sources], totals)
    sums = sums[np.unique(women.cluster[sources])]
    times = np.random.default_rng(_SEED).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), draws)
    drawn = np.vstack([sums.sum(axis=0), times @ sums])
    values = drawn[:, 0] / drawn[:, 1] - drawn[:, 2] / drawn[:, 3]
    return _figure(float(values[0]), values[1:])


def _figure(value: float, sample: Floats) -> Figure:
    defined = sample[~np.isnan(sample)]
    low, high = np.quantile(defined, (0.025, 0.975)) if len(defined) else (np.nan, np.nan)
    return Figure(value, float(low), float(high))


def _measure(exposure: Integers, named: Integers, women: Floats, fifth: Integers) -> Floats:
    """The four numbers of ``Association``, in its order."""
    by_shown, by_named, by_women = (rankdata(column) for column in (exposure, named, women))
    expected = _expected(exposure, named)
    return np.array(
        [
            _correlation(by_shown, by_women),
            _correlation(_residual(by_shown, by_named), _residual(by_women, by_named)),
            _ratio(exposure.astype(np.float64), np.ones(len(fifth)), fifth),
            _ratio(exposure.astype(np.float64), expected, fifth),
        ]
    )


def _correlation(one: Floats, other: Floats) -> float:
    one, other = one - one.mean(), other - other.mean()
    norm = np.linalg.norm(one) * np.linalg.norm(other)
    # what does not vary, but for rounding, goes with nothing
    return float(one @ other / norm) if norm > 1e-6 * len(one) else float("nan")


def _residual(values: Floats, given: Floats) -> Floats:
    given = given - given.mean()
    slope = given @ (values - values.mean()) / max(float(given @ given), 1.0)
    return np.asarray(values - values.mean() - slope * given)


def _expected(exposure: Integers, named: Integers) -> Floats:
    """(n,) mean exposure of the occupations in the same tenth by number of lists that name them (ties together)."""
    edges = np.unique(np.quantile(named, np.linspace(0, 1, _STRATA + 1)[1:-1]))
    stratum = np.searchsorted(edges, named, side="left")
    sums, sizes = np.bincount(stratum, exposure), np.bincount(stratum)
    return np.asarray((sums / np.maximum(sizes, 1))[stratum])


def _ratio(observed: Floats, expected: Floats, fifth: Integers) -> float:
    most, least = fifth == _QUINTILES - 1, fifth == 0
    below = expected[most].sum() * observed[least].sum()
    return float(observed[most].sum() * expected[least].sum() / below) if below > 0 else float("nan")


def main() -> None:
    """Measures and prints."""
    settings = Settings()
    location = find_data(settings, Path.cwd())
    if location.sample:
        raise SystemExit("needs the published files: run `passerelle fetch`, or set PASSERELLE_DATA")
    rome = read_rome(find_rome(location.path, settings.rome_version)).tables
    tables = with_similar(rome, find_vectors(Triples.of(rome)))
    graph = SkillGraph.of(tables)
    period, shares = read_women(location.path)
    families = [graph.family_codes[int(row)] if row >= 0 else "" for row in graph.family]
    women = Women.of(families, family_codes(SourceReading(FAMILIES, location.path)), shares)
    console = Console(width=150)
    known = women.cluster >= 0
    several = women.high[known] > women.low[known]
    console.print(
        f"{graph.data_version}, share of women {period}: {known.sum()} of {len(known)} occupations have a figure"
    )
    width = np.median((women.high - women.low)[known][several])
    console.print(
        f"{several.sum()} have a range (median width {width:.1f} points); {women.cluster.max() + 1} sets of FAP"
    )
    recommender = Recommender.of(graph, Content.of(tables), shipped())
    methods = {"experts' lists": listed(graph)}
    for lens in LENSES:
        methods[f"lens: {lens}"] = shown(graph, every_score(recommender, lens))
    methods["popularity"] = most_named(graph)
    console.print(_places(women, methods), _sources(women, methods), _associations(women, methods))
    for end in (women.low, women.high):
        found = [spearmanr(lists[ALL].sum(axis=0)[known], end[known]).statistic for lists in methods.values()]
        console.print("Spearman at an end of the ranges:", *(f"{one:.3f}" for one in found))


def _places(women: Women, methods: Methods) -> Table:
    """Who has the places, by fifth; beside each method what it gives more than the experts' own lists."""
    fifth = quintiles(women)
    table = Table(title="Share of the places, in percent (beside it: points more than the experts' lists give)")
    for column in ("fifth", "women, %", "occupations", *methods):
        table.add_column(column, justify="right")
    baseline = next(iter(methods.values()))[ALL]
    for number in (*range(_QUINTILES), -1):
        inside = fifth == number
        ends = f"{women.middle[inside].min():.1f} to {women.middle[inside].max():.1f}" if number >= 0 else "no figure"
        cells = []
        for lists in methods.values():
            part, of_experts = (100 * one[:, inside].sum() / one.sum() for one in (lists[ALL], baseline))
            cells.append(f"{part:.1f}" if lists[ALL] is baseline else f"{part:.1f} ({part - of_experts:+.1f})")
        table.add_row(str(number + 1) if number >= 0 else "", ends, str(int(inside.sum())), *cells)
    return table


def _sources(women: Women, methods: Methods) -> Table:
    """What is shown to whom: share of women in what each fifth's lists hold, and how far from the experts' lists."""
    fifth, known = quintiles(women), women.cluster >= 0
    table = Table(title="Mean share of women of what the lists hold, in percent, by fifth of the occupation asked from")
    for column in ("from", "women there", *methods):
        table.add_column(column, justify="right")
    baseline = next(iter(methods.values()))[ALL]
    for number in range(_QUINTILES):
        inside = fifth == number
        cells = []
        for lists in methods.values():
            places = lists[ALL][inside][:, known].sum(axis=0)
            more = "" if lists[ALL] is baseline else f" ({shift(lists[ALL], baseline, women, inside)})"
            cells.append(f"{places @ women.middle[known] / places.sum():.1f}{more}")
        table.add_row(str(number + 1), f"{women.middle[inside].mean():.1f}", *cells)
    return table


def _associations(women: Women, methods: Methods) -> Table:
    table = Table(title=f"Exposure and share of women, 95% intervals of {_DRAWS:,} draws of sets of FAP, seed {_SEED}")
    for column in ("", "of", "places", "Spearman", "given the listings", "most over least", "given the listings"):
        table.add_column(column, justify="right" if column == "places" else "left")
    experts = next(iter(methods.values()))
    for method, by_kind in methods.items():
        for kind, lists in by_kind.items():
            exposure = lists.sum(axis=0)
            found = associate(exposure, experts[kind].sum(axis=0), women)
            # the experts' lists given the experts' lists say nothing
            given = ("", "") if lists is experts[kind] else (str(found.spearman_given), str(found.ratio_given))
            table.add_row(
                method, kind, f"{exposure.sum():,}", str(found.spearman), given[0], str(found.ratio), given[1]
            )
    return table


if __name__ == "__main__":
    main()
