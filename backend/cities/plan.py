"""What a city's plan may say: its parts and articles, what it promises, by when, and what was published about it.

The same shapes are the bodies of the published documents (`plan.models.PlanDocument`): a file is the first edition,
editors write the next ones. Words follow SDMX where statistics have one, and GB/T 2260 for areas.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from backend.cities.schema import Code, DivisionCode, Entry, Icon, Line, Words
from backend.core.periods import Period, Resolution

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Year = Annotated[int, Field(ge=1990, le=2100)]
Web = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=500)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Number = Annotated[Decimal, Field(max_digits=20, decimal_places=6)]


class Operator(StrEnum):
    """How a value is held against a target."""

    AT_LEAST = "ge"
    AT_MOST = "le"
    EQUAL = "eq"
    BETWEEN = "between"
    CHANGE = "change"
    """A relative change from the base year, in percent: -11 means 0.89 of the base or less."""
    EXTERNAL = "external"
    """Another body sets the value, and it is not in the text."""


class DueBasis(StrEnum):
    """Where a year of maturity comes from."""

    STATED = "stated"
    INHERITED = "inherited"
    """The plan's own horizon, because the text prints no year beside it."""
    NONE = "none"


class Scope(StrEnum):
    """Of what a target speaks."""

    CITY = "city"
    URBAN = "urban"
    TOWNS = "towns"


class Trend(StrEnum):
    """Which way is better."""

    UP = "up"
    DOWN = "down"


class CommitmentKind(StrEnum):
    """A promise without a number: done or not, or only described."""

    BINARY = "binary"
    QUALITATIVE = "qualitative"


class ObservationStatus(StrEnum):
    """SDMX `OBS_STATUS`."""

    NORMAL = "A"
    ESTIMATED = "E"
    PROVISIONAL = "P"
    BREAK = "B"
    MISSING = "M"


def _period(text: str) -> str:
    return Period.read(text).text


class Plan(Entry):
    """The plan as a whole."""

    key: Key
    name: Words
    issuer: Words
    issued_on: date
    basis: Line
    """The document of a higher level that it carries out."""
    number: str = ""
    """The issuer's own file number; empty where the text does not have it."""
    horizon: Year
    """The year that its aims are for, which an undated target inherits."""
    lead: Words
    """Who leads the whole; no body is named for a single target."""
    oddities: tuple[Words, ...] = ()
    """What is strange in the text, said openly."""
    text_sha256: Sha256 | None = None
    """Of the official text, once it was read in."""


class Part(Entry):
    """A chapter of the plan."""

    number: Annotated[int, Field(ge=1, le=50)]
    title: Words
    icon: Icon = "leaf"
    text: str = ""
    """The chapter's own words, verbatim, where it has no articles."""


class CanDo(Entry):
    """What a resident can do for an article, and the page of ours where it is done."""

    words: Words
    path: Annotated[str, StringConstraints(pattern=r"^(/[a-z0-9/#?=&_.-]*)?$")] = ""


class Article(Entry):
    """A numbered article: in our own words, and in the official ones once they were read in."""

    number: Annotated[int, Field(ge=1, le=200)]
    part: Annotated[int, Field(ge=1, le=50)]
    title: Words
    summary: Words
    can_do: tuple[CanDo, ...] = ()
    report_kinds: tuple[Code, ...] = ()
    """Kinds of report that serve it. Which behaviours do is said in `behaviours.yaml`."""
    text: str = ""
    """The official words, verbatim; their errors are told in `errata`, never mended."""
    errata: tuple[Words, ...] = ()


