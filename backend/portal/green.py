"""Green behaviours for residents: nine tiles that log by one tap, the camera behind some, the entry with its undo."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import FormData, UploadFile

from backend.accounts.residents import kept
from backend.accounts.residents.guards import MaybeResident, ResidentDep
from backend.activities import booking, claiming, groups, intake, photos, queries, ranks, rules, service, settling
from backend.activities.schemas import Appeal, ChooseHome, LogActivity
from backend.cities import city
from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Invalid
from backend.media import service as media
from backend.portal import green_views, together, views
from backend.web import forms
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of
from backend.web.ratelimit import limited
from backend.web.templates import render, translate

PATH = "/green"
PRIVATE = {"Cache-Control": "no-store"}

# Imported for what they register: an account's own verbs reach activities through it.
ACCOUNT_PARTS = claiming

router = APIRouter(prefix=PATH, dependencies=[FormGuard], include_in_schema=False)


class LogForm(LogActivity):
    """The same from a form, which brings its token along."""

    model_config = ConfigDict(extra="ignore")


class Ids(BaseModel):
    """Which entries of this browser are meant."""

    ids: list[UUID]


@router.get("")
def index(request: Request, session: SessionDep, actor: MaybeResident, for_id: UUID | None = None) -> Response:
    """Show the nine tiles with what is done today, this week's leaves, and what everybody did together."""
    here, lang, today = city(), preferences_of(request).lang, clock.today()
    elders = groups.elders_of(session, actor) if actor else []
    resident_id = groups.owner_of(session, actor, for_id) if actor else None
    used = queries.uses(session, resident_id, here.behaviours(today), today)
    programme = here.green.programme
    weeks = []
    if resident_id is not None:
        days = queries.green_days(session, resident_id, rules.first_measured(today))
        weeks = rules.weeks(days, today, goal=programme.weekly_goal_days, rests=programme.rest_weeks)
    tiles, others = green_views.tiles(here, lang, used), green_views.others(here, lang, used)
    cameras = [one.code for one in [*tiles, *others] if one.way == "camera"] if resident_id else []
    return render(
        request,
        "green/index.html",
        headers=PRIVATE,
        tab="green",
        actor=actor,
        elders=elders,
        for_id=for_id if actor and resident_id != actor.id else None,
        tiles=tiles,
        others=others,
        tickets={code: photos.ticket_for(str(resident_id)).text for code in cameras},
        latest=[green_views.entry(here, lang, one) for one in queries.latest_of(session, resident_id, 3)]
        if resident_id
        else [],
        weeks=weeks,
        goal=programme.weekly_goal_days,
        kept=kept.to_ask_about(request),
        effect=together.effect(session, here, lang),
    )


@router.get("/do/{code}")
def behaviour(
    request: Request, session: SessionDep, actor: MaybeResident, code: str, for_id: UUID | None = None
) -> Response:
    """Show one behaviour: what it asks for and how much of it still counts, for oneself or for an elder."""
    return _behaviour_page(request, session, actor, code, for_id=for_id)


@router.post("/log", dependencies=[limited("activity")])
def log(request: Request, session: SessionDep, actor: MaybeResident, form: FormDep) -> Response:
    """Log what a tile stands for; before a sign-in it is kept for a week."""
    try:
        sent = forms.parse(LogForm, form)
        if actor is None:
            one = intake.log_before_sign_in(session, city(), sent)
            kept.remember(request, one.id)
            return RedirectResponse(f"{PATH}/kept", HTTPStatus.SEE_OTHER)
        logged = intake.log(session, city(), actor, _with_photo(session, sent, form))
    except Invalid as refused:
        session.rollback()
        code = str(form.get("behaviour", ""))
        return _behaviour_page(request, session, actor, code, refused, for_id=_id_or_none(form.get("for_id")))
    if logged.activity is None:
        whom = f"&for_id={sent.for_id}" if sent.for_id else ""
        return RedirectResponse(f"{PATH}/do/{sent.behaviour}?full=1{whom}", HTTPStatus.SEE_OTHER)
    return RedirectResponse(f"{PATH}/entries/{logged.activity.id}", HTTPStatus.SEE_OTHER)


@router.get("/kept")
def kept_page(request: Request) -> Response:
    """Say that what was tapped is kept, and how it becomes points."""
    return render(request, "green/kept.html", headers=PRIVATE, tab="green", count=len(kept.ids_of(request)))


