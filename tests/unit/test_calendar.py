"""The calendar against dates counted by hand and against the vectors that the city handed over."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from backend.core import calendar

WORKDAY_VECTORS = [
    (date(2026, 9, 25), 15, date(2026, 10, 22)),
    (date(2026, 11, 23), 15, date(2026, 12, 14)),
    (date(2026, 9, 28), 7, date(2026, 10, 13)),
    (date(2026, 2, 13), 7, date(2026, 3, 2)),
]


@pytest.mark.parametrize(("start", "count", "last"), WORKDAY_VECTORS)
def test_working_days_follow_the_announced_holidays(start: date, count: int, last: date) -> None:
    found = calendar.add_workdays(start, count)
    assert (found.date, found.provisional) == (last, False)


def test_working_days_into_a_year_not_announced_are_provisional() -> None:
    found = calendar.add_workdays(date(2026, 12, 25), 7)
    assert found.provisional
    assert found.date == date(2027, 1, 5)  # weekends alone are left out


def test_a_period_that_ends_on_the_last_announced_day_is_firm() -> None:
    assert not calendar.add_workdays(date(2026, 12, 30), 1).provisional
    assert calendar.add_workdays(date(2026, 12, 31), 1).provisional


@pytest.mark.parametrize(
    "day",
    [date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10)],
)
def test_a_weekend_worked_in_exchange_is_a_workday(day: date) -> None:
    assert day.weekday() >= 5
    assert calendar.is_workday(day)


@pytest.mark.parametrize(
    ("start", "count", "last"),
    [
        (date(2026, 11, 23), 15, date(2026, 12, 8)),  # a Tuesday
        (date(2026, 11, 20), 15, date(2026, 12, 7)),  # the 5th is a Saturday
        (date(2026, 9, 20), 15, date(2026, 10, 8)),  # 5 October lies in the long holiday
        (date(2026, 1, 31), 14, date(2026, 2, 14)),  # a Saturday that is worked stays
    ],
)
def test_natural_days_roll_over_days_off(start: date, count: int, last: date) -> None:
    assert calendar.add_natural_days(start, count).date == last


def test_natural_days_into_the_next_year_are_provisional() -> None:
    found = calendar.add_natural_days(date(2026, 11, 23), 60)
    assert (found.date, found.provisional) == (date(2027, 1, 22), True)


def test_a_deadline_ends_with_its_day_in_the_city() -> None:
    assert calendar.add_workdays(date(2026, 11, 23), 1).at == datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC)


def test_the_day_of_a_moment_is_the_day_in_the_city() -> None:
    assert calendar.day_of(datetime(2026, 11, 23, 16, 0, tzinfo=UTC)) == date(2026, 11, 24)
    assert calendar.day_of(datetime(2026, 11, 23, 23, 0, tzinfo=timezone(timedelta(hours=-8)))) == date(2026, 11, 24)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        calendar.day_of(datetime(2026, 11, 23))  # noqa: DTZ001 -- what the test is about


def test_hours_run_through_nights_and_holidays() -> None:
    start = datetime(2026, 10, 1, 3, 0, tzinfo=UTC)
    found = calendar.add_hours(start, 24)
    assert (found.at, found.date, found.provisional) == (start + timedelta(hours=24), date(2026, 10, 2), False)


@pytest.mark.parametrize("count", [0, -1])
def test_a_period_of_nothing_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        calendar.add_workdays(date(2026, 11, 23), count)
    with pytest.raises(ValueError, match="at least 1"):
        calendar.add_natural_days(date(2026, 11, 23), count)
    with pytest.raises(ValueError, match="at least 1"):
        calendar.add_hours(datetime(2026, 11, 23, tzinfo=UTC), count)
