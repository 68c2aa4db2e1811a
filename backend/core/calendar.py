"""Counts natural days and working days as the law does, so that no promised date is guessed or falls on a holiday.

The first day is not counted. A period in natural days that ends on a day off ends on the next working day
(环环监〔2017〕17号, article 38). The government announces each year's holidays late in the year before: past the last
announced year only weekends are known, and a date that touches it is marked provisional.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar
from chinese_calendar.constants import holidays

from backend.core.clock import SHANGHAI

FIRST_KNOWN_DAY = date(min(holidays).year, 1, 1)
LAST_KNOWN_DAY = date(max(holidays).year, 12, 31)

_SATURDAY = 5
_LAST_SECOND = time(23, 59, 59)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a period, the moment it ends, and whether the calendar behind it is still to be announced."""

    date: date
    at: datetime
    provisional: bool


def day_of(moment: datetime) -> date:
    """Return the day on which `moment` (aware) falls in the city."""
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone does not say which day it is.")
    return moment.astimezone(SHANGHAI).date()


def end_of(day: date) -> datetime:
    """Return the last second of `day` in the city, in UTC."""
    return datetime.combine(day, _LAST_SECOND, tzinfo=SHANGHAI).astimezone(UTC)


def is_known(day: date) -> bool:
    """Whether the holidays of this day's year have been announced."""
    return FIRST_KNOWN_DAY <= day <= LAST_KNOWN_DAY


@lru_cache(maxsize=4096)
def is_workday(day: date) -> bool:
    """Whether offices work on this day; for a year not announced, whether it is Monday to Friday."""
    if is_known(day):
        return bool(chinese_calendar.is_workday(day))  # pyright: ignore[reportUnknownMemberType] -- the package is untyped
    return day.weekday() < _SATURDAY


def next_workday(day: date) -> date:
    """Return `day` itself if it is a working day, else the first working day after it."""
    while not is_workday(day):
        day += _ONE_DAY
    return day


def add_workdays(start: date, count: int) -> Deadline:
    """Return the `count`-th working day after `start`."""
    _refuse_less_than_one(count)
    day = start
    for _ in range(count):
        day = next_workday(day + _ONE_DAY)
    return _deadline(start, day)


def add_natural_days(start: date, count: int) -> Deadline:
    """Return the `count`-th day after `start`, or the first working day after that if it is a day off."""
    _refuse_less_than_one(count)
    return _deadline(start, next_workday(start + timedelta(days=count)))


def add_hours(start: datetime, hours: int) -> Deadline:
    """Return the moment `hours` later; a period in hours runs through nights and holidays."""
    _refuse_less_than_one(hours)
    end = start.astimezone(UTC) + timedelta(hours=hours)
    return Deadline(date=day_of(end), at=end, provisional=False)


def _deadline(start: date, last: date) -> Deadline:
    known = is_known(start + _ONE_DAY) and is_known(last)
    return Deadline(date=last, at=end_of(last), provisional=not known)


def _refuse_less_than_one(count: int) -> None:
    if count < 1:
        raise ValueError(f"A period lasts at least 1, not {count}.")
