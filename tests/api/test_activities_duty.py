"""Who may confirm where: put on and taken off by editors, recorded, at once, and never by oneself."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from backend.accounts import service as accounts
from backend.activities import duty
from backend.activities.errors import NoAttendant, NotYourStation, OwnDuty, StationNeeded
from backend.audit.models import AuditEntry
from backend.core import clock
from backend.core.actor import SYSTEM, Actor, Role
from backend.stations import service as stations
from backend.stations.models import Station
from tests.factories.accounts import Member, make_staff
from tests.factories.desk import Desk, sit_down
from tests.factories.stations import make_station

PATH = "/bureau/duty"


@pytest.fixture
def station(session: Session) -> Station:
    return make_station(session, staffed=True, name_en="East Gate sorting point")


@pytest.fixture
def attendant(session: Session) -> Member:
    return make_staff(session, Role.ATTENDANT, name="何平")


@pytest.fixture
def editor(session: Session) -> Actor:
    return make_staff(session, Role.PROGRAMME_EDITOR).actor


@pytest.fixture
def desk(client: TestClient, session: Session) -> Desk:
    return sit_down(client, session, Role.PROGRAMME_EDITOR, None)


def test_a_duty_begins_and_ends_once_and_is_recorded(
    session: Session, editor: Actor, attendant: Member, station: Station
):
    for _ in range(2):
        duty.put_on_duty(session, editor, attendant.staff_id, station.code)
    [found] = duty.roster(session)
    assert (found.staff_id, found.station_code, found.name) == (attendant.staff_id, station.code, "何平")
    assert found.since
    assert clock.now() - found.since < timedelta(minutes=1)
    assert duty.on_duty(session, attendant.actor, station.code).code == station.code
    for _ in range(2):
        duty.take_off_duty(session, editor, attendant.staff_id, station.code)
    assert duty.roster(session) == []
    with pytest.raises(NotYourStation):
        duty.on_duty(session, attendant.actor, station.code)
    acts = session.exec(
        select(AuditEntry).where(AuditEntry.subject == f"station:{station.code}").order_by(col(AuditEntry.id))
    )
    assert [(one.action, one.facts.get("staff")) for one in acts if one.action.startswith("duty_")] == [
        ("duty_began", str(attendant.staff_id)),
        ("duty_ended", str(attendant.staff_id)),
    ]


def test_only_a_free_attendant_at_a_station_that_is_there(
    session: Session, editor: Actor, attendant: Member, station: Station
):
    officer, lazy = make_staff(session, Role.MODERATOR), make_staff(session, Role.ATTENDANT)
    accounts.lock_staff(session, SYSTEM, lazy.staff_id)
    for staff_id in (officer.staff_id, lazy.staff_id):
        with pytest.raises(NoAttendant):
            duty.put_on_duty(session, editor, staff_id, station.code)
    with pytest.raises(StationNeeded):
        duty.put_on_duty(session, editor, attendant.staff_id, "NOWHERE")
    with pytest.raises(OwnDuty):
        duty.put_on_duty(session, attendant.actor, attendant.staff_id, station.code)
    assert duty.roster(session) == []


def test_a_station_that_is_gone_leaves_the_attendants_page(
    session: Session, editor: Actor, attendant: Member, station: Station
):
    duty.put_on_duty(session, editor, attendant.staff_id, station.code)
    stations.show_or_hide(session, editor, station.code, station.version, active=False)
    assert duty.stations_of(session, attendant.actor) == []
    assert len(duty.roster(session)) == 1


def test_the_page_puts_on_and_takes_off(desk: Desk, session: Session, attendant: Member, station: Station):
    assert "Nobody is on duty yet." in desk.get(PATH).text
    form = {"staff_id": str(attendant.staff_id), "station": station.code}
    assert desk.post(PATH, **form).headers["location"] == PATH
    page = desk.get(PATH).text
    assert "East Gate sorting point" in page
    assert desk.post(f"{PATH}/end", **form).status_code == 303
    assert duty.roster(session) == []


def test_a_refusal_keeps_what_was_chosen(desk: Desk, attendant: Member):
    refused = desk.post(PATH, staff_id=str(attendant.staff_id), station="NOWHERE")
    assert refused.status_code == 422
    assert "Choose a station that is open to the public." in refused.text
    assert f'value="{attendant.staff_id}" selected' in refused.text
    assert desk.post(PATH, staff_id="x", station="").status_code == 422
    assert desk.post(f"{PATH}/end", staff_id="x").status_code == 422
