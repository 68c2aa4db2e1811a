"""我的: the account as its owner sees it, what was agreed to, where one is signed in, taking the data along, leaving."""

import json
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from backend.accounts.residents import browsers, own_data, parts, queries, rules, service
from backend.accounts.residents.guards import SIGN_IN_PATH, ResidentDep
from backend.accounts.residents.routes import HOME, PRIVATE, WELCOME_PATH, told
from backend.accounts.residents.rules import Purpose, Standing
from backend.accounts.residents.schemas import ChooseConsent, Rename
from backend.accounts.residents.texts import AGREEMENTS, DEVICES, EXPORT_WORDS
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Invalid
from backend.web import forms, sessions
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of, remember
from backend.web.ratelimit import limited
from backend.web.refusals import status_of
from backend.web.sessions import Audience
from backend.web.templates import render

router = APIRouter(prefix="/account", dependencies=[FormGuard], include_in_schema=False)

MOST_SHOWN = 20
"""Of a long list the page shows so many; all of it is in the file."""
LEFT = {"Clear-Site-Data": '"cache"', **PRIVATE}
"""Pages are wiped; receipts and drafts stay on the phone, because nobody could tell them again."""


@router.get("")
def account(request: Request, session: SessionDep, actor: ResidentDep) -> Response:
    """Show the account; one that is new is finished first."""
    return _account(request, session, actor)


@router.post("/name", dependencies=[limited("account")])
def rename(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Take another nickname and language; the pages follow the language."""
    try:
        typed = forms.parse(Rename, form)
        service.rename(session, actor, typed.nickname, typed.language)
    except Invalid as refused:
        session.rollback()
        return _account(request, session, actor, refused=refused)
    back = RedirectResponse(HOME, HTTPStatus.SEE_OTHER)
    if typed.language:
        wanted = preferences_of(request).changed({"lang": typed.language.value})
        remember(back, wanted, secure=request.url.scheme == "https")
    return back


@router.post("/consents", dependencies=[limited("account")])
def choose_consent(session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Agree to something, or take it back."""
    typed = forms.parse(ChooseConsent, form)
    service.choose_consent(session, actor, typed.purpose, given=typed.given)
    return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)


@router.post("/sign-out")
def sign_out(request: Request, session: SessionDep) -> Response:
    """Sign this browser out."""
    browsers.end_session(session, request)
    return RedirectResponse(SIGN_IN_PATH, HTTPStatus.SEE_OTHER, headers=LEFT)


@router.post("/sign-out-everywhere")
def sign_out_everywhere(request: Request, session: SessionDep, actor: ResidentDep) -> Response:
    """Sign every browser out."""
    service.sign_out_everywhere(session, actor)
    browsers.end_session(session, request)
    return RedirectResponse(SIGN_IN_PATH, HTTPStatus.SEE_OTHER, headers=LEFT)


@router.get("/export", dependencies=[limited("read")])
def export_page(request: Request, session: SessionDep, actor: ResidentDep) -> Response:
    """Say in words what is kept, to be read; the file holds the same to the last line."""
    return render(
        request,
        "account/export.html",
        headers=PRIVATE,
        tab="me",
        parts=own_data.told(own_data.export(session, actor)),
        words=EXPORT_WORDS,
        most=MOST_SHOWN,
    )


@router.get("/export.json", dependencies=[limited("read")])
def export_file(session: SessionDep, actor: ResidentDep) -> Response:
    """Give everything that is kept as a file."""
    content = json.dumps(own_data.export(session, actor), ensure_ascii=False, indent=1)
    named = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return Response(content, media_type="application/json", headers=PRIVATE | named)


@router.get("/delete")
def delete_page(request: Request, actor: ResidentDep) -> Response:
    """Say what goes and what stays, before it is done."""
    return render(request, "account/delete.html", headers=PRIVATE, tab="me", nickname=actor.name, errors={})


@router.post("/delete")
def delete(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Delete the account once it was confirmed."""
    if form.get("confirmed") != "yes":
        return RedirectResponse("/account/delete", HTTPStatus.SEE_OTHER)
    service.delete(session, actor)
    browsers.end_session(session, request)
    return RedirectResponse("/account/deleted", HTTPStatus.SEE_OTHER, headers=LEFT)


@router.get("/deleted")
def deleted_page(request: Request) -> Response:
    """Say goodbye."""
    return render(request, "account/deleted.html", headers=PRIVATE, tab="me")


def _account(request: Request, session: SessionDep, actor: Actor, *, refused: Invalid | None = None) -> Response:
    assert actor.id is not None
    profile = queries.profile_of(session, actor.id)
    if profile.standing is Standing.NEW:
        return RedirectResponse(WELCOME_PATH, HTTPStatus.SEE_OTHER)
    here, lang = sessions.presented(request, Audience.RESIDENT), preferences_of(request).lang
    return render(
        request,
        "account/account.html",
        status=status_of(refused),
        headers=PRIVATE,
        tab="me",
        path=HOME,
        errors=told(request, refused),
        profile=profile,
        news=[tell(session, profile.id, lang) for tell in parts.tellers()],
        agreements=[(one.value, AGREEMENTS[one], profile.consents.get(one)) for one in rules.OPTIONAL],
        guardian_since=profile.consents.get(Purpose.GUARDIAN),
        sign_ins=[(DEVICES[one.device], one) for one in queries.sign_ins(session, profile.id, here)],
    )
