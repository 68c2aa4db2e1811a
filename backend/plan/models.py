"""The tables of the plan: what is prepared, what is published, and every version that ever was.

A published row is never changed or deleted, only ended: `valid_from` to `valid_to` is the time for which residents read
it, so that "as published on that day" is a query. Triggers of the database hold to it.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, Numeric, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from backend.cities.plan import ObservationStatus
from backend.core.columns import TextEnum, one_of
from backend.plan.rules import Kind, State

CURRENT = text("valid_from IS NOT NULL AND valid_to IS NULL")


def _in_order() -> CheckConstraint:
    return CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="in_order")


class PlanSubmission(SQLModel, table=True):
    """A batch of changes that is checked and published as one."""

    __tablename__ = "plan_submission"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("state", State),
        CheckConstraint(
            "state NOT IN ('approved', 'published') OR "
            "(submitted_by IS NOT NULL AND decided_by IS NOT NULL AND decided_by <> submitted_by)",
            name="two_people",
        ),
        CheckConstraint(
            "(state = 'published') = (publication IS NOT NULL) AND (publication IS NULL) = (published_at IS NULL)",
            name="published",
        ),
        Index("ix_plan_submission_list", "state", "created_at", "id"),
        Index("uq_plan_submission_publication", "publication", unique=True),
    )

    id: UUID = Field(primary_key=True)
    title: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    """Why, as the public change log says it."""
    state: State = Field(sa_type=TextEnum(State))  # pyright: ignore[reportArgumentType]
    created_by: str = Field(sa_type=Text)
    """Labels of actors here and below, as in the audit record."""
    created_at: datetime
    submitted_by: str | None = Field(default=None, sa_type=Text)
    submitted_at: datetime | None = None
    decided_by: str | None = Field(default=None, sa_type=Text)
    decided_at: datetime | None = None
    answer: str = Field(default="", sa_type=Text)
    """What the judge says to the author."""
    published_at: datetime | None = None
    publication: int | None = None
    """1, 2, 3 … in the order of publication."""
    version: int = 1


class PlanDocument(SQLModel, table=True):
    """One version of one entry: an article, a target, a source, an exposure …; `body` has the shape of its kind."""

    __tablename__ = "plan_document"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("kind", Kind),
        _in_order(),
        Index("uq_plan_document_current", "kind", "key", unique=True, postgresql_where=CURRENT),
        Index("uq_plan_document_draft", "submission_id", "kind", "key", unique=True),
        Index("ix_plan_document_history", "kind", "key", "valid_from"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    submission_id: UUID = Field(sa_column_args=[ForeignKey("plan_submission.id")])
    kind: Kind = Field(sa_type=TextEnum(Kind))  # pyright: ignore[reportArgumentType]
    key: str = Field(sa_type=Text)
    body: dict[str, Any] | None = Field(sa_type=JSONB(none_as_null=True), nullable=True)
    """`None` ends the entry."""
    based_on: int | None = Field(default=None, sa_type=BigInteger)
    """The version that was public when the draft of this one was begun."""
    valid_from: datetime | None = None
    valid_to: datetime | None = None


class PlanObservation(SQLModel, table=True):
    """One vintage of one published value (SDMX words)."""

    __tablename__ = "plan_observation"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("status", ObservationStatus),
        _in_order(),
        CheckConstraint("(value IS NULL) = (status = 'M')", name="missing_is_said"),
        CheckConstraint("period_start <= period_end", name="period"),
        Index(
            "uq_plan_observation_current",
            "indicator",
            "area",
            "period",
            "dimension",
            unique=True,
            postgresql_where=CURRENT,
        ),
        Index("ix_plan_observation_area", "area", "indicator", "period_end", postgresql_where=CURRENT),
        Index("uq_plan_observation_draft", "submission_id", "indicator", "area", "period", "dimension", unique=True),
        Index("ix_plan_observation_history", "indicator", "area", "period", "valid_from"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    submission_id: UUID = Field(sa_column_args=[ForeignKey("plan_submission.id")])
    indicator: str = Field(sa_type=Text)
    area: str = Field(sa_type=Text)
    """GB/T 2260 code; the city's own is the total."""
    period: str = Field(sa_type=Text)
    period_start: date
    period_end: date
    dimension: str = Field(default="", sa_type=Text)
    """A breakdown, as `sector=industry`; empty is the headline, and only that is assessed."""
    value: Decimal | None = Field(default=None, sa_type=Numeric(20, 6), nullable=True)  # pyright: ignore[reportArgumentType]
    status: ObservationStatus = Field(sa_type=TextEnum(ObservationStatus))  # pyright: ignore[reportArgumentType]
    source: str = Field(sa_type=Text)
    quote: str = Field(default="", sa_type=Text)
    """Where in the source it stands, in its words or as a page."""
    entered_by: str = Field(sa_type=Text)
    based_on: int | None = Field(default=None, sa_type=BigInteger)
    valid_from: datetime | None = None
    valid_to: datetime | None = None


