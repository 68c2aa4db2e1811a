"""Opening hours as one line of text that people and files can write: a week, and the days that are different.

The line is the small part of OpenStreetMap's `opening_hours` that a city needs: `Mo-Fr 08:00-12:00,14:00-18:00; Sa 09:00-12:00;
2026-10-01 off`. A span belongs to the day on which it begins and may end after midnight. A day of the calendar that is named
replaces what begins on that day; what began the evening before still ends as it would.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from backend.core.errors import N_

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MINUTES_A_DAY = 24 * 60
ALWAYS = "24/7"
EVERY_HOUR = "Mo-Su 00:00-24:00"
CLOSED = "off"
CLOSED_WORDS = frozenset({CLOSED, "关门", "休息"})
FARTHEST_DAYS = 60
"""How far one looks for the next opening."""
SPANS_MAX = 4
EXCEPTIONS_MAX = 60
NEVER_CLOSES_DAYS = 8

Span = tuple[int, int]
"""Minutes after midnight; the end is greater than the start, and past 1440 it lies on the next day."""
Spans = tuple[Span, ...]

_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
_WEEKDAYS = re.compile(r"(Mo|Tu|We|Th|Fr|Sa|Su)(?:-(Mo|Tu|We|Th|Fr|Sa|Su))?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class HoursUnreadable(ValueError):
    """A part of the line that means nothing; `reason` is a msgid, `part` what was written."""

    def __init__(self, reason: str, part: str) -> None:
        super().__init__(f"{reason} ({part})")
        self.reason = reason
        self.part = part


@dataclass(frozen=True)
class Hours:
    """The spans of Monday to Sunday, and those of days that are different (none: closed)."""

    week: tuple[Spans, ...]
    exceptions: Mapping[date, Spans] = field(default_factory=dict[date, Spans])

    def on(self, day: date) -> Spans:
        """Return the spans that begin on a day."""
        return self.exceptions.get(day, self.week[day.weekday()])


@dataclass(frozen=True)
class Standing:
    """Whether it is open now; until when (`None`: it never closes), or when it opens (`None`: not soon)."""

    is_open: bool
    until: datetime | None = None
    opens_at: datetime | None = None


def read(text: str) -> Hours:
    """Read a line; raise `HoursUnreadable` that names the part."""
    week: list[Spans] = [()] * 7
    exceptions: dict[date, Spans] = {}
    named: set[int] = set()
    for part in filter(None, (one.strip() for one in text.replace("；", ";").split(";"))):
        head, _, rest = (EVERY_HOUR if part == ALWAYS else part).partition(" ")
        if _DATE.fullmatch(head):
            exceptions[_day(head, part, exceptions)] = _spans(rest, part)
            continue
        for day in _weekdays(head, part):
            if day in named:
                raise HoursUnreadable(N_("This day is named twice."), part)
            named.add(day)
            week[day] = _spans(rest, part)
    if len(exceptions) > EXCEPTIONS_MAX:
        raise HoursUnreadable(N_("These are too many special days."), str(len(exceptions)))
    return Hours(tuple(week), dict(sorted(exceptions.items())))


def write(hours: Hours) -> str:
    """Write hours as the one line that `read` understands; equal hours give equal lines."""
    if all(spans == ((0, MINUTES_A_DAY),) for spans in hours.week):
        parts = [ALWAYS]
    else:
        parts = [f"{name} {write_spans(spans)}" for name, spans in _runs(hours.week) if spans]
    parts += [f"{day.isoformat()} {write_spans(spans) or CLOSED}" for day, spans in sorted(hours.exceptions.items())]
    return "; ".join(parts)


def write_spans(spans: Spans) -> str:
    """Write the spans of one day, such as `08:00-12:00,14:00-18:00`; an empty text for a closed day."""
    return ",".join(f"{_clock(start)}-{_clock(end if end == MINUTES_A_DAY else end % MINUTES_A_DAY)}"
                    for start, end in spans)  # fmt: skip


def standing(hours: Hours, moment: datetime) -> Standing:
    """Say whether it is open at `moment` (aware; its zone is the clock on the wall), and what comes next."""
    began = moment.date() - timedelta(days=1)
    coming = list(_stretches(hours, began, began + timedelta(days=FARTHEST_DAYS + 1), moment))
    now = next((one for one in coming if one[0] <= moment < one[1]), None)
    if now is not None:
        is_endless = now[1] - moment > timedelta(days=NEVER_CLOSES_DAYS)
        return Standing(is_open=True, until=None if is_endless else now[1])
    return Standing(is_open=False, opens_at=next((start for start, _ in coming if start > moment), None))


def _stretches(hours: Hours, first: date, last: date, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Return open stretches in order; those that touch or overlap, as around midnight, are one."""
    spans = sorted(
        (_at(day, start, moment), _at(day, end, moment))
        for day in (first + timedelta(days=count) for count in range((last - first).days))
        for start, end in hours.on(day)
    )
    open_from, open_to = None, None
    for start, end in spans:
        if open_from is not None and open_to is not None and start <= open_to:
            open_to = max(open_to, end)
            continue
        if open_from is not None and open_to is not None:
            yield open_from, open_to
        open_from, open_to = start, end
    if open_from is not None and open_to is not None:
        yield open_from, open_to


