"""The demo city's three months: who saw what, where and when, and what became of it. Plans only; `filling` plays them.

Everything follows from the seed, the size and the present moment, so that two fills tell the same.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from backend.cases.rules import Finding, State, Step
from backend.cities import City, County, Township
from backend.core.clock import SHANGHAI
from backend.demo.plots import Plot, Schedule, office_time, plots, schedule
from backend.demo.themes import THEMES, Theme
from backend.demo.wording import (
    ANSWERS,
    FOLLOW_UPS,
    MEASURES,
    OUTSIDE,
    PEOPLE,
    QUESTIONS,
    REOPENED,
    REPLIES,
    RIVERS,
    THANKS,
)

SEED = 620500
WITH_NUMBER = 12
"""The first stories, which show every state, leave a number, so that testers can look each of them up."""
CASES = 176
_OFF_LIST = 0.3
_METRES = 111_320
_LONGEST_NAME = 5


@dataclass(frozen=True)
class Place:
    """Where it was seen, as a phone or a list says it."""

    county_code: str | None
    township_code: str | None
    landmark: str
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    source: str = "list"

    @property
    def point(self) -> tuple[float, float] | None:
        """Latitude and longitude, when the phone knew them."""
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)


@dataclass(frozen=True)
class Sighting:
    """One resident's report."""

    at: datetime
    place: Place
    words: str
    language: str
    photos: int
    located_photos: bool
    phone: str | None = None
    details: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Act:
    """One thing that happens to the case later: a step, a question (`ask`), a message (`write`) or a withdrawal."""

    at: datetime
    do: str
    step: Step | None = None
    text: str = ""
    finding: Finding | None = None

    @property
    def photos(self) -> int:
        """How many photos come with a message: one, where it says so."""
        return 1 if self.do == "write" and "拍了一张" in self.text else 0


@dataclass(frozen=True)
class Story:
    """One case: those who reported it, first the one who opened it, and what was done."""

    plot: Plot
    theme: Theme
    sightings: list[Sighting]
    acts: list[Act]


def tell(city: City, now: datetime, size: int = CASES, seed: int = SEED) -> list[Story]:
    """Return `size` stories that all lie before `now`."""
    rng = Random(seed)
    told = [_story(city, plot, now, rng) for plot in plots(size, rng)]
    for place, story in enumerate(told[:WITH_NUMBER]):
        story.sightings[0] = replace(story.sightings[0], phone=_phone(place))
    return told


def _story(city: City, plot: Plot, now: datetime, rng: Random) -> Story:
    themes = [theme for theme in THEMES if fits(city, plot, theme)]
    theme = rng.choices(themes, [theme.weight for theme in themes])[0]
    when = schedule(plot, now, theme.hours, rng)
    place = _outside(rng) if plot.code.startswith("outside") else _place(city, theme, rng)
    first = _sighting(theme, place, when.reported_at, rng)
    sightings = [first, *_joiners(theme, first, when, now, rng)]
    return Story(plot, theme, sightings, _acts(theme, when, now, rng))


def fits(city: City, plot: Plot, theme: Theme) -> bool:
    """Whether a case of this theme can go so: only what another body handles is passed on to one."""
    passed_on = plot.state is State.REFERRED or plot.decline_reason == "out_of_remit"
    return bool(other_bodies(city, theme)) if passed_on else True


def other_bodies(city: City, theme: Theme) -> list[str]:
    """Return who else than the bureau is competent for a theme, the usual one first."""
    subkind = city.subkind(theme.subkind) if theme.subkind else city.kind(theme.kind).subkinds[0]
    return [body.code for body in subkind.bodies if body.code != "environment"]


def _place(city: City, theme: Theme, rng: Random) -> Place:
    county = city.county(rng.choices(list(PEOPLE), list(PEOPLE.values()))[0])
    located = [one for one in county.townships if one.centre is not None]
    # A phone says where it is; the other reports pick from the list, from any corner of the county.
    by_list = _happens(rng, _OFF_LIST) or not located
    township = rng.choice(county.townships) if by_list else rng.choice(located)
    landmark = _landmark(theme, county, township, rng)
    if by_list or township.centre is None:
        return Place(county.code, township.code if _happens(rng, 0.9) else None, landmark)
    lat, lon = _near(township.centre, rng, 700)
    source = "map" if _happens(rng, 0.2) else "device"
    accuracy = round(rng.lognormvariate(2.9, 0.6), 1) if source == "device" else None
    return Place(county.code, township.code, landmark if _happens(rng, 0.5) else "", lat, lon, accuracy, source)


def _landmark(theme: Theme, county: County, township: Township, rng: Random) -> str:
    name = township.name("zh")
    for ending in ("街道", "镇", "乡"):
        name = name.removesuffix(ending)
    if len(name) > _LONGEST_NAME:
        name = county.short_name("zh")
    return rng.choice(theme.landmarks).format(town=name, river=rng.choice(RIVERS[county.code]))


def _outside(rng: Random) -> Place:
    lat, lon, landmark = rng.choice(OUTSIDE)
    return Place(None, None, landmark, *_near((lat, lon), rng, 900), accuracy_m=24.0, source="device")


def _happens(rng: Random, chance: float) -> bool:
    return rng.random() < chance


def _near(point: tuple[float, float], rng: Random, metres: float) -> tuple[float, float]:
    return (
        round(point[0] + rng.gauss(0, metres) / _METRES, 6),
        round(point[1] + rng.gauss(0, metres) / _METRES / 0.82, 6),
    )


