"""The residents' JSON interface: the same services as the pages, for scripts and other programs."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from backend.cases import intake
from backend.cases import queries as cases
from backend.cases import service as case_service
from backend.cases.intake import Received
from backend.cases.rules import Finding, State
from backend.cases.schemas import PublicCase
from backend.cities import city
from backend.core.db import SessionDep, transact
from backend.portal import progress
from backend.reports import queries as reports
from backend.reports import service as report_service
from backend.reports.schemas import SendMessage, SubmitReport
from backend.web.addresses import client_address
from backend.web.csrf import ApiGuard
from backend.web.pagination import DEFAULT_PAGE, PageSize, read_cursor, write_cursor
from backend.web.preferences import preferences_of
from backend.web.ratelimit import limit, limited

router = APIRouter(prefix="/api/v1", dependencies=[ApiGuard], tags=["residents"])


class ReportReceipt(BaseModel):
    """The answer to a report. `receipt` is told here and never again, except to who sends the same report again."""

    id: UUID
    receipt: str
    number: str
    state: State
    received_at: datetime
    accept_by: datetime | None
    photo_ids: list[UUID]
    outside_city: bool


class ReceiptIn(BaseModel):
    """A receipt, as it was typed or scanned."""

    model_config = ConfigDict(extra="forbid")

    receipt: str = Field(max_length=100)


class MessageIn(ReceiptIn, SendMessage):
    """A message of the holder of a receipt."""


class MessageOut(BaseModel):
    """One message of the mailbox."""

    sender: Literal["bureau", "reporter"]
    text: str
    at: datetime
    photos: int


class ProgressOut(BaseModel):
    """What the holder of a receipt may know; words are in the language of the request."""

    model_config = ConfigDict(from_attributes=True)

    number: str
    kind_name: str
    kind_icon: str
    state: State
    state_name: str
    sentence: str
    finding: Finding | None
    received_at: datetime
    due_at: datetime | None
    answer: str | None
    unread: int
    messages: list[MessageOut]


class CaseList(BaseModel):
    """One page of public cases; `next` is the cursor of the following page."""

    cases: list[PublicCase]
    next: str | None


@router.post("/reports", status_code=201, response_model=ReportReceipt)
async def submit(request: Request, form: SubmitReport) -> Response:
    """Send a report whose photos were put before. The same body again gives the same answer; another one is a 409."""
    # The busiest call: one change of threads for limit, report and commit, and the answer as it is.
    address, language = client_address(request), preferences_of(request).lang

    def receive(session: Session) -> Received:
        limit("report", address)
        return intake.receive(session, city(), form, language=language)

    received = await transact(receive)
    told = ReportReceipt(
        id=received.sent.report_id,
        receipt=received.sent.receipt.shown,
        number=received.case.number,
        state=received.case.state,
        received_at=received.sent.received_at,
        accept_by=received.case.due_at,
        photo_ids=received.sent.photo_ids,
        outside_city=received.sent.outside_city,
    )
    return Response(told.model_dump_json(), 201, media_type="application/json")


@router.post("/receipts/lookup", dependencies=[limited("receipt_lookup")])
def look_up(request: Request, response: Response, session: SessionDep, form: ReceiptIn) -> ProgressOut:
    """Tell the progress behind a receipt; whatever opens nothing gets one and the same 404."""
    response.headers["Cache-Control"] = "no-store"
    report = reports.by_receipt(session, form.receipt)
    return ProgressOut.model_validate(progress.of(session, city(), report, preferences_of(request).lang))


@router.post("/receipts/messages", status_code=201, dependencies=[limited("receipt_lookup")])
def write(request: Request, response: Response, session: SessionDep, form: MessageIn) -> ProgressOut:
    """Write to the bureau with a receipt; the same message again changes nothing."""
    response.headers["Cache-Control"] = "no-store"
    report = reports.by_receipt(session, form.receipt)
    message = SendMessage(id=form.id, text=form.text, photo_ids=form.photo_ids)
    if report_service.write(session, report, message):
        case_service.hear(session, report.id)
    return ProgressOut.model_validate(progress.of(session, city(), report, preferences_of(request).lang))


@router.get("/cases", dependencies=[limited("read")])
def public_cases(
    session: SessionDep, limit: PageSize = DEFAULT_PAGE, after: Annotated[str | None, Query(max_length=1000)] = None
) -> CaseList:
    """List all cases, latest first: number, kind, county, state, finding and days; nothing that was not released."""
    cursor = read_cursor(after)
    key = (date.fromisoformat(cursor[0]), UUID(cursor[1])) if cursor else None
    rows, last = cases.public_list(session, key, limit)
    return CaseList(cases=rows, next=write_cursor(*last) if last else None)
