"""Pure rules of green points: what counts how often, what it earns, which proof waits for whom, what can still happen.

An amount is kept in thousandths of a unit. A day is a day in Shanghai, told by the server's clock when the request
arrives: what a phone believes about the time changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID, uuid5

from backend.accounts.residents.rules import KEPT_LIFE
from backend.cities.behaviours import Behaviour
from backend.core import hours

UNIT = 1_000
QUANTITY_MAX = 10_000 * UNIT
SAMPLE_OF = 10_000
CODE_SECONDS = 30
CODE_STEPS = (0, -1, 1)
"""The step before and the one after count too: a phone needs a moment, and clocks differ."""
CODE_LENGTH = 8
TICKET_LIFE = timedelta(minutes=30)
VISIT_LIFE = timedelta(minutes=15)
UNCLAIMED_LIFE = KEPT_LIFE
PENDING_LIFE = timedelta(days=120)
"""How long the books keep points reserved while somebody decides; the bureau's own deadlines are shorter."""
ACCURACY_BELIEVED_M = 100
HOURS_GRACE = timedelta(minutes=15)
"""Who stood in the queue at closing time, or waits at the door, is nothing to look at."""
ALARM_DAYS = 30
NEAR_DUPLICATE_BITS = 7
"""Of 64: so close are two shots of one moment, or one picture saved twice. A flag, never a verdict."""
BANDS = 8
MEASURED_WEEKS = 12
FIRST_DAYS_OF_WEEK = 7


class State(StrEnum):
    """Where an activity stands."""

    UNCLAIMED = "unclaimed"
    PENDING = "pending"
    POSTED = "posted"
    UNDONE = "undone"
    REJECTED = "rejected"
    REVERSED = "reversed"


class Step(StrEnum):
    """What is done to an activity."""

    CLAIM = "claim"
    POST = "post"
    UNDO = "undo"
    REJECT = "reject"
    REVERSE = "reverse"
    RESTORE = "restore"


# Read it aloud: "what is pending can be posted, undone or rejected". Restoring is what a granted appeal does.
NEXT: Mapping[tuple[State, Step], State] = {
    (State.UNCLAIMED, Step.CLAIM): State.PENDING,
    (State.PENDING, Step.POST): State.POSTED,
    (State.PENDING, Step.UNDO): State.UNDONE,
    (State.PENDING, Step.REJECT): State.REJECTED,
    (State.POSTED, Step.REVERSE): State.REVERSED,
    (State.REJECTED, Step.RESTORE): State.POSTED,
    (State.REVERSED, Step.RESTORE): State.POSTED,
}


class Review(StrEnum):
    """Whether a person looks at it."""

    NONE = "none"
    WAITING = "waiting"
    PASSED = "passed"
    FAILED = "failed"


class Flag(StrEnum):
    """Why a person looks at it. Who logged it is never told."""

    SAMPLED = "sampled"
    CHECKED_ALWAYS = "checked_always"
    NO_TICKET = "no_ticket"
    NO_PLACE = "no_place"
    SAME_PHOTO = "same_photo"
    NEAR_DUPLICATE = "near_duplicate"
    ELSEWHERE = "elsewhere"
    OUT_OF_HOURS = "out_of_hours"
    CONFIRMED_OFTEN = "confirmed_often"


class Reason(StrEnum):
    """Why something is refused or taken back."""

    NOT_SHOWN = "not_shown"
    OTHER_PLACE = "other_place"
    USED_BEFORE = "used_before"
    UNREADABLE = "unreadable"
    MISTAKE = "mistake"


PHOTO_PROOFS = frozenset({"photo", "bill_photo", "station_slip", "two_person_slip"})
NOTE_PROOFS = frozenset({"receipt_no"})
SITE_PROOFS = frozenset({"site_qr", "merchant_qr"})
CLAIMABLE = ("self", "photo", "bill_photo", "site_qr", "merchant_qr", "station_slip", "two_person_slip", "receipt_no")
"""What a resident can bring; the easiest first. The other proofs come from somebody else."""
GOOD_AT_ONCE = frozenset({"attendant", "scale", "organiser_list", "operator_record", "server_graded"})
"""Somebody else saw it and said so."""
ALWAYS_CHECKED = frozenset({"receipt_no", "station_slip", "two_person_slip"})
LIST_PROOFS = ("organiser_list", "operator_record")
WEIGHED = frozenset({"scale", "attendant"})


