"""The attendant's phone: the code that changes, who waits, and two taps that weigh and confirm."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from backend.accounts.guards import MayAttend
from backend.activities import duty, sites, visits
from backend.activities.schemas import ConfirmByNumber, Logged, Weighed
from backend.cities import city
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Conflict, Invalid
from backend.core.ids import new_id
from backend.web import forms, qr
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of
from backend.web.refusals import sentence_of, status_of
from backend.web.templates import render

PATH = "/bureau/attend"
PRIVATE = {"Cache-Control": "no-store"}

router = APIRouter(prefix=PATH, dependencies=[FormGuard], include_in_schema=False)


@dataclass(frozen=True)
class WaitingView:
    """Somebody who stands at the point, told."""

    id: UUID
    nickname: str
    behaviour: str
    unit: str
    icon: str
    is_divisible: bool


@router.get("")
def stations(request: Request, session: SessionDep, actor: MayAttend) -> Response:
    """Show the stations of the attendant; a single one at once."""
    found = duty.stations_of(session, actor)
    if len(found) == 1:
        return RedirectResponse(f"{PATH}/{found[0].code}", HTTPStatus.SEE_OTHER)
    lang = preferences_of(request).lang
    listed = [(one.code, one.name(lang), one.icon) for one in found]
    return render(request, "bureau/attend/stations.html", headers=PRIVATE, actor=actor, stations=listed)


@router.get("/{code}")
def screen(request: Request, session: SessionDep, actor: MayAttend, code: str, done: str = "") -> Response:
    """Show the code of this half minute, and who waits."""
    return _page(request, session, actor, code, done=done)


@router.get("/{code}/now")
def now(request: Request, session: SessionDep, actor: MayAttend, code: str) -> Response:
    """Give the changing part of the page alone."""
    site = duty.on_duty(session, actor, code)
    return render(request, "bureau/attend/_now.html", headers=PRIVATE, **_changing(request, session, site))


@router.post("/{code}/visits/{visit_id}")
def confirm(
    request: Request, session: SessionDep, actor: MayAttend, code: str, visit_id: UUID, form: FormDep
) -> Response:
    """Confirm what was weighed."""
    try:
        logged = visits.confirm(session, city(), actor, visit_id, forms.parse(Weighed, form).quantity)
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _page(request, session, actor, code, refused=refused)
    return _done(code, logged)


@router.post("/{code}/people")
def confirm_by_number(request: Request, session: SessionDep, actor: MayAttend, code: str, form: FormDep) -> Response:
    """Confirm for somebody by the number of the account."""
    try:
        logged = visits.confirm_by_number(session, city(), actor, code, forms.parse(ConfirmByNumber, form))
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _page(request, session, actor, code, refused=refused)
    return _done(code, logged)


def _done(code: str, logged: Logged) -> Response:
    points = logged.activity.points if logged.activity else 0
    return RedirectResponse(f"{PATH}/{code}?done={points}", HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    session: SessionDep,
    actor: Actor,
    code: str,
    *,
    done: str = "",
    refused: Conflict | Invalid | None = None,
) -> Response:
    lang = preferences_of(request).lang
    site = duty.on_duty(session, actor, code)
    return render(
        request,
        "bureau/attend/screen.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        site_name=site.name(lang),
        behaviours=[(one.code, one.name(lang), one.unit(lang)) for one in visits.weighed_at(city(), site)],
        entry_id=new_id(),
        done=int(done) if done.isdigit() else None,
        error=sentence_of(lang, refused),
        **_changing(request, session, site),
    )


def _changing(request: Request, session: SessionDep, site: sites.Site) -> dict[str, Any]:
    lang, code = preferences_of(request).lang, sites.code_now(site.code)
    people = [
        WaitingView(
            one.visit.id,
            one.nickname,
            one.behaviour.name(lang),
            one.behaviour.unit(lang),
            one.behaviour.icon,
            one.behaviour.is_divisible,
        )
        for one in visits.waiting(session, city(), site)
    ]
    return {"site": site, "code": code, "code_qr": qr.of_page(request, sites.path_behind(site, code)), "people": people}
