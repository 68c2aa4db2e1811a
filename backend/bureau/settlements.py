"""The bureau's settlements with merchants: drafted by one person, approved by another, paid, or stopped."""

from datetime import date
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel
from sqlmodel import Session

from backend.accounts.guards import (
    MayApproveSettlements,
    MayDraftSettlements,
    MayReadCoupons,
    ProvenSettlementApprover,
    ProvenSettlementPayer,
    ProvenSettlementReader,
)
from backend.bureau import coupon_views as views
from backend.bureau.coupons import PATH, PRIVATE, Reason, page, status_of
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from backend.coupons import queries
from backend.coupons.schemas import Line
from backend.coupons.service import settlement
from backend.web import forms
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of
from backend.web.refusals import sentence_of

router = APIRouter(prefix="/bureau/coupons", dependencies=[FormGuard], include_in_schema=False)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Until(BaseModel):
    """Up to which day is settled."""

    until: date


class Payment(BaseModel):
    """The bank's number of the transfer."""

    reference: Line


@router.get("/settlements")
def settlements(request: Request, session: SessionDep, actor: MayReadCoupons) -> Response:
    """Show the settlements, and what waits for one."""
    return _settlements(request, session, actor)


@router.post("/settlements")
def draft(request: Request, session: SessionDep, actor: MayDraftSettlements, form: FormDep) -> Response:
    """Draft a settlement for every merchant who has something to get."""
    try:
        settlement.draft_all(session, actor, forms.parse(Until, form).until)
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _settlements(request, session, actor, refused)
    return _to("/settlements")


@router.get("/settlements/{batch_id}")
def one_settlement(request: Request, session: SessionDep, actor: MayReadCoupons, batch_id: UUID) -> Response:
    """Show one settlement with every redemption in it."""
    return _settlement(request, session, actor, batch_id)


@router.post("/settlements/{batch_id}/approve")
def approve(request: Request, session: SessionDep, actor: ProvenSettlementApprover, batch_id: UUID) -> Response:
    """Let a settlement be paid."""
    try:
        settlement.approve(session, actor, batch_id)
    except (Conflict, Forbidden) as refused:
        session.rollback()
        return _settlement(request, session, actor, batch_id, refused)
    return _to(f"/settlements/{batch_id}")


@router.post("/settlements/{batch_id}/pay")
def pay(request: Request, session: SessionDep, actor: ProvenSettlementPayer, form: FormDep, batch_id: UUID) -> Response:
    """Note that the money went out."""
    try:
        settlement.pay(session, actor, batch_id, forms.parse(Payment, form).reference)
    except (Conflict, Forbidden, Invalid) as refused:
        session.rollback()
        return _settlement(request, session, actor, batch_id, refused)
    return _to(f"/settlements/{batch_id}")


@router.post("/settlements/{batch_id}/dispute")
def dispute(
    request: Request, session: SessionDep, actor: MayApproveSettlements, form: FormDep, batch_id: UUID
) -> Response:
    """Stop a settlement."""
    try:
        settlement.dispute(session, actor, batch_id, forms.parse(Reason, form).reason)
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _settlement(request, session, actor, batch_id, refused)
    return _to(f"/settlements/{batch_id}")


@router.get("/settlements/{batch_id}/file.xlsx")
def settlement_file(session: SessionDep, actor: ProvenSettlementReader, batch_id: UUID) -> Response:
    """Hand out the file of an approved settlement, byte for byte as it was approved."""
    del actor
    content = queries.batch(session, batch_id).file
    if content is None:
        raise NotFound
    name = f'attachment; filename="settlement-{str(batch_id)[:8]}.xlsx"'
    return Response(content, media_type=XLSX, headers={**PRIVATE, "Content-Disposition": name})


def _settlements(request: Request, session: Session, actor: Actor, refused: DomainError | None = None) -> Response:
    lang = preferences_of(request).lang
    shown = views.settlements(session, lang)
    return page(
        request, actor, "settlements", status=status_of(refused), shown=shown, refused=sentence_of(lang, refused)
    )


def _settlement(
    request: Request, session: Session, actor: Actor, batch_id: UUID, refused: DomainError | None = None
) -> Response:
    lang = preferences_of(request).lang
    sheet = views.settlement(session, lang, queries.batch(session, batch_id))
    return page(
        request, actor, "settlement", status=status_of(refused), sheet=sheet, refused=sentence_of(lang, refused)
    )


def _to(path: str) -> Response:
    return RedirectResponse(f"{PATH}{path}", HTTPStatus.SEE_OTHER)
