"""A resident exchanges points for a ticket: points, stock, face value and the ticket itself in one transaction.

Three statements: what is known, one call of the ledger, one insert. The ledger's call locks the row of the payer's
points, so that claims of one resident follow each other; the campaign's rows are spread, so that those of many do not.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel import Session, col, select

from backend.accounts.residents.parts import exports
from backend.core import clock
from backend.core.actor import Actor
from backend.coupons import accounts, codes
from backend.coupons.errors import (
    CampaignUnknown,
    IdReused,
    LimitReached,
    NotOpen,
    PurseUnknown,
    SoldOut,
    TicketUnknown,
    TooFewPoints,
)
from backend.coupons.models import Campaign, Coupon
from backend.coupons.rules import DIGITS_LIVE, CouponState, Purse, Stock, claim_key, coupon_subject, is_claimable
from backend.coupons.schemas import Claimed
from backend.households import pool
from backend.households import queries as households
from backend.ledger import queries as books
from backend.ledger import service as ledger
from backend.ledger.errors import IdempotencyKeyReused, InsufficientFunds
from backend.ledger.rules import AccountRef, Movement

_KNOWN = """
SELECT c.state, c.opens_on, c.closes_on, c.price_points, c.face_fen, c.per_person, c.valid_until,
    EXISTS (SELECT FROM coupon k WHERE k.id = %(id)s) AS is_there,
    (SELECT count(*) FROM coupon m WHERE m.campaign_id = c.id AND m.resident_id = %(resident)s AND m.state <> 'void')
        AS mine
FROM (SELECT 1) AS one LEFT JOIN coupon_campaign c ON c.id = %(campaign)s
"""
# The lowest free place of the resident: there is none beyond the limit, and nobody gets one twice.
_ISSUE = """
INSERT INTO coupon (id, campaign_id, resident_id, place, paid_from, price_points, face_fen, valid_until, state,
    secret_digest, transaction_id, claimed_at, reserved_offline)
SELECT %(id)s, %(campaign)s, %(resident)s, min(free.n), %(paid_from)s, %(price)s, %(face)s, %(valid_until)s, 'issued',
    %(digest)s, %(transaction)s, %(now)s, false
FROM generate_series(1, %(most)s) AS free (n)
WHERE NOT EXISTS (SELECT FROM coupon m WHERE m.campaign_id = %(campaign)s AND m.resident_id = %(resident)s
    AND m.place = free.n AND m.state <> 'void')
