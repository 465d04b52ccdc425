"""The exposure report finds a bias that was planted and none where there is none; nothing else reads women's share."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.exposure import ALL, Women, associate, listed, most_named, quintiles, read_women, shift, shown
from graph.strings import StringColumn
from passerelle.errors import DataFileError
from recommend.kinds import KINDS_OF_MOVE
from recommend.profile import Profile
from recommend.rank import LENSES, Recommender, rank
from recommend.scores import every_score
from recommend.skillgraph import UNKNOWN, SkillGraph
from tests.unit.toy import toy_recommender

ROOT = Path(__file__).resolve().parent.parent.parent
SIZE, CLUSTERS, DRAWS = 240, 60, 200


@pytest.fixture(scope="module")
def toy() -> Recommender:
    return toy_recommender()


@pytest.fixture(scope="module")
def country(toy: Recommender) -> SkillGraph:
    """240 occupations of four grand domains and eighty families, whose levels nobody knows."""
    rows = np.arange(SIZE)
    return replace(
        toy.graph,
        codes=StringColumn.of([f"{'ABCD'[row % 4]}{row:04d}" for row in rows]),
        grand_domain=(rows % 4).astype(np.int32),
        domain=(rows % 4).astype(np.int32),
        family=(rows // 3).astype(np.int32),
        level=np.full(SIZE, -1, dtype=np.int8),
        manager=np.full(SIZE, UNKNOWN, dtype=np.int8),
    )


def _women(random: np.random.Generator) -> Women:
    cluster = np.arange(SIZE) % CLUSTERS
    share = random.uniform(0, 100, CLUSTERS)[cluster]
    return Women(share, share, share, cluster)


def _scores(random: np.random.Generator, added: np.ndarray) -> np.ndarray:
    return np.asarray(random.normal(size=(SIZE, SIZE)) + added)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_planted_bias_is_found_whichever_way_it_goes(country: SkillGraph, sign: int) -> None:
    random = np.random.default_rng(1)
    women = _women(random)
    scores = _scores(random, sign * women.middle / 100)
    for counts in (shown(country, scores)[ALL], shown(country, scores)["reconversion"]):
        found = associate(counts.sum(axis=0), random.poisson(9, SIZE), women, DRAWS)
        for figure, none in (
            *((found.spearman, 0), (found.spearman_given, 0)),
            *((found.ratio, 1), (found.ratio_given, 1)),
        ):
            assert sign * (figure.value - none) > 0
            assert not figure.low <= none <= figure.high


def test_none_is_found_where_there_is_none(country: SkillGraph) -> None:
    missed = 0
    for seed in range(8):
        random = np.random.default_rng(seed)
        women = _women(random)
        # some occupations are shown more than others, whoever works there
        lists = shown(country, _scores(random, random.normal(size=SIZE)))[ALL]
        found = associate(lists.sum(axis=0), random.poisson(9, SIZE), women, DRAWS)
        missed += not found.spearman.low <= 0 <= found.spearman.high
        missed += not found.ratio.low <= 1 <= found.ratio.high
    # of 16 intervals of 95%, one is expected to miss
    assert missed <= 3


def test_what_only_follows_the_experts_lists_is_told_from_what_goes_beyond(country: SkillGraph) -> None:
    random = np.random.default_rng(2)
    women = _women(random)
    named = random.poisson(3 + women.middle / 10)
    lists = shown(country, _scores(random, named / 5))[ALL]
    found = associate(lists.sum(axis=0), named, women, DRAWS)
    assert found.spearman.low > 0.3
    assert found.ratio.low > 1.3
    assert found.spearman_given.low < 0 < found.spearman_given.high
    assert abs(found.ratio_given.value - 1) < (found.ratio.value - 1) / 4


def test_lists_that_stay_nearer_to_the_mix_they_start_from_are_found(country: SkillGraph) -> None:
    random = np.random.default_rng(4)
    women = _women(random)
    apart = np.abs(women.middle[:, None] - women.middle) / 100
    some = [shown(country, _scores(random, factor * apart))[ALL] for factor in (0, 0, -1)]
    fewest = quintiles(women) == 0
    alike, nearer = (shift(lists, some[0], women, fewest, DRAWS) for lists in some[1:])
    assert alike.low < 0 < alike.high
    assert nearer.high < -3
    held = [women.middle[np.nonzero(lists[fewest])[1]].mean() for lists in some]
    assert nearer.value == pytest.approx(held[2] - held[0])


def test_what_does_not_vary_has_no_figure() -> None:
    women = _women(np.random.default_rng(3))
    found = associate(np.zeros(SIZE, dtype=np.int64), np.ones(SIZE, dtype=np.int64), women, draws=5)
    for figure in (found.spearman, found.spearman_given, found.ratio, found.ratio_given):
        assert str(figure) == "–"


def test_the_lists_that_are_counted_are_those_that_are_shown(toy: Recommender) -> None:
    graph = toy.graph
    for lens in LENSES:
        counted = shown(graph, every_score(toy, lens), limit=3)
        for source, code in enumerate(graph.codes):
            profile = Profile.of_occupations(graph, [code])
            for name in (None, *KINDS_OF_MOVE):
                ranked = rank(toy, profile, lens=lens, kind=name, limit=3).ranked
                assert set(np.flatnonzero(counted[name or ALL][source])) == {entry.occupation for entry in ranked}


def test_the_experts_lists_and_the_most_named_by_hand(toy: Recommender) -> None:
    graph = toy.graph
    at = graph.index_of
    lists = listed(graph)
    assert lists[ALL][at["B1804"]].nonzero()[0].tolist() == sorted([at["B1803"], at["H2604"]])
    assert lists["reconversion"][at["B1804"]].nonzero()[0].tolist() == [at["H2604"]]
    np.testing.assert_array_equal(np.sum([lists[kind] for kind in KINDS_OF_MOVE], axis=0), lists[ALL])
    # six occupations: everybody is shown all the others
    np.testing.assert_array_equal(most_named(graph)[ALL], ~np.eye(6, dtype=bool))


def test_a_family_of_several_fap_has_a_range_and_one_without_has_no_figure() -> None:
    fap = pd.DataFrame(
        [("A0Z40", "A1416"), ("A1Z40", "A1416"), ("B0Z20", "F1703"), ("Z9Z99", "K1103")], columns=["fap", "family"]
    )
    shares = {"A0Z40": 20.0, "A1Z40": 40.0, "B0Z20": 3.0}
    women = Women.of(["F1703", "A1416", "K1103", "L1510", "A1416"], fap, shares)
    np.testing.assert_array_equal(women.low, [3, 20, np.nan, np.nan, 20])
    np.testing.assert_array_equal(women.high, [3, 40, np.nan, np.nan, 40])
    np.testing.assert_array_equal(women.middle, [3, 30, np.nan, np.nan, 30])
    assert women.cluster[1] == women.cluster[4] != women.cluster[0]
    np.testing.assert_array_equal(women.cluster[2:4], [-1, -1])
    np.testing.assert_array_equal(quintiles(women) >= 0, [True, True, False, False, True])


def test_the_newest_period_is_read_by_fap_and_what_is_missing_stays_missing(tmp_path: Path) -> None:
    (tmp_path / "dares").mkdir()
    rows = [
        *('"T2A60","2016-2018",90,"Employés de maison"', '"T2A60","2017-2019",93.5,"Employés de maison"'),
        *('"T2A","2017-2019",93.5,"Employés de maison"', '"A3Z90","2017-2019",0,"Maîtres d\'équipage"'),
        '"V1Z81","2017-2019",NA,"Sages-femmes"',
    ]
    path = tmp_path / "dares" / "part_femmes_3niv.csv"
    path.write_bytes("\n".join(['"Fap3","Annee","Part","libelle"', *rows, ""]).encode("cp1252"))
    assert read_women(tmp_path) == ("2017-2019", {"T2A60": 93.5, "A3Z90": 0.0})
    path.unlink()
    with pytest.raises(DataFileError):
        read_women(tmp_path)


def test_the_share_of_women_is_read_here_and_in_no_room_of_the_product() -> None:
    rooms = ("passerelle", "graph", "ingest", "embeddings", "recommend", "records", "api")
    naming = {
        path.relative_to(ROOT).as_posix()
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if "femmes" in (text := path.read_text(encoding="utf-8")) or "benchmarks.exposure" in text
    }
    # the catalogue says where it is published, the layout that it is not read
    assert naming == {"ingest/catalogue.py", "ingest/market_layout.py"}


@pytest.mark.parametrize("page", ["conformite.md", "model-card.md", "exposure.md"])
def test_each_file_and_test_that_a_page_calls_to_witness_is_there(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    tests = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    functions = set(re.findall(r"^def (test_\w+)", "\n".join(tests.values()), re.MULTILINE))
    named = set(re.findall(r"`(test_\w+)`", text))
    assert named
    assert not named - functions
    files = set(re.findall(r"`([\w/.-]+\.(?:py|json))`", text))
    assert not [name for name in files if name not in tests and not (ROOT / name).is_file()]
