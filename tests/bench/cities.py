"""Cities of a size: a database of their own that the service migrated, an officer's cookie, and a page asked for many times."""

from contextlib import closing
from functools import partial

import psycopg
from psycopg.sql import SQL, Identifier
from sqlmodel import Session

from backend.core import db
from backend.core.actor import Role
from backend.core.config import Settings
from backend.web.sessions import LIFETIMES, Audience
from tests.bench.conftest import Serve, Service
from tests.bench.load import Measured, get, measure
from tests.factories.accounts import make_staff
from tests.factories.sessions import open_session


def new_city(server: str, name: str, serve: Serve) -> str:
    """Make an empty database beside the others and let the service migrate it; return its address."""
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    url = server.replace("/green?", f"/{name}?")
    with serve(database=url):
        pass  # migrates
    return url


def cookie_of(url: str, role: Role, county_code: str | None) -> str:
    """Hire an officer and sign them in; return what their browser sends."""
    engine = db.open_engine(Settings(database_url=url))
    with Session(engine) as session:
        member = make_staff(session, role, county_code)
        token = open_session(session, Audience.STAFF, member.staff_id)
    engine.dispose()
    return f"{LIFETIMES[Audience.STAFF].cookie}={token}"


def ask(service: Service, path: str, cookie: str, times: int) -> tuple[Measured, bytes]:
    """Ask for one page many times, one client."""
    request = get(path, cookie)
    with closing(service.connect()) as connection:
        body = [connection.ask(request, 200) for _ in range(20)][-1]
        return measure([[partial(connection.ask, request, 200)] * times]), body
