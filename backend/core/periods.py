"""Time periods as statistics write them: a year, a half, a quarter or a month (SDMX `TIME_PERIOD`)."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

_FORM = re.compile(r"(?P<year>(?:19|20)\d\d)(?:-(?P<part>[SQ])(?P<number>[1-4])|-(?P<month>0[1-9]|1[0-2]))?", re.ASCII)
_MONTHS = {"S": 6, "Q": 3}


class Resolution(StrEnum):
    """How long one period is."""

    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"


@dataclass(frozen=True, order=True)
class Period:
    """A period from its first day to its last; `text` is how SDMX writes it: `2025`, `2025-S1`, `2025-Q3`, `2025-07`."""

    start: date
    end: date
    text: str

    @staticmethod
    @lru_cache(maxsize=4096)  # every value of every page names its period
    def read(text: str) -> "Period":
        """Read `text`; raise `ValueError` for anything that SDMX would not write, such as `2025年底`."""
        found = _FORM.fullmatch(text)
        if found is None or (found["part"] == "S" and found["number"] not in "12"):
            raise ValueError(f"{text!r} is no period: write 2025, 2025-S1, 2025-Q3 or 2025-07")
        year, first, months = int(found["year"]), 1, 12
        if found["part"]:
            months = _MONTHS[found["part"]]
            first = (int(found["number"]) - 1) * months + 1
        elif found["month"]:
            first, months = int(found["month"]), 1
        last = first + months - 1
        return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]), text)

    @classmethod
    def of_year(cls, year: int) -> "Period":
        """Return the whole `year`."""
        return cls.read(f"{year:04d}")

    @classmethod
    def holding(cls, day: date, resolution: Resolution) -> "Period":
        """Return the period of `resolution` in which `day` lies."""
        match resolution:
            case Resolution.YEAR:
                return cls.read(f"{day.year:04d}")
            case Resolution.HALF:
                return cls.read(f"{day.year:04d}-S{(day.month - 1) // 6 + 1}")
            case Resolution.QUARTER:
                return cls.read(f"{day.year:04d}-Q{(day.month - 1) // 3 + 1}")
            case Resolution.MONTH:
                return cls.read(f"{day.year:04d}-{day.month:02d}")

    @property
    def following(self) -> "Period":
        """The next period of the same length."""
        return Period.holding(self.end + timedelta(days=1), self.resolution)

    @property
    def preceding(self) -> "Period":
        """The period of the same length before it."""
        return Period.holding(self.start - timedelta(days=1), self.resolution)

    @property
    def months(self) -> int:
        """Months from year 0 to its end: differences of these are time elapsed, without the length of February."""
        return self.end.year * 12 + self.end.month

    @property
    def resolution(self) -> Resolution:
        """How long the period is."""
        if len(self.text) == len("2025"):
            return Resolution.YEAR
        return {"S": Resolution.HALF, "Q": Resolution.QUARTER}.get(self.text[5], Resolution.MONTH)

    @property
    def year(self) -> int:
        """The year it lies in."""
        return self.end.year

    def due_on(self, lag_days: int) -> date:
        """Return the last day on which its figure may be published and still be in time."""
        return self.end + timedelta(days=lag_days)
