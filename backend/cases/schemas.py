"""What an officer sends with a step, and what the desk and the public read."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.cases.models import Case, CaseEvent
from backend.cases.rules import Finding, Measure, State, Step
from backend.media.models import Photo
from backend.reports.models import Report
from backend.reports.schemas import MessageLine

ANSWER_MAX = 4_000
REASON_MAX = 1_000

Row = TypeVar("Row")
Words = Annotated[str, StringConstraints(strip_whitespace=True)]


class TakeStep(BaseModel):
    """One step of an officer. `version` is that of the case when the form was made."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=0)
    reason: Annotated[Words, StringConstraints(max_length=REASON_MAX)] = ""
    decline_reason: str | None = Field(default=None, max_length=40)
    competent_body: str | None = Field(default=None, max_length=40)
    finding: Finding | None = None
    measure: Measure | None = None
    subkind: str | None = Field(default=None, max_length=40)
    answer: Annotated[Words, StringConstraints(max_length=ANSWER_MAX)] = ""


class AskReporter(BaseModel):
    """A question to the reporters of a case, or to one of them by rank; `id` makes sending it twice harmless."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    text: Annotated[Words, StringConstraints(min_length=1, max_length=2_000)]
    rank: int | None = Field(default=None, ge=1)


class MoveCase(BaseModel):
    """Hand a case to another county of the city."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=0)
    county_code: str
    reason: Annotated[Words, StringConstraints(min_length=1, max_length=REASON_MAX)]


@dataclass(frozen=True)
class CaseBrief:
    """What the sender of a report may know at once of the case that it opened or joined; the place is in WGS-84."""

    id: UUID
    number: str
    state: State
    due_at: datetime | None
    lat: float | None
    lon: float | None


@dataclass(frozen=True)
class QueueFilter:
    """Which part of the queue is wanted; the county is forced to the officer's own by the query."""

    ended: bool = False
    state: State | None = None
    kind: str | None = None
    county_code: str | None = None
    overdue: bool = False


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list in the order of its key; there is more before or after it."""

    rows: list[Row]
    has_before: bool
    has_after: bool


@dataclass(frozen=True)
class QueueRow:
    """One case in the queue: never who reported it."""

    case: Case
    photo_ids: list[UUID]


@dataclass(frozen=True)
class ReportSheet:
    """One report of a case as an officer sees it: facts and photos, nothing about the person."""

    report: Report
    rank: int
    withdrawn_at: datetime | None
    photos: list[Photo]
    details: dict[str, str]
    messages: list[MessageLine]


@dataclass(frozen=True)
class CaseSheet:
    """Everything the case page shows."""

    case: Case
    reports: list[ReportSheet]
    events: list[CaseEvent]
    steps: list[Step]


class PublicCase(BaseModel):
    """What anyone may know about a case that nobody has released yet: no place, no words, no photo, no hour."""

    number: str
    kind: str
    county_code: str | None
    state: State
    finding: Finding | None
    opened_on: date
    ended_on: date | None


@dataclass(frozen=True)
class Nearby:
    """An open case of the same kind close to a new report."""

    number: str
    kind: str
    distance_m: int
    opened_at: datetime
