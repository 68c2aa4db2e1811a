"""What the desk shows about stations: the views of the list, what residents say, and what a list would do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlmodel import Session

from backend.bureau.views import Choice
from backend.cities import City
from backend.core.errors import N_, DomainError
from backend.stations import listing, queries, service, wording
from backend.stations.models import Station, StationImport
from backend.stations.rules import Kind
from backend.stations.schemas import Fate, ImportPlan, ListLine, StationFilter, StationRow
from backend.stations.wording import OpenSign
from backend.web.pagination import DEFAULT_PAGE, read_cursor, write_cursor
from backend.web.preferences import Lang
from backend.web.templates import translate

PATH = "/bureau/stations"
LINES_SHOWN = 200

View = Literal["all", "reported", "gone"]
VIEWS: Mapping[View, tuple[str, str]] = {
    "all": (N_("All stations"), "list"),
    "reported": (N_("Reported closed"), "alert"),
    "gone": (N_("Not shown"), "close"),
}
DONE: Mapping[str, str] = {
    "added": N_("The station is added and shown to residents."),
    "changed": N_("The change is saved."),
    "retire": N_("The station is no longer shown."),
    "restore": N_("The station is shown again."),
    "confirm": N_("It is shown as closed until further notice."),
    "clear": N_("It is shown as open by its hours again."),
}
FATES: Mapping[Fate, str] = {
    Fate.NEW: N_("new"),
    Fate.CHANGED: N_("changed"),
    Fate.SAME: N_("as it is"),
    Fate.REFUSED: N_("refused"),
}


class DeskQuery(BaseModel):
    """Which part of the stations is wanted."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    view: View = "all"
    kind: Kind | None = None
    county: str | None = Field(default=None, pattern=r"^\d{6}$")
    words: str = Field(default="", max_length=80)
    after: str | None = Field(default=None, max_length=1_000)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, given: Any) -> Any:
        """Drop what a form sends for a choice that was not made."""
        if not isinstance(given, Mapping):
            return given
        return {name: value for name, value in cast("Mapping[str, Any]", given).items() if value != ""}

    def address(self, **changes: str | None) -> str:
        """Return the address of this list with something changed."""
        shown = self.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude={"after"}) | changes
        query = urlencode({name: value for name, value in shown.items() if value})
        return f"{PATH}?{query}" if query else PATH


@dataclass(frozen=True)
class DeskRow:
    """One station at the desk."""

    code: str
    name: str
    kind: str
    icon: str
    place: str
    sign: OpenSign
    closed_reports: int
    is_task: bool


@dataclass(frozen=True)
class DeskList:
    """The list page."""

    tabs: list[Choice]
    kinds: list[Choice]
    counties: list[Choice]
    rows: list[DeskRow]
    next: str | None


@dataclass(frozen=True)
class StationSheet:
    """What stands beside a station's form."""

    station: Station
    row: DeskRow
    reports: list[datetime]
    done: str | None
    refused: str | None


@dataclass(frozen=True)
class LineView:
    """One line of a list, told."""

    number: int
    code: str
    name: str
    fate: Fate
    fate_word: str
    reasons: list[tuple[str, str]]
    """The column as the file names it (empty: the line as a whole), and what is wrong."""
    changes: str


@dataclass(frozen=True)
class DryRun:
    """What a list would do, told."""

    id: str
    lines: list[LineView]
    more: int
    counts: list[tuple[Fate, str, int]]
    is_clean: bool
    has_good: bool
    seen: str
    applied_at: datetime | None
    outcome: Mapping[str, int] | None


