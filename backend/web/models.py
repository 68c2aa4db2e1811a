"""What the web layer keeps in the database: who is signed in, and how much each caller has used up."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, DateTime, Double, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel


class WebSession(SQLModel, table=True):
    """One browser's session; the token itself is never stored, only its keyed digest."""

    __tablename__ = "web_session"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (CheckConstraint("audience IN ('staff', 'receipt', 'resident', 'merchant')", name="audience"),)

    token_digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    audience: str = Field(sa_type=Text)
    owner_id: uuid.UUID | None = Field(default=None, index=True)
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    created_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    seen_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)  # pyright: ignore[reportArgumentType]
    absolute_until: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]

    @property
    def subject(self) -> str:
        """Whose session it is: `staff:<id>`, `receipt:<id>`, `resident:<id>` or `merchant:<id>`."""
        return f"{self.audience}:{self.owner_id}"


class RateBucket(SQLModel, table=True):
    """One token bucket, shared by every process; unlogged, because a lost bucket is only a full one."""

    __tablename__ = "rate_bucket"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    tokens: float = Field(sa_type=Double)
    taken: bool
    updated_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)  # pyright: ignore[reportArgumentType]


class RateWindow(SQLModel, table=True):
    """The latest uses of one caller or number, for limits that are exact; logged, because these must survive a crash."""

    __tablename__ = "rate_window"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    uses: list[datetime] = Field(sa_column=Column(ARRAY(DateTime(timezone=True)), nullable=False))
    taken: bool
    updated_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)  # pyright: ignore[reportArgumentType]


class DayBudget(SQLModel, table=True):
    """How much of a budget that everybody shares was spent on a day."""

    __tablename__ = "day_budget"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    day: date = Field(primary_key=True)
    name: str = Field(sa_type=Text, primary_key=True)
    spent: int
