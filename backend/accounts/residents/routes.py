"""How a resident gets in: number, six digits, and at the first time age and agreement. Two small forms, no script needed."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from backend.accounts.residents import browsers, codes, kept, queries, rules, service
from backend.accounts.residents.guards import SIGN_IN_PATH, MaybeResident, ResidentDep
from backend.accounts.residents.rules import CODE_LIFE, CodePurpose, Purpose, Standing
from backend.accounts.residents.schemas import AskCode, EnterCode, Introduce
from backend.accounts.residents.texts import AGREEMENTS, CODE_REFUSED
from backend.core import clock
from backend.core.db import SessionDep
from backend.core.errors import N_, Invalid, TooMany
from backend.web import forms
from backend.web.addresses import client_network
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of
from backend.web.ratelimit import HOUR, MINUTE, BudgetSpent, limited
from backend.web.redirects import own_path
from backend.web.refusals import fields_of, status_of
from backend.web.templates import render, translate

router = APIRouter(prefix="/account", dependencies=[FormGuard], include_in_schema=False)

HOME, WELCOME_PATH, CODE_PATH = "/account", "/account/welcome", "/account/sign-in/code"
DEVICE_PATH = "/account/device"
PRIVATE = {"Cache-Control": "no-store"}
YOUNGEST = 3
WAIT_MINUTES = N_("Codes are sent a few at a time. Please try again in %(minutes)s minutes.")
WAIT_HOURS = N_("Codes are sent a few at a time. Please try again in %(hours)s hours.")


@router.get("/sign-in")
def sign_in_page(request: Request, actor: MaybeResident, next: str | None = None) -> Response:  # noqa: A002 -- the name in the address
    """Ask for the number; who is signed in already goes on."""
    if actor:
        return RedirectResponse(own_path(next, HOME), HTTPStatus.SEE_OTHER)
    return _ask_number(request, next)


@router.post("/sign-in/codes", dependencies=[limited("account")])
def ask_code(request: Request, session: SessionDep, form: FormDep) -> Response:
    """Send six digits; a known and an unknown number see the same page."""
    next_path = own_path(str(form.get("next", "")), HOME)
    try:
        typed = forms.parse(AskCode, form)
        mark = codes.request_code(
            session, typed.phone, network=client_network(request), language=browsers.language_of(request)
        )
    except (Invalid, TooMany) as refused:
        return _ask_number(request, next_path, refused=refused)
    browsers.remember_asking(request, CodePurpose.SIGN_IN, mark)
    return RedirectResponse(f"{CODE_PATH}?next={quote(next_path)}", HTTPStatus.SEE_OTHER)


@router.get("/sign-in/code")
def code_page(request: Request, session: SessionDep, next: str | None = None) -> Response:  # noqa: A002
    """Ask for the six digits."""
    return _ask_digits(request, session, next)


@router.post("/sign-in/code", dependencies=[limited("account")])
def sign_in(request: Request, session: SessionDep, form: FormDep) -> Response:
    """Sign in, or say that it did not work and never why."""
    next_path = own_path(str(form.get("next", "")), HOME)
    mark = browsers.asked_from(request, CodePurpose.SIGN_IN)
    welcomed = service.sign_in(session, browser=mark, code=_code(form), language=browsers.language_of(request))
    if welcomed is None:
        return _ask_digits(request, session, next_path, error=CODE_REFUSED)
    browsers.start_session(session, request, welcomed.actor)
    assert welcomed.actor.id is not None
    standing = queries.profile_of(session, welcomed.actor.id).standing
    is_new = standing is Standing.NEW
    following = f"{WELCOME_PATH}?next={quote(next_path)}" if is_new else way_on(request, next_path)
    return RedirectResponse(following, HTTPStatus.SEE_OTHER)


@router.get("/welcome")
def welcome_page(request: Request, session: SessionDep, actor: ResidentDep, next: str | None = None) -> Response:  # noqa: A002
    """Ask for age and agreement, once."""
    assert actor.id is not None
    if queries.profile_of(session, actor.id).standing is not Standing.NEW:
        return RedirectResponse(own_path(next, HOME), HTTPStatus.SEE_OTHER)
    return _ask_age(request, actor.name, next)


@router.post("/welcome", dependencies=[limited("account")])
def introduce(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Finish the first sign-in; a child goes on to the guardian's agreement."""
    next_path = own_path(str(form.get("next", "")), HOME)
    try:
        typed = forms.parse(Introduce, form)
        service.introduce(
            session,
            actor,
            age_group=typed.age_group,
            birth_year=typed.birth_year,
            consents=typed.consents,
            nickname=typed.nickname,
        )
    except Invalid as refused:
        session.rollback()
        return _ask_age(request, actor.name, next_path, refused=refused, typed=forms.texts(form))
    assert actor.id is not None
    waits = queries.profile_of(session, actor.id).standing is Standing.WAITING
    return RedirectResponse("/account/guardian" if waits else way_on(request, next_path), HTTPStatus.SEE_OTHER)


