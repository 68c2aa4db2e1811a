"""A till takes a ticket: it reserves what was scanned, sees the value, and confirms. Each is one conditional update.

Of any number of tills with one ticket a single one gets the row; the others meet a state that refuses them.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel import Session, col, select

from backend.core import clock
from backend.core.crypto import get_keys
from backend.coupons import accounts, codes
from backend.coupons.codes import Read
from backend.coupons.errors import (
    AlreadyRedeemed,
    CodeAmbiguous,
    IdReused,
    NotAcceptedHere,
    ReservationLapsed,
    TicketExpired,
    TicketInUse,
    TicketUnknown,
    TicketVoid,
)
from backend.coupons.models import Redemption
from backend.coupons.rules import RESERVED_FOR, CouponState, Stock, coupon_subject
from backend.coupons.schemas import Redeemed, Reserved, Till
from backend.ledger import service as ledger
from backend.ledger.rules import Movement

_FIND = """
SELECT k.id, k.state, k.campaign_id, k.valid_until, k.reserved_by, k.reserved_until, k.reservation_id,
    EXISTS (SELECT FROM coupon_campaign_merchant m WHERE m.campaign_id = k.campaign_id AND m.merchant_id = %(merchant)s)
        AS is_here
FROM coupon k WHERE
"""
_BY_SECRET = _FIND + "k.secret_digest = %(secret)s"
_BY_DIGITS = (
    f"SELECT * FROM ({_FIND} k.digits = %(digits)s AND k.digits_until > %(now)s"  # noqa: S608 -- our own words only
    " AND k.state IN ('issued', 'reserved')) AS found WHERE is_here"
)
_RESERVE = """
UPDATE coupon SET state = 'reserved', reservation_id = %(reservation)s, reserved_by = %(terminal)s,
    reserved_until = %(until)s, reserved_offline = %(offline)s
WHERE id = %(id)s AND valid_until >= %(today)s AND (state = 'issued'
    OR (state = 'reserved' AND (reserved_until <= %(now)s OR reserved_by = %(terminal)s)))
RETURNING id, campaign_id, face_fen, reserved_until
"""
_REDEEM = """
UPDATE coupon SET state = 'redeemed', reserved_until = NULL, digits = NULL, digits_until = NULL, ended_at = %(now)s
WHERE reservation_id = %(reservation)s AND reserved_by = %(terminal)s AND state = 'reserved' AND reserved_until > %(now)s
RETURNING id, campaign_id, face_fen, reserved_offline
"""
_RELEASE = """
UPDATE coupon SET state = 'issued', reservation_id = NULL, reserved_by = NULL, reserved_until = NULL,
    reserved_offline = false
WHERE reservation_id = %(reservation)s AND reserved_by = %(terminal)s AND state = 'reserved'
"""
_REINSTATE = """
UPDATE coupon SET state = 'issued', reservation_id = NULL, reserved_by = NULL, reserved_until = NULL,
    reserved_offline = false, reinstated_at = %(now)s
