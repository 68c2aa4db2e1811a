"""What is sent when something is logged, proven or objected to."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.activities.models import Activity
from backend.activities.rules import State
from backend.places.rules import Datum

Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
WORDS_MAX = 500


class LogActivity(BaseModel):
    """Something green, with its proof; the id is made by the sender, so that sending twice is harmless."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    behaviour: Annotated[str, StringConstraints(max_length=60)]
    quantity: float = Field(default=1, allow_inf_nan=False)
    evidence: Annotated[str, StringConstraints(max_length=30)] | None = None
    photo_ids: list[UUID] = Field(default_factory=list[UUID], max_length=3)
    ticket: Annotated[str, StringConstraints(max_length=200)] | None = None
    """Signed by the page that opened the camera."""
    note: Short = ""
    for_id: UUID | None = None
    """For whom: an elder of the household; oneself without it."""
    site: Annotated[str, StringConstraints(max_length=40)] | None = None
    code: Annotated[str, StringConstraints(max_length=20)] | None = None
    lat: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    lon: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    accuracy_m: float | None = Field(default=None, ge=0, le=100_000, allow_inf_nan=False)
    datum: Datum = Datum.WGS84


class Appeal(BaseModel):
    """Why a refusal is wrong."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=WORDS_MAX)]


class ChooseHome(BaseModel):
    """Which community and school to count for."""

    model_config = ConfigDict(extra="forbid")

    county_code: Annotated[str, StringConstraints(max_length=9)]
    township_code: Annotated[str, StringConstraints(max_length=9)] | None = None
    school: Annotated[str, StringConstraints(max_length=60)] | None = None


class Weighed(BaseModel):
    """What a scale says."""

    model_config = ConfigDict(extra="ignore")

    quantity: float = Field(allow_inf_nan=False)


class ConfirmByNumber(Weighed):
    """The same for somebody without a phone in the hand."""

    id: UUID
    phone: str = Field(max_length=30)
    behaviour: str = Field(max_length=60)


class StartImport(BaseModel):
    """What a list is about."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    behaviour: Annotated[str, StringConstraints(max_length=60)]
    event: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    happened_on: date


class Donate(BaseModel):
    """Points for a cause; the id is made by the sender."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    cause: Annotated[str, StringConstraints(max_length=60)]
    points: int = Field(ge=1, le=1_000_000)


@dataclass(frozen=True)
class Earner:
    """Whether a resident can earn, and whom the points count for."""

    may_earn: bool
    county_code: str | None = None
    township_code: str | None = None
    school: str | None = None


@dataclass(frozen=True)
class Logged:
    """What became of something that was logged: `activity` is `None` when a cap was full already, which is no error."""

    activity: Activity | None
    is_new: bool
    left: int
    """How much of the day's or month's cap is left, in thousandths."""


@dataclass(frozen=True)
class Use:
    """How much of a behaviour somebody has done in the span that its cap is for."""

    used: int
    most: int
    is_monthly: bool

    @property
    def left(self) -> int:
        return max(0, self.most - self.used)

    @property
    def is_full(self) -> bool:
        return self.used >= self.most


class ActivityOut(BaseModel):
    """An activity as its owner sees it; whether somebody looks at it is not told."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    behaviour: str
    rule: str
    asked: float
    quantity: float
    points: int
    evidence: str
    state: State
    reason: str | None
    words: str
    logged_at: datetime
    day: date

    @classmethod
    def of(cls, one: Activity) -> "ActivityOut":
        """Tell an activity in units."""
        facts = one.model_dump()
        return cls.model_validate(facts | {"asked": one.asked / 1000, "quantity": one.quantity / 1000})


@dataclass(frozen=True)
class Waiting:
    """An activity at which a person has to look."""

    activity: Activity
    nickname: str
    photo_ids: list[UUID]
    similar: list[UUID]
    """Earlier activities whose photo looks alike."""
