"""Funders, merchants and their devices, campaigns, tickets, what was redeemed and how merchants are paid.

Stock and money are not counted here: they are accounts of the ledger, whose floor of zero is what nobody oversells past.
"""

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, SmallInteger, Text, text
from sqlmodel import Field, SQLModel

from backend.core.columns import TextEnum, one_of
from backend.coupons.rules import BatchState, CampaignState, CouponState, MerchantState, Trade


class Funder(SQLModel, table=True):
    """Who pays for coupons; the money is the account of this code in the ledger."""

    __tablename__ = "coupon_funder"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    id: uuid.UUID = Field(primary_key=True)
    code: str = Field(sa_type=Text, unique=True)
    name_zh: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]


class Merchant(SQLModel, table=True):
    """A shop that takes coupons; two members of staff let it in."""

    __tablename__ = "merchant"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("trade", Trade),
        one_of("state", MerchantState),
        CheckConstraint("approved_by <> proposed_by", name="two_people"),
        CheckConstraint("state <> 'active' OR approved_by IS NOT NULL", name="active_is_approved"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="place_is_whole"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="point"),
    )

    id: uuid.UUID = Field(primary_key=True)
    name_zh: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    trade: Trade = Field(sa_type=TextEnum(Trade))  # pyright: ignore[reportArgumentType]
    county_code: str = Field(sa_type=Text)
    address: str = Field(sa_type=Text)
    lat: float | None = None
    """Where its door is (WGS-84), so that a green behaviour can be proven there and nowhere else."""
    lon: float | None = None
    state: MerchantState = Field(sa_type=TextEnum(MerchantState))  # pyright: ignore[reportArgumentType]
    proposed_by: uuid.UUID = Field(sa_column_args=[ForeignKey("staff.id")])
    approved_by: uuid.UUID | None = Field(default=None, sa_column_args=[ForeignKey("staff.id")])
    created_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]

    def name(self, lang: str) -> str:
        """Return the name in the reader's language."""
        return self.name_zh if lang == "zh" else self.name_en


class Terminal(SQLModel, table=True):
    """A device of a merchant: paired once by a code from the bureau, until it is revoked."""

    __tablename__ = "merchant_terminal"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (CheckConstraint("(pairing_digest IS NULL) = (pairing_until IS NULL)", name="pairing"),)

    id: uuid.UUID = Field(primary_key=True)
    merchant_id: uuid.UUID = Field(sa_column_args=[ForeignKey("merchant.id")], index=True)
    name: str = Field(sa_type=Text)
    pairing_digest: bytes | None = Field(default=None, sa_type=LargeBinary, unique=True)
    pairing_until: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    paired_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    created_by: uuid.UUID = Field(sa_column_args=[ForeignKey("staff.id")])
    created_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]


class Campaign(SQLModel, table=True):
    """So many coupons of one value at one price; what is fixed is fixed when a second person opens it."""

    __tablename__ = "coupon_campaign"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("trade", Trade),
        one_of("state", CampaignState),
        CheckConstraint("price_points > 0 AND face_fen > 0 AND stock > 0 AND per_person > 0", name="amounts"),
        CheckConstraint("opens_on <= closes_on AND closes_on <= valid_until", name="dates"),
        CheckConstraint("opened_by <> proposed_by", name="two_people"),
        CheckConstraint("state <> 'open' OR opened_by IS NOT NULL", name="open_is_approved"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        Index("ix_coupon_campaign_state", "state", "closes_on"),
    )

    id: uuid.UUID = Field(primary_key=True)
    name_zh: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    trade: Trade = Field(sa_type=TextEnum(Trade))  # pyright: ignore[reportArgumentType]
    funder_id: uuid.UUID = Field(sa_column_args=[ForeignKey("coupon_funder.id")])
    price_points: int = Field(sa_type=BigInteger)
    face_fen: int = Field(sa_type=BigInteger)
    stock: int = Field(sa_type=BigInteger)
    per_person: int = Field(sa_type=SmallInteger)
    opens_on: date
    closes_on: date
    """The last day on which points are exchanged."""
    valid_until: date
    """The last day on which a ticket is good."""
    state: CampaignState = Field(sa_type=TextEnum(CampaignState))  # pyright: ignore[reportArgumentType]
    proposed_by: uuid.UUID = Field(sa_column_args=[ForeignKey("staff.id")])
    opened_by: uuid.UUID | None = Field(default=None, sa_column_args=[ForeignKey("staff.id")])
    created_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    opened_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    closed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]

    def name(self, lang: str) -> str:
        """Return the name in the reader's language."""
        return self.name_zh if lang == "zh" else self.name_en


class CampaignMerchant(SQLModel, table=True):
    """Where a campaign's tickets are taken."""

    __tablename__ = "coupon_campaign_merchant"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    campaign_id: uuid.UUID = Field(primary_key=True, sa_column_args=[ForeignKey("coupon_campaign.id")])
    merchant_id: uuid.UUID = Field(primary_key=True, sa_column_args=[ForeignKey("merchant.id")], index=True)


