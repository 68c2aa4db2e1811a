"""What a resident may send, and what comes back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from backend.core.ids import grouped

PHOTOS_MAX = 6
WORDS_MAX = 500
LANDMARK_MAX = 120
MESSAGE_MAX = 2_000

Secret = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True)]
PlaceSource = Literal["device", "map", "list"]
Datum = Literal["wgs84", "gcj02", "bd09"]


class SubmitReport(BaseModel):
    """A report as it is sent. The sender makes `id` and `secret`, so that sending twice is harmless.

    `secret` is 128 random bits in hex; the receipt is derived from it and it is not stored, so that only who sent the
    report can be given its receipt again. `lat` and `lon` are degrees in `datum`, `accuracy_m` metres.
    """

    model_config = ConfigDict(extra="forbid")

    id: UUID
    secret: Secret
    kind: str
    photo_ids: list[UUID] = Field(default=[], max_length=PHOTOS_MAX)
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    accuracy_m: float | None = Field(default=None, ge=0, le=100_000)
    datum: Datum = "wgs84"
    place_source: PlaceSource = "list"
    county_code: str | None = None
    township_code: str | None = None
    landmark: Annotated[Text, StringConstraints(max_length=LANDMARK_MAX)] = ""
    words: Annotated[Text, StringConstraints(max_length=WORDS_MAX)] = ""
    joins: str | None = Field(default=None, max_length=20)

    @model_validator(mode="after")
    def _point_is_whole(self) -> "SubmitReport":
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon belong together")
        return self

    @property
    def point(self) -> tuple[float, float] | None:
        """Latitude and longitude, when both are known."""
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)


class SendMessage(BaseModel):
    """A reporter's message; `id` is made by the sender, so that sending twice is harmless."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    text: Annotated[Text, StringConstraints(max_length=MESSAGE_MAX)] = ""
    photo_ids: list[UUID] = Field(default=[], max_length=PHOTOS_MAX)


@dataclass(frozen=True)
class Receipt:
    """The reporter's secret: 120 bits, shown once, never in a URL, stored only as a keyed digest."""

    code: str

    @property
    def shown(self) -> str:
        """The code in groups of four."""
        return grouped(self.code)


@dataclass(frozen=True)
class MessageLine:
    """One message as either side reads it."""

    sender: Literal["bureau", "reporter"]
    text: str
    at: datetime
    photo_ids: list[UUID]

    @property
    def photos(self) -> int:
        """How many photos came with it."""
        return len(self.photo_ids)
