"""How stations are told to people: kinds, whether they are open, how far they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.core import clock, hours
from backend.core.errors import N_
from backend.core.hours import DAYS, Hours, Spans, Standing
from backend.stations import rules
from backend.stations.models import Station
from backend.stations.rules import Kind
from backend.web.preferences import Lang
from backend.web.templates import say_date, translate

KINDS: Mapping[Kind, str] = {
    Kind.RECYCLING: N_("Recycling station"),
    Kind.FILM_RECOVERY: N_("Film recovery point"),
    Kind.SORTING: N_("Sorting point"),
}
KINDS_OF_MANY: Mapping[Kind, str] = {
    Kind.RECYCLING: N_("Recycling"),
    Kind.FILM_RECOVERY: N_("Farm film"),
    Kind.SORTING: N_("Waste sorting"),
}
DAY_NAMES: Mapping[str, str] = {
    "Mo": N_("Mon"),
    "Tu": N_("Tue"),
    "We": N_("Wed"),
    "Th": N_("Thu"),
    "Fr": N_("Fri"),
    "Sa": N_("Sat"),
    "Su": N_("Sun"),
}
KILOMETRE = 1_000


@dataclass(frozen=True)
class OpenSign:
    """Whether a station is open: picture, colour and words say the same. `tone`: open, shut or unknown."""

    tone: str
    words: str


@dataclass(frozen=True)
class HoursLine:
    """Some days of the week, or one of the calendar, and when it is open on them."""

    days: str
    spans: str


def name_of(station: Station, lang: Lang) -> str:
    """Return the name in the reader's language."""
    return station.name_en if lang == "en" else station.name_zh


def hours_of(station: Station) -> Hours | None:
    """Return the hours, or `None` where nobody knows them."""
    return hours.read(station.hours) if station.hours else None


def wall_clock() -> datetime:
    """Return this moment as the clock on the wall in the city shows it."""
    return clock.now().astimezone(clock.SHANGHAI)


def open_sign(station: Station, lang: Lang) -> OpenSign:
    """Say whether the station is open at this moment and what comes next."""
    moment = wall_clock()
    if station.closed_on is not None:
        return OpenSign("shut", translate(lang, N_("Closed until further notice")))
    stands = rules.stands(hours_of(station), None, moment)
    if stands is None:
        return OpenSign("unknown", translate(lang, N_("Opening hours not known")))
    return OpenSign("open" if stands.is_open else "shut", _sentence(stands, moment, lang))


def _sentence(stands: Standing, moment: datetime, lang: Lang) -> str:
    if stands.is_open:
        if stands.until is None:
            return translate(lang, N_("Open at all hours"))
        return translate(lang, N_("Open now, until %(time)s"), time=_time(stands.until))
    if stands.opens_at is None:
        return translate(lang, N_("Closed now"))
    days = (stands.opens_at.date() - moment.date()).days
    time = _time(stands.opens_at)
    if days == 0:
        return translate(lang, N_("Closed now, opens at %(time)s"), time=time)
    if days == 1:
        return translate(lang, N_("Closed now, opens tomorrow at %(time)s"), time=time)
    day = say_date(lang, stands.opens_at.date())
    return translate(lang, N_("Closed now, opens %(day)s at %(time)s"), day=day, time=time)


def week_lines(known: Hours, lang: Lang) -> list[HoursLine]:
    """Return the week with neighbouring days that are alike in one line."""
    lines: list[HoursLine] = []
    start = 0
    for day in range(1, len(DAYS) + 1):
        if day == len(DAYS) or known.week[day] != known.week[start]:
            lines.append(HoursLine(_days(start, day - 1, lang), _spans(known.week[start], lang)))
            start = day
    return lines


def special_lines(known: Hours, lang: Lang) -> list[HoursLine]:
    """Return the days to come that are different."""
    today = clock.today()
    coming = [(day, spans) for day, spans in known.exceptions.items() if day >= today]
    return [HoursLine(say_date(lang, day), _spans(spans, lang)) for day, spans in coming]


def distance(metres: int, lang: Lang) -> str:
    """Say a distance as people do: to ten metres, then to a tenth of a kilometre."""
    if metres < KILOMETRE:
        return translate(lang, N_("%(metres)s m"), metres=max(10, round(metres / 10) * 10))
    return translate(lang, N_("%(kilometres)s km"), kilometres=f"{metres / KILOMETRE:.1f}")


def _days(first: int, last: int, lang: Lang) -> str:
    names = [translate(lang, DAY_NAMES[DAYS[day]]) for day in (first, last)]
    if (first, last) == (0, len(DAYS) - 1):
        return translate(lang, N_("Every day"))
    return names[0] if first == last else translate(lang, N_("%(first)s to %(last)s"), first=names[0], last=names[1])


def _spans(spans: Spans, lang: Lang) -> str:
    if spans == ((0, hours.MINUTES_A_DAY),):
        return translate(lang, N_("all day"))
    text = hours.write_spans(spans).replace("-", "–").replace(",", "、" if lang == "zh" else ", ")
    return text or translate(lang, N_("closed"))


def _time(moment: datetime) -> str:
    return moment.strftime("%H:%M")
