"""What residents log, what proves it, and what was decided about it; the points themselves are the ledger's."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from backend.activities.rules import Review, State
from backend.core.columns import TextEnum, one_of

Moment: Any = DateTime(timezone=True)


class Activity(SQLModel, table=True):
    """One logged behaviour. Without a resident it was logged before a sign-in and waits to be claimed."""

    __tablename__ = "activity"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("state", State),
        one_of("review", Review),
        CheckConstraint("0 < quantity AND quantity <= asked", name="quantity"),
        CheckConstraint("points >= 0", name="points"),
        CheckConstraint("(resident_id IS NULL) = (state = 'unclaimed')", name="resident"),
        CheckConstraint("(state = 'unclaimed') = (grant_id IS NULL)", name="has_its_grant"),
        CheckConstraint("octet_length(body_digest) = 32", name="body_digest"),
        Index("ix_activity_resident", "resident_id", "logged_at"),
        Index("ix_activity_done", "behaviour", "day", postgresql_where=text("state = 'posted'")),
        Index("ix_activity_due", "held_until", postgresql_where=text("state = 'pending'")),
        Index("ix_activity_waiting", "logged_at", postgresql_where=text("review = 'waiting' AND state = 'pending'")),
        Index("ix_activity_unclaimed", "logged_at", postgresql_where=text("state = 'unclaimed'")),
        Index("uq_activity_source", "source", unique=True, postgresql_where=text("source IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    resident_id: UUID | None = Field(default=None, sa_column_args=[ForeignKey("resident.id")])
    group_id: UUID | None = None
    """The household whose caps it used."""
    body_digest: bytes = Field(sa_type=LargeBinary)
    behaviour: str = Field(sa_type=Text)
    rule: str = Field(sa_type=Text)
    asked: int = Field(sa_type=Integer)
    quantity: int = Field(sa_type=Integer)
    """What counted, in thousandths of the unit."""
    points: int = Field(sa_type=Integer)
    evidence: str = Field(sa_type=Text)
    note: str = Field(default="", sa_type=Text)
    source: bytes | None = Field(default=None, sa_type=LargeBinary)
    """A keyed digest of the line of a list that it came from, so that no line counts twice."""
    site: str | None = Field(default=None, sa_type=Text)
    distance_m: int | None = Field(default=None, sa_type=Integer)
    """How far the phone was from the site; where exactly it was is not kept."""
    day: date
    logged_at: datetime = Field(sa_type=Moment)
    held_until: datetime | None = Field(default=None, sa_type=Moment)
    state: State = Field(sa_type=TextEnum(State))  # pyright: ignore[reportArgumentType]
    review: Review = Field(sa_type=TextEnum(Review))  # pyright: ignore[reportArgumentType]
    flags: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    reason: str | None = Field(default=None, sa_type=Text)
    words: str = Field(default="", sa_type=Text)
    """What the staff wrote to the resident about the reason."""
    settled_at: datetime | None = Field(default=None, sa_type=Moment)
    grant_id: UUID | None = Field(default=None, sa_column_args=[ForeignKey("journal_transaction.id")])
    county_code: str | None = Field(default=None, sa_type=Text)
    township_code: str | None = Field(default=None, sa_type=Text)
    school: str | None = Field(default=None, sa_type=Text)


class ActivityCount(SQLModel, table=True):
    """How much of a cap is used: by a person, a household or a site, in a day, week or month.

    Beside them, how often one hand confirmed for one household on a day (`activities.hands`).
    """

    __tablename__ = "activity_count"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (CheckConstraint("used >= 0", name="used"), Index("ix_activity_count_on", "on_day"))

    scope: str = Field(sa_type=Text, primary_key=True)
    behaviour: str = Field(sa_type=Text, primary_key=True)
    period: str = Field(sa_type=Text, primary_key=True)
    used: int = Field(sa_type=Integer)
    on_day: date


class ActivityEvent(SQLModel, table=True):
    """What was done to an activity after it was logged; only added to."""

    __tablename__ = "activity_event"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    activity_id: UUID = Field(sa_column_args=[ForeignKey("activity.id")], index=True)
    at: datetime = Field(sa_type=Moment)
    actor: str = Field(sa_type=Text)
    action: str = Field(sa_type=Text)
    reason: str = Field(default="", sa_type=Text)


class ActivityAppeal(SQLModel, table=True):
    """That a resident objects to a refusal, once for each activity, and what came of it."""

    __tablename__ = "activity_appeal"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (is_granted IS NULL)", name="decided"),
        Index("ix_activity_appeal_open", "at", postgresql_where=text("decided_at IS NULL")),
    )

    activity_id: UUID = Field(sa_column=Column(ForeignKey("activity.id"), primary_key=True))
    at: datetime = Field(sa_type=Moment)
    words: str = Field(sa_type=Text)
    decided_at: datetime | None = Field(default=None, sa_type=Moment)
    is_granted: bool | None = None
    answer: str = Field(default="", sa_type=Text)


class PhotoPrint(SQLModel, table=True):
    """What a photo is recognised by: its bytes exactly, and its look roughly."""

    __tablename__ = "photo_print"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        CheckConstraint("octet_length(sha256) = 32", name="sha256"),
        Index("ix_photo_print_bands", "bands", postgresql_using="gin"),
    )

    photo_id: UUID = Field(primary_key=True)
    activity_id: UUID = Field(sa_column_args=[ForeignKey("activity.id")], index=True)
    sha256: bytes = Field(sa_type=LargeBinary, index=True)
    look: int | None = Field(default=None, sa_type=BigInteger)
    bands: list[int] | None = Field(default=None, sa_column=Column(ARRAY(SmallInteger)))
    at: datetime = Field(sa_type=Moment)


class SiteUse(SQLModel, table=True):
    """That somebody used one turn of a site's code: once for each person."""

    __tablename__ = "site_use"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    site: str = Field(sa_type=Text, primary_key=True)
    step: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    resident_id: UUID = Field(sa_column=Column(ForeignKey("resident.id"), primary_key=True))
    activity_id: UUID


