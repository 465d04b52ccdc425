"""Small records for tests: a clock that one sets, chance that repeats, a hash that costs nothing."""

import random
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher
from hypothesis import strategies as st

from records.forms import AskedOccupation, HeldSkill, PastOccupation, Question, SeekerProfile
from records.shown import AnswerKind, Shown, ShownOccupation
from records.store import Records
from records.surroundings import Surroundings

CONTEXTS = frozenset(str(code) for code in range(5001, 5021))
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
START = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)


@dataclass
class Clock:
    """The time as the test sets it; seconds that never go back follow it."""

    time: datetime = START
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def surroundings(self) -> Surroundings:
        return Surroundings(self.now, self.seconds, self.chance.randbytes)

    def now(self) -> datetime:
        return self.time

    def seconds(self) -> float:
        return self.time.timestamp()

    def ahead(self, **amount: float) -> None:
        self.time += timedelta(**amount)


def open_toy(path: Path, clock: Clock | None = None, *, retention_months: int = 12, wait_s: float = 5.0) -> Records:
    return Records.open(
        path,
        retention_months=retention_months,
        surroundings=(clock or Clock()).surroundings(),
        busy_timeout_s=wait_s,
        hasher=HASHER,
    )


LACEMAKER = SeekerProfile(
    past_occupations=(PastOccupation(code_rome="B1804", years="6+"),),
    skills=(
        HeldSkill(code_ogr="126847", origin="declared", level="expert"),
        HeldSkill(code_ogr="483091", origin="inferred"),
    ),
    refused_contexts=("5003", "5011"),
    area="8407",
    reach_km=30,
)
ASKED = Question(
    past_occupations=(AskedOccupation(code_rome="B1804", years="6+"),),
    skills=("126847", "483091"),
    refused_contexts=("5003",),
    area="8407",
)


def shown(*codes: str) -> Shown:
    occupations = tuple(
        ShownOccupation(
            code_rome=code, rank=rank, score=12.5, contributions={"know-how-share": 0.75, "intercept": -2.0}
        )
        for rank, code in enumerate(codes or ("H2605", "H2604"), start=1)
    )
    return Shown(data_version="rome-460", model_version="first", lens="skills", occupations=occupations)


_VERSIONS = {"dataVersion": "rome-460", "modelVersion": "first"}
_TENSION = {"low": 4, "high": 5, "level": "department", "year": 2021}
_MARKET = {"codeRome3": "H2605", "wanted": "yes", "ratio": 1.25, "low": 0.5, "high": 2.0, "level": "area"}
_FIGURES = {"offers": 12, "seekers": 9.5, "offersDay": "2021-12-21", "seekersYear": 2021, "tension": _TENSION}
_INTERVAL = {"potential": 1.5, "low": 1.0, "high": 2.0, "outOf": 3.0}
#: an answer of each kind, with every field filled
EACH_KIND: dict[AnswerKind, Shown] = {
    "recommendations": Shown.read(
        {
            **_VERSIONS,
            "lens": "experts",
            "occupations": [{"codeRome": "H2605", "rank": 1, "score": 12.5, "market": _MARKET | _FIGURES}],
        }
    ),
    "potential": Shown.read(
        {
            **_VERSIONS,
            "kind": "potential",
            "lens": "experts",
            "areas": [{"area": "0101", "rank": 1, **_INTERVAL, "contributions": {"H2605": 1.0, "B1804": 0.5}}],
        }
    ),
    "gap": Shown.read(
        {
            **_VERSIONS,
            "kind": "gap",
            "lens": "none",
            "gap": {"codeRome": "H2605", "items": 7, "skillsAsked": 12, "skillsHeld": 5},
        }
    ),
    "matches": Shown.read(
        {
            **_VERSIONS,
            "kind": "matches",
            "lens": "none",
            "offers": [{"offer": "048KLTP", "rank": 1, "value": 0.75, "contributions": {"must": 0.5, "wished": 0.25}}],
        }
    ),
}


def bytes_on_disk(path: Path) -> bytes:
    """The file with those beside it, read by another process: to close a file drops the locks that one has on it."""
    files = sorted(path.parent.glob(path.name + "*"))
    program = "import pathlib, sys; [sys.stdout.buffer.write(pathlib.Path(f).read_bytes()) for f in sys.argv[1:]]"
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, files)], check=True, capture_output=True, timeout=60
    ).stdout


def _code(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(pattern, fullmatch=True)


_OCCUPATIONS = st.lists(
    st.fixed_dictionaries({"code_rome": _code("[A-N][0-9]{4}"), "years": st.sampled_from(["0-2", "3-5", "6+"])}).map(
        PastOccupation.model_validate
    ),
    unique_by=lambda entry: entry.code_rome,
    max_size=4,
)
_SKILLS = st.lists(
    st.fixed_dictionaries(
        {
            "code_ogr": _code("[0-9]{1,7}"),
            "origin": st.sampled_from(["declared", "inferred", "confirmed"]),
            "level": st.none() | st.sampled_from(["beginner", "independent", "expert"]),
        }
    ).map(HeldSkill.model_validate),
    unique_by=lambda entry: entry.code_ogr,
    max_size=6,
)
PROFILES = st.fixed_dictionaries(
    {
        "past_occupations": _OCCUPATIONS,
        "skills": _SKILLS,
        "refused_contexts": st.lists(st.sampled_from(sorted(CONTEXTS)), unique=True, max_size=4),
        "area": st.none() | _code("[0-9]{4}"),
        "reach_km": st.none() | st.integers(0, 2000),
    }
).map(SeekerProfile.model_validate)
