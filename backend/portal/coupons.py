"""Coupons for residents: what there is, mine, and the ticket that is shown at the till."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from backend.accounts.residents.guards import MaybeResident, ResidentDep
from backend.cities import city
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Conflict, DomainError, Invalid
from backend.core.ids import new_id
from backend.coupons import codes, queries
from backend.coupons.errors import TicketUnknown
from backend.coupons.schemas import ClaimCoupon
from backend.coupons.service import claims
from backend.portal import coupon_views as views
from backend.web import forms, qr
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of
from backend.web.templates import render, translate

router = APIRouter(prefix="/coupons", dependencies=[FormGuard], include_in_schema=False)

PATH = "/coupons"
PRIVATE = {"Cache-Control": "no-store"}


@router.get("")
def index(request: Request, session: SessionDep, reader: MaybeResident) -> Response:
    """Show the reader's tickets and what there is."""
    lang = preferences_of(request).lang
    mine = queries.tickets(session, reader.id, live=True) if reader and reader.id else []
    return render(
        request,
        "coupons/index.html",
        headers=PRIVATE,
        tab="me" if reader else None,
        points=views.points_of(session, reader),
        mine=[views.stub(lang, coupon, campaign) for coupon, campaign in mine],
        papers=views.papers(session, city(), lang, queries.open_campaigns(session), reader),
    )


@router.get("/history")
def history(request: Request, session: SessionDep, actor: ResidentDep) -> Response:
    """Show tickets that were used, are past their day or were taken back."""
    assert actor.id is not None
    lang = preferences_of(request).lang
    past = queries.tickets(session, actor.id, live=False)
    shown = [views.stub(lang, coupon, campaign) for coupon, campaign in past]
    return render(request, "coupons/history.html", headers=PRIVATE, tab="me", past=shown)


@router.get("/{campaign_id}")
def campaign(request: Request, session: SessionDep, reader: MaybeResident, campaign_id: UUID) -> Response:
    """Show one kind of ticket, where it is taken, and the button."""
    return _campaign(request, session, reader, campaign_id)


@router.post("/{campaign_id}/claims")
def claim(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep, campaign_id: UUID) -> Response:
    """Exchange points; what is refused shows the same page with the sentence on top."""
    asked = forms.parse(ClaimCoupon, form)
    try:
        source = claims.pay_from(session, actor, asked.purse, campaign_id, asked.id)
        got = claims.claim(session, actor, campaign_id, asked.id, source=source)
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _campaign(request, session, actor, campaign_id, refused=refused)
    return _to_ticket(got.id)


@router.get("/tickets/{coupon_id}")
def ticket(request: Request, session: SessionDep, actor: ResidentDep, coupon_id: UUID) -> Response:
    """Show one ticket; while it is being shown at a till, nothing but the code."""
    lang, found = preferences_of(request).lang, _own(session, actor, coupon_id)
    own, shown = views.stub(lang, found.coupon, found.campaign), views.shown(found.coupon)
    is_open = own.is_live and bool(shown.digits)
    kept, kept_until = codes.signed(found.coupon.id, found.coupon.valid_until) if is_open else ("", None)
    return render(
        request,
        "coupons/show.html" if is_open else "coupons/ticket.html",
        headers=PRIVATE,
        tab="me",
        ticket=own,
        shown=shown if is_open else None,
        kept_qr=qr.svg(kept) if kept else None,
        kept_until=kept_until,
        places=[views.place(city(), lang, shop) for shop in found.merchants],
        redeemed_at=found.redeemed_at,
        redeemed_where=found.redeemed_where.name(lang) if found.redeemed_where else None,
    )


@router.post("/tickets/{coupon_id}/showing")
def show(session: SessionDep, actor: ResidentDep, coupon_id: UUID) -> Response:
    """Let fresh digits stand for the ticket, and show it."""
    claims.show(session, actor, coupon_id)
    return _to_ticket(coupon_id)


@router.get("/tickets/{coupon_id}/code")
def code(request: Request, session: SessionDep, actor: ResidentDep, coupon_id: UUID) -> Response:
    """Return the code of this half minute as a piece of the page."""
    found = _own(session, actor, coupon_id)
    own, shown = views.stub(preferences_of(request).lang, found.coupon, found.campaign), views.shown(found.coupon)
    return render(request, "coupons/_code.html", headers=PRIVATE, ticket=own, shown=shown)


@router.get("/tickets/{coupon_id}/kept.png")
def keep(session: SessionDep, actor: ResidentDep, coupon_id: UUID) -> Response:
    """Hand out the signed code as a picture, for a phone that will have no network at the till."""
    found = _own(session, actor, coupon_id).coupon
    if not views.is_live(found):
        raise TicketUnknown
    kept, _ = codes.signed(found.id, found.valid_until)
    headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="coupon.png"'}
    return Response(qr.png(kept), media_type="image/png", headers=headers)


def _campaign(
    request: Request,
    session: Session,
    reader: Actor | None,
    campaign_id: UUID,
    *,
    refused: DomainError | None = None,
) -> Response:
    lang, found = preferences_of(request).lang, queries.public_campaign(session, campaign_id)
    [paper] = views.papers(session, city(), lang, [found], reader)
    return render(
        request,
        "coupons/campaign.html",
        status=HTTPStatus.CONFLICT if refused else HTTPStatus.OK,
        headers=PRIVATE,
        tab="me" if reader else None,
        paper=paper,
        points=views.points_of(session, reader),
        pool=views.pool_for(session, reader, found.price_points),
        claim_id=new_id(),
        pool_claim_id=new_id(),
        refused=translate(lang, refused.text, **refused.params) if refused else None,
    )


def _own(session: Session, actor: Actor, coupon_id: UUID) -> queries.Ticket:
    assert actor.id is not None
    return queries.ticket(session, actor.id, coupon_id)


def _to_ticket(coupon_id: UUID) -> Response:
    return RedirectResponse(f"{PATH}/tickets/{coupon_id}", HTTPStatus.SEE_OTHER)