@dataclass(frozen=True)
class Judgement:
    """What becomes of a proof before anybody has looked."""

    is_good: bool
    flags: tuple[Flag, ...] = ()

    @property
    def review(self) -> Review:
        return Review.WAITING if self.flags and not self.is_good else Review.NONE


def judge(evidence: str, *, is_sampled: bool, found: Iterable[Flag] = ()) -> Judgement:
    """Say whether a proof is good as it comes, or held; `found` is what the checks objected to."""
    if evidence in GOOD_AT_ONCE:
        return Judgement(is_good=True, flags=tuple(sorted(found)))
    flags = set(found)
    if evidence in ALWAYS_CHECKED:
        flags.add(Flag.CHECKED_ALWAYS)
    # Of what is only said there is nothing to look at.
    if is_sampled and evidence in PHOTO_PROOFS:
        flags.add(Flag.SAMPLED)
    return Judgement(is_good=False, flags=tuple(sorted(flags)))


def is_sampled(digest: bytes, percent: int) -> bool:
    """Whether chance picks it; `digest` is keyed, so that nobody can make an id that is never picked."""
    return int.from_bytes(digest[:8]) % SAMPLE_OF < percent * SAMPLE_OF // 100


def next_state(state: State, step: Step) -> State | None:
    """Return where the step leads, or `None` where the table has no such row."""
    return NEXT.get((state, step))


