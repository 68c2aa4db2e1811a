"""A market in the running city: shops, a campaign, and residents who are signed in on their phones with points."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from backend.core import clock
from backend.core.ids import new_id
from backend.coupons import codes
from backend.coupons.rules import Trade
from backend.coupons.schemas import Till
from backend.coupons.service import redemption
from backend.web.sessions import Audience
from tests.browser.city import RunningCity
from tests.browser.devices import Device
from tests.factories.coupons import Market, claim, make_saver, open_market
from tests.factories.residents import Neighbour, new_session
from tests.factories.sessions import open_session


@dataclass(frozen=True)
class Opened:
    """What a journey needs of the market."""

    market: Market
    campaign_id: UUID
    till: Till
    other_till: Till


def opened(city: RunningCity, **facts: object) -> Opened:
    """Open a campaign that two shops take part in."""
    with city.rows() as session:
        market = open_market(session)
        other = market.shop("麦积山书店")
        campaign_id = market.campaign(**({"stock": 40, "per_person": 5} | facts))
        market.campaign(name_zh="农贸市场十元券", name_en="Farmers' market ¥10", trade=Trade.MARKET, face_fen=1000,
                        price_points=900, stock=12)  # fmt: skip
        return Opened(market, campaign_id, market.tills[0], other)


def saver_on(device: Device, city: RunningCity, points: int = 350) -> Neighbour:
    """Sign a resident with points in on a phone."""
    with city.rows() as session:
        saver = make_saver(session, points)
        device.carry(Audience.RESIDENT, new_session(session, saver))
    return saver


def till_on(device: Device, city: RunningCity, till: Till) -> None:
    """Pair a phone with a shop."""
    with city.rows() as session:
        device.carry(Audience.MERCHANT, open_session(session, Audience.MERCHANT, till.terminal_id))


def had_before(city: RunningCity, found: Opened, saver: Neighbour, *, used_days_ago: int | None = None) -> UUID:
    """Give the resident a ticket; used some days ago if wished."""
    with city.rows() as session:
        coupon_id = claim(session, saver, found.campaign_id).id
        if used_days_ago is not None:
            with clock.at(clock.now() - timedelta(days=used_days_ago)):
                redemption.redeem(session, found.till, new_id(), codes.rotating(coupon_id))
        return coupon_id
