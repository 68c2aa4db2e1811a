"""What an editor sends about a station, and what is read about one."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.places.rules import Datum
from backend.stations.models import Station
from backend.stations.rules import Kind

Row = TypeVar("Row")
ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=ONE_LINE)]
StationCode = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Z0-9][A-Z0-9-]{1,23}$")]


class KeepStation(BaseModel):
    """A station as an editor or a line of a list describes it."""

    model_config = ConfigDict(extra="forbid")

    code: StationCode
    name_zh: Line
    name_en: Line
    kind: Kind
    items: Annotated[list[str], Field(min_length=1, max_length=30)]
    hours: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)] = ""
    county_code: str = Field(max_length=9)
    township_code: str | None = Field(default=None, max_length=9)
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)
    datum: Datum = Datum.WGS84
    address: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120, pattern=ONE_LINE)] = ""
    staffed: bool = False
    source: Line
    active: bool = True


@dataclass(frozen=True)
class Near:
    """The place to measure from, in WGS-84."""

    lat: float
    lon: float


@dataclass(frozen=True)
class StationFilter:
    """Which stations are wanted."""

    kind: Kind | None = None
    item: str | None = None
    county_code: str | None = None
    words: str = ""


@dataclass(frozen=True)
class StationRow:
    """One station of a list, with its distance where there is a place to measure from."""

    station: Station
    distance_m: int | None
    closed_reports: int


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page, and the key behind which the next one begins."""

    rows: list[Row]
    next_key: tuple[int | str, ...] | None


class Fate(StrEnum):
    """What taking a line over would do."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True)
class Reason:
    """Why a line is refused: the column (empty: the line as a whole), a msgid and its values."""

    column: str
    text: str
    params: dict[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True)
class CheckedStation:
    """A description that keeps all rules: the place in WGS-84, hours in their one way of writing."""

    code: str
    name_zh: str
    name_en: str
    kind: Kind
    items: list[str]
    hours: str
    county_code: str
    township_code: str | None
    lat: float
    lon: float
    given_datum: Datum
    address: str
    is_staffed: bool
    source: str
    is_active: bool


@dataclass(frozen=True)
class ListLine:
    """One line of a list and what would become of it; `number` is the line in the file."""

    number: int
    code: str
    name: str
    fate: Fate
    reasons: list[Reason] = field(default_factory=list[Reason])
    changes: list[str] = field(default_factory=list[str])
    """The columns that would change."""
    wanted: CheckedStation | None = None


@dataclass(frozen=True)
class ImportPlan:
    """What a list would do."""

    lines: list[ListLine]

    def count(self, fate: Fate) -> int:
        """Return how many lines have this fate."""
        return sum(line.fate is fate for line in self.lines)

    @property
    def is_clean(self) -> bool:
        """Whether no line is refused."""
        return self.count(Fate.REFUSED) == 0


@dataclass(frozen=True)
class Outcome:
    """What taking a list over did."""

    added: int
    changed: int
    left_out: int


Mode = Literal["all", "good"]
