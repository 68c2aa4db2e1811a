"""Neighbours with accounts, a filled fund, stations with attendants: what the journeys of green points need."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session, create_engine

from backend.activities import sites
from backend.core.actor import Role
from backend.web.sessions import LIFETIMES, Audience
from tests.browser.city import RunningCity
from tests.browser.devices import Device
from tests.factories.accounts import Member, make_staff
from tests.factories.activities import fill_fund
from tests.factories.residents import Neighbour, make_resident, new_session
from tests.factories.stations import make_station


@contextmanager
def books(city: RunningCity) -> Iterator[Session]:
    """Open the city's database beside the service."""
    engine = create_engine(city.database.replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def move_in(city: RunningCity, device: Device, *, nickname: str = "小麦") -> Neighbour:
    """Make a resident who may earn, signed in on the device, with a fund that can give."""
    with books(city) as session:
        fill_fund(session, 100_000)
        neighbour = make_resident(session, nickname=nickname)
        token = new_session(session, neighbour)
    life = LIFETIMES[Audience.RESIDENT]
    cookie = {
        "name": life.cookie,
        "value": token,
        "url": city.url.replace("http:", "https:"),
        "secure": True,
        "httpOnly": True,
    }
    device.context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]
    return neighbour


def open_station(city: RunningCity, lat: float, lon: float) -> tuple[str, Member]:
    """Open a sorting point with an attendant; return its code and who is on duty."""
    with books(city) as session:
        station = make_station(session, kind="sorting", items=["paper"], lat=lat, lon=lon, staffed=True)
        code = station.code
        member = make_staff(session, Role.ATTENDANT, None, name="马师傅")
        sites.put_on_duty(session, member.staff_id, code)
        session.commit()
    return code, member
