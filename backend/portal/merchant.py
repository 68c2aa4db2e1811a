"""The merchant's page for a phone at the till: scan or type, see the value, confirm; the day, and what is paid."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from backend.activities import sites
from backend.cities import city
from backend.core import clock
from backend.core.db import SessionDep
from backend.core.errors import DomainError, NotFound
from backend.core.ids import new_id
from backend.coupons import guards, queries, wording
from backend.coupons.errors import PairingRefused, ReservationLapsed
from backend.coupons.guards import PAIRING_PATH, TillDep
from backend.coupons.rules import CouponState
from backend.coupons.schemas import Line, Till
from backend.coupons.service import merchants, redemption, settlement
from backend.portal.shops import code_of
from backend.portal.till import reserve_typed
from backend.web import forms, qr
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of
from backend.web.ratelimit import limited
from backend.web.templates import render, translate

router = APIRouter(prefix="/merchant", dependencies=[FormGuard], include_in_schema=False)

PATH = "/merchant"
PRIVATE = {"Cache-Control": "no-store"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TakeInHand(BaseModel):
    """What was scanned or typed."""

    id: UUID
    code: str = Field(min_length=1, max_length=400)


class Confirm(BaseModel):
    """The second tap."""

    id: UUID
    reservation: UUID


class Dispute(BaseModel):
    """What is wrong with a settlement."""

    reason: Line


@router.get("/pairing")
def pairing(request: Request) -> Response:
    """Ask for the code that the bureau gave."""
    return _pairing(request)


@router.post("/pairing", dependencies=[limited("pairing")])
def pair(request: Request, session: SessionDep, form: FormDep) -> Response:
    """Let this phone be a till of the merchant; whatever is wrong with the code is one sentence."""
    till = merchants.pair(session, str(form.get("pairing", ""))[:100])
    if till is None:
        return _pairing(request, refused=PairingRefused())
    guards.start_session(session, request, till)
    return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)


@router.post("/leave")
def leave(request: Request, session: SessionDep, till: TillDep) -> Response:
    """Let this phone be a till no more."""
    del till
    guards.end_session(session, request)
    return RedirectResponse(PAIRING_PATH, HTTPStatus.SEE_OTHER)


@router.get("")
def index(request: Request, session: SessionDep, till: TillDep) -> Response:
    """Show the field, and what was taken today."""
    return _index(request, session, till)


@router.post("/reservations")
def reserve(request: Request, session: SessionDep, till: TillDep, form: FormDep) -> Response:
    """Take a ticket in hand; what is no good shows the same page with the sentence on top."""
    try:
        asked = forms.parse(TakeInHand, form)
        held = reserve_typed(session, till, asked.id, asked.code)
    except DomainError as refused:
        session.rollback()
        return _index(request, session, till, refused=refused)
    return RedirectResponse(f"{PATH}/reservations/{held.reservation_id}", HTTPStatus.SEE_OTHER)


@router.get("/reservations/{reservation_id}")
def reservation(request: Request, session: SessionDep, till: TillDep, reservation_id: UUID) -> Response:
    """Show the value of the ticket in hand, and the one button."""
    found = queries.reserved(session, till, reservation_id)
    if found is None or found[0].state is not CouponState.RESERVED:
        return _index(request, session, till, refused=ReservationLapsed())
    coupon, campaign = found
    return render(
        request,
        "merchant/reservation.html",
        headers=PRIVATE,
        till=till,
        reservation_id=reservation_id,
        redemption_id=new_id(),
        title=campaign.name(preferences_of(request).lang),
        icon_name=f"trade-{campaign.trade}",
        face=wording.yuan(coupon.face_fen),
    )


@router.post("/reservations/{reservation_id}/release")
def release(session: SessionDep, till: TillDep, reservation_id: UUID) -> Response:
    """Give the ticket back unused."""
    redemption.release(session, till, reservation_id)
    return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)


@router.post("/redemptions")
def redeem(request: Request, session: SessionDep, till: TillDep, form: FormDep) -> Response:
    """Redeem the ticket in hand."""
    asked = forms.parse(Confirm, form)
    try:
        done = redemption.confirm(session, till, asked.id, asked.reservation)
    except DomainError as refused:
        session.rollback()
        return _index(request, session, till, refused=refused)
    return RedirectResponse(f"{PATH}/redemptions/{done.id}", HTTPStatus.SEE_OTHER)


@router.get("/redemptions/{redemption_id}")
def redeemed(request: Request, session: SessionDep, till: TillDep, redemption_id: UUID) -> Response:
    """Say that the ticket was taken."""
    taken = queries.redemption(session, till.merchant_id, redemption_id)
    return render(
        request, "merchant/redeemed.html", headers=PRIVATE, till=till, taken=taken, face=wording.yuan(taken.amount_fen)
    )


@router.get("/green")
def green(request: Request, session: SessionDep, till: TillDep) -> Response:
    """Show the code by which customers prove a green behaviour here."""
    return render(request, "merchant/green.html", headers=PRIVATE, till=till, **_proving(request, session, till))


@router.get("/green/now")
def green_now(request: Request, session: SessionDep, till: TillDep) -> Response:
    """Give the changing part of the page alone."""
    return render(request, "merchant/_green_code.html", headers=PRIVATE, **_proving(request, session, till))


@router.get("/settlements")
def settlements(request: Request, session: SessionDep, till: TillDep) -> Response:
    """Show what the merchant is paid."""
    lang = preferences_of(request).lang
    waiting = queries.unsettled(session, clock.today()).get(till.merchant_id)
    return render(
        request,
        "merchant/settlements.html",
        headers=PRIVATE,
        till=till,
        waiting=wording.yuan(waiting.sum_fen) if waiting else None,
        batches=[
            (one, wording.yuan(one.sum_fen), translate(lang, wording.BATCHES[one.state]))
            for one in queries.batches(session, till.merchant_id)
        ],
    )


@router.get("/settlements/{batch_id}/file.xlsx")
def settlement_file(session: SessionDep, till: TillDep, batch_id: UUID) -> Response:
    """Hand out the file of an approved settlement, byte for byte as it was approved."""
    return xlsx(queries.batch(session, batch_id, till.merchant_id).file, batch_id)


@router.post("/settlements/{batch_id}/dispute")
def dispute(session: SessionDep, till: TillDep, form: FormDep, batch_id: UUID) -> Response:
    """Say that a settlement is wrong, before it is paid."""
    settlement.dispute_own(session, till, batch_id, forms.parse(Dispute, form).reason)
    return RedirectResponse(f"{PATH}/settlements", HTTPStatus.SEE_OTHER)


def xlsx(content: bytes | None, batch_id: UUID) -> Response:
    """Answer with a kept workbook."""
    if content is None:
        raise NotFound
    name = f'attachment; filename="settlement-{str(batch_id)[:8]}.xlsx"'
    return Response(content, media_type=XLSX, headers={**PRIVATE, "Content-Disposition": name})


def _index(request: Request, session: Session, till: Till, *, refused: DomainError | None = None) -> Response:
    today, lang = clock.today(), preferences_of(request).lang
    total = queries.day_total(session, till.merchant_id, today)
    return render(
        request,
        "merchant/index.html",
        status=HTTPStatus.CONFLICT if refused else HTTPStatus.OK,
        headers=PRIVATE,
        till=till,
        reservation_id=new_id(),
        taken=[(one, wording.yuan(one.amount_fen)) for one in queries.taken(session, till.merchant_id, today, 50)],
        count=total.count,
        sum=wording.yuan(total.sum_fen),
        refused=translate(lang, refused.text, **refused.params) if refused else None,
    )


def _proving(request: Request, session: Session, till: Till) -> dict[str, Any]:
    lang, site = preferences_of(request).lang, sites.find(session, code_of(till.merchant_id))
    code = sites.code_now(site.code)
    known = [one for one in city().behaviours(clock.today()) if sites.is_proven_at(one, site)]
    return {
        "behaviours": [(one.icon, one.name(lang), one.points) for one in known],
        "code": code,
        "code_qr": qr.of_page(request, sites.path_behind(site, code)),
    }


def _pairing(request: Request, *, refused: DomainError | None = None) -> Response:
    sentence = translate(preferences_of(request).lang, refused.text) if refused else None
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render(request, "merchant/pairing.html", status=status, headers=PRIVATE, refused=sentence)
