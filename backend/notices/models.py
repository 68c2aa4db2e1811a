"""What is told to whom, kept for reading later."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class Notice(SQLModel, table=True):
    """One line of an inbox; its sentence is made from `code` and `params` in the reader's language."""

    __tablename__ = "notice"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (Index(None, "subject", "at"),)

    id: UUID = Field(primary_key=True)
    subject: str = Field(sa_type=Text)
    code: str = Field(sa_type=Text)
    params: dict[str, Any] = Field(sa_type=JSONB)
    at: datetime
    read_at: datetime | None = None
