"""Nobody else's page may act in a resident's or an officer's name."""

import pytest
from fastapi import FastAPI
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.core.actor import Role
from backend.web.csrf import SAFE_METHODS, refuse_forged_call, refuse_forged_form
from tests.factories.accounts import make_staff, sign_in_as
from tests.factories.web import browser, calls_of, routes_of, token_on


@pytest.fixture
def site(session: Session) -> TestClient:
    del session
    return browser()


def test_a_form_with_its_token_is_taken(site: TestClient):
    assert site.post("/form", data={"csrf_token": token_on(site)}).status_code == 200
    assert site.post("/form", headers={"x-csrf-token": token_on(site)}, data={"a": "b"}).status_code == 200


@pytest.mark.parametrize("token", [None, "", "x" * 43, "标记"])
def test_a_form_without_the_right_token_is_refused(site: TestClient, token: str | None):
    """S-12: refused (403) without CSRF token."""
    token_on(site)

    assert site.post("/form", data={"csrf_token": token} if token is not None else {}).status_code == 403


def test_the_token_of_another_browser_is_refused(site: TestClient):
    """S-12: refused with another session's token."""
    other = token_on(browser())
    token_on(site)

    assert site.post("/form", data={"csrf_token": other}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "https://testserver.evil.example"},
        {"origin": "https://testserver:8443"},
        {"origin": "https://testserver", "sec-fetch-site": "cross-site"},
    ],
)
def test_another_site_is_refused_even_with_the_right_token(site: TestClient, headers: dict[str, str]):
    """S-12: refused with cross-site Sec-Fetch-Site or foreign Origin, on forms and on the JSON interface."""
    token = token_on(site)

    assert site.post("/form", data={"csrf_token": token}, headers=headers).status_code == 403
    assert site.post("/api/v1/notes", json={"words": "a"}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "https://testserver"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
    ],
)
def test_our_own_pages_pass(site: TestClient, headers: dict[str, str]):
    """With `Referrer-Policy: no-referrer` browsers send `Origin: null` for our own forms."""
    assert site.post("/form", data={"csrf_token": token_on(site)}, headers=headers).status_code == 200


def test_the_anonymous_cookie_is_a_random_token_and_nothing_else(site: TestClient):
    """S-01, S-20: `__Host-`, Secure, HttpOnly, SameSite, Path=/, no Domain; no other cookie for a visitor."""
    cookie = site.get("/form").headers["set-cookie"]

    assert cookie.startswith("__Host-green-form=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "domain" not in cookie.lower()
    assert "set-cookie" not in site.get("/form").headers


def test_the_json_interface_takes_json_and_no_form(site: TestClient):
    """No form of any site can make a call: forms cannot send application/json."""
    assert site.post("/api/v1/notes", json={"words": "a"}).status_code == 200
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "text/xml"):
        answer = site.post("/api/v1/notes", content=b'{"words": "a"}', headers={"content-type": kind})
        assert answer.status_code == 415, kind


def test_a_staff_call_needs_the_token_of_its_session(site: TestClient, session: Session):
    """S-12: with a session cookie the X-CSRF-Token is needed."""
    sign_in_as(site, session, make_staff(session))
    token = token_on(site, "/bureau/probe")

    assert site.post("/api/v1/bureau/notes", json={"words": "a"}).status_code == 403
    assert site.post("/api/v1/bureau/notes", json={"words": "a"}, headers={"x-csrf-token": token}).status_code == 200


def test_a_form_from_before_the_new_sign_in_is_stale_and_loses_no_text(site: TestClient, session: Session):
    """S-12: a stale tab after re-log-in gets a clean 403 and a re-submit without loss of the typed text."""
    member = make_staff(session)
    sign_in_as(site, session, member)
    old = token_on(site, "/bureau/probe")
    sign_in_as(site, session, member)

    typed = {"csrf_token": old, "words": '<b>黑水</b> "quoted"', "password": "not shown"}
    refused = site.post("/bureau/probe", data=typed, headers={"sec-fetch-site": "same-origin"})

    assert refused.status_code == 403
    assert "&lt;b&gt;黑水&lt;/b&gt; &#34;quoted&#34;" in refused.text
    assert "not shown" not in refused.text
    assert old not in refused.text
    new = refused.text.split('name="csrf_token" value="')[-1].split('"')[0]
    again = site.post("/bureau/probe", data={**typed, "csrf_token": new})
    assert again.status_code == 200
    assert "黑水" in again.text


def test_what_another_site_typed_is_not_shown_with_a_fresh_token(site: TestClient):
    refused = site.post("/form", data={"words": "win a prize"}, headers={"accept": "text/html"})

    assert refused.status_code == 403
    assert "win a prize" not in refused.text


def test_typing_that_outlived_its_session_is_kept(site: TestClient, session: Session):
    """S-12: half an hour of typing does not end in an empty sign-in form."""
    sign_in_as(site, session, make_staff(session))
    token = token_on(site, "/bureau/probe")
    session.connection().exec_driver_sql("DELETE FROM web_session")
    session.commit()

    answer = site.post("/bureau/probe", data={"csrf_token": token, "words": "一段长长的答复"})

    assert answer.status_code == 401
    assert "一段长长的答复" in answer.text
    assert "/bureau/sign-in" in answer.text


def test_the_bureau_posts_to_common_pages_too(site: TestClient, session: Session):
    sign_in_as(site, session, make_staff(session, Role.CITY_TRIAGE))

    assert site.post("/form", data={"csrf_token": token_on(site, "/bureau/probe")}).status_code == 200


def test_every_route_that_changes_something_is_guarded(app: FastAPI):
    """S-12: a route that nobody guarded fails here."""
    changing = [route for route in routes_of(app) if route.methods - SAFE_METHODS]

    assert len(changing) > 10
    assert [
        f"{sorted(route.methods)} {route.path}"
        for route in changing
        if not {refuse_forged_form, refuse_forged_call} & calls_of(route.dependant)
    ] == []
