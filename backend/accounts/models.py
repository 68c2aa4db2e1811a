"""The bureau's staff: the only people who have an account with a password."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, LargeBinary, Text
from sqlmodel import Field, SQLModel

from backend.core.actor import Role
from backend.core.columns import one_of


class Staff(SQLModel, table=True):
    """One member of staff; nobody is deleted, because the history of cases names them."""

    __tablename__ = "staff"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("role", Role),
        CheckConstraint("role <> 'county_officer' OR county_code IS NOT NULL", name="officer_has_county"),
    )

    id: uuid.UUID = Field(primary_key=True)
    name: str = Field(sa_type=Text)
    login: str = Field(sa_type=Text, unique=True)
    password_hash: str = Field(sa_type=Text)
    totp_sealed: bytes = Field(sa_type=LargeBinary)
    totp_last_step: int | None = Field(default=None, sa_column=Column(BigInteger))
    role: str = Field(sa_type=Text)
    county_code: str | None = Field(default=None, sa_type=Text)
    is_active: bool = True
    is_demo: bool = False
    created_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    last_sign_in_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
