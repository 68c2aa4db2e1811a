"""After a sign-in: what this phone holds from before, and whose it is. A shared phone is thought of; nothing moves unasked."""

from http import HTTPStatus
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from backend.accounts.residents import kept, parts, queries, service
from backend.accounts.residents.errors import NothingTicked
from backend.accounts.residents.guards import ResidentDep
from backend.accounts.residents.parts import Held
from backend.accounts.residents.routes import DEVICE_PATH, HOME, PRIVATE
from backend.accounts.residents.rules import FOREIGN_LIFE, KEPT_LIFE
from backend.accounts.residents.schemas import DeviceForm
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Conflict, DomainError, Forbidden, Invalid
from backend.web import forms, sessions
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of
from backend.web.ratelimit import limited
from backend.web.redirects import own_path
from backend.web.refusals import sentence_of, status_of
from backend.web.sessions import Audience
from backend.web.templates import render

router = APIRouter(prefix=DEVICE_PATH, dependencies=[FormGuard], include_in_schema=False)

MOST_TOLD = 99


class Outcome(BaseModel):
    """What the address of the last page says: it changes nothing, and is told as it stands."""

    done: Literal["take", "leave", "foreign"] | None = None
    count: int = Field(default=0, ge=0, le=MOST_TOLD)
    full: int = Field(default=0, ge=0, le=MOST_TOLD)


NO_OUTCOME = Outcome()


@router.get("")
def device(
    request: Request,
    session: SessionDep,
    actor: ResidentDep,
    outcome: Annotated[Outcome, Depends()],
    next: str | None = None,  # noqa: A002 -- the name in the address
) -> Response:
    """Show what this phone holds, and ask; or say what has become of it."""
    held = _held(request, session)
    if not held and outcome.done is None and next is not None:
        # On the way in there is nothing to ask about: it was taken over elsewhere, or its time has passed.
        kept.forget(request, kept.ids_of(request))
        return RedirectResponse(own_path(next, HOME), HTTPStatus.SEE_OTHER)
    return _page(request, session, actor, own_path(next, HOME), outcome=outcome)


@router.post("", dependencies=[limited("account")])
def decide(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Take the ticked things over, leave all of them here, or say that the phone is somebody else's."""
    next_path = own_path(str(form.get("next", "")), HOME)
    try:
        typed = forms.parse(DeviceForm, form)
        count, full = _take(request, session, actor, typed.ids) if typed.choice == "take" else (0, 0)
    except (Conflict, Forbidden, Invalid) as refused:
        session.rollback()
        return _page(request, session, actor, next_path, refused=refused)
    if typed.choice == "foreign":
        sessions.shorten(session, request, Audience.RESIDENT, FOREIGN_LIFE)
    kept.note_answer(request)
    there = f"{DEVICE_PATH}?done={typed.choice}&count={count}&full={full}&next={quote(next_path)}"
    return RedirectResponse(there, HTTPStatus.SEE_OTHER)


def _take(request: Request, session: Session, actor: Actor, ids: list[UUID]) -> tuple[int, int]:
    """Return how many of the ticked things are the resident's now, and how many wait on because a cap was full."""
    if not ids:
        raise NothingTicked
    carried = service.carry_over(session, actor, ids)
    waiting = {one.id for one in _held(request, session)}
    kept.forget(request, set(kept.ids_of(request)) - waiting)
    return len(carried.taken | carried.before), len(waiting & set(ids))


def _held(request: Request, session: Session) -> list[Held]:
    return parts.held(session, kept.ids_of(request), preferences_of(request).lang)


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    next_path: str,
    *,
    outcome: Outcome = NO_OUTCOME,
    refused: DomainError | None = None,
) -> Response:
    assert actor.id is not None
    profile = queries.profile_of(session, actor.id)
    return render(
        request,
        "account/device.html",
        status=status_of(refused),
        headers=PRIVATE,
        tab="me",
        path=DEVICE_PATH,
        held=_held(request, session),
        nickname=profile.nickname,
        may_earn=profile.may_earn,
        next_path=next_path,
        outcome=outcome,
        days=KEPT_LIFE.days,
        hours=int(FOREIGN_LIFE.total_seconds()) // 3600,
        error=sentence_of(preferences_of(request).lang, refused),
    )
