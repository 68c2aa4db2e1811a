"""What holds when many callers act at once, each on a connection of its own, as processes do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.accounts import service
from backend.core import clock
from backend.core.db import session_scope
from backend.core.errors import TooMany
from backend.web.ratelimit import limit
from tests.factories.accounts import PASSWORD, make_staff

pytestmark = pytest.mark.usefixtures("own_engine")


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
