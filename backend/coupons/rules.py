"""The words of coupons and their pure rules: states, what a campaign may be, and on which ledger row a coupon is met."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from itertools import count
from typing import TypeVar
from uuid import UUID

from backend.core.errors import N_, Conflict
from backend.coupons.errors import AlreadyRedeemed, CampaignInvalid, StepNotAllowed, TicketExpired, TicketVoid

_State = TypeVar("_State", bound=StrEnum)

RESERVED_FOR = timedelta(minutes=2)
"""Between scanning and confirming; then the ticket is free again."""
DIGITS_LIVE = timedelta(minutes=5)
"""How long six spoken digits stand for a ticket."""
PAIRING_LIVE = timedelta(hours=48)
OFFLINE_LIVE = timedelta(hours=24)
ENDS_SOON = timedelta(days=3)
"""So long before its last day the owner is told once."""
LARGEST_STOCK = 1_000_000
LARGEST_FACE_FEN = 100_000
LARGEST_PRICE = 1_000_000
MOST_EACH = 20
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class CouponState(StrEnum):
    """Where a ticket stands; a reservation that nobody confirms puts it back to `issued`."""

    ISSUED = "issued"
    RESERVED = "reserved"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    VOID = "void"


class MerchantState(StrEnum):
    """Where a merchant stands."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Trade(StrEnum):
    """What a merchant is, as a drawing."""

    BOOKS = "books"
    BUS = "bus"
    CANTEEN = "canteen"
    GROCERY = "grocery"
    MARKET = "market"
    PARK = "park"


class BatchState(StrEnum):
    """Where a settlement stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    PAID = "paid"
    DISPUTED = "disputed"


class Purse(StrEnum):
    """Whose points pay."""

    OWN = "own"
    HOUSEHOLD = "household"


CAMPAIGN_STEPS: Mapping[CampaignState, frozenset[CampaignState]] = {
    CampaignState.DRAFT: frozenset({CampaignState.OPEN, CampaignState.CLOSED}),
    CampaignState.OPEN: frozenset({CampaignState.CLOSED}),
    CampaignState.CLOSED: frozenset(),
}
COUPON_STEPS: Mapping[CouponState, frozenset[CouponState]] = {
    CouponState.ISSUED: frozenset({CouponState.RESERVED, CouponState.EXPIRED, CouponState.VOID}),
    CouponState.RESERVED: frozenset({CouponState.ISSUED, CouponState.REDEEMED, CouponState.EXPIRED, CouponState.VOID}),
    CouponState.REDEEMED: frozenset(),
    CouponState.EXPIRED: frozenset(),
    CouponState.VOID: frozenset(),
}
BATCH_STEPS: Mapping[BatchState, frozenset[BatchState]] = {
    BatchState.DRAFT: frozenset({BatchState.APPROVED, BatchState.DISPUTED}),
    BatchState.APPROVED: frozenset({BatchState.PAID, BatchState.DISPUTED}),
    BatchState.DISPUTED: frozenset({BatchState.APPROVED}),
    BatchState.PAID: frozenset(),
}
MERCHANT_STEPS: Mapping[MerchantState, frozenset[MerchantState]] = {
    MerchantState.PROPOSED: frozenset({MerchantState.ACTIVE}),
    MerchantState.ACTIVE: frozenset({MerchantState.SUSPENDED}),
    MerchantState.SUSPENDED: frozenset({MerchantState.PROPOSED}),
}


class Stock(StrEnum):
    """A campaign's ledger accounts, named by purpose: units, face value and money each go their own way."""

    UNSOLD = "stock"
    ISSUED = "issued"
    USED = "used"
    LAPSED = "lapsed"
    RETIRED = "retired"
    FACE = "face"
    OUTSTANDING = "outstanding"
    SPENT = "spent"


def check_step(allowed: Mapping[_State, frozenset[_State]], now: _State, then: _State) -> None:
    """Let a step of the table pass."""
    if then not in allowed[now]:
        raise StepNotAllowed


def why_not_void(state: CouponState, valid_until: date, today: date) -> Conflict | None:
    """Return why a ticket can no longer be taken back, in the word of its state; the table of steps decides."""
    if CouponState.VOID in COUPON_STEPS[state]:
        return TicketExpired() if valid_until < today else None
    return {CouponState.REDEEMED: AlreadyRedeemed(), CouponState.VOID: TicketVoid()}.get(state, TicketExpired())


def check_campaign(opens_on: date, closes_on: date, valid_until: date, today: date) -> None:
    """Let dates pass that follow each other and are not over."""
    wrong: dict[str, str] = {}
    if closes_on < opens_on:
        wrong["closes_on"] = N_("The last day to exchange lies before the first.")
    if valid_until < closes_on:
        wrong["valid_until"] = N_("Tickets must be good at least until the last day to exchange.")
    if closes_on < today:
        wrong["closes_on"] = N_("This day has passed.")
    if wrong:
        raise CampaignInvalid(fields=wrong)


def is_claimable(state: str, opens_on: date, closes_on: date, today: date) -> bool:
    """Whether the campaign gives out coupons today."""
    return state == CampaignState.OPEN and opens_on <= today <= closes_on


def claim_key(coupon_id: UUID) -> str:
    """Return under which key a claim stands in the ledger."""
    return f"claim:{coupon_id}"


def campaign_subject(campaign_id: UUID) -> str:
    """Return how a campaign stands in the record and in the ledger."""
    return f"campaign:{campaign_id}"


def coupon_subject(coupon_id: UUID) -> str:
    """Return how a ticket stands in the record and in the ledger."""
    return f"coupon:{coupon_id}"


def first_beside(verb: str, coupon_id: UUID, shard_of: Callable[[str], int]) -> str:
    """Return the key of a later step of a coupon that meets the row on which the claim was booked.

    What is outstanding lies on one row of the campaign's accounts; a key that met another row would have to search
    them all, and lock them all. The same coupon always gets the same key.
    """
    row = shard_of(claim_key(coupon_id))
    return next(key for n in count() if shard_of(key := f"{verb}:{coupon_id}:{n}") == row)
