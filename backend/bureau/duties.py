"""Who is on duty at which station: the programme's editors put attendants there and take them off."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from backend.accounts.guards import MayAppointAttendants
from backend.activities import duty, sites
from backend.activities.errors import SiteUnknown
from backend.cities import city
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Conflict, Invalid
from backend.web import forms
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import Lang, preferences_of
from backend.web.refusals import sentence_of, status_of
from backend.web.templates import render

PATH = "/bureau/duty"
PRIVATE = {"Cache-Control": "no-store"}

router = APIRouter(prefix=PATH, dependencies=[FormGuard], include_in_schema=False)


class Duty(BaseModel):
    """Who stands where."""

    staff_id: UUID
    station: str = Field(min_length=1, max_length=40)


@dataclass(frozen=True)
class DutyRow:
    """One person at one station, told."""

    staff_id: UUID
    name: str
    is_active: bool
    code: str
    station: str
    icon: str
    since: datetime | None


@router.get("")
def roster(request: Request, session: SessionDep, actor: MayAppointAttendants) -> Response:
    """Show who is on duty where, and the form for one more."""
    return _page(request, session, actor)


@router.post("")
def put_on(request: Request, session: SessionDep, actor: MayAppointAttendants, form: FormDep) -> Response:
    """Put somebody on duty."""
    try:
        wanted = forms.parse(Duty, form)
        duty.put_on_duty(session, actor, wanted.staff_id, wanted.station)
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _page(request, session, actor, form, refused)
    return RedirectResponse(PATH, 303)


@router.post("/end")
def take_off(request: Request, session: SessionDep, actor: MayAppointAttendants, form: FormDep) -> Response:
    """Take somebody off duty."""
    try:
        ended = forms.parse(Duty, form)
    except Invalid as refused:
        return _page(request, session, actor, refused=refused)
    duty.take_off_duty(session, actor, ended.staff_id, ended.station)
    return RedirectResponse(PATH, 303)


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    typed: FormDep | None = None,
    refused: Conflict | Invalid | None = None,
) -> Response:
    lang, here = preferences_of(request).lang, city()
    return render(
        request,
        "bureau/duty.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        rows=_rows(session, lang),
        people=_people(session),
        stations=[
            (one.code, one.name_en if lang == "en" else one.name_zh, here.division_name(one.county_code, lang))
            for one in duty.places(session)
        ],
        typed=forms.texts(typed) if typed else {},
        refused=sentence_of(lang, refused),
    )


def _people(session: Session) -> list[tuple[str, str]]:
    """Name who can be put on duty; where two are called the same, the login tells them apart."""
    found = duty.attendants(session)
    times = Counter(one.name for one in found)
    return [(str(one.id), f"{one.name} · {one.login}" if times[one.name] > 1 else one.name) for one in found]


def _rows(session: Session, lang: Lang) -> list[DutyRow]:
    found: dict[str, tuple[str, str]] = {}
    rows: list[DutyRow] = []
    for one in duty.roster(session):
        if one.station_code not in found:
            found[one.station_code] = _named(session, lang, one.station_code)
        name, icon = found[one.station_code]
        rows.append(DutyRow(one.staff_id, one.name, one.is_active, one.station_code, name, icon, one.since))
    return rows


def _named(session: Session, lang: Lang, code: str) -> tuple[str, str]:
    try:
        site = sites.find(session, code)
    except SiteUnknown:
        # A station that is no longer shown keeps its people until somebody takes them off.
        return code, "pin"
    return site.name(lang), site.icon
