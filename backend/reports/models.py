"""What one resident sent: kept as it was, never edited."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class Report(SQLModel, table=True):
    """One report. Whoever holds its receipt may follow it; nobody can compute the receipt from this row."""

    __tablename__ = "report"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        CheckConstraint("datum IN ('wgs84', 'gcj02', 'bd09')", name="datum"),
        CheckConstraint("place_source IN ('device', 'map', 'list')", name="place_source"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="point_is_whole"),
    )

    id: UUID = Field(primary_key=True)
    receipt_digest: bytes = Field(unique=True)
    body_digest: bytes
    kind: str = Field(sa_type=Text)
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    datum: str = Field(sa_type=Text)
    place_source: str = Field(sa_type=Text)
    county_code: str | None = Field(default=None, sa_type=Text)
    township_code: str | None = Field(default=None, sa_type=Text)
    landmark: str = Field(sa_type=Text)
    outside_city: bool
    words: str = Field(sa_type=Text)
    language: str = Field(sa_type=Text)
    received_at: datetime


class ReportDetail(SQLModel, table=True):
    """What a reporter added afterwards by tapping pictures: who, when, which outlet, smell, colour."""

    __tablename__ = "report_detail"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    id: UUID = Field(primary_key=True)
    report_id: UUID = Field(sa_column_args=[ForeignKey("report.id")], index=True)
    answers: dict[str, Any] = Field(sa_type=JSONB)
    at: datetime


class Message(SQLModel, table=True):
    """One message between the bureau and a reporter whom the bureau does not know."""

    __tablename__ = "message"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        CheckConstraint("sender IN ('bureau', 'reporter')", name="sender"),
        Index(None, "report_id", "at"),
    )

    id: UUID = Field(primary_key=True)
    report_id: UUID = Field(sa_column_args=[ForeignKey("report.id")])
    sender: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    at: datetime