@router.get("/guardian")
def guardian_page(request: Request, session: SessionDep, actor: ResidentDep) -> Response:
    """Ask for the guardian's number, then for the digits that went there."""
    assert actor.id is not None
    if queries.profile_of(session, actor.id).standing is not Standing.WAITING:
        return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)
    return _ask_guardian(request, session)


@router.post("/guardian/codes", dependencies=[limited("account")])
def ask_guardian(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Send six digits to the guardian."""
    try:
        typed = forms.parse(AskCode, form)
        mark = service.request_guardian_code(
            session, actor, typed.phone, network=client_network(request), language=browsers.language_of(request)
        )
    except (Invalid, TooMany) as refused:
        session.rollback()
        return _ask_guardian(request, session, refused=refused)
    browsers.remember_asking(request, CodePurpose.GUARDIAN, mark)
    return RedirectResponse("/account/guardian", HTTPStatus.SEE_OTHER)


@router.post("/guardian", dependencies=[limited("account")])
def confirm_guardian(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Note the guardian's agreement."""
    mark = browsers.asked_from(request, CodePurpose.GUARDIAN)
    if form.get("agreed") != "yes":
        return _ask_guardian(request, session, refused=Invalid(N_("Only with the guardian's agreement.")))
    if not service.confirm_guardian(session, actor, browser=mark, code=_code(form)):
        return _ask_guardian(request, session, refused=Invalid(CODE_REFUSED))
    browsers.forget_asking(request, CodePurpose.GUARDIAN)
    return RedirectResponse(way_on(request, HOME), HTTPStatus.SEE_OTHER)


def way_on(request: Request, next_path: str) -> str:
    """Return where a sign-in ends: where it was going, by way of the question whose this device's history is."""
    return f"{DEVICE_PATH}?next={quote(next_path)}" if kept.ids_of(request) else next_path


def _code(form: FormDep) -> str:
    try:
        return forms.parse(EnterCode, form).code
    except forms.FormRefused:
        return ""


def told(request: Request, refused: Invalid | TooMany | None) -> Mapping[str, str]:
    """Return what is wrong, by field, in the reader's language."""
    lang = preferences_of(request).lang
    if refused is None:
        return {}
    if isinstance(refused, TooMany) and not isinstance(refused, BudgetSpent):
        minutes = -(-refused.retry_after // MINUTE)
        hours = -(-refused.retry_after // HOUR)
        soon = refused.retry_after <= HOUR
        return {"phone": translate(lang, WAIT_MINUTES if soon else WAIT_HOURS, minutes=minutes, hours=hours)}
    return fields_of(lang, refused)


def _headers(refused: Invalid | TooMany | None) -> Mapping[str, str]:
    return PRIVATE | ({"Retry-After": str(refused.retry_after)} if isinstance(refused, TooMany) else {})


def _ask_number(request: Request, next_path: str | None, *, refused: Invalid | TooMany | None = None) -> Response:
    return render(
        request,
        "account/sign_in.html",
        status=status_of(refused),
        headers=_headers(refused),
        tab="me",
        path=SIGN_IN_PATH,
        errors=told(request, refused),
        next_path=own_path(next_path, HOME),
    )


def _ask_digits(request: Request, session: SessionDep, next_path: str | None, *, error: str | None = None) -> Response:
    mark = browsers.asked_from(request, CodePurpose.SIGN_IN)
    return render(
        request,
        "account/code.html",
        status=HTTPStatus.UNAUTHORIZED if error else HTTPStatus.OK,
        headers=PRIVATE,
        tab="me",
        path=CODE_PATH,
        errors={"code": translate(preferences_of(request).lang, error)} if error else {},
        next_path=own_path(next_path, HOME),
        phone=codes.shown_phone(session, mark, CodePurpose.SIGN_IN),
        minutes=int(CODE_LIFE.total_seconds()) // MINUTE,
    )


def _ask_age(
    request: Request,
    nickname: str,
    next_path: str | None,
    *,
    refused: Invalid | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    this_year = clock.today().year
    return render(
        request,
        "account/welcome.html",
        status=status_of(refused),
        headers=PRIVATE,
        tab="me",
        path=WELCOME_PATH,
        errors=told(request, refused),
        next_path=own_path(next_path, HOME),
        typed=typed or {},
        nickname=nickname,
        years=range(this_year - YOUNGEST, this_year - rules.OF_AGE - 1, -1),
        guarded_from=this_year - rules.GUARDED_BELOW,
        agreements=[(one.value, AGREEMENTS[one]) for one in (Purpose.ACCOUNT, *rules.OPTIONAL)],
    )


def _ask_guardian(request: Request, session: SessionDep, *, refused: Invalid | TooMany | None = None) -> Response:
    mark = browsers.asked_from(request, CodePurpose.GUARDIAN)
    return render(
        request,
        "account/guardian.html",
        status=status_of(refused),
        headers=_headers(refused),
        tab="me",
        path="/account/guardian",
        errors=told(request, refused),
        phone=codes.shown_phone(session, mark, CodePurpose.GUARDIAN),
        agreement=AGREEMENTS[Purpose.GUARDIAN],
    )
