"""Neighbours with accounts, a filled fund, stations with attendants: what the journeys of green points need."""

from backend.activities import duty
from backend.core.actor import SYSTEM, Role
from backend.web.sessions import Audience
from tests.browser.city import RunningCity
from tests.browser.devices import Device
from tests.factories.accounts import Member, make_staff
from tests.factories.activities import fill_fund
from tests.factories.residents import Neighbour, make_resident, new_session
from tests.factories.stations import make_station


def move_in(city: RunningCity, device: Device, *, nickname: str = "小麦") -> Neighbour:
    """Make a resident who may earn, signed in on the device, with a fund that can give."""
    with city.rows() as session:
        fill_fund(session, 100_000)
        neighbour = make_resident(session, nickname=nickname)
        token = new_session(session, neighbour)
    device.carry(Audience.RESIDENT, token)
    return neighbour


def open_station(city: RunningCity, lat: float, lon: float) -> tuple[str, Member]:
    """Open a sorting point with an attendant; return its code and who is on duty."""
    with city.rows() as session:
        station = make_station(session, kind="sorting", items=["paper"], lat=lat, lon=lon, staffed=True, hours="24/7")
        code = station.code
        member = make_staff(session, Role.ATTENDANT, None, name="马师傅")
        duty.put_on_duty(session, SYSTEM, member.staff_id, code)
    return code, member
