"""At the point: the page behind the code on the screen, where one tap proves it or says "I am here"."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from backend.accounts.residents.guards import ResidentDep
from backend.activities import intake, queries, rules, sites, visits
from backend.activities.models import SiteVisit
from backend.activities.schemas import LogActivity
from backend.cities import city
from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Conflict, Invalid
from backend.portal import green_views
from backend.portal.green import PRIVATE, LogForm
from backend.web import forms
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of
from backend.web.ratelimit import limited
from backend.web.refusals import status_of
from backend.web.templates import render, translate

PATH = "/green/at"

router = APIRouter(prefix=PATH, dependencies=[FormGuard], include_in_schema=False)

CodeQuery = Annotated[str, Query(alias="c", max_length=20)]


@router.get("/{site_code}", dependencies=[limited("read")])
def at_site(
    request: Request, session: SessionDep, actor: ResidentDep, site_code: str, code: CodeQuery = ""
) -> Response:
    """Show what can be proven here, with the code that was scanned."""
    return _page(request, session, actor, site_code, code)


@router.post("/{site_code}", dependencies=[limited("activity")])
def prove(request: Request, session: SessionDep, actor: ResidentDep, site_code: str, form: FormDep) -> Response:
    """Log what the code proves; or say "I am here", so that the attendant can weigh it."""
    try:
        sent = forms.parse(LogForm, form).model_copy(update={"site": site_code})
        if form.get("weigh"):
            visit = visits.arrive(session, city(), actor, sent)
            return RedirectResponse(f"{PATH}/{site_code}/visits/{visit.id}", HTTPStatus.SEE_OTHER)
        logged = intake.log(session, city(), actor, _with_proof(sent))
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _page(request, session, actor, site_code, str(form.get("code", ""))[:20], refused)
    if logged.activity is None:
        return RedirectResponse(f"/green/do/{sent.behaviour}", HTTPStatus.SEE_OTHER)
    return RedirectResponse(f"/green/entries/{logged.activity.id}", HTTPStatus.SEE_OTHER)


@router.get("/{site_code}/visits/{visit_id}")
def visit_page(request: Request, session: SessionDep, actor: ResidentDep, site_code: str, visit_id: str) -> Response:
    """Say what to tell the attendant, until it is confirmed."""
    visit = visits.own(session, actor, visit_id)
    lang = preferences_of(request).lang
    if visit.ended_at is not None:
        return RedirectResponse(f"/green/entries/{visit.id}", HTTPStatus.SEE_OTHER)
    return render(
        request,
        "green/visit.html",
        headers=PRIVATE | {"Refresh": "8"},
        tab="green",
        nickname=actor.name,
        site=sites.find(session, site_code).name(lang),
        behaviour=_name_of(visit, lang),
        is_over=visit.at <= clock.now() - rules.VISIT_LIFE,
    )


def _page(
    request: Request,
    session: SessionDep,
    actor: Actor,
    site_code: str,
    code: str,
    refused: Conflict | Invalid | None = None,
) -> Response:
    here, lang, today = city(), preferences_of(request).lang, clock.today()
    site = sites.find(session, site_code)
    known = [one for one in here.behaviours(today) if sites.is_proven_at(one, site)]
    used = queries.uses(session, actor.id, known, today)
    weighed = {one.code for one in visits.weighed_at(here, site)}
    scanned = [one for one in known if rules.SITE_PROOFS & set(one.evidence)]
    return render(
        request,
        "green/at.html",
        status=status_of(refused),
        headers=PRIVATE,
        tab="green",
        site=site,
        site_name=site.name(lang),
        code=code,
        scanned=[green_views.tile_of(one, lang, used[one.code]) for one in scanned],
        weighed=[
            green_views.tile_of(one, lang, used[one.code])
            for one in known
            if one.code in weighed and one not in scanned
        ],
        error=translate(lang, refused.text, **refused.params) if refused else None,
    )


def _with_proof(sent: LogActivity) -> LogActivity:
    behaviour = city().behaviour(sent.behaviour, clock.today()) if sent.behaviour in _codes() else None
    evidence = next((kind for kind in behaviour.evidence if kind in rules.SITE_PROOFS), None) if behaviour else None
    return sent.model_copy(update={"evidence": evidence})


def _codes() -> set[str]:
    return {one.code for one in city().behaviours(clock.today())}


def _name_of(visit: SiteVisit, lang: str) -> str:
    return city().behaviour(visit.behaviour, clock.today()).name(lang)
