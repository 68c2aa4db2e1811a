"""The record of who did what, which the database itself refuses to change."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class AuditEntry(SQLModel, table=True):
    """One act, written in the transaction of the act itself."""

    __tablename__ = "audit_entry"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    at: datetime
    actor: str = Field(sa_type=Text)
    action: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text, index=True)
    facts: dict[str, Any] = Field(sa_type=JSONB)


class AuditSeal(SQLModel, table=True):
    """One link of the chain: `digest` = SHA-256(previous digest ‖ canonical entry)."""

    __tablename__ = "audit_seal"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    entry_id: int = Field(sa_column=Column(ForeignKey("audit_entry.id"), unique=True, nullable=False))
    digest: bytes = Field(sa_type=LargeBinary)


class AuditCheckpoint(SQLModel, table=True):
    """A signed statement of the chain's length and head, to be kept where the writer cannot edit it."""

    __tablename__ = "audit_checkpoint"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime
    head: bytes = Field(sa_type=LargeBinary)
    signature: bytes = Field(sa_type=LargeBinary)