@dataclass(frozen=True, order=True)
class Limit:
    """One cap: over whom, of which behaviour, in which span of time; in thousandths of a unit."""

    scope: str
    behaviour: str
    period: str
    most: int


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def week_of(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def limits(
    behaviour: Behaviour, day: date, *, resident: object, group: object | None, site: str | None
) -> tuple[Limit, ...]:
    """Return every cap that an activity of that day meets, in the one order in which they are locked."""
    caps, person = behaviour.caps, f"resident:{resident}"
    spans = [
        (person, day.isoformat(), caps.person_day),
        (person, week_of(day), caps.person_week),
        (person, month_of(day), caps.person_month),
    ]
    if group is not None:
        house = f"household:{group}"
        spans += [(house, day.isoformat(), caps.household_day), (house, month_of(day), caps.household_month)]
    if site is not None:
        spans.append((f"site:{site}", day.isoformat(), caps.site_day))
    return tuple(
        sorted(Limit(scope, behaviour.code, period, most * UNIT) for scope, period, most in spans if most is not None)
    )


def allowed(wanted: int, bounds: Sequence[Limit], used: Mapping[Limit, int], *, is_divisible: bool) -> int:
    """Return how much of `wanted` still counts under every cap: all, a part, or nothing."""
    free = min((limit.most - used.get(limit, 0) for limit in bounds), default=0)
    part = max(0, min(wanted, free))
    return part if is_divisible else part - part % UNIT


def written(thousandths: int) -> str:
    """Write an amount without idle zeros."""
    return f"{thousandths / UNIT:.3f}".rstrip("0").rstrip(".")


def quantity_of(number: float | str, behaviour: Behaviour) -> int | None:
    """Return an amount in thousandths, or `None` for what cannot be logged: below zero, half a visit, a million kilograms."""
    try:
        thousandths = float(number) * UNIT
    except (TypeError, ValueError, OverflowError):
        return None
    if not 0 < thousandths <= QUANTITY_MAX:
        return None
    amount = round(thousandths)
    if amount <= 0 or (not behaviour.is_divisible and amount % UNIT):
        return None
    return amount


def photo_id(activity_id: UUID) -> UUID:
    """Return the id of a form's picture that came without a ticket: the same form again has the same."""
    return uuid5(activity_id, "photo")


def points_for(behaviour: Behaviour, quantity: int) -> int:
    """Return what an amount earns: whole points, rounded down, so that splitting it never earns more."""
    return behaviour.points * quantity // UNIT


def replayed(behaviour_of: Callable[[str], Behaviour], facts: Mapping[str, object]) -> int:
    """Return the points that a grant's own facts give: the stored rule and the stored amount (L22)."""
    quantity = facts["quantity"]
    assert isinstance(quantity, int)
    return points_for(behaviour_of(str(facts["rule"])), quantity)


def expires_on(day: date) -> date:
    """Return the last day on which points of that day are good: the end of the next year."""
    return date(day.year + 1, 12, 31)


def may_undo(state: State, logged_at: datetime, now: datetime, minutes: int) -> bool:
    """Whether the one who logged it can take it back by a tap."""
    return state is State.PENDING and now - logged_at <= timedelta(minutes=minutes)


def may_appeal(state: State, settled_at: datetime | None, now: datetime, days: int) -> bool:
    """Whether the one who lost points can still object."""
    return (
        state in {State.REJECTED, State.REVERSED}
        and settled_at is not None
        and now - settled_at <= timedelta(days=days)
    )


def code_step(moment: datetime) -> int:
    """Return the number of the half minute."""
    return int(moment.timestamp()) // CODE_SECONDS


def good_steps(moment: datetime) -> tuple[int, ...]:
    """Return the steps whose codes are good now."""
    now = code_step(moment)
    return tuple(now + offset for offset in CODE_STEPS)


def is_within(distance_m: float, accuracy_m: float | None, fence_m: int) -> bool:
    """Whether a phone can be at the point; it is believed about its own error, but not about kilometres."""
    return distance_m <= fence_m + min(accuracy_m or 0.0, ACCURACY_BELIEVED_M)


def is_out_of_hours(line: str, moment: datetime) -> bool:
    """Whether a station with these hours was shut at `moment` (on the city's clock); unknown hours accuse nobody."""
    if not line:
        return False
    known = hours.read(line)
    return not any(hours.standing(known, moment + grace).is_open for grace in (timedelta(), -HOURS_GRACE, HOURS_GRACE))


def is_often(times: int, most: int) -> bool:
    """Whether one hand confirmed for one household so often that a moderator is told: a flag, never a verdict."""
    return times >= most


def bands_of(print_: int) -> list[int]:
    """Return the eight bytes of a picture's print, each with its place: prints at most 7 bits apart share one."""
    return [place << 8 | (print_ >> 8 * place) & 0xFF for place in range(BANDS)]


def distance_bits(a: int, b: int) -> int:
    """Return in how many of 64 bits two prints differ."""
    return ((a ^ b) & (2**64 - 1)).bit_count()


def first_measured(today: date) -> date:
    """Return the first day of the weeks that are shown."""
    return today - timedelta(days=today.weekday(), weeks=MEASURED_WEEKS - 1)


@dataclass(frozen=True)
class Week:
    """One week of somebody's: on how many days something green was done. It earns nothing and is compared with nobody's."""

    start: date
    days: int
    is_met: bool
    is_rest: bool


def weeks(days: Iterable[date], today: date, *, goal: int, rests: int) -> list[Week]:
    """Return the last twelve weeks, oldest first. The latest quiet ones are rest weeks, free of charge, without a word."""
    this = today - timedelta(days=today.weekday())
    starts = [this - timedelta(weeks=back) for back in reversed(range(MEASURED_WEEKS))]
    found = set(days)
    counted = [
        (start, sum(start + timedelta(days=offset) in found for offset in range(FIRST_DAYS_OF_WEEK)))
        for start in starts
    ]
    quiet = [start for start, count in counted if count < goal and start != this]
    resting = set(quiet[-rests:]) if rests else set[date]()
    return [Week(start, count, count >= goal, start in resting) for start, count in counted]


@dataclass(frozen=True)
class Place:
    """A community or school in a rank."""

    rank: int
    code: str
    points: int
    people: int


def ranked(sums: Iterable[tuple[str, int, int]], fewest: int) -> list[Place]:
    """Order communities by points; ties share a rank and stand by code; who has fewer people than `fewest` is left out."""
    shown = sorted((-points, code, people) for code, points, people in sums if people >= fewest and points > 0)
    places = [Place(place, code, -points, people) for place, (points, code, people) in enumerate(shown, 1)]
    for index, (before, one) in enumerate(pairwise(places), 1):
        if one.points == before.points:
            places[index] = Place(places[index - 1].rank, one.code, one.points, one.people)
    return places
