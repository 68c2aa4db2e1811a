"""Stations for residents: the list by distance, one station, and the word that a door was closed; pages and JSON."""

from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from backend.accounts.residents.guards import MaybeResident
from backend.cities import city
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.portal import station_views, views
from backend.portal.station_views import PATH, StationQuery
from backend.stations import queries, rules, service, wording
from backend.stations.models import Station
from backend.stations.rules import Kind
from backend.stations.schemas import StationRow
from backend.web.addresses import client_address
from backend.web.csrf import FORM_COOKIE, ApiGuard, FormGuard
from backend.web.pagination import DEFAULT_PAGE, PageSize
from backend.web.preferences import preferences_of
from backend.web.ratelimit import limited
from backend.web.templates import render

router = APIRouter(prefix=PATH, dependencies=[FormGuard], include_in_schema=False)
api = APIRouter(prefix="/api/v1/stations", dependencies=[ApiGuard], tags=["residents"])

SAID = "closed"
CARDS = 10
"""On a page of people's: so many numbers can be told apart on the map."""


class StationOut(BaseModel):
    """A station; the place is WGS-84, `open` says how it stands at this moment (`null`: nobody knows)."""

    code: str
    name_zh: str
    name_en: str
    kind: Kind
    items: list[str]
    hours: str
    county_code: str
    township_code: str | None
    lat: float
    lon: float
    address: str
    staffed: bool
    source: str
    open: bool | None
    closed_since: date | None
    reported_closed: bool
    distance_m: int | None


class StationsOut(BaseModel):
    """One page of stations; `next` is the mark of the following page."""

    stations: list[StationOut]
    next: str | None


class ClosedOut(BaseModel):
    """Whether this report was counted (once a day and browser), and what the residents together say."""

    counted: bool
    reported_closed: bool


@router.get("", dependencies=[limited("read")])
def listed(request: Request, session: SessionDep, query: Annotated[StationQuery, Query()]) -> Response:
    """Show stations, the nearest first where there is a place to measure from."""
    here, lang = city(), preferences_of(request).lang
    near = query.near(here)
    page = queries.listed(session, query.wanted(here), near, query.key(near), CARDS)
    shown = station_views.station_list(here, lang, query, page)
    return render(
        request, "stations/list.html", tab=None, list=shown, query=query, counties=views.county_options(here, lang)
    )


@router.get("/{code}", dependencies=[limited("read")])
def one(request: Request, session: SessionDep, code: str, said: str = "") -> Response:
    """Show one station: what it takes, when it is open, where it is."""
    row = _row(session, queries.station_by_code(session, code))
    shown = station_views.station_page(city(), preferences_of(request).lang, row)
    return render(request, "stations/one.html", tab=None, station=shown, card=shown.card, said=said == SAID)


@router.post("/{code}/closed", dependencies=[limited("message")])
def say_closed(request: Request, session: SessionDep, resident: MaybeResident, code: str) -> Response:
    """Note that somebody stood before a closed door; once a day counts, and thanks are said each time."""
    service.report_closed(session, code, _sender(request, resident))
    return RedirectResponse(f"{PATH}/{code}?said={SAID}", HTTPStatus.SEE_OTHER)


@api.get("", dependencies=[limited("read")])
def listed_as_data(
    session: SessionDep, query: Annotated[StationQuery, Query()], limit: PageSize = DEFAULT_PAGE
) -> StationsOut:
    """List active stations, nearest first where `lat` and `lon` (in `datum`) or a `division` are given."""
    near = query.near(city())
    page = queries.listed(session, query.wanted(city()), near, query.key(near), limit)
    return StationsOut(stations=[_out(row) for row in page.rows], next=station_views.mark(page, near))


@api.post("/{code}/closed", dependencies=[limited("message")])
def say_closed_by_program(request: Request, session: SessionDep, resident: MaybeResident, code: str) -> ClosedOut:
    """Note that somebody stood before a closed door; the same browser again on the same day changes nothing."""
    counted = service.report_closed(session, code, _sender(request, resident))
    row = _row(session, queries.station_by_code(session, code))
    return ClosedOut(counted=counted, reported_closed=service.is_reported_closed(row.closed_reports))


def _sender(request: Request, resident: Actor | None) -> str:
    """Name the resident, else the browser by the cookie of its forms, a program by its address. None of it is stored."""
    person = resident.id if resident else None
    return service.sender_of(person, request.cookies.get(FORM_COOKIE) or client_address(request))


def _row(session: SessionDep, station: Station) -> StationRow:
    return StationRow(station, None, len(queries.closed_reports(session, station.id)))


def _out(row: StationRow) -> StationOut:
    station = row.station
    stands = rules.stands(wording.hours_of(station), station.closed_on, wording.wall_clock())
    return StationOut(
        code=station.code,
        name_zh=station.name_zh,
        name_en=station.name_en,
        kind=Kind(station.kind),
        items=station.items,
        hours=station.hours,
        county_code=station.county_code,
        township_code=station.township_code,
        lat=station.lat,
        lon=station.lon,
        address=station.address,
        staffed=station.is_staffed,
        source=station.source,
        open=stands.is_open if stands else None,
        closed_since=station.closed_on,
        reported_closed=station.closed_on is None and service.is_reported_closed(row.closed_reports),
        distance_m=row.distance_m,
    )
