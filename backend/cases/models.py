"""The bureau's handling of one matter, which one or many residents reported."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel

from backend.cases.rules import Finding, Measure, State
from backend.core.columns import TextEnum, one_of


class Case(SQLModel, table=True):
    """One case. The table is not called `case`, which is a word of SQL."""

    __tablename__ = "case_file"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("state", State),
        one_of("finding", Finding),
        one_of("measure", Measure),
        Index("ix_case_file_queue", "due_at", "id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_case_file_county_queue", "county_code", "due_at", "id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_case_file_state", "state", "due_at", "id", postgresql_where=text("ended_at IS NULL")),
        Index(
            "ix_case_file_county_state",
            "county_code",
            "state",
            "due_at",
            "id",
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_case_file_nearby", "lat", "lon", postgresql_where=text("ended_at IS NULL AND lat IS NOT NULL")),
        Index("ix_case_file_ended", "ended_at", "id", postgresql_where=text("ended_at IS NOT NULL")),
        Index(
            "ix_case_file_county_ended", "county_code", "ended_at", "id", postgresql_where=text("ended_at IS NOT NULL")
        ),
        Index("ix_case_file_public", "opened_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(sa_type=Text, unique=True)
    state: State = Field(sa_type=TextEnum(State))  # pyright: ignore[reportArgumentType]
    finding: Finding | None = Field(default=None, sa_type=TextEnum(Finding))  # pyright: ignore[reportArgumentType]
    measure: Measure | None = Field(default=None, sa_type=TextEnum(Measure))  # pyright: ignore[reportArgumentType]
    kind: str = Field(sa_type=Text)
    subkind: str | None = Field(default=None, sa_type=Text)
    county_code: str | None = Field(default=None, sa_type=Text)
    township_code: str | None = Field(default=None, sa_type=Text)
    lat: float | None = None
    lon: float | None = None
    landmark: str = Field(sa_type=Text)
    outside_city: bool
    first_words: str = Field(sa_type=Text)
    report_count: int
    has_news: bool
    """A reporter wrote something that no officer has answered yet."""
    opened_at: datetime
    opened_on: date
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    due_at: datetime | None = None
    due_provisional: bool
    competent_body: str | None = Field(default=None, sa_type=Text)
    answer: str = Field(sa_type=Text)
    version: int
    """Grows with each change; a form that was made from an older version is refused."""


class CaseWords(SQLModel, table=True):
    """What a case is found by. Apart from the case, because a step of the case would write its index anew each time."""

    __tablename__ = "case_words"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        Index("ix_case_words", "words", postgresql_using="gin"),
        Index("ix_case_words_opened", "opened_at", "case_id"),
    )

    case_id: UUID = Field(sa_column=Column(ForeignKey("case_file.id"), primary_key=True))
    opened_at: datetime
    words: str = Field(sa_type=TSVECTOR)
    """Of every report of the case: words, landmark, place and kind, with the number and the week; see `cases.searching`."""


class CaseReport(SQLModel, table=True):
    """That a report belongs to a case, and as which one it came."""

    __tablename__ = "case_report"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (UniqueConstraint("case_id", "rank"),)

    report_id: UUID = Field(sa_column_args=[ForeignKey("report.id")], primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case_file.id")])
    rank: int
    joined: bool
    withdrawn_at: datetime | None = None


class CaseEvent(SQLModel, table=True):
    """One change of a case: who, when, why. Rows are added and never changed."""

    __tablename__ = "case_event"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (Index(None, "case_id", "id"),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    case_id: UUID = Field(sa_column_args=[ForeignKey("case_file.id")])
    at: datetime
    actor: str = Field(sa_type=Text)
    actor_name: str = Field(sa_type=Text)
    action: str = Field(sa_type=Text)
    before: str | None = Field(default=None, sa_type=Text)
    after: str | None = Field(default=None, sa_type=Text)
    reason: str = Field(sa_type=Text)
    """Why, in the officer's words; for the bureau only."""
    told: str = Field(sa_type=Text)
    """What the reporters read about it; empty when the state's own sentence is enough."""
