"""What a till sends, with the limit that keeps digits from being guessed; shared by the merchant's page and its interface."""

from uuid import UUID

from sqlmodel import Session

from backend.core.errors import TooMany
from backend.coupons import codes
from backend.coupons.errors import TicketUnknown, TooManyMisses
from backend.coupons.schemas import Redeemed, Reserved, Till
from backend.coupons.service import redemption
from backend.web.ratelimit import refuse_if_full, use

MISSES = "coupon_misses"


def redeem_typed(session: Session, till: Till, redemption_id: UUID, typed: str) -> Redeemed:
    """Redeem in one step."""
    _refuse_guessing(till)
    try:
        return redemption.redeem(session, till, redemption_id, typed)
    except TicketUnknown:
        _count_miss(session, till)
        raise


def reserve_typed(session: Session, till: Till, reservation_id: UUID, typed: str) -> Reserved:
    """Take in hand what was scanned or typed."""
    _refuse_guessing(till)
    try:
        return redemption.reserve(session, till, reservation_id, codes.read(typed))
    except TicketUnknown:
        _count_miss(session, till)
        raise


def _refuse_guessing(till: Till) -> None:
    try:
        refuse_if_full(MISSES, str(till.terminal_id))
    except TooMany as full:
        raise TooManyMisses(retry_after=full.retry_after) from None


def _count_miss(session: Session, till: Till) -> None:
    """Count it in a transaction of its own; the request's own has changed nothing and lets its connection go first."""
    session.rollback()
    try:
        use(MISSES, str(till.terminal_id))
    except TooMany as full:
        raise TooManyMisses(retry_after=full.retry_after) from None
