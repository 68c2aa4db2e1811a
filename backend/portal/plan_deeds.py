"""What residents did for an article, beside what the city reports: green behaviours that counted, reports that were proven."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import Session

from backend.activities import ranks
from backend.cases import queries as cases
from backend.cities import City
from backend.core import clock
from backend.plan.editions import Edition


@dataclass(frozen=True)
class Deeds:
    """Since the first of January. `None`: so few that they could point at somebody."""

    activities: int | None
    reports: int | None


def deeds_by_article(session: Session, city: City, plan: Edition, now: datetime) -> Mapping[int, Deeds]:
    """Return what residents did this year for every article; kept for an hour, because it is counted over all of them."""
    place = (plan.submission_id, city.code, now.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H"))
    if place not in _kept:
        _kept.clear()
        _kept[place] = _count(session, city, plan, now.astimezone(clock.SHANGHAI).date())
    return _kept[place]


_kept: dict[tuple[object, ...], Mapping[int, Deeds]] = {}


def _count(session: Session, city: City, plan: Edition, today: date) -> Mapping[int, Deeds]:
    months = [f"{today.year:04d}-{month:02d}" for month in range(1, today.month + 1)]
    logged = {one.article: one.activities for one in ranks.effect(session, city, months)}
    proven = cases.proven_since(session, datetime.combine(date(today.year, 1, 1), time(), clock.SHANGHAI))
    fewest = city.green.programme.fewest_shown

    def shown(number: int) -> int | None:
        return number if number == 0 or number >= fewest else None

    return {
        number: Deeds(shown(logged.get(number, 0)), shown(sum(proven.get(kind, 0) for kind in article.report_kinds)))
        for number, article in plan.articles.items()
    }
