"""Stations to go to, and residents and families to be, in a running city."""

import secrets

from sqlmodel import Session, create_engine

from backend.cities import load_city
from backend.core import clock
from backend.demo.programmes import add_stations
from backend.stations import queries, service
from backend.web import sessions
from backend.web.models import WebSession
from backend.web.sessions import LIFETIMES, Audience
from tests.browser.city import RunningCity
from tests.browser.devices import Device
from tests.factories.honours import applied
from tests.factories.residents import make_resident


def open_stations(city: RunningCity) -> None:
    """Give the city its sample stations, once."""
    engine = create_engine(city.database.replace("postgresql://", "postgresql+psycopg://", 1))
    with Session(engine) as session:
        if not queries.by_codes(session, ["QZ-R-01"]):
            add_stations(session, load_city("tianshui"))
            session.commit()
    engine.dispose()


def sign_in_resident(device: Device, city: RunningCity) -> None:
    """Let the device be that of a resident who has signed in."""
    engine = create_engine(city.database.replace("postgresql://", "postgresql+psycopg://", 1))
    token, now, life = secrets.token_urlsafe(32), clock.now(), LIFETIMES[Audience.RESIDENT]
    with Session(engine) as session:
        session.add(
            WebSession(
                token_digest=sessions._digest(token),
                audience=Audience.RESIDENT,
                owner_id=make_resident(session).resident_id,
                created_at=now,
                seen_at=now,
                expires_at=now + life.idle,
                absolute_until=now + life.absolute,
            )
        )
        session.commit()
    engine.dispose()
    host = {"domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True}
    device.context.add_cookies([{"name": life.cookie, "value": token, **host}])  # pyright: ignore[reportArgumentType]


def family_applies(city: RunningCity) -> str:
    """Let a family apply for a title; return the id of its application."""
    engine = create_engine(city.database.replace("postgresql://", "postgresql+psycopg://", 1))
    with Session(engine) as session:
        application_id = str(applied(session, make_resident(session), words="我们家三代人一起分类。").id)
    engine.dispose()
    return application_id


def door_is_closed(city: RunningCity, code: str) -> None:
    """Let three people stand before a closed door."""
    engine = create_engine(city.database.replace("postgresql://", "postgresql+psycopg://", 1))
    with Session(engine) as session:
        for sender in "abc":
            service.report_closed(session, code, sender)
        session.commit()
    engine.dispose()
