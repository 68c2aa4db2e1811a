"""Which ledger accounts belong to a campaign, its funder and its merchants: stock and money are counted there alone."""

from uuid import UUID

from backend.coupons.rules import Stock, first_beside
from backend.ledger.rules import SHARDS, AccountRef, Asset, Purpose, shard_of

PAYABLE, SETTLED, PAID = "payable", "settled", "paid"


def units(campaign_id: UUID, where: Stock) -> AccountRef:
    """Return where the campaign's pieces are."""
    return AccountRef.of_campaign(campaign_id, Asset.COUPON_UNIT, where)


def value(campaign_id: UUID, where: Stock) -> AccountRef:
    """Return where the campaign's face value is."""
    return AccountRef.of_campaign(campaign_id, Asset.COUPON_FEN, where)


def points(campaign_id: UUID) -> AccountRef:
    """Return where the points go that are paid."""
    return AccountRef.of_campaign(campaign_id, Asset.POINT, Stock.SPENT)


def fund(campaign_id: UUID) -> AccountRef:
    """Return the money that stands behind the campaign's tickets."""
    return AccountRef.of_campaign(campaign_id, Asset.BUDGET_FEN, Purpose.FUND)


def funder(code: str) -> AccountRef:
    """Return the money of a funder that is bound to no campaign."""
    return AccountRef.of_programme(code, Asset.BUDGET_FEN)


def payable(merchant_id: UUID) -> AccountRef:
    """Return what a merchant has taken and is not paid for yet."""
    return AccountRef.of_merchant(merchant_id)


def settled(merchant_id: UUID) -> AccountRef:
    """Return the face value that is paid."""
    return AccountRef.of_merchant(merchant_id, Asset.COUPON_FEN, SETTLED)


def paid(merchant_id: UUID) -> AccountRef:
    """Return the money that a merchant got."""
    return AccountRef.of_merchant(merchant_id, Asset.BUDGET_FEN, PAID)


def key_beside_claim(verb: str, coupon_id: UUID) -> str:
    """Return the ledger key of a later step on the row where the claim was booked."""
    return first_beside(verb, coupon_id, lambda key: shard_of(key, SHARDS))