@router.get("/entries/{activity_id}")
def entry(request: Request, session: SessionDep, actor: ResidentDep, activity_id: UUID) -> Response:
    """Show one entry: a little greener, or why not."""
    return _entry_page(request, session, actor, activity_id)


@router.post("/entries/{activity_id}/undo")
def undo(session: SessionDep, actor: ResidentDep, activity_id: UUID) -> Response:
    """Take an entry back."""
    service.undo(session, city(), actor, activity_id)
    return RedirectResponse(f"{PATH}/entries/{activity_id}", HTTPStatus.SEE_OTHER)


@router.post("/entries/{activity_id}/appeal")
def appeal(request: Request, session: SessionDep, actor: ResidentDep, activity_id: UUID, form: FormDep) -> Response:
    """Object to a refusal."""
    try:
        settling.appeal(session, city(), actor, activity_id, forms.parse(Appeal, _only(form, "words")))
    except Invalid as refused:
        return _entry_page(request, session, actor, activity_id, refused)
    return RedirectResponse(f"{PATH}/entries/{activity_id}", HTTPStatus.SEE_OTHER)


@router.get("/communities", dependencies=[limited("read")])
def communities(request: Request, session: SessionDep, actor: MaybeResident) -> Response:
    """Show what communities and schools did together; no person stands in a rank."""
    here, lang = city(), preferences_of(request).lang
    return render(
        request,
        "green/communities.html",
        headers=PRIVATE,
        tab="green",
        actor=actor,
        board=together.board(session, here, lang),
        home=queries.home_of(session, actor.id) if actor and actor.id else None,
        counties=views.county_options(here, lang),
        schools=[(one.code, one.name(lang)) for one in here.green.schools],
    )


@router.post("/home")
def choose_home(session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Count for a community from now on, or for none, which takes every trace out of the ranks."""
    if form.get("leave"):
        ranks.leave_home(session, actor)
    else:
        wanted = _only(form, "county_code", "township_code", "school")
        ranks.choose_home(session, city(), actor, forms.parse(ChooseHome, wanted))
    return RedirectResponse(f"{PATH}/communities", HTTPStatus.SEE_OTHER)


def _behaviour_page(
    request: Request,
    session: SessionDep,
    actor: Actor | None,
    code: str,
    refused: Invalid | None = None,
    *,
    for_id: UUID | None = None,
) -> Response:
    here, lang, today = city(), preferences_of(request).lang, clock.today()
    one = booking.find_behaviour(here, code, today)
    resident_id = groups.owner_of(session, actor, None if green_views.is_quiz(one) else for_id) if actor else None
    use = queries.uses(session, resident_id, [one], today)[one.code]
    told = (
        {"form": refused.text} | refused.fields
        if refused and not refused.fields
        else (refused.fields if refused else {})
    )
    params = refused.params if refused else {}
    return render(
        request,
        "green/behaviour.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        headers=PRIVATE,
        tab="green",
        actor=actor,
        elders=groups.elders_of(session, actor) if actor else [],
        for_id=for_id if actor and resident_id != actor.id else None,
        page=green_views.behaviour_page(one, lang, use),
        ticket=photos.ticket_for(str(resident_id)) if resident_id else None,
        errors={name: translate(lang, sentence, **params) for name, sentence in told.items()},
    )


def _entry_page(
    request: Request, session: SessionDep, actor: Actor, activity_id: UUID, refused: Invalid | None = None
) -> Response:
    lang = preferences_of(request).lang
    found = service.readable(session, actor, activity_id)
    shown = green_views.entry(city(), lang, found, queries.appeal_of(session, activity_id))
    error = translate(lang, refused.text) if refused else None
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render(request, "green/entry.html", status=status, headers=PRIVATE, tab="green", entry=shown, error=error)


def _with_photo(session: SessionDep, sent: LogActivity, form: FormData) -> LogActivity:
    """Take in the picture of a form, under the id of the page's ticket where it has one."""
    upload = form.get("photo")
    if not isinstance(upload, UploadFile) or not upload.filename:
        return sent
    ticket_id = (sent.ticket or "").partition(".")[0]
    try:
        photo_id = UUID(ticket_id)
    except ValueError:
        photo_id = rules.photo_id(sent.id)
    photo = media.take_in(session, photo_id, upload.file.read(), None)
    return sent.model_copy(update={"photo_ids": [photo.id]})


def _id_or_none(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def _only(form: FormData, *names: str) -> FormData:
    return FormData([(name, value) for name, value in form.multi_items() if name in names])
