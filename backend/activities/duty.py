"""Who may confirm at which station: one verb for the bureau's page and the command line, and nobody appoints oneself."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete, select

from backend.accounts import queries as accounts
from backend.accounts.models import Staff
from backend.activities import errors, sites
from backend.activities.models import StationAttendant
from backend.activities.sites import Site
from backend.audit import service as audit
from backend.audit.models import AuditEntry
from backend.core.actor import Actor, Permission
from backend.stations.errors import StationUnknown
from backend.stations.models import Station
from backend.stations.queries import station_by_code

BEGAN, ENDED = "duty_began", "duty_ended"


@dataclass(frozen=True)
class Duty:
    """One person at one station."""

    staff_id: UUID
    name: str
    is_active: bool
    station_code: str
    since: datetime | None
    """From the record of acts; unknown for duties older than the record of them."""


def stations_of(session: Session, actor: Actor) -> list[Site]:
    """Return the stations at which a member of staff is on duty, as far as they are still shown."""
    query = (
        select(StationAttendant.station_code)
        .join(Station, col(Station.code) == col(StationAttendant.station_code))
        .where(StationAttendant.staff_id == actor.id, col(Station.is_active))
    )
    codes = session.exec(query.order_by(col(StationAttendant.station_code))).all()
    return [sites.find(session, code) for code in codes]


def on_duty(session: Session, actor: Actor, code: str) -> Site:
    """Return the station if the member of staff is on duty there, or raise."""
    if actor.id is None or session.get(StationAttendant, (actor.id, code)) is None:
        raise errors.NotYourStation
    return sites.find(session, code)


def put_on_duty(session: Session, actor: Actor, staff_id: UUID, code: str) -> None:
    """Let a member of staff confirm at a station; again: nothing happens."""
    if actor.id == staff_id:
        raise errors.OwnDuty
    if staff_id not in {one.id for one in attendants(session)}:
        raise errors.NoAttendant(fields={"staff_id": errors.NoAttendant.message})
    try:
        station_by_code(session, code)
    except StationUnknown:
        raise errors.StationNeeded(fields={"station": errors.StationNeeded.message}) from None
    statement = insert(StationAttendant).values(staff_id=staff_id, station_code=code).on_conflict_do_nothing()
    if session.execute(statement.returning(col(StationAttendant.staff_id))).first():
        audit.record(session, actor, BEGAN, _subject(code), staff=str(staff_id))


def take_off_duty(session: Session, actor: Actor, staff_id: UUID, code: str) -> None:
    """End a duty at once: what is confirmed from now on is refused. Again: nothing happens."""
    mine = delete(StationAttendant).where(
        col(StationAttendant.staff_id) == staff_id, col(StationAttendant.station_code) == code
    )
    if session.execute(mine.returning(col(StationAttendant.staff_id))).first():
        audit.record(session, actor, ENDED, _subject(code), staff=str(staff_id))


def attendants(session: Session) -> list[Staff]:
    """Return who can be put on duty."""
    return accounts.who_may(session, Permission.ACTIVITY_ATTEND)


def places(session: Session, limit: int = 300) -> list[Station]:
    """Return the stations at which somebody can be on duty."""
    query = select(Station).where(col(Station.is_active), col(Station.is_staffed))
    return list(session.exec(query.order_by(col(Station.county_code), col(Station.code)).limit(limit)))


def roster(session: Session) -> list[Duty]:
    """Return who is on duty where, by station and name."""
    rows = session.exec(
        select(StationAttendant, Staff)
        .join(Staff, col(Staff.id) == col(StationAttendant.staff_id))
        .order_by(col(StationAttendant.station_code), col(Staff.name))
    ).all()
    since = _since(session, {_subject(duty.station_code) for duty, _ in rows})
    return [
        Duty(
            staff_id=staff.id,
            name=staff.name,
            is_active=staff.is_active,
            station_code=duty.station_code,
            since=since.get((_subject(duty.station_code), str(staff.id))),
        )
        for duty, staff in rows
    ]


def _since(session: Session, subjects: set[str]) -> dict[tuple[str, str], datetime]:
    who = AuditEntry.facts["staff"].as_string()  # pyright: ignore[reportIndexIssue, reportUnknownVariableType, reportUnknownMemberType, reportAttributeAccessIssue]
    query = (
        select(col(AuditEntry.subject), who, func.max(col(AuditEntry.at)))
        .where(col(AuditEntry.action) == BEGAN, col(AuditEntry.subject).in_(subjects))
        .group_by(col(AuditEntry.subject), who)
    )
    return {(row[0], row[1]): row[2] for row in session.execute(query)}


def _subject(code: str) -> str:
    return f"station:{code}"
