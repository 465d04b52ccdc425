"""Hits and times of the search, beside plain character n-grams over titles.

    python -m benchmarks.search [--quick]

Query files have three columns: query, kind, accepted (codes separated by ``|``, or NONE where nothing should come).
``queries/frozen.tsv`` was written before the search and is only ever measured; ``queries/open.tsv`` was worked against;
``queries/free_titles.tsv`` holds titles as other taxonomies write them; the data's own ``search/typed_queries.tsv``
gives codes for a part of its lines. Hidden titles: a share of ROME's titles is left out of the index and each is
searched for, as a title that the index does not know.
"""

import argparse
import csv
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from graph.labels import fold
from graph.tables import GraphTables
from ingest.catalogue import find_data, find_rome
from ingest.rome import read_rome
from passerelle.settings import Settings
from recommend.search import SearchIndex
from recommend.search_lexicon import read_everyday

QUERIES = Path(__file__).parent / "queries"
Find = Callable[[str], list[str]]


@dataclass(frozen=True)
class Expected:
    """A query and the codes that answer it; none where nothing should come."""

    query: str
    accepted: frozenset[str]


def read_queries(path: Path, column: str) -> list[Expected]:
    """Queries of a file whose ``column`` says what is accepted; the others are left out."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row[column]]
    return [Expected(row["query"], frozenset(row[column].split("|")) - {"NONE"}) for row in rows]


def hide_titles(tables: GraphTables, share: float, seed: int = 0) -> tuple[GraphTables, list[Expected]]:
    """The tables without a random share of the titles, and those titles, shuffled, with their occupation.

    An occupation left with no title at all has none to be found by: its titles are not searched for.
    """
    titles = tables.nodes["JobTitle"]
    occupation = tables.relationships["title_of"].set_index("start")["end"]
    draw = np.random.default_rng(seed)
    hidden = draw.random(len(titles)) < share
    kept = titles[~hidden].reset_index(drop=True)
    left = {*occupation[kept["codeOgr"]]}
    of = tables.relationships["title_of"]
    of = of[of["start"].isin(kept["codeOgr"])].reset_index(drop=True)
    rows = titles[hidden]
    queries = [
        Expected(str(label), frozenset({occupation[code]}))
        for label, code in zip(rows["masculine"], rows["codeOgr"], strict=True)
        if occupation[code] in left
    ]
    shuffled = [queries[place] for place in draw.permutation(len(queries))]
    nodes = {**tables.nodes, "JobTitle": kept}
    return GraphTables(nodes, {**tables.relationships, "title_of": of}, tables.meta), shuffled


def by_characters(tables: GraphTables) -> Find:
    """The baseline: occupations by the cosine of character 3-to-5-grams (TF-IDF) with their closest title."""
    titles = tables.nodes["JobTitle"].merge(
        tables.relationships["title_of"], left_on="codeOgr", right_on="start", validate="1:1"
    )
    codes = titles["end"].to_numpy(object)
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5))
    matrix = vectorizer.fit_transform(titles["masculine"].map(fold)).T.tocsc()

    def find(query: str) -> list[str]:
        likeness = (vectorizer.transform([fold(query)]) @ matrix).toarray()[0]
        best = np.argsort(-likeness, kind="stable")[:400]
        return [*dict.fromkeys(codes[row] for row in best if likeness[row] > 0)]

    return find


def by_search(index: SearchIndex) -> Find:
    """Codes in the order of the search."""
    return lambda query: [hit.code_rome for hit in index.search(query, 5).hits]


def hits(find: Find, queries: Iterable[Expected]) -> tuple[int, float, float]:
    """Queries, and the share whose first answer, and whose first five, hold an accepted code."""
    first = five = count = 0
    for expected in queries:
        found = find(expected.query)[:5]
        count += 1
        if expected.accepted:
            first += bool(found) and found[0] in expected.accepted
            five += any(code in expected.accepted for code in found)
        else:
            first += not found
            five += not found
    return count, first / max(count, 1), five / max(count, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few hundred hidden titles instead of all")
    quick = parser.parse_args().quick
    location = find_data(Settings(), Path.cwd())
    tables = read_rome(find_rome(location.path, Settings().rome_version)).tables
    started = time.perf_counter()
    index = SearchIndex.of(tables)
    print(f"{tables.meta.data_version}: {len(tables.nodes['JobTitle'])} titles")
    print(f"built in {time.perf_counter() - started:.2f} s")

    sets = {name: read_queries(QUERIES / f"{name}.tsv", "accepted") for name in ("frozen", "open", "free_titles")}
    phrases = {phrase for kind, phrase, _ in read_everyday() if kind == "sens"}
    # what remains when the lexicon cannot have helped by holding the very query
    sets["frozen, no such line"] = [one for one in sets["frozen"] if one.query.lower() not in phrases]
    typed = location.path / "search" / "typed_queries.tsv"
    if typed.is_file():
        sets["typed"] = read_queries(typed, "expected_rome4")
    print(f"{'queries':<22}{'count':>6}{'at 1':>8}{'at 5':>8}   n-grams: {'at 1':>6}{'at 5':>8}")
    report(sets, by_search(index), by_characters(tables))
    for share in (0.1, 0.5):
        fewer, hidden = hide_titles(tables, share)
        hidden = hidden[:400] if quick else hidden[:4000]
        report({f"hidden, {share:.0%} of titles": hidden}, by_search(SearchIndex.of(fewer)), by_characters(fewer))

    real = [expected.query for group in sets.values() for expected in group]
    times = []
    for query in real * 3:
        started, worked = time.perf_counter(), time.process_time()
        index.search(query)
        times.append(((time.perf_counter() - started) * 1e3, (time.process_time() - worked) * 1e3))
    print(
        f"{'time of a search, ms':<22}{'median':>8}{'95th':>8}{'most':>8}   over {len(real)} queries, three times each"
    )
    for name, column in zip(("by the clock", "of the processor"), zip(*times, strict=True), strict=True):
        median, ninety_five, most = np.percentile(column, [50, 95, 100])
        print(f"{name:<22}{median:>8.1f}{ninety_five:>8.1f}{most:>8.1f}")


def report(sets: dict[str, list[Expected]], search: Find, baseline: Find) -> None:
    for name, queries in sets.items():
        count, first, five = hits(search, queries)
        _, plain_first, plain_five = hits(baseline, queries)
        print(f"{name:<22}{count:>6}{first:>8.3f}{five:>8.3f}{'':12}{plain_first:>7.3f}{plain_five:>8.3f}", flush=True)


if __name__ == "__main__":
    main()
