"""What the queue shows: each case as a row that says where, what, how long still, and what is new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from backend.bureau.filters import Address, QueueQuery, write_key
from backend.cases import wording
from backend.cases.models import Case
from backend.cases.queries import COUNT_CAP, key_of
from backend.cases.rules import State
from backend.cases.schemas import Page, QueueRow
from backend.cities import City
from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import N_
from backend.web.preferences import Lang
from backend.web.templates import translate

STRIP = 3
SOON_DAYS = 2

# The columns of the desk in the order of the work; the icon says what the colour says.
TABS: Sequence[tuple[str, str, str]] = (
    ("open", N_("All open"), "reports"),
    ("received", N_("To decide"), "state-received"),
    ("accepted", N_("To check"), "state-accepted"),
    ("investigating", N_("Being checked"), "state-investigating"),
    ("handling", N_("To close"), "state-handling"),
    ("reopened", N_("Opened again"), "state-reopened"),
    ("overdue", N_("Overdue"), "state-overdue"),
    ("ended", N_("Ended"), "state-closed"),
)
ENDINGS: Sequence[tuple[str, str]] = (
    ("ended", N_("All ended")),
    ("closed", wording.STATES[State.CLOSED]),
    ("declined", wording.STATES[State.DECLINED]),
    ("referred", wording.STATES[State.REFERRED]),
    ("withdrawn", wording.STATES[State.WITHDRAWN]),
)

Urgency = Literal["late", "today", "soon", "calm"]


@dataclass(frozen=True)
class Due:
    """How long a case may still take: colour, icon, ring and words say the same."""

    at: datetime
    urgency: Urgency
    days: int
    """Days left, or days over when it is late."""
    left_percent: int
    provisional: bool


@dataclass(frozen=True)
class Choice:
    """A filter as a link."""

    label: str
    href: str
    is_on: bool
    icon: str | None = None
    count: str | None = None


@dataclass(frozen=True)
class Row:
    """One case in the queue."""

    case: Case
    kind: str
    icon: str
    place: str
    state: str
    finding: str | None
    measure: str | None
    due: Due | None
    photo_ids: list[UUID]
    more_photos: int


@dataclass(frozen=True)
class Queue:
    """The queue page."""

    tabs: list[Choice]
    endings: list[Choice]
    kinds: list[Choice]
    counties: list[Choice]
    rows: list[Row]
    is_ended: bool
    is_narrowed: bool
    """Whether other cases are left out, so that an empty list does not mean that all is done."""
    to_decide: bool
    """Whether a case waits for the intake decision; else the next one is one to go on with."""
    first: str | None
    previous: str | None
    next: str | None
    last: str | None


def queue(
    city: City, lang: Lang, actor: Actor, query: QueueQuery, page: Page[QueueRow], waiting: dict[str, int]
) -> Queue:
    """Put the queue page together."""
    address, wanted = Address(query), query.wanted(city, actor)
    keys = [key_of(row, wanted) for row in (page.rows[:1] + page.rows[-1:])]
    return Queue(
        tabs=_tabs(lang, address, query, waiting, is_ended=wanted.ended),
        endings=[Choice(translate(lang, label), address.view(view), query.view == view) for view, label in ENDINGS],
        kinds=[
            Choice(kind.name(lang), address.kind(None if kind.code == query.kind else kind.code),
                   kind.code == query.kind, kind.icon)
            for kind in city.kinds
        ],
        counties=[] if actor.county_code else _counties(city, lang, address, query),
        rows=[row_of(city, lang, row) for row in page.rows],
        is_ended=wanted.ended,
        is_narrowed=bool(wanted.kind or wanted.county_code) or query.view not in {"open", "received"},
        to_decide=waiting["received"] > 0,
        first=address.page() if page.has_before else None,
        previous=address.page(before=write_key(keys[0])) if page.has_before and keys else None,
        next=address.page(after=write_key(keys[-1])) if page.has_after and keys else None,
        last=address.page(last="true") if page.has_after else None,
    )  # fmt: skip


def row_of(city: City, lang: Lang, row: QueueRow) -> Row:
    """Say in words what a row of the queue holds."""
    case = row.case
    kind = city.kind(case.kind)
    return Row(
        case=case,
        kind=city.subkind(case.subkind).name(lang) if case.subkind else kind.name(lang),
        icon=kind.icon,
        place=place_of(city, lang, case.county_code, case.township_code),
        state=translate(lang, wording.STATES[State(case.state)]),
        finding=translate(lang, wording.FINDINGS[case.finding]) if case.finding else None,
        measure=translate(lang, wording.MEASURES[case.measure]) if case.measure else None,
        due=due_of(case),
        photo_ids=row.photo_ids[:STRIP],
        more_photos=max(0, len(row.photo_ids) - STRIP),
    )


def place_of(city: City, lang: Lang, county_code: str | None, township_code: str | None) -> str:
    """Return the county and township in words, as far as they are known."""
    names = [city.division_name(code, lang) for code in (county_code, township_code) if code]
    return (" " if lang == "zh" else ", ").join(names)


def due_of(case: Case) -> Due | None:
    """Return how long an open case may still take."""
    if case.due_at is None or case.ended_at is not None:
        return None
    now, start = clock.now(), case.accepted_at or case.opened_at
    whole = (case.due_at - start).total_seconds()
    left = (case.due_at - now).total_seconds()
    days = (case.due_at.astimezone(clock.SHANGHAI).date() - clock.today()).days
    return Due(
        at=case.due_at,
        urgency=_urgency(days, is_late=left < 0),
        days=max(1, -days) if left < 0 else days,
        left_percent=max(0, min(100, round(100 * left / whole))) if whole > 0 else 0,
        provisional=case.due_provisional,
    )


def _urgency(days: int, *, is_late: bool) -> Urgency:
    if is_late:
        return "late"
    if days == 0:
        return "today"
    return "soon" if days <= SOON_DAYS else "calm"


def _tabs(lang: Lang, address: Address, query: QueueQuery, waiting: dict[str, int], *, is_ended: bool) -> list[Choice]:
    counts = {"received": _capped(waiting["received"]), "overdue": _capped(waiting["overdue"])}
    return [
        Choice(
            translate(lang, label),
            address.view(view),
            query.view == view or (view == "ended" and is_ended),
            icon,
            counts.get(view),
        )
        for view, label, icon in TABS
    ]


def _counties(city: City, lang: Lang, address: Address, query: QueueQuery) -> list[Choice]:
    return [
        Choice(
            county.short_name(lang),
            address.county(None if county.code == query.county else county.code),
            county.code == query.county,
        )
        for county in city.counties
    ]


def _capped(count: int) -> str | None:
    if count >= COUNT_CAP:
        return f"{COUNT_CAP - 1}+"
    return str(count) if count else None
