"""How every target stands: the published plan, the published values and a day, put through the method."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from backend.cities.plan import Indicator, Operator, Target
from backend.plan import queries
from backend.plan.assessment import Aim, Assessment, Inputs, Reading, assess
from backend.plan.editions import Edition
from backend.plan.queries import Figure


@dataclass(frozen=True)
class Standing:
    """One indicator in one area: its target where it has one, its values, and what the method says."""

    indicator: Indicator
    target: Target | None
    figures: Sequence[Figure]
    inputs: Inputs | None
    result: Assessment | None

    def figure(self, period: str | None) -> Figure | None:
        """Return the public value of `period`."""
        return next((one for one in self.figures if one.period == period), None)

    @property
    def latest(self) -> Figure | None:
        """The newest value that is not missing."""
        return next((one for one in reversed(self.figures) if one.value is not None), None)


Standings = Mapping[str, Standing]
"""By the key of the indicator, in the order of the plan: aims first, what is only shown beside them last."""


def standings(session: Session, plan: Edition, area: str, today: date, at: datetime | None = None) -> Standings:
    """Return how `area` stands on `today` by what was public at `at`; `None` is now, and is kept until it changes."""
    if at is not None:
        return _standings(session, plan, area, today, at)
    place = (plan.submission_id, area, today)
    if place not in _kept:
        for old in [one for one in _kept if (one[0], one[2]) != (plan.submission_id, today)]:
            del _kept[old]
        _kept[place] = _standings(session, plan, area, today, None)
    return _kept[place]


_kept: dict[tuple[UUID, str, date], Standings] = {}


def _standings(session: Session, plan: Edition, area: str, today: date, at: datetime | None) -> Standings:
    figures = queries.figures_of_area(session, area, at)
    aimed = [target.indicator for target in plan.targets.values() if target.indicator in plan.indicators]
    rest = [key for key in plan.indicators if key not in plan.target_of]
    return {key: standing(plan, key, area, figures.get(key, ()), today) for key in (*aimed, *rest)}


def standing(plan: Edition, key: str, area: str, figures: Sequence[Figure], today: date) -> Standing:
    """Return how one indicator stands in `area`; `figures` are its headline values, oldest first."""
    indicator, target = plan.indicators[key], plan.target_of.get(key)
    if target is None:
        return Standing(indicator, None, figures, None, None)
    inputs = _inputs(plan, indicator, target, area, figures, today)
    return Standing(indicator, target, figures, inputs, assess(inputs))


def _inputs(
    plan: Edition, indicator: Indicator, target: Target, area: str, figures: Sequence[Figure], today: date
) -> Inputs:
    readings = {one.period: Reading(one.period, one.value, one.status) for one in figures}
    chosen = plan.baselines.get(target.key)
    base = readings.get(chosen.period) if chosen is not None and chosen.area == area else None
    if target.operator is Operator.CHANGE and base is not None and base.when.year != target.base_year:
        base = None
    aim = Aim(
        operator=target.operator,
        due=date(target.due, 12, 31),
        trend=indicator.trend,
        value=target.value,
        low=target.low,
        high=target.high,
    )
    return Inputs(
        aim=aim,
        readings=tuple(readings.values()),
        base=base,
        today=today,
        resolution=indicator.resolution,
        lag_days=indicator.lag_days,
    )