class Indicator(Entry):
    """What is measured."""

    key: Key
    name: Words
    definition: Words
    unit: Words
    decimals: Annotated[int, Field(ge=0, le=6)] = 2
    resolution: Resolution = Resolution.YEAR
    trend: Trend
    minimum: Number | None = None
    maximum: Number | None = None
    """Natural limits, as 0 and 100 of a share; a value outside is refused."""
    lag_days: Annotated[int, Field(ge=0, le=1000)] = 180
    """How long after a period's end its figure may take before it counts as unreported."""
    statistical_source: Words | None = None
    """Where such figures are usually published."""
    is_context: bool = False
    """No target of the plan; shown beside them."""

    @model_validator(mode="after")
    def _limits(self) -> Self:
        if self.minimum is not None and self.maximum is not None and self.minimum >= self.maximum:
            raise ValueError("minimum must be less than maximum")
        return self

    def allows(self, value: Decimal | None) -> bool:
        """Whether `value` lies within the natural limits; a missing one does."""
        return value is None or (
            (self.minimum is None or value >= self.minimum) and (self.maximum is None or value <= self.maximum)
        )


class Target(Entry):
    """What the plan promises of an indicator."""

    key: Key
    indicator: Key
    part: Annotated[int, Field(ge=1, le=50)]
    article: Annotated[int, Field(ge=1, le=200)] | None = None
    operator: Operator
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    base_year: Year | None = None
    due: Year
    due_basis: DueBasis
    scope: Scope = Scope.CITY
    wording: str = ""
    """The plan's word for the comparison, as 达到 or 以上."""
    quote: str = ""
    """The official words, verbatim."""
    note: Words | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Each operator has the numbers that it needs and no others."""
        has = {name for name in ("value", "low", "high", "base_year") if getattr(self, name) is not None}
        needs = {
            Operator.BETWEEN: {"low", "high"},
            Operator.CHANGE: {"value", "base_year"},
            Operator.EXTERNAL: set[str](),
        }.get(self.operator, {"value"})
        if has != needs:
            raise ValueError(f"operator {self.operator} takes {', '.join(sorted(needs)) or 'no number'}")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low must not be more than high")
        return self


class Commitment(Entry):
    """A promise without a number that can still be judged."""

    key: Key
    part: Annotated[int, Field(ge=1, le=50)]
    article: Annotated[int, Field(ge=1, le=200)] | None = None
    kind: CommitmentKind
    gist: Words
    due: Year | None = None
    due_basis: DueBasis
    places: tuple[DivisionCode, ...] = ()
    quote: str = ""

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if (self.due is None) != (self.due_basis is DueBasis.NONE):
            raise ValueError("a year has a basis, and no year has none")
        return self


class Source(Entry):
    """Where a figure was published."""

    key: Key
    title: Line
    publisher: Line
    url: Web | None = None
    published_on: date | None = None
    sha256: Sha256 | None = None
    """Of the file or page as it was found."""
    licence: str = ""


class Figure(Entry):
    """One published value (an observation of the file)."""

    indicator: Key
    area: DivisionCode
    period: Annotated[str, StringConstraints(max_length=8)]
    value: Number | None
    status: ObservationStatus = ObservationStatus.NORMAL
    source: Key
    quote: str = ""

    _readable = field_validator("period")(_period)

    @model_validator(mode="after")
    def _missing_is_said(self) -> Self:
        if (self.value is None) != (self.status is ObservationStatus.MISSING):
            raise ValueError("a value that is missing has the status M, and only that")
        return self


class Baseline(Entry):
    """Where a target starts: one published figure, chosen with a reason; never simply the first."""

    target: Key
    area: DivisionCode
    period: Annotated[str, StringConstraints(max_length=8)]
    reason: Words

    _readable = field_validator("period")(_period)


class PlanFile(Entry):
    """`plan.yaml`."""

    language: Literal["zh"] = "zh"
    """Of the official text."""
    plan: Plan
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    articles: tuple[Article, ...]
    indicators: tuple[Indicator, ...]
    targets: tuple[Target, ...]
    commitments: tuple[Commitment, ...] = ()
    sources: tuple[Source, ...] = ()
    figures: tuple[Figure, ...] = ()
    baselines: tuple[Baseline, ...] = ()
