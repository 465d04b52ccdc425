"""Keys: a token opens what its scopes say, once made it is only known to its holder, and it can be taken back."""

from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from passerelle.errors import InvalidRecordError, UnknownRecordError
from records.keys import SCOPES
from records.store import Records
from records.surroundings import Surroundings
from tests.unit.records_toy import HASHER, Clock, bytes_on_disk, open_toy


class CountingHasher(PasswordHasher):
    """Counts how often Argon2 is paid."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002
        self.verified += 1
        return bool(super().verify(hash, password))


def open_counting(path: Path, clock: Clock) -> tuple[Records, CountingHasher]:
    hasher = CountingHasher()
    return Records.open(path, surroundings=clock.surroundings(), hasher=hasher), hasher


def test_a_token_opens_its_own_scopes(tmp_path: Path) -> None:
    with open_toy(tmp_path / "r.sqlite") as records:
        reader = records.keys.create(["read"])
        both = records.keys.create({"seekers", "recommend"})
        assert reader.token.startswith(f"psl_{reader.key.prefix}_")
        found = records.keys.check(both.token)
        assert found is not None
        assert (found.prefix, found.scopes) == (both.key.prefix, frozenset({"seekers", "recommend"}))
        assert [key.prefix for key in records.keys.all()] == sorted([reader.key.prefix, both.key.prefix])


@pytest.mark.parametrize("scopes", [[], ["read", "write"], ["READ"], [""]])
def test_a_scope_that_there_is_not_makes_no_key(tmp_path: Path, scopes: list[str]) -> None:
    with open_toy(tmp_path / "r.sqlite") as records:
        with pytest.raises(InvalidRecordError, match="admin"):
            records.keys.create(scopes)
        assert records.keys.all() == []


def test_the_secret_is_neither_in_the_file_nor_in_what_is_printed(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    with open_toy(path) as records:
        new = records.keys.create(SCOPES)
        secret = new.token.rsplit("_", 1)[1]
        assert records.keys.check(new.token) is not None
        content = bytes_on_disk(path)
        assert new.key.prefix.encode() in content
        assert b"$argon2id$" in content
        assert secret.encode() not in content
        assert bytes.fromhex(secret) not in content
        assert secret not in repr(new) + repr(records.keys.all())


def test_the_hash_that_is_kept_is_argon2id_as_owasp_asks(tmp_path: Path) -> None:
    with Records.open(tmp_path / "r.sqlite") as records:
        new = records.keys.create(["read"])
        assert records.keys.check(new.token) is not None
        assert b"$argon2id$v=19$m=19456,t=2,p=1$" in bytes_on_disk(tmp_path / "r.sqlite")


def test_a_revoked_key_is_refused_at_once_by_every_process_that_has_the_file(tmp_path: Path) -> None:
    path, clock = tmp_path / "r.sqlite", Clock()
    with open_toy(path, clock) as one, open_toy(path, clock) as other:
        new = one.keys.create(["read"])
        assert one.keys.check(new.token) is not None
        assert other.keys.check(new.token) is not None
        revoked = one.keys.revoke(new.key.prefix)
        assert one.keys.check(new.token) is None
        assert other.keys.check(new.token) is None
        clock.ahead(days=1)
        assert other.keys.revoke(new.key.prefix).revoked == revoked.revoked == revoked.created


def test_an_unknown_key_cannot_be_revoked(tmp_path: Path) -> None:
    with open_toy(tmp_path / "r.sqlite") as records, pytest.raises(UnknownRecordError) as caught:
        records.keys.revoke("00000000")
    assert caught.value.kind == "key"


def test_argon2_is_paid_once_in_five_minutes_by_a_good_key_and_always_by_a_bad_one(tmp_path: Path) -> None:
    clock = Clock()
    records, hasher = open_counting(tmp_path / "r.sqlite", clock)
    with records:
        new, gone = records.keys.create(["read"]), records.keys.create(["read"])
        records.keys.revoke(gone.key.prefix)

        def paid(token: str, good: bool) -> int:
            before = hasher.verified
            assert (records.keys.check(token) is not None) is good
            return hasher.verified - before

        assert [paid(new.token, True) for _ in range(3)] == [1, 0, 0]
        clock.ahead(seconds=299)
        assert paid(new.token, True) == 0
        clock.ahead(seconds=1)
        assert [paid(new.token, True) for _ in range(2)] == [1, 0]
        unknown = "psl_" + "0" * 8 + "_" + "0" * 64
        wrong = new.token[:-64] + "0" * 64
        # the same work for a prefix that is not there, a wrong secret and a revoked key, the second time too
        for token in (unknown, wrong, gone.token):
            assert [paid(token, False) for _ in range(2)] == [1, 1]
        assert paid("psl_nothing", False) == 0


def test_the_memory_of_proved_keys_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.keys._CACHED_KEYS", 2)
    records, hasher = open_counting(tmp_path / "r.sqlite", Clock())
    with records:
        tokens = [records.keys.create(["read"]).token for _ in range(3)]
        for token in tokens:
            assert records.keys.check(token) is not None
        paid = hasher.verified
        assert records.keys.check(tokens[2]) is not None
        assert hasher.verified == paid
        assert records.keys.check(tokens[0]) is not None
        assert hasher.verified == paid + 1


def test_the_day_of_the_last_use_is_written_and_no_more(tmp_path: Path) -> None:
    clock = Clock()
    with open_toy(tmp_path / "r.sqlite", clock) as records:
        new = records.keys.create(["read"])
        assert [key.last_used for key in records.keys.all()] == [None]
        records.keys.check(new.token)
        clock.ahead(days=2)
        assert records.keys.check(new.token) is not None
        assert [key.last_used for key in records.keys.all()] == [clock.time.date()]
        assert records.keys.check(new.token[:-1] + "_") is None


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 76), character=st.characters(max_codepoint=0x2FF))
def test_a_token_with_any_other_character_opens_nothing(
    tmp_path_factory: pytest.TempPathFactory, place: int, character: str
) -> None:
    with open_toy(tmp_path_factory.mktemp("r") / "r.sqlite") as records:
        token = records.keys.create(["admin"]).token
        assert len(token) == 77
        other = token[:place] + character + token[place + 1 :]
        assert (records.keys.check(other) is not None) is (other == token)


@given(st.text(max_size=100))
def test_any_text_is_weighed_without_an_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    with open_toy(tmp_path_factory.getbasetemp() / "any" / "r.sqlite") as records:
        assert records.keys.check(text) is None


def test_two_keys_never_share_a_prefix(tmp_path: Path) -> None:
    drawn = iter([b"\1" * 32, b"\0" * 4, b"\2" * 32, b"\0" * 4, b"\0" * 4, b"\3" * 4])
    surroundings = Surroundings(random_bytes=lambda _size: next(drawn))
    with Records.open(tmp_path / "r.sqlite", surroundings=surroundings, hasher=HASHER) as records:
        assert [records.keys.create(["read"]).key.prefix for _ in range(2)] == ["00000000", "03030303"]
