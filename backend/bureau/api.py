"""The desk as a JSON interface: the same queue, the same steps, the same refusals as the pages."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from backend.accounts.guards import MayAnswerCases, MayDecideCases, MayReadCases, MayReferCases
from backend.bureau import steps
from backend.bureau.filters import QueueQuery, write_key
from backend.cases import queries
from backend.cases.models import Case
from backend.cases.queries import key_of
from backend.cases.rules import Finding, Measure, State, Step
from backend.cases.schemas import AskReporter, CaseSheet, QueueRow, TakeStep
from backend.cities import city
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Conflict, Invalid
from backend.web.csrf import ApiGuard
from backend.web.pagination import DEFAULT_PAGE, LARGEST_PAGE

router = APIRouter(prefix="/api/v1/bureau", dependencies=[ApiGuard], tags=["bureau"])


class CaseQuery(QueueQuery):
    """The part of the queue that is asked for, and how many cases at once."""

    limit: int = Field(default=DEFAULT_PAGE, ge=1, le=LARGEST_PAGE)


class CaseCard(BaseModel):
    """One case in the queue; `version` belongs into the next step's body."""

    model_config = ConfigDict(from_attributes=True)

    number: str
    version: int
    state: State
    finding: Finding | None
    measure: Measure | None
    kind: str
    subkind: str | None
    county_code: str | None
    township_code: str | None
    landmark: str
    lat: float | None
    lon: float | None
    outside_city: bool
    first_words: str
    report_count: int
    has_news: bool
    opened_at: datetime
    due_at: datetime | None
    due_provisional: bool
    ended_at: datetime | None
    competent_body: str | None
    photos: list[UUID] = []


class CaseList(BaseModel):
    """One page of the queue; `next` is the cursor of the following page."""

    cases: list[CaseCard]
    next: str | None


class MessageOut(BaseModel):
    """One message of a reporter's mailbox."""

    model_config = ConfigDict(from_attributes=True)

    sender: str
    text: str
    at: datetime
    photo_ids: list[UUID]


class ReportOut(BaseModel):
    """One report of a case, named by its rank in the case and by nothing else."""

    rank: int
    words: str
    received_at: datetime
    accuracy_m: float | None
    withdrawn_at: datetime | None
    photos: list[UUID]
    details: dict[str, str]
    messages: list[MessageOut]


class EventOut(BaseModel):
    """One change of a case: who, when, why."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    action: str
    actor_name: str
    before: str | None
    after: str | None
    reason: str
    told: str


class CaseDetail(CaseCard):
    """One case with its reports, its history and what may be done next."""

    answer: str
    reports: list[ReportOut]
    events: list[EventOut]
    steps: list[Step]


@router.get("/cases")
def list_cases(session: SessionDep, actor: MayReadCases, query: Annotated[CaseQuery, Query()]) -> CaseList:
    """List the cases that the officer may see: open ones by deadline, ended ones latest first."""
    wanted = query.wanted(city(), actor)
    page = queries.queue(session, actor, wanted, query.key, backwards=query.is_backwards, limit=query.limit)
    last = key_of(page.rows[-1], wanted) if page.rows and page.has_after else None
    return CaseList(cases=[_card(row) for row in page.rows], next=write_key(last) if last else None)


@router.get("/cases/{number}")
def read_case(session: SessionDep, actor: MayReadCases, number: str) -> CaseDetail:
    """Tell one case; that it was read is recorded."""
    return _detail(steps.read_case(session, actor, number))


@router.post("/cases/{number}/accept")
def accept(session: SessionDep, actor: MayDecideCases, number: str, form: TakeStep) -> CaseDetail:
    """Accept a case."""
    return _take(session, actor, number, Step.ACCEPT, form)


@router.post("/cases/{number}/decline")
def decline(session: SessionDep, actor: MayDecideCases, number: str, form: TakeStep) -> CaseDetail:
    """Turn a case away; `decline_reason`, `answer` and, where one is competent, `competent_body` are needed."""
    return _take(session, actor, number, Step.DECLINE, form)


@router.post("/cases/{number}/refer")
def refer(session: SessionDep, actor: MayReferCases, number: str, form: TakeStep) -> CaseDetail:
    """Pass a case on; `competent_body` and `answer` are needed."""
    return _take(session, actor, number, Step.REFER, form)


@router.post("/cases/{number}/investigate")
def investigate(session: SessionDep, actor: MayDecideCases, number: str, form: TakeStep) -> CaseDetail:
    """Note that someone goes and looks."""
    return _take(session, actor, number, Step.INVESTIGATE, form)


@router.post("/cases/{number}/finding")
def finding(session: SessionDep, actor: MayDecideCases, number: str, form: TakeStep) -> CaseDetail:
    """Write down the `finding`."""
    return _take(session, actor, number, Step.FINDING, form)


@router.post("/cases/{number}/close")
def close(session: SessionDep, actor: MayAnswerCases, number: str, form: TakeStep) -> CaseDetail:
    """Close a case; `answer` is needed and, for a substantiated one, `measure`."""
    return _take(session, actor, number, Step.CLOSE, form)


@router.post("/cases/{number}/reopen")
def reopen(session: SessionDep, actor: MayDecideCases, number: str, form: TakeStep) -> CaseDetail:
    """Open an ended case again; `reason` is needed."""
    return _take(session, actor, number, Step.REOPEN, form)


@router.post("/cases/{number}/messages", status_code=201)
def ask(session: SessionDep, actor: MayAnswerCases, number: str, form: AskReporter, response: Response) -> CaseDetail:
    """Write to the reporters of a case, or to one of them by `rank`."""
    steps.ask(session, actor, number, form)
    response.headers["Cache-Control"] = "no-store"
    return _detail(steps.look_at(session, actor, number))


def _take(session: SessionDep, actor: Actor, number: str, step: Step, form: TakeStep) -> CaseDetail:
    try:
        steps.take(session, actor, number, step, form)
    except (Conflict, Invalid) as refused:
        steps.note_refusal(session, actor, number, step.value, refused)
        raise
    return _detail(steps.look_at(session, actor, number))


def _card(row: QueueRow) -> CaseCard:
    return CaseCard.model_validate(row.case).model_copy(update={"photos": row.photo_ids})


def _detail(sheet: CaseSheet) -> CaseDetail:
    photos = [photo.id for report in sheet.reports for photo in report.photos]
    return CaseDetail(
        **_facts(sheet.case, photos),
        answer=sheet.case.answer,
        reports=[
            ReportOut(
                rank=one.rank,
                words=one.report.words,
                received_at=one.report.received_at,
                accuracy_m=one.report.accuracy_m,
                withdrawn_at=one.withdrawn_at,
                photos=[photo.id for photo in one.photos],
                details=one.details,
                messages=[MessageOut.model_validate(message) for message in one.messages],
            )
            for one in sheet.reports
        ],
        events=[EventOut.model_validate(event) for event in sheet.events],
        steps=sheet.steps,
    )


def _facts(case: Case, photos: list[UUID]) -> dict[str, Any]:
    return CaseCard.model_validate(case).model_dump() | {"photos": photos}
