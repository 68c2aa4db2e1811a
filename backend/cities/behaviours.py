"""What a city's file of green behaviours may say: points, caps and evidence, each with the day from which it holds."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from backend.cities.programmes import Article
from backend.cities.schema import Code, Entry, Icon, Line, Words

EvidenceKind = Literal[
    "self", "photo", "bill_photo", "receipt_no", "station_slip", "two_person_slip", "site_qr", "merchant_qr",
    "attendant", "scale", "organiser_list", "operator_record", "server_graded",
]  # fmt: skip
SiteKind = Literal["recycling", "film_recovery", "sorting", "canteen", "grocery", "market", "books"]
"""A kind of station, or what a merchant is."""
NEEDS_A_SITE = frozenset({"site_qr", "merchant_qr", "attendant", "scale"})
Amount = Annotated[int, Field(ge=1, le=100_000)]
Percent = Annotated[int, Field(ge=0, le=100)]


class Caps(Entry):
    """How much counts at most, in units; for a person, and for all members of a household together."""

    person_day: Amount | None = None
    person_week: Amount | None = None
    person_month: Amount | None = None
    household_day: Amount | None = None
    household_month: Amount | None = None
    site_day: Amount | None = None
    """At one place, over everybody: more than that has never been seen there."""

    @model_validator(mode="after")
    def _bounds_a_person(self) -> Self:
        if self.person_day is None and self.person_month is None:
            raise ValueError("give at least person_day or person_month, or there is no end to it")
        return self


class Factor(Entry):
    """How many grams of CO2e one unit saves; only with the source that says so."""

    grams: Annotated[int, Field(ge=0)]
    source: Line


class Behaviour(Entry):
    """One version of one behaviour; what was logged under it keeps it for ever."""

    code: Code
    version: Annotated[int, Field(ge=1)]
    valid_from: date
    name: Words
    hint: Words
    icon: Icon
    article: Article
    points: Annotated[int, Field(ge=1, le=10_000)]
    unit: Words
    is_divisible: bool = False
    """Whether parts of a unit count: kilograms do, visits do not."""
    quick: Amount = 1
    """How many units one tap on the tile stands for."""
    caps: Caps
    evidence: Annotated[tuple[EvidenceKind, ...], Field(min_length=1)]
    at: tuple[SiteKind, ...] = ()
    """Where a code or an attendant proves it."""
    co2e: Factor | None
    factor_standard: Line | None = None
    """Where a factor is to come from, as long as there is none."""

    @model_validator(mode="after")
    def _has_its_sites(self) -> Self:
        if bool(NEEDS_A_SITE & set(self.evidence)) != bool(self.at):
            raise ValueError("a behaviour that is proven at a site, and no other, says at which kinds")
        return self

    @property
    def rule(self) -> str:
        """Names this version for ever."""
        return f"{self.code}@{self.version}"


class Cause(Entry):
    """What points can be given to."""

    code: Code
    name: Words
    about: Words
    icon: Icon


class School(Entry):
    """A school that residents may count for."""

    code: Code
    name: Words


class Programme(Entry):
    """The rules that hold for every behaviour."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,40}$")]
    name: Words
    hold_hours: Annotated[int, Field(ge=1, le=24 * 14)]
    sample_percent: Percent
    undo_minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    review_days: Annotated[int, Field(ge=1, le=60)]
    """After so many days without a decision the resident is believed."""
    appeal_days: Annotated[int, Field(ge=1, le=365)]
    geofence_m: Annotated[int, Field(ge=10, le=2_000)]
    weekly_goal_days: Annotated[int, Field(ge=1, le=7)]
    rest_weeks: Annotated[int, Field(ge=0, le=12)]
    """Of twelve weeks, how many may be quiet without a word."""
    fewest_shown: Annotated[int, Field(ge=1, le=100)]
    """A community with fewer people is not shown in a rank: its points would be somebody's."""
    confirmed_often: Annotated[int, Field(ge=2, le=1_000)]
    """From so many confirmations of one household by one hand within 30 days a moderator is told."""


class BehavioursFile(Entry):
    """`behaviours.yaml`."""

    programme: Programme
    tiles: Annotated[tuple[Code, ...], Field(min_length=1, max_length=9)]
    behaviours: Annotated[tuple[Behaviour, ...], Field(min_length=1)]
    causes: Annotated[tuple[Cause, ...], Field(min_length=1)]
    schools: tuple[School, ...]
