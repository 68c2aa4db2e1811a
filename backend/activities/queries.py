"""Reading activities: who may earn, how much of a cap is used, what somebody logged, what waits for a look."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from backend.accounts.residents import rules as residents
from backend.accounts.residents.models import Resident
from backend.accounts.residents.rules import AgeGroup, Purpose, Standing
from backend.activities import rules
from backend.activities.errors import ActivityUnknown
from backend.activities.models import Activity, ActivityAppeal, ActivityCount, ActivityEvent, CommunityHome
from backend.activities.rules import Review, State
from backend.activities.schemas import Earner, Use
from backend.cities.behaviours import Behaviour
from backend.core import clock

PAGE = 25

# All that decides whether somebody earns, in one statement: the busiest call asks it every time.
_EARNER = """
SELECT r.age_group, r.birth_year, r.is_proxy,
    EXISTS (SELECT FROM guardian g WHERE g.resident_id = r.id AND g.ended_at IS NULL) AS has_guardian,
    ARRAY(SELECT purpose FROM consent c WHERE c.resident_id = r.id AND c.withdrawn_at IS NULL) AS consents,
    h.county_code, h.township_code, h.school
FROM resident r LEFT JOIN community_home h ON h.resident_id = r.id
WHERE r.id = %(id)s AND r.deleted_at IS NULL
"""


def earner_of(session: Session, resident_id: UUID) -> Earner:
    """Return whether a resident can be given points, and for which community they count."""
    row = session.connection().exec_driver_sql(_EARNER, {"id": resident_id}).first()
    if row is None:
        return Earner(may_earn=False)
    group = AgeGroup(row.age_group) if row.age_group else None
    standing = residents.standing(group, row.birth_year, has_guardian=row.has_guardian, today=clock.today())
    # An elder without a phone agreed to points only: there is no number to keep.
    needed = {Purpose.POINTS.value} | (set[str]() if row.is_proxy else {Purpose.ACCOUNT.value})
    agreed = needed <= set(row.consents)
    return Earner(standing is Standing.FULL and agreed, row.county_code, row.township_code, row.school)


def any_activity(session: Session, activity_id: UUID) -> Activity:
    """Return an activity for the staff."""
    found = session.get(Activity, activity_id, populate_existing=True)
    if found is None or found.state is State.UNCLAIMED:
        raise ActivityUnknown
    return found


def latest_of(session: Session, resident_id: UUID, limit: int = PAGE) -> list[Activity]:
    """Return what somebody logged last."""
    query = select(Activity).where(Activity.resident_id == resident_id).order_by(col(Activity.logged_at).desc())
    return list(session.exec(query.limit(limit).execution_options(populate_existing=True)))


def by_ids(session: Session, activity_ids: Collection[UUID]) -> Mapping[UUID, Activity]:
    """Return the activities with these ids; for a page of the history."""
    if not activity_ids:
        return {}
    return {one.id: one for one in session.exec(select(Activity).where(col(Activity.id).in_(activity_ids)))}


def uses(session: Session, resident_id: UUID | None, behaviours: Sequence[Behaviour], day: date) -> Mapping[str, Use]:
    """Return how much of each behaviour's cap somebody has used: the day's where there is one, else the month's."""
    spans = [day.isoformat(), rules.month_of(day)]
    counted: dict[tuple[str, str], int] = {}
    if resident_id is not None:
        query = select(ActivityCount).where(
            ActivityCount.scope == f"resident:{resident_id}", col(ActivityCount.period).in_(spans)
        )
        counted = {(one.behaviour, one.period): one.used for one in session.exec(query)}
    found: dict[str, Use] = {}
    for one in behaviours:
        caps = [
            Use(counted.get((one.code, period), 0), most * rules.UNIT, is_monthly=is_monthly)
            for period, most, is_monthly in (
                (spans[0], one.caps.person_day, False),
                (spans[1], one.caps.person_month, True),
            )
            if most is not None
        ]
        # The tightest now: a day's cap says nothing when the month's is full.
        found[one.code] = min(caps, key=lambda use: (use.left, use.is_monthly))
    return found


def used_of(session: Session, limit: rules.Limit) -> int:
    """Return how much of one cap is used."""
    query = select(ActivityCount.used).where(
        ActivityCount.scope == limit.scope,
        ActivityCount.behaviour == limit.behaviour,
        ActivityCount.period == limit.period,
    )
    return session.exec(query).first() or 0


def green_days(session: Session, resident_id: UUID, since: date) -> set[date]:
    """Return the days on which somebody did something green that was not taken back."""
    gone = (State.UNDONE, State.REJECTED, State.REVERSED)
    query = select(col(Activity.day)).where(
        Activity.resident_id == resident_id, col(Activity.day) >= since, col(Activity.state).not_in(gone)
    )
    return set(session.scalars(query.distinct()))


