"""A ticket is found by what its owner can tell, and taken back with a reason: its points go to whoever paid."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from backend.accounts.guards import MayWriteCoupons
from backend.bureau.coupons import PATH as ROOM
from backend.bureau.coupons import page
from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import N_, Conflict, DomainError, Invalid
from backend.coupons import codes, queries, wording
from backend.coupons.errors import NumberUnknown
from backend.coupons.models import Campaign, Coupon
from backend.coupons.rules import CouponState, why_not_void
from backend.coupons.schemas import Line
from backend.coupons.service import campaigns
from backend.web import forms, ratelimit
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import Lang, preferences_of
from backend.web.refusals import fields_of, sentence_of, status_of
from backend.web.templates import translate

PATH = f"{ROOM}/tickets"
MISSES = "coupon_misses"
UNSURE = N_("Tick that it should end. Nothing has been changed.")

router = APIRouter(prefix=PATH, dependencies=[FormGuard], include_in_schema=False)


class Signs(BaseModel):
    """What the owner told."""

    signs: str = Field(min_length=1, max_length=40)


class TakeBack(BaseModel):
    """Why a ticket ends, and that it is meant."""

    reason: Line
    sure: bool = False


@dataclass(frozen=True)
class TicketRow:
    """A ticket as the bureau sees it: never whose it is."""

    id: UUID
    number: str
    name: str
    icon: str
    face: str
    price: int
    campaign_id: UUID
    claimed_at: datetime
    valid_until: date
    state: CouponState
    state_word: str
    why_not: str | None
    """Why it cannot be taken back."""
    is_familys: bool


@router.get("")
def search(request: Request, actor: MayWriteCoupons) -> Response:
    """Show the field for a number or six digits."""
    return page(request, actor, "tickets", rows=[], signs="", error=None)


@router.post("")
def find(request: Request, session: SessionDep, actor: MayWriteCoupons, form: FormDep) -> Response:
    """Lead to the ticket that is meant; digits stand in no address."""
    lang, typed = preferences_of(request).lang, forms.texts(form).get("signs", "")
    try:
        found = _told(session, actor, forms.parse(Signs, form).signs)
    except (Invalid, NumberUnknown) as refused:
        told = sentence_of(lang, refused)
        return page(request, actor, "tickets", status=status_of(refused), rows=[], signs=typed, error=told)
    if len(found) == 1:
        return RedirectResponse(f"{PATH}/{found[0][0].id}", 303)
    return page(request, actor, "tickets", rows=[_row(lang, *one) for one in found], signs=typed, error=None)


@router.get("/{coupon_id}")
def ticket(request: Request, session: SessionDep, actor: MayWriteCoupons, coupon_id: UUID) -> Response:
    """Show one ticket and whether it can be taken back."""
    return _ticket(request, session, actor, coupon_id)


@router.post("/{coupon_id}/void")
def void(request: Request, session: SessionDep, actor: MayWriteCoupons, form: FormDep, coupon_id: UUID) -> Response:
    """Take a ticket back and return its points."""
    try:
        campaigns.void(session, actor, coupon_id, _reason(form))
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _ticket(request, session, actor, coupon_id, form, refused)
    return RedirectResponse(f"{PATH}/{coupon_id}", 303)


def _told(session: Session, actor: Actor, signs: str) -> list[tuple[Coupon, Campaign]]:
    """Find what is meant; misses are counted, for digits can be guessed."""
    ratelimit.refuse_if_full(MISSES, str(actor.id))
    found = queries.told(session, signs)
    if not found:
        ratelimit.use(MISSES, str(actor.id))
        raise NumberUnknown
    return found


def _reason(form: FormDep) -> str:
    meant = forms.parse(TakeBack, form)
    if not meant.sure:
        raise Invalid(fields={"sure": UNSURE})
    return meant.reason


def _ticket(
    request: Request,
    session: Session,
    actor: Actor,
    coupon_id: UUID,
    typed: FormDep | None = None,
    refused: DomainError | None = None,
) -> Response:
    lang = preferences_of(request).lang
    row = _row(lang, *queries.any_ticket(session, coupon_id))
    return page(
        request,
        actor,
        "ticket",
        status=status_of(refused),
        row=row,
        reason=forms.texts(typed).get("reason", "") if typed else "",
        errors=fields_of(lang, refused),
    )


def _row(lang: Lang, coupon: Coupon, campaign: Campaign) -> TicketRow:
    why_not = why_not_void(coupon.state, coupon.valid_until, clock.today())
    is_over = coupon.state in {CouponState.ISSUED, CouponState.RESERVED} and why_not is not None
    state = CouponState.EXPIRED if is_over else coupon.state
    return TicketRow(
        id=coupon.id,
        number=codes.number_of(coupon.id),
        name=campaign.name(lang),
        icon=f"trade-{campaign.trade}",
        face=wording.yuan(coupon.face_fen),
        price=coupon.price_points,
        campaign_id=campaign.id,
        claimed_at=coupon.claimed_at,
        valid_until=coupon.valid_until,
        state=state,
        state_word=translate(lang, wording.COUPONS[state]),
        why_not=sentence_of(lang, why_not),
        is_familys=not coupon.paid_from.startswith("resident:"),
    )