HAVING min(free.n) IS NOT NULL
ON CONFLICT DO NOTHING
"""


def pay_from(session: Session, actor: Actor, purse: Purse, campaign_id: UUID, coupon_id: UUID) -> AccountRef:
    """Decide whose points pay for the ticket `coupon_id`: the actor's own, or those of the family's pool.

    The pool asks whether a member may spend as much today, but not again for a ticket that was paid already.
    """
    assert actor.id is not None
    if purse is Purse.OWN:
        return AccountRef.of_resident(actor.id)
    household, campaign = households.household_of(session, actor.id), session.get(Campaign, campaign_id)
    if household is None or campaign is None:
        raise PurseUnknown
    if session.get(Coupon, coupon_id) is not None:
        return AccountRef.of_household(household.id)
    return pool.require_spend(session, actor, household.id, campaign.price_points)


def claim(session: Session, actor: Actor, campaign_id: UUID, coupon_id: UUID, *, source: AccountRef) -> Claimed:
    """Exchange points of `source` for one ticket of the campaign; the same id again gets the same answer."""
    known = session.connection().exec_driver_sql(
        _KNOWN, {"campaign": campaign_id, "id": coupon_id, "resident": actor.id}
    ).one()  # fmt: skip
    if known.is_there:
        return _as_before(session, actor, campaign_id, coupon_id, source)
    if known.state is None or known.state == "draft":
        raise CampaignUnknown
    if not is_claimable(known.state, known.opens_on, known.closes_on, clock.today()):
        raise NotOpen
    if known.mine >= known.per_person:
        raise LimitReached
    return _issue(session, actor, campaign_id, coupon_id, source, known)


def _issue(
    session: Session, actor: Actor, campaign_id: UUID, coupon_id: UUID, source: AccountRef, known: Row[Any]
) -> Claimed:
    try:
        receipt = ledger.spend(
            session,
            claim_key(coupon_id),
            source=source,
            to=accounts.points(campaign_id),
            amount=known.price_points,
            also=[
                Movement(accounts.units(campaign_id, Stock.UNSOLD), accounts.units(campaign_id, Stock.ISSUED), 1),
                Movement(
                    accounts.value(campaign_id, Stock.FACE),
                    accounts.value(campaign_id, Stock.OUTSTANDING),
                    known.face_fen,
                ),
            ],
            subject=coupon_subject(coupon_id),
            actor=actor.label,
        )
    except InsufficientFunds:
        raise _what_is_short(session, source, known.price_points) from None
    except IdempotencyKeyReused:
        raise IdReused from None
    now = clock.now()
    row = {
        "id": coupon_id,
        "campaign": campaign_id,
        "resident": actor.id,
        "paid_from": source.owner,
        "price": known.price_points,
        "face": known.face_fen,
        "valid_until": known.valid_until,
        "digest": codes.digest_of(codes.secret_of(coupon_id)),
        "transaction": receipt.transaction_id,
        "now": now,
        "most": known.per_person,
    }
    if not receipt.is_new or session.connection().exec_driver_sql(_ISSUE, row).rowcount == 0:
        return _as_before(session, actor, campaign_id, coupon_id, source)
    state = CouponState.ISSUED
    return Claimed(
        coupon_id, campaign_id, state, known.price_points, known.face_fen, known.valid_until, now, is_new=True
    )


def _as_before(session: Session, actor: Actor, campaign_id: UUID, coupon_id: UUID, source: AccountRef) -> Claimed:
    """Return the ticket that the same request got before, or in this moment on another connection.

    Where there is none, the resident's last place has just gone to another of the own requests.
    """
    found = session.get(Coupon, coupon_id, populate_existing=True)
    if found is None:
        raise LimitReached
    if (found.campaign_id, found.resident_id, found.paid_from) != (campaign_id, actor.id, source.owner):
        raise IdReused
    return Claimed(
        found.id,
        found.campaign_id,
        found.state,
        found.price_points,
        found.face_fen,
        found.valid_until,
        found.claimed_at,
        is_new=False,
    )


def _what_is_short(session: Session, source: AccountRef, price: int) -> Exception:
    missing = price - books.balance_of(session, source).available
    return TooFewPoints(missing=missing) if missing > 0 else SoldOut()


_SHOW = """
UPDATE coupon SET digits = %(digits)s, digits_until = %(until)s
WHERE id = %(id)s AND resident_id = %(resident)s AND state IN ('issued', 'reserved') AND valid_until >= %(today)s
    AND NOT EXISTS (SELECT FROM coupon o WHERE o.digits = %(digits)s AND o.digits_until > %(now)s AND o.id <> %(id)s)
RETURNING id
"""
_TRIES = 8


def show(session: Session, actor: Actor, coupon_id: UUID) -> None:
    """Let six fresh digits stand for the ticket for some minutes: only what is being shown can be spoken."""
    now = clock.now()
    for _ in range(_TRIES):
        values = {
            "id": coupon_id,
            "resident": actor.id,
            "digits": codes.new_digits(),
            "until": now + DIGITS_LIVE,
            "now": now,
            "today": clock.today(),
        }
        if session.connection().exec_driver_sql(_SHOW, values).first():
            return
    raise TicketUnknown


@exports("coupons")
def tickets_of(session: Session, resident_id: UUID) -> list[dict[str, object]]:
    """Return the resident's tickets for the file of everything that is kept; never what opens one."""
    mine = select(Coupon).where(col(Coupon.resident_id) == resident_id).order_by(col(Coupon.claimed_at))
    return [
        {
            "id": str(one.id),
            "campaign_id": str(one.campaign_id),
            "state": one.state.value,
            "price_points": one.price_points,
            "face_fen": one.face_fen,
            "valid_until": one.valid_until.isoformat(),
            "claimed_at": one.claimed_at.isoformat(),
            "ended_at": one.ended_at and one.ended_at.isoformat(),
        }
        for one in session.exec(mine)
    ]
