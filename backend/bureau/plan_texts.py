"""The desk's pages for an official text: read in, each find decided, made a draft."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlmodel import Session

from backend.accounts.guards import MayEditPlan
from backend.bureau.plan_forms import CHOICES
from backend.cities.plan import DueBasis, Operator
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Conflict, DomainError, Invalid
from backend.plan import queries
from backend.plan.models import PlanImport
from backend.plan.reading.errors import EmptyFile
from backend.plan.schemas import DecideFind
from backend.plan.service import importing
from backend.web import forms
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import Lang, preferences_of
from backend.web.refusals import sentence_of, status_of
from backend.web.templates import render, translate

PATH = "/bureau/plan/texts"
PRIVATE = {"Cache-Control": "no-store"}
CONTEXT = 40
"""Letters shown before and behind a find."""

router = APIRouter(prefix=PATH, dependencies=[FormGuard], include_in_schema=False)


@dataclass(frozen=True)
class FindView:
    """A find in its place, as it was read or as an editor left it."""

    index: int
    article: int | None
    before: str
    quote: str
    after: str
    is_sure: bool
    wish: str
    values: dict[str, str]


@router.get("")
def listed(request: Request, session: SessionDep, actor: MayEditPlan) -> Response:
    """Show the texts that were read in, and ask for another one."""
    return _list_page(request, session, actor)


def _list_page(request: Request, session: Session, actor: Actor, refused: DomainError | None = None) -> Response:
    return render(
        request,
        "bureau/plan/texts.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        texts=[(one, importing.undecided(one)) for one in queries.imports(session)],
        refused=sentence_of(preferences_of(request).lang, refused),
    )


@router.post("")
def read_in(request: Request, session: SessionDep, actor: MayEditPlan, form: FormDep) -> Response:
    """Read a file; what is no plan is refused with one sentence, and nothing of it is kept."""
    try:
        content, name = forms.file_in(form, "file"), forms.file_name(form, "file")
        if not content:
            raise EmptyFile
        kept = importing.keep(session, actor, name, content)
    except Invalid as refused:
        session.rollback()
        return _list_page(request, session, actor, refused)
    return RedirectResponse(f"{PATH}/{kept.id}", HTTPStatus.SEE_OTHER)


@router.get("/{import_id}")
def review(request: Request, session: SessionDep, actor: MayEditPlan, import_id: UUID) -> Response:
    """Show every find in its place, to be accepted, corrected or rejected."""
    return _review_page(request, session, actor, import_id)


def _review_page(
    request: Request, session: Session, actor: Actor, import_id: UUID, refused: DomainError | None = None
) -> Response:
    lang, kept = preferences_of(request).lang, importing.imported(session, import_id)
    return render(
        request,
        "bureau/plan/text.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        kept=kept,
        finds=[_find(kept, index, one) for index, one in enumerate(kept.reading["candidates"])],
        undecided=importing.undecided(kept),
        operators=_choices(lang, Operator),
        bases=_choices(lang, DueBasis),
        refused=sentence_of(lang, refused),
    )


def _choices(lang: Lang, of: Any) -> list[tuple[str, str]]:
    return [(one.value, translate(lang, CHOICES[one.value])) for one in of]


def _find(kept: PlanImport, index: int, one: dict[str, Any]) -> FindView:
    decided = kept.decisions.get(str(index), {})
    values = {name: str(decided.get(name, one.get(name)) or "") for name in DecideFind.model_fields}
    start, end = one["start"], one["end"]
    return FindView(
        index=index,
        article=one["article"],
        before=kept.text[max(0, start - CONTEXT) : start].replace("\n", " "),
        quote=one["quote"],
        after=kept.text[end : end + CONTEXT].replace("\n", " "),
        is_sure=one["is_sure"],
        wish=decided.get("wish", ""),
        values=values,
    )


@router.post("/{import_id}/finds/{index}")
def decide(
    request: Request, session: SessionDep, actor: MayEditPlan, form: FormDep, import_id: UUID, index: int
) -> Response:
    """Accept a find as it is or as it was corrected, or reject it."""
    try:
        importing.decide(session, actor, import_id, index, forms.parse(DecideFind, form))
    except ValidationError:
        session.rollback()
        return _review_page(request, session, actor, import_id, Invalid(forms.WRONG))
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _review_page(request, session, actor, import_id, refused)
    return RedirectResponse(f"{PATH}/{import_id}#find-{index + 1}", HTTPStatus.SEE_OTHER)


@router.post("/{import_id}/draft")
def make_draft(request: Request, session: SessionDep, actor: MayEditPlan, form: FormDep, import_id: UUID) -> Response:
    """Make a draft of a text whose finds are all decided."""
    del form
    try:
        draft = importing.make_draft(session, actor, import_id)
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _review_page(request, session, actor, import_id, refused)
    return RedirectResponse(f"/bureau/plan/drafts/{draft.id}", HTTPStatus.SEE_OTHER)
