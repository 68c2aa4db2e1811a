"""The campaigns of the year: what is now, next and past, and one campaign with what came of it."""

from dataclasses import dataclass
from datetime import date

from babel import dates, numbers
from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from backend.cities import city
from backend.core import clock
from backend.core.db import SessionDep
from backend.drives import rules
from backend.drives.errors import DriveUnknown
from backend.drives.rules import Occurrence, Phase, Progress
from backend.portal import counting
from backend.web.csrf import FormGuard
from backend.web.preferences import Lang, preferences_of
from backend.web.ratelimit import limited
from backend.web.templates import LOCALES, render, say_date

router = APIRouter(prefix="/campaigns", dependencies=[FormGuard], include_in_schema=False)


@dataclass(frozen=True)
class DriveView:
    """A campaign of one year, told."""

    code: str
    icon: str
    name: str
    year: int
    slogan: str
    text: str
    article: int
    days: str
    is_expected: bool
    phase: Phase
    days_to_go: int
    task: str
    unit: str
    behaviour: str
    goal: str
    counted: str | None
    progress: Progress


@router.get("", dependencies=[limited("read")])
def listed(request: Request, session: SessionDep) -> Response:
    """Show what runs, what comes and what was."""
    today, lang = clock.today(), preferences_of(request).lang
    views = [_view(session, one, lang, today) for one in rules.around(city().drives, today)]
    past = [one for one in views if one.phase is Phase.PAST]
    return render(
        request,
        "drives/list.html",
        tab=None,
        running=[one for one in views if one.phase is Phase.NOW],
        coming=[one for one in views if one.phase is Phase.NEXT],
        past=past[::-1],
    )


@router.get("/{code}", dependencies=[limited("read")])
def one(request: Request, session: SessionDep, code: str) -> Response:
    """Show one campaign: the task, how far everybody has come, and after its end the result."""
    today = clock.today()
    found = rules.by_code(city().drives, code, today)
    if found is None:
        raise DriveUnknown
    shown = _view(session, found, preferences_of(request).lang, today)
    return render(request, "drives/one.html", tab=None, drive=shown)


def _view(session: Session, one: Occurrence, lang: Lang, today: date) -> DriveView:
    drive, phase = one.drive, one.phase(today)
    counted = None
    if phase is not Phase.NEXT:
        counted = counting.drive_counter(session, drive.task.behaviour, one.first, min(one.last, today))
    return DriveView(
        code=one.code,
        icon=drive.icon,
        name=drive.name(lang),
        year=one.first.year,
        slogan=drive.slogan(lang),
        text=drive.text(lang),
        article=drive.article,
        days=_days(one, lang),
        is_expected=one.is_expected,
        phase=phase,
        days_to_go=(one.first - today).days if phase is Phase.NEXT else (one.last - today).days,
        task=drive.task.words(lang),
        unit=drive.task.unit(lang),
        behaviour=drive.task.behaviour,
        goal=_number(drive.goal, lang),
        counted=None if counted is None else _number(counted, lang),
        progress=Progress(drive.goal, counted),
    )


def _days(one: Occurrence, lang: Lang) -> str:
    if one.first == one.last:
        return say_date(lang, one.first)
    skeleton = "MMMd" if one.first.year == clock.today().year else "yMMMd"
    return dates.format_interval(one.first, one.last, skeleton, locale=LOCALES[lang])


def _number(value: int, lang: Lang) -> str:
    return numbers.format_decimal(value, locale=LOCALES[lang])
