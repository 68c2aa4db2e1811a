"""Reading stations: by distance or by county, one by its code, and those that residents say are closed."""

import math
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, cast, func, or_, tuple_
from sqlmodel import Session, col, select

from backend.core import clock
from backend.places.rules import EARTH_RADIUS_M
from backend.stations import rules
from backend.stations.errors import StationUnknown
from backend.stations.models import Station, StationClosure
from backend.stations.schemas import Near, Page, StationFilter, StationRow

Key = tuple[int | str, ...]


def station_by_code(session: Session, code: str) -> Station:
    """Return an active station by its code, or raise `StationUnknown`."""
    found = session.exec(select(Station).where(Station.code == code, col(Station.is_active))).first()
    if found is None:
        raise StationUnknown
    return found


def any_station(session: Session, code: str) -> Station:
    """Return a station for its editors, also one that is no longer shown."""
    found = session.exec(select(Station).where(Station.code == code)).first()
    if found is None:
        raise StationUnknown
    return found


def listed(session: Session, wanted: StationFilter, near: Near | None, key: Key | None, limit: int) -> Page[StationRow]:
    """Return one page of active stations: nearest first where there is a place, else by county and code."""
    reports = _open_reports().label("reports")
    if near is None:
        order = (col(Station.county_code), col(Station.code))
        query = select(Station, reports)
    else:
        distance = _distance(near)
        order = (distance, col(Station.code))
        query = select(Station, reports, distance.label("distance"))
    query = query.where(col(Station.is_active), *_conditions(wanted))
    if key is not None:
        query = query.where(tuple_(*order) > tuple_(*key))
    found = session.execute(query.order_by(*order).limit(limit + 1)).all()
    rows = [StationRow(row[0], row[2] if near else None, row[1]) for row in found[:limit]]
    return Page(rows, _key(rows[-1]) if len(found) > limit else None)


def for_editors(
    session: Session, wanted: StationFilter, key: Key | None, limit: int, *, active: bool
) -> Page[StationRow]:
    """Return one page of stations for the desk, by code; those that are gone apart from those that are shown."""
    query = select(Station, _open_reports()).where(col(Station.is_active) == active, *_conditions(wanted))
    if key is not None:
        query = query.where(col(Station.code) > key[0])
    found = session.execute(query.order_by(col(Station.code)).limit(limit + 1)).all()
    rows = [StationRow(row[0], None, row[1]) for row in found[:limit]]
    return Page(rows, (rows[-1].station.code,) if len(found) > limit else None)


def reported_closed(session: Session, limit: int = 100) -> list[StationRow]:
    """Return the stations that wait for somebody to look: enough residents found them closed; the most reported first."""
    counted = (
        select(col(StationClosure.station_id), func.count().label("reports"))
        .where(*_unsettled())
        .group_by(col(StationClosure.station_id))
        .having(func.count() >= rules.CLOSED_REPORTS)
        .subquery()
    )
    found = session.execute(
        select(Station, counted.c.reports)
        .join(counted, counted.c.station_id == Station.id)
        .where(col(Station.is_active))
        .order_by(counted.c.reports.desc(), col(Station.code))
        .limit(limit)
    )
    return [StationRow(station, None, reports) for station, reports in found]


def closed_reports(session: Session, station_id: UUID) -> list[StationClosure]:
    """Return the unsettled reports of the window, latest first."""
    query = select(StationClosure).where(StationClosure.station_id == station_id, *_unsettled())
    return list(session.exec(query.order_by(col(StationClosure.at).desc())))


def all_of_them(session: Session) -> list[Station]:
    """Return every station by code, for the export."""
    return list(session.exec(select(Station).order_by(col(Station.code))))


def by_codes(session: Session, codes: list[str]) -> dict[str, Station]:
    """Return the stations that have one of these codes."""
    return {one.code: one for one in session.exec(select(Station).where(col(Station.code).in_(codes)))}


def _conditions(wanted: StationFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.kind is not None:
        conditions.append(col(Station.kind) == wanted.kind)
    if wanted.item is not None:
        conditions.append(col(Station.items).contains([wanted.item]))
    if wanted.county_code is not None:
        conditions.append(col(Station.county_code) == wanted.county_code)
    if wanted.words:
        named = (col(Station.name_zh), col(Station.name_en), col(Station.address), col(Station.code))
        conditions.append(or_(*(column.icontains(wanted.words, autoescape=True) for column in named)))
    return conditions


def _unsettled() -> list[ColumnElement[bool]]:
    return [
        col(StationClosure.verdict).is_(None),
        col(StationClosure.day) >= rules.window_start(clock.today()),
    ]


def _open_reports() -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(StationClosure)
        .where(col(StationClosure.station_id) == col(Station.id), *_unsettled())
        .scalar_subquery()
    )


def _distance(near: Near) -> ColumnElement[int]:
    """Compute `places.rules.distance_m` in the database, in whole metres: the same number on every page of a list."""
    lat, lon = func.radians(col(Station.lat)), func.radians(col(Station.lon))
    here_lat, here_lon = math.radians(near.lat), math.radians(near.lon)
    half = func.power(func.sin((lat - here_lat) / 2), 2) + math.cos(here_lat) * func.cos(lat) * func.power(
        func.sin((lon - here_lon) / 2), 2
    )
    return cast(func.round(2 * EARTH_RADIUS_M * func.asin(func.sqrt(func.least(1.0, half)))), Integer)


def _key(row: StationRow) -> Key:
    station = row.station
    return (row.distance_m if row.distance_m is not None else station.county_code, station.code)
