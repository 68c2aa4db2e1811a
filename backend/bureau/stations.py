"""The desk's pages about stations: which need a look, keeping them, and lists in and out."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from backend.accounts.guards import MayEditStations
from backend.bureau import station_forms, station_lists
from backend.cities import city
from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import Conflict, Invalid
from backend.core.ids import new_id
from backend.stations import listing, queries, service
from backend.stations.errors import FileUnreadable
from backend.stations.rules import Verdict
from backend.stations.schemas import Mode
from backend.web import forms
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of
from backend.web.refusals import status_of
from backend.web.templates import render

PATH = "/bureau/stations"
PRIVATE = {"Cache-Control": "no-store"}
STAMP = "%Y%m%d"

router = APIRouter(prefix=PATH, dependencies=[FormGuard], include_in_schema=False)


class Changed(BaseModel):
    """Which version of a station a form was made from."""

    model_config = ConfigDict(extra="ignore")

    version: int = Field(ge=1)


class Settled(Changed):
    """What was found behind the reports that a station is closed."""

    verdict: Verdict


class TakenOver(BaseModel):
    """How a list is to be taken over, and what was seen of it."""

    mode: Mode
    seen: str = Field(max_length=64)


@router.get("")
def listed(
    request: Request, session: SessionDep, actor: MayEditStations, query: Annotated[station_lists.DeskQuery, Query()]
) -> Response:
    """Show the stations of a view; those that residents found closed come as a task of their own."""
    lang = preferences_of(request).lang
    shown = station_lists.desk_list(session, city(), lang, query)
    return render(request, "bureau/stations/list.html", headers=PRIVATE, actor=actor, list=shown, query=query)


@router.get("/new")
def new(request: Request, actor: MayEditStations) -> Response:
    """Show the form of a station that is not there yet."""
    form = station_forms.empty(city(), preferences_of(request).lang)
    return _form_page(request, actor, form)


@router.post("")
def add(request: Request, session: SessionDep, actor: MayEditStations, form: FormDep) -> Response:
    """Add a station."""
    try:
        station = service.add(session, city(), actor, station_forms.read(form))
    except (Conflict, Invalid) as refused:
        session.rollback()
        again = station_forms.again(city(), preferences_of(request).lang, form, refused)
        return _form_page(request, actor, again, status=status_of(refused))
    return _see_other(f"{PATH}/{station.code}?done=added")


@router.get("/export.csv")
def export(session: SessionDep, actor: MayEditStations) -> Response:
    """Hand out all stations in the shape that is taken in."""
    del actor
    name = f"stations-{datetime.strftime(clock.now().astimezone(clock.SHANGHAI), STAMP)}.csv"
    text = listing.export(queries.all_of_them(session))
    disposition = {"Content-Disposition": f'attachment; filename="{name}"', **PRIVATE}
    return Response(text.encode(), media_type="text/csv; charset=utf-8", headers=disposition)


@router.get("/import")
def import_page(request: Request, actor: MayEditStations) -> Response:
    """Ask for a list."""
    return _import_page(request, actor)


@router.post("/import")
def keep_import(request: Request, session: SessionDep, actor: MayEditStations, form: FormDep) -> Response:
    """Take a list in and show what it would do; nothing is written to the stations."""
    content = forms.file_in(form, "file")
    try:
        if not content:
            raise FileUnreadable
        kept = listing.keep(session, actor, _id_of(form.get("id")), content)
    except Invalid as refused:
        return _import_page(request, actor, refused)
    return _see_other(f"{PATH}/import/{kept.id}")


@router.get("/import/{import_id}")
def dry_run(request: Request, session: SessionDep, actor: MayEditStations, import_id: UUID) -> Response:
    """Show what each line of a list would do."""
    return _dry_run_page(request, session, actor, import_id)


@router.post("/import/{import_id}")
def take_over(
    request: Request, session: SessionDep, actor: MayEditStations, form: FormDep, import_id: UUID
) -> Response:
    """Take a list over as it was shown."""
    try:
        wish = forms.parse(TakenOver, form)
        listing.take_over(session, city(), actor, import_id, mode=wish.mode, seen=wish.seen)
    except (Conflict, Invalid) as refused:
        return _dry_run_page(request, session, actor, import_id, refused)
    return _see_other(f"{PATH}/import/{import_id}")


@router.get("/{code}")
def one(request: Request, session: SessionDep, actor: MayEditStations, code: str, done: str = "") -> Response:
    """Show a station's form, and what residents say about it."""
    return _station_page(request, session, actor, code, done=done)


