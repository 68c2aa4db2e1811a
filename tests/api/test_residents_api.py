"""An account over HTTP: six digits in, a cookie out, and everything a resident may do with it."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from httpx2 import Response
from sqlalchemy import text
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.core import clock
from backend.web.sessions import LIFETIMES, Audience
from tests.factories.residents import Neighbour, code_for, make_resident, new_phone, sign_in_resident, wrong_code

CODES, SESSIONS, ACCOUNT = "/api/v1/account/codes", "/api/v1/account/sessions", "/api/v1/account"
COOKIE = LIFETIMES[Audience.RESIDENT].cookie


def another(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="https://testserver", follow_redirects=False)


def ask(client: TestClient, phone: str) -> Response:
    return client.post(CODES, json={"phone": phone})


def enter(client: TestClient, code: str) -> Response:
    return client.post(SESSIONS, json={"code": code})


def parts_of(answer: Response) -> tuple[int, str, list[tuple[str, str]]]:
    """Return an answer without what is random in it: the mark in the cookie."""
    headers = [(name, re.sub(r"=[\w-]{43};", "=…;", value)) for name, value in sorted(answer.headers.items())]
    return answer.status_code, answer.text, headers


def test_a_number_and_six_digits_open_an_account(client: TestClient, session: Session):
    phone = new_phone()
    assert ask(client, f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}").status_code == 202
    answer = enter(client, code_for(session, phone))

    assert answer.status_code == 201
    told = answer.json()
    assert told["standing"] == "new"
    assert told["phone"] == f"{phone[:3]}****{phone[-4:]}"
    assert client.get(ACCOUNT).json()["id"] == told["id"]


def test_the_cookie_stays_a_year_and_is_hidden_from_scripts(client: TestClient, session: Session):
    """S-01."""
    phone = new_phone()
    ask(client, phone)
    lines = enter(client, code_for(session, phone)).headers.get_list("set-cookie")

    (line,) = [one for one in lines if one.startswith(COOKIE)]
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{43}}; Path=/; Secure; SameSite=Lax; HttpOnly; Max-Age=31536000", line)


def test_a_known_and_an_unknown_number_get_one_answer(app: FastAPI, session: Session):
    """S-05: status, body and headers."""
    known = make_resident(session)
    answers = [parts_of(ask(another(app), phone)) for phone in (known.phone, new_phone())]

    assert answers[0] == answers[1]
    assert answers[0][0] == 202


def test_whatever_is_wrong_with_a_code_is_one_refusal(app: FastAPI, session: Session):
    """S-05, S-07: wrong, too old, used, from another browser, never asked for, no digits: identical."""
    moment = clock.now()
    wrong, old, used, foreign = (another(app) for _ in range(4))
    phones = [new_phone() for _ in range(4)]
    for client, phone in zip((wrong, old, used, foreign), phones, strict=True):
        ask(client, phone)
    codes = [code_for(session, phone) for phone in phones]
    enter(used, codes[2])
    used.cookies.delete(COOKIE)
    answers = [
        enter(wrong, wrong_code(codes[0])),
        enter(another(app), codes[3]),
        enter(wrong, "abc"),
        enter(used, codes[2]),
    ]
    with clock.at(moment + timedelta(minutes=5, seconds=1)):
        answers.append(enter(old, codes[1]))

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}


def test_five_wrong_tries_kill_a_code(client: TestClient, session: Session):
    """S-07."""
    phone = new_phone()
    ask(client, phone)
    code = code_for(session, phone)
    assert [enter(client, wrong_code(code)).status_code for _ in range(5)] == [401] * 5
    assert enter(client, code).status_code == 401


def test_a_new_code_kills_the_old_one(app: FastAPI, session: Session):
    """S-07: in whichever browser it waits."""
    phone, first, second = new_phone(), another(app), another(app)
    ask(first, phone)
    old = code_for(session, phone)
    with clock.at(clock.now() + timedelta(seconds=61)):
        ask(second, phone)
        assert enter(first, old).status_code == 401
        assert enter(second, code_for(session, phone)).status_code == 201


def test_a_number_is_not_bombed(app: FastAPI, session: Session):
    """S-06: one in 60 s, five in an hour, ten in a day, from whichever browser."""
    phone, began = new_phone(), clock.now()

    def asked(after: timedelta) -> int:
        with clock.at(began + after):
            return ask(another(app), phone).status_code

    assert [asked(timedelta(seconds=s)) for s in (0, 1, 59, 60)] == [202, 429, 429, 202]
    assert [asked(timedelta(minutes=m)) for m in (3, 5, 7, 9, 30, 59)] == [202, 202, 202, 429, 429, 429]
    assert [asked(timedelta(hours=2, minutes=m)) for m in (0, 5, 10, 15, 20)] == [202] * 5
    assert asked(timedelta(hours=6)) == 429
    assert asked(timedelta(hours=23, minutes=59)) == 429
    assert asked(timedelta(days=1, minutes=1)) == 202


def test_a_neighbourhood_asks_twenty_times_an_hour(app: FastAPI, session: Session):
    """S-06: per /24, whichever numbers."""
    codes = [ask(another(app), new_phone()).status_code for _ in range(22)]
    assert codes == [202] * 20 + [429] * 2


def test_the_budget_of_a_day_ends_in_503(app: FastAPI, session: Session, monkeypatch: pytest.MonkeyPatch):
    """S-06: nobody runs up a larger bill."""
    from backend.accounts.residents import codes
    from backend.core.config import get_settings

    small = get_settings().model_copy(update={"sms_daily_budget": 3})
    monkeypatch.setattr(codes, "get_settings", lambda: small)
    answers = [ask(another(app), new_phone()) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [202] * 3 + [503] * 2
    assert "retry-after" in answers[-1].headers


@pytest.mark.parametrize("phone", ["", "110", "12345678901", "1380000000", "not a number", "138000000000"])
def test_a_number_that_is_none_is_named(client: TestClient, phone: str):
    answer = ask(client, phone)
    assert answer.status_code == 422
    assert "phone" in answer.json()["errors"]


def test_who_is_not_signed_in_gets_401(client: TestClient):
    for method, path in (("GET", ACCOUNT), ("GET", ACCOUNT + "/export"), ("DELETE", ACCOUNT), ("DELETE", SESSIONS)):
        assert client.request(method, path).status_code == 401


def test_signing_out_is_immediate_and_everywhere(app: FastAPI, session: Session, neighbour: Neighbour):
    """S-04."""
    here, there = (sign_in_resident(another(app), session, neighbour) for _ in range(2))
    held = here.cookies[COOKIE]
    assert here.delete(SESSIONS + "/current").status_code == 204
    here.cookies.set(COOKIE, held)
    assert here.get(ACCOUNT).status_code == 401
    assert there.delete(SESSIONS).status_code == 204
    assert there.get(ACCOUNT).status_code == 401


def test_extra_fields_are_refused(resident_client: TestClient):
    """S-17."""
    extra = {"nickname": "小麦", "is_demo": True, "age_group": "adult", "phone": "13800000000"}
    assert resident_client.patch(ACCOUNT, json=extra).status_code == 422


def test_nothing_readable_stands_in_the_database(client: TestClient, session: Session):
    """S-02: neither the number, nor the digits, nor the mark, nor the session's token."""
    phone = new_phone()
    ask(client, phone)
    mark, code = client.cookies["__Host-green-code"], code_for(session, phone)
    enter(client, code)
    secrets = (phone, code, mark, client.cookies[COOKIE])
    rows = [
        row[0]
        for table in ("resident", "sms_code", "web_session", "rate_window", "procrastinate_jobs", "audit_entry")
        for row in session.execute(text(f"SELECT row_to_json(t)::text FROM {table} t"))  # noqa: S608 -- names of ours
    ]

    assert rows
    hexed = [secret.encode().hex() for secret in secrets]
    # Six digits may stand in a moment or a digest by chance; they are looked for as a word.
    assert not any(re.search(rf"\b{one}\b", row) for row in rows for one in (*secrets, *hexed))
