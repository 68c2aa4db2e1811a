"""The rules of a household by themselves: codes, shares, limits and waiting."""

import secrets
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.ids import CROCKFORD
from backend.households import rules
from backend.households.errors import HouseholdNameInvalid, LimitInvalid
from backend.households.rules import Share

codes = st.binary(min_size=5, max_size=5).map(lambda seed: rules.invite_code(lambda n: bytes([*seed[:4], seed[4] ^ n])))


@given(code=codes)
def test_a_code_is_read_however_it_is_written(code: str):
    assert len(code) == rules.CODE_LENGTH
    assert set(code) <= set(CROCKFORD)
    written = rules.shown_code(code).lower().replace("0", "o").replace("1", "l")
    assert rules.read_invite(f"  {written} ") == code


@given(code=codes, place=st.integers(0, 8), letter=st.sampled_from(CROCKFORD))
def test_any_single_mistake_is_found(code: str, place: int, letter: str):
    changed = code[:place] + letter + code[place + 1 :]
    assert rules.read_invite(changed) == (code if changed == code else None)


@given(code=codes, place=st.integers(0, 7))
def test_two_characters_that_changed_places_are_found(code: str, place: int):
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert (rules.read_invite(swapped) is None) == (swapped != code)


@given(text=st.text(max_size=40))
def test_whatever_is_typed_is_a_code_or_none(text: str):
    code = rules.read_invite(text)
    assert code is None or len(code) == rules.CODE_LENGTH


def test_codes_spread_over_forty_bits():
    made = {rules.invite_code(lambda _n: secrets.token_bytes(8)) for _ in range(500)}
    assert len(made) == 500
    assert {code[place] for code in made for place in range(8)} == set(CROCKFORD)


@given(amount=st.integers(0, 10**9), share=st.sampled_from(Share))
def test_a_share_is_never_more_than_what_was_earned(amount: int, share: Share):
    assert 0 <= rules.share_of(share, amount) <= amount


def test_an_odd_point_stays_with_who_earned_it():
    assert [rules.share_of(Share.HALF, amount) for amount in (0, 1, 2, 9)] == [0, 0, 1, 4]


@pytest.mark.parametrize("text", ["", " ", "a" * 17, "打 138-1234", "a\u200bb\u0000"])
def test_a_name_is_short_and_holds_no_number(text: str):
    with pytest.raises(HouseholdNameInvalid):
        rules.read_name(text)


def test_a_name_is_kept_without_what_nobody_sees():
    assert rules.read_name("  麦积　小院  3 号 ") == "麦积 小院 3 号"


def test_a_day_after_thirty_days_is_free_in_shanghai():
    assert rules.free_from(datetime(2026, 11, 1, 15, 59, tzinfo=UTC)) == date(2026, 12, 2)
    assert rules.free_from(datetime(2026, 11, 1, 16, 0, tzinfo=UTC)) == date(2026, 12, 3)


@pytest.mark.parametrize(("limit", "is_minor"), [(-1, True), (1001, True), (None, True), (5, False)])
def test_a_limit_that_nobody_can_mean_is_refused(limit: int | None, is_minor: bool):
    with pytest.raises(LimitInvalid):
        rules.check_limit(limit, is_minor=is_minor)


def test_a_minor_is_never_without_a_limit():
    assert rules.limit_for(None, is_minor=True) == rules.MINOR_LIMIT
    assert rules.limit_for(0, is_minor=True) == 0
    assert rules.limit_for(5, is_minor=False) is None
    assert not rules.within_limit(5, 3, 3)
