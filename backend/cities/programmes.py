"""What a city's files for stations, dated campaigns and green honours may say."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from backend.cities.schema import Code, DivisionCode, Entry, Icon, Latitude, Line, Longitude, Words
from backend.core import hours

StationKind = Literal["recycling", "film_recovery", "sorting"]
Article = Annotated[int, Field(ge=1)]

STATIONS_HEADER = [
    "code", "name_zh", "name_en", "kind", "items", "hours", "county_code", "township_code", "lat", "lon", "datum",
    "address", "staffed", "source", "active",
]  # fmt: skip


class StationItem(Entry):
    """Something that stations take, and at which kinds of them."""

    code: Code
    name: Words
    kinds: Annotated[tuple[StationKind, ...], Field(min_length=1)]


class StationItemsFile(Entry):
    """`station_items.yaml`."""

    items: Annotated[tuple[StationItem, ...], Field(min_length=1)]


class SampleStation(Entry):
    """One line of `stations.csv`, the stations of the demo city; the columns are those of the staff's own lists."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{1,23}$")]
    name_zh: Line
    name_en: Line
    kind: StationKind
    items: Line
    hours: str
    county_code: DivisionCode
    township_code: Annotated[str, StringConstraints(pattern=r"^(\d{9})?$")]
    lat: Annotated[Latitude, Field(strict=False)]
    lon: Annotated[Longitude, Field(strict=False)]
    datum: Literal["wgs84", "gcj02", "bd09"]
    address: str
    staffed: Literal["yes", "no"]
    source: Line
    active: Literal["yes", "no"]

    @field_validator("hours")
    @classmethod
    def _readable(cls, text: str) -> str:
        hours.read(text)
        return text


class Usual(Entry):
    """When a campaign usually is: a month, days from a date, the n-th week of a month, or a day of another campaign."""

    month: Annotated[int, Field(ge=1, le=12)] | None = None
    day: Annotated[int, Field(ge=1, le=31)] | None = None
    days: Annotated[int, Field(ge=1, le=31)] = 1
    week: Annotated[int, Field(ge=1, le=4)] | None = None
    within: Code | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.month is None) == (self.within is None):
            raise ValueError("give either a month or the campaign that it lies within")
        if self.within is not None and self.day is None:
            raise ValueError("say which day of the other campaign it is")
        if self.week is not None and self.day is not None:
            raise ValueError("give either a week or a day of the month")
        return self


class Announced(Entry):
    """The dates of one year as they were announced."""

    first: date
    last: date
    source: Line

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first or self.last.year != self.first.year:
            raise ValueError("a campaign ends after it begins, in the same year")
        return self


class DriveTask(Entry):
    """What everybody is asked to do; `behaviour` is counted by the activities."""

    behaviour: Code
    words: Words
    unit: Words


class Drive(Entry):
    """A campaign that comes back every year."""

    code: Code
    name: Words
    slogan: Words
    text: Words
    article: Article
    icon: Icon
    is_fixed: bool
    """Whether the usual dates are the dates; else they are announced each year and expected until then."""
    usual: Usual
    announced: tuple[Announced, ...]
    task: DriveTask
    goal: Annotated[int, Field(ge=1, le=1_000_000_000)]


class DrivesFile(Entry):
    """`drives.yaml`."""

    drives: Annotated[tuple[Drive, ...], Field(min_length=1)]


class Criterion(Entry):
    """One thing to keep: checked by oneself, or counted where `measure` names a number that is known."""

    code: Code
    text: Words
    measure: Code | None = None
    at_least: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _counted_has_both(self) -> Self:
        if (self.measure is None) != (self.at_least is None):
            raise ValueError("a counted criterion has a measure and at_least, a self-checked one has neither")
        return self


class Honour(Entry):
    """A title that is granted for a time, with what it takes."""

    code: Code
    version: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d+$")]
    name: Words
    whose: Words
    """What the name on the application is: the family's chosen name, the school's, the community's."""
    about: Words
    article: Article
    icon: Icon
    is_private: bool
    """Whether it is a family's: then its name is shown only where the family wishes it."""
    valid_months: Annotated[int, Field(ge=1, le=120)]
    least_met: Annotated[int, Field(ge=1)]
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1, max_length=30)]

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.least_met > len(self.criteria):
            raise ValueError("least_met asks for more criteria than there are")
        return self


class HonoursFile(Entry):
    """`honours.yaml`."""

    honours: Annotated[tuple[Honour, ...], Field(min_length=1)]
