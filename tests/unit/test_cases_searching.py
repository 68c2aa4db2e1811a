"""Words to be found by: pairs of Chinese characters, whole words and numbers; a question asks for the same."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cases.errors import NothingToSearch
from backend.cases.searching import LAST_POSITION, question, vector, week_of


def test_chinese_is_kept_as_pairs_and_the_rest_as_words() -> None:
    assert vector("污水排放") == "'污水':1 '水排':2 '排放':3 '放':4"
    assert vector("ＰＭ2.5，黑烟") == "'pm2':1 '5':2 '黑烟':3 '烟':4"
    assert vector("污", "水") == "'污':1 '水':2"
    assert vector("", "…！%") == ""


def test_a_question_asks_for_all_of_it_in_any_order() -> None:
    assert question("污水") == "('污水')"
    assert question("污水排放 甘谷") == "('污水' <-> '水排' <-> '排放') & ('甘谷')"
    assert question("TS-AB12") == "'ts':* & 'ab12':*"
    assert question("烟") == "'烟':*"


@pytest.mark.parametrize("text", ["%", "", "  ", "'; --", "污" * 61, "x" * 10_000])
def test_what_has_no_word_or_is_too_long_is_no_question(text: str) -> None:
    with pytest.raises(NothingToSearch):
        question(text)


@given(st.text(max_size=60))
def test_nothing_that_somebody_writes_is_read_as_an_operator(text: str) -> None:
    """Words are between quotes, and no word holds one."""
    for word in vector(text).split(" "):
        assert word == "" or word.count("'") == 2
        assert not set("\\&|!<():*") & set(word.split("'")[1] if word else "")


def test_a_text_without_end_is_cut_where_the_database_stops_counting() -> None:
    assert vector("污水" * LAST_POSITION).count(" ") == LAST_POSITION - 1


def test_a_week_is_seven_days_wherever_the_clock_stands() -> None:
    now = datetime(2026, 11, 27, 12, tzinfo=UTC)
    assert week_of(now + timedelta(days=7)) == week_of(now) + 1
