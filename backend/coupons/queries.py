"""What is asked about coupons: campaigns with what is left, a resident's tickets, a merchant's day, settlements."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from backend.core import clock
from backend.coupons import accounts, codes
from backend.coupons.errors import (
    BatchUnknown,
    CampaignUnknown,
    FunderUnknown,
    MerchantUnknown,
    NumberUnknown,
    TicketUnknown,
)
from backend.coupons.models import (
    Campaign,
    CampaignMerchant,
    Coupon,
    Funder,
    Merchant,
    Redemption,
    SettlementBatch,
    Terminal,
)
from backend.coupons.rules import CampaignState, CouponState, MerchantState, Stock
from backend.coupons.schemas import Shelf, Till
from backend.ledger import queries as books
from backend.ledger.rules import Asset, Purpose
from backend.web import sessions
from backend.web.models import WebSession
from backend.web.sessions import Audience


@dataclass(frozen=True)
class TakenTicket:
    """One redemption in a merchant's list."""

    id: UUID
    campaign_id: UUID
    name_zh: str
    name_en: str
    amount_fen: int
    redeemed_at: datetime
    was_offline: bool


@dataclass(frozen=True)
class Ticket:
    """A resident's ticket with what it is good for."""

    coupon: Coupon
    campaign: Campaign
    merchants: Sequence[Merchant]
    redeemed_at: datetime | None
    redeemed_where: Merchant | None


@dataclass(frozen=True)
class DayTotal:
    """What a merchant has taken on a day."""

    count: int
    sum_fen: int


def campaign(session: Session, campaign_id: UUID) -> Campaign:
    """Return one campaign, drafts too: for the bureau."""
    found = session.get(Campaign, campaign_id, populate_existing=True)
    if found is None:
        raise CampaignUnknown
    return found


def public_campaign(session: Session, campaign_id: UUID) -> Campaign:
    """Return one campaign that residents may see."""
    found = campaign(session, campaign_id)
    if found.state is CampaignState.DRAFT:
        raise CampaignUnknown
    return found


def open_campaigns(session: Session) -> list[Campaign]:
    """Return what can be exchanged today or soon, the one that ends first first."""
    today = clock.today()
    wanted = select(Campaign).where(col(Campaign.state) == CampaignState.OPEN, col(Campaign.closes_on) >= today)
    return list(session.exec(wanted.order_by(col(Campaign.closes_on), col(Campaign.id))))


def all_campaigns(session: Session, limit: int = 200) -> list[Campaign]:
    """Return the campaigns for the bureau, the latest first."""
    return list(session.exec(select(Campaign).order_by(col(Campaign.created_at).desc(), col(Campaign.id)).limit(limit)))


_SHELVES = """
SELECT owner, asset, purpose, sum(posted)::bigint AS posted FROM ledger_account
WHERE owner = ANY(%(owners)s) AND asset IN ('coupon_unit', 'budget_fen') GROUP BY owner, asset, purpose
"""


def shelves(session: Session, campaign_ids: Collection[UUID]) -> Mapping[UUID, Shelf]:
    """Return what each campaign's accounts hold; a draft has none."""
    owners = {f"campaign:{one}": one for one in campaign_ids}
    rows = session.connection().exec_driver_sql(_SHELVES, {"owners": list(owners)})
    held: dict[UUID, dict[tuple[str, str], int]] = {one: {} for one in campaign_ids}
    for row in rows:
        held[owners[row.owner]][row.asset, row.purpose] = row.posted
    return {
        one: Shelf(
            unsold=at.get((Asset.COUPON_UNIT, Stock.UNSOLD), 0),
            issued=at.get((Asset.COUPON_UNIT, Stock.ISSUED), 0),
            used=at.get((Asset.COUPON_UNIT, Stock.USED), 0),
            lapsed=at.get((Asset.COUPON_UNIT, Stock.LAPSED), 0),
            fund_fen=at.get((Asset.BUDGET_FEN, Purpose.FUND), 0),
        )
        for one, at in held.items()
    }


def merchants_of(session: Session, campaign_ids: Collection[UUID]) -> Mapping[UUID, list[Merchant]]:
    """Return where the tickets of each campaign are taken now."""
    rows = session.exec(
        select(CampaignMerchant.campaign_id, Merchant)
        .join(Merchant, col(Merchant.id) == col(CampaignMerchant.merchant_id))
        .where(col(CampaignMerchant.campaign_id).in_(campaign_ids), col(Merchant.state) == MerchantState.ACTIVE)
        .order_by(col(Merchant.county_code), col(Merchant.name_zh))
    )
    found: dict[UUID, list[Merchant]] = {one: [] for one in campaign_ids}
    for campaign_id, merchant_found in rows:
        found[campaign_id].append(merchant_found)
    return found