@router.post("/{code}")
def edit(request: Request, session: SessionDep, actor: MayEditStations, form: FormDep, code: str) -> Response:
    """Change a station."""
    try:
        active = queries.any_station(session, code).is_active
        described = station_forms.read(_with(form, code), active=active)
        service.edit(session, city(), actor, code, forms.parse(Changed, form).version, described)
    except (Conflict, Invalid) as refused:
        return _station_page(request, session, actor, code, typed=form, refused=refused)
    return _see_other(f"{PATH}/{code}?done=changed")


@router.post("/{code}/retire")
def retire(request: Request, session: SessionDep, actor: MayEditStations, form: FormDep, code: str) -> Response:
    """Take a station off the residents' lists."""
    return _show_or_hide(request, session, actor, form, code, "retire")


@router.post("/{code}/restore")
def restore(request: Request, session: SessionDep, actor: MayEditStations, form: FormDep, code: str) -> Response:
    """Put a station back on the residents' lists."""
    return _show_or_hide(request, session, actor, form, code, "restore")


@router.post("/{code}/closure")
def settle(request: Request, session: SessionDep, actor: MayEditStations, form: FormDep, code: str) -> Response:
    """Say whether the station is closed indeed."""
    try:
        found = forms.parse(Settled, form)
        service.settle_closed(session, actor, code, found.version, found.verdict)
    except (Conflict, Invalid) as refused:
        return _station_page(request, session, actor, code, refused=refused)
    return _see_other(f"{PATH}/{code}?done={found.verdict.value}")


def _show_or_hide(
    request: Request,
    session: SessionDep,
    actor: Actor,
    form: FormDep,
    code: str,
    verb: Literal["retire", "restore"],
) -> Response:
    try:
        version = forms.parse(Changed, form).version
        service.show_or_hide(session, actor, code, version, active=verb == "restore")
    except (Conflict, Invalid) as refused:
        return _station_page(request, session, actor, code, refused=refused)
    return _see_other(f"{PATH}/{code}?done={verb}")


def _station_page(  # noqa: PLR0913 -- what a page has
    request: Request,
    session: SessionDep,
    actor: Actor,
    code: str,
    *,
    done: str = "",
    typed: FormDep | None = None,
    refused: Conflict | Invalid | None = None,
) -> Response:
    lang = preferences_of(request).lang
    if refused is not None:
        session.rollback()
    station = queries.any_station(session, code)
    form = station_forms.of(city(), lang, station)
    if refused is not None:
        form = station_forms.again(city(), lang, typed, refused) if typed else form
    return _form_page(
        request,
        actor,
        form,
        status=status_of(refused),
        sheet=station_lists.sheet(session, city(), lang, station, done=done, refused=refused),
    )


def _form_page(
    request: Request,
    actor: Actor,
    form: station_forms.StationForm,
    *,
    status: int = HTTPStatus.OK,
    sheet: station_lists.StationSheet | None = None,
) -> Response:
    return render(
        request,
        "bureau/stations/one.html",
        status=status,
        headers=PRIVATE,
        actor=actor,
        form=form,
        sheet=sheet,
        counties=city().counties,
    )


def _import_page(request: Request, actor: Actor, refused: Invalid | None = None) -> Response:
    return render(
        request,
        "bureau/stations/import.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        import_id=new_id(),
        refused=station_lists.told(preferences_of(request).lang, refused),
        columns=listing.STATIONS_HEADER,
    )


def _dry_run_page(
    request: Request,
    session: SessionDep,
    actor: Actor,
    import_id: UUID,
    refused: Conflict | Invalid | None = None,
) -> Response:
    lang = preferences_of(request).lang
    if refused is not None:
        session.rollback()
    kept = listing.kept_import(session, actor, import_id)
    return render(
        request,
        "bureau/stations/dry_run.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        list=station_lists.dry_run(session, city(), lang, kept),
        refused=station_lists.told(lang, refused),
    )


def _with(form: FormDep, code: str) -> FormDep:
    """Return the form with the code of the address: a station never gets another one."""
    return type(form)([*((name, value) for name, value in form.multi_items() if name != "code"), ("code", code)])


def _id_of(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise FileUnreadable from None


def _see_other(address: str) -> Response:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)
