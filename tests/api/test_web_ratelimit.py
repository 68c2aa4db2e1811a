"""Limits: shared by all processes, refilled by time, and never a way to lock a reporter out."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session
from starlette.requests import Request

from backend.core import clock
from backend.core.config import Environment, get_settings
from backend.core.errors import TooMany
from backend.web import ratelimit
from backend.web.addresses import client_address
from backend.web.ratelimit import LIMITS, limit
from tests.factories.web import browser


@pytest.fixture(autouse=True)
def transaction(session: Session) -> Iterator[None]:
    del session
    with clock.at(clock.now()):
        yield


def taken(name: str, key: str, tries: int) -> int:
    count = 0
    for _ in range(tries):
        try:
            limit(name, key)
        except TooMany:
            continue
        count += 1
    return count


def test_a_bucket_is_emptied_and_fills_again():
    """S-63: 429 with Retry-After; refused tries do not push the end away."""
    began = clock.now()
    assert taken("sign_in", "a", 25) == 10
    with pytest.raises(TooMany) as refused:
        limit("sign_in", "a")
    assert 1 <= refused.value.retry_after <= 6
    assert taken("sign_in", "b", 5) == 5
    with clock.at(began + timedelta(seconds=refused.value.retry_after)):
        assert taken("sign_in", "a", 5) == 1
    with clock.at(began + timedelta(minutes=5)):
        assert taken("sign_in", "a", 25) == 10


def test_a_clock_that_goes_back_gives_nothing_away():
    began = clock.now()
    assert taken("sign_in", "a", 25) == 10
    with clock.at(began - timedelta(seconds=100)):
        assert taken("sign_in", "a", 5) == 0


def test_intake_is_wide_for_a_town_behind_one_address(monkeypatch: pytest.MonkeyPatch):
    """Phones of one carrier share few addresses: a hundred reports at once from one address pass in production."""
    production = get_settings().model_copy(update={"env": Environment.PRODUCTION})
    monkeypatch.setattr(ratelimit, "get_settings", lambda: production)

    assert taken("report", "10.0.0.1", 120) == 120
    assert taken("report", "10.0.0.1", 400) == LIMITS["report"].burst - 120


def test_a_receipt_is_tried_ten_times_a_minute_from_one_address():
    """S-23: ≤ 10/min per address, then 429 with Retry-After."""
    site = browser()
    answers = [site.post("/api/v1/lookup", json={}) for _ in range(12)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) <= 6
    assert answers[-1].headers["content-type"] == "application/problem+json"


def test_over_all_addresses_people_wait_longer_and_are_never_refused():
    """S-23: a growing server-side wait instead of a lock-out."""
    waits = [limit("receipt_lookup_everyone", "") for _ in range(2500)]

    assert waits[:1000] == [0.0] * 1000
    assert 0 < waits[1100] < waits[1500] < waits[1999] <= ratelimit.LONGEST_WAIT
    assert waits[-1] <= ratelimit.LONGEST_WAIT


def test_no_address_is_kept(session: Session):
    """The key is a digest that changes with the day."""
    limit("report", "203.0.113.77")
    with clock.at(clock.now() + timedelta(days=1)):
        limit("report", "203.0.113.77")
    rows = session.execute(text("SELECT key, row_to_json(b)::text AS whole FROM rate_bucket b")).all()

    assert len(rows) == 2
    assert not any("203.0.113.77" in row.whole or b"203.0" in bytes(row.key) for row in rows)


def test_the_sweep_removes_yesterdays_buckets(session: Session):
    limit("report", "old")
    with clock.at(clock.now() + timedelta(days=2)):
        limit("report", "new")
        ratelimit.sweep(session)

    assert session.execute(text("SELECT count(*) FROM rate_bucket")).scalar_one() == 1


def from_address(direct: str, forwarded: str | None = None) -> Request:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return Request({"type": "http", "headers": headers, "client": (direct, 1)})


@pytest.mark.parametrize(
    ("proxies", "direct", "forwarded", "found"),
    [
        ([], "198.51.100.7", "203.0.113.1", "198.51.100.7"),
        ([], "127.0.0.1", "203.0.113.1", "127.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "203.0.113.1", "203.0.113.1"),
        (["10.0.0.0/8"], "10.0.0.1", "1.2.3.4, 203.0.113.1", "203.0.113.1"),
        (["10.0.0.0/8"], "10.0.0.1", "1.2.3.4, 203.0.113.1, 10.9.9.9", "203.0.113.1"),
        (["10.0.0.0/8"], "10.0.0.1", None, "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "garbage", "10.0.0.1"),
        (["10.0.0.0/8"], "198.51.100.7", "203.0.113.1", "198.51.100.7"),
        ([], "::ffff:198.51.100.7", None, "198.51.100.7"),
        ([], "2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        ([], "testclient", None, "testclient"),
    ],
)
def test_only_named_proxies_are_believed(
    monkeypatch: pytest.MonkeyPatch, proxies: list[str], direct: str, forwarded: str | None, found: str
):
    """S-58: a spoofed X-Forwarded-For does not change the rate-limit key."""
    settings = get_settings().model_copy(update={"trusted_proxies": proxies})
    monkeypatch.setattr("backend.web.addresses.get_settings", lambda: settings)

    assert client_address(from_address(direct, forwarded)) == found
