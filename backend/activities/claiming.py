"""What an account's own verbs do to activities: taken along at the sign-in, handed out, forgotten."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from backend.accounts.residents import parts
from backend.accounts.residents.errors import PointsConsentNeeded
from backend.accounts.residents.parts import Carried, Held
from backend.accounts.residents.service import require_earning
from backend.activities import booking, groups, queries, quota, rules, service
from backend.activities.booking import Booking, Entry, Proof
from backend.activities.models import Activity
from backend.activities.rules import Flag, Judgement, State, Step
from backend.cities import City, city
from backend.core.actor import Actor
from backend.ledger import batches
from backend.ledger import queries as books
from backend.ledger.rules import AccountRef
from backend.web.preferences import Lang


@parts.holds("activities")
def waiting(session: Session, ids: Sequence[UUID], lang: Lang) -> list[Held]:
    """Tell what a phone logged before the sign-in and what is nobody's yet."""
    query = select(Activity).where(col(Activity.id).in_(ids), Activity.state == State.UNCLAIMED)
    return [_told(one, lang) for one in session.exec(query.execution_options(populate_existing=True))]


def _told(one: Activity, lang: Lang) -> Held:
    behaviour = city().behaviour_rule(one.rule)
    amount = f"{rules.written(one.asked)} {behaviour.unit(lang)}"
    points = rules.points_for(behaviour, one.asked)
    return Held(one.id, one.logged_at, behaviour.name(lang), amount, behaviour.icon, points)


ALL_LINES = 1_000_000
"""More than anybody's history has."""


@parts.carries("activities")
def claim(session: Session, actor: Actor, ids: Sequence[UUID]) -> Carried:
    """Give a resident what the phone logged before the sign-in, each under the caps of its own day.

    Whoever may not earn is told why. What meets a full cap stays on the phone, and is no error.
    """
    assert actor.id is not None
    found = _unclaimed(session, ids)
    # Read once the rows are locked: of two calls at once the second finds what the first has taken.
    before = select(Activity.id).where(col(Activity.id).in_(ids), Activity.resident_id == actor.id)
    mine = frozenset(session.exec(before))
    if found and not queries.earner_of(session, actor.id).may_earn:
        require_earning(session, actor.id)
        raise PointsConsentNeeded
    for day in sorted({one.day for one in found}):
        bounds = [limit for one in found if one.day == day for limit in _bounds(session, actor, one)]
        quota.lock(session, sorted(set(bounds)), day)
    grants = [(f"activity:{one.id}", booking.fund_of(city()), AccountRef.of_resident(actor.id)) for one in found]
    batches.lock_ahead(session, grants=grants)
    return Carried(frozenset(one.id for one in found if _claim(session, city(), actor, one)), mine)


def _unclaimed(session: Session, ids: Sequence[UUID]) -> list[Activity]:
    query = (
        select(Activity)
        .where(col(Activity.id).in_(ids), Activity.state == State.UNCLAIMED)
        .order_by(col(Activity.logged_at), col(Activity.id))
        .with_for_update()
    )
    return list(session.exec(query.execution_options(populate_existing=True)))


@parts.exports("activities")
def export(session: Session, resident_id: UUID) -> object:
    """Return what a resident logged."""
    return queries.export_of(session, resident_id)


@parts.exports("community")
def export_home(session: Session, resident_id: UUID) -> object:
    """Return the community and school that a resident chose to count for."""
    home = queries.home_of(session, resident_id)
    return home and home.model_dump(mode="json", include={"county_code", "township_code", "school", "chosen_at"})


@parts.exports("points")
def export_points(session: Session, resident_id: UUID) -> object:
    """Return what a resident has and every line of the history; who among the staff decided is not the resident's."""
    account = AccountRef.of_resident(resident_id)
    balance = books.balance_of(session, account)
    lines, _ = books.history(session, account, limit=ALL_LINES)
    return {
        "available": balance.available,
        "pending": balance.pending_in,
        "owed": balance.owed,
        "next_expiry": balance.next_expiry and balance.next_expiry.isoformat(),
        "history": [
            {
                "at": line.recorded_at.isoformat(),
                "kind": line.kind.value,
                "state": line.state.value,
                "amount": line.amount,
                "pending": line.pending_in,
                "subject": line.subject,
                "expires_on": line.lot_expires_on and line.lot_expires_on.isoformat(),
            }
            for line in lines
        ],
    }


@parts.forgets("activities")
def forget(session: Session, actor: Actor) -> None:
    """Wipe what a person can be recognised by; what was logged stays under the random id, as its points do."""
    assert actor.id is not None
    home = queries.home_of(session, actor.id)
    if home is not None:
        session.delete(home)
    for activity in session.exec(select(Activity).where(Activity.resident_id == actor.id).with_for_update()):
        activity.note = ""
        activity.county_code = activity.township_code = activity.school = None
        activity.group_id = activity.distance_m = None
    session.flush()


def _bounds(session: Session, actor: Actor, kept: Activity) -> tuple[rules.Limit, ...]:
    assert actor.id is not None
    group = groups.group_of(session, actor.id)
    return rules.limits(city().behaviour_rule(kept.rule), kept.day, resident=actor.id, group=group, site=None)


def _claim(session: Session, of_city: City, actor: Actor, kept: Activity) -> bool:
    assert actor.id is not None
    earner = queries.earner_of(session, actor.id)
    behaviour = of_city.behaviour_rule(kept.rule)
    proof = Proof(kept.evidence, note=kept.note)
    entry = Entry(kept.id, behaviour, kept.asked, proof, kept.body_digest, kept.logged_at)
    group = groups.group_of(session, actor.id)
    bounds = _bounds(session, actor, kept)
    counted, _ = booking.counted_of(session, entry, bounds)
    judgement = Judgement(is_good=False, flags=tuple(Flag(one) for one in kept.flags))
    ours = Booking(entry, judgement, counted, actor.id, group, earner)
    receipt = booking.grant(session, of_city, actor, ours) if ours.points > 0 else None
    if receipt is None:
        return False
    kept.resident_id, kept.group_id, kept.grant_id = actor.id, group, receipt.transaction_id
    kept.quantity, kept.points = counted, ours.points
    kept.county_code, kept.township_code, kept.school = earner.county_code, earner.township_code, earner.school
    service.move(session, actor, kept, Step.CLAIM)
    quota.use(session, kept, bounds)
    return True
