"""Seekers: what may be recorded of a person comes back as it was given, and nothing else can be recorded."""

import json
import random
import re
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerelle.errors import InvalidRecordError, RecordConflictError, UnknownRecordError
from records import forms
from records import seekers as seekers_of
from records import shown as shown_forms
from records.forms import Form, SeekerProfile
from records.keys import SCOPES
from records.seekers import Seeker
from records.store import Records
from tests.unit.records_toy import ASKED, CONTEXTS, LACEMAKER, PROFILES, Clock, open_toy, shown

#: what no field may be named after, in either language
FORBIDDEN = re.compile(
    "age|sex|gender|name|surname|nom|prenom|nationality|nationalite|family|famille|marital|child|enfant|health|sante|"
    "handicap|disability|nir|ssn|birth|naissance|e?mail|phone|tel|telephone|mobile|address|adresse|commune|postcode|"
    "comment|note|text|free|motive|photo"
)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    with open_toy(tmp_path_factory.mktemp("records") / "records.sqlite") as opened:
        yield opened


@given(profile=PROFILES)
def test_a_profile_comes_back_as_it_was_given(records: Records, profile: SeekerProfile) -> None:
    seeker = records.seekers.create(profile, contexts=CONTEXTS)
    assert records.seekers.get(seeker.id) == seeker
    assert seeker.profile == profile
    assert SeekerProfile.read(json.loads(json.dumps(profile.document()))) == profile


@given(first=PROFILES, second=PROFILES)
def test_a_change_leaves_nothing_of_the_old_profile(
    records: Records, first: SeekerProfile, second: SeekerProfile
) -> None:
    old = records.seekers.create(first, contexts=CONTEXTS)
    new = records.seekers.replace(old.id, second, revision=1, contexts=CONTEXTS)
    assert records.seekers.get(old.id) == new
    assert (new.profile, new.revision) == (second, 2)


@settings(max_examples=20, deadline=None)
@given(profiles=st.lists(PROFILES, max_size=5))
def test_all_are_as_each_is_by_its_id(tmp_path_factory: pytest.TempPathFactory, profiles: list[SeekerProfile]) -> None:
    with open_toy(tmp_path_factory.mktemp("r") / "r.sqlite") as records:
        made = [records.seekers.create(profile, contexts=CONTEXTS) for profile in profiles]
        assert records.seekers.all() == sorted(made, key=lambda one: one.id)


def test_all_are_read_at_one_moment_whatever_another_process_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, by_seeker = tmp_path / "r.sqlite", seekers_of._by_seeker
    another = Clock(chance=random.Random(8))
    with open_toy(path) as records, open_toy(path, another) as other:
        first, second = sorted((records.seekers.create(LACEMAKER, contexts=CONTEXTS) for _ in range(2)), key=_id_of)
        changes = [
            lambda: other.seekers.replace(first.id, SeekerProfile(), revision=1, contexts=CONTEXTS),
            lambda: other.seekers.create(LACEMAKER, contexts=CONTEXTS),
        ]

        def read_then_let_write(*asked: Any) -> Any:
            found = by_seeker(*asked)
            if changes:
                changes.pop()()
            return found

        monkeypatch.setattr(seekers_of, "_by_seeker", read_then_let_write)
        assert records.seekers.all() == [first, second]
        assert not changes
        assert len(records.seekers.all()) == 3


def _id_of(seeker: Seeker) -> str:
    return seeker.id


def test_a_change_of_what_somebody_else_changed_is_refused(records: Records) -> None:
    seeker = records.seekers.create(LACEMAKER, contexts=CONTEXTS)
    mine = records.seekers.replace(seeker.id, SeekerProfile(area="0102"), revision=1, contexts=CONTEXTS)
    with pytest.raises(RecordConflictError) as caught:
        records.seekers.replace(seeker.id, SeekerProfile(area="7549"), revision=1, contexts=CONTEXTS)
    assert (caught.value.given, caught.value.current) == (1, 2)
    assert records.seekers.get(seeker.id) == mine


def test_a_context_out_of_the_closed_list_is_refused_and_nothing_is_recorded(tmp_path: Path) -> None:
    with open_toy(tmp_path / "r.sqlite") as records:
        with pytest.raises(InvalidRecordError) as caught:
            records.seekers.create(LACEMAKER, contexts=CONTEXTS - {"5011"})
        assert caught.value.pointer == "/refusedContexts/1"
        assert records.seekers.untouched_since(date.max) == []
        seeker = records.seekers.create(SeekerProfile(), contexts=CONTEXTS)
        with pytest.raises(InvalidRecordError):
            records.seekers.replace(seeker.id, LACEMAKER, revision=1, contexts=set())
        assert records.seekers.get(seeker.id) == seeker


def test_days_are_those_of_the_clock_and_say_who_was_left_alone(tmp_path: Path) -> None:
    clock = Clock()
    with open_toy(tmp_path / "r.sqlite", clock) as records:
        old, changed = (records.seekers.create(LACEMAKER, contexts=CONTEXTS) for _ in range(2))
        clock.ahead(days=40)
        new = records.seekers.replace(changed.id, SeekerProfile(), revision=1, contexts=CONTEXTS)
        assert new.created == old.created == date(2026, 3, 31)
        assert new.updated == new.created + timedelta(days=40)
        assert records.seekers.untouched_since(new.updated) == [old.id]


