"""Campaigns are on the days of the notice, else on the usual ones, and those are marked as expected."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cities import load_city
from backend.cities.programmes import Usual
from backend.drives import rules
from backend.drives.rules import Phase, Progress

DRIVES = load_city("tianshui").drives


def dates(year: int) -> dict[str, tuple[str, str, bool]]:
    return {
        one.drive.code: (one.first.isoformat(), one.last.isoformat(), one.is_expected)
        for one in rules.in_year(DRIVES, year)
    }


def test_the_year_of_a_notice_has_its_dates():
    assert dates(2025) == {
        "environment_day": ("2025-06-05", "2025-06-05", False),
        "energy_week": ("2025-06-23", "2025-06-29", False),
        "low_carbon_day": ("2025-06-25", "2025-06-25", False),
        "travel_month": ("2025-09-01", "2025-09-30", False),
    }


def test_a_year_without_a_notice_has_the_usual_dates_and_says_so():
    found = dates(2027)
    assert found["energy_week"] == ("2027-06-21", "2027-06-27", True)
    assert found["low_carbon_day"] == ("2027-06-23", "2027-06-23", True)
    assert found["environment_day"] == ("2027-06-05", "2027-06-05", False)


@given(st.integers(2000, 2100), st.integers(1, 12), st.integers(1, 4))
def test_a_week_of_a_month_is_from_monday_to_sunday(year: int, month: int, week: int):
    first, last = rules.usual_dates(Usual(month=month, week=week), year)
    assert (first.weekday(), last - first, first.month) == (0, timedelta(days=6), month)
    assert (first.day - 1) // 7 == week - 1


@pytest.mark.parametrize(("year", "last"), [(2026, 28), (2028, 29)])
def test_a_month_is_the_whole_month(year: int, last: int):
    assert rules.usual_dates(Usual(month=2), year) == (date(year, 2, 1), date(year, 2, last))


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_around_a_day_each_campaign_comes_once_more_and_nothing_is_there_twice(today: date):
    found = rules.around(DRIVES, today)
    assert len({one.code for one in found}) == len(found)
    coming = [one.drive.code for one in found if one.phase(today) is Phase.NEXT]
    assert sorted(coming) == sorted(drive.code for drive in DRIVES)
    assert all(rules.by_code(DRIVES, one.code, today) == one for one in found)


@pytest.mark.parametrize(
    ("day", "phase"),
    [("2025-06-22", "next"), ("2025-06-23", "now"), ("2025-06-29", "now"), ("2025-06-30", "past")],
)
def test_a_campaign_is_now_from_its_first_day_to_its_last(day: str, phase: str):
    week = rules.by_code(DRIVES, "energy_week-2025", date(2025, 1, 1))
    assert week
    assert week.phase(date.fromisoformat(day)) == phase


def test_an_unknown_campaign_is_not_found():
    assert rules.by_code(DRIVES, "energy_week-1999", date(2026, 1, 1)) is None


@given(st.integers(1, 10**9), st.none() | st.integers(0, 10**9))
def test_the_bar_is_full_exactly_when_the_goal_is_reached(goal: int, counted: int | None):
    progress = Progress(goal, counted)
    assert 0 <= progress.percent <= 100
    assert (progress.percent == 100) is progress.is_reached
