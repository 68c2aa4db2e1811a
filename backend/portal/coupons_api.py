"""Coupons for programs: a resident's app exchanges points, a shop's till redeems."""

from datetime import date, datetime
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from backend.accounts.residents.guards import AsksResident, resident_of
from backend.core.db import SessionDep, transact
from backend.coupons.guards import TillDep
from backend.coupons.rules import CouponState
from backend.coupons.schemas import ClaimCoupon, RedeemCoupon
from backend.coupons.service import claims
from backend.portal.till import redeem_typed
from backend.web.csrf import ApiGuard

router = APIRouter(prefix="/api/v1", dependencies=[ApiGuard], tags=["coupons"])


class CouponOut(BaseModel):
    """A ticket; its code is shown on its page."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    campaign_id: UUID
    state: CouponState
    price_points: int
    face_fen: int
    valid_until: date
    claimed_at: datetime


class RedemptionOut(BaseModel):
    """A ticket that was taken."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    campaign_id: UUID
    amount_fen: int
    redeemed_at: datetime


@router.post("/coupons/{campaign_id}/claims", status_code=201, response_model=CouponOut, dependencies=[AsksResident])
async def claim(request: Request, campaign_id: UUID, form: ClaimCoupon) -> Response:
    """Exchange points for a ticket; the same id and body again get the same answer, another body 409."""

    # A hot campaign: one change of threads for the sign-in, the books and the commit, and the answer as it is.
    def work(session: Session) -> CouponOut:
        actor = resident_of(request, session)
        source = claims.pay_from(session, actor, form.purse, campaign_id, form.id)
        return CouponOut.model_validate(claims.claim(session, actor, campaign_id, form.id, source=source))

    got = await transact(work)
    return Response(got.model_dump_json(), HTTPStatus.CREATED, media_type="application/json")


@router.post("/redemptions", status_code=201)
def redeem(session: SessionDep, till: TillDep, form: RedeemCoupon) -> RedemptionOut:
    """Take a ticket by what was scanned or typed; the same id and code again get the same answer."""
    return RedemptionOut.model_validate(redeem_typed(session, till, form.id, form.code))