def test_an_unknown_seeker_is_an_error_that_does_not_repeat_the_id(records: Records) -> None:
    for question in (
        lambda: records.seekers.get("somebody"),
        lambda: records.seekers.replace("somebody", LACEMAKER, revision=1, contexts=CONTEXTS),
        lambda: records.export("somebody"),
        lambda: records.erase("somebody"),
        lambda: records.audit.record(ASKED, shown(), seeker_id="somebody"),
    ):
        with pytest.raises(UnknownRecordError) as caught:
            question()
        assert caught.value.kind == "seeker"
        assert "somebody" not in str(caught.value)


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"age": 52}, "/age"),
        ({"pastOccupations": [{"codeRome": "B1804", "years": "6+", "name": "x"}]}, "/pastOccupations/0/name"),
        ({"pastOccupations": [{"codeRome": "dentellière", "years": "6+"}]}, "/pastOccupations/0/codeRome"),
        ({"pastOccupations": [{"codeRome": "B1804\n", "years": "6+"}]}, "/pastOccupations/0/codeRome"),
        ({"pastOccupations": [{"codeRome": "B1804", "years": "12"}]}, "/pastOccupations/0/years"),
        ({"pastOccupations": [{"codeRome": "B1804"}]}, "/pastOccupations/0/years"),
        ({"pastOccupations": [{"codeRome": "B1804", "years": "6+"}] * 2}, ""),
        ({"skills": [{"codeOgr": "0612345678", "origin": "declared"}]}, "/skills/0/codeOgr"),
        ({"skills": [{"codeOgr": "١٢٣", "origin": "declared"}]}, "/skills/0/codeOgr"),
        ({"skills": [{"codeOgr": "126847", "origin": "guessed"}]}, "/skills/0/origin"),
        ({"skills": [{"codeOgr": "126847", "origin": "declared", "level": "good"}]}, "/skills/0/level"),
        ({"skills": [{"codeOgr": str(code), "origin": "declared"} for code in range(501)]}, "/skills"),
        ({"refusedContexts": ["enceinte"]}, "/refusedContexts/0"),
        ({"refusedContexts": ["5001", "5001"]}, ""),
        ({"area": "75056"}, "/area"),
        ({"reachKm": -1}, "/reachKm"),
        ({"reachKm": "30"}, "/reachKm"),
        ({"reachKm": True}, "/reachKm"),
        ({"jeanne.dupont@example.org": 1}, "/…"),
        ({"0612345678": 1}, "/…"),
    ],
)
def test_what_is_no_code_is_refused_by_its_place_and_never_repeated(document: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidRecordError) as caught:
        SeekerProfile.read(document)
    assert caught.value.pointer == pointer
    assert caught.value.__suppress_context__
    for secret in ("52", "dentellière", "0612345678", "enceinte", "dupont", "75056"):
        assert secret not in str(caught.value)


@given(st.dictionaries(st.text(min_size=1), st.none() | st.text() | st.integers(), min_size=1))
def test_a_field_that_the_form_does_not_have_is_always_refused(document: dict[str, Any]) -> None:
    own = {name for field, info in SeekerProfile.model_fields.items() for name in (field, info.alias)}
    document = {name: value for name, value in document.items() if name not in own} or {"age": 1}
    with pytest.raises(InvalidRecordError):
        SeekerProfile.read({**LACEMAKER.document(), **document})


def _says_who(name: str) -> bool:
    return any(FORBIDDEN.fullmatch(word) for word in name.split(".")[1].split("_"))


def test_no_column_and_no_field_can_say_who_a_person_is(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    open_toy(path).close()
    connection = sqlite3.connect(path)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    columns = {
        f"{table}.{row[1]}" for table in tables for row in connection.execute(f"PRAGMA table_info({table})").fetchall()
    }
    connection.close()
    assert {"seeker.area", "seeker_skill.code_ogr"} <= columns
    named = {**vars(forms), **vars(shown_forms)}
    shapes = [kind for kind in named.values() if isinstance(kind, type) and issubclass(kind, Form)]
    fields = {f"{kind.__name__}.{name}" for kind in shapes for name in kind.model_fields}
    assert {"SeekerProfile.area", "ShownMarket.wanted"} <= fields
    assert _says_who("seeker.birth_day")
    assert not sorted(name for name in columns | fields if _says_who(name))


def test_the_audit_trail_and_the_decisions_have_no_column_for_a_seeker(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    open_toy(path).close()
    connection = sqlite3.connect(path)
    for table in ("recommendation", "decision"):
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        assert columns
        assert not {"seeker", "seeker_id"} & columns
    connection.close()


def test_the_closed_lists_are_documented() -> None:
    page = (Path(__file__).resolve().parent.parent.parent / "docs" / "records.md").read_text(encoding="utf-8")
    lists: dict[Any, dict[Any, str]] = {
        forms.Years: forms.YEARS_FRENCH,
        forms.Origin: forms.ORIGIN_FRENCH,
        forms.Level: forms.LEVEL_FRENCH,
        forms.Choice: forms.CHOICE_FRENCH,
        forms.Reason: forms.REASON_FRENCH,
    }
    assert all(set(get_args(kind)) == set(french) for kind, french in lists.items())
    names = [value for french in lists.values() for value in french] + list(SCOPES)
    assert not [name for name in names if f"`{name}`" not in page]
    assert not [reason for reason, label in forms.REASON_FRENCH.items() if f"| `{reason}` | {label} |" not in page]
    fields = [str(info.alias) for info in SeekerProfile.model_fields.values()]
    assert not [field for field in fields if f"`{field}`" not in page]
