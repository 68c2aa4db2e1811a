"""What an applicant and an officer send, and what is read of an application."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.honours.models import HonourApplication, HonourEvent
from backend.honours.rules import Step

ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
REASON_MAX = 1_000


class Apply(BaseModel):
    """An application. `id` is the applicant's, so that sending it twice is harmless; `said` are the criteria that are kept."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    honour: str = Field(max_length=40)
    shown_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=40, pattern=ONE_LINE)]
    is_public: bool = False
    county_code: str = Field(max_length=6)
    township_code: str | None = Field(default=None, max_length=9)
    said: list[str] = Field(default_factory=list[str], max_length=30)
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class Decide(BaseModel):
    """One step of the bureau; `version` is that of the application when the form was made."""

    model_config = ConfigDict(extra="ignore")

    version: int = Field(ge=1)
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=REASON_MAX)] = ""


@dataclass(frozen=True)
class ApplicationSheet:
    """Everything the review page shows."""

    application: HonourApplication
    events: list[HonourEvent]
    steps: list[Step]


@dataclass(frozen=True)
class Holder:
    """One line of the honour list: a name that may be shown, and for how long."""

    honour: str
    name: str
    county_code: str
    granted_on: date
    valid_until: date