def done_between(session: Session, behaviour: str, first: date, last: date) -> int:
    """Return how much of a behaviour was proven on these days (both included), in whole units, by anybody."""
    query = select(func.coalesce(func.sum(Activity.quantity), 0)).where(
        Activity.behaviour == behaviour, col(Activity.day).between(first, last), Activity.state == State.POSTED
    )
    return int(session.exec(query).one()) // rules.UNIT


def count_since(session: Session, resident_id: UUID, since: date) -> int:
    """Return how many activities of somebody were proven since that day."""
    query = select(func.count()).where(
        Activity.resident_id == resident_id, col(Activity.day) >= since, Activity.state == State.POSTED
    )
    return session.exec(query).one()


def count_by_behaviour(session: Session, resident_id: UUID, since: date) -> Mapping[str, int]:
    """Return how often a resident did each behaviour since a day, refused entries left out."""
    rows = session.execute(
        select(col(Activity.behaviour), func.count())
        .where(
            Activity.resident_id == resident_id,
            col(Activity.day) >= since,
            col(Activity.state).in_([State.PENDING, State.POSTED]),
        )
        .group_by(col(Activity.behaviour))
    )
    return {row[0]: row[1] for row in rows}


def days_by_behaviour(session: Session, resident_id: UUID, since: date) -> Mapping[str, set[date]]:
    """Return on which days somebody did what, of all that was proven since that day."""
    query = select(Activity).where(
        Activity.resident_id == resident_id, col(Activity.day) >= since, Activity.state == State.POSTED
    )
    found: dict[str, set[date]] = {}
    for behaviour, day in ((one.behaviour, one.day) for one in session.exec(query)):
        found.setdefault(behaviour, set()).add(day)
    return found


def home_of(session: Session, resident_id: UUID) -> CommunityHome | None:
    """Return the community that somebody counts for."""
    return session.get(CommunityHome, resident_id, populate_existing=True)


def events_of(session: Session, activity_id: UUID) -> list[ActivityEvent]:
    """Return what was done to an activity, oldest first."""
    query = select(ActivityEvent).where(ActivityEvent.activity_id == activity_id)
    return list(session.exec(query.order_by(col(ActivityEvent.id))))


def appeal_of(session: Session, activity_id: UUID) -> ActivityAppeal | None:
    """Return the appeal against a refusal."""
    return session.get(ActivityAppeal, activity_id, populate_existing=True)


def appeals_of(session: Session, activity_ids: Collection[UUID]) -> Mapping[UUID, ActivityAppeal]:
    """Return the appeals of these activities."""
    if not activity_ids:
        return {}
    query = select(ActivityAppeal).where(col(ActivityAppeal.activity_id).in_(activity_ids))
    return {one.activity_id: one for one in session.exec(query)}


def due(session: Session, now: datetime, review_days: int, limit: int) -> list[Activity]:
    """Return what can be posted: held long enough, and nobody has to look at it, or nobody did in time; locked."""
    believed = now - timedelta(days=review_days)
    query = (
        select(Activity)
        .where(
            Activity.state == State.PENDING,
            col(Activity.held_until) <= now,
            (col(Activity.review) != Review.WAITING) | (col(Activity.logged_at) <= believed),
        )
        .order_by(col(Activity.held_until), col(Activity.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(session.exec(query.execution_options(populate_existing=True)))


def latest_pending(session: Session, limit: int) -> list[Activity]:
    """Return the latest entries that are still held."""
    query = select(Activity).where(Activity.state == State.PENDING).order_by(col(Activity.logged_at).desc())
    return list(session.exec(query.limit(limit).execution_options(populate_existing=True)))


def export_of(session: Session, resident_id: UUID) -> list[dict[str, Any]]:
    """Return everything a resident logged and objected to, as it is handed out."""
    query = select(Activity).where(Activity.resident_id == resident_id).order_by(col(Activity.logged_at))
    logged = session.exec(query).all()
    appeals = appeals_of(session, [one.id for one in logged])
    return [
        {
            "id": str(one.id),
            "behaviour": one.behaviour,
            "rule": one.rule,
            "quantity": one.quantity / rules.UNIT,
            "points": one.points,
            "evidence": one.evidence,
            "note": one.note,
            "site": one.site,
            "distance_m": one.distance_m,
            "state": one.state.value,
            "reason": one.reason,
            "words": one.words,
            "logged_at": one.logged_at.isoformat(),
            "appeal": _appeal_out(appeals.get(one.id)),
        }
        for one in logged
    ]


def _appeal_out(appeal: ActivityAppeal | None) -> dict[str, Any] | None:
    return appeal and {
        "at": appeal.at.isoformat(),
        "words": appeal.words,
        "is_granted": appeal.is_granted,
        "answer": appeal.answer,
        "decided_at": appeal.decided_at and appeal.decided_at.isoformat(),
    }


def names_of(session: Session, resident_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return the nicknames."""
    if not resident_ids:
        return {}
    rows = session.execute(select(Resident.id, Resident.nickname).where(col(Resident.id).in_(resident_ids)))
    return {row.id: row.nickname for row in rows}
