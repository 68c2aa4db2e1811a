"""Reading applications: one's own, the bureau's queue, and the public list of who holds a title."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, tuple_
from sqlmodel import Session, col, select

from backend.cities import City, UnknownCode
from backend.cities.programmes import Honour
from backend.core import clock
from backend.honours import rules
from backend.honours.errors import ApplicationUnknown, HonourUnknown
from backend.honours.models import HonourApplication, HonourEvent
from backend.honours.rules import State
from backend.honours.schemas import ApplicationSheet, Holder

QueueKey = tuple[datetime, UUID]
ListKey = tuple[date, UUID]


def honour_of(city: City, code: str) -> Honour:
    """Return a title of the city, or say that there is none."""
    try:
        return city.honour(code)
    except UnknownCode:
        raise HonourUnknown from None


def mine(session: Session, resident_id: UUID) -> list[HonourApplication]:
    """Return a resident's applications, latest first."""
    query = select(HonourApplication).where(HonourApplication.applicant_id == resident_id)
    return list(session.exec(query.order_by(col(HonourApplication.applied_at).desc(), col(HonourApplication.id))))


def queue(
    session: Session, state: State, key: QueueKey | None, limit: int
) -> tuple[list[HonourApplication], QueueKey | None]:
    """Return one page of the applications in a state, the longest waiting first, and where the next page begins."""
    place = tuple_(col(HonourApplication.applied_at), col(HonourApplication.id))
    query = select(HonourApplication).where(HonourApplication.state == state)
    if key is not None:
        query = query.where(place > key)
    order = (col(HonourApplication.applied_at), col(HonourApplication.id))
    found = list(session.exec(query.order_by(*order).limit(limit + 1)))
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], (last.applied_at, last.id) if last else None


def sheet(session: Session, application_id: UUID) -> ApplicationSheet:
    """Return everything the review page shows."""
    application = session.get(HonourApplication, application_id)
    if application is None:
        raise ApplicationUnknown
    events = session.exec(
        select(HonourEvent).where(HonourEvent.application_id == application_id).order_by(col(HonourEvent.id).desc())
    )
    return ApplicationSheet(application, list(events), rules.next_steps(State(application.state)))


def holders(
    session: Session, honour: str | None, key: ListKey | None, limit: int
) -> tuple[list[Holder], ListKey | None]:
    """Return one page of those who hold a title and may be named, latest first; a family only by the name it chose."""
    place = tuple_(col(HonourApplication.granted_on), col(HonourApplication.id))
    query = select(HonourApplication).where(*holding(), col(HonourApplication.is_public))
    if honour is not None:
        query = query.where(HonourApplication.honour == honour)
    if key is not None:
        query = query.where(place < key)
    order = (col(HonourApplication.granted_on).desc(), col(HonourApplication.id).desc())
    found = list(session.exec(query.order_by(*order).limit(limit + 1)))
    last = found[limit - 1] if len(found) > limit else None
    following = (last.granted_on, last.id) if last and last.granted_on else None
    return [_holder(one) for one in found[:limit]], following


def holding() -> list[ColumnElement[bool]]:
    """Return the conditions under which a title holds today."""
    return [
        col(HonourApplication.state) == State.GRANTED,
        col(HonourApplication.valid_until) >= clock.today(),
    ]


def _holder(one: HonourApplication) -> Holder:
    assert one.granted_on is not None
    assert one.valid_until is not None
    return Holder(one.honour, one.shown_name, one.county_code, one.granted_on, one.valid_until)
