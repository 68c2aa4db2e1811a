"""One member at a time: let in, limited, handed over to, taken out; and one's own way out, with exactly what comes back."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from backend.accounts.residents.guards import ResidentDep
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import DomainError, Invalid
from backend.households import invites, queries, service, views
from backend.households.errors import OwnerOnly
from backend.households.routes import PRIVATE, id_in
from backend.households.schemas import LimitMember
from backend.households.views import HOME
from backend.web import forms
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of
from backend.web.ratelimit import limited
from backend.web.refusals import fields_of, status_of
from backend.web.templates import render

router = APIRouter(prefix=HOME, dependencies=[FormGuard], include_in_schema=False)


@router.get("/members/{member_id}")
def member_page(request: Request, session: SessionDep, actor: ResidentDep, member_id: UUID) -> Response:
    """Show the owner what can be decided about a member, and what a removal would give back."""
    return _member(request, session, actor, member_id)


@router.post("/members/{member_id}/confirmation", dependencies=[limited("household")])
def confirm(session: SessionDep, actor: ResidentDep, member_id: UUID) -> Response:
    """Let somebody in who asked."""
    invites.confirm(session, actor, member_id)
    return _home()


@router.post("/members/{member_id}/refusal", dependencies=[limited("household")])
def decline(session: SessionDep, actor: ResidentDep, member_id: UUID) -> Response:
    """Do not let somebody in."""
    invites.decline(session, actor, member_id)
    return _home()


@router.post("/members/{member_id}/limit", dependencies=[limited("household")])
def set_limit(request: Request, session: SessionDep, actor: ResidentDep, member_id: UUID, form: FormDep) -> Response:
    """Set what a minor can use in a day."""
    try:
        service.set_daily_limit(session, actor, member_id, forms.parse(LimitMember, form).daily_limit)
    except Invalid as refused:
        session.rollback()
        return _member(request, session, actor, member_id, refused)
    return _home()


@router.post("/members/{member_id}/removal", dependencies=[limited("household")])
def remove(session: SessionDep, actor: ResidentDep, member_id: UUID) -> Response:
    """End another's stay."""
    service.remove(session, actor, member_id)
    return _home()


@router.post("/owner", dependencies=[limited("household")])
def hand_over(session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Let another member look after the household."""
    service.hand_over(session, actor, id_in(form, "member_id"))
    return _home()


@router.get("/leave")
def leave_page(request: Request, session: SessionDep, actor: ResidentDep) -> Response:
    """Say exactly what comes back, before it is done."""
    home = views.required_home(session, actor)
    return render(
        request,
        "household/leave.html",
        headers=PRIVATE,
        tab="me",
        home=home,
        leaving=queries.leaving(session, home.household.id, home.me.resident_id),
    )


@router.post("/leave", dependencies=[limited("household")])
def leave(session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Leave; an owner names in the same step who looks after the household next."""
    if form.get("member_id"):
        service.hand_over(session, actor, id_in(form, "member_id"))
    service.leave(session, actor)
    return _home()


@router.post("/dissolution", dependencies=[limited("household")])
def dissolve(session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """End the household, once that was confirmed."""
    if form.get("confirmed") != "yes":
        return RedirectResponse(f"{HOME}/leave", HTTPStatus.SEE_OTHER)
    service.dissolve(session, actor)
    return _home()


def _home() -> Response:
    return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)


def _member(
    request: Request, session: Session, actor: Actor, member_id: UUID, refused: DomainError | None = None
) -> Response:
    home = views.required_home(session, actor)
    if not home.is_owner:
        raise OwnerOnly
    member = views.member_in(home, member_id)
    return render(
        request,
        "household/member.html",
        status=status_of(refused),
        headers=PRIVATE,
        tab="me",
        path=f"{HOME}/members/{member_id}",
        errors=fields_of(preferences_of(request).lang, refused),
        home=home,
        member=member,
        leaving=queries.leaving(session, home.household.id, member.resident_id),
    )