WHERE id IN (SELECT id FROM coupon WHERE state = 'reserved' AND reserved_until <= %(now)s
    ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
"""
BATCH = 1_000


def reserve(session: Session, till: Till, reservation_id: UUID, shown: Read) -> Reserved:
    """Take a ticket in hand for two minutes; nobody else can take it meanwhile."""
    now = clock.now()
    found = _found(session, till, shown, now)
    if not found.is_here:
        raise NotAcceptedHere
    if found.reservation_id != reservation_id and _is_known(session, reservation_id):
        raise IdReused
    values = {
        "id": found.id,
        "reservation": reservation_id,
        "terminal": till.terminal_id,
        "until": now + RESERVED_FOR,
        "offline": shown.is_signed,
        "today": clock.today(),
        "now": now,
    }
    row = session.connection().exec_driver_sql(_RESERVE, values).first()
    if row is None:
        raise _why_not(session, till, shown, now)
    return Reserved(reservation_id, row.id, row.campaign_id, row.face_fen, row.reserved_until)


def release(session: Session, till: Till, reservation_id: UUID) -> None:
    """Give a ticket back that was taken in hand by mistake."""
    session.connection().exec_driver_sql(
        _RELEASE, {"reservation": reservation_id, "terminal": till.terminal_id}
    )  # fmt: skip


def confirm(session: Session, till: Till, redemption_id: UUID, reservation_id: UUID) -> Redeemed:
    """Redeem the ticket in hand; the same id again gets the same answer."""
    digest = _digest(f"reservation:{reservation_id}")
    if earlier := _as_before(session, till, redemption_id, digest):
        return earlier
    return _redeem(session, till, redemption_id, reservation_id, digest)


def redeem(session: Session, till: Till, redemption_id: UUID, code: str) -> Redeemed:
    """Reserve and confirm in one: for tills that are programs."""
    digest = _digest(f"code:{code}")
    if earlier := _as_before(session, till, redemption_id, digest):
        return earlier
    try:
        reserve(session, till, redemption_id, codes.read(code))
    except (AlreadyRedeemed, IdReused):
        # The same request may have come first on another connection.
        if earlier := _as_before(session, till, redemption_id, digest):
            return earlier
        raise
    return _redeem(session, till, redemption_id, redemption_id, digest)


def _redeem(session: Session, till: Till, redemption_id: UUID, reservation_id: UUID, digest: bytes) -> Redeemed:
    now = clock.now()
    values = {"reservation": reservation_id, "terminal": till.terminal_id, "now": now}
    coupon = session.connection().exec_driver_sql(_REDEEM, values).first()
    if coupon is None:
        # The row was waited for: the same request may have come first.
        if earlier := _as_before(session, till, redemption_id, digest):
            return earlier
        raise _why_lapsed(session, reservation_id)
    outstanding = accounts.value(coupon.campaign_id, Stock.OUTSTANDING)
    issued, used = (accounts.units(coupon.campaign_id, where) for where in (Stock.ISSUED, Stock.USED))
    ledger.move(
        session,
        accounts.key_beside_claim("redeem", coupon.id),
        source=outstanding,
        to=accounts.payable(till.merchant_id),
        amount=coupon.face_fen,
        also=[Movement(issued, used, 1)],
        subject=coupon_subject(coupon.id),
        actor=till.label,
    )
    session.add(
        Redemption(
            id=redemption_id,
            request_digest=digest,
            coupon_id=coupon.id,
            campaign_id=coupon.campaign_id,
            merchant_id=till.merchant_id,
            terminal_id=till.terminal_id,
            amount_fen=coupon.face_fen,
            redeemed_at=now,
            redeemed_on=clock.today(),
            was_offline=coupon.reserved_offline,
        )
    )
    session.flush()
    return Redeemed(redemption_id, coupon.id, coupon.campaign_id, coupon.face_fen, now, is_new=True)


def reinstate(session: Session, limit: int = BATCH) -> int:
    """Let every reservation lapse that nobody confirmed; its ticket is good again. Return how many."""
    return session.connection().exec_driver_sql(_REINSTATE, {"now": clock.now(), "limit": limit}).rowcount


def _found(session: Session, till: Till, shown: Read, now: datetime) -> Row[Any]:
    values = {"merchant": till.merchant_id, "secret": shown.secret_digest, "digits": shown.digits, "now": now}
    statement = _BY_DIGITS if shown.digits else _BY_SECRET
    rows = session.connection().exec_driver_sql(statement, values).all()
    if not rows:
        raise TicketUnknown
    if len(rows) > 1:
        raise CodeAmbiguous
    return rows[0]


def _why_not(session: Session, till: Till, shown: Read, now: datetime) -> Exception:
    """Return the sentence for a ticket that could not be taken in hand."""
    found = _found(session, till, shown, now)
    match CouponState(found.state):
        case CouponState.REDEEMED:
            return AlreadyRedeemed()
        case CouponState.VOID:
            return TicketVoid()
        case CouponState.RESERVED if found.valid_until >= clock.today():
            return TicketInUse()
        case _:
            return TicketExpired()


def _why_lapsed(session: Session, reservation_id: UUID) -> Exception:
    state = session.connection().exec_driver_sql(
        "SELECT state FROM coupon WHERE reservation_id = %(id)s", {"id": reservation_id}
    ).scalar()  # fmt: skip
    return AlreadyRedeemed() if state == CouponState.REDEEMED else ReservationLapsed()


def _is_known(session: Session, reservation_id: UUID) -> bool:
    known = "SELECT FROM coupon WHERE reservation_id = %(id)s"
    return session.connection().exec_driver_sql(known, {"id": reservation_id}).first() is not None


def _as_before(session: Session, till: Till, redemption_id: UUID, digest: bytes) -> Redeemed | None:
    """Return what was answered to this id before; another request under it is refused."""
    found = session.exec(select(Redemption).where(col(Redemption.id) == redemption_id)).first()
    if found is None:
        return None
    if found.terminal_id != till.terminal_id or found.request_digest != digest:
        raise IdReused
    return Redeemed(
        found.id, found.coupon_id, found.campaign_id, found.amount_fen, found.redeemed_at, is_new=False
    )  # fmt: skip


def _digest(request: str) -> bytes:
    return get_keys().digest("redemption-request", request.encode())
