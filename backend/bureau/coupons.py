"""The bureau's room for coupons: campaigns, merchants and money; each step names its right and its person."""

from datetime import date
from decimal import Decimal
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from backend.accounts.guards import (
    MayApproveCoupons,
    MayReadCoupons,
    MayWriteCoupons,
    MayWriteFunds,
    ProvenCouponApprover,
    ProvenFundWriter,
)
from backend.bureau import coupon_views as views
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Conflict, DomainError, Forbidden, Invalid
from backend.core.ids import new_id
from backend.coupons import queries
from backend.coupons.rules import LARGEST_PRICE, LARGEST_STOCK, MOST_EACH, Trade
from backend.coupons.schemas import AddFunder, AddMoney, Line, Name, ProposeCampaign, ProposeMerchant
from backend.coupons.service import campaigns, merchants
from backend.web import forms, refusals
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of
from backend.web.refusals import sentence_of
from backend.web.templates import render

router = APIRouter(prefix="/bureau/coupons", dependencies=[FormGuard], include_in_schema=False)

PATH = "/bureau/coupons"
PRIVATE = {"Cache-Control": "no-store"}
FEN = 100


class CampaignForm(BaseModel):
    """A campaign as it is typed: the value in yuan, and every merchant by one tick."""

    id: UUID
    name_zh: Name
    name_en: Name
    trade: Trade
    funder_id: UUID
    price_points: int = Field(ge=1, le=LARGEST_PRICE)
    face_yuan: Decimal = Field(gt=0, le=1000, max_digits=6, decimal_places=2)
    stock: int = Field(ge=1, le=LARGEST_STOCK)
    per_person: int = Field(default=1, ge=1, le=MOST_EACH)
    opens_on: date
    closes_on: date
    valid_until: date
    everyone: bool = False
    merchants: list[UUID] = []

    def proposed(self, active: list[UUID]) -> ProposeCampaign:
        """Return the campaign that is meant."""
        facts = self.model_dump(exclude={"face_yuan", "everyone", "merchants"})
        chosen = active if self.everyone else self.merchants
        if not chosen:
            raise Invalid(fields={"merchants": forms.SENTENCES["missing"]})
        return ProposeCampaign(**facts, face_fen=int(self.face_yuan * FEN), merchants=chosen)


class Reason(BaseModel):
    """Why something is stopped."""

    reason: Line


class Device(BaseModel):
    """What a till is called."""

    name: Name


@router.get("")
def index(request: Request, session: SessionDep, actor: MayReadCoupons) -> Response:
    """Show the campaigns with what is left."""
    shown = views.campaigns(session, preferences_of(request).lang)
    return page(request, actor, "campaigns", campaigns=shown)


@router.get("/new")
def new(request: Request, session: SessionDep, actor: MayWriteCoupons) -> Response:
    """Show the empty form of a campaign."""
    return page(request, actor, "new", form=views.campaign_form(session, preferences_of(request).lang))


@router.post("/campaigns")
def propose(request: Request, session: SessionDep, actor: MayWriteCoupons, form: FormDep) -> Response:
    """Draft a campaign."""
    try:
        typed = forms.parse(CampaignForm, form)
        active = [one.id for one in queries.merchants(session, active=True)]
        drafted = campaigns.propose(session, actor, typed.proposed(active))
    except Invalid as refused:
        session.rollback()
        again = views.campaign_form(session, preferences_of(request).lang, form, refused)
        return page(request, actor, "new", status=HTTPStatus.UNPROCESSABLE_ENTITY, form=again)
    return _to(f"/campaigns/{drafted.id}")


@router.get("/campaigns/{campaign_id}")
def campaign(request: Request, session: SessionDep, actor: MayReadCoupons, campaign_id: UUID) -> Response:
    """Show one campaign and what may be done next."""
    return _campaign(request, session, actor, campaign_id)


@router.post("/campaigns/{campaign_id}/open")
def open_campaign(request: Request, session: SessionDep, actor: ProvenCouponApprover, campaign_id: UUID) -> Response:
    """Open a campaign that another person drafted."""
    try:
        campaigns.open_campaign(session, actor, campaign_id)
    except (Conflict, Invalid, Forbidden) as refused:
        session.rollback()
        return _campaign(request, session, actor, campaign_id, refused)
    return _to(f"/campaigns/{campaign_id}")


@router.post("/campaigns/{campaign_id}/close")
def close(request: Request, session: SessionDep, actor: MayWriteCoupons, campaign_id: UUID) -> Response:
    """End a campaign."""
    try:
        campaigns.close(session, actor, campaign_id)
    except Conflict as refused:
        session.rollback()
        return _campaign(request, session, actor, campaign_id, refused)
    return _to(f"/campaigns/{campaign_id}")


@router.get("/merchants")
def all_merchants(request: Request, session: SessionDep, actor: MayReadCoupons) -> Response:
    """Show who takes coupons, and the form for one more."""
    return _merchants(request, session, actor)


@router.post("/merchants")
def propose_merchant(request: Request, session: SessionDep, actor: MayWriteCoupons, form: FormDep) -> Response:
    """Propose a merchant."""
    try:
        proposed = merchants.propose(session, actor, forms.parse(ProposeMerchant, form))
    except Invalid as refused:
        session.rollback()
        return _merchants(request, session, actor, form, refused)
    return _to(f"/merchants/{proposed.id}")


