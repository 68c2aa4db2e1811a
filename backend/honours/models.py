"""Applications for green titles, and what happened to each."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from backend.core.columns import TextEnum, one_of
from backend.honours.rules import State


class HonourApplication(SQLModel, table=True):
    """One application. The criteria are kept as they were checked, because the city's file changes."""

    __tablename__ = "honour_application"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("state", State),
        CheckConstraint(
            "state <> 'granted' OR (proposed_by IS NOT NULL AND decided_by IS NOT NULL AND decided_by <> proposed_by)",
            name="two_people",
        ),
        CheckConstraint(
            "state <> 'granted' OR (granted_on IS NOT NULL AND valid_until IS NOT NULL)", name="granted_has_term"
        ),
        CheckConstraint("state NOT IN ('refused', 'revoked') OR reason <> ''", name="reason"),
        Index(
            "uq_honour_application_undecided",
            "applicant_id",
            "honour",
            unique=True,
            postgresql_where=text("state IN ('applied', 'proposed')"),
        ),
        Index("ix_honour_application_queue", "state", "applied_at", "id"),
        Index(
            "ix_honour_application_list",
            "honour",
            "granted_on",
            "id",
            postgresql_where=text("state = 'granted' AND is_public"),
        ),
    )

    id: UUID = Field(primary_key=True)
    body_digest: bytes = Field(sa_type=LargeBinary)
    honour: str = Field(sa_type=Text)
    criteria_version: str = Field(sa_type=Text)
    applicant_id: UUID = Field(sa_column_args=[ForeignKey("resident.id")])
    shown_name: str = Field(sa_type=Text)
    is_public: bool
    """Whether the name may stand on the list; a family chooses, a school or community is public."""
    county_code: str = Field(sa_type=Text)
    township_code: str | None = Field(default=None, sa_type=Text)
    answers: list[dict[str, Any]] = Field(sa_type=JSONB)
    words: str = Field(sa_type=Text)
    applied_at: datetime
    state: State = Field(sa_type=TextEnum(State))  # pyright: ignore[reportArgumentType]
    proposed_by: UUID | None = None
    decided_by: UUID | None = None
    granted_on: date | None = None
    valid_until: date | None = None
    reason: str = Field(sa_type=Text)
    """Why it was refused or withdrawn, as the applicant reads it."""
    version: int


class HonourEvent(SQLModel, table=True):
    """One change of an application: who, when, why. Rows are added and never changed."""

    __tablename__ = "honour_event"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (Index(None, "application_id", "id"),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    application_id: UUID = Field(sa_column_args=[ForeignKey("honour_application.id")])
    at: datetime
    actor: str = Field(sa_type=Text)
    actor_name: str = Field(sa_type=Text)
    action: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
