"""What everybody did together, for pages: by article of the plan, by community and school."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from backend.activities import ranks, rules
from backend.cities import City
from backend.core import clock
from backend.web.preferences import Lang


@dataclass(frozen=True)
class EffectLine:
    """What was proven for one article."""

    article: int
    words: str
    activities: int
    kilograms: str | None
    """CO2e; `None` where no factor has a source."""


@dataclass(frozen=True)
class EffectView:
    """What the city did in a month."""

    month: date
    activities: int
    people: int
    lines: list[EffectLine]


@dataclass(frozen=True)
class PlaceView:
    """One line of a rank."""

    rank: int
    code: str
    name: str
    points: int
    people: int
    percent: int
    """Of the first place's points, for a bar."""


@dataclass(frozen=True)
class Board:
    """The ranks of a month: counties, townships, schools."""

    month: date
    counties: list[PlaceView]
    townships: list[PlaceView]
    schools: list[PlaceView]
    fewest: int


SHOWN = 10


def effect(session: Session, city: City, lang: Lang) -> EffectView | None:
    """Return what was proven in this month, or in the last one while this one has nothing yet."""
    for month in _months():
        done = ranks.done_at(session, rules.month_of(month))
        if not done:
            continue
        lines = [
            EffectLine(
                one.article,
                _behaviours(city, lang, one.article),
                one.activities,
                f"{one.grams / 1000:,.1f}" if one.grams is not None else None,
            )
            for one in ranks.effect(session, city, [rules.month_of(month)])
        ]
        return EffectView(month, sum(one.activities for one in done), max(one.people for one in done), lines)
    return None


def board(session: Session, city: City, lang: Lang) -> Board:
    """Return the ranks of this month, or of the last one while this one has none."""
    months = _months()
    month = next((one for one in months if ranks.ranks(session, city, "county", rules.month_of(one))), months[0])
    found = {scope: ranks.ranks(session, city, scope, rules.month_of(month)) for scope in ranks.SCOPES}
    schools = {one.code: one.name(lang) for one in city.green.schools}
    return Board(
        month=month,
        counties=_places(found["county"], lambda code: city.division_name(code, lang)),
        townships=_places(found["township"], lambda code: city.division_name(code, lang)),
        schools=_places(found["school"], lambda code: schools.get(code, code)),
        fewest=city.green.programme.fewest_shown,
    )


def _places(places: list[rules.Place], name: Callable[[str], str]) -> list[PlaceView]:
    most = max((one.points for one in places), default=1)
    return [
        PlaceView(one.rank, one.code, name(one.code), one.points, one.people, max(2, round(100 * one.points / most)))
        for one in places[:SHOWN]
    ]


def _months() -> list[date]:
    this = clock.today().replace(day=1)
    return [this, (this - timedelta(days=1)).replace(day=1)]


def _behaviours(city: City, lang: Lang, article: int) -> str:
    names = [one.name(lang) for one in city.behaviours(clock.today()) if one.article == article]
    return ("、" if lang == "zh" else ", ").join(names[:4])