def held_by(session: Session, resident_id: UUID) -> Mapping[UUID, int]:
    """Return how many places of each campaign the resident has used."""
    rows = session.execute(
        select(col(Coupon.campaign_id), func.count())
        .where(col(Coupon.resident_id) == resident_id, col(Coupon.state) != CouponState.VOID)
        .group_by(col(Coupon.campaign_id))
    )
    return {row[0]: row[1] for row in rows}


def tickets(session: Session, resident_id: UUID, *, live: bool, limit: int = 100) -> list[tuple[Coupon, Campaign]]:
    """Return the resident's tickets: those still good, the one that ends first first; or the others, latest first."""
    good = (col(Coupon.state).in_([CouponState.ISSUED, CouponState.RESERVED])) & (
        col(Coupon.valid_until) >= clock.today()
    )
    mine = (
        select(Coupon, Campaign)
        .join(Campaign, col(Campaign.id) == col(Coupon.campaign_id))
        .where(col(Coupon.resident_id) == resident_id, good if live else ~good)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    order = (col(Coupon.valid_until), col(Coupon.claimed_at)) if live else (col(Coupon.claimed_at).desc(),)
    return [(coupon, found) for coupon, found in session.exec(mine.order_by(*order))]


def ticket(session: Session, resident_id: UUID, coupon_id: UUID) -> Ticket:
    """Return one ticket of the resident's own."""
    row = session.exec(
        select(Coupon, Campaign, Redemption, Merchant)
        .join(Campaign, col(Campaign.id) == col(Coupon.campaign_id))
        .join(Redemption, col(Redemption.coupon_id) == col(Coupon.id), isouter=True)
        .join(Merchant, col(Merchant.id) == col(Redemption.merchant_id), isouter=True)
        .where(col(Coupon.id) == coupon_id, col(Coupon.resident_id) == resident_id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise TicketUnknown
    coupon, found, redemption, where = row
    taken_by = merchants_of(session, [found.id])[found.id]
    return Ticket(coupon, found, taken_by, redemption.redeemed_at if redemption else None, where)


def told(session: Session, signs: str) -> list[tuple[Coupon, Campaign]]:
    """Return the tickets that somebody means who tells a number, or the six digits that stand for one at this moment."""
    ids = codes.ids_under(signs)
    if ids is not None:
        found = col(Coupon.id).between(*ids)
    else:
        digits = unicodedata.normalize("NFKC", "".join(signs.split()))
        found = (col(Coupon.digits) == digits) & (col(Coupon.digits_until) > clock.now())
    meant = select(Coupon, Campaign).join(Campaign, col(Campaign.id) == col(Coupon.campaign_id)).where(found)
    return [(coupon, campaign_found) for coupon, campaign_found in session.exec(meant.order_by(col(Coupon.claimed_at)))]


def any_ticket(session: Session, coupon_id: UUID) -> tuple[Coupon, Campaign]:
    """Return one ticket, whoever holds it: for the bureau."""
    coupon = session.get(Coupon, coupon_id, populate_existing=True)
    if coupon is None:
        raise NumberUnknown
    return coupon, campaign(session, coupon.campaign_id)


def names_of(session: Session, coupon_ids: Collection[UUID]) -> Mapping[UUID, tuple[str, str]]:
    """Return what the tickets are called (Chinese, English), for the history of points, whose subject is `coupon:<id>`."""
    rows = session.execute(
        select(Coupon.id, Campaign.name_zh, Campaign.name_en)
        .join(Campaign, col(Campaign.id) == col(Coupon.campaign_id))
        .where(col(Coupon.id).in_(coupon_ids))
    )
    return {row.id: (row.name_zh, row.name_en) for row in rows}


def funders(session: Session) -> list[Funder]:
    """Return who pays."""
    return list(session.exec(select(Funder).order_by(col(Funder.code))))


def funder(session: Session, funder_id: UUID) -> Funder:
    """Return one funder."""
    found = session.get(Funder, funder_id)
    if found is None:
        raise FunderUnknown
    return found


def free_money(session: Session, funder_found: Funder) -> int:
    """Return how much of a funder's money is bound to no campaign."""
    return books.balance_of(session, accounts.funder(funder_found.code)).available


def merchants(session: Session, *, active: bool | None = None) -> list[Merchant]:
    """Return the merchants by county and name."""
    wanted = select(Merchant).order_by(col(Merchant.county_code), col(Merchant.name_zh))
    if active is not None:
        wanted = wanted.where((col(Merchant.state) == MerchantState.ACTIVE) == active)
    return list(session.exec(wanted))


def merchant(session: Session, merchant_id: UUID) -> Merchant:
    """Return one merchant."""
    found = session.get(Merchant, merchant_id, populate_existing=True)
    if found is None:
        raise MerchantUnknown
    return found


def terminals(session: Session, merchant_id: UUID) -> list[Terminal]:
    """Return a merchant's devices, the latest first."""
    mine = select(Terminal).where(col(Terminal.merchant_id) == merchant_id).order_by(col(Terminal.created_at).desc())
    return list(session.exec(mine.execution_options(populate_existing=True)))


def till_of(session: Session, token_digest: bytes) -> Till | None:
    """Return the paired device of an active merchant whose live session has this digest, and prolong the session."""
    row = session.execute(
        columns(
            col(Terminal.id),
            col(Terminal.merchant_id),
            col(Merchant.name_zh),
            col(WebSession.seen_at),
            col(WebSession.absolute_until),
        )
        .join(Terminal, col(Terminal.id) == col(WebSession.owner_id))
        .join(Merchant, col(Merchant.id) == col(Terminal.merchant_id))
        .where(
            *sessions.alive(token_digest, Audience.MERCHANT),
            col(Terminal.revoked_at).is_(None),
            col(Merchant.state) == MerchantState.ACTIVE,
        )
    ).first()
    if row is None:
        return None
    sessions.touch(session, token_digest, Audience.MERCHANT, row.seen_at, row.absolute_until)
    return Till(row.id, row.merchant_id, row.name_zh)


def taken(session: Session, merchant_id: UUID, on: date, limit: int = 200) -> list[TakenTicket]:
    """Return what a merchant has taken on a day, latest first."""
    rows = session.execute(
        _taken().where(col(Redemption.merchant_id) == merchant_id, col(Redemption.redeemed_on) == on).limit(limit)
    )
    return [TakenTicket(*row) for row in rows]


def in_batch(session: Session, batch_id: UUID) -> list[TakenTicket]:
    """Return the redemptions of one settlement, oldest first."""
    rows = session.execute(_taken().where(col(Redemption.batch_id) == batch_id)).all()
    return [TakenTicket(*row) for row in reversed(rows)]


def redemption(session: Session, merchant_id: UUID, redemption_id: UUID) -> TakenTicket:
    """Return one redemption of a merchant."""
    mine = _taken().where(col(Redemption.id) == redemption_id, col(Redemption.merchant_id) == merchant_id)
    row = session.execute(mine).first()
    if row is None:
        raise TicketUnknown
    return TakenTicket(*row)


def _taken() -> Select[UUID, UUID, str, str, int, datetime, bool]:
    return (
        columns(
            col(Redemption.id),
            col(Redemption.campaign_id),
            col(Campaign.name_zh),
            col(Campaign.name_en),
            col(Redemption.amount_fen),
            col(Redemption.redeemed_at),
            col(Redemption.was_offline),
        )
        .join(Campaign, col(Campaign.id) == col(Redemption.campaign_id))
        .order_by(col(Redemption.redeemed_at).desc(), col(Redemption.id))
    )


def day_total(session: Session, merchant_id: UUID, on: date) -> DayTotal:
    """Return the day's count and sum."""
    row = session.execute(
        select(func.count(), func.coalesce(func.sum(col(Redemption.amount_fen)), 0)).where(
            col(Redemption.merchant_id) == merchant_id, col(Redemption.redeemed_on) == on
        )
    ).one()
    return DayTotal(row[0], int(row[1]))


def reserved(session: Session, till: Till, reservation_id: UUID) -> tuple[Coupon, Campaign] | None:
    """Return the ticket that the device has in hand under this reservation."""
    row = session.exec(
        select(Coupon, Campaign)
        .join(Campaign, col(Campaign.id) == col(Coupon.campaign_id))
        .where(col(Coupon.reservation_id) == reservation_id, col(Coupon.reserved_by) == till.terminal_id)
        .execution_options(populate_existing=True)
    ).first()
    return (row[0], row[1]) if row else None


def batches(session: Session, merchant_id: UUID | None = None, limit: int = 200) -> list[SettlementBatch]:
    """Return settlements, the latest first, of one merchant or of all."""
    wanted = select(SettlementBatch).order_by(
        col(SettlementBatch.drafted_at).desc(), col(SettlementBatch.id)
    ).limit(limit)  # fmt: skip
    if merchant_id is not None:
        wanted = wanted.where(col(SettlementBatch.merchant_id) == merchant_id)
    return list(session.exec(wanted.execution_options(populate_existing=True)))


def batch(session: Session, batch_id: UUID, merchant_id: UUID | None = None) -> SettlementBatch:
    """Return one settlement; a merchant sees only the own ones."""
    found = session.get(SettlementBatch, batch_id, populate_existing=True)
    if found is None or (merchant_id is not None and found.merchant_id != merchant_id):
        raise BatchUnknown
    return found


def unsettled(session: Session, until: date) -> Mapping[UUID, DayTotal]:
    """Return what waits for a settlement, by merchant."""
    rows = session.execute(
        select(col(Redemption.merchant_id), func.count(), func.sum(col(Redemption.amount_fen)))
        .where(col(Redemption.batch_id).is_(None), col(Redemption.redeemed_on) <= until)
        .group_by(col(Redemption.merchant_id))
    )
    return {row[0]: DayTotal(row[1], int(row[2])) for row in rows}
