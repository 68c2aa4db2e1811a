"""The table of photos: what is known of each, while its bytes lie sealed in the object storage."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, LargeBinary, SmallInteger, Text, text
from sqlmodel import Field, SQLModel


class PhotoStatus(StrEnum):
    """Whether a photo can be shown."""

    READY = "ready"
    UNREADABLE = "unreadable"


class Photo(SQLModel, table=True):
    """One photo as it was sent; the bytes are never changed, and what is shown is derived from them."""

    __table_args__ = (
        CheckConstraint("media_type IN ('image/jpeg', 'image/png', 'image/webp', 'image/heic')", name="media_type"),
        CheckConstraint("status IN ('ready', 'unreadable')", name="status"),
        CheckConstraint("status = 'unreadable' OR (width > 0 AND height > 0)", name="ready_has_a_size"),
        CheckConstraint("owner ~ '^(report|message|activity):'", name="owner"),
        CheckConstraint("octet_length(sha256) = 32", name="sha256"),
        CheckConstraint("size_bytes > 0", name="size_bytes"),
        # The sweep looks only at photos that nobody has claimed, which are few.
        Index("ix_photo_unowned", "received_at", postgresql_where=text("owner IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    owner: str | None = Field(default=None, sa_type=Text, index=True)
    position: int | None = Field(default=None, sa_type=SmallInteger)
    sha256: bytes = Field(sa_type=LargeBinary)
    size_bytes: int
    media_type: str = Field(sa_type=Text)
    width: int | None = None
    height: int | None = None
    status: str = Field(sa_type=Text)
    facts_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    """When and where it was taken, sealed (S-45): `media.service.facts_of` opens it."""
    received_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    storage_key: str = Field(sa_type=Text, unique=True)

    @property
    def is_ready(self) -> bool:
        """Whether there is something to show."""
        return self.status == PhotoStatus.READY
