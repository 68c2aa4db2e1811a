"""Where things are taken back: stations, what residents say about closed doors, and lists on the way in."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from backend.core.columns import TextEnum, one_of
from backend.places.rules import Datum
from backend.stations.rules import Kind, Verdict


class Station(SQLModel, table=True):
    """One point. It is never deleted, because activities refer to it; one that is gone is not active."""

    __tablename__ = "station"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("kind", Kind),
        one_of("given_datum", Datum),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="point"),
        CheckConstraint("cardinality(items) > 0", name="takes_something"),
        Index("ix_station_county", "county_code", "code", postgresql_where=text("is_active")),
    )

    id: UUID = Field(primary_key=True)
    code: str = Field(sa_type=Text, unique=True)
    name_zh: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    kind: Kind = Field(sa_type=TextEnum(Kind))  # pyright: ignore[reportArgumentType]
    items: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    hours: str = Field(sa_type=Text)
    """One line as `core.hours` reads it; empty when nobody knows."""
    county_code: str = Field(sa_type=Text)
    township_code: str | None = Field(default=None, sa_type=Text)
    lat: float
    lon: float
    given_datum: Datum = Field(sa_type=TextEnum(Datum))  # pyright: ignore[reportArgumentType]
    """What the place was written in when it was entered; `lat` and `lon` are WGS-84."""
    address: str = Field(sa_type=Text)
    is_staffed: bool
    source: str = Field(sa_type=Text)
    """Where the facts come from, as it is shown."""
    is_active: bool
    closed_on: date | None = None
    """Since when the staff know it to be closed until further notice."""
    version: int
    changed_at: datetime


class StationClosure(SQLModel, table=True):
    """That somebody stood before a closed door: one a day, person or browser, and station."""

    __tablename__ = "station_closure"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        UniqueConstraint("station_id", "sender", "day"),
        one_of("verdict", Verdict),
        CheckConstraint("(verdict IS NULL) = (settled_at IS NULL)", name="settled"),
        Index("ix_station_closure_open", "station_id", "day", postgresql_where=text("verdict IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    station_id: UUID = Field(sa_column_args=[ForeignKey("station.id")])
    sender: bytes = Field(sa_type=LargeBinary)
    """A keyed digest of who and which station, so that two stations' rows cannot be matched."""
    day: date
    at: datetime
    verdict: Verdict | None = Field(default=None, sa_type=TextEnum(Verdict))  # pyright: ignore[reportArgumentType]
    settled_at: datetime | None = None


class StationImport(SQLModel, table=True):
    """A list that was looked at: taken over at most once."""

    __tablename__ = "station_import"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    id: UUID = Field(primary_key=True)
    actor: str = Field(sa_type=Text)
    at: datetime = Field(index=True)
    content: str = Field(sa_type=Text)
    applied_at: datetime | None = None
    outcome: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
