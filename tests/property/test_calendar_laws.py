"""Laws that every deadline keeps, whatever the day: it never falls on a day off, never comes early, never turns round."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.core.calendar import (
    FIRST_KNOWN_DAY,
    LAST_KNOWN_DAY,
    add_natural_days,
    add_workdays,
    day_of,
    is_known,
    is_workday,
)

days = st.dates(date(2003, 6, 1), date(2028, 12, 31))
counts = st.integers(1, 120)


@given(days, counts)
def test_a_deadline_is_a_working_day(start: date, count: int) -> None:
    assert is_workday(add_workdays(start, count).date)
    assert is_workday(add_natural_days(start, count).date)


@given(days, counts)
def test_the_first_day_is_not_counted(start: date, count: int) -> None:
    assert add_natural_days(start, count).date >= start + timedelta(days=count)
    assert add_workdays(start, count).date >= start + timedelta(days=count)


@given(days, counts)
def test_exactly_that_many_working_days_lie_after_the_start(start: date, count: int) -> None:
    last = add_workdays(start, count).date
    after = (start + timedelta(days=n) for n in range(1, (last - start).days + 1))
    assert sum(is_workday(day) for day in after) == count


@given(days, counts)
def test_natural_days_roll_over_days_off_only(start: date, count: int) -> None:
    nominal = start + timedelta(days=count)
    last = add_natural_days(start, count).date
    assert not any(is_workday(nominal + timedelta(days=n)) for n in range((last - nominal).days))


@given(days, counts, st.integers(0, 30))
def test_a_later_start_never_ends_earlier(start: date, count: int, later: int) -> None:
    moved = start + timedelta(days=later)
    assert add_workdays(moved, count).date >= add_workdays(start, count).date
    assert add_natural_days(moved, count).date >= add_natural_days(start, count).date


@given(days, counts, st.integers(0, 30))
def test_a_longer_period_never_ends_earlier(start: date, count: int, more: int) -> None:
    assert add_workdays(start, count + more).date >= add_workdays(start, count).date
    assert add_natural_days(start, count + more).date >= add_natural_days(start, count).date


@given(days, counts, counts)
def test_working_days_can_be_counted_in_two_parts(start: date, first: int, second: int) -> None:
    halfway = add_workdays(start, first).date
    assert add_workdays(halfway, second).date == add_workdays(start, first + second).date


@given(days, counts)
def test_provisional_means_that_a_day_of_an_unknown_year_is_touched(start: date, count: int) -> None:
    for found in (add_workdays(start, count), add_natural_days(start, count)):
        counted = (start + timedelta(days=n) for n in range(1, (found.date - start).days + 1))
        assert found.provisional == (not all(is_known(day) for day in counted))


@given(days, counts)
def test_the_moment_lies_on_the_last_day(start: date, count: int) -> None:
    found = add_workdays(start, count)
    assert day_of(found.at) == found.date
    assert day_of(found.at + timedelta(seconds=1)) == found.date + timedelta(days=1)


def test_the_known_years_are_whole() -> None:
    assert (FIRST_KNOWN_DAY.month, FIRST_KNOWN_DAY.day) == (1, 1)
    assert (LAST_KNOWN_DAY.month, LAST_KNOWN_DAY.day) == (12, 31)
    assert date(2026, 12, 31) <= LAST_KNOWN_DAY
