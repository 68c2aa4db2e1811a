"""A market in the running city: shops, a campaign, and residents who are signed in on their phones with points."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from playwright.sync_api import BrowserContext
from sqlmodel import Session, create_engine
from starlette.testclient import TestClient

from backend.core import clock
from backend.core.ids import new_id
from backend.coupons import codes
from backend.coupons.rules import Trade
from backend.coupons.schemas import Till
from backend.coupons.service import redemption
from backend.web.sessions import LIFETIMES, Audience
from tests.browser.city import RunningCity
from tests.browser.devices import Device
from tests.factories.coupons import Market, claim, make_saver, open_market, pair_client
from tests.factories.residents import Neighbour, sign_in_resident


@dataclass(frozen=True)
class Opened:
    """What a journey needs of the market."""

    market: Market
    campaign_id: UUID
    till: Till
    other_till: Till


@contextmanager
def rows(city: RunningCity) -> Iterator[Session]:
    """Open the running city's database."""
    engine = create_engine(city.database.replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
            session.commit()
    finally:
        engine.dispose()


def opened(city: RunningCity, **facts: object) -> Opened:
    """Open a campaign that two shops take part in."""
    with rows(city) as session:
        market = open_market(session)
        other = market.shop("麦积山书店")
        campaign_id = market.campaign(**({"stock": 40, "per_person": 5} | facts))
        market.campaign(name_zh="农贸市场十元券", name_en="Farmers' market ¥10", trade=Trade.MARKET, face_fen=1000,
                        price_points=900, stock=12)  # fmt: skip
        return Opened(market, campaign_id, market.tills[0], other)


def saver_on(device: Device, city: RunningCity, points: int = 350) -> Neighbour:
    """Sign a resident with points in on a phone."""
    with rows(city) as session:
        saver = make_saver(session, points)
        jar = TestClient(lambda *_: None, base_url=city.url)  # type: ignore[arg-type]  # only its jar of cookies is used
        sign_in_resident(jar, session, saver)
    _carry(jar, device.context, city, Audience.RESIDENT)
    return saver


def till_on(device: Device, city: RunningCity, till: Till) -> None:
    """Pair a phone with a shop."""
    with rows(city) as session:
        jar = TestClient(lambda *_: None, base_url=city.url)  # type: ignore[arg-type]
        pair_client(jar, session, till)
    _carry(jar, device.context, city, Audience.MERCHANT)


def had_before(city: RunningCity, found: Opened, saver: Neighbour, *, used_days_ago: int | None = None) -> UUID:
    """Give the resident a ticket; used some days ago if wished."""
    with rows(city) as session:
        coupon_id = claim(session, saver, found.campaign_id).id
        if used_days_ago is not None:
            with clock.at(clock.now() - timedelta(days=used_days_ago)):
                redemption.redeem(session, found.till, new_id(), codes.rotating(coupon_id))
        return coupon_id


def _carry(jar: TestClient, context: BrowserContext, city: RunningCity, audience: Audience) -> None:
    name = LIFETIMES[audience].cookie
    value = next(one.value for one in jar.cookies.jar if one.name == name)
    assert value
    host = urlsplit(city.url).hostname
    context.add_cookies(
        [{"name": name, "value": value, "url": f"https://{host}", "secure": True, "httpOnly": True, "sameSite": "Lax"}]
    )
