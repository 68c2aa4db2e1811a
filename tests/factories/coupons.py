"""Coupons in words: a market with a funder, shops that take part and tills, an open campaign, residents with points."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session
from starlette.testclient import TestClient

from backend.core import clock
from backend.core.actor import Actor, Role
from backend.core.ids import new_id
from backend.coupons import codes
from backend.coupons.models import Campaign, Coupon
from backend.coupons.rules import Trade
from backend.coupons.schemas import AddFunder, AddMoney, Claimed, ProposeCampaign, ProposeMerchant, Till
from backend.coupons.service import campaigns, claims, merchants
from backend.ledger import service as ledger
from backend.ledger.queries import balance_of
from backend.ledger.rules import AccountRef
from backend.places.rules import Point
from backend.web.sessions import Audience
from tests.factories.accounts import make_staff
from tests.factories.residents import Neighbour, make_resident
from tests.factories.sessions import carry, open_session

SHOP_AT = (34.5807, 105.7249)
FUND = AccountRef.of_programme("green-points")


@dataclass
class Market:
    """Everything that a campaign needs, and the two people who may not be one."""

    session: Session
    officer: Actor
    second: Actor
    finance: Actor
    cashier: Actor
    funder_id: UUID
    tills: list[Till] = field(default_factory=list[Till])

    def shop(self, name: str = "秦州惠民超市", trade: Trade = Trade.GROCERY, at: Point = SHOP_AT) -> Till:
        """Let a merchant in and pair one device."""
        form = ProposeMerchant(
            id=new_id(),
            name_zh=name,
            name_en="Qinzhou Grocery",
            trade=trade,
            county_code="620502",
            address="民主东路 12 号",
            lat=at[0],
            lon=at[1],
        )
        merchants.propose(self.session, self.officer, form)
        merchants.approve(self.session, self.second, form.id)
        return self.till(form.id)

    def till(self, merchant_id: UUID) -> Till:
        """Pair one more device."""
        _, code = merchants.add_terminal(self.session, self.officer, merchant_id, "前台")
        paired = merchants.pair(self.session, code)
        assert paired
        self.tills.append(paired)
        return paired

    def draft(self, **changes: Any) -> Campaign:
        """Draft a campaign that ends next month."""
        today = clock.today()
        facts: dict[str, Any] = {
            "id": new_id(),
            "name_zh": "公交五元券",
            "name_en": "Bus ticket ¥5",
            "trade": Trade.BUS,
            "funder_id": self.funder_id,
            "price_points": 100,
            "face_fen": 500,
            "stock": 10,
            "per_person": 1,
            "opens_on": today,
            "closes_on": today + timedelta(days=30),
            "valid_until": today + timedelta(days=60),
            "merchants": list({one.merchant_id for one in self.tills}),
        }
        return campaigns.propose(self.session, self.officer, ProposeCampaign(**(facts | changes)))

    def campaign(self, **changes: Any) -> UUID:
        """Open a campaign."""
        drafted = self.draft(**changes)
        campaigns.open_campaign(self.session, self.second, drafted.id)
        return drafted.id

    def coupon(self, coupon_id: UUID) -> Coupon:
        """Return a ticket as it stands in the database."""
        return self.session.get_one(Coupon, coupon_id, populate_existing=True)


def open_market(session: Session, *, yuan: int = 1_000_000, shops: int = 1) -> Market:
    """Make the staff, a funder with money and shops; everything is kept, so that requests see it."""
    officer, second = (make_staff(session, Role.PROGRAMME_OFFICER, name=name).actor for name in ("李娟", "马强"))
    finance, cashier = (make_staff(session, Role.FINANCE, name=name).actor for name in ("赵会计", "钱出纳"))
    number = secrets.randbelow(10**6)
    funder = AddFunder(id=new_id(), code=f"city-{number}", name_zh=f"市财政 {number}", name_en=f"Treasury {number}")
    campaigns.add_funder(session, finance, funder)
    campaigns.add_money(session, finance, funder.id, AddMoney(id=new_id(), yuan=yuan, reference="天财环〔2026〕1号"))
    market = Market(session, officer, second, finance, cashier, funder.id)
    for number in range(shops):
        market.shop(f"秦州惠民超市 {number + 1}")
    session.commit()
    return market


def give_points(session: Session, resident_id: UUID, amount: int) -> None:
    """Let a resident have points that are good for a year."""
    ledger.issue(session, f"budget:{new_id()}", to=FUND, amount=amount, subject="budget", actor="system")
    ledger.grant(
        session,
        f"gift:{new_id()}",
        fund=FUND,
        to=AccountRef.of_resident(resident_id),
        amount=amount,
        expires_on=clock.today() + timedelta(days=365),
        subject="gift",
        actor="system",
    )


def make_saver(session: Session, points: int = 1000) -> Neighbour:
    """Make a resident with points."""
    saver = make_resident(session)
    give_points(session, saver.resident_id, points)
    session.commit()
    return saver


def claim(session: Session, saver: Neighbour, campaign_id: UUID, coupon_id: UUID | None = None) -> Claimed:
    """Exchange the saver's own points."""
    own = AccountRef.of_resident(saver.resident_id)
    return claims.claim(session, saver.actor, campaign_id, coupon_id or new_id(), source=own)


def shown(coupon_id: UUID) -> str:
    """Return what the ticket's QR code says now."""
    return codes.rotating(coupon_id)


def points_of(session: Session, saver: Neighbour) -> int:
    """Return what the saver can spend."""
    return balance_of(session, AccountRef.of_resident(saver.resident_id)).available


def money_of(session: Session, ref: AccountRef) -> int:
    """Return what an account of the books holds."""
    return balance_of(session, ref).posted


def pair_client(client: TestClient, session: Session, till: Till) -> TestClient:
    """Give the browser a fresh session of the till, without the pairing code."""
    return carry(client, Audience.MERCHANT, open_session(session, Audience.MERCHANT, till.terminal_id))
