"""The daily quiz for residents: three questions by taps, and why where one was missed."""

from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel
from sqlmodel import Session
from starlette.datastructures import FormData

from backend.accounts.residents.guards import ResidentDep
from backend.activities import queries, quiz
from backend.activities.errors import BehaviourUnknown
from backend.activities.quiz import Graded
from backend.cities import city
from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.ids import new_id
from backend.web import forms
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of
from backend.web.ratelimit import limited
from backend.web.templates import render

PATH = "/green/quiz"
PRIVATE = {"Cache-Control": "no-store"}
ANSWER = "answer."

router = APIRouter(prefix=PATH, dependencies=[FormGuard], include_in_schema=False)


class QuizForm(BaseModel):
    """Under which id the entry is kept: the form sent twice is one entry."""

    id: UUID


@dataclass(frozen=True)
class QuestionView:
    """One question, told; after an answer with what was chosen, and why if it was missed."""

    code: str
    ask: str
    article: int
    choices: list[tuple[int, str]]
    chosen: int | None
    is_missed: bool
    why: str


@router.get("")
def ask(request: Request, session: SessionDep, actor: ResidentDep) -> Response:
    """Show today's questions."""
    return _page(request, session, actor)


@router.post("", dependencies=[limited("activity")])
def answer(request: Request, session: SessionDep, actor: ResidentDep, form: FormDep) -> Response:
    """Grade the answers."""
    entry_id, chosen = forms.parse(QuizForm, form).id, _chosen(form)
    graded = quiz.answer(session, city(), actor, entry_id, chosen)
    if graded.logged is None:
        return _page(request, session, actor, chosen, graded)
    if graded.logged.activity is None:
        return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)
    return RedirectResponse(f"/green/entries/{graded.logged.activity.id}", HTTPStatus.SEE_OTHER)


def _chosen(form: FormData) -> dict[str, int]:
    found = {name.removeprefix(ANSWER): value for name, value in forms.texts(form).items() if name.startswith(ANSWER)}
    return {code: int(value) for code, value in found.items() if value in {"1", "2", "3", "4"}}


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    chosen: dict[str, int] | None = None,
    graded: Graded | None = None,
) -> Response:
    here, lang, today = city(), preferences_of(request).lang, clock.today()
    behaviour = quiz.behaviour_of(here, today)
    if behaviour is None or actor.id is None:
        raise BehaviourUnknown
    chosen, is_full = chosen or {}, queries.uses(session, actor.id, [behaviour], today)[behaviour.code].is_full
    questions = [
        QuestionView(
            code=one.code,
            ask=one.ask(lang),
            article=one.article,
            choices=[(number, words(lang)) for number, words in enumerate(one.choices, 1)],
            chosen=chosen.get(one.code),
            is_missed=graded is not None and one.code in graded.missed,
            why=one.why(lang),
        )
        for one in quiz.questions_for(here, actor.id, today)
    ]
    return render(
        request,
        "green/quiz.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if graded and not is_full else HTTPStatus.OK,
        headers=PRIVATE,
        tab="green",
        heading=behaviour.name(lang),
        points=behaviour.points,
        is_full=is_full,
        questions=questions,
        missed=len(graded.missed) if graded else 0,
        entry_id=new_id(),
    )
