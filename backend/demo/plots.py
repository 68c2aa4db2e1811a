"""How the demo's cases go: which ends there are, how many of each, and at which office hours each step is taken."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from random import Random

from backend.cases.rules import Finding, Measure, State, Step
from backend.cities.deadlines import deadline_for
from backend.core.calendar import day_of, is_workday
from backend.core.clock import SHANGHAI

Hours = tuple[float, float]
"""At least and at most so many hours after the step before."""


@dataclass(frozen=True)
class Plot:
    """One way a case can go. `age` is how many days ago it was reported; `share` how many of a hundred go so."""

    code: str
    state: State
    share: float
    age: tuple[float, float]
    steps: tuple[tuple[Step, Hours], ...] = ()
    finding: Finding | None = None
    measure: Measure | None = None
    decline_reason: str | None = None
    due_today: str | None = None
    """The limit that should run out today, if a working day allows it."""


_ACCEPT = (Step.ACCEPT, (2.0, 50.0))
_LOOK = (Step.INVESTIGATE, (4.0, 70.0))
_FOUND = (Step.FINDING, (20.0, 260.0))
_CLOSE = (Step.CLOSE, (20.0, 330.0))
_WHOLE = (_ACCEPT, _LOOK, _FOUND, _CLOSE)
_ENDED = (40.0, 91.0)
_TURNED_AWAY = (5.0, 90.0)


def _closed(measure: Measure | None, share: float, finding: Finding = Finding.SUBSTANTIATED) -> Plot:
    return Plot(f"closed_{measure or finding}", State.CLOSED, share, _ENDED, _WHOLE, finding, measure)


def _declined(reason: str, share: float) -> Plot:
    return Plot(
        f"declined_{reason}", State.DECLINED, share, _TURNED_AWAY, ((Step.DECLINE, (6.0, 90.0)),), decline_reason=reason
    )


# The first ones together show every state, so that even the smallest demo does.
PLOTS: tuple[Plot, ...] = (
    Plot("received", State.RECEIVED, 6.5, (0.02, 4.0)),
    Plot("accepted", State.ACCEPTED, 5.5, (1.0, 8.0), (_ACCEPT,)),
    Plot("investigating", State.INVESTIGATING, 8.5, (4.0, 34.0), (_ACCEPT, _LOOK)),
    Plot("handling", State.HANDLING, 4.5, (14.0, 40.0), (_ACCEPT, _LOOK, _FOUND), Finding.SUBSTANTIATED),
    _closed(Measure.CORRECTED, 18.0),
    Plot("referred", State.REFERRED, 6.0, _TURNED_AWAY, ((Step.REFER, (6.0, 80.0)),)),
    _declined("out_of_remit", 2.5),
    Plot(
        "reopened", State.REOPENED, 2.0, (55.0, 88.0), (*_WHOLE, (Step.REOPEN, (60.0, 300.0))), Finding.UNSUBSTANTIATED
    ),
    Plot("withdrawn", State.WITHDRAWN, 3.0, (1.0, 90.0), ((Step.WITHDRAW, (0.3, 3.0)),)),
    _closed(None, 8.5, Finding.UNSUBSTANTIATED),
    _closed(None, 5.5, Finding.UNVERIFIABLE),
    Plot("received_overdue", State.RECEIVED, 1.2, (19.0, 27.0)),
    _closed(Measure.PENALISED, 9.0),
    _closed(Measure.FILED, 4.0),
    _closed(Measure.TRANSFERRED, 2.0),
    Plot("received_today", State.RECEIVED, 1.2, (15.0, 15.0), due_today="acceptance"),
    Plot("looking_overdue", State.INVESTIGATING, 1.6, (76.0, 88.0), (_ACCEPT, _LOOK)),
    Plot(
        "looking_today",
        State.INVESTIGATING,
        1.2,
        (60.0, 60.0),
        ((Step.ACCEPT, (0.2, 0.4)), _LOOK),
        due_today="handling",
    ),
    Plot("handling_false", State.HANDLING, 1.0, (14.0, 40.0), (_ACCEPT, _LOOK, _FOUND), Finding.UNSUBSTANTIATED),
    Plot("outside", State.DECLINED, 1.5, _TURNED_AWAY, ((Step.DECLINE, (6.0, 40.0)),), decline_reason="outside_city"),
    Plot("outside_new", State.RECEIVED, 0.6, (0.2, 2.0)),
    _declined("too_vague", 1.5),
    _declined("already_accepted", 1.0),
    _declined("in_court", 0.6),
    _declined("in_review", 0.6),
    Plot("referred_late", State.REFERRED, 1.5, (20.0, 90.0), (_ACCEPT, _LOOK, (Step.REFER, (20.0, 90.0)))),
    Plot(
        "closed_twice",
        State.CLOSED,
        1.5,
        (75.0, 91.0),
        (
            (Step.ACCEPT, (2.0, 20.0)),
            (Step.INVESTIGATE, (4.0, 40.0)),
            (Step.FINDING, (20.0, 90.0)),
            (Step.CLOSE, (20.0, 90.0)),
            (Step.REOPEN, (60.0, 160.0)),
            (Step.INVESTIGATE, (4.0, 40.0)),
            (Step.FINDING, (20.0, 90.0)),
            (Step.CLOSE, (20.0, 90.0)),
        ),
        Finding.SUBSTANTIATED,
        Measure.CORRECTED,
    ),
    Plot(
        "closed_late",
        State.CLOSED,
        1.2,
        (84.0, 91.0),
        (_ACCEPT, _LOOK, _FOUND, (Step.CLOSE, (1560.0, 1640.0))),
        Finding.SUBSTANTIATED,
        Measure.PENALISED,
    ),
)


@dataclass(frozen=True)
class Schedule:
    """When a case was reported and when each of its steps was taken."""

    plot: Plot
    reported_at: datetime
    steps: list[tuple[Step, datetime]] = field(default_factory=list[tuple[Step, datetime]])

    @property
    def last(self) -> datetime:
        """When the last thing happened so far."""
        return self.steps[-1][1] if self.steps else self.reported_at


def plots(size: int, rng: Random) -> list[Plot]:
    """Return `size` plots: each once in the order of the list, the rest by their shares."""
    chosen = list(islice(PLOTS, size))
    shares = [plot.share for plot in PLOTS]
    rest = max(0, size - len(chosen))
    return [*chosen, *rng.choices(PLOTS, shares, k=rest)]


def schedule(plot: Plot, now: datetime, hours: tuple[int, ...], rng: Random) -> Schedule:
    """Find moments for a plot so that everything lies in the past, as near to the wanted age as that allows."""
    age = rng.uniform(*plot.age)
    if plot.due_today:
        age = float(_age_due_today(plot.due_today, now))
    longest = max(age, 91.5)
    while True:
        reported_at = _reported_at(now - timedelta(days=age), hours, rng, now)
        found = Schedule(plot, reported_at, _steps(plot, reported_at, rng))
        if found.last < now - timedelta(minutes=4):
            return found
        age = min(age + 0.7, longest)
        if age == longest:
            # The moments are drawn anew each time, so a short draw comes up in the end.
            longest += 0.5


def _steps(plot: Plot, reported_at: datetime, rng: Random) -> list[tuple[Step, datetime]]:
    moment, steps = reported_at, list[tuple[Step, datetime]]()
    for step, (least, most) in plot.steps:
        moment += timedelta(hours=least + (most - least) * rng.random() ** 1.7)
        if step is not Step.WITHDRAW:
            moment = office_time(moment, rng)
        steps.append((step, moment))
    return steps


def _reported_at(about: datetime, hours: tuple[int, ...], rng: Random, now: datetime) -> datetime:
    """Return a moment on about that day at one of the theme's hours, never in the future."""
    clock = time(rng.choice(hours), rng.randrange(60), rng.randrange(60))
    moment = datetime.combine(about.astimezone(SHANGHAI).date(), clock, tzinfo=SHANGHAI)
    while moment > now - timedelta(minutes=3):
        moment -= timedelta(days=1)
    return moment


def office_time(moment: datetime, rng: Random) -> datetime:
    """Return the moment itself in office hours, else one soon after the office opens again."""
    local = moment.astimezone(SHANGHAI)
    opens, lunch, back, closes = time(8, 40), time(12, 5), time(14, 20), time(17, 50)
    if is_workday(local.date()) and (opens <= local.time() <= lunch or back <= local.time() <= closes):
        return local
    day = local.date() if local.time() < back else local.date() + timedelta(days=1)
    while not is_workday(day):
        day += timedelta(days=1)
    hour = 9 if day > local.date() or local.time() < opens else 14
    return datetime.combine(
        day, time(hour + rng.choice((0, 1, 1)), rng.randrange(20, 60), rng.randrange(60)), tzinfo=SHANGHAI
    )


def _age_due_today(limit: str, now: datetime) -> int:
    """Return how many days ago a limit must have begun to end today, or else as soon as it can."""
    today = day_of(now)
    # The last day rolls over days off, so that on a day off nothing is due: take what is due next.
    ends: dict[int, date] = {days: deadline_for(limit, now - timedelta(days=days)).date for days in range(8, 75)}
    soonest = min(end for end in ends.values() if end >= today)
    return max(days for days, end in ends.items() if end == soonest)
