"""When the campaigns of a year are, which are now, next and past, and how far everybody has come together.

Some dates are fixed by nature (the fifth of June); others are announced each spring. A year that nobody has announced yet is
shown by its usual dates and marked as expected: a date that looks sure and is not would send people on a wrong day.
"""

import calendar
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from backend.cities.programmes import Drive, Usual

PAST_DAYS = 400
WEEK = timedelta(days=6)


class Phase(StrEnum):
    """Where a campaign stands today."""

    NOW = "now"
    NEXT = "next"
    PAST = "past"


class Numbered(Protocol):
    """Anything that has a goal."""

    @property
    def goal(self) -> int: ...


@dataclass(frozen=True)
class Occurrence:
    """A campaign in one year."""

    drive: Drive
    first: date
    last: date
    is_expected: bool
    """Whether these are only the usual dates; the notice of the year decides."""

    @property
    def code(self) -> str:
        """How it stands in an address, such as `travel_month-2026`."""
        return f"{self.drive.code}-{self.first.year}"

    def phase(self, today: date) -> Phase:
        """Where it stands on a day."""
        if today < self.first:
            return Phase.NEXT
        return Phase.PAST if today > self.last else Phase.NOW


@dataclass(frozen=True)
class Progress:
    """How far everybody has come together; `counted` is `None` while nobody counts."""

    goal: int
    counted: int | None

    @property
    def percent(self) -> int:
        """How much of the goal is reached; never more than all of it, and all of it only when it is."""
        if self.counted is None:
            return 0
        return max(0, min(100, self.counted * 100 // self.goal))

    @property
    def is_reached(self) -> bool:
        """Whether the goal is reached."""
        return self.counted is not None and self.counted >= self.goal


def in_year(drives: Sequence[Drive], year: int) -> list[Occurrence]:
    """Return every campaign of a year, in the order of their dates."""
    found = {drive.code: _dated(drive, year) for drive in drives if drive.usual.within is None}
    for drive in drives:
        if drive.usual.within is not None:
            found[drive.code] = _dated_within(drive, found[drive.usual.within], year)
    return sorted(found.values(), key=lambda one: (one.first, one.last, one.code))


def around(drives: Sequence[Drive], today: date) -> list[Occurrence]:
    """Return what is worth showing on a day: what runs, the next time of each campaign, and what ended not long ago."""
    every = [one for year in range(today.year - 2, today.year + 2) for one in in_year(drives, year)]
    kept = [one for one in every if one.phase(today) is not Phase.NEXT and (today - one.last).days <= PAST_DAYS]
    return [*kept, *_first_of_each(one for one in every if one.phase(today) is Phase.NEXT)]


def by_code(drives: Sequence[Drive], code: str, today: date) -> Occurrence | None:
    """Return the campaign that an address names, of last year to the next."""
    years = range(today.year - 2, today.year + 2)
    return next((one for year in years for one in in_year(drives, year) if one.code == code), None)


def _first_of_each(coming: Iterable[Occurrence]) -> Iterator[Occurrence]:
    seen: set[str] = set()
    for one in coming:
        if one.drive.code not in seen:
            seen.add(one.drive.code)
            yield one


def _dated(drive: Drive, year: int) -> Occurrence:
    announced = _announced(drive, year)
    if announced is not None:
        return announced
    first, last = usual_dates(drive.usual, year)
    return Occurrence(drive, first, last, is_expected=not drive.is_fixed)


def _dated_within(drive: Drive, outer: Occurrence, year: int) -> Occurrence:
    announced = _announced(drive, year)
    if announced is not None:
        return announced
    day = outer.first + timedelta(days=(drive.usual.day or 1) - 1)
    is_expected = outer.is_expected or not drive.is_fixed
    return Occurrence(drive, day, day + timedelta(days=drive.usual.days - 1), is_expected=is_expected)


def _announced(drive: Drive, year: int) -> Occurrence | None:
    known = next((one for one in drive.announced if one.first.year == year), None)
    return Occurrence(drive, known.first, known.last, is_expected=False) if known else None


def usual_dates(usual: Usual, year: int) -> tuple[date, date]:
    """Return the first and last day by the usual rule: the whole month, its n-th week from Monday, or days from a date."""
    month = usual.month or 1
    if usual.week is not None:
        start = date(year, month, 1)
        monday = start + timedelta(days=-start.weekday() % 7 + 7 * (usual.week - 1))
        return monday, monday + WEEK
    longest = calendar.monthrange(year, month)[1]
    if usual.day is None:
        return date(year, month, 1), date(year, month, longest)
    first = date(year, month, min(usual.day, longest))
    return first, first + timedelta(days=usual.days - 1)
