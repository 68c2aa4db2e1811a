"""Signing in and out of the bureau."""

from http import HTTPStatus

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.accounts import service
from backend.accounts.guards import SIGN_IN_PATH, STEP_UP_FIELD, STEP_UP_PATH, StaffDep, step_up
from backend.accounts.schemas import SignIn
from backend.core.db import SessionDep
from backend.core.errors import N_
from backend.web import forms, sessions
from backend.web.addresses import client_address
from backend.web.csrf import FormGuard
from backend.web.errors import DESK_PATH
from backend.web.forms import FormDep
from backend.web.ratelimit import limit, limited
from backend.web.redirects import own_path
from backend.web.sessions import Audience
from backend.web.templates import render

router = APIRouter(dependencies=[FormGuard], include_in_schema=False)

QUEUE_PATH = "/bureau"
REFUSED = N_("That did not work. Check the login, the password and the six digits, which change every 30 seconds.")
CLEAR_EVERYTHING = '"cache", "storage", "cookies"'


@router.get(SIGN_IN_PATH)
def sign_in_page(request: Request, next: str | None = None) -> Response:  # noqa: A002 -- the name in the address
    """Show the form."""
    return _page(request, next_path=next)


@router.post(SIGN_IN_PATH, dependencies=[limited("sign_in_address")])
def sign_in(request: Request, session: SessionDep, form: FormDep) -> Response:
    """Check login, password and code; start a session or say that it did not work, and never why."""
    typed = _typed(form)
    if typed is None:
        return _page(request, refused=REFUSED, status=HTTPStatus.UNAUTHORIZED)
    limit("sign_in", f"{typed.login.strip().lower()}|{client_address(request)}")
    actor = service.sign_in(session, login=typed.login, password=typed.password, code=typed.code)
    if actor is None:
        return _page(request, next_path=typed.next, refused=REFUSED, status=HTTPStatus.UNAUTHORIZED)
    sessions.start(session, request, Audience.STAFF, owner_id=actor.id)
    wanted = _bureau_path(typed.next)
    return RedirectResponse(actor.desk if wanted == QUEUE_PATH else wanted, HTTPStatus.SEE_OTHER)


@router.post(STEP_UP_PATH)
def show_code_again(request: Request, actor: StaffDep, form: FormDep) -> Response:
    """Take the code for a page or file, and lead to it; a file is fetched from the page on which it stands."""
    step_up(request, actor, str(form.get(STEP_UP_FIELD, "")))
    wanted = _bureau_path(str(form.get("next", "")))
    parent, _, last = wanted.rpartition("/")
    return RedirectResponse(parent if "." in last else wanted, HTTPStatus.SEE_OTHER)


@router.get(DESK_PATH)
def own_desk(actor: StaffDep) -> Response:
    """Lead to where the actor's work begins: for pages that do not know who reads them."""
    return RedirectResponse(actor.desk, HTTPStatus.SEE_OTHER)


@router.post("/bureau/sign-out")
def sign_out(request: Request, session: SessionDep) -> Response:
    """End the session here and wipe what the browser kept."""
    sessions.end(session, request, Audience.STAFF)
    return RedirectResponse(SIGN_IN_PATH, HTTPStatus.SEE_OTHER, headers={"Clear-Site-Data": CLEAR_EVERYTHING})


def _typed(form: FormDep) -> SignIn | None:
    try:
        return forms.parse(SignIn, form)
    except forms.FormRefused:
        return None


def _bureau_path(text: str | None) -> str:
    path = own_path(text, QUEUE_PATH)
    return path if path == QUEUE_PATH or path.startswith(QUEUE_PATH + "/") else QUEUE_PATH


def _page(
    request: Request, *, next_path: str | None = None, refused: str | None = None, status: int = HTTPStatus.OK
) -> Response:
    return render(request, "bureau/sign_in.html", status=status, refused=refused, next_path=_bureau_path(next_path))