class Coupon(SQLModel, table=True):
    """One ticket. Its secret is known here by a keyed digest only; six digits live for minutes."""

    __tablename__ = "coupon"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("state", CouponState),
        CheckConstraint("(digits IS NULL) = (digits_until IS NULL)", name="digits"),
        CheckConstraint(
            "(state = 'reserved') = (reserved_until IS NOT NULL)"
            " AND (state <> 'reserved' OR (reservation_id IS NOT NULL AND reserved_by IS NOT NULL))",
            name="reservation",
        ),
        Index(
            "uq_coupon_place", "campaign_id", "resident_id", "place", unique=True,
            postgresql_where=text("state <> 'void'"),
        ),
        Index("ix_coupon_mine", "resident_id", "claimed_at"),
        Index("ix_coupon_digits", "digits", postgresql_where=text("digits IS NOT NULL")),
        Index("ix_coupon_reserved", "reserved_until", postgresql_where=text("state = 'reserved'")),
        Index(
            "ix_coupon_live", "valid_until", "campaign_id", postgresql_where=text("state IN ('issued', 'reserved')")
        ),
    )  # fmt: skip

    id: uuid.UUID = Field(primary_key=True)
    """Made by the client that claimed it."""
    campaign_id: uuid.UUID = Field(sa_column_args=[ForeignKey("coupon_campaign.id")])
    resident_id: uuid.UUID = Field(sa_column_args=[ForeignKey("resident.id")])
    place: int = Field(sa_type=SmallInteger)
    """Which of the resident's own it is: 1 to the campaign's limit; the database lets no place be taken twice."""
    paid_from: str = Field(sa_type=Text)
    """The ledger's owner whose points paid."""
    price_points: int = Field(sa_type=BigInteger)
    face_fen: int = Field(sa_type=BigInteger)
    valid_until: date
    state: CouponState = Field(sa_type=TextEnum(CouponState))  # pyright: ignore[reportArgumentType]
    secret_digest: bytes = Field(sa_type=LargeBinary, unique=True)
    transaction_id: uuid.UUID = Field(sa_column_args=[ForeignKey("journal_transaction.id")])
    claimed_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    digits: str | None = Field(default=None, sa_type=Text)
    digits_until: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    reservation_id: uuid.UUID | None = Field(default=None, unique=True)
    reserved_by: uuid.UUID | None = Field(default=None, sa_column_args=[ForeignKey("merchant_terminal.id")])
    reserved_until: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    reserved_offline: bool = False
    """Whether the code was one signed before, for a phone without a network."""
    reinstated_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    ended_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]


class SettlementBatch(SQLModel, table=True):
    """What a merchant is paid for one period. Its file is kept as it was approved, byte for byte."""

    __tablename__ = "settlement_batch"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("state", BatchState),
        CheckConstraint("redemption_count > 0 AND sum_fen > 0", name="amounts"),
        CheckConstraint("period_from <= period_to", name="period"),
        CheckConstraint("approved_by <> drafted_by AND paid_by <> drafted_by", name="two_people"),
        CheckConstraint("state NOT IN ('approved', 'paid') OR approved_by IS NOT NULL", name="approved"),
        CheckConstraint("(state = 'paid') = (paid_by IS NOT NULL AND payment_reference <> '')", name="paid"),
        CheckConstraint("(file IS NULL) = (file_digest IS NULL)", name="file"),
        Index("ix_settlement_batch_merchant", "merchant_id", "period_to"),
    )

    id: uuid.UUID = Field(primary_key=True)
    merchant_id: uuid.UUID = Field(sa_column_args=[ForeignKey("merchant.id")])
    period_from: date
    period_to: date
    redemption_count: int = Field(sa_type=BigInteger)
    sum_fen: int = Field(sa_type=BigInteger)
    state: BatchState = Field(sa_type=TextEnum(BatchState))  # pyright: ignore[reportArgumentType]
    drafted_by: uuid.UUID = Field(sa_column_args=[ForeignKey("staff.id")])
    approved_by: uuid.UUID | None = Field(default=None, sa_column_args=[ForeignKey("staff.id")])
    paid_by: uuid.UUID | None = Field(default=None, sa_column_args=[ForeignKey("staff.id")])
    drafted_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    approved_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    paid_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    payment_reference: str = Field(default="", sa_type=Text)
    dispute: str = Field(default="", sa_type=Text)
    file: bytes | None = Field(default=None, sa_type=LargeBinary)
    file_digest: bytes | None = Field(default=None, sa_type=LargeBinary)


class Redemption(SQLModel, table=True):
    """A ticket that was taken at a till: once, and in one settlement."""

    __tablename__ = "redemption"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        Index(
            "ix_redemption_unsettled", "merchant_id", "redeemed_on", postgresql_where=text("batch_id IS NULL")
        ),
        Index("ix_redemption_merchant", "merchant_id", "redeemed_at"),
    )  # fmt: skip

    id: uuid.UUID = Field(primary_key=True)
    """Made by the terminal."""
    request_digest: bytes = Field(sa_type=LargeBinary)
    coupon_id: uuid.UUID = Field(sa_column_args=[ForeignKey("coupon.id")], unique=True)
    campaign_id: uuid.UUID = Field(sa_column_args=[ForeignKey("coupon_campaign.id")])
    merchant_id: uuid.UUID = Field(sa_column_args=[ForeignKey("merchant.id")])
    terminal_id: uuid.UUID = Field(sa_column_args=[ForeignKey("merchant_terminal.id")])
    amount_fen: int = Field(sa_type=BigInteger)
    redeemed_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    redeemed_on: date
    was_offline: bool = False
    batch_id: uuid.UUID | None = Field(default=None, sa_column_args=[ForeignKey("settlement_batch.id")], index=True)
