"""What holds when many callers act at once, each on a connection of its own, as processes do."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from backend.accounts import service
from backend.core import clock, db
from backend.core.config import get_settings
from backend.core.db import session_scope
from backend.core.errors import TooMany
from backend.web.ratelimit import limit
from tests.factories.accounts import PASSWORD, make_staff


@pytest.fixture
def own_database(server_uri: str, template: str, database_url: str) -> Iterator[None]:
    """Work on a pool of connections to a database of its own: what is committed here is seen by no other test."""
    name = f"{database_url.rpartition('/')[2].partition('?')[0]}_races"
    with psycopg.connect(server_uri.replace("{name}", "postgres"), autocommit=True) as admin:
        admin.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
        admin.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
    url = server_uri.replace("{name}", name)
    engine = db.open_engine(get_settings().model_copy(update={"database_url": url}))
    db.use(db.Database(engine))
    yield
    db.use(None)
    engine.dispose()


pytestmark = pytest.mark.usefixtures("own_database")


def at_once(times: int, act: Callable[[], bool]) -> list[bool]:
    with ThreadPoolExecutor(8) as pool:
        return [done.result() for done in [pool.submit(act) for _ in range(times)]]


def test_a_bucket_is_shared_by_all_callers():
    """S-63: exactly the burst passes, whoever comes first; a refused try is not undone by a rollback."""
    moment = clock.now()

    def take() -> bool:
        with clock.at(moment):
            try:
                limit("sign_in", "shared")
            except TooMany:
                return False
            return True

    assert sum(at_once(60, take)) == 10


def test_six_digits_sent_many_times_at_once_work_once():
    """S-08: of parallel sign-ins with one code a single one succeeds."""
    with session_scope() as session:
        member = make_staff(session)
    code = member.code()

    def sign_in() -> bool:
        with session_scope() as session:
            return service.sign_in(session, login=member.login, password=PASSWORD, code=code) is not None

    assert sum(at_once(16, sign_in)) == 1
