"""Stations to go to, and residents and families to be, in a running city."""

from backend.cities import load_city
from backend.demo.programmes import add_stations
from backend.stations import queries, service
from backend.web.sessions import Audience
from tests.browser.city import RunningCity
from tests.browser.devices import Device
from tests.factories.honours import applied
from tests.factories.residents import make_resident, new_session


def open_stations(city: RunningCity) -> None:
    """Give the city its sample stations, once."""
    with city.rows() as session:
        if not queries.by_codes(session, ["QZ-R-01"]):
            add_stations(session, load_city("tianshui"))


def sign_in_resident(device: Device, city: RunningCity) -> None:
    """Let the device be that of a resident who has signed in."""
    with city.rows() as session:
        device.carry(Audience.RESIDENT, new_session(session, make_resident(session)))


def family_applies(city: RunningCity) -> str:
    """Let a family apply for a title; return the id of its application."""
    with city.rows() as session:
        return str(applied(session, make_resident(session), words="我们家三代人一起分类。").id)


def door_is_closed(city: RunningCity, code: str) -> None:
    """Let three people stand before a closed door."""
    with city.rows() as session:
        for sender in "abc":
            service.report_closed(session, code, sender)
