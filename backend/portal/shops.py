"""Shops as places of proof: what a merchant's phone shows at the counter works like the code of a station."""

from uuid import UUID

from sqlmodel import Session

from backend.activities import sites
from backend.activities.sites import Site
from backend.coupons import queries
from backend.coupons.errors import MerchantUnknown
from backend.coupons.rules import MerchantState


@sites.also
def shop(session: Session, code: str) -> Site | None:
    """Return the shop whose id the code is, while it takes part."""
    try:
        found = queries.merchant(session, UUID(hex=code))
    except (ValueError, MerchantUnknown):
        return None
    if found.state is not MerchantState.ACTIVE:
        return None
    place = (found.lat, found.lon) if found.lat is not None and found.lon is not None else None
    return Site(code_of(found.id), found.name_zh, found.name_en, place, found.trade, f"trade-{found.trade}")


def code_of(merchant_id: UUID) -> str:
    """Return how a shop is named in the address behind its code."""
    return merchant_id.hex