def _sighting(theme: Theme, place: Place, at: datetime, rng: Random, *, joins: bool = False) -> Sighting:
    # Most people send a photo and nothing else; without a photo there must be words.
    photos = rng.choices((0, 1, 2, 3, 4), (11, 58, 22, 7, 2) if theme.pictured else (1, 0, 0, 0, 0))[0]
    english = _happens(rng, 0.04)
    words = ""
    if (photos == 0 and not joins) or _happens(rng, 0.4):
        river = rng.choice(RIVERS[place.county_code]) if place.county_code else "河"
        words = rng.choice(theme.english if english else theme.words).format(river=river)
    return Sighting(
        at=at,
        place=place,
        words=words,
        language="en" if english else "zh",
        photos=photos,
        located_photos=_happens(rng, 0.5),
        phone=_phone(rng.randrange(100, 10_000)) if _happens(rng, 0.14) else None,
        details=_details(theme, rng) if _happens(rng, 0.35) else {},
    )


def _details(theme: Theme, rng: Random) -> dict[str, str]:
    """Return what was tapped after the receipt; some stop after the first questions."""
    answered = list(theme.details.items())[: rng.randint(1, len(theme.details))]
    return {question: rng.choice(choices) for question, choices in answered}


def _phone(number: int) -> str:
    """Return a number of the right form, made up for a sample resident."""
    return f"1380093{number:04d}"


def _joiners(theme: Theme, first: Sighting, when: Schedule, now: datetime, rng: Random) -> list[Sighting]:
    """Return those who saw it too, while the case was open."""
    if (
        first.place.point is None
        or first.place.county_code is None
        or when.plot.state.value in {"withdrawn", "declined"}
        or not _happens(rng, 0.09)
    ):
        return []
    ends = [at for step, at in when.steps if step in {Step.CLOSE, Step.REFER}]
    until = min([*ends, now - timedelta(minutes=2)], default=now)
    if until - first.at < timedelta(hours=2):
        return []
    found: list[Sighting] = []
    for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
        at = first.at + min(until - first.at, timedelta(days=12)) * rng.uniform(0.02, 0.9)
        found.append(_sighting(theme, _beside(first.place, rng), at, rng, joins=True))
    return sorted(found, key=lambda one: one.at)


def _beside(place: Place, rng: Random) -> Place:
    assert place.point is not None
    lat, lon = _near(place.point, rng, 45)
    return Place(place.county_code, place.township_code, "", lat, lon, round(rng.uniform(6, 40), 1), "device")


def _acts(theme: Theme, when: Schedule, now: datetime, rng: Random) -> list[Act]:
    acts: list[Act] = []
    false_first = when.plot.code == "closed_twice"
    for step, at in when.steps:
        if step is Step.WITHDRAW:
            acts.append(Act(at, "withdraw"))
            continue
        finding = Finding.UNVERIFIABLE if false_first and step in {Step.FINDING, Step.CLOSE} else when.plot.finding
        false_first = false_first and step is not Step.REOPEN
        acts.append(Act(at, "step", step, _text(theme, step, finding, when, at, rng), finding))
    acts += _conversation(theme, when, now, rng)
    return sorted(acts, key=lambda act: act.at)


def _text(theme: Theme, step: Step, finding: Finding | None, when: Schedule, at: datetime, rng: Random) -> str:
    """Return the answer of a closing or the reason of a reopening; other texts are the city's own templates."""
    if step is Step.REOPEN:
        return rng.choice(REOPENED)
    if step is not Step.CLOSE or finding is None:
        return ""
    visits = [moment for done, moment in when.steps if done in {Step.INVESTIGATE, Step.FINDING} and moment < at]
    fact = rng.choice(theme.found if finding is Finding.SUBSTANTIATED else theme.seen)
    measure = rng.choice(MEASURES[when.plot.measure]) if when.plot.measure else ""
    later = office_time(at + timedelta(days=rng.randint(7, 25)), rng)
    return rng.choice(ANSWERS[finding]).format(
        day=_day(visits[0]), fact=fact, measure=measure.format(later=_day(later))
    )


def _day(moment: datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日"


def _conversation(theme: Theme, when: Schedule, now: datetime, rng: Random) -> list[Act]:
    """Let officer and reporter write to each other in about every fourth case that was accepted."""
    latest = now - timedelta(minutes=3)
    looks = [at for step, at in when.steps if step is Step.INVESTIGATE]
    closes = [at for step, at in when.steps if step is Step.CLOSE]
    acts: list[Act] = []
    if looks and _happens(rng, 0.4):
        question, answers = rng.choice([one for one in QUESTIONS if theme.pictured or "拍" not in one[0]])
        asked = office_time(looks[0] + timedelta(hours=rng.uniform(0.2, 20)), rng)
        acts.append(Act(asked, "ask", text=question))
        if _happens(rng, 0.7):
            acts.append(Act(asked + timedelta(hours=rng.uniform(0.2, 30)), "write", text=rng.choice(answers)))
    elif looks and _happens(rng, 0.2):
        acts.append(Act(looks[0] + timedelta(hours=rng.uniform(1, 60)), "write", text=rng.choice(FOLLOW_UPS)))
    if acts and acts[-1].do == "write" and _happens(rng, 0.7):
        replied = office_time(acts[-1].at + timedelta(hours=rng.uniform(0.5, 8)), rng)
        acts.append(Act(replied, "ask", text=rng.choice(REPLIES)))
    if closes and when.plot.finding is Finding.SUBSTANTIATED and _happens(rng, 0.15):
        acts.append(Act(closes[-1] + timedelta(hours=rng.uniform(0.5, 40)), "write", text=rng.choice(THANKS)))
    return [act for act in acts if act.at < latest]
