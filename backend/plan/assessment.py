"""Whether a target was met: one pure function of what was published, defined for every gap in it.

The order of the questions is the method, and `METHOD` is its version: whoever has the inputs can compute the result
again. The pace is linear in the indicator's own unit (points, for a share), because a rate of growth flatters whoever
begins low; the ratio of rates that Open SDG sites publish is given beside it for comparison
(Statistics Canada, https://open-sdg.readthedocs.io, "progress methodology").
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from backend.cities.plan import ObservationStatus, Operator, Trend
from backend.core.periods import Period, Resolution

METHOD = "1"
ON_TRACK, BEHIND = Fraction(95, 100), Fraction(60, 100)
"""The least share of the way that should lie behind us by now (Eurostat's bands, as Open SDG uses them)."""
LEAST_FOR_A_PROJECTION = 3
"""Values from the start on; two points make a line through anything."""
FARTHEST_YEAR = 2100
STEEPEST = 50.0
"""Of a rate of growth, as a logarithm; beyond it the ratio says nothing."""


class Status(StrEnum):
    """What is said of a target. Exactly one applies."""

    MET = "met"
    MET_EARLY = "met_early"
    MET_LATE = "met_late"
    LOST = "lost"
    """It had been met, and the newest value no longer does; there is still time."""
    MISSED = "missed"
    DUE_UNREPORTED = "due_unreported"
    """The year has passed, and no value for it was published."""
    NO_DATA = "no_data"
    NO_BASELINE = "no_baseline"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    FAR_BEHIND = "far_behind"
    WORSENING = "worsening"
    TARGET_NOT_PUBLISHED = "target_not_published"
    """Another body sets the value, and it is nowhere to be read."""


@dataclass(frozen=True)
class Aim:
    """What is to be reached, and by which day."""

    operator: Operator
    due: date
    trend: Trend
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True)
class Reading:
    """One published value of the headline series."""

    period: str
    value: Decimal | None
    status: ObservationStatus = ObservationStatus.NORMAL

    @property
    def when(self) -> Period:
        """The period."""
        return Period.read(self.period)


@dataclass(frozen=True)
class Inputs:
    """All that an assessment depends on."""

    aim: Aim
    readings: tuple[Reading, ...]
    base: Reading | None
    """The chosen start; the base of a relative change."""
    today: date
    """In Shanghai."""
    resolution: Resolution = Resolution.YEAR
    lag_days: int = 180

    def as_json(self) -> dict[str, Any]:
        """Return the inputs as they are published; equal inputs give equal text."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str))
        return plain

    @property
    def digest(self) -> str:
        """SHA-256 over the inputs as canonical JSON."""
        text = json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Assessment:
    """The result and the steps on the way to it; numbers are in the indicator's unit."""

    status: Status
    goal: Decimal | None = None
    """The value to reach; of a range, the end that counts."""
    latest: Reading | None = None
    judged: Reading | None = None
    """The value on which the result rests."""
    gap: Decimal | None = None
    """How far `judged` is from the goal; 0 once it is met."""
    pace: Decimal | None = None
    """The share of the way gone, divided by the share of the time gone: 1 is in step."""
    required: Decimal | None = None
    """What has to change each year from the newest value on, with its sign."""
    projected_year: int | None = None
    """When the goal is reached at the present pace."""
    cagr_ratio: Decimal | None = None
    """For comparison only: the ratio of growth rates."""
    waiting_for: str | None = None
    """The period whose value should be there and is not."""
    expected_by: date | None = None
    """By when it should have been published."""
    days_overdue: int = 0
    is_provisional: bool = False
    """It rests on an estimated or provisional value."""
    is_exceeded: bool = False
    """Above a range that was asked for."""


def assess(inputs: Inputs) -> Assessment:
    """Return what can be said of a target on `inputs.today`; never raises."""
    readings = sorted((one for one in inputs.readings if one.value is not None), key=lambda one: one.when.end)
    found = _Case(inputs, readings)
    result = found.result()
    judged = result.judged
    return replace(
        result,
        latest=readings[-1] if readings else None,
        is_provisional=judged is not None and judged.status in _UNSURE,
        is_exceeded=judged is not None and found.is_exceeded(judged),
    )


def components(inputs: Inputs, result: Assessment) -> dict[str, Any]:
    """Return everything by which anybody can compute `result` again."""
    plain = json.loads(json.dumps(asdict(result), default=str))
    return {"method": METHOD, "inputs": inputs.as_json(), "inputs_sha256": inputs.digest, "result": plain}