def desk_list(session: Session, city: City, lang: Lang, query: DeskQuery) -> DeskList:
    """Put the list page together."""
    tasks = queries.reported_closed(session)
    rows, following = tasks, None
    if query.view != "reported":
        wanted = StationFilter(kind=query.kind, county_code=query.county, words=query.words)
        page = queries.for_editors(session, wanted, read_cursor(query.after), DEFAULT_PAGE, active=query.view != "gone")
        rows = page.rows
        following = query.address(after=write_cursor(*page.next_key)) if page.next_key else None
    return DeskList(
        tabs=[
            Choice(
                translate(lang, label),
                DeskQuery(view=view).address(),
                query.view == view,
                icon,
                str(len(tasks)) if view == "reported" and tasks else None,
            )
            for view, (label, icon) in VIEWS.items()
        ],
        kinds=_kinds(lang, query),
        counties=_counties(city, lang, query),
        rows=[row_of(city, lang, row) for row in rows],
        next=following,
    )


def row_of(city: City, lang: Lang, row: StationRow) -> DeskRow:
    """Say in words what a row holds."""
    station = row.station
    codes = (station.county_code, station.township_code)
    return DeskRow(
        code=station.code,
        name=wording.name_of(station, lang),
        kind=translate(lang, wording.KINDS[Kind(station.kind)]),
        icon=f"station-{station.kind}",
        place=(" " if lang == "zh" else ", ").join(city.division_name(code, lang) for code in codes if code),
        sign=wording.open_sign(station, lang),
        closed_reports=row.closed_reports,
        is_task=station.is_active and service.is_reported_closed(row.closed_reports),
    )


def sheet(
    session: Session, city: City, lang: Lang, station: Station, *, done: str, refused: DomainError | None
) -> StationSheet:
    """Return what stands beside a station's form."""
    reports = queries.closed_reports(session, station.id)
    return StationSheet(
        station=station,
        row=row_of(city, lang, StationRow(station, None, len(reports))),
        reports=[report.at for report in reports],
        done=translate(lang, DONE[done]) if done in DONE and refused is None else None,
        refused=told(lang, refused),
    )


def dry_run(session: Session, city: City, lang: Lang, kept: StationImport) -> DryRun:
    """Say what a kept list would do now, the refused lines first; or what it did."""
    planned = ImportPlan([]) if kept.applied_at else listing.plan(session, city, kept.content)
    lines = sorted(planned.lines, key=lambda line: (line.fate is not Fate.REFUSED, line.number))
    # Every refused line is named; of the others so many as can be read.
    shown = [line for place, line in enumerate(lines) if line.fate is Fate.REFUSED or place < LINES_SHOWN]
    return DryRun(
        id=str(kept.id),
        lines=[_line(lang, line) for line in shown],
        more=len(lines) - len(shown),
        counts=[(fate, translate(lang, word), planned.count(fate)) for fate, word in FATES.items()],
        is_clean=planned.is_clean,
        has_good=planned.count(Fate.NEW) + planned.count(Fate.CHANGED) > 0,
        seen=listing.fingerprint(planned),
        applied_at=kept.applied_at,
        outcome=kept.outcome,
    )


def told(lang: Lang, refused: DomainError | None) -> str | None:
    """Return the sentence of a refusal."""
    return translate(lang, refused.text, **refused.params) if refused is not None else None


def _line(lang: Lang, line: ListLine) -> LineView:
    reasons = [(reason.column, translate(lang, reason.text, **reason.params)) for reason in line.reasons]
    word = translate(lang, FATES[line.fate])
    return LineView(line.number, line.code, line.name, line.fate, word, reasons, ", ".join(line.changes))


def _kinds(lang: Lang, query: DeskQuery) -> list[Choice]:
    return [
        Choice(
            translate(lang, label),
            query.address(kind=None if kind is query.kind else kind.value),
            kind is query.kind,
            f"station-{kind.value}",
        )
        for kind, label in wording.KINDS_OF_MANY.items()
    ]


def _counties(city: City, lang: Lang, query: DeskQuery) -> list[Choice]:
    return [
        Choice(
            county.short_name(lang),
            query.address(county=None if county.code == query.county else county.code),
            county.code == query.county,
        )
        for county in city.counties
    ]
