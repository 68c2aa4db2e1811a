"""What is done with stations: kept by their editors, said to be closed by residents, settled by whoever looked."""

from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete, func, select, update

from backend.audit import service as audit
from backend.cities import City
from backend.core import clock
from backend.core.actor import Actor
from backend.core.crypto import get_keys
from backend.core.errors import N_
from backend.core.ids import new_id
from backend.stations import checking, queries, rules
from backend.stations.errors import CodeTaken, StationChanged, StationRefused, StationUnknown
from backend.stations.models import Station, StationClosure
from backend.stations.rules import Verdict
from backend.stations.schemas import CheckedStation, KeepStation

TOO_MUCH = N_("A station of this kind does not take all of this.")
"""For a form, where what is ticked is seen; a line of a list is told which word it was."""


def add(session: Session, city: City, actor: Actor, form: KeepStation) -> Station:
    """Add a station; its code stays with it for ever, because activities and QR codes name it."""
    station = insert_station(session, checked_or_refused(city, form))
    audit.record(session, actor, "station_added", f"station:{station.code}")
    return station


def edit(session: Session, city: City, actor: Actor, code: str, version: int, form: KeepStation) -> Station:
    """Change a station, except for its code; the same form again changes nothing."""
    station = _locked(session, code, version)
    wanted = checked_or_refused(city, form.model_copy(update={"code": code}))
    changes = checking.changes_of(station, wanted)
    if changes:
        overwrite(station, wanted)
        session.flush()
        audit.record(session, actor, "station_changed", f"station:{code}", columns=changes)
    return station


def show_or_hide(session: Session, actor: Actor, code: str, version: int, *, active: bool) -> Station:
    """Take a station off the residents' lists or put it back; nothing of it is lost."""
    station = _locked(session, code, version)
    if station.is_active != active:
        station.is_active = active
        _touch(station)
        session.flush()
        audit.record(session, actor, "station_restored" if active else "station_retired", f"station:{code}")
    return station


def report_closed(session: Session, code: str, sender: str) -> bool:
    """Note that `sender` (a person or browser, never stored) stood before a closed door; once a day counts."""
    station = queries.station_by_code(session, code)
    digest = get_keys().digest("station-closed", f"{station.id}|{sender}".encode())[:16]
    stored = session.execute(
        insert(StationClosure)
        .values(id=new_id(), station_id=station.id, sender=digest, day=clock.today(), at=clock.now())
        .on_conflict_do_nothing(index_elements=["station_id", "sender", "day"])
        .returning(col(StationClosure.id))
    )
    return stored.first() is not None


def settle_closed(session: Session, actor: Actor, code: str, version: int, verdict: Verdict) -> Station:
    """Say what was found behind the reports: closed until further notice, or open after all. Settles them all."""
    station = _locked(session, code, version)
    session.execute(
        update(StationClosure)
        .where(col(StationClosure.station_id) == station.id, col(StationClosure.verdict).is_(None))
        .values(verdict=verdict, settled_at=clock.now())
    )
    closed_on = (station.closed_on or clock.today()) if verdict is Verdict.CONFIRM else None
    if closed_on != station.closed_on:
        station.closed_on = closed_on
        _touch(station)
        session.flush()
    audit.record(session, actor, f"station_closed_{verdict.value}", f"station:{code}")
    return station


def sweep_closures(session: Session) -> None:
    """Remove reports of closed doors whose matter has ended; one that nobody settled stops counting after a week."""
    ended_at = func.coalesce(col(StationClosure.settled_at), col(StationClosure.at))
    session.execute(delete(StationClosure).where(ended_at < clock.now() - timedelta(days=rules.KEPT_DAYS)))


def checked_or_refused(city: City, form: KeepStation) -> CheckedStation:
    """Return the description when it keeps all rules, or raise `StationRefused` with a sentence for each field."""
    wanted, reasons = checking.checked(city, form)
    if wanted is None:
        raise StationRefused(fields={one.column: TOO_MUCH if one.params else one.text for one in reasons})
    return wanted


def insert_station(session: Session, wanted: CheckedStation) -> Station:
    """Put a new station into the database; of two that want one code at the same moment the second is refused."""
    stored = session.execute(
        insert(Station)
        .values(id=new_id(), version=1, changed_at=clock.now(), **asdict(wanted))
        .on_conflict_do_nothing(index_elements=["code"])
        .returning(col(Station.id))
    ).first()
    if stored is None:
        raise CodeTaken
    return session.get_one(Station, stored.id)


def overwrite(station: Station, wanted: CheckedStation) -> None:
    """Let a station say what `wanted` says."""
    for name, value in asdict(wanted).items():
        setattr(station, name, value)
    _touch(station)


def _touch(station: Station) -> None:
    station.version += 1
    station.changed_at = clock.now()


def _locked(session: Session, code: str, version: int) -> Station:
    query = select(Station).where(Station.code == code).with_for_update()
    station = session.exec(query.execution_options(populate_existing=True)).first()
    if station is None:
        raise StationUnknown
    if station.version != version:
        raise StationChanged
    return station


def sender_of(person: UUID | None, browser: str) -> str:
    """Name who reports: the resident where one is signed in, else the browser."""
    return f"resident:{person}" if person else f"browser:{browser}"


def is_reported_closed(reports: int) -> bool:
    """Whether so many unsettled reports are enough."""
    return reports >= rules.CLOSED_REPORTS
