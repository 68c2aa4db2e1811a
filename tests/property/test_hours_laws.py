"""Laws of opening hours: what is written is read back, midnight is no edge, and a special day replaces the usual one."""

import contextlib
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import hours
from backend.core.clock import SHANGHAI
from backend.core.hours import MINUTES_A_DAY, Hours, HoursUnreadable, Spans

MONDAY = date(2026, 11, 2)


@st.composite
def days(draw: st.DrawFn) -> Spans:
    """Spans of one day that do not overlap; the last may end on the next day."""
    ends = sorted(draw(st.lists(st.integers(0, MINUTES_A_DAY - 1), max_size=6, unique=True)))
    spans = [(start, end) for start, end in zip(ends[::2], ends[1::2], strict=False)]
    if ends and len(ends) % 2 and ends[-1] > 0:
        spans.append(
            (ends[-1], draw(st.integers(MINUTES_A_DAY, MINUTES_A_DAY + ends[0])))
            if spans
            else (ends[-1], MINUTES_A_DAY)
        )
    return tuple(spans)


weeks = st.tuples(*[days()] * 7)
dates = st.dates(MONDAY, MONDAY + timedelta(days=40))
all_hours = st.builds(Hours, week=weeks, exceptions=st.dictionaries(dates, days(), max_size=4))
minutes = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
moments = st.builds(datetime.combine, dates, minutes, st.just(SHANGHAI))


def is_open_by_hand(known: Hours, moment: datetime) -> bool:
    """Look into the spans of the day and of the evening before, with no other cleverness."""
    minute = moment.hour * 60 + moment.minute
    today, before = known.on(moment.date()), known.on(moment.date() - timedelta(days=1))
    return any(start <= minute < end for start, end in today) or any(minute + MINUTES_A_DAY < end for _, end in before)


@given(all_hours)
def test_what_is_written_is_read_back(known: Hours) -> None:
    line = hours.write(known)
    again = hours.read(line)
    assert dict(again.exceptions) == dict(known.exceptions)
    assert again.week == known.week
    assert hours.write(again) == line


@given(all_hours, moments)
def test_it_is_open_when_a_span_of_today_or_of_last_evening_says_so(known: Hours, moment: datetime) -> None:
    assert hours.standing(known, moment).is_open is is_open_by_hand(known, moment)


@given(all_hours, moments)
def test_what_comes_next_is_the_next_change(known: Hours, moment: datetime) -> None:
    stands = hours.standing(known, moment)
    if stands.is_open and stands.until is not None:
        assert stands.until > moment
        assert not is_open_by_hand(known, stands.until)
        assert is_open_by_hand(known, stands.until - timedelta(minutes=1))
    if stands.opens_at is not None:
        assert stands.opens_at > moment
        assert is_open_by_hand(known, stands.opens_at)
        assert not is_open_by_hand(known, stands.opens_at - timedelta(minutes=1))


@given(weeks, dates)
def test_a_special_day_replaces_what_begins_on_it(week: tuple[Spans, ...], day: date) -> None:
    closed = Hours(week, {day: ()})
    noon = datetime.combine(day, time(12), SHANGHAI)
    late = any(end > MINUTES_A_DAY + 12 * 60 for _, end in closed.on(day - timedelta(days=1)))
    assert hours.standing(closed, noon).is_open is late


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_as_unreadable(text: str) -> None:
    with contextlib.suppress(HoursUnreadable):
        known = hours.read(text)
        assert hours.read(hours.write(known)) == known


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("line", "moment", "is_open", "then"),
    [
        ("Mo-Fr 08:00-18:00", "2026-11-02 08:00", True, "2026-11-02 18:00"),
        ("Mo-Fr 08:00-18:00", "2026-11-02 18:00", False, "2026-11-03 08:00"),
        ("Mo-Fr 08:00-18:00", "2026-11-06 20:00", False, "2026-11-09 08:00"),
        ("Fr 22:00-02:00", "2026-11-07 01:59", True, "2026-11-07 02:00"),
        ("Mo-Su 00:00-24:00; 2026-11-03 off", "2026-11-02 12:00", True, "2026-11-03 00:00"),
        ("Mo 22:00-03:00; 2026-11-03 off", "2026-11-03 02:00", True, "2026-11-03 03:00"),
        ("24/7", "2026-11-02 12:00", True, None),
        ("2026-11-05 09:00-12:00", "2026-11-02 12:00", False, "2026-11-05 09:00"),
        ("2026-11-01 09:00-12:00", "2026-11-02 12:00", False, None),
        ("Mo 08:00-12:00,12:00-18:00", "2026-11-02 09:00", True, "2026-11-02 18:00"),
    ],
)
def test_examples_that_people_ask_about(line: str, moment: str, is_open: bool, then: str | None) -> None:
    stands = hours.standing(hours.read(line), at(moment))
    assert stands.is_open is is_open
    assert (stands.until or stands.opens_at) == (at(then) if then else None)


@pytest.mark.parametrize(
    "line",
    ["Mo", "Mo 8-9", "Mo 08:00-25:00", "Mo 08:60-09:00", "Xx 08:00-09:00", "Fr-Mo 08:00-09:00", "Mo 09:00-09:00",
     "Mo 08:00-10:00,09:00-11:00", "Mo 08:00-09:00; Mo 10:00-11:00", "2026-02-30 off", "2026-11-01 off; 2026-11-01 off",
     "Mo 24:00-25:00", "Mo 1:00-2:00,3:00-4:00,5:00-6:00,7:00-8:00,9:00-10:00"],
)  # fmt: skip
def test_a_line_that_means_nothing_is_refused(line: str) -> None:
    with pytest.raises(HoursUnreadable):
        hours.read(line)
