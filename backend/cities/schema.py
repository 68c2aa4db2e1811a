"""What each file of a city's folder may say, so that a slip is found when the service starts and not when a case is late."""

from collections.abc import Mapping
from enum import StrEnum
from string import Formatter
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
DivisionCode = Annotated[str, StringConstraints(pattern=r"^\d{6}(\d{3})?$")]
Icon = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]
Line = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Point = tuple[Latitude, Longitude]
Confidence = Literal["source", "memory"]

LANGUAGES = ("zh", "en")
PLACEHOLDERS = frozenset({"number", "date", "body", "phone", "bureau", "hotline"})


class Entry(BaseModel):
    """Anything a city file holds: no unknown keys, no silent conversion, no change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Words(Entry):
    """A short text in both languages; `words("zh")` gives one of them."""

    zh: Line
    en: Line

    def __call__(self, lang: str) -> str:
        """Return the text in `lang`, Chinese for a language we do not have."""
        return self.en if lang == "en" else self.zh


class Centre(Entry):
    """A place in WGS-84."""

    lat: Latitude
    lon: Longitude


class Bounds(Entry):
    """A box in WGS-84."""

    west: Longitude
    south: Latitude
    east: Longitude
    north: Latitude

    @model_validator(mode="after")
    def _not_turned(self) -> Self:
        if self.west >= self.east or self.south >= self.north:
            raise ValueError("west must be less than east and south less than north")
        return self

    def holds(self, lat: float, lon: float) -> bool:
        """Whether the point lies in the box."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east


class Hotline(Entry):
    """A number to call, or a page to use, inside the city."""

    code: Code
    number: Line
    name: Words
    note: Words


class Neighbour(Entry):
    """A city next door, known by the places of its towns."""

    name: Words
    number: Line
    towns: Annotated[tuple[Point, ...], Field(min_length=1)]


class Elsewhere(Entry):
    """Whose hotline is shown for a place outside the city."""

    hotline: Words
    farthest_km: Annotated[float, Field(gt=0)]
    neighbours: tuple[Neighbour, ...]


class CityFile(Entry):
    """`city.yaml`."""

    code: DivisionCode
    name: Words
    short_name: Words
    bureau: Words
    case_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}$")]
    timezone: Literal["Asia/Shanghai"]
    centre: Centre
    bounds: Bounds
    hotlines: Annotated[tuple[Hotline, ...], Field(min_length=1)]
    elsewhere: Elsewhere


class DivisionRow(Entry):
    """One line of `divisions.csv`."""

    code: DivisionCode
    name: Line
    name_en: Line
    level: Literal["city", "county", "township"]
    type: Literal["city", "district", "county", "town", "township", "subdistrict", "park"]
    parent: DivisionCode


class Body(Entry):
    """An authority; `phone` only where it is surely known."""

    code: Code
    name: Words
    phone: Line | None


class BodiesFile(Entry):
    """`bodies.yaml`."""

    bodies: Annotated[tuple[Body, ...], Field(min_length=1)]


class SubkindEntry(Entry):
    """A more exact kind, set by an officer, with the bodies that handle it; the usual one first."""

    code: Code
    name: Words
    bodies: Annotated[tuple[Code, ...], Field(min_length=1)]
    confidence: Confidence


class KindEntry(Entry):
    """One tile of the report page."""

    code: Code
    name: Words
    hint: Words
    icon: Icon
    questions: tuple[Code, ...]
    subkinds: Annotated[tuple[SubkindEntry, ...], Field(min_length=1)]


class Choice(Entry):
    """One picture that answers a question."""

    id: Code
    label: Words
    icon: Icon


class Question(Entry):
    """What is asked after the receipt; each may be skipped."""

    id: Code
    asks: Literal["who", "when", "outlet", "smell", "colour"]
    label: Words
    choices: Annotated[tuple[Choice, ...], Field(min_length=2)]


class KindsFile(Entry):
    """`report_kinds.yaml`."""

    kinds: Annotated[tuple[KindEntry, ...], Field(min_length=1)]
    questions: tuple[Question, ...]


class Step(StrEnum):
    """The steps of a case that have a time limit; a city must give every one of them."""

    ACCEPTANCE = "acceptance"
    HANDLING = "handling"
    HANDLING_EXTENSION = "handling_extension"
    REPLY_AFTER_HANDLING = "reply_after_handling"
    SIMPLE_ACCEPTANCE = "simple_acceptance"
    SIMPLE_ANSWER = "simple_answer"
    CRIME_TRANSFER_DECISION = "crime_transfer_decision"
    CRIME_TRANSFER_HANDOVER = "crime_transfer_handover"
    POLICE_DECISION = "police_decision"
    CRIME_REFUSAL_REVIEW = "crime_refusal_review"
    PUBLICATION_OF_PENALTY = "publication_of_penalty"


