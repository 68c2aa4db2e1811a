"""States and amounts in words, for pages of residents, merchants and the bureau."""

from collections.abc import Mapping

from backend.core.errors import N_
from backend.coupons.rules import BatchState, CampaignState, CouponState, MerchantState, Trade

FEN = 100

CAMPAIGNS: Mapping[CampaignState, str] = {
    CampaignState.DRAFT: N_("Waits for a second person"),
    CampaignState.OPEN: N_("Being exchanged"),
    CampaignState.CLOSED: N_("Closed"),
}
COUPONS: Mapping[CouponState, str] = {
    CouponState.ISSUED: N_("Can be used"),
    CouponState.RESERVED: N_("At a till"),
    CouponState.REDEEMED: N_("Used"),
    CouponState.EXPIRED: N_("Past its day"),
    CouponState.VOID: N_("Void"),
}
MERCHANTS: Mapping[MerchantState, str] = {
    MerchantState.PROPOSED: N_("Waits for a second person"),
    MerchantState.ACTIVE: N_("Takes part"),
    MerchantState.SUSPENDED: N_("Suspended"),
}
BATCHES: Mapping[BatchState, str] = {
    BatchState.DRAFT: N_("To be approved"),
    BatchState.APPROVED: N_("To be paid"),
    BatchState.PAID: N_("Paid out"),
    BatchState.DISPUTED: N_("Disputed"),
}
TRADES: Mapping[Trade, str] = {
    Trade.BOOKS: N_("Bookshop"),
    Trade.BUS: N_("Bus"),
    Trade.CANTEEN: N_("Canteen"),
    Trade.GROCERY: N_("Grocery"),
    Trade.MARKET: N_("Farmers' market"),
    Trade.PARK: N_("Park"),
}


def yuan(fen: int) -> str:
    """Return an amount in yuan, with its fen where there are any: 5, 3.33, 1,200."""
    return f"{fen // FEN:,}" if fen % FEN == 0 else f"{fen / FEN:,.2f}"