def inputs_from(plain: Mapping[str, Any]) -> Inputs:
    """Return the inputs that were published as `Inputs.as_json`."""
    aim = plain["aim"]
    return Inputs(
        aim=Aim(
            operator=Operator(aim["operator"]),
            due=date.fromisoformat(aim["due"]),
            trend=Trend(aim["trend"]),
            **{name: None if aim[name] is None else Decimal(aim[name]) for name in ("value", "low", "high")},
        ),
        readings=tuple(_reading_from(one) for one in plain["readings"]),
        base=None if plain["base"] is None else _reading_from(plain["base"]),
        today=date.fromisoformat(plain["today"]),
        resolution=Resolution(plain["resolution"]),
        lag_days=plain["lag_days"],
    )


def _reading_from(plain: Mapping[str, Any]) -> Reading:
    value = None if plain["value"] is None else Decimal(plain["value"])
    return Reading(plain["period"], value, ObservationStatus(plain["status"]))


def count_by_status(results: Iterable[Assessment]) -> Counter[Status]:
    """Count results; shares of different things are never averaged."""
    return Counter(result.status for result in results)


_UNSURE = frozenset({ObservationStatus.ESTIMATED, ObservationStatus.PROVISIONAL})


class _Case:
    """One target on one day, with the questions in the order of the method."""

    def __init__(self, inputs: Inputs, readings: Sequence[Reading]) -> None:
        self.aim, self.today = inputs.aim, inputs.today
        self.inputs, self.readings = inputs, readings
        base = inputs.base
        self.base = base if base is not None and base.value is not None else None
        self.goal = self._goal()

    def result(self) -> Assessment:
        if self.aim.operator is Operator.EXTERNAL:
            return Assessment(Status.TARGET_NOT_PUBLISHED)
        if self.today > self.aim.due:
            return self._after_the_year()
        if not self.readings:
            return self._waiting(Assessment(Status.NO_DATA, goal=_decimal(self.goal)))
        return self._waiting(self._before_the_year(self.readings[-1]))

    # --- after the year of the target ---

    def _after_the_year(self) -> Assessment:
        at_due = [one for one in self.readings if one.when.start <= self.aim.due <= one.when.end]
        later = [one for one in self.readings if one.when.start > self.aim.due]
        if not at_due and not later:
            return self._unreported()
        if self.goal is None:
            return Assessment(Status.NO_BASELINE, judged=(at_due or later)[-1])
        if at_due and self.is_met(at_due[-1]):
            return self._judged(Status.MET, at_due[-1])
        if later and self.is_met(later[-1]):
            return self._judged(Status.MET_LATE, later[-1])
        return self._judged(Status.MISSED, (at_due or later)[-1])

    def _unreported(self) -> Assessment:
        """Judge by an older value where it was met already; the year's own value is still asked for."""
        period = Period.holding(self.aim.due, self.inputs.resolution)
        latest = self.readings[-1] if self.readings else None
        if latest is not None and self.goal is not None and self.is_met(latest):
            result = self._judged(Status.MET, latest)
        else:
            result = Assessment(Status.DUE_UNREPORTED, goal=_decimal(self.goal))
        return self._overdue(result, period)

    # --- while there is still time ---

    def _before_the_year(self, latest: Reading) -> Assessment:
        if self.goal is None:
            return Assessment(Status.NO_BASELINE, judged=latest)
        if self.is_met(latest):
            is_of_the_year = latest.when.end.year >= self.aim.due.year
            return self._judged(Status.MET if is_of_the_year else Status.MET_EARLY, latest)
        if any(self.is_met(one) for one in self._since_the_start()):
            return self._judged(Status.LOST, latest)
        if self.base is None or self._months_to_due(self.base) <= 0:
            return self._judged(Status.NO_BASELINE, latest)
        if self._months_between(self.base, latest) <= 0:
            return self._judged(Status.NO_DATA, latest)
        return self._on_the_way(self.base, latest)

    def _on_the_way(self, base: Reading, latest: Reading) -> Assessment:
        begun, now = self._gap(base), self._gap(latest)
        elapsed, whole = self._months_between(base, latest), self._months_to_due(base)
        # `begun` is not 0: a start that meets the target already is "lost" above.
        pace = (1 - now / begun) / Fraction(elapsed, whole)
        if pace >= ON_TRACK:
            status = Status.ON_TRACK
        elif pace >= BEHIND:
            status = Status.BEHIND
        else:
            status = Status.FAR_BEHIND if pace >= 0 else Status.WORSENING
        return replace(
            self._judged(status, latest),
            pace=_decimal(pace),
            required=self._required(latest),
            projected_year=self._projected(base, latest),
            cagr_ratio=self._cagr_ratio(base, latest),
        )

    def _since_the_start(self) -> Sequence[Reading]:
        if self.base is None:
            return self.readings
        return [self.base, *(one for one in self.readings if one.when.end > self.base.when.end)]

    def _required(self, latest: Reading) -> Decimal | None:
        left = self._months_to_due(latest)
        return None if left <= 0 else _decimal((self._goal_now() - _number(latest)) * 12 / left)

    def _projected(self, base: Reading, latest: Reading) -> int | None:
        values = {one.period for one in self.readings if one.when.end >= base.when.end} | {base.period}
        gained = self._gap(base) - self._gap(latest)
        if len(values) < LEAST_FOR_A_PROJECTION or gained <= 0:
            return None
        months = self._gap(latest) / (gained / self._months_between(base, latest))
        # Month 12 of a year is its December, so the year has passed only with the thirteenth.
        year = math.ceil((latest.when.months + months - 12) / 12)
        return year if year <= FARTHEST_YEAR else None

    def _cagr_ratio(self, base: Reading, latest: Reading) -> Decimal | None:
        first, last, goal = (float(one) for one in (_number(base), _number(latest), self._goal_now()))
        if min(first, last, goal) <= 0 or first == goal:
            return None
        years = self._months_between(base, latest) / 12, self._months_to_due(base) / 12
        observed, required = math.log(last / first) / years[0], math.log(goal / first) / years[1]
        if max(abs(observed), abs(required)) > STEEPEST or not required:
            return None
        wanted = 1 if goal > first else -1
        return Decimal(str(round(wanted * math.expm1(observed) / abs(math.expm1(required)), 4)))

    # --- numbers ---

    def _goal(self) -> Fraction | None:
        aim = self.aim
        match aim.operator:
            case Operator.BETWEEN:
                end = aim.low if aim.trend is Trend.UP else aim.high
                return None if end is None else Fraction(end)
            case Operator.CHANGE:
                if self.base is None or aim.value is None:
                    return None
                start = _number(self.base)
                return start + abs(start) * Fraction(aim.value) / 100
            case _:
                return None if aim.value is None else Fraction(aim.value)

    def _goal_now(self) -> Fraction:
        assert self.goal is not None
        return self.goal

    @property
    def _wants(self) -> int:
        """1 where more is asked for, -1 where less is, 0 where neither."""
        aim = self.aim
        if aim.operator is Operator.EQUAL:
            return 0
        if aim.operator is Operator.CHANGE and aim.value:
            return 1 if aim.value > 0 else -1
        if aim.operator in {Operator.AT_LEAST, Operator.AT_MOST}:
            return 1 if aim.operator is Operator.AT_LEAST else -1
        return 1 if aim.trend is Trend.UP else -1

    def _gap(self, reading: Reading) -> Fraction:
        away = self._goal_now() - _number(reading)
        return max(Fraction(0), away * self._wants) if self._wants else abs(away)

    def is_met(self, reading: Reading) -> bool:
        return self.goal is not None and not self._gap(reading)

    def is_exceeded(self, reading: Reading) -> bool:
        aim = self.aim
        if aim.operator is not Operator.BETWEEN or aim.low is None or aim.high is None or reading.value is None:
            return False
        return reading.value > aim.high if aim.trend is Trend.UP else reading.value < aim.low

    def _judged(self, status: Status, reading: Reading) -> Assessment:
        return Assessment(status, goal=_decimal(self.goal), judged=reading, gap=_decimal(self._gap(reading)))

    def _months_between(self, first: Reading, last: Reading) -> int:
        return last.when.months - first.when.months

    def _months_to_due(self, reading: Reading) -> int:
        return self.aim.due.year * 12 + self.aim.due.month - reading.when.months

    # --- what should be there ---

    def _waiting(self, result: Assessment) -> Assessment:
        """Say which period's value should have been published by today."""
        if self.readings:
            period = self.readings[-1].when.following
        else:
            period = Period.holding(self.today, self.inputs.resolution)
            while period.due_on(self.inputs.lag_days) >= self.today:
                period = period.preceding
        return self._overdue(result, period) if period.due_on(self.inputs.lag_days) < self.today else result

    def _overdue(self, result: Assessment, period: Period) -> Assessment:
        expected = period.due_on(self.inputs.lag_days)
        days = max(0, (self.today - expected).days)
        return replace(result, waiting_for=period.text, expected_by=expected, days_overdue=days)


def _number(reading: Reading) -> Fraction:
    assert reading.value is not None
    return Fraction(reading.value)


def _decimal(number: Fraction | None) -> Decimal | None:
    """Return a number to six digits after the point, without zeros at its end."""
    if number is None:
        return None
    exact = Decimal(round(number * 1_000_000)) / 1_000_000
    return Decimal(format(exact, "f").rstrip("0").rstrip(".")) if exact % 1 else Decimal(int(exact))
