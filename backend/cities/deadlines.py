"""Turns the city's time limits into dates."""

from datetime import datetime
from typing import Literal

from backend.cities.city import City
from backend.cities.loader import city
from backend.cities.schema import Limit, Step
from backend.core.calendar import Deadline, add_hours, add_natural_days, add_workdays, day_of

Stage = Literal["to_be_checked", "major"]


def deadline_for(
    step: Step | str, start: datetime, *, stage: Stage | None = None, of_city: City | None = None
) -> Deadline:
    """Return the last day of `step` that starts at `start` (aware); `stage` names a longer limit that the step has."""
    where = of_city or city()
    limit = where.limit(step)
    if limit.hours is not None:
        return add_hours(start, limit.hours)
    days = _days(limit, stage)
    unit = limit.unit or where.deadlines.counting.default_unit
    add = add_workdays if unit == "workday" else add_natural_days
    return add(day_of(start), days)


def _days(limit: Limit, stage: Stage | None) -> int:
    days = {"to_be_checked": limit.to_be_checked, "major": limit.major, None: limit.days}[stage]
    if days is None:
        raise ValueError(f"The limit of {limit.step} has no stage {stage}.")
    return days
