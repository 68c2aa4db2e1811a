"""What is decided about an activity: its proof is good, it is not, points are taken back, an appeal is heard."""

from uuid import UUID

from sqlmodel import Session

from backend.accounts.residents.rules import subject_of
from backend.activities import booking, errors, groups, queries, rules, service
from backend.activities.models import Activity, ActivityAppeal
from backend.activities.rules import Reason, Review, State, Step
from backend.activities.schemas import Appeal
from backend.audit import service as audit
from backend.cities import City, city
from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.ledger import batches
from backend.ledger import service as ledger
from backend.ledger.errors import AlreadySpent
from backend.ledger.rules import AccountRef
from backend.notices import service as notices
from backend.notices.texts import NoticeCode

BATCH = 100
"""The rows of the fund are held as long as a batch takes, and who logs something waits for them."""


def post_due(session: Session, city: City, limit: int = BATCH) -> int:
    """Post what was held long enough and nobody objects to; return how many."""
    found = queries.due(session, clock.now(), city.green.programme.review_days, limit)
    batches.lock_ahead(session, transactions=[one.grant_id for one in found if one.grant_id])
    for activity in found:
        _post(session, SYSTEM, activity)
    return len(found)


def approve(session: Session, actor: Actor, activity_id: UUID) -> Activity:
    """Say that the proof is good: the points are posted at once."""
    activity = service.locked(session, activity_id)
    if activity.state is State.POSTED and activity.review is Review.PASSED:
        return activity
    activity.review = Review.PASSED
    _post(session, actor, activity)
    return activity


def reject(session: Session, actor: Actor, activity_id: UUID, reason: Reason, words: str = "") -> Activity:
    """Say that the proof is not good: the points are released, and the resident reads why."""
    activity = service.locked(session, activity_id)
    if activity.state is State.REJECTED:
        return activity
    activity.reason, activity.words = reason.value, words.strip()
    service.move(session, actor, activity, Step.REJECT, reason.value)
    assert activity.grant_id is not None
    ledger.void(session, f"activity:{activity.id}:void", activity.grant_id, actor=actor.label)
    audit.record(session, actor, "activity_rejected", f"activity:{activity.id}", reason=reason.value)
    _tell(session, activity, NoticeCode.ACTIVITY_REFUSED)
    return activity


def reverse(session: Session, actor: Actor, activity_id: UUID, reason: Reason, words: str = "") -> Activity:
    """Take posted points back; what is spent already is owed and netted from what is earned later."""
    activity = service.locked(session, activity_id)
    if activity.state is State.REVERSED:
        return activity
    activity.reason, activity.words = reason.value, words.strip()
    service.move(session, actor, activity, Step.REVERSE, reason.value)
    assert activity.grant_id is not None
    key, subject = f"activity:{activity.id}:reverse:{activity.grant_id}", f"activity:{activity.id}"
    try:
        ledger.reverse(session, key, activity.grant_id, subject=subject, actor=actor.label)
    except AlreadySpent:
        ledger.clawback(session, f"{key}:owed", activity.grant_id, subject=subject, actor=actor.label)
    audit.record(session, actor, "activity_reversed", subject, reason=reason.value)
    _tell(session, activity, NoticeCode.ACTIVITY_TAKEN_BACK)
    return activity


def appeal(session: Session, city: City, actor: Actor, activity_id: UUID, form: Appeal) -> ActivityAppeal:
    """Object to a refusal, once; the same words again change nothing."""
    activity = service.locked(session, activity_id)
    if not groups.may_act_for(session, actor, activity.resident_id):
        raise errors.ActivityUnknown
    known = queries.appeal_of(session, activity_id)
    if known is not None:
        if known.words == form.words:
            return known
        raise errors.AppealTooLate
    days = city.green.programme.appeal_days
    if not rules.may_appeal(activity.state, activity.settled_at, clock.now(), days):
        raise errors.AppealTooLate
    made = ActivityAppeal(activity_id=activity_id, at=clock.now(), words=form.words)
    session.add(made)
    session.flush()
    return made


def decide_appeal(
    session: Session, city: City, actor: Actor, activity_id: UUID, *, is_granted: bool, answer: str
) -> ActivityAppeal:
    """Hear an appeal, once: the points are given again, or the refusal stands; either way with an answer."""
    if not answer.strip():
        raise errors.ReasonMissing(fields={"answer": errors.ReasonMissing.message})
    activity = service.locked(session, activity_id)
    found = queries.appeal_of(session, activity_id)
    if found is None:
        raise errors.AppealUnknown
    if found.decided_at is not None:
        if found.is_granted == is_granted:
            return found
        raise errors.StepNotPossible
    found.decided_at, found.is_granted, found.answer = clock.now(), is_granted, answer.strip()
    session.add(found)
    if is_granted:
        _restore(session, city, actor, activity)
    session.flush()
    audit.record(session, actor, "appeal_decided", f"activity:{activity_id}", granted=is_granted)
    _tell(session, activity, NoticeCode.APPEAL_GRANTED if is_granted else NoticeCode.APPEAL_REFUSED)
    return found


def _tell(session: Session, activity: Activity, code: NoticeCode) -> None:
    """Tell whoever logged it; the entry itself holds the reason and the way to object."""
    if activity.resident_id is None:
        return
    name = city().behaviour_rule(activity.rule).name
    subject = subject_of(activity.resident_id)
    notices.tell(session, [subject], code, title_zh=name.zh, title_en=name.en, entry=str(activity.id))


def _post(session: Session, actor: Actor, activity: Activity) -> None:
    service.move(session, actor, activity, Step.POST)
    assert activity.grant_id is not None
    ledger.post(session, f"activity:{activity.id}:post", activity.grant_id, actor=actor.label)


def _restore(session: Session, city: City, actor: Actor, activity: Activity) -> None:
    """Give the points anew, by the rule and the amount of then."""
    assert activity.resident_id is not None
    service.move(session, actor, activity, Step.RESTORE)
    receipt = ledger.grant(
        session,
        f"activity:{activity.id}:restore",
        fund=booking.fund_of(city),
        to=AccountRef.of_resident(activity.resident_id),
        amount=activity.points,
        expires_on=rules.expires_on(clock.today()),
        subject=f"activity:{activity.id}",
        actor=actor.label,
        facts=booking.facts_of(activity.rule, activity.quantity, activity.evidence, activity.day),
    )
    activity.grant_id = receipt.transaction_id
    session.add(activity)
