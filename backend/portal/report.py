"""The report form: one page before sending, the receipt as its answer."""

import secrets
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from backend.cases import intake
from backend.cases import queries as cases
from backend.cases.intake import Received
from backend.cities import city
from backend.core.config import get_settings
from backend.core.db import SessionDep
from backend.core.errors import Invalid
from backend.core.ids import new_id
from backend.media import service as media
from backend.media.rules import FILES_MAX
from backend.places import drawing, palette
from backend.places import rules as places
from backend.portal import views
from backend.reports import rules
from backend.reports.schemas import SubmitReport
from backend.web import forms, qr, sessions
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep, FormRefused
from backend.web.preferences import Lang, preferences_of
from backend.web.ratelimit import limited
from backend.web.templates import render, translate

router = APIRouter(dependencies=[FormGuard], include_in_schema=False)

RECEIPT_IS_PRIVATE = {"Cache-Control": "no-store"}


@dataclass(frozen=True)
class ReportForm:
    """The form as the template shows it."""

    id: UUID
    secret: str
    values: dict[str, str] = field(default_factory=dict[str, str])
    errors: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class PhotoTaken:
    """What became of one photo of a form that was sent without script."""

    name: str
    id: UUID | None
    problem: str | None


@router.get("/report")
def show(request: Request) -> Response:
    """Show an empty form under a fresh id and secret."""
    return _form_page(request, ReportForm(id=new_id(), secret=secrets.token_hex(16)))


@router.get("/report/similar", dependencies=[limited("read")])
def similar(
    request: Request,
    session: SessionDep,
    kind: Annotated[str, Query(max_length=40)],
    lat: Annotated[float, Query(ge=-90, le=90)],
    lon: Annotated[float, Query(ge=-180, le=180)],
) -> Response:
    """Show open cases of the kind close by; they never stand in the way of sending."""
    lang = preferences_of(request).lang
    names = {tile.code: tile for tile in views.kind_tiles(city(), lang)}
    found = [
        {"number": near.number, "kind": names[near.kind], "distance_m": near.distance_m, "opened_at": near.opened_at}
        for near in cases.nearby(session, kind, lat, lon)
        if near.kind in names
    ]
    return render(request, "report/_similar.html", similar=found)


@router.post("/report", dependencies=[limited("report")])
def send(request: Request, session: SessionDep, form: FormDep) -> Response:
    """Take in the report and answer with its receipt, shown once; the same form again shows the same receipt."""
    lang = preferences_of(request).lang
    try:
        sent = forms.parse(SubmitReport, form)
        taken = _take_photos(session, sent.id, form, lang)
        ids = [*sent.photo_ids, *(one.id for one in taken if one.id)]
        received = intake.receive(
            session, city(), sent.model_copy(update={"photo_ids": ids[:FILES_MAX]}), language=lang
        )
    except Invalid as error:
        if "id" in error.fields or "secret" in error.fields:
            raise
        return _form_again(request, form, error, lang)
    sessions.start(session, request, sessions.Audience.RECEIPT, owner_id=received.sent.report_id)
    return _receipt_page(request, sent.kind, received, taken)


def _take_photos(session: SessionDep, report_id: UUID, form: FormData, lang: Lang) -> list[PhotoTaken]:
    """Take in the files of a form sent without script; a bad one gets its sentence and the others stay."""
    uploads = [one for one in form.getlist("photos") if isinstance(one, UploadFile) and one.filename]
    taken: list[PhotoTaken] = []
    for place, upload in enumerate(uploads):
        content, name = upload.file.read(), upload.filename or ""
        try:
            photo = media.take_in(session, rules.photo_id(report_id, place, content), content, None)
        except Invalid as error:
            taken.append(PhotoTaken(name, None, translate(lang, error.text, **error.params)))
        else:
            problem = None if photo.is_ready else translate(lang, media.UNREADABLE)
            taken.append(PhotoTaken(name, photo.id, problem))
    return taken


def _form_page(request: Request, form: ReportForm, status: int = 200) -> Response:
    settings, here = get_settings(), city()
    lang = preferences_of(request).lang
    return render(
        request,
        "report/report.html",
        status=status,
        tab="report",
        form=form,
        kinds=views.kind_tiles(here, lang),
        counties=views.county_options(here, lang),
        tile_url=settings.tile_url,
        tile_attribution=settings.tile_attribution,
        map_url=f"/static/img/{drawing.image_name(here, lang, palette.LIGHT)}",
    )


def _form_again(request: Request, form: FormData, error: Invalid, lang: Lang) -> Response:
    fields = error.fields or {"form": error.text}
    values = error.values if isinstance(error, FormRefused) else forms.texts(form)
    shown = ReportForm(
        id=UUID(values["id"]),
        secret=values["secret"],
        values=values,
        errors={name: translate(lang, sentence) for name, sentence in fields.items()},
    )
    return _form_page(request, shown, status=422)


def _receipt_page(request: Request, kind: str, received: Received, taken: list[PhotoTaken]) -> Response:
    lang = preferences_of(request).lang
    here, outside_city = city(), received.sent.outside_city
    lat, lon = received.case.lat, received.case.lon
    return render(
        request,
        "report/receipt.html",
        status=201,
        headers=RECEIPT_IS_PRIVATE,
        tab="report",
        receipt=received.sent.receipt.shown,
        receipt_qr=qr.svg(received.sent.receipt.shown),
        case=received.case,
        joined=received.joined,
        photos=[one for one in taken if one.problem],
        photo_count=len(received.sent.photo_ids),
        questions=views.questions(here, kind, lang),
        details_id=new_id(),
        outside_city=outside_city,
        hotline=places.help_outside(here, lat, lon) if outside_city and lat is not None and lon is not None else None,
    )
