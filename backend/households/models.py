"""Households: who is in one, since when, what they agreed to, and how one is invited."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Text, text
from sqlmodel import Field, SQLModel

from backend.core.columns import TextEnum, one_of
from backend.households.rules import EndReason, MemberKind, Share


class Household(SQLModel, table=True):
    """People who pool their points. After it is dissolved only the random id is left, under which the ledger goes on."""

    __tablename__ = "household"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (CheckConstraint("(dissolved_at IS NULL) = (name <> '')", name="dissolved_is_wiped"),)

    id: uuid.UUID = Field(primary_key=True)
    name: str = Field(sa_type=Text)
    owner_id: uuid.UUID = Field(sa_column_args=[ForeignKey("resident.id")], index=True)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    dissolved_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]


class HouseholdMember(SQLModel, table=True):
    """One stay of one resident: asked for, confirmed by the owner, ended. Nobody has two at a time."""

    __tablename__ = "household_member"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("kind", MemberKind),
        one_of("share", Share),
        one_of("ended_how", EndReason),
        CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name="ended"),
        CheckConstraint("confirmed_at >= agreed_at AND ended_at >= agreed_at", name="order"),
        CheckConstraint(
            "ended_how IS NULL OR (confirmed_at IS NULL) = (ended_how IN ('declined', 'withdrawn'))", name="never_in"
        ),
        CheckConstraint("daily_limit >= 0", name="daily_limit"),
        Index("uq_household_member_live", "resident_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_household_member_resident", "resident_id", "ended_at"),
    )

    id: uuid.UUID = Field(primary_key=True)
    household_id: uuid.UUID = Field(sa_column_args=[ForeignKey("household.id")], index=True)
    resident_id: uuid.UUID = Field(sa_column_args=[ForeignKey("resident.id")])
    kind: MemberKind = Field(sa_type=TextEnum(MemberKind))  # pyright: ignore[reportArgumentType] -- SQLModel wants a class
    share: Share = Field(sa_type=TextEnum(Share))  # pyright: ignore[reportArgumentType]
    daily_limit: int | None = Field(default=None, sa_type=Integer)
    """What a minor can use of the household's points in a day."""
    terms: str = Field(sa_type=Text)
    """The version that was agreed to."""
    agreed_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    confirmed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    ended_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    ended_how: EndReason | None = Field(default=None, sa_type=TextEnum(EndReason))  # pyright: ignore[reportArgumentType]


class HouseholdInvite(SQLModel, table=True):
    """A code that lets a few people ask to come in, for a week; the code itself is not here."""

    __tablename__ = "household_invite"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        CheckConstraint("0 <= used AND used <= most", name="used"),
        Index("uq_household_invite_live", "household_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    id: uuid.UUID = Field(primary_key=True)
    household_id: uuid.UUID = Field(sa_column_args=[ForeignKey("household.id")])
    code_digest: bytes = Field(sa_type=LargeBinary, unique=True)
    used: int = Field(default=0, sa_type=SmallInteger)
    most: int = Field(sa_type=SmallInteger)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    ended_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
