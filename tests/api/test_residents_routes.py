"""The pages of an account without any script: two small forms in, everything about oneself, and out again."""

import re
import statistics
import time
from datetime import timedelta

import pytest
from fastapi import FastAPI
from httpx2 import Response
from sqlalchemy import text
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.accounts.residents import queries
from backend.accounts.residents.rules import CodePurpose, Purpose, Standing
from backend.core import clock
from backend.web.sessions import LIFETIMES, Audience
from tests.factories.activities import fill_fund, logged
from tests.factories.coupons import claim, give_points, open_market
from tests.factories.honours import applied
from tests.factories.households import make_household
from tests.factories.reports import a_report
from tests.factories.residents import Neighbour, code_for, make_resident, new_phone, sign_in_resident, wrong_code
from tests.factories.web import token_on

COOKIE = LIFETIMES[Audience.RESIDENT].cookie
SIGN_IN, CODE = "/account/sign-in", "/account/sign-in/code"


def another(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="https://testserver", follow_redirects=False)


def post(client: TestClient, path: str, page: str | None = None, **fields: str | list[str]) -> Response:
    return client.post(path, data={"csrf_token": token_on(client, page or path), **fields})


def ask(client: TestClient, phone: str, **more: str) -> Response:
    return post(client, SIGN_IN + "/codes", SIGN_IN, phone=phone, **more)


def test_two_forms_lead_in_and_the_third_is_asked_once(client: TestClient, session: Session):
    phone = new_phone()
    sent = ask(client, phone, next="/help")
    assert (sent.status_code, sent.headers["location"]) == (303, CODE + "?next=/help")
    page = client.get(sent.headers["location"]).text
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert f"{phone[:3]}****{phone[-4:]}" in page
    in_ = post(client, CODE, code=code_for(session, phone), next="/help")
    assert in_.headers["location"] == "/account/welcome?next=/help"

    welcomed = post(client, "/account/welcome", age_group="adult", consents=["account", "points"], next="/help")
    assert welcomed.headers["location"] == "/help"
    resident_id = queries.resident_by_phone(session, phone)
    assert resident_id
    assert queries.may_earn(session, resident_id)
    # The next time nothing is asked.
    later = another(client.app)  # pyright: ignore[reportArgumentType]
    with clock.at(clock.now() + timedelta(minutes=2)):
        ask(later, phone)
        assert post(later, CODE, code=code_for(session, phone)).headers["location"] == "/account"


def test_who_is_not_signed_in_comes_back_to_where_he_was_going(client: TestClient):
    asked = client.get("/account/export")
    assert (asked.status_code, asked.headers["location"]) == (303, "/account/sign-in?next=/account/export")
    assert 'name="next" value="/account/export"' in client.get(asked.headers["location"]).text


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil", "javascript:1"])
def test_the_way_on_stays_on_this_site(client: TestClient, session: Session, target: str):
    """S-59."""
    phone = new_phone()
    assert ask(client, phone, next=target).headers["location"] == CODE + "?next=/account"
    assert "evil" not in client.get(f"{SIGN_IN}?next={target}").text


def test_a_known_and_an_unknown_number_see_one_page(app: FastAPI, session: Session):
    """S-05: status, headers and the page that follows."""
    known, seen = make_resident(session), list[object]()
    for phone in (known.phone, new_phone()):
        client = another(app)
        answer = ask(client, phone)
        page = client.get(answer.headers["location"]).text.replace(f"{phone[:3]}****{phone[-4:]}", "…")
        page = re.sub(r'name="csrf_token" value="[^"]+"', "", page)
        headers = [(name, re.sub(r"=[\w-]{43};", "=…;", value)) for name, value in sorted(answer.headers.items())]
        seen.append((answer.status_code, headers, page))
    assert seen[0] == seen[1]


def test_a_known_and_an_unknown_number_take_the_same_time(app: FastAPI, session: Session):
    """S-05: medians of interleaved tries differ by less than two equal series may (generous here)."""
    spent: dict[str, list[float]] = {"known": [], "unknown": []}
    phones = [(make_resident(session).phone, new_phone()) for _ in range(9)]
    for known, unknown in phones:
        for name, phone in (("known", known), ("unknown", unknown)):
            client = another(app)
            began = time.perf_counter()
            assert client.post("/api/v1/account/codes", json={"phone": phone}).status_code == 202
            spent[name].append(time.perf_counter() - began)
    known, unknown = statistics.median(spent["known"]), statistics.median(spent["unknown"])
    assert known / 3 < unknown < known * 3


