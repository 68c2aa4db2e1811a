"""The desk's pages about green titles: who applied, the two steps to a title, and its withdrawal."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from backend.accounts import guards
from backend.accounts.guards import MayReviewHonours
from backend.audit import service as audit
from backend.bureau.views import Choice
from backend.cities import City, city
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.honours import queries, service, wording
from backend.honours.models import HonourApplication
from backend.honours.rules import NEEDS_REASON, State, Step
from backend.honours.schemas import ApplicationSheet, Decide
from backend.web import forms
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.pagination import DEFAULT_PAGE, read_cursor, write_cursor
from backend.web.preferences import Lang, preferences_of
from backend.web.refusals import status_of
from backend.web.templates import render, translate

PATH = "/bureau/honours"
PRIVATE = {"Cache-Control": "no-store"}

router = APIRouter(prefix=PATH, dependencies=[FormGuard], include_in_schema=False)


@dataclass(frozen=True)
class Row:
    """One application in the queue."""

    id: UUID
    title: str
    icon: str
    name: str
    place: str
    applied_at: datetime
    met: int
    of: int
    state_word: str
    state_icon: str


@dataclass(frozen=True)
class AnswerView:
    """One criterion as it was checked when somebody applied."""

    text: str
    is_met: bool
    counted: int | None


@dataclass(frozen=True)
class EventView:
    """One change, told."""

    at: datetime
    who: str
    what: str
    reason: str


@dataclass(frozen=True)
class StepView:
    """One step that is possible now."""

    code: str
    word: str
    needs_reason: bool
    is_main: bool


@router.get("")
def listed(
    request: Request,
    session: SessionDep,
    actor: MayReviewHonours,
    state: State = State.APPLIED,
    after: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """Show the applications in a state, the longest waiting first."""
    lang, cursor = preferences_of(request).lang, read_cursor(after)
    key = (datetime.fromisoformat(cursor[0]), UUID(cursor[1])) if cursor else None
    found, following = queries.queue(session, state, key, DEFAULT_PAGE)
    mark = write_cursor(following[0].isoformat(), str(following[1])) if following else None
    return render(
        request,
        "bureau/honours/list.html",
        headers=PRIVATE,
        actor=actor,
        tabs=[
            Choice(translate(lang, word), f"{PATH}?state={one.value}", one is state, wording.ICONS[one])
            for one, word in wording.STATES.items()
        ],
        rows=[_row(city(), lang, one) for one in found],
        next=f"{PATH}?state={state.value}&after={mark}" if mark else None,
    )


@router.get("/{application_id}")
def one(
    request: Request, session: SessionDep, actor: MayReviewHonours, application_id: UUID, done: str = ""
) -> Response:
    """Show one application with the steps that are possible; that it was read is recorded."""
    sheet = queries.sheet(session, application_id)
    audit.record(session, actor, "honour_read", f"honour_application:{application_id}")
    return _page(request, actor, sheet, done=done)


@router.post("/{application_id}/{step}")
def take(
    request: Request, session: SessionDep, actor: MayReviewHonours, form: FormDep, application_id: UUID, step: Step
) -> Response:
    """Take one step."""
    try:
        service.take_step(session, city(), actor, application_id, step, forms.parse(Decide, form))
    except Forbidden as refused:
        guards.note_denied(session, actor, f"honour:{step.value}", f"honour_application:{application_id}")
        return _page(request, actor, queries.sheet(session, application_id), refused=refused)
    except (Conflict, Invalid) as refused:
        session.rollback()
        reason = str(form.get("reason", ""))
        return _page(request, actor, queries.sheet(session, application_id), refused=refused, reason=reason)
    return RedirectResponse(f"{PATH}/{application_id}?done={step.value}", HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    actor: Actor,
    sheet: ApplicationSheet,
    *,
    done: str = "",
    refused: Conflict | Invalid | Forbidden | None = None,
    reason: str = "",
) -> Response:
    lang = preferences_of(request).lang
    is_mine = sheet.application.proposed_by == actor.id
    return render(
        request,
        "bureau/honours/one.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        application=sheet.application,
        row=_row(city(), lang, sheet.application),
        answers=_answers(city(), lang, sheet.application),
        events=_events(lang, sheet),
        steps=[_step(lang, step) for step in sheet.steps if not (step is Step.GRANT and is_mine)],
        waits_for_another=is_mine and sheet.application.state is State.PROPOSED,
        done=bool(done) and refused is None,
        refused=translate(lang, refused.text, **refused.params) if refused else None,
        reason=reason,
    )


def _row(of_city: City, lang: Lang, one: HonourApplication) -> Row:
    honour = next((honour for honour in of_city.honours if honour.code == one.honour), None)
    codes = (one.county_code, one.township_code)
    return Row(
        id=one.id,
        title=honour.name(lang) if honour else one.honour,
        icon=honour.icon if honour else "medal",
        name=one.shown_name,
        place=(" " if lang == "zh" else ", ").join(of_city.division_name(code, lang) for code in codes if code),
        applied_at=one.applied_at,
        met=sum(bool(answer["is_met"]) for answer in one.answers),
        of=len(one.answers),
        state_word=translate(lang, wording.STATES[one.state]),
        state_icon=wording.ICONS[one.state],
    )


def _answers(of_city: City, lang: Lang, one: HonourApplication) -> list[AnswerView]:
    honour = next((honour for honour in of_city.honours if honour.code == one.honour), None)
    texts = {criterion.code: criterion.text(lang) for criterion in honour.criteria} if honour else {}
    return [
        AnswerView(texts.get(str(answer["code"]), str(answer["code"])), bool(answer["is_met"]), answer["counted"])
        for answer in one.answers
    ]


def _events(lang: Lang, sheet: ApplicationSheet) -> list[EventView]:
    return [
        EventView(event.at, event.actor_name, translate(lang, wording.EVENTS[event.action]), event.reason)
        for event in sheet.events
    ]


def _step(lang: Lang, step: Step) -> StepView:
    return StepView(
        step.value, translate(lang, wording.STEPS[step]), step in NEEDS_REASON, step in {Step.PROPOSE, Step.GRANT}
    )