Days = Annotated[int, Field(ge=1, le=3650)]
Unit = Literal["natural_day", "workday"]


class Limit(Entry):
    """How long one step may take: in days of a unit, or in hours."""

    step: Step
    days: Days | None = None
    hours: Annotated[int, Field(ge=1, le=720)] | None = None
    unit: Unit | None = None
    runs_from: Code | None = Field(default=None, alias="from")
    needs: tuple[Code, ...] = ()
    to_be_checked: Days | None = None
    major: Days | None = None
    confidence: Confidence
    basis: Line | None = None

    @model_validator(mode="after")
    def _days_or_hours(self) -> Self:
        if (self.days is None) == (self.hours is None):
            raise ValueError("give either days or hours")
        if self.hours is not None and self.unit is not None:
            raise ValueError("a limit in hours has no unit")
        return self


class Counting(Entry):
    """How days are counted. Only the one way that `core.calendar` follows is allowed."""

    default_unit: Unit
    first_day_counted: Literal[False]
    last_day_on_holiday: Literal["roll_to_next_workday"]
    timezone: Literal["Asia/Shanghai"]
    basis: Line | None = None


class DeadlinesFile(Entry):
    """`deadlines.yaml`."""

    counting: Counting
    limits: tuple[Limit, ...]
    crime_transfer_attachments: tuple[Line, ...]


class DeclineReason(Entry):
    """Why a report is not accepted, and who may be competent instead."""

    code: Code
    name: Words
    needs_body: bool
    bodies: tuple[Code, ...]

    @model_validator(mode="after")
    def _bodies_where_needed(self) -> Self:
        if self.needs_body and not self.bodies:
            raise ValueError("a reason that needs a body must list at least one in bodies")
        return self


def _known_placeholders(text: str) -> str:
    try:
        names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise ValueError(f"braces do not close: {error}") from None
    if unknown := names - PLACEHOLDERS:
        raise ValueError(f"unknown placeholder {{{min(unknown)}}}; known are {', '.join(sorted(PLACEHOLDERS))}")
    return text


TemplateLine = Annotated[Line, AfterValidator(_known_placeholders)]


class TemplateText(Entry):
    """An answer in both languages, with placeholders."""

    zh: TemplateLine
    en: TemplateLine


class AnswerTemplate(Entry):
    """A text that an officer can start an answer from."""

    code: Code
    purpose: Literal["accept", "decline", "refer", "message", "close"]
    reason: Code | None = None
    finding: Literal["substantiated", "unsubstantiated", "unverifiable"] | None = None
    name: Words
    text: TemplateText

    @model_validator(mode="after")
    def _says_what_for(self) -> Self:
        if (self.purpose == "decline") != (self.reason is not None):
            raise ValueError("a template for decline, and no other, names its reason")
        if (self.purpose == "close") != (self.finding is not None):
            raise ValueError("a template for close, and no other, names its finding")
        return self

    def write(self, lang: str, facts: Mapping[str, str]) -> str:
        """Fill in what is known; what is missing stays as `〔name〕` for the officer to write."""
        blanks = {name: f"〔{name}〕" for name in PLACEHOLDERS}
        return (self.text.en if lang == "en" else self.text.zh).format_map(blanks | dict(facts))


class AnswersFile(Entry):
    """`answer_templates.yaml`."""

    decline_reasons: Annotated[tuple[DeclineReason, ...], Field(min_length=1)]
    templates: tuple[AnswerTemplate, ...]


class Area(Entry):
    """A county of the drawing: its lines in order, `-name` for a line taken backwards, and where its name stands."""

    code: DivisionCode
    tone: Literal[1, 2]
    short_name: Words
    label: Point
    outline: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^-?[a-z][a-z0-9_]*$")], ...], Field(min_length=1)
    ]


class River(Entry):
    """A river of the drawing, from source to mouth."""

    name: Words
    width: Annotated[float, Field(gt=0, le=10)]
    label: Point | None
    course: Annotated[tuple[Point, ...], Field(min_length=2)]


class Landmark(Entry):
    """The hill everybody knows."""

    name: Words
    at: Point


class PlacesFile(Entry):
    """`places.yaml`: the drawing of the city, a schematic."""

    note: Words
    line_error_m: Annotated[float, Field(ge=0)]
    lines: dict[Code, Annotated[tuple[Point, ...], Field(min_length=2)]]
    areas: Annotated[tuple[Area, ...], Field(min_length=1)]
    centres: dict[DivisionCode, Point]
    rivers: tuple[River, ...]
    hills: tuple[tuple[Latitude, Longitude, Annotated[float, Field(gt=0)]], ...]
    landmark: Landmark | None

    @field_validator("areas")
    @classmethod
    def _areas_once(cls, areas: tuple[Area, ...]) -> tuple[Area, ...]:
        if len({area.code for area in areas}) < len(areas):
            raise ValueError("two areas have the same code")
        return areas
