"""The desk's pages: the queue, one case, its steps, and the photos; each route says in its signature what it demands."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from backend.accounts import guards
from backend.accounts.guards import (
    MayAnswerCases,
    MayDecideCases,
    MayMoveCases,
    MayReadCases,
    MayReadPhotos,
    MayReferCases,
)
from backend.audit import service as audit
from backend.bureau import case_page, search_page, steps, views
from backend.bureau.filters import QUEUE, QueueQuery, read_key
from backend.cases import queries
from backend.cases.errors import CaseUnknown, NothingToSearch
from backend.cases.rules import State, Step
from backend.cases.schemas import AskReporter, MoveCase, QueueFilter, TakeStep
from backend.cities import city
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Conflict, Invalid, NotFound
from backend.media.routes import photo_answer
from backend.media.rules import SIZES
from backend.web import forms
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.pagination import DEFAULT_PAGE
from backend.web.preferences import preferences_of
from backend.web.templates import render

router = APIRouter(prefix=QUEUE, dependencies=[FormGuard], include_in_schema=False)

LARGE = max(SIZES)
PRIVATE = {"Cache-Control": "no-store"}


@router.get("")
def queue(
    request: Request, session: SessionDep, actor: MayReadCases, query: Annotated[QueueQuery, Query()]
) -> Response:
    """Show one page of the officer's cases: what is most urgent first."""
    wanted = query.wanted(city(), actor)
    page = queries.queue(session, actor, wanted, query.key, backwards=query.is_backwards, limit=DEFAULT_PAGE)
    waiting = queries.waiting(session, actor)
    shown = views.queue(city(), preferences_of(request).lang, actor, query, page, waiting)
    return render(request, "bureau/queue.html", headers=PRIVATE, actor=actor, queue=shown)


@router.get("/next")
def next_case(session: SessionDep, actor: MayReadCases, after: str | None = None) -> Response:
    """Go to the case whose deadline comes first, of those that wait for a decision if there are any."""
    for wanted in (QueueFilter(state=State.RECEIVED), QueueFilter()):
        page = queries.queue(session, actor, wanted, read_key(after), backwards=False, limit=1)
        if page.rows:
            return _see_other(page.rows[0].case.number)
    return RedirectResponse(QUEUE, HTTPStatus.SEE_OTHER)


@router.get("/search")
def search(
    request: Request, session: SessionDep, actor: MayReadCases, q: str = "", after: str | None = None
) -> Response:
    """Show the cases that a question finds, the one case for its number; that somebody looked is recorded."""
    asked, refused, found = q.strip(), None, None
    if asked:
        try:
            found = search_page.find(session, actor, asked, after)
        except NothingToSearch as no_question:
            refused = no_question
    if found and (number := found.only(asked)):
        return _see_other(number)
    return search_page.show(request, actor, asked, found, refused)


@router.get("/cases/{number}")
def case(request: Request, session: SessionDep, actor: MayReadCases, number: str, done: str = "") -> Response:
    """Show one case; that it was read is recorded."""
    return case_page.show(request, actor, steps.read_case(session, actor, number), done=done)


@router.post("/cases/{number}/accept")
def accept(request: Request, session: SessionDep, actor: MayDecideCases, form: FormDep, number: str) -> Response:
    """Accept a case: it is ours to look into."""
    return _take(request, session, actor, form, number, Step.ACCEPT)


@router.post("/cases/{number}/decline")
def decline(request: Request, session: SessionDep, actor: MayDecideCases, form: FormDep, number: str) -> Response:
    """Turn a case away, with the reason and who can help instead."""
    return _take(request, session, actor, form, number, Step.DECLINE)


@router.post("/cases/{number}/refer")
def refer(request: Request, session: SessionDep, actor: MayReferCases, form: FormDep, number: str) -> Response:
    """Pass a case on to the body in charge."""
    return _take(request, session, actor, form, number, Step.REFER)


@router.post("/cases/{number}/investigate")
def investigate(request: Request, session: SessionDep, actor: MayDecideCases, form: FormDep, number: str) -> Response:
    """Note that someone goes and looks."""
    return _take(request, session, actor, form, number, Step.INVESTIGATE)


@router.post("/cases/{number}/finding")
def finding(request: Request, session: SessionDep, actor: MayDecideCases, form: FormDep, number: str) -> Response:
    """Write down what was found."""
    return _take(request, session, actor, form, number, Step.FINDING)


@router.post("/cases/{number}/close")
def close(request: Request, session: SessionDep, actor: MayAnswerCases, form: FormDep, number: str) -> Response:
    """Close a case with the answer to its reporters."""
    return _take(request, session, actor, form, number, Step.CLOSE)


@router.post("/cases/{number}/reopen")
def reopen(request: Request, session: SessionDep, actor: MayDecideCases, form: FormDep, number: str) -> Response:
    """Open an ended case again."""
    return _take(request, session, actor, form, number, Step.REOPEN)


@router.post("/cases/{number}/messages")
def ask(request: Request, session: SessionDep, actor: MayAnswerCases, form: FormDep, number: str) -> Response:
    """Write to the reporters, or to one of them by rank."""
    try:
        steps.ask(session, actor, number, forms.parse(AskReporter, form))
    except Invalid as refused:
        return _again(request, session, actor, form, number, case_page.Refused(steps.ASK, refused))
    return _see_other(number, steps.ASK)


@router.post("/cases/{number}/move")
def move(request: Request, session: SessionDep, actor: MayMoveCases, form: FormDep, number: str) -> Response:
    """Hand a case to another county."""
    try:
        steps.move(session, actor, number, forms.parse(MoveCase, form))
    except (Conflict, Invalid) as refused:
        return _again(request, session, actor, form, number, case_page.Refused(steps.MOVE, refused))
    return _see_other(number, steps.MOVE)


@router.get("/photos/{photo_id}/{size}")
def photo(session: SessionDep, actor: MayReadPhotos, photo_id: UUID, size: int) -> Response:
    """Hand out a picture of one of the officer's cases; looking at the large one is recorded."""
    try:
        found = queries.photo(session, actor, photo_id)
    except CaseUnknown:
        guards.note_denied(session, actor, "photo", f"photo:{photo_id}")
        raise
    if size not in SIZES:
        raise NotFound
    if size == LARGE:
        audit.record(session, actor, "photo_read", f"photo:{photo_id}")
    return photo_answer(found, size)


def _take(request: Request, session: SessionDep, actor: Actor, form: FormDep, number: str, step: Step) -> Response:
    try:
        steps.take(session, actor, number, step, forms.parse(TakeStep, form))
    except (Conflict, Invalid) as refused:
        return _again(request, session, actor, form, number, case_page.Refused(step.value, refused))
    if form.get("then") == "next":
        return RedirectResponse(f"{QUEUE}/next", HTTPStatus.SEE_OTHER)
    return _see_other(number, step.value)


def _again(
    request: Request, session: SessionDep, actor: Actor, form: FormDep, number: str, refused: case_page.Refused
) -> Response:
    """Show the case as it is now, with the sentence on top and everything that was typed still in its place."""
    steps.note_refusal(session, actor, number, refused.step, refused.error)
    sheet = steps.look_at(session, actor, number)
    return case_page.show(request, actor, sheet, refused=refused, typed=forms.texts(form))


def _see_other(number: str, done: str = "") -> Response:
    address = f"{QUEUE}/cases/{number}"
    return RedirectResponse(f"{address}?done={done}" if done else address, HTTPStatus.SEE_OTHER)
