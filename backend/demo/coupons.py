"""The demo's coupons: twelve shops, six campaigns, and four months in which people exchange and use them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import Conflict
from backend.core.ids import new_id
from backend.coupons import codes, queries
from backend.coupons.rules import Trade
from backend.coupons.schemas import AddFunder, AddMoney, ProposeCampaign, ProposeMerchant, Till
from backend.coupons.service import campaigns, claims, merchants, redemption, settlement
from backend.demo.credentials import Credentials, MerchantEntry
from backend.ledger import service as ledger
from backend.ledger.rules import AccountRef
from backend.places.rules import Point

SEED = 1027
DAYS = 120
CLAIMS = 170
USED = 0.72
"""How many of the tickets are used."""
POINTS = 400
FUND = AccountRef.of_programme("demo-start")
Shop = tuple[str, str, Trade, str, str, Point]
"""Names, trade, county, address, and about where that is."""

SHOPS: Sequence[Shop] = (
    ("秦州惠民超市", "Qinzhou Grocery", Trade.GROCERY, "620502", "民主东路 12 号", (34.5812, 105.7302)),
    ("天水公交大众路充值点", "Bus cards, Dazhong Road", Trade.BUS, "620502", "大众路 3 号", (34.5818, 105.7236)),
    ("藉河老味面馆", "Jihe Noodle House", Trade.CANTEEN, "620502", "滨河北路 88 号", (34.5776, 105.7188)),
    ("伏羲书店", "Fuxi Books", Trade.BOOKS, "620502", "伏羲路 21 号", (34.5829, 105.7133)),
    ("麦积农贸市场", "Maiji Farmers' Market", Trade.MARKET, "620503", "埠南路 5 号", (34.5668, 105.8914)),
    ("渭滨生活超市", "Weibin Grocery", Trade.GROCERY, "620503", "渭滨北路 40 号", (34.5731, 105.8987)),
    ("麦积公交总站", "Maiji Bus Station", Trade.BUS, "620503", "一马路 1 号", (34.5652, 105.9012)),
    ("马跑泉公园", "Mapaoquan Park", Trade.PARK, "620503", "马跑泉镇公园路", (34.5561, 105.9105)),
    ("甘谷大像山便民店", "Gangu Corner Shop", Trade.GROCERY, "620523", "大像山路 9 号", (34.7384, 105.3322)),
    ("武山洛门菜市", "Luomen Vegetables, Wushan", Trade.MARKET, "620524", "洛门镇中心街", (34.7358, 105.0321)),
    ("秦安花椒农产品店", "Qin'an Farm Shop", Trade.MARKET, "620522", "解放路 16 号", (34.8601, 105.6718)),
    ("清水轩辕书屋", "Xuanyuan Reading Room, Qingshui", Trade.BOOKS, "620521", "中山路 7 号", (34.7512, 106.1376)),
)


@dataclass(frozen=True)
class Plan:
    """One campaign of the demo."""

    name_zh: str
    name_en: str
    trade: Trade
    price: int
    face_fen: int
    stock: int
    each: int
    begins: int
    """Days ago."""
    lasts: int


PLANS: Sequence[Plan] = (
    Plan("公交两元券", "Bus ticket ¥2", Trade.BUS, 40, 200, 600, 6, 118, 190),
    Plan("农贸市场五元券", "Farmers' market ¥5", Trade.MARKET, 90, 500, 300, 3, 110, 150),
    Plan("光盘面馆三元券", "Noodles ¥3 for empty plates", Trade.CANTEEN, 60, 300, 120, 2, 96, 60),
    Plan("便民超市五元券", "Grocery ¥5", Trade.GROCERY, 90, 500, 200, 3, 75, 130),
    Plan("书香十元券", "Books ¥10", Trade.BOOKS, 160, 1000, 24, 1, 45, 80),
    Plan("马跑泉公园游船券", "Boat ride at Mapaoquan", Trade.PARK, 120, 800, 18, 1, 25, 60),
)


def fill(session: Session, staff: Sequence[Actor], residents: Sequence[Actor], credentials: Credentials) -> None:
    """Play four months of coupons. `staff` are two programme officers and one of finance."""
    officer, second, finance = staff
    now, chance = clock.now(), random.Random(SEED)
    with clock.at(now - timedelta(days=DAYS)):
        funder = AddFunder(id=new_id(), code="city-treasury", name_zh="天水市财政", name_en="City treasury")
        campaigns.add_funder(session, finance, funder)
        money = AddMoney(id=new_id(), yuan=20_000, reference="天财资环〔2026〕41 号")
        campaigns.add_money(session, finance, funder.id, money)
        tills = [_shop(session, officer, second, facts) for facts in SHOPS]
        _give_points(session, residents)
    opened = [_open(session, officer, second, funder.id, plan, now) for plan in PLANS]
    _play(session, residents, list(zip(PLANS, opened, strict=True)), tills, chance, now)
    _settle(session, officer, finance, now)
    _, code = merchants.add_terminal(session, officer, tills[0].merchant_id, "试用手机")
    credentials.merchants.append(MerchantEntry(merchant=SHOPS[0][0], page="/merchant", pairing_code=code))


def _shop(session: Session, officer: Actor, second: Actor, facts: Shop) -> Till:
    name_zh, name_en, trade, county, address, (lat, lon) = facts
    form = ProposeMerchant(
        id=new_id(),
        name_zh=name_zh,
        name_en=name_en,
        trade=trade,
        county_code=county,
        address=address,
        lat=lat,
        lon=lon,
    )
    merchants.propose(session, officer, form)
    merchants.approve(session, second, form.id)
    _, code = merchants.add_terminal(session, officer, form.id, "收银台")
    till = merchants.pair(session, code)
    assert till
    return till


def _open(session: Session, officer: Actor, second: Actor, funder_id: UUID, plan: Plan, now: datetime) -> UUID:
    begins = now - timedelta(days=plan.begins)
    with clock.at(begins - timedelta(days=2)):
        first = _day(begins)
        shops = [one.id for one in queries.merchants(session, active=True) if one.trade is plan.trade]
        form = ProposeCampaign(
            id=new_id(),
            name_zh=plan.name_zh,
            name_en=plan.name_en,
            trade=plan.trade,
            funder_id=funder_id,
            price_points=plan.price,
            face_fen=plan.face_fen,
            stock=plan.stock,
            per_person=plan.each,
            opens_on=first,
            closes_on=first + timedelta(days=plan.lasts - 30),
            valid_until=first + timedelta(days=plan.lasts),
            merchants=shops,
        )
        campaigns.propose(session, officer, form)
        campaigns.open_campaign(session, second, form.id)
    return form.id


def _give_points(session: Session, residents: Sequence[Actor]) -> None:
    """Let everybody begin with points; what people log later adds to them."""
    session.flush()
    ledger.issue(session, "demo-start", to=FUND, amount=POINTS * len(residents), subject="demo-start", actor="system")
    expires_on = date(clock.today().year + 1, 12, 31)
    for one in residents:
        assert one.id is not None
        ledger.grant(
            session,
            f"demo-start:{one.id}",
            fund=FUND,
            to=AccountRef.of_resident(one.id),
            amount=POINTS,
            expires_on=expires_on,
            subject="demo-start",
            actor="system",
        )


def _play(
    session: Session,
    residents: Sequence[Actor],
    opened: Sequence[tuple[Plan, UUID]],
    tills: Sequence[Till],
    chance: random.Random,
    now: datetime,
) -> None:
    """Let people exchange on days spread over the months, and most of them use the ticket some days later."""
    at_shop = {till.merchant_id: till for till in tills}
    shops = {campaign_id: queries.merchants_of(session, [campaign_id])[campaign_id] for _, campaign_id in opened}
    for _ in range(CLAIMS):
        plan, campaign_id = chance.choice(opened)
        who = chance.choice(residents)
        open_days = min(plan.begins, plan.lasts - 30)
        moment = now - timedelta(days=plan.begins - chance.random() * open_days, minutes=20)
        assert who.id is not None
        try:
            with clock.at(moment):
                own = AccountRef.of_resident(who.id)
                ticket = claims.claim(session, who, campaign_id, new_id(), source=own)
        except Conflict:
            continue
        use_at = moment + timedelta(days=chance.random() * 12, hours=1)
        if use_at < now and chance.random() < USED:
            till = at_shop[chance.choice(shops[campaign_id]).id]
            with clock.at(use_at):
                redemption.redeem(session, till, new_id(), codes.rotating(ticket.id))


def _settle(session: Session, officer: Actor, finance: Actor, now: datetime) -> None:
    """Close what is over, and settle month by month; the last month waits for its approval."""
    campaigns.close_ended(session)
    while campaigns.expire(session):
        pass
    for days_ago in (90, 60, 30):
        with clock.at(now - timedelta(days=days_ago - 2)):
            for batch in settlement.draft_all(session, officer, _day(now - timedelta(days=days_ago))):
                if days_ago > 30:  # noqa: PLR2004 -- the last of the three
                    settlement.approve(session, finance, batch.id)
                    settlement.pay(session, finance, batch.id, f"天水银行 {batch.period_to:%Y%m}-{str(batch.id)[:6]}")


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.SHANGHAI).date()
