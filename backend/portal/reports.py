"""My reports: look one up by its receipt, read its progress, write, add, withdraw. No address here names a report."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from backend.cases import service as cases
from backend.cities import city
from backend.core.db import SessionDep
from backend.core.errors import Invalid, NotFound
from backend.core.ids import new_id
from backend.media import service as media
from backend.notices import service as notices
from backend.portal import progress, views
from backend.reports import queries as reports
from backend.reports import rules
from backend.reports import service as report_service
from backend.reports.errors import ReceiptUnknown
from backend.reports.models import Report
from backend.reports.schemas import SendMessage
from backend.web import forms, sessions
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of
from backend.web.ratelimit import limited
from backend.web.sessions import Audience
from backend.web.templates import render, translate

router = APIRouter(prefix="/reports", dependencies=[FormGuard], include_in_schema=False)

PRIVATE = {"Cache-Control": "no-store"}


class NothingOpened(NotFound):
    """No receipt was entered in this browser, or too long ago."""


def opened_report(request: Request, session: SessionDep) -> Report:
    """Return the report whose receipt this browser has shown."""
    opened = sessions.load(session, request, Audience.RECEIPT)
    if opened is None or opened.owner_id is None:
        raise NothingOpened(ReceiptUnknown.message)
    return reports.by_id(session, opened.owner_id)


ReportDep = Annotated[Report, Depends(opened_report)]


def _to_current() -> Response:
    return RedirectResponse("/reports/current", status_code=303)


@router.get("")
def index(request: Request, session: SessionDep) -> Response:
    """Show the look-up field, and the report that is open in this browser."""
    opened = sessions.load(session, request, Audience.RECEIPT)
    report = reports.by_id(session, opened.owner_id) if opened and opened.owner_id else None
    lang = preferences_of(request).lang
    current = progress.of(session, city(), report, lang) if report else None
    return render(request, "reports/index.html", headers=PRIVATE, tab="me", error=None, current=current)


@router.post("/lookup", dependencies=[limited("receipt_lookup")])
def look_up(request: Request, session: SessionDep, form: FormDep) -> Response:
    """Open a report by its receipt; whatever opens nothing gets one and the same answer."""
    try:
        report = reports.by_receipt(session, str(form.get("receipt", "")))
    except ReceiptUnknown as refused:
        lang = preferences_of(request).lang
        sentence = translate(lang, refused.text)
        return render(
            request, "reports/index.html", status=404, headers=PRIVATE, tab="me", error=sentence, current=None
        )
    sessions.start(session, request, Audience.RECEIPT, owner_id=report.id)
    return _to_current()


@router.get("/current")
def current(request: Request, session: SessionDep) -> Response:
    """Show the progress of the opened report; without one, the look-up."""
    try:
        report = opened_report(request, session)
    except NothingOpened:
        return RedirectResponse("/reports", status_code=303)
    lang = preferences_of(request).lang
    shown = progress.of(session, city(), report, lang)
    notices.mark_read(session, rules.owner_of(report.id))
    return render(
        request,
        "reports/current.html",
        headers=PRIVATE,
        tab="me",
        progress=shown,
        notices=shown.notices,
        message_id=new_id(),
        details_id=new_id(),
        questions=views.questions(city(), report.kind, lang),
        error=None,
    )


@router.post("/current/messages", dependencies=[limited("message")])
def write(session: SessionDep, report: ReportDep, form: FormDep) -> Response:
    """Send a message with photos; a bad photo gets its sentence and the rest is sent."""
    message = forms.parse(SendMessage, form)
    uploads = [one for one in form.getlist("photos") if isinstance(one, UploadFile) and one.filename]
    problems: list[Invalid] = []
    ids: list[UUID] = list(message.photo_ids)
    for place, upload in enumerate(uploads):
        content = upload.file.read()
        try:
            ids.append(media.take_in(session, rules.photo_id(message.id, place, content), content, None).id)
        except Invalid as error:
            problems.append(error)
    if problems and not (message.text or ids):
        raise problems[0]
    if report_service.write(session, report, message.model_copy(update={"photo_ids": ids})):
        cases.hear(session, report.id)
    return _to_current()


@router.post("/current/details", dependencies=[limited("message")])
def add_details(session: SessionDep, report: ReportDep, form: FormDep) -> Response:
    """Keep the pictures that were tapped after the receipt."""
    answers = {name: value for name, value in forms.texts(form).items() if name not in {"csrf_token", "id"}}
    report_service.add_details(session, city(), report, _id_of(form.get("id")), answers)
    return _to_current()


@router.post("/current/contact", dependencies=[limited("message")])
def leave_phone(session: SessionDep, report: ReportDep, form: FormDep) -> Response:
    """Seal a phone number for text messages about this report."""
    report_service.leave_phone(session, report, str(form.get("phone", "")))
    return _to_current()


@router.post("/current/withdrawal", dependencies=[limited("message")])
def withdraw(session: SessionDep, report: ReportDep) -> Response:
    """Take the report back, while it is not accepted."""
    cases.withdraw(session, report.id)
    return _to_current()


@router.post("/current/leave")
def leave(request: Request, session: SessionDep) -> Response:
    """Close the report in this browser and leave nothing behind."""
    sessions.end(session, request, Audience.RECEIPT)
    return RedirectResponse("/reports", status_code=303, headers={"Clear-Site-Data": '"cache"', **PRIVATE})


def _id_of(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise Invalid from None
