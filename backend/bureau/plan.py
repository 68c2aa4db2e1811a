"""The desk's room for the plan: drafts, values and lists of values, entries, and publishing them by two people."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from sqlmodel import Session

from backend.accounts.guards import MayEditPlan
from backend.bureau import plan_forms, plan_views
from backend.cities import city
from backend.cities.plan import ObservationStatus
from backend.core import clock, tables
from backend.core.actor import Actor, Permission
from backend.core.db import SessionDep
from backend.core.errors import Conflict, DomainError, Forbidden, Invalid
from backend.core.ids import new_id
from backend.plan import errors, listing, queries
from backend.plan.editions import Edition, entry_in_draft, preview, public_entry
from backend.plan.models import PlanSubmission
from backend.plan.rules import Kind, State, Step
from backend.plan.schemas import NewObservation, OpenSubmission, TakeOver
from backend.plan.service import drafting, publishing
from backend.web import forms
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep, FormRefused
from backend.web.preferences import Lang, preferences_of
from backend.web.refusals import fields_of, sentence_of, status_of
from backend.web.templates import render, translate

PATH = "/bureau/plan"
PRIVATE = {"Cache-Control": "no-store"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABS: dict[str, tuple[State, ...]] = {
    "open": (State.DRAFT, State.RETURNED),
    "waiting": (State.SUBMITTED, State.APPROVED),
    "published": (State.PUBLISHED,),
    "discarded": (State.DISCARDED,),
}
NEEDS_APPROVAL_RIGHT = frozenset({Step.APPROVE, Step.RETURN, Step.PUBLISH})

router = APIRouter(prefix=PATH, dependencies=[FormGuard], include_in_schema=False)


class Seen(BaseModel):
    """Which version of a draft a form was made from, and what its judge says."""

    model_config = ConfigDict(extra="ignore")

    version: int = Field(ge=1)
    answer: Annotated[str, StringConstraints(max_length=1000)] = ""


def _go(address: str) -> Response:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def _address(draft_id: UUID) -> str:
    return f"{PATH}/drafts/{draft_id}"


@router.get("")
def room(request: Request, session: SessionDep, actor: MayEditPlan, tab: str = "") -> Response:
    """Show the drafts of a tab, and which figures are due; who approves begins with what waits."""
    return _room(request, session, actor, tab)


def _room(
    request: Request, session: Session, actor: Actor, tab: str = "open", refused: DomainError | None = None
) -> Response:
    lang, waiting = preferences_of(request).lang, len(queries.submissions(session, TABS["waiting"]))
    first = "waiting" if waiting and actor.may(Permission.PLAN_APPROVE) else "open"
    chosen = tab if tab in TABS else first
    return render(
        request,
        "bureau/plan/room.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        tab=chosen,
        rows=[plan_views.row(session, lang, one) for one in queries.submissions(session, TABS[chosen])],
        waiting=waiting,
        due=plan_views.due(session, city(), lang, clock.today()),
        draft_id=new_id(),
        wrong=fields_of(lang, refused),
    )


@router.post("/drafts")
def begin(request: Request, session: SessionDep, actor: MayEditPlan, form: FormDep) -> Response:
    """Open a draft."""
    try:
        draft = drafting.begin(session, actor, forms.parse(OpenSubmission, form))
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _room(request, session, actor, refused=refused)
    return _go(_address(draft.id))


@router.get("/observations.csv")
def export_csv(session: SessionDep, actor: MayEditPlan) -> Response:
    """Hand out all public values in the shape that is taken in."""
    del actor
    return _file("observations.csv", "text/csv; charset=utf-8", listing.as_csv(queries.every_value(session)))


@router.get("/observations.xlsx")
def export_xlsx(session: SessionDep, actor: MayEditPlan) -> Response:
    """Hand out the same as a workbook."""
    del actor
    return _file("observations.xlsx", XLSX, listing.as_xlsx(queries.every_value(session)))


def _file(name: str, media_type: str, content: bytes) -> Response:
    return Response(
        content, media_type=media_type, headers={**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.get("/drafts/{draft_id}")
def one(request: Request, session: SessionDep, actor: MayEditPlan, draft_id: UUID) -> Response:
    """Show a draft with everything in it."""
    return _draft_page(request, session, actor, draft_id)


def _draft_page(
    request: Request,
    session: Session,
    actor: Actor,
    draft_id: UUID,
    refused: DomainError | None = None,
    given: dict[str, str] | None = None,
) -> Response:
    lang, draft = preferences_of(request).lang, queries.submission(session, draft_id)
    after = _plan_after(session, draft)
    return render(
        request,
        "bureau/plan/draft.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        draft=plan_views.draft(session, city(), lang, actor, draft),
        kinds=[(kind.value, plan_views.kind_word(lang, kind)) for kind in Kind],
        indicators=[(key, one.name(lang)) for key, one in after.indicators.items()] if after else [],
        areas=[(city().code, city().name(lang)), *((one.code, one.name(lang)) for one in city().counties)],
        sources=[(key, one.title) for key, one in after.sources.items()] if after else [],
        qualities=[(one.value, plan_views.quality_word(lang, one)) for one in ObservationStatus],
        given=given or {},
        wrong=fields_of(lang, refused),
        list_id=new_id(),
        may_judge=actor.may(Permission.PLAN_APPROVE),
    )


def _plan_after(session: Session, draft: PlanSubmission) -> Edition | None:
    try:
        return preview(session, draft)
    except errors.NothingPublished:
        return None


@router.post("/drafts/{draft_id}/steps/{step}")
def step(
    request: Request, session: SessionDep, actor: MayEditPlan, form: FormDep, draft_id: UUID, step: Step
) -> Response:
    """Hand in, approve, return, publish or throw away."""
    try:
        if step in NEEDS_APPROVAL_RIGHT and not actor.may(Permission.PLAN_APPROVE):
            raise errors.SecondPersonNeeded
        seen = forms.parse(Seen, form)
        publishing.take_step(session, actor, draft_id, step, version=seen.version, answer=seen.answer)
    except (Conflict, Invalid, Forbidden) as refused:
        session.rollback()
        return _draft_page(request, session, actor, draft_id, refused)
    return _go(_address(draft_id))


@router.post("/drafts/{draft_id}/rebase")
def keep_own(request: Request, session: SessionDep, actor: MayEditPlan, form: FormDep, draft_id: UUID) -> Response:
    """Keep what the draft says although somebody published another version meanwhile."""
    try:
        drafting.rebase(session, drafting.open_for_change(session, draft_id, forms.parse(Seen, form).version))
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _draft_page(request, session, actor, draft_id, refused)
    return _go(_address(draft_id))


# --- values ---


@router.post("/drafts/{draft_id}/values")
def add_value(request: Request, session: SessionDep, actor: MayEditPlan, form: FormDep, draft_id: UUID) -> Response:
    """Put one value into a draft."""
    given = forms.texts(form)
    try:
        draft = drafting.open_for_change(session, draft_id, forms.parse(Seen, form).version)
        value = _value(preferences_of(request).lang, given)
        _refuse_outside(_plan_after(session, draft), value)
        drafting.put_observations(session, actor, draft, [value])
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _draft_page(request, session, actor, draft_id, refused, given)
    return _go(f"{_address(draft_id)}#values")


def _refuse_outside(after: Edition | None, value: NewObservation) -> None:
    indicator = after.indicators.get(value.indicator) if after else None
    if indicator is None or not indicator.allows(value.value):
        raise Invalid(fields={"value": listing.OUT_OF_LIMITS})


def _value(lang: Lang, given: dict[str, str]) -> NewObservation:
    facts: dict[str, Any] = {name: given[name] for name in NewObservation.model_fields if given.get(name)}
    facts.setdefault("value", None)
    reasons = [*listing.of_number(given.get("value", "")), *listing.of_period(given.get("period", ""))]
    if reasons:
        raise FormRefused({one.column: translate(lang, one.text, **one.params) for one in reasons}, given)
    try:
        return NewObservation.model_validate(facts)
    except ValidationError as error:
        found = {str(one["loc"][0]) if one["loc"] else "value": "" for one in error.errors()}
        sentences = {name: listing.WRONG.get(name if name != "value" else "", forms.WRONG) for name in found}
        raise FormRefused(sentences, given) from None


@router.post("/drafts/{draft_id}/values/{value_id}/drop")
def drop_value(
    request: Request, session: SessionDep, actor: MayEditPlan, form: FormDep, draft_id: UUID, value_id: int
) -> Response:
    """Take a value out of a draft."""
    try:
        draft = drafting.open_for_change(session, draft_id, forms.parse(Seen, form).version)
        drafting.drop_observation(session, draft, value_id)
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _draft_page(request, session, actor, draft_id, refused)
    return _go(f"{_address(draft_id)}#values")


# --- entries ---


@router.get("/drafts/{draft_id}/entries/{kind}")
def choose(request: Request, session: SessionDep, actor: MayEditPlan, draft_id: UUID, kind: Kind) -> Response:
    """Ask which entry is to be changed, or whether a new one is written."""
    lang, draft = preferences_of(request).lang, queries.submission(session, draft_id)
    after = _plan_after(session, draft)
    return render(
        request,
        "bureau/plan/choose.html",
        headers=PRIVATE,
        actor=actor,
        draft=plan_views.row(session, lang, draft),
        kind=kind.value,
        kind_word=plan_views.kind_word(lang, kind),
        entries=plan_views.entries_of(after, kind, lang) if after else [],
    )


@router.get("/drafts/{draft_id}/entries/{kind}/{key}")
def entry_form(
    request: Request, session: SessionDep, actor: MayEditPlan, draft_id: UUID, kind: Kind, key: str
) -> Response:
    """Show the form of an entry as it would be public; `new` is an empty one."""
    draft = queries.submission(session, draft_id)
    known = entry_in_draft(session, draft, kind, key)
    given = plan_forms.texts_of(known, "" if key == "new" else key)
    return _entry_page(request, session, actor, draft, kind, key, given)


def _entry_page(  # noqa: PLR0913, PLR0917 -- who asks, which entry, and what to show of it
    request: Request,
    session: Session,
    actor: Actor,
    draft: PlanSubmission,
    kind: Kind,
    key: str,
    given: dict[str, Sequence[str]],
    refused: DomainError | None = None,
) -> Response:
    lang = preferences_of(request).lang
    wrong = refused.fields if isinstance(refused, Invalid) else {}
    return render(
        request,
        "bureau/plan/entry.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        draft=plan_views.row(session, lang, draft),
        version=draft.version,
        kind=kind.value,
        kind_word=plan_views.kind_word(lang, kind),
        key=key,
        fields=plan_forms.fields(city(), _plan_after(session, draft), lang, kind, given, wrong),
        refused=sentence_of(lang, refused) if refused and not wrong else None,
        wrong=fields_of(lang, refused),
        can_end=key != "new" and public_entry(session, kind, key) is not None,
    )


@router.post("/drafts/{draft_id}/entries/{kind}/{key}")
def put_entry(  # noqa: PLR0913, PLR0917 -- FastAPI names each part of the address
    request: Request, session: SessionDep, actor: MayEditPlan, form: FormDep, draft_id: UUID, kind: Kind, key: str
) -> Response:
    """Write an entry into a draft, or let it end."""
    try:
        draft = drafting.open_for_change(session, draft_id, forms.parse(Seen, form).version)
        if form.get("wish") == "end":
            drafting.put(session, draft, kind, key, None)
        else:
            written_key, entry = plan_forms.read(kind, form, entry_in_draft(session, draft, kind, key))
            drafting.put(session, draft, kind, written_key if key == "new" else key, entry)
    except (Conflict, Invalid) as refused:
        session.rollback()
        draft = queries.submission(session, draft_id)
        return _entry_page(request, session, actor, draft, kind, key, plan_forms.sent(kind, form), refused)
    return _go(f"{_address(draft_id)}#entries")


@router.post("/drafts/{draft_id}/documents/{document_id}/drop")
def drop_entry(
    request: Request, session: SessionDep, actor: MayEditPlan, form: FormDep, draft_id: UUID, document_id: int
) -> Response:
    """Take an entry out of a draft."""
    try:
        draft = drafting.open_for_change(session, draft_id, forms.parse(Seen, form).version)
        drafting.drop_document(session, draft, document_id)
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _draft_page(request, session, actor, draft_id, refused)
    return _go(f"{_address(draft_id)}#entries")


# --- lists ---


@router.post("/drafts/{draft_id}/lists")
def keep_list(request: Request, session: SessionDep, actor: MayEditPlan, form: FormDep, draft_id: UUID) -> Response:
    """Take a list in and show what it would do; nothing is written to the draft."""
    try:
        draft = queries.submission(session, draft_id)
        content = forms.file_in(form, "file")
        if not content:
            raise tables.ListUnreadable
        kept = listing.keep(
            session, actor, draft, UUID(str(form.get("list_id"))), forms.file_name(form, "file"), content
        )
    except ValueError:
        return _draft_page(request, session, actor, draft_id, tables.ListUnreadable())
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _draft_page(request, session, actor, draft_id, refused)
    return _go(f"{_address(draft_id)}/lists/{kept.id}")


@router.get("/drafts/{draft_id}/lists/{list_id}")
def look_at_list(request: Request, session: SessionDep, actor: MayEditPlan, draft_id: UUID, list_id: UUID) -> Response:
    """Show what each line of a list would do."""
    return _list_page(request, session, actor, draft_id, list_id)


def _list_page(
    request: Request,
    session: Session,
    actor: Actor,
    draft_id: UUID,
    list_id: UUID,
    refused: DomainError | None = None,
) -> Response:
    lang, draft = preferences_of(request).lang, queries.submission(session, draft_id)
    kept = listing.kept_list(session, draft, list_id)
    return render(
        request,
        "bureau/plan/list.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        draft=plan_views.row(session, lang, draft),
        version=draft.version,
        list=plan_views.list_view(session, city(), lang, draft, kept),
        refused=sentence_of(lang, refused),
    )


@router.post("/drafts/{draft_id}/lists/{list_id}")
def take_list_over(
    request: Request, session: SessionDep, actor: MayEditPlan, form: FormDep, draft_id: UUID, list_id: UUID
) -> Response:
    """Put the chosen lines of a list into the draft."""
    try:
        kept = listing.kept_list(session, queries.submission(session, draft_id), list_id)
        listing.take_over(session, city(), actor, kept, forms.parse(TakeOver, form))
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _list_page(request, session, actor, draft_id, list_id, refused)
    return _go(f"{_address(draft_id)}#values")