def test_a_wrong_code_is_told_and_never_why(client: TestClient, session: Session):
    phone = new_phone()
    ask(client, phone)
    answers = [post(client, CODE, code=typed) for typed in (wrong_code(code_for(session, phone)), "x", "")]
    assert {answer.status_code for answer in answers} == {401}
    assert len({re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text) for answer in answers}) == 1


def test_too_many_codes_are_refused_on_the_page(client: TestClient, session: Session):
    """S-06: 429 with Retry-After and a sentence beside the field."""
    phone = new_phone()
    ask(client, phone)
    answer = ask(client, phone)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert "data-error-summary" in answer.text
    assert phone not in answer.text


def test_forms_from_before_the_sign_in_are_stale(client: TestClient, session: Session):
    """S-12: and those from before a sign-out, on a phone that two people share."""
    phone, before = new_phone(), token_on(client, SIGN_IN)
    ask(client, phone)
    post(client, CODE, code=code_for(session, phone))
    post(client, "/account/welcome", age_group="adult", consents=["account"])
    assert client.post("/account/name", data={"csrf_token": before, "nickname": "麦子"}).status_code == 403
    mine = token_on(client, "/account")
    assert client.post("/account/sign-out", data={"csrf_token": mine}).status_code == 303
    sign_in_resident(client, session, make_resident(session))
    assert client.post("/account/name", data={"csrf_token": mine, "nickname": "麦子"}).status_code == 403


def test_a_form_without_our_token_changes_nothing(resident_client: TestClient, session: Session, neighbour: Neighbour):
    """S-12."""
    for path in ("/account/name", "/account/consents", "/account/delete", "/account/sign-out-everywhere"):
        assert resident_client.post(path, data={"nickname": "x", "confirmed": "yes"}).status_code == 403
        foreign = {"sec-fetch-site": "cross-site"}
        assert resident_client.post(path, data={}, headers=foreign).status_code == 403
    assert queries.profile_of(session, neighbour.resident_id).nickname == neighbour.nickname


def test_the_session_from_before_the_sign_in_is_dead(client: TestClient, session: Session):
    """S-03: a planted token is worth nothing."""
    other, phone = make_resident(session), new_phone()
    sign_in_resident(client, session, other)
    planted = client.cookies[COOKIE]
    client.cookies.delete(COOKIE)
    client.cookies.set(COOKIE, planted, domain="testserver.local")
    client.post("/api/v1/account/codes", json={"phone": phone})
    assert client.post("/api/v1/account/sessions", json={"code": code_for(session, phone)}).status_code == 201
    late = another(client.app)  # pyright: ignore[reportArgumentType]
    late.cookies.set(COOKIE, planted, domain="testserver.local")
    assert late.get("/account").status_code == 303


def test_a_mistake_in_the_welcome_keeps_what_was_typed(client: TestClient, session: Session):
    sign_in_resident(client, session, make_resident(session, introduced=False))
    fields = {"age_group": "minor", "nickname": "麦积山下", "consents": "account"}
    answer = post(client, "/account/welcome", **fields)
    assert answer.status_code == 422
    assert 'value="麦积山下"' in answer.text
    assert "data-error-summary" in answer.text
    assert post(client, "/account/welcome", age_group="adult", consents="points").status_code == 422
    assert client.get("/account").headers["location"] == "/account/welcome"


def test_a_child_is_led_to_the_guardian(client: TestClient, session: Session):
    child, guardian = make_resident(session, introduced=False), new_phone()
    sign_in_resident(client, session, child)
    year = str(clock.today().year - 9)
    answer = post(client, "/account/welcome", age_group="minor", birth_year=year, consents=["account", "points"])
    assert answer.headers["location"] == "/account/guardian"
    assert post(client, "/account/guardian/codes", "/account/guardian", phone=child.phone).status_code == 422
    assert post(client, "/account/guardian/codes", "/account/guardian", phone=guardian).status_code == 303
    code = code_for(session, guardian, CodePurpose.GUARDIAN)
    assert post(client, "/account/guardian", code=code).status_code == 422
    assert post(client, "/account/guardian", code=wrong_code(code), agreed="yes").status_code == 422
    assert queries.profile_of(session, child.resident_id).standing is Standing.WAITING
    assert post(client, "/account/guardian", code=code, agreed="yes").headers["location"] == "/account"
    assert queries.may_earn(session, child.resident_id)


