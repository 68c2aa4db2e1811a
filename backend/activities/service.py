"""What a resident does with green behaviours: log one, undo it, give points away; and how every step is written down."""

from uuid import UUID

from sqlmodel import Session, select

from backend.accounts.residents.errors import PointsConsentNeeded
from backend.accounts.residents.service import require_earning
from backend.activities import booking, errors, groups, photos, queries, quota, rules
from backend.activities.booking import Booking, Entry
from backend.activities.models import Activity, ActivityEvent
from backend.activities.rules import Limit, Review, State, Step
from backend.activities.schemas import Donate, Logged
from backend.audit import service as audit
from backend.cities import City
from backend.core import clock
from backend.core.actor import Actor
from backend.ledger import service as ledger
from backend.ledger.commands import Receipt
from backend.ledger.rules import AccountRef, Asset

DONATION = "donation"


def record(session: Session, city: City, actor: Actor, resident_id: UUID, entry: Entry) -> Logged:
    """Write an entry with its points: what still counts under every cap, pending until the proof is good.

    The same id and body again is answered as the first time. A full cap is an answer, not an error.
    """
    earner = queries.earner_of(session, resident_id)
    if not earner.may_earn:
        require_earning(session, resident_id)
        raise PointsConsentNeeded
    group = groups.group_of(session, resident_id)
    bounds = rules.limits(entry.behaviour, entry.day, resident=resident_id, group=group, site=entry.proof.site)
    counted, used = booking.counted_of(session, entry, bounds)
    ours = Booking(entry, booking.judged(city, entry), counted, resident_id, group, earner)
    if ours.points <= 0:
        return Logged(booking.known(session, entry), is_new=False, left=0)
    receipt = booking.grant(session, city, actor, ours)
    free = booking.left(bounds, used, resident_id)
    if receipt is None:
        return Logged(booking.known(session, entry, required=True), is_new=False, left=free)
    activity = booking.row_of(city, ours)
    activity.grant_id = receipt.transaction_id
    quota.add(session, activity, bounds)
    if activity.state is State.POSTED:
        groups.share(session, activity)
    if entry.proof.photos:
        photos.note_prints(session, activity.id, entry.proof.photos)
    return Logged(activity, is_new=True, left=free - counted)


def record_unclaimed(session: Session, city: City, entry: Entry) -> Activity:
    """Keep what somebody logged before signing in; it earns nothing until it is claimed."""
    activity = booking.row_of(city, Booking(entry, booking.judged(city, entry), entry.asked))
    if quota.add(session, activity, ()):
        return activity
    found = booking.known(session, entry, required=True)
    assert found is not None
    return found


def undo(session: Session, city: City, actor: Actor, activity_id: UUID) -> Activity:
    """Take back what was logged minutes ago; again: nothing happens."""
    activity = locked(session, activity_id)
    if not groups.may_act_for(session, actor, activity.resident_id):
        raise errors.ActivityUnknown
    if activity.state is State.UNDONE:
        return activity
    if not rules.may_undo(activity.state, activity.logged_at, clock.now(), city.green.programme.undo_minutes):
        raise errors.UndoTooLate
    move(session, actor, activity, Step.UNDO)
    assert activity.grant_id is not None
    # Counters before accounts, as everywhere.
    quota.give_back(session, activity, bounds_of(city, activity))
    ledger.void(session, f"activity:{activity.id}:void", activity.grant_id, actor=actor.label)
    return activity


def readable(session: Session, actor: Actor, activity_id: UUID) -> Activity:
    """Return an activity of this resident or of an elder; a foreign one is as unknown as one that never was."""
    found = session.get(Activity, activity_id, populate_existing=True)
    if found is None or not groups.may_act_for(session, actor, found.resident_id):
        raise errors.ActivityUnknown
    return found


def bounds_of(city: City, activity: Activity) -> tuple[Limit, ...]:
    """Return the caps that an activity has used."""
    return rules.limits(
        city.behaviour_rule(activity.rule),
        activity.day,
        resident=activity.resident_id,
        group=activity.group_id,
        site=activity.site,
    )


def move(session: Session, actor: Actor, activity: Activity, step: Step, reason: str = "") -> None:
    """Let an activity (locked) take a step of the table, and note who did it."""
    following = rules.next_state(activity.state, step)
    if following is None:
        raise errors.StepNotPossible
    activity.state = following
    if following is not State.PENDING:
        activity.settled_at = clock.now()
    if activity.review is Review.WAITING and following is not State.PENDING:
        activity.review = Review.FAILED if following is State.REJECTED else Review.NONE
    session.add(activity)
    session.add(
        ActivityEvent(activity_id=activity.id, at=clock.now(), actor=actor.label, action=step.value, reason=reason)
    )
    session.flush()


def locked(session: Session, activity_id: UUID) -> Activity:
    """Return the activity's row, locked: steps on one activity come one after the other."""
    query = select(Activity).where(Activity.id == activity_id).with_for_update()
    found = session.exec(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise errors.ActivityUnknown
    return found


def donate(session: Session, city: City, actor: Actor, form: Donate) -> Receipt:
    """Give points to a cause; they are spent as any others, those that expire first."""
    assert actor.id is not None
    if form.cause not in {cause.code for cause in city.green.causes}:
        raise errors.CauseUnknown
    return ledger.spend(
        session,
        f"donation:{form.id}",
        source=AccountRef.of_resident(actor.id),
        to=AccountRef.of_system(Asset.POINT, f"{DONATION}:{form.cause}"),
        amount=form.points,
        subject=f"{DONATION}:{form.cause}",
        actor=actor.label,
    )


def fund(session: Session, city: City, actor: Actor, key: str, amount: int) -> Receipt:
    """Put points into the programme's fund: nobody is given more than was put in."""
    receipt = ledger.issue(
        session, key, to=booking.fund_of(city), amount=amount, subject=f"programme:{city.green.programme.code}",
        actor=actor.label,
    )  # fmt: skip
    if receipt.is_new:
        audit.record(session, actor, "points_issued", f"programme:{city.green.programme.code}", amount=amount)
    return receipt
