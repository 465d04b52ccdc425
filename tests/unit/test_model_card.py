"""The model's card: what the page, the measured file and the API say is the same, and is what the code holds."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from passerelle import model_card, pipeline
from passerelle.model_card import figures, learned_in_use, limits, measured_document
from recommend.groups import GROUPS
from recommend.learned import SITUATIONS, shipped
from recommend.measures import GREATEST_ERROR, LEAST_SKILL
from tests.unit.api_toy import running, sample_home, settings_for

__all__ = ["sample_home"]

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
CARD, RANKING = ((DOCS / name).read_text(encoding="utf-8") for name in ("model-card.md", "ranking.md"))
OF_A_NAME = {
    "MRR": "mrr",
    "Hits@1": "hitsAt1",
    "Hits@10": "hitsAt10",
    "nDCG@10": "ndcgAt10",
    "median rank": "medianRank",
    "MRR, other grand domain": "mrrOtherGrandDomain",
    "Hits@10, other grand domain": "hitsAt10OtherGrandDomain",
    "MRR without the ten most listed": "mrrWithoutTenMostListed",
    "coverage": "coverage",
    "Gini": "gini",
    "ten most shown": "tenMostShown",
    "pairs": "pairs",
    "listed": "listed",
    "expected error": "expectedError",
    "Brier": "brier",
    "Brier skill": "brierSkill",
    "passes": "kept",
}


def table_after(page: str, heading: str) -> list[dict[str, str]]:
    """The rows of the first table after a heading, the first column as ``of``."""
    lines = page[page.index(heading) :].splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("|"))
    end = next((place for place, line in enumerate(lines) if place > start and not line.startswith("|")), len(lines))
    cells = [[cell.strip().strip("*") for cell in line.strip("|").split("|")] for line in lines[start:end]]
    return [dict(zip(["of", *cells[0][1:]], row, strict=True)) for row in cells[2:]]


@pytest.fixture(scope="module")
def card(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    records = tmp_path_factory.mktemp("records") / "r" / "records.sqlite"
    with running(settings_for(sample_home, PASSERELLE_RECORDS=records)) as client:
        yield answer_of(client)


def answer_of(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/v1/model").json()
    return found


@pytest.mark.parametrize(
    ("heading", "name", "of"),
    [
        ("## Measured", "ranking", "method"),
        ("### Where nothing or little is known", "newOccupation", "method"),
        ("### Who is shown", "shown", "method"),
        ("### Whether the number is true", "calibration", "move"),
    ],
)
def test_what_was_measured_is_told_alike_by_the_page_and_the_route(
    card: dict[str, Any], heading: str, name: str, of: str
) -> None:
    page, answer = table_after(RANKING, heading), card["measured"][name]
    assert [row["of"] for row in page] == [one[of] for one in answer]
    for row, one in zip(page, answer, strict=True):
        assert {of, *(OF_A_NAME[column] for column in row if column != "of")} == set(one)
        for column, told in row.items():
            if column == "passes":
                assert one["kept"] is (told == "yes")
            elif column != "of":
                digits = len(told.partition(".")[2])
                assert round(one[OF_A_NAME[column]], digits) == float(told.replace(",", "")), (row, column)


def test_the_card_repeats_what_was_measured(card: dict[str, Any]) -> None:
    by_method = {one["method"]: one for one in card["measured"]["ranking"]}
    rows = table_after(CARD, "## Measured")
    for row in rows[:-1]:
        for column, told in row.items():
            if column != "of":
                assert float(told) == by_method[row["of"]][OF_A_NAME[column]]
    (new,) = (one for one in card["measured"]["newOccupation"] if one["method"] == "lens: experts")
    assert float(rows[-1]["MRR"]) == new["mrr"]
    measured = card["measured"]
    for told in (measured["command"], measured["date"], measured["modelVersion"], f"{measured['hiddenMobilities']:,}"):
        assert str(told) in CARD
    calibration = {one["move"]: one["expectedError"] for one in measured["calibration"]}
    number = CARD[CARD.index("**The number.**") : CARD.index("**Explanations**")]
    assert {str(error) for error in calibration.values()} <= set(re.findall(r"0\.\d+", number))


def test_a_limit_that_is_not_kept_is_said_as_one(card: dict[str, Any]) -> None:
    (over_all,) = (one for one in card["measured"]["calibration"] if one["move"] == "all")
    assert card["measured"]["calibrationLimits"] == {
        "expectedErrorBelow": GREATEST_ERROR,
        "brierSkillAbove": LEAST_SKILL,
    }
    assert over_all["expectedError"] > GREATEST_ERROR
    assert over_all["kept"] is False
    (said,) = (one for one in card["limits"] if "ne tient pas sa limite" in one)
    for number in (over_all["expectedError"], GREATEST_ERROR):
        assert str(number).replace(".", ",") in said


def test_the_page_and_the_route_list_the_same_limits(card: dict[str, Any]) -> None:
    assert card["limits"] == limits() == [row["`limits`"] for row in table_after(CARD, "## Limits")]


def test_every_weight_that_ships_is_told_once(card: dict[str, Any]) -> None:
    weights = shipped()
    assert card["learned"] == {
        "dataVersion": weights.data_version,
        "mobilities": weights.mobilities,
        "seed": weights.seed,
        "date": weights.date,
    }
    models = {one["name"]: one for one in card["models"]}
    assert models["skills"]["groups"] == []
    for name in SITUATIONS:
        fitted = weights.situations[name]
        told = {
            f"{group['group']}/{weight}": value
            for group in models[name]["groups"]
            for weight, value in group["weights"].items()
        }
        told |= {f"live/{weight}": value for weight, value in models[name]["weights"].items() if value}
        assert told == {one: value for one, value in fitted.weights.items() if value or not one.startswith("live/")}
        centres = {group["group"]: group["centre"] for group in models[name]["groups"]}
        assert centres == {group: fitted.centres.get(group, 0.0) for group in GROUPS if group in centres}


def test_what_was_measured_is_said_to_be_of_other_data_or_weights(card: dict[str, Any]) -> None:
    # the sample is not what was measured
    assert card["measured"]["ofThisBuild"] is False
    weights = shipped()
    about = {name: row[""] for name, row in figures()["about"].items()}
    assert (about["dataVersion"], about["modelVersion"]) == (weights.data_version, weights.name)
    assert measured_document(weights.data_version, weights.name)["ofThisBuild"] is True
    assert measured_document(weights.data_version, "rome-460-1-2-2027-01-01")["ofThisBuild"] is False


def test_weights_of_one_s_own_are_told_until_they_are_learned_anew(tmp_path: Path) -> None:
    assert model_card.LEARNED == pipeline.LEARNED
    weights = shipped()
    own = json.loads(weights.to_json()) | {"seed": 7}
    name = weights.name.replace("-460-2026", "-7-2026")
    assert learned_in_use(tmp_path, name) is None
    (tmp_path / pipeline.LEARNED).write_text(json.dumps(own), encoding="utf-8")
    found = learned_in_use(tmp_path, name)
    assert found is not None
    assert found.seed == 7
    assert learned_in_use(tmp_path, weights.name) == weights
    (tmp_path / pipeline.LEARNED).write_text("{", encoding="utf-8")
    assert learned_in_use(tmp_path, name) is None
