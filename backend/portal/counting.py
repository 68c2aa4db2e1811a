"""Where the numbers of campaigns and titles come from: the one place that knows both those who count and those who ask."""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session

from backend.activities import queries as activities
from backend.activities import ranks
from backend.activities.rules import month_of
from backend.cities import city
from backend.core import clock
from backend.drives import rules as drives

MONTHS = 3
"""A number "a month" is the mean of as many: of the last 90 days for a person, of whole months for a community."""
DAYS_A_MONTH = 30
DAYS_A_YEAR = 365


def drive_counter(session: Session, behaviour: str, first: date, last: date) -> int | None:
    """Return how much of a campaign's task was proven on these days, in whole units."""
    return activities.done_between(session, behaviour, first, last)


def measures_of(session: Session, resident_id: UUID) -> Mapping[str, int]:
    """Return the numbers by which criteria of titles are counted, by the name of their measure; an absent one is not known."""
    today = clock.today()
    logged = activities.count_since(session, resident_id, today - timedelta(days=MONTHS * DAYS_A_MONTH))
    measures = {
        "activities_per_month": logged // MONTHS,
        "drives_per_year": _drives_joined(session, resident_id, today),
    }
    home = activities.home_of(session, resident_id)
    if home is not None:
        scope = f"township:{home.township_code}" if home.township_code else f"county:{home.county_code}"
        done = [one for month in _whole_months_before(today) for one in ranks.done_at(session, month, scope)]
        measures["community_activities_per_month"] = sum(one.activities for one in done) // MONTHS
    return measures


def _drives_joined(session: Session, resident_id: UUID, today: date) -> int:
    since = today - timedelta(days=DAYS_A_YEAR)
    past = [*drives.in_year(city().drives, since.year), *drives.in_year(city().drives, today.year)]
    done = activities.days_by_behaviour(session, resident_id, since)
    return sum(
        any(one.first <= day <= one.last for day in done.get(one.drive.task.behaviour, ()))
        for one in {one.code: one for one in past}.values()
    )


def _whole_months_before(today: date) -> list[str]:
    first, months = today.replace(day=1), list[str]()
    for _ in range(MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
        months.append(month_of(first))
    return months