class PlanChange(SQLModel, table=True):
    """One line of the public change log. Rows are added and never changed."""

    __tablename__ = "plan_change"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (Index(None, "at", "id"), Index(None, "kind", "key", "id"))

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    submission_id: UUID = Field(sa_column_args=[ForeignKey("plan_submission.id")])
    at: datetime
    kind: str = Field(sa_type=Text)
    """A `Kind`, or `observation`."""
    key: str = Field(sa_type=Text)
    """Of an observation: `indicator/area/period` and the dimension where there is one."""
    before: dict[str, Any] | None = Field(sa_type=JSONB(none_as_null=True), nullable=True)
    after: dict[str, Any] | None = Field(sa_type=JSONB(none_as_null=True), nullable=True)
    reason: str = Field(sa_type=Text)


class PlanVerdict(SQLModel, table=True):
    """The state of a target as it was published, kept whenever it changed: what a follower is told, and what can be replayed."""

    __tablename__ = "plan_verdict"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (Index(None, "target", "area", "id"),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    at: datetime
    target: str = Field(sa_type=Text)
    area: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    method: str = Field(sa_type=Text)
    """Version of the method."""
    inputs_hash: str = Field(sa_type=Text)
    components: dict[str, Any] = Field(sa_type=JSONB)
    """Inputs and steps of the result, from which anybody can compute it again."""


class PlanFollow(SQLModel, table=True):
    """A resident wants to hear when something of an article changes; `target` stands for aims without an article."""

    __tablename__ = "plan_follow"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (Index(None, "subject"),)

    resident_id: UUID = Field(primary_key=True, foreign_key="resident.id")
    subject: str = Field(sa_type=Text, primary_key=True)
    """`article:18` or `indicator:forest_cover`."""
    since: datetime


class PlanSnapshot(SQLModel, table=True):
    """The plan as it stood at the end of a year, frozen: what an annual report is checked against."""

    __tablename__ = "plan_snapshot"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    year: int = Field(primary_key=True)
    at: datetime
    content: dict[str, Any] = Field(sa_type=JSONB)
    sha256: str = Field(sa_type=Text)


class PlanImport(SQLModel, table=True):
    """An official text that was read in, what the reader found, and what an editor decided about each find."""

    __tablename__ = "plan_import"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (Index("uq_plan_import_sha256", "sha256", unique=True),)

    id: UUID = Field(primary_key=True)
    sha256: str = Field(sa_type=Text)
    """Of the file, so that the same file twice is one import."""
    name: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    """Verbatim."""
    reading: dict[str, Any] = Field(sa_type=JSONB)
    decisions: dict[str, Any] = Field(sa_type=JSONB)
    by: str = Field(sa_type=Text)
    at: datetime
    submission_id: UUID | None = Field(default=None, sa_column_args=[ForeignKey("plan_submission.id")])
    version: int = 1


class PlanList(SQLModel, table=True):
    """A list of values that an editor sent for a draft, as rows of texts, until it is taken over."""

    __tablename__ = "plan_list"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (Index(None, "submission_id"),)

    id: UUID = Field(primary_key=True)
    submission_id: UUID = Field(sa_column_args=[ForeignKey("plan_submission.id")])
    name: str = Field(sa_type=Text)
    rows: list[Any] = Field(sa_type=JSONB)
    """Line number and cells."""
    by: str = Field(sa_type=Text)
    at: datetime
    applied_at: datetime | None = None
    taken: int | None = None
