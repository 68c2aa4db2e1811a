"""What a resident sees of coupons: campaigns and tickets as paper, with everything in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from backend.cities import City
from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import N_
from backend.coupons import codes, queries, wording
from backend.coupons.models import Campaign, Coupon, Merchant
from backend.coupons.rules import CouponState, is_claimable
from backend.coupons.schemas import Shelf
from backend.households import queries as households
from backend.ledger import queries as books
from backend.ledger.rules import AccountRef
from backend.web import qr
from backend.web.preferences import Lang
from backend.web.templates import translate

FEW_LEFT = 20
SOON_DAYS = 7


@dataclass(frozen=True)
class Place:
    """Where a ticket is taken."""

    name: str
    where: str
    icon: str


@dataclass(frozen=True)
class Paper:
    """One campaign as a ticket that could be had."""

    id: UUID
    name: str
    icon: str
    face: str
    price: int
    until: date
    """The last day to exchange."""
    valid_until: date
    days_left: int
    left: int
    left_percent: int
    left_words: str
    places: Sequence[Place]
    per_person: int
    missing: int
    """Points that the reader does not have yet."""
    refusal: str | None
    """Why it cannot be had now, in words."""


@dataclass(frozen=True)
class Stub:
    """One of the reader's own tickets."""

    id: UUID
    number: str
    name: str
    icon: str
    face: str
    price: int
    valid_until: date
    days_left: int
    state: CouponState
    state_word: str
    is_live: bool
    claimed_at: datetime
    was_reinstated: bool


@dataclass(frozen=True)
class Shown:
    """What the till scans, or is told."""

    qr: str
    seconds: int
    digits: str
    """In two groups, as they are spoken; empty while none stand for the ticket."""
    digits_until: datetime | None


def papers(session: Session, city: City, lang: Lang, found: Sequence[Campaign], reader: Actor | None) -> list[Paper]:
    """Return campaigns with what is left and what the reader lacks."""
    ids = [one.id for one in found]
    shelves, shops = queries.shelves(session, ids), queries.merchants_of(session, ids)
    held: Mapping[UUID, int] = queries.held_by(session, reader.id) if reader and reader.id else {}
    points = points_of(session, reader)
    return [
        _paper(city, lang, one, shelves[one.id], shops[one.id], has=held.get(one.id, 0), points=points) for one in found
    ]


def pool_for(session: Session, reader: Actor | None, price: int) -> int | None:
    """Return what the reader's family holds together, if the reader may pay `price` from it now."""
    household = households.household_of(session, reader.id) if reader and reader.id else None
    if reader is None or household is None or not households.may_spend(session, reader, household.id, price):
        return None
    return households.pooled_balance(session, household.id).available


def points_of(session: Session, reader: Actor | None) -> int | None:
    """Return what the reader can spend; `None` for a stranger."""
    if reader is None or reader.id is None:
        return None
    return books.balance_of(session, AccountRef.of_resident(reader.id)).available


def _paper(  # noqa: PLR0913 -- the facts of one ticket
    city: City, lang: Lang, one: Campaign, shelf: Shelf, shops: Sequence[Merchant], *, has: int, points: int | None
) -> Paper:
    missing = max(0, one.price_points - points) if points is not None else 0
    return Paper(
        id=one.id,
        name=one.name(lang),
        icon=f"trade-{one.trade}",
        face=wording.yuan(one.face_fen),
        price=one.price_points,
        until=one.closes_on,
        valid_until=one.valid_until,
        days_left=(one.closes_on - clock.today()).days,
        left=shelf.unsold,
        left_percent=-(-100 * shelf.unsold // one.stock),
        left_words=_left(lang, shelf.unsold, one.stock),
        places=[place(city, lang, shop) for shop in shops],
        per_person=one.per_person,
        missing=missing,
        refusal=_refusal(lang, one, shelf, is_full=has >= one.per_person, missing=missing),
    )


def place(city: City, lang: Lang, shop: Merchant) -> Place:
    """Return a merchant as a reader finds it."""
    county = city.division_name(shop.county_code, lang)
    where = f"{county} {shop.address}" if lang == "zh" else f"{shop.address}, {county}"
    return Place(shop.name(lang), where, f"trade-{shop.trade}")


def _left(lang: Lang, unsold: int, stock: int) -> str:
    if unsold == 0:
        return translate(lang, N_("All gone"))
    if unsold <= FEW_LEFT:
        return translate(lang, N_("Only %(count)s left"), count=unsold)
    return translate(lang, N_("%(count)s of %(stock)s left"), count=f"{unsold:,}", stock=f"{stock:,}")


def _refusal(lang: Lang, one: Campaign, shelf: Shelf, *, is_full: bool, missing: int) -> str | None:
    if not is_claimable(one.state, one.opens_on, one.closes_on, clock.today()):
        if one.opens_on > clock.today():
            return translate(lang, N_("Not yet: the exchange opens soon."))
        return translate(lang, N_("The exchange is over."))
    if is_full:
        return translate(lang, N_("You have as many of these as one person may have."))
    if shelf.unsold == 0:
        return translate(lang, N_("All gone. Others may still be there."))
    if missing:
        return translate(lang, N_("%(missing)s more points and it is yours."), missing=missing)
    return None


def is_live(coupon: Coupon) -> bool:
    """Whether the ticket can still be used."""
    return coupon.state in {CouponState.ISSUED, CouponState.RESERVED} and coupon.valid_until >= clock.today()


def stub(lang: Lang, coupon: Coupon, campaign: Campaign) -> Stub:
    """Return one of the reader's own tickets."""
    state = (
        coupon.state
        if is_live(coupon) or coupon.state in {CouponState.REDEEMED, CouponState.VOID}
        else CouponState.EXPIRED
    )
    return Stub(
        id=coupon.id,
        number=codes.number_of(coupon.id),
        name=campaign.name(lang),
        icon=f"trade-{campaign.trade}",
        face=wording.yuan(coupon.face_fen),
        price=coupon.price_points,
        valid_until=coupon.valid_until,
        days_left=(coupon.valid_until - clock.today()).days,
        state=state,
        state_word=translate(lang, wording.COUPONS[state]),
        is_live=is_live(coupon),
        claimed_at=coupon.claimed_at,
        was_reinstated=coupon.reinstated_at is not None and coupon.state is CouponState.ISSUED,
    )


def shown(coupon: Coupon) -> Shown:
    """Return the code of this half minute, and the digits if they still stand for the ticket."""
    is_spoken = coupon.digits is not None and coupon.digits_until is not None and coupon.digits_until > clock.now()
    digits = coupon.digits if is_spoken and coupon.digits else ""
    return Shown(
        qr=qr.svg(codes.rotating(coupon.id)),
        seconds=codes.changes_in(),
        digits=f"{digits[:3]} {digits[3:]}".strip(),
        digits_until=coupon.digits_until if is_spoken else None,
    )
