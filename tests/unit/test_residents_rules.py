"""Ages, nicknames, codes and numbers: what is taken, what is kept, what is refused, for any input."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.residents import rules
from backend.accounts.residents.errors import AgeInvalid, NicknameInvalid
from backend.accounts.residents.rules import AgeGroup, Device, Language, Standing
from backend.core.phones import masked, read_phone

TODAY = date(2026, 11, 26)


@given(st.text(max_size=40))
def test_what_is_read_as_a_number_is_eleven_plain_digits(text: str):
    number = read_phone(text)
    assert number is None or (number.isascii() and number.isdigit() and len(number) == 11)


@pytest.mark.parametrize(
    "text", ["13812345678", "138 1234 5678", "+86 138-1234-5678", "１３８１２３４５６７８", "(138)12345678"]
)
def test_one_number_has_many_ways_to_be_typed(text: str):
    assert read_phone(text) == "13812345678"


def test_a_masked_number_cannot_be_dialled():
    assert masked("13812345678") == "138****5678"


@given(st.text(max_size=40))
def test_a_nickname_is_short_plain_and_reads_the_same_again(text: str):
    try:
        name = rules.read_nickname(text)
    except NicknameInvalid:
        return
    assert 1 <= len(name) <= rules.NICKNAME_MAX
    assert rules.read_nickname(name) == name
    assert "\n" not in name


@pytest.mark.parametrize("text", ["", "   ", "a" * 21, "13812345678", "小麦 138 1234", "麦\u202e积", "a\x00b"])
def test_a_name_that_hides_or_tells_something_is_refused(text: str):
    with pytest.raises(NicknameInvalid):
        rules.read_nickname(text)


@pytest.mark.parametrize("language", list(Language))
def test_a_name_that_we_give_is_one_that_we_take(language: Language):
    name = rules.new_nickname(language)
    assert rules.read_nickname(name) == name


@pytest.mark.parametrize(("typed", "code"), [("123456", "123456"), (" 12 34 56", "123456"), ("１２３４５６", "123456")])
def test_a_code_may_be_typed_in_any_way(typed: str, code: str):
    assert rules.read_code(typed) == code


@given(st.text(max_size=20))
def test_nothing_but_six_digits_is_a_code(text: str):
    code = rules.read_code(text)
    assert code is None or (len(code) == 6 and code.isascii() and code.isdigit())


def test_codes_differ():
    assert len({rules.new_code() for _ in range(200)}) > 190
    assert all(len(rules.new_code()) == 6 for _ in range(200))


@given(st.integers(1900, 2100))
def test_a_birth_year_is_kept_for_minors_only(year: int):
    assert rules.check_age(AgeGroup.ADULT, year, TODAY) is None
    if 2008 <= year <= 2026:
        assert rules.check_age(AgeGroup.MINOR, year, TODAY) == year
    else:
        with pytest.raises(AgeInvalid):
            rules.check_age(AgeGroup.MINOR, year, TODAY)


@given(st.integers(2008, 2026), st.dates(date(2026, 1, 1), date(2050, 12, 31)))
def test_nobody_under_fourteen_earns_without_a_guardian(year: int, today: date):
    """The last day on which somebody of this year can still be 13 is the 31 December of the year of the birthday."""
    may_be_under = today < date(year + 14, 12, 31)
    standing = rules.standing(AgeGroup.MINOR, year, has_guardian=False, today=today)
    if may_be_under:
        assert standing is Standing.WAITING
    assert rules.standing(AgeGroup.MINOR, year, has_guardian=True, today=today) is Standing.FULL
    assert rules.is_of_age(year, today) == (today.year > year + 18)


def test_fourteen_to_eighteen_need_nobody():
    assert rules.standing(AgeGroup.MINOR, 2011, has_guardian=False, today=TODAY) is Standing.FULL
    assert rules.standing(AgeGroup.ADULT, None, has_guardian=False, today=TODAY) is Standing.FULL
    assert rules.standing(None, None, has_guardian=True, today=TODAY) is Standing.NEW


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Linux; Android 14; V2304A) Chrome/114.0", Device.ANDROID),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) ArkWeb/4.1", Device.ANDROID),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)", Device.IPHONE),
        ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X)", Device.TABLET),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", Device.COMPUTER),
        ("", Device.OTHER),
    ],
)
def test_only_the_kind_of_device_is_kept(agent: str, device: Device):
    assert rules.device_of(agent) is device
