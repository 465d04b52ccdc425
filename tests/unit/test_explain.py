"""Kinds of moves, the gap, routes, stepping stones, comparison, levels of access."""

import pytest

from recommend.access import access_level
from recommend.compare import compare
from recommend.explain import first_reasons, paths_of, shown_ways
from recommend.features import FEATURES
from recommend.gap import gap_of
from recommend.groups import GROUPS
from recommend.kinds import KINDS_OF_MOVE, kinds_of_moves
from recommend.paths import routes, stepping_stones
from recommend.profile import Profile
from recommend.rank import Ranking, rank
from recommend.ways import ways_of
from recommend.ways_kinds import Way
from tests.unit.toy import MOVES, OCCUPATIONS, toy_recommender

TOY = toy_recommender()
GRAPH, SPACE = TOY.graph, TOY.space


def _ranking(*codes: str) -> Ranking:
    return rank(TOY, Profile.of_occupations(GRAPH, codes), lens="experts")


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Cet emploi est accessible avec un diplôme de niveau CAP à Bac +2 en couture, mode.", 3),
        ("Cet emploi est accessible avec un diplôme de niveau Bac+5 en management.", 7),
        ("Cet emploi est accessible à partir d'un Bac + 2 à Bac + 5 cartographie.", 5),
        ("Cet emploi est accessible sans qualification. Un CAP peut en faciliter l'accès.", 0),
        ("Cet emploi est accessible à tous les niveaux de qualification.", 0),
        ("Cet emploi est accessible avec un Bac professionnel à un BTS.", 4),
        ("Cet emploi est accessible avec un Bac + 8 avec un doctorat en médecine.", 8),
        ("Cet emploi est accessible avec une Licence en géographie, un Master en urbanisme.", 6),
        ("Cet emploi est accessible avec un BTS ou un BUT.", 5),
        ("Un permis est requis. Cet emploi est accessible avec un CAP/BEP en menuiserie.", 3),
        ("Ce métier s'exerce au sein du ministère.", -1),
        ("", -1),
    ],
)
def test_level_of_access(text: str, level: int) -> None:
    assert access_level(text) == level


def test_kinds_follow_the_written_rule() -> None:
    kinds = {
        GRAPH.codes[row]: KINDS_OF_MOVE[kind]
        for row, kind in enumerate(kinds_of_moves(GRAPH, (GRAPH.occupation("B1803"),)))
    }
    # B1804 asks less than B1803; B1808 is a manager's; H and K are other grand domains
    assert kinds["B1804"] == "close"
    assert kinds["B1808"] == "step-up"
    assert kinds["H2605"] == kinds["K1103"] == "reconversion"
    # B1804 does not say whether it is a manager's, nor B1808 what it asks at entry: nothing is known
    unknown = kinds_of_moves(GRAPH, (GRAPH.occupation("B1804"),))
    assert KINDS_OF_MOVE[unknown[GRAPH.occupation("B1808")]] == "unknown"
    assert KINDS_OF_MOVE[unknown[GRAPH.occupation("B1803")]] == "step-up"


def test_a_bare_list_of_skills_has_no_kind() -> None:
    assert {KINDS_OF_MOVE[kind] for kind in kinds_of_moves(GRAPH, ())} == {"unknown"}


def test_paths_name_the_shared_skill_once_and_say_how_common_it_is() -> None:
    ranking = _ranking("B1804")
    paths = paths_of(ranking, GRAPH.occupation("H2605"))
    macro = [path for path in paths if path.nodes[-2] == "Assembler des pièces"]
    assert [path.kind for path in macro] == ["shared-skill"]
    rigour = next(path for path in paths if path.nodes[-2] == "Faire preuve de rigueur")
    assert "4 métiers sur 6, donc peu probant" in rigour.sentence
    assert rigour.parameters == {"past": ["B1804"], "to": "H2605", "skill": "2"}


def test_a_transferable_skill_names_the_held_one_that_prepares_for_it() -> None:
    path = next(p for p in paths_of(_ranking("B1804"), GRAPH.occupation("H2605"), 50) if p.kind == "transferable-skill")
    assert path.sentence.startswith("« Monter un métier à tisser », déjà maîtrisé, prépare à « Monter une carte")
    assert path.parameters == {"past": ["B1804"], "to": "H2605", "skill": "12", "held": "11"}


