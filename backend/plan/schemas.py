"""The shapes of what is published: those of a city's file, and what only editors write."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from backend.cities.plan import (
    Article,
    Baseline,
    Commitment,
    DueBasis,
    Indicator,
    Key,
    Number,
    ObservationStatus,
    Operator,
    Part,
    Plan,
    Source,
    Target,
    Year,
)
from backend.cities.schema import DivisionCode, Entry, Line, Words
from backend.core.periods import Period
from backend.plan.rules import Kind

Paragraph = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
ArticleNumber = Annotated[int, Field(ge=1, le=200)]


class ClaimStatus(StrEnum):
    """What a body says of its commitment."""

    NOT_STARTED = "not_started"
    UNDER_WAY = "under_way"
    DONE = "done"
    GIVEN_UP = "given_up"


class Stage(StrEnum):
    """What can be found in public records, kept apart from what a body says (PBIA)."""

    NONE_FOUND = "none_found"
    ANNOUNCED = "announced"
    FUNDED = "funded"
    UNDER_WAY = "under_way"
    DELIVERED = "delivered"
    VERIFIED = "verified"


class Claim(Entry):
    """A body's own word about a commitment or target. Key: the commitment's or target's."""

    body: Line
    status: ClaimStatus
    said_on: date
    text: Words
    source: Key


class Finding(Entry):
    """What a search of public records found about a commitment or target. Key: the commitment's or target's."""

    stage: Stage
    searched_on: date
    text: Words
    source: Key | None = None
    """`None` only where nothing was found."""

    @model_validator(mode="after")
    def _sourced(self) -> Self:
        if (self.source is None) != (self.stage is Stage.NONE_FOUND):
            raise ValueError("what was found has a source, and what was not found has none")
        return self


class Reply(Entry):
    """What a body answers to a finding that disagrees with it: its right, beside the finding. Key: as the finding's."""

    body: Line
    replied_on: date
    text: Words


class Exposure(Entry):
    """A published decision against somebody who broke the law (article 27), with everything that makes it lawful.

    Penal decisions leave the list after three years at the latest (国务院 信用修复 practice); `until` is that day or sooner.
    """

    subject: Line
    county_code: DivisionCode
    article: ArticleNumber | None = None
    what: Words
    legal_basis: Line
    decision_number: Line
    decided_on: date
    decided_by: Line
    rectified_on: date | None = None
    until: date
    source: Key | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until <= self.decided_on:
            raise ValueError("it must be shown until a day after the decision")
        if self.until > self.decided_on.replace(year=self.decided_on.year + 3, day=min(self.decided_on.day, 28)):
            raise ValueError("a decision is shown for three years at most")
        if self.rectified_on is not None and self.rectified_on < self.decided_on:
            raise ValueError("it cannot be rectified before it was decided")
        return self


class Example(Entry):
    """Somebody who does it well (article 27)."""

    subject: Line
    county_code: DivisionCode
    article: ArticleNumber | None = None
    what: Words
    on: date
    source: Key | None = None


class News(Entry):
    """A short piece of news about the plan."""

    title: Words
    text: Words
    on: date
    article: ArticleNumber | None = None
    source: Key | None = None


BODIES: Mapping[Kind, type[Entry]] = {
    Kind.PLAN: Plan,
    Kind.PART: Part,
    Kind.ARTICLE: Article,
    Kind.INDICATOR: Indicator,
    Kind.TARGET: Target,
    Kind.COMMITMENT: Commitment,
    Kind.SOURCE: Source,
    Kind.BASELINE: Baseline,
    Kind.CLAIM: Claim,
    Kind.FINDING: Finding,
    Kind.REPLY: Reply,
    Kind.EXPOSURE: Exposure,
    Kind.EXAMPLE: Example,
    Kind.NEWS: News,
}


def key_of(body: Entry) -> str:
    """Return the key by which a city's file names `body`; an article and a part are named by their number."""
    match body:
        case Article() | Part():
            return str(body.number)
        case Baseline():
            return body.target
        case Plan() | Indicator() | Target() | Commitment() | Source():
            return body.key
        case _:
            raise TypeError(f"{type(body).__name__} is given its key by whoever writes it")


class NewObservation(BaseModel):
    """A value to be added or revised."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    indicator: Key
    area: DivisionCode
    period: Annotated[str, StringConstraints(max_length=8)]
    dimension: Annotated[
        str, StringConstraints(pattern=r"^([a-z][a-z0-9_]*=[a-z0-9_-]+(;[a-z][a-z0-9_]*=[a-z0-9_-]+)*)?$")
    ] = ""
    value: Number | None
    status: ObservationStatus = ObservationStatus.NORMAL
    source: Key
    quote: Annotated[str, StringConstraints(max_length=500, strip_whitespace=True)] = ""

    @field_validator("period")
    @classmethod
    def _readable(cls, text: str) -> str:
        return Period.read(text).text

    @field_validator("value")
    @classmethod
    def _finite(cls, value: Decimal | None) -> Decimal | None:
        if value is not None and not value.is_finite():
            raise ValueError("not a number")
        return value

    @model_validator(mode="after")
    def _missing_is_said(self) -> Self:
        if (self.value is None) != (self.status is ObservationStatus.MISSING):
            raise ValueError("a value that is missing has the status M, and only that")
        return self

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What it is a value of: indicator, area, period and dimension."""
        return self.indicator, self.area, self.period, self.dimension


class OpenSubmission(BaseModel):
    """A new draft; the id is made by whoever creates it, so that twice is once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: UUID
    title: Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]


class TakeOver(BaseModel):
    """What of a list goes into a draft, as it was shown."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    version: int = Field(ge=1)
    seen: Annotated[str, StringConstraints(max_length=64)]
    leave_out: Annotated[str, StringConstraints(max_length=2000)] = ""
    """Line numbers: `3, 7-9`."""
    with_doubtful: bool = False


class Wish(StrEnum):
    """What an editor decides about a find."""

    ACCEPT = "accept"
    REJECT = "reject"


class DecideFind(BaseModel):
    """A find of the reader as an editor leaves it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    version: int = Field(ge=1)
    wish: Wish
    name: Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
    operator: Operator
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    unit: Annotated[str, StringConstraints(max_length=20, strip_whitespace=True)] = ""
    base_year: Year | None = None
    due: Year | None = None
    due_basis: DueBasis = DueBasis.STATED