def test_name_language_and_agreements_change(resident_client: TestClient, session: Session, neighbour: Neighbour):
    answer = post(resident_client, "/account/name", "/account", nickname=" 麦 子 ", language="en")
    assert answer.status_code == 303
    assert "green_prefs=en." in answer.headers["set-cookie"]
    post(resident_client, "/account/consents", "/account", purpose="points", given="no")
    post(resident_client, "/account/consents", "/account", purpose="texts", given="yes")
    profile = queries.profile_of(session, neighbour.resident_id)
    assert (profile.nickname, profile.language) == ("麦 子", "en")
    assert set(profile.consents) == {Purpose.ACCOUNT, Purpose.TEXTS}
    assert post(resident_client, "/account/name", "/account", nickname="13812345678").status_code == 422


def test_signing_out_keeps_what_is_on_the_phone(resident_client: TestClient):
    """S-04, S-56: pages are wiped; receipts and drafts are the reporter's and stay."""
    held = resident_client.cookies[COOKIE]
    out = post(resident_client, "/account/sign-out", "/account")
    assert out.headers["clear-site-data"] == '"cache"'
    assert COOKIE not in resident_client.cookies
    resident_client.cookies.set(COOKIE, held, domain="testserver.local")
    assert resident_client.get("/account").status_code == 303


def test_the_data_can_be_read_and_taken_along(resident_client: TestClient, neighbour: Neighbour):
    """S-85: JSON and HTML."""
    assert neighbour.phone in resident_client.get("/account/export").text
    file = resident_client.get("/account/export.json")
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.json()["account"]["phone"] == neighbour.phone
    assert resident_client.get("/api/v1/account/export").json()["account"]["nickname"] == neighbour.nickname


def test_deleting_wants_a_yes(resident_client: TestClient, session: Session, neighbour: Neighbour):
    assert post(resident_client, "/account/delete").headers["location"] == "/account/delete"
    assert queries.names_of(session, [neighbour.resident_id]) == {neighbour.resident_id: neighbour.nickname}
    gone = post(resident_client, "/account/delete", confirmed="yes")
    assert gone.headers["location"] == "/account/deleted"
    assert resident_client.get("/account/deleted").status_code == 200
    assert resident_client.get("/account").status_code == 303
    assert queries.names_of(session, [neighbour.resident_id]) == {neighbour.resident_id: ""}


def test_nothing_of_a_resident_is_kept_by_a_cache(resident_client: TestClient):
    """S-56."""
    for path in ("/account", "/account/export", "/account/delete", "/", "/help", "/api/v1/account"):
        assert resident_client.get(path).headers["cache-control"] == "no-store"


def test_a_report_by_somebody_signed_in_is_nobodys(resident_client: TestClient, session: Session, neighbour: Neighbour):
    """A report is never linked to the account: the random number stands in no table of reports, cases or photos."""
    sent = resident_client.post("/api/v1/reports", json=a_report().model_dump(mode="json", exclude_none=True))
    assert sent.status_code == 201
    rows = [
        row
        for table in ("report", "report_detail", "message", "case_file", "case_report", "case_event", "photo", "notice")
        for row in session.execute(text(f"SELECT row_to_json(t)::text FROM {table} t")).scalars()  # noqa: S608 -- names of ours
    ]
    assert rows
    assert not any(str(neighbour.resident_id) in row for row in rows)


def test_all_that_is_kept_is_headed_in_words(resident_client: TestClient, session: Session, neighbour: Neighbour):
    """No feature's part of the file stands on the page under the name of a column."""
    give_points(session, neighbour.resident_id, 500)
    claim(session, neighbour, open_market(session).campaign())
    make_household(session, neighbour)
    applied(session, neighbour)
    fill_fund(session)
    logged(session, neighbour.actor)
    session.commit()
    page = resident_client.get("/account/export").text
    assert re.findall(r'<dt lang="en">[^<]*', page) == []