def test_a_path_is_shown_only_for_what_adds() -> None:
    """A group of evidence that takes away shows no path, whatever mobilities there are around."""
    of_group = {"moves-around": {"neighbour", "near-there", "parallel-move"}}
    of_group |= {"common-mobilities": {"listed-together", "stepping-stone"}, "classification": {"same-family"}}
    seen = set()
    for code in sorted(OCCUPATIONS):
        ranking = _ranking(code)
        for entry in ranking.ranked:
            kinds = {path.kind for path in paths_of(ranking, entry.occupation, limit=200)}
            for group, own in of_group.items():
                added = ranking.contributions[entry.occupation, len(FEATURES) + GROUPS.index(group)]
                assert added > 0 or not kinds & own
                seen.add((group, bool(added > 0)))
    assert {(group, adds) for group in ("common-mobilities", "classification") for adds in (True, False)} <= seen


def test_a_path_by_two_occupations_names_both() -> None:
    ranking = _ranking("B1808")
    paths = [path for path in paths_of(ranking, GRAPH.occupation("H2605"), 200) if path.kind == "parallel-move"]
    assert paths
    for path in paths:
        assert path.nodes == (
            "Chef d'atelier / Cheffe d'atelier",
            *(GRAPH.labels[GRAPH.occupation(str(path.parameters[name]))] for name in ("via", "onward")),
            "Monteur-câbleur / Monteuse-câbleuse",
        )
        assert str(path.parameters["onward"]) in MOVES[str(path.parameters["via"])]


def test_some_paths_are_kept_for_skills() -> None:
    ways: list[Way] = [("neighbour", (row,), 9.0 - row) for row in range(9)]
    skills: list[Way] = [("shared-skill", (row,), 0.5 - row / 10) for row in range(4)]
    shown = shown_ways([*ways, *skills], limit=8)
    assert shown == [*ways[:5], *skills[:3]]
    assert shown_ways(ways, limit=8) == ways[:8]
    assert shown_ways([*ways, *skills], limit=2) == skills[:2]


def test_reasons_are_never_said_twice() -> None:
    ranking = _ranking("B1804")
    reasons = first_reasons(ranking, ways_of(ranking, GRAPH.occupation("B1803")), limit=10)
    assert len(set(reasons)) == len(reasons) > 1


def test_the_gap_puts_the_law_first_then_certificates_then_the_heart_of_the_trade() -> None:
    evidence = _ranking("B1804").evidence
    gap = gap_of(evidence, GRAPH.occupation("H2605"))
    assert [item.kind for item in gap.items[:2]] == ["regulation-unknown", "certification"]
    assert [(item.code, item.importance) for item in gap.items[2:]] == [("12", "core"), ("22", "core")]
    # mounting a loom answers mounting a circuit board in part; and both are assembly
    assert gap.items[2].bridges == ("Monter un métier à tisser", "Assembler des pièces")
    assert (gap.asked, gap.held) == (4, 2)
    regulated = gap_of(evidence, GRAPH.occupation("K1103"))
    assert [item.kind for item in regulated.items] == ["regulated"]


def test_routes_are_the_shortest_then_the_best_ranked() -> None:
    start, end = GRAPH.occupation("B1804"), GRAPH.occupation("H2605")
    found = [[GRAPH.codes[row] for row in route.occupations] for route in routes(GRAPH, start, end)]
    assert found == [["B1804", "H2604", "H2605"], ["B1804", "B1803", "H2605"]]
    assert routes(GRAPH, start, GRAPH.occupation("K1103")) == ()
    assert routes(GRAPH, start, start) == ()


def test_stepping_stones_make_the_harder_move_easier() -> None:
    start, end = GRAPH.occupation("B1803"), GRAPH.occupation("H2605")
    stones = stepping_stones(TOY, (start, end), lens="experts")
    ranking = _ranking("B1803")
    direct = next(entry.log_odds for entry in ranking.ranked if entry.occupation == end)
    assert stones
    assert all(min(stone.to_it, stone.from_it) > direct for stone in stones)


def test_comparison_by_hand() -> None:
    rows = (GRAPH.occupation("B1804"), GRAPH.occupation("B1803"))
    found = compare(GRAPH, SPACE, rows)
    shared = {GRAPH.skill_codes[int(skill)] for skill in found.skills[(found.importance > 0).all(axis=0)]}
    assert shared == {"13", "2", "21"}
    assert found.overlap[0, 0] == pytest.approx(1.0)
    assert found.overlap[0, 1] == pytest.approx(1.0)
    assert 0 < found.overlap[1, 0] < 1
    with pytest.raises(ValueError, match="between 2 and 4"):
        compare(GRAPH, SPACE, rows[:1])