class SiteVisit(SQLModel, table=True):
    """That somebody stands at a staffed site with something to weigh, until the attendant confirms it."""

    __tablename__ = "site_visit"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (Index("ix_site_visit_open", "site", "at", postgresql_where=text("ended_at IS NULL")),)

    id: UUID = Field(primary_key=True)
    site: str = Field(sa_type=Text)
    behaviour: str = Field(sa_type=Text)
    resident_id: UUID = Field(sa_column_args=[ForeignKey("resident.id")], index=True)
    at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class StationAttendant(SQLModel, table=True):
    """Who is on duty where."""

    __tablename__ = "station_attendant"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    staff_id: UUID = Field(sa_column=Column(ForeignKey("staff.id"), primary_key=True))
    station_code: str = Field(sa_type=Text, primary_key=True)


class ActivityImport(SQLModel, table=True):
    """A list of an organiser or operator that was looked at: taken over at most once. It names people, so it is sealed."""

    __tablename__ = "activity_import"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    id: UUID = Field(primary_key=True)
    actor: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment, index=True)
    behaviour: str = Field(sa_type=Text)
    evidence: str = Field(sa_type=Text)
    event: str = Field(sa_type=Text)
    happened_on: date
    content_sealed: bytes | None = Field(sa_type=LargeBinary)
    applied_at: datetime | None = Field(default=None, sa_type=Moment)
    outcome: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))


class CommunityHome(SQLModel, table=True):
    """Which community and school a resident counts for, if any: who has no row stands in no rank."""

    __tablename__ = "community_home"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function

    resident_id: UUID = Field(sa_column=Column(ForeignKey("resident.id"), primary_key=True))
    county_code: str = Field(sa_type=Text)
    township_code: str | None = Field(default=None, sa_type=Text)
    school: str | None = Field(default=None, sa_type=Text)
    chosen_at: datetime = Field(sa_type=Moment)


class ActivityTally(SQLModel, table=True):
    """What was proven in a month: sums over activities whose points are posted, made anew by a job."""

    __tablename__ = "activity_tally"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (Index("ix_activity_tally_month", "month"),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    month: str = Field(sa_type=Text)
    rule: str = Field(sa_type=Text)
    """Which version of which behaviour; empty for all of them together."""
    scope: str = Field(sa_type=Text)
    """`city`, `county:<code>`, `township:<code>` or `school:<code>`."""
    activities: int = Field(sa_type=BigInteger)
    quantity: int = Field(sa_type=BigInteger)
    points: int = Field(sa_type=BigInteger)
    people: int = Field(sa_type=BigInteger)
