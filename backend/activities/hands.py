"""How often one hand confirms for one household: an alarm for moderators, never a verdict, and nobody is named by it.

The days are counted beside the caps, so that the alarm needs no reading of activities and forgets by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, or_, text
from sqlmodel import Session, col, delete, select

from backend.activities import groups, rules
from backend.activities.models import Activity, ActivityCount
from backend.activities.rules import Flag
from backend.cities import City
from backend.core import clock
from backend.core.actor import Actor

ANY = "*"
HAND = "hand"
LISTED = 50
SHOWN_OF_EACH = 5

_NOTE = text("""
INSERT INTO activity_count AS c (scope, behaviour, period, used, on_day) VALUES (:scope, :behaviour, :period, 1, :day)
ON CONFLICT (scope, behaviour, period) DO UPDATE SET used = c.used + 1
""")


@dataclass(frozen=True)
class Pair:
    """One hand and one household: how often in thirty days, and the latest of it."""

    staff_id: UUID
    house_id: UUID
    """A household, or somebody who is in none."""
    times: int
    days: int
    last: date


def alarmed(session: Session, city: City, actor: Actor, resident_id: UUID) -> tuple[Flag, ...]:
    """Return the flag if this hand, with the confirmation that is about to be booked, confirms for this household often."""
    counted = select(func.coalesce(func.sum(ActivityCount.used), 0)).where(
        ActivityCount.scope == _scope(session, actor, resident_id),
        ActivityCount.behaviour == ANY,
        col(ActivityCount.on_day) > _since(),
    )
    times = int(session.exec(counted).one()) + 1
    return (Flag.CONFIRMED_OFTEN,) if rules.is_often(times, city.green.programme.confirmed_often) else ()


def note(session: Session, actor: Actor, resident_id: UUID) -> None:
    """Count a confirmation."""
    day = clock.today()
    values = {"scope": _scope(session, actor, resident_id), "behaviour": ANY, "period": day.isoformat(), "day": day}
    session.execute(_NOTE, values)


def often(session: Session, city: City) -> list[Pair]:
    """Return the pairs that confirm often now, the most frequent first."""
    times = func.sum(ActivityCount.used)
    query = (
        select(col(ActivityCount.scope), times, func.count(), func.max(ActivityCount.on_day))
        .where(
            col(ActivityCount.scope).startswith(f"{HAND}:"),
            col(ActivityCount.behaviour) == ANY,
            col(ActivityCount.on_day) > _since(),
        )
        .group_by(col(ActivityCount.scope))
        .having(times >= city.green.programme.confirmed_often)
        .order_by(times.desc(), col(ActivityCount.scope))
        .limit(LISTED)
    )
    rows = session.execute(query).all()
    return [Pair(*_pair_of(row[0]), int(row[1]), row[2], row[3]) for row in rows]


def examples(session: Session, city: City, pair: Pair) -> Sequence[Activity]:
    """Return the latest flagged activities of a household."""
    weighed = [one.code for one in city.behaviours(clock.today()) if rules.WEIGHED & set(one.evidence)]
    query = select(Activity).where(
        col(Activity.behaviour).in_(weighed),
        col(Activity.day) > _since(),
        col(Activity.state) == rules.State.POSTED,
        or_(col(Activity.group_id) == pair.house_id, col(Activity.resident_id) == pair.house_id),
        func.array_position(col(Activity.flags), Flag.CONFIRMED_OFTEN.value).is_not(None),
    )
    return session.exec(query.order_by(col(Activity.logged_at).desc()).limit(SHOWN_OF_EACH)).all()


def sweep(session: Session) -> None:
    """Forget who confirmed for which household, as soon as no alarm can ask for it."""
    over = col(ActivityCount.scope).startswith(f"{HAND}:"), col(ActivityCount.on_day) <= _since()
    session.execute(delete(ActivityCount).where(*over))


def _scope(session: Session, actor: Actor, resident_id: UUID) -> str:
    return f"{HAND}:{actor.id}:{groups.group_of(session, resident_id) or resident_id}"


def _pair_of(scope: str) -> tuple[UUID, UUID]:
    _, staff_id, house_id = scope.split(":")
    return UUID(staff_id), UUID(house_id)


def _since() -> date:
    return clock.today() - timedelta(days=rules.ALARM_DAYS)