def _at(day: date, minutes: int, moment: datetime) -> datetime:
    return datetime.combine(day, time(), moment.tzinfo) + timedelta(minutes=minutes)


def _day(text: str, part: str, known: Mapping[date, Spans]) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise HoursUnreadable(N_("There is no such day in the calendar."), part) from None
    if day in known:
        raise HoursUnreadable(N_("This day is named twice."), part)
    return day


def _weekdays(text: str, part: str) -> Iterator[int]:
    for piece in text.split(","):
        found = _WEEKDAYS.fullmatch(piece)
        if not found:
            raise HoursUnreadable(N_("Write days as Mo, Tu, We, Th, Fr, Sa, Su or 2026-10-01."), part)
        first = DAYS.index(found[1])
        last = DAYS.index(found[2]) if found[2] else first
        if last < first:
            raise HoursUnreadable(N_("The days are the wrong way round."), part)
        yield from range(first, last + 1)


def _spans(text: str, part: str) -> Spans:
    text = text.strip()
    if text in CLOSED_WORDS:
        return ()
    spans = tuple(sorted(_span(piece.strip(), part) for piece in text.replace("，", ",").split(",")))
    if len(spans) > SPANS_MAX:
        raise HoursUnreadable(N_("These are too many times for one day."), part)
    if any(after[0] < before[1] for before, after in pairwise(spans)):
        raise HoursUnreadable(N_("Two times of one day overlap."), part)
    return spans


def _span(text: str, part: str) -> Span:
    ends = text.replace("：", ":").replace("–", "-").split("-")
    if len(ends) != 2:  # noqa: PLR2004 -- from and to
        raise HoursUnreadable(N_("Write times as 08:00-18:00, or off."), part)
    start, end = (_minutes(one.strip(), part) for one in ends)
    if start >= MINUTES_A_DAY or start == end:
        raise HoursUnreadable(N_("Write times as 08:00-18:00, or off."), part)
    return start, end if end > start else end + MINUTES_A_DAY


def _minutes(text: str, part: str) -> int:
    found = _CLOCK.fullmatch(text)
    minutes = int(found[1]) * 60 + int(found[2]) if found else MINUTES_A_DAY + 1
    if minutes > MINUTES_A_DAY:
        raise HoursUnreadable(N_("Write times as 08:00-18:00, or off."), part)
    return minutes


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _runs(week: tuple[Spans, ...]) -> Iterator[tuple[str, Spans]]:
    """Join neighbouring days with the same spans: `Mo-Fr`."""
    start = 0
    for day in range(1, 8):
        if day == 7 or week[day] != week[start]:  # noqa: PLR2004 -- the week is over
            yield DAYS[start] if day - start == 1 else f"{DAYS[start]}-{DAYS[day - 1]}", week[start]
            start = day
