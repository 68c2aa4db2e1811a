"""家庭: the house, how one comes in, and how the points go in and out. Forms without script, codes never in an address."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from backend.accounts.residents.guards import SIGN_IN_PATH, MaybeResident, ResidentDep
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Conflict, DomainError, Invalid, NotFound, TooMany
from backend.core.ids import new_id
from backend.households import invites, pool, rules, service, views
from backend.households.schemas import (
    AskToJoin,
    ChooseShare,
    LookUpInvite,
    MakeInvite,
    MovePoints,
    NameHousehold,
    StartHousehold,
    TakeBack,
    TakeElder,
)
from backend.households.texts import SHARED, SHARES
from backend.households.views import HOME, JOIN
from backend.web import forms, qr
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of
from backend.web.ratelimit import limited
from backend.web.refusals import fields_of, status_of
from backend.web.templates import render

router = APIRouter(prefix=HOME, dependencies=[FormGuard], include_in_schema=False)

PRIVATE = {"Cache-Control": "no-store"}


@router.get("")
def home(request: Request, session: SessionDep, actor: ResidentDep) -> Response:
    """Show the house; without one, how to start or to join."""
    return show_home(request, session, actor)


@router.post("", dependencies=[limited("household")])
def create(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Start a household."""

    def act() -> None:
        typed = forms.parse(StartHousehold, form)
        service.create(session, actor, typed.id, typed.name, share=typed.share)

    return _done_or_shown(request, session, actor, act, typed=forms.texts(form))


@router.post("/name", dependencies=[limited("household")])
def rename(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Give it another name."""
    return _done_or_shown(
        request, session, actor, lambda: service.rename(session, actor, forms.parse(NameHousehold, form).name)
    )


@router.post("/share", dependencies=[limited("household")])
def choose_share(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Choose how much of what one earns goes in by itself."""
    return _done_or_shown(
        request, session, actor, lambda: pool.set_share(session, actor, forms.parse(ChooseShare, form).share)
    )


@router.post("/contributions", dependencies=[limited("household")])
def contribute(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Put own points in."""

    def act() -> None:
        typed = forms.parse(MovePoints, form)
        pool.contribute(session, actor, typed.id, typed.amount)

    return _done_or_shown(request, session, actor, act)


@router.post("/withdrawals", dependencies=[limited("household")])
def withdraw(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Take own unspent points back."""

    def act() -> None:
        typed = forms.parse(TakeBack, form)
        pool.withdraw_own(session, actor, typed.id, typed.amount)

    return _done_or_shown(request, session, actor, act)


@router.post("/elders", dependencies=[limited("household")])
def add_elder(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Take along an elder without a phone."""

    def act() -> None:
        typed = forms.parse(TakeElder, form)
        service.add_elder(session, actor, typed.id, typed.nickname, agreed=typed.agreed)

    return _done_or_shown(request, session, actor, act)


@router.get("/invite")
def invite_page(request: Request, session: SessionDep, actor: ResidentDep) -> Response:
    """Show the code that works now, large and as a QR."""
    made = invites.current(session, actor)
    return render(
        request,
        "household/invite.html",
        headers=PRIVATE,
        tab="me",
        invite_id=new_id(),
        invitation=made,
        groups=rules.shown_code(made.code).split("-") if made else [],
        link=views.link_of(request, made.code) if made else "",
        qr=qr.svg(views.link_of(request, made.code)) if made else None,
    )


@router.post("/invite", dependencies=[limited("household")])
def invite(session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Make a code; the one before it ends."""
    invites.invite(session, actor, forms.parse(MakeInvite, form).id)
    return RedirectResponse(f"{HOME}/invite", HTTPStatus.SEE_OTHER)


@router.post("/invite/end")
def end_invite(session: SessionDep, actor: ResidentDep) -> Response:
    """Let the code work no more."""
    invites.end_invite(session, actor)
    return RedirectResponse(f"{HOME}/invite", HTTPStatus.SEE_OTHER)


@router.get("/join")
def join_page(request: Request, actor: MaybeResident) -> Response:
    """Ask for the code; a scanned one is behind the `#`, which only the browser sees."""
    return _ask_code(request, actor)


@router.post("/join/look", dependencies=[limited("household")])
def look_up(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Say whose household it is and what is shared there, before anything is agreed to."""
    try:
        return _ask_agreement(request, session, actor, forms.parse(LookUpInvite, form).code)
    except (Invalid, NotFound, TooMany) as refused:
        session.rollback()
        return _ask_code(request, actor, refused)


@router.post("/join", dependencies=[limited("household")])
def join(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Agree and ask to come in."""
    try:
        typed = forms.parse(AskToJoin, form)
        invites.join(session, actor, typed.id, typed.code, agreed=typed.agreed, share=typed.share)
    except DomainError as refused:
        session.rollback()
        return _ask_code(request, actor, refused)
    return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)


@router.post("/request/withdrawal")
def withdraw_request(session: SessionDep, actor: ResidentDep) -> Response:
    """Ask no longer."""
    invites.withdraw_request(session, actor)
    return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)


def show_home(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    refused: DomainError | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    """Show the house as the actor may see it, with what went wrong on top."""
    found = views.home_of(session, actor)
    asked = None if found else views.waiting_for(session, actor)
    template = "home" if found else "waiting" if asked else "none"
    return render(
        request,
        f"household/{template}.html",
        status=status_of(refused),
        headers=PRIVATE,
        tab="me",
        path=HOME,
        errors=fields_of(preferences_of(request).lang, refused),
        typed=typed or {},
        home=found,
        asked=asked and asked[1],
        shares=[(one.value, sentence) for one, sentence in SHARES.items()],
        ids=[new_id() for _ in range(4)],
        soon={"own": views.ends_soon(found.own), "pool": views.ends_soon(found.pool)} if found else {},
        log_path=views.LOG_PATH,
        coupons_path=views.COUPONS_PATH,
    )


def _done_or_shown(
    request: Request,
    session: Session,
    actor: Actor,
    act: Callable[[], object],
    *,
    typed: Mapping[str, str] | None = None,
) -> Response:
    """Do it and go to the house, or show the house with what went wrong; then nothing has changed."""
    try:
        act()
    except (Invalid, Conflict) as refused:
        session.rollback()
        return show_home(request, session, actor, refused=refused, typed=typed)
    return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)


def _ask_code(request: Request, actor: Actor | None, refused: DomainError | None = None) -> Response:
    return render(
        request,
        "household/join.html",
        status=status_of(refused),
        headers=PRIVATE,
        tab="me",
        path=JOIN,
        errors=fields_of(preferences_of(request).lang, refused),
        signed_in=actor is not None,
        sign_in_path=f"{SIGN_IN_PATH}?next={JOIN}",
    )


def _ask_agreement(request: Request, session: Session, actor: Actor, code: str) -> Response:
    invited = invites.look_up(session, actor, code)
    return render(
        request,
        "household/agree.html",
        headers=PRIVATE,
        tab="me",
        path=JOIN,
        errors={},
        invited=invited,
        code=code,
        stay_id=new_id(),
        shared=SHARED,
        shares=[(one.value, sentence) for one, sentence in SHARES.items()],
    )


def id_in(form: FormDep, name: str) -> UUID:
    """Return an id that a form holds."""
    try:
        return UUID(str(form.get(name, "")))
    except ValueError:
        raise Invalid from None
