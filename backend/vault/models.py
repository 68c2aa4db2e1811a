"""Sealed facts about a reporter: ciphertext here, the keys that open it in envelopes of their own.

Each fact has a random key; that key is wrapped once for each recipient. Today the only recipient is the notifier,
which sends a text message. Custodians become further recipients without a change to what is sealed, and deleting the
wrapped keys shreds the fact.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class SealedFact(SQLModel, table=True):
    """One fact, such as a phone number, that nobody reads in the database."""

    __tablename__ = "sealed_fact"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (UniqueConstraint("subject", "field"),)

    id: UUID = Field(primary_key=True)
    subject: str = Field(sa_type=Text)
    field: str = Field(sa_type=Text)
    suite: str = Field(sa_type=Text)
    sealed: bytes
    purpose: str = Field(sa_type=Text)
    consent_version: str = Field(sa_type=Text)
    sealed_at: datetime


class KeyEnvelope(SQLModel, table=True):
    """The key of one fact, wrapped for one recipient."""

    __tablename__ = "key_envelope"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    fact_id: UUID = Field(sa_column_args=[ForeignKey("sealed_fact.id", ondelete="CASCADE")], primary_key=True)
    recipient: str = Field(sa_type=Text, primary_key=True)
    key_id: str = Field(sa_type=Text)
    wrapped: bytes
