"""What comes in, checked; and what services and queries hand out."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.coupons.rules import (
    LARGEST_FACE_FEN,
    LARGEST_PRICE,
    LARGEST_STOCK,
    MOST_EACH,
    CouponState,
    Purse,
    Trade,
)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class ProposeCampaign(BaseModel):
    """A campaign as a member of staff describes it."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    name_zh: Name
    name_en: Name
    trade: Trade
    funder_id: UUID
    price_points: int = Field(ge=1, le=LARGEST_PRICE)
    face_fen: int = Field(ge=1, le=LARGEST_FACE_FEN)
    stock: int = Field(ge=1, le=LARGEST_STOCK)
    per_person: int = Field(default=1, ge=1, le=MOST_EACH)
    opens_on: date
    closes_on: date
    valid_until: date
    merchants: list[UUID] = Field(min_length=1, max_length=500)


class ProposeMerchant(BaseModel):
    """A shop that wants to take part."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    name_zh: Name
    name_en: Name
    trade: Trade
    county_code: str = Field(pattern=r"^\d{6}$")
    address: Line
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)
    """Where its door is (WGS-84)."""


class AddFunder(BaseModel):
    """Who pays."""

    id: UUID
    code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$")
    name_zh: Name
    name_en: Name


class AddMoney(BaseModel):
    """Money that came in from a funder."""

    id: UUID
    yuan: int = Field(ge=1, le=100_000_000)
    reference: Line


class ClaimCoupon(BaseModel):
    """A resident exchanges points; `id` is made by the client, so that sending twice is harmless."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    purse: Purse = Purse.OWN


class RedeemCoupon(BaseModel):
    """A till takes a ticket; `id` is made by the till, `code` is what was scanned or typed."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    code: str = Field(min_length=1, max_length=400)


@dataclass(frozen=True)
class Claimed:
    """A ticket that a resident holds."""

    id: UUID
    campaign_id: UUID
    state: CouponState
    price_points: int
    face_fen: int
    valid_until: date
    claimed_at: datetime
    is_new: bool


@dataclass(frozen=True)
class Reserved:
    """A ticket that a till has in hand."""

    reservation_id: UUID
    coupon_id: UUID
    campaign_id: UUID
    face_fen: int
    until: datetime


@dataclass(frozen=True)
class Redeemed:
    """A ticket that was taken."""

    id: UUID
    coupon_id: UUID
    campaign_id: UUID
    amount_fen: int
    redeemed_at: datetime
    is_new: bool


@dataclass(frozen=True)
class Shelf:
    """What a campaign's accounts hold."""

    unsold: int
    issued: int
    used: int
    lapsed: int
    fund_fen: int


@dataclass(frozen=True)
class Till:
    """The merchant's device that calls."""

    terminal_id: UUID
    merchant_id: UUID
    name: str

    @property
    def label(self) -> str:
        """How the device stands in the ledger and in the record."""
        return f"terminal:{self.terminal_id}"
