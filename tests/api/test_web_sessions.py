"""Sessions: the cookie, the digest, the life time, and that a revoked one is dead at once."""

import re
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select
from starlette.requests import Request

from backend.core import clock
from backend.web import cookies, sessions
from backend.web.models import WebSession
from backend.web.sessions import LIFETIMES, Audience
from tests.factories.accounts import make_staff, sign_in_as
from tests.factories.web import browser

STAFF = LIFETIMES[Audience.STAFF].cookie


def request_with(cookie: str | None = None, name: str = STAFF) -> Request:
    headers = [(b"cookie", f"{name}={cookie}".encode())] if cookie else []
    return Request({"type": "http", "headers": headers, "method": "GET", "path": "/", "query_string": b""})


def token_of(request: Request, audience: Audience = Audience.STAFF) -> str:
    token = cookies.read(request, LIFETIMES[audience].cookie)
    assert token
    return token


@pytest.mark.parametrize("audience", list(Audience))
def test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts(session: Session, audience: Audience):
    """S-01: `__Host-`, Secure, HttpOnly, SameSite, Path=/, no Domain, below 4096 bytes."""
    request = request_with()
    sessions.start(session, request, audience, owner_id=uuid.uuid4())
    (_, line), *others = request.scope["green.cookies"].values()

    assert others == []
    assert line.startswith("__Host-green-")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(line.split("; "))
    assert re.search(r"SameSite=(Lax|Strict)", line)
    assert "Domain" not in line
    assert len(line) < 4096


def test_the_token_is_random_and_stored_only_as_a_digest(session: Session):
    """S-02: ≥ 128 bits, no repeats, and never in the database."""
    tokens: set[str] = set()
    for _ in range(50):
        request = request_with()
        sessions.start(session, request, Audience.RECEIPT, owner_id=None)
        tokens.add(token_of(request, Audience.RECEIPT))
    rows = session.execute(text("SELECT row_to_json(w)::text, encode(token_digest, 'escape') FROM web_session w")).all()

    assert len(tokens) == 50
    assert all(len(token) == 43 for token in tokens)
    assert not any(token in column for token in tokens for row in rows for column in row)


def test_starting_ends_the_session_that_the_browser_held(session: Session):
    """S-03: the token changes, and the earlier one is dead."""
    first = request_with()
    sessions.start(session, first, Audience.STAFF, owner_id=None)
    old = token_of(first)
    second = request_with(old)
    sessions.start(session, second, Audience.STAFF, owner_id=None)

    assert token_of(second) != old
    assert sessions.load(session, request_with(old), Audience.STAFF) is None
    assert sessions.load(session, request_with(token_of(second)), Audience.STAFF) is not None


def test_a_token_opens_only_its_own_kind_of_session(session: Session):
    request = request_with()
    sessions.start(session, request, Audience.RECEIPT, owner_id=None)
    token = token_of(request, Audience.RECEIPT)

    assert sessions.load(session, request_with(token), Audience.STAFF) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "标" * 43, "x" * 5000])
def test_a_made_up_token_opens_nothing(session: Session, token: str):
    request = request_with()
    request.scope["headers"] = [(b"cookie", f"{STAFF}={token}".encode())]

    assert sessions.load(session, request, Audience.STAFF) is None


@pytest.mark.parametrize(
    ("audience", "idle", "absolute"),
    [
        (Audience.STAFF, timedelta(minutes=30), timedelta(hours=12)),
        (Audience.RECEIPT, timedelta(days=7), timedelta(days=30)),
        (Audience.RESIDENT, timedelta(days=90), timedelta(days=365)),
    ],
)
def test_a_session_ends_unused_and_at_the_latest(
    session: Session, audience: Audience, idle: timedelta, absolute: timedelta
):
    """S-04: idle ≤ 30 min staff, absolute ≤ 12 h; a resident signs in once on the own phone."""
    began, request = clock.now(), request_with()
    with clock.at(began):
        sessions.start(session, request, audience, owner_id=None)
    mine = request_with(token_of(request, audience), LIFETIMES[audience].cookie)

    with clock.at(began + idle + timedelta(seconds=1)):
        assert sessions.load(session, mine, audience) is None
    moment = began
    while moment < began + absolute - idle / 2:
        moment += idle / 2
        with clock.at(moment):
            assert sessions.load(session, mine, audience) is not None
    with clock.at(began + absolute):
        assert sessions.load(session, mine, audience) is None


def test_being_seen_is_written_once_a_minute(session: Session):
    began, request = clock.now(), request_with()
    with clock.at(began):
        row = sessions.start(session, request, Audience.STAFF, owner_id=None)
    mine = request_with(token_of(request))
    for seconds, seen in ((30, 0), (61, 61), (90, 61), (130, 130)):
        with clock.at(began + timedelta(seconds=seconds)):
            sessions.load(session, mine, Audience.STAFF)
        session.refresh(row)
        assert row.seen_at == began + timedelta(seconds=seen)


def test_ending_all_leaves_other_people_alone(session: Session):
    """S-04: every session of one person, in every browser, and no other."""
    owner, other = uuid.uuid4(), uuid.uuid4()
    requests = [request_with(), request_with(), request_with()]
    for request, whose in zip(requests, (owner, owner, other), strict=True):
        sessions.start(session, request, Audience.STAFF, owner_id=whose)
    sessions.end_all(session, Audience.STAFF, owner)
    left = [sessions.load(session, request_with(token_of(request)), Audience.STAFF) for request in requests]

    assert [bool(row) for row in left] == [False, False, True]


def test_a_revoked_session_is_dead_in_every_process(session: Session):
    """S-04: two applications on one database stand for two processes; nothing is remembered between requests."""
    member = make_staff(session)
    one, two = sign_in_as(browser(), session, member), browser()
    two.cookies = one.cookies
    assert [site.get("/bureau/probe").status_code for site in (one, two)] == [200, 200]

    sessions.end_all(session, Audience.STAFF, member.staff_id)
    session.commit()

    assert [site.get("/bureau/probe").status_code for site in (one, two)] == [303, 303]
    assert [site.get("/api/v1/bureau/probe").status_code for site in (one, two)] == [401, 401]


def test_the_sweep_removes_only_what_has_ended(session: Session):
    began = clock.now()
    sessions.start(session, request_with(), Audience.STAFF, owner_id=None)
    sessions.start(session, request_with(), Audience.RECEIPT, owner_id=None)
    with clock.at(began + timedelta(hours=1)):
        sessions.sweep(session)

    assert [row.audience for row in session.exec(select(WebSession).order_by(col(WebSession.audience)))] == ["receipt"]


def test_a_failed_request_sets_no_cookie(session: Session):
    del session
    site = browser()

    assert "set-cookie" not in site.get("/errors/bug", headers={"accept": "text/html"}).headers
