"""Where things stand in the drawings of an indicator: numbers for the templates, which draw them as SVG."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from backend.cities.plan import Indicator, ObservationStatus, Operator, Target
from backend.core.periods import Period
from backend.plan.assessment import Assessment
from backend.plan.progress import Standing
from backend.plan.queries import Figure

GAUGE_WIDTH, GAUGE_EDGE = 300.0, 12.0
CHART_WIDTH, CHART_HEIGHT = 340.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 14.0, 14.0, 26.0
TICKS = 4
ROOM = 0.12
"""Above and below the values, as a share of their span."""
LABELS = 6
"""So many years can be read under the chart of a phone."""
XOf = Callable[[int], float]
"""Months since year 0 → place from the left."""
YOf = Callable[[Decimal | float], float]
"""Value → place from the top."""


@dataclass(frozen=True)
class Gauge:
    """Places on a line from left to right: where it began, where it is, where it should be."""

    start: float | None
    now: float | None
    goal: float | None
    goal_end: float | None
    """Where a range ends."""
    is_drawn: bool
    """Without a value and without an aim there is nothing to draw."""


def gauge(one: Standing) -> Gauge:
    """Return the gauge of an indicator; better is always to the right."""
    result, target = one.result, one.target
    base = one.inputs.base.value if one.inputs and one.inputs.base else None
    now = one.latest.value if one.latest else None
    goal = result.goal if result else None
    end = target.high if target and target.operator is Operator.BETWEEN else None
    known = [value for value in (base, now, goal, end) if value is not None]
    if not known:
        return Gauge(None, None, None, None, is_drawn=False)
    low, high = _span(known, one.indicator, has_start=base is not None)

    def place(value: Decimal | None) -> float | None:
        if value is None:
            return None
        share = float((value - low) / (high - low))
        share = 1 - share if one.indicator.trend.value == "down" else share
        return round(GAUGE_EDGE + share * (GAUGE_WIDTH - 2 * GAUGE_EDGE), 1)

    return Gauge(place(base), place(now), place(goal), place(end), is_drawn=True)


def _span(known: Sequence[Decimal], indicator: Indicator, *, has_start: bool) -> tuple[Decimal, Decimal]:
    """Return the ends of the line: the natural limits where it has no start, else a little more than its values."""
    low, high = min(known), max(known)
    if not has_start and indicator.minimum is not None and indicator.maximum is not None:
        return indicator.minimum, indicator.maximum
    room = (high - low) * Decimal(str(ROOM)) or abs(high) * Decimal("0.2") or Decimal(1)
    return (low - room if has_start else min(low - room, Decimal(0)) if low >= 0 else low - room), high + room


@dataclass(frozen=True)
class Point:
    """A value in the chart."""

    x: float
    y: float
    period: str
    value: Decimal
    is_sure: bool
    is_break: bool


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: its place and what stands there."""

    at: float
    label: str


@dataclass(frozen=True)
class Chart:
    """A line of values over time with the aim: everything in the units of the drawing."""

    points: Sequence[Point]
    lines: Sequence[str]
    """`x,y x,y …`; a series that is counted in a new way from some year on is two lines."""
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    goal_y: float | None
    due_x: float | None
    way: tuple[float, float, float, float] | None
    """From the start to the aim: the pace that was promised."""
    width: float = CHART_WIDTH
    height: float = CHART_HEIGHT
    left: float = LEFT
    right: float = CHART_WIDTH - RIGHT
    top: float = TOP
    bottom: float = CHART_HEIGHT - BOTTOM


def chart(one: Standing) -> Chart | None:
    """Return the chart of an indicator; `None` without two things to compare: values, or a value and an aim."""
    figures = [figure for figure in one.figures if figure.value is not None]
    result, target = one.result, one.target
    if not figures or (len(figures) == 1 and not target):
        return None
    goal = result.goal if result else None
    values = [figure.value for figure in figures if figure.value is not None] + ([goal] if goal is not None else [])
    low, high, step = axis(float(min(values)), float(max(values)), one.indicator.maximum)
    first, last = _years(figures, target)

    def x_of(months: int) -> float:
        whole = max(1, (last - first) * 12)
        return round(LEFT + (months - first * 12 - 12) / whole * (CHART_WIDTH - LEFT - RIGHT), 1)

    def y_of(value: Decimal | float) -> float:
        return round(CHART_HEIGHT - BOTTOM - (float(value) - low) / (high - low) * (CHART_HEIGHT - TOP - BOTTOM), 1)

    points = [_point(figure, x_of(Period.read(figure.period).months), y_of) for figure in figures]
    return Chart(
        points=points,
        lines=_lines(points),
        x_ticks=[Tick(x_of(year * 12 + 12), str(year)) for year in _labelled(first, last)],
        y_ticks=[Tick(y_of(low + step * place), _short(low + step * place)) for place in range(TICKS + 1)],
        goal_y=None if goal is None else y_of(goal),
        due_x=x_of(target.due * 12 + 12) if target else None,
        way=_way(one, result, target, x_of, y_of),
    )


def _point(figure: Figure, x: float, y_of: YOf) -> Point:
    assert figure.value is not None
    return Point(
        x=x,
        y=y_of(figure.value),
        period=figure.period,
        value=figure.value,
        is_sure=figure.status not in {ObservationStatus.ESTIMATED, ObservationStatus.PROVISIONAL},
        is_break=figure.status is ObservationStatus.BREAK,
    )


def _lines(points: Sequence[Point]) -> list[str]:
    lines: list[list[str]] = [[]]
    for point in points:
        if point.is_break and lines[-1]:
            lines.append([])
        lines[-1].append(f"{point.x},{point.y}")
    return [" ".join(line) for line in lines]


def _way(
    one: Standing, result: Assessment | None, target: Target | None, x_of: XOf, y_of: YOf
) -> tuple[float, float, float, float] | None:
    base = one.inputs.base if one.inputs else None
    if base is None or base.value is None or result is None or result.goal is None or target is None:
        return None
    return x_of(base.when.months), y_of(base.value), x_of(target.due * 12 + 12), y_of(result.goal)


def _years(figures: Sequence[Figure], target: Target | None) -> tuple[int, int]:
    years = [Period.read(figure.period).year for figure in figures] + ([target.due] if target else [])
    first, last = min(years), max(years)
    return (first - 1, last + 1) if first == last else (first, last)


def _labelled(first: int, last: int) -> list[int]:
    step = max(1, math.ceil((last - first + 1) / LABELS))
    return list(range(last, first - 1, -step))[::-1]


def axis(low: float, high: float, limit: Decimal | None) -> tuple[float, float, float]:
    """Return the ends of an axis and the step between its marks, all of them round numbers; not above `limit`."""
    span = (high - low) or abs(high) or 1.0
    raw = span * (1 + 2 * ROOM) / TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    for factor in (1, 2, 2.5, 5, 10, 20, 25, 50):
        step = factor * power
        begin = math.floor((low - span * ROOM) / step) * step
        begin = max(begin, 0.0) if low >= 0 else begin
        if limit is not None and float(limit) >= TICKS * step:
            begin = min(begin, float(limit) - TICKS * step)
        if begin + TICKS * step >= high:
            return begin, begin + TICKS * step, step
    raise AssertionError  # 50 times the power is always enough


def _short(value: float) -> str:
    return f"{value:.6g}"
