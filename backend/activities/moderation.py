"""What waits for a person's look, and the decisions of a whole grid in one go."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from backend.activities import errors, photos, settling
from backend.activities.models import Activity, ActivityAppeal, PhotoPrint
from backend.activities.rules import Flag, Reason, Review, State
from backend.core.actor import Actor
from backend.ledger import batches
from backend.media import queries as media
from backend.media.models import Photo

GRID = 24
PASS = "pass"  # noqa: S105 -- a verdict


@dataclass(frozen=True)
class Card:
    """One activity in the grid."""

    activity: Activity
    photo_ids: list[UUID]
    similar: list[UUID]
    """Earlier activities whose photo looks alike or is the same."""


@dataclass(frozen=True)
class Outcome:
    """What deciding a grid did; what somebody else had decided is left as it was."""

    passed: int
    failed: int
    moved_on: int


def waiting(session: Session, limit: int = GRID) -> list[Card]:
    """Return what waits: what looks copied first, then the oldest."""
    copied = func.array_position(col(Activity.flags), Flag.SAME_PHOTO.value).is_not(None) | func.array_position(
        col(Activity.flags), Flag.NEAR_DUPLICATE.value
    ).is_not(None)
    query = (
        select(Activity)
        .where(Activity.review == Review.WAITING, Activity.state == State.PENDING)
        .order_by(case((copied, 0), else_=1), col(Activity.logged_at), col(Activity.id))
        .limit(limit)
    )
    found = list(session.exec(query.execution_options(populate_existing=True)))
    owned = media.owned_by_each(session, [photos.owner_of(one.id) for one in found])
    return [
        Card(one, owned.get(photos.owner_of(one.id), []), similar_to(session, one.id) if one.flags else [])
        for one in found
    ]


def count_waiting(session: Session) -> int:
    """Return how many wait."""
    query = select(func.count()).where(col(Activity.review) == Review.WAITING, col(Activity.state) == State.PENDING)
    return session.exec(query).one()


def similar_to(session: Session, activity_id: UUID) -> list[UUID]:
    """Return earlier activities with the same or a similar photo."""
    found: list[UUID] = []
    for one in session.exec(select(PhotoPrint).where(PhotoPrint.activity_id == activity_id)):
        same = select(PhotoPrint.activity_id).where(
            PhotoPrint.sha256 == one.sha256, PhotoPrint.activity_id != activity_id, col(PhotoPrint.at) <= one.at
        )
        found += [*session.exec(same.limit(3)), *photos.alike(session, one)]
    return list(dict.fromkeys(found))


def decide(session: Session, actor: Actor, verdicts: Mapping[UUID, str]) -> Outcome:
    """Carry out the verdicts of a grid (`pass` or a reason), in one order, so that two moderators never wait in a ring."""
    passed = failed = moved_on = 0
    mine = select(Activity.grant_id).where(col(Activity.id).in_(verdicts)).order_by(col(Activity.id)).with_for_update()
    batches.lock_ahead(session, transactions=[grant_id for grant_id in session.exec(mine) if grant_id is not None])
    for activity_id in sorted(verdicts):
        verdict = verdicts[activity_id]
        try:
            with session.begin_nested():
                if verdict == PASS:
                    settling.approve(session, actor, activity_id)
                    passed += 1
                else:
                    settling.reject(session, actor, activity_id, Reason(verdict))
                    failed += 1
        except (errors.StepNotPossible, errors.ActivityUnknown):
            moved_on += 1
    return Outcome(passed, failed, moved_on)


def photo(session: Session, photo_id: UUID) -> Photo | None:
    """Return a photo if it proves an activity; all others are none of a moderator's business."""
    found = media.photo(session, photo_id)
    return found if found is not None and (found.owner or "").startswith("activity:") else None


def open_appeals(session: Session, limit: int = GRID) -> list[tuple[ActivityAppeal, Activity]]:
    """Return the appeals that wait for an answer, the oldest first."""
    query = (
        select(ActivityAppeal, Activity)
        .join(Activity, col(Activity.id) == col(ActivityAppeal.activity_id))
        .where(col(ActivityAppeal.decided_at).is_(None))
        .order_by(col(ActivityAppeal.at))
        .limit(limit)
    )
    return [(appeal, activity) for appeal, activity in session.exec(query)]
