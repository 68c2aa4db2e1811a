"""Which household somebody logs in, for whom, and what it gets of the points: the one place that asks."""

from uuid import UUID

from sqlmodel import Session

from backend.activities.errors import ActivityUnknown
from backend.activities.models import Activity
from backend.core.actor import Actor
from backend.households import pool
from backend.households import queries as households


def group_of(session: Session, resident_id: UUID) -> UUID | None:
    """Return the household of a resident, whose caps count too; `None` without one."""
    return households.group_of(session, resident_id)


def owner_of(session: Session, actor: Actor, wanted: UUID | None) -> UUID:
    """Return for whom the actor logs: for oneself, or for an elder of the household; anybody else is unknown."""
    assert actor.id is not None
    if wanted is None or wanted == actor.id:
        return actor.id
    if not households.may_log_for(session, actor, wanted):
        raise ActivityUnknown
    return wanted


def may_act_for(session: Session, actor: Actor, resident_id: UUID | None) -> bool:
    """Whether an entry is the actor's to read and undo."""
    if resident_id is None or actor.id is None:
        return False
    return resident_id == actor.id or households.may_log_for(session, actor, resident_id)


def elders_of(session: Session, actor: Actor) -> list[tuple[UUID, str]]:
    """Return the elders for whom the actor may log, by nickname."""
    return [(one.resident_id, one.nickname) for one in households.loggable_by(session, actor)]


def share(session: Session, activity: Activity) -> None:
    """Let the household in which it was logged have its part of the points that were just posted, once for each grant."""
    if activity.group_id is not None and activity.resident_id is not None:
        pool.share_soon(session, activity.resident_id, activity.points, key=f"activity:{activity.grant_id}")