@router.get("/merchants/{merchant_id}")
def merchant(request: Request, session: SessionDep, actor: MayReadCoupons, merchant_id: UUID) -> Response:
    """Show one merchant with its devices."""
    return _merchant(request, session, actor, merchant_id)


@router.post("/merchants/{merchant_id}/approve")
def approve_merchant(request: Request, session: SessionDep, actor: MayApproveCoupons, merchant_id: UUID) -> Response:
    """Let a merchant in that another person proposed."""
    try:
        merchants.approve(session, actor, merchant_id)
    except (Conflict, Forbidden) as refused:
        session.rollback()
        return _merchant(request, session, actor, merchant_id, refused=refused)
    return _to(f"/merchants/{merchant_id}")


@router.post("/merchants/{merchant_id}/suspend")
def suspend(session: SessionDep, actor: MayWriteCoupons, form: FormDep, merchant_id: UUID) -> Response:
    """Shut a merchant out."""
    merchants.suspend(session, actor, merchant_id, forms.parse(Reason, form).reason)
    return _to(f"/merchants/{merchant_id}")


@router.post("/merchants/{merchant_id}/resume")
def resume(session: SessionDep, actor: MayWriteCoupons, merchant_id: UUID) -> Response:
    """Propose a suspended merchant anew."""
    merchants.resume(session, actor, merchant_id)
    return _to(f"/merchants/{merchant_id}")


@router.post("/merchants/{merchant_id}/terminals")
def add_terminal(
    request: Request, session: SessionDep, actor: MayWriteCoupons, form: FormDep, merchant_id: UUID
) -> Response:
    """Make a pairing code; this answer is the only time that it is shown."""
    try:
        _, code = merchants.add_terminal(session, actor, merchant_id, forms.parse(Device, form).name)
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _merchant(request, session, actor, merchant_id, refused=refused)
    return _merchant(request, session, actor, merchant_id, code=code)


@router.post("/merchants/{merchant_id}/terminals/{terminal_id}/revoke")
def revoke(session: SessionDep, actor: MayWriteCoupons, merchant_id: UUID, terminal_id: UUID) -> Response:
    """Shut a device out."""
    merchants.revoke_terminal(session, actor, terminal_id)
    return _to(f"/merchants/{merchant_id}")


@router.get("/funders")
def funders(request: Request, session: SessionDep, actor: MayReadCoupons) -> Response:
    """Show who pays, and how much is bound to no campaign."""
    return _funders(request, session, actor)


@router.post("/funders")
def add_funder(request: Request, session: SessionDep, actor: MayWriteFunds, form: FormDep) -> Response:
    """Note one more funder."""
    try:
        campaigns.add_funder(session, actor, forms.parse(AddFunder, form))
    except Invalid as refused:
        session.rollback()
        return _funders(request, session, actor, refused)
    return _to("/funders")


@router.post("/funders/{funder_id}/money")
def add_money(
    request: Request, session: SessionDep, actor: ProvenFundWriter, form: FormDep, funder_id: UUID
) -> Response:
    """Book money that came in."""
    try:
        campaigns.add_money(session, actor, funder_id, forms.parse(AddMoney, form))
    except (Invalid, Conflict) as refused:
        session.rollback()
        return _funders(request, session, actor, refused)
    return _to("/funders")


def _campaign(
    request: Request, session: Session, actor: Actor, campaign_id: UUID, refused: DomainError | None = None
) -> Response:
    lang = preferences_of(request).lang
    sheet = views.campaign(session, lang, queries.campaign(session, campaign_id))
    return page(request, actor, "campaign", status=status_of(refused), sheet=sheet, refused=sentence_of(lang, refused))


def _merchants(
    request: Request, session: Session, actor: Actor, typed: FormDep | None = None, refused: Invalid | None = None
) -> Response:
    shown = views.merchants(session, preferences_of(request).lang, typed, refused)
    return page(request, actor, "merchants", status=status_of(refused), merchants=shown)


def _merchant(
    request: Request,
    session: Session,
    actor: Actor,
    merchant_id: UUID,
    *,
    refused: DomainError | None = None,
    code: str | None = None,
) -> Response:
    lang = preferences_of(request).lang
    sheet = views.merchant(session, lang, queries.merchant(session, merchant_id), code)
    return page(request, actor, "merchant", status=status_of(refused), sheet=sheet, refused=sentence_of(lang, refused))


def _funders(request: Request, session: Session, actor: Actor, refused: DomainError | None = None) -> Response:
    lang = preferences_of(request).lang
    shown = views.funders(session, lang)
    told = sentence_of(lang, refused)
    return page(request, actor, "funders", status=status_of(refused), funders=shown, funder_id=new_id(), refused=told)


def status_of(refused: DomainError | None) -> HTTPStatus:
    """Return the page's status. That another person has to do it is a conflict here: the role is right, the hand is not."""
    return HTTPStatus.CONFLICT if isinstance(refused, Forbidden) else refusals.status_of(refused)


def page(request: Request, actor: Actor, name: str, *, status: int = HTTPStatus.OK, **context: object) -> Response:
    return render(
        request, f"bureau/coupons/{name}.html", status=status, headers=PRIVATE, actor=actor, room=name, **context
    )  # fmt: skip


def _to(path: str) -> Response:
    return RedirectResponse(f"{PATH}{path}", HTTPStatus.SEE_OTHER)
