"""Signing in and out in a browser, and what a route demands of its caller."""

import re

import pytest
from httpx2 import Response
from sqlmodel import Session, col, func, select
from starlette.testclient import TestClient

from backend.accounts import service
from backend.accounts.guards import DENIED, Requires
from backend.audit.models import AuditEntry
from backend.core.actor import SYSTEM, Actor, Permission, Role
from tests.factories.accounts import PASSWORD, Member, make_staff, sign_in_as
from tests.factories.web import browser, token_on

PATH = "/bureau/sign-in"


@pytest.fixture
def site(session: Session) -> TestClient:
    del session
    return browser()


def sign_in(site: TestClient, member: Member, **other: str) -> Response:
    form = {"csrf_token": token_on(site, PATH), "login": member.login, "password": PASSWORD, "code": member.code()}
    return site.post(PATH, data={**form, **other})


def denials(session: Session) -> int:
    return session.exec(select(func.count()).where(col(AuditEntry.action) == DENIED)).one()


def test_signing_in_opens_the_desk_and_signing_out_closes_it(site: TestClient, session: Session):
    """S-01, S-04, S-56: the cookie, and a log-out that wipes what the browser kept."""
    answer = sign_in(site, make_staff(session))

    assert (answer.status_code, answer.headers["location"]) == (303, "/bureau")
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(r"__Host-green-staff=[\w-]{43}; Path=/; Secure; SameSite=Lax; HttpOnly", cookie)
    held = site.cookies["__Host-green-staff"]
    assert site.get("/bureau/probe").status_code == 200

    out = site.post("/bureau/sign-out", data={"csrf_token": token_on(site, "/bureau/probe")})
    assert out.status_code == 303
    assert out.headers["clear-site-data"] == '"cache", "storage", "cookies"'
    assert "__Host-green-staff" not in site.cookies
    site.cookies.set("__Host-green-staff", held)
    assert site.get("/bureau/probe").status_code == 303


def test_a_session_planted_before_the_sign_in_is_worth_nothing(site: TestClient, session: Session):
    """S-03: the token changes at log-in; the one from before is dead."""
    member = make_staff(session)
    sign_in_as(site, session, member)
    before = site.cookies["__Host-green-staff"]
    assert sign_in(site, member).status_code == 303

    assert site.cookies["__Host-green-staff"] != before
    other = browser()
    other.cookies.set("__Host-green-staff", before)
    assert other.get("/api/v1/bureau/probe").status_code == 401


def test_every_refusal_is_the_same_answer(session: Session):
    """S-05: unknown user, wrong password, wrong code, locked: identical status, body and headers."""
    member, lazy = make_staff(session), make_staff(session)
    service.lock_staff(session, SYSTEM, lazy.staff_id)
    session.commit()
    site = browser()
    answers = [
        sign_in(site, member, login="nobody"),
        sign_in(site, member, password="wrong"),
        sign_in(site, member, code="000000"),
        sign_in(site, lazy),
        sign_in(site, member, password=""),
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
    assert member.login not in answers[0].text


def test_sign_in_is_limited_per_login_and_address(site: TestClient, session: Session):
    """S-63: 10 tries a minute, then 429; another login from the same address still gets in."""
    member, other = make_staff(session), make_staff(session)
    token = token_on(site, PATH)
    form = {"csrf_token": token, "login": member.login, "password": "wrong password", "code": "1"}
    codes = [site.post(PATH, data=form).status_code for _ in range(12)]

    assert codes == [401] * 10 + [429] * 2
    assert sign_in(site, other).status_code == 303


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/reports", "/bureau-evil", "/\\evil"])
def test_the_way_on_stays_on_the_desk(site: TestClient, session: Session, target: str):
    """S-59: redirect targets are same-origin paths."""
    assert sign_in(site, make_staff(session), next=target).headers["location"] == "/bureau"


def test_who_is_not_signed_in_is_sent_to_the_form_and_back(site: TestClient, session: Session):
    asked = site.get("/bureau/probe")
    assert (asked.status_code, asked.headers["location"]) == (303, "/bureau/sign-in?next=/bureau/probe")
    assert 'name="next" value="/bureau/probe"' in site.get(asked.headers["location"]).text
    assert sign_in(site, make_staff(session), next="/bureau/probe").headers["location"] == "/bureau/probe"
    called = browser().get("/api/v1/bureau/probe")
    assert (called.status_code, called.headers["content-type"]) == (401, "application/problem+json")


def test_a_missing_right_is_refused_and_recorded_once(site: TestClient, session: Session):
    """S-14: a denied call changes nothing and is audited; count of `authz_denied` = number of denied calls."""
    officer, triage = make_staff(session), make_staff(session, Role.CITY_TRIAGE)

    assert sign_in_as(browser(), session, triage).get("/bureau/move").status_code == 200
    assert denials(session) == 0
    sign_in_as(site, session, officer)
    assert [site.get("/bureau/move").status_code for _ in range(3)] == [403] * 3
    assert denials(session) == 3


def test_extra_fields_in_the_sign_in_form_change_nothing(site: TestClient, session: Session):
    """S-17: role, county, is_active … in a body change none of them."""
    member = make_staff(session)
    extra = {
        "role": "city_triage",
        "county_code": "620503",
        "is_demo": "1",
        "is_active": "0",
        "created_at": "2020-01-01",
    }
    assert sign_in(site, member, **extra).status_code == 303
    session.expire_all()
    staff = service._staff(session, member.staff_id)

    assert (staff.role, staff.county_code, staff.is_demo, staff.is_active) == ("county_officer", "620502", False, True)
    assert staff.created_at.year > 2020


def test_a_guard_says_what_it_demands():
    """The table of routes and roles is read from this attribute."""
    guard = Requires(Permission.CASE_MOVE)

    assert guard.permission is Permission.CASE_MOVE
    assert not Actor(kind="reporter").may(Permission.CASE_READ)
