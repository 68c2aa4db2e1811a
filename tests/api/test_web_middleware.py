"""What every answer carries, and what never gets as far as a route."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.core.config import get_settings
from backend.web import bodies
from backend.web.middleware import tile_origin
from tests.factories.accounts import make_staff, sign_in_as
from tests.factories.web import browser, probe_app, token_on

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)


@pytest.fixture
def site(session: Session) -> TestClient:
    del session
    return browser()


def test_a_head_is_the_head_of_the_page_and_nothing_more(site: TestClient):
    page, head = site.get("/form"), site.head("/form")
    assert (head.status_code, head.content) == (200, b"")
    assert {"content-type", "content-security-policy", "content-length"} <= set(head.headers)
    assert head.headers["content-type"] == page.headers["content-type"]
    assert site.head("/nothing").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/form", 200),
        ("GET", "/bureau/probe", 303),
        ("GET", "/nothing", 404),
        ("POST", "/form", 403),
        ("PUT", "/form", 405),
        ("GET", "/errors/bug", 500),
        ("GET", "/errors/too-many", 429),
        ("GET", "/static/build/nothing.js", 404),
        ("GET", "/api/v1/list", 200),
        ("GET", "/form?%00", 400),
    ],
)
def test_every_answer_carries_the_security_headers(site: TestClient, method: str, path: str, status: int):
    """S-52: exact values, also on 4xx, 5xx and redirects; S-60: no server header."""
    answer = site.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == CSP
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["permissions-policy"].startswith("camera=(self), geolocation=(self), ")
    assert "microphone=()" in answer.headers["permissions-policy"]
    assert "server" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_the_tile_server_that_was_named_may_send_pictures(session: Session):
    """S-52: map tiles from the named host only."""
    del session
    settings = get_settings().model_copy(update={"tile_url": "https://{s}.tiles.example.cn/{z}/{x}/{y}.png?key=1"})

    policy = browser(settings).get("/form").headers["content-security-policy"]

    assert "img-src 'self' blob: https://*.tiles.example.cn;" in policy
    assert tile_origin("https://tiles.example.cn:8443/{z}/{x}/{y}.png") == "https://tiles.example.cn:8443"


@pytest.mark.parametrize("path", ["/api/v1/list", "/bureau/sign-in", "/errors/not-found", "/form?%00"])
def test_personal_and_failed_answers_are_never_stored(site: TestClient, path: str):
    """S-56: everything personal says no-store."""
    assert site.get(path).headers["cache-control"] == "no-store"


def test_a_page_read_with_a_session_is_never_stored(site: TestClient):
    """S-56: the same page is kept by nobody once a receipt or staff session is open."""
    assert site.get("/form").headers["cache-control"] == "private, no-cache"
    site.cookies.set("__Host-green-receipt", "x" * 43)
    assert site.get("/form").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver:80:80", "", "127.0.0.1@evil"])
def test_a_foreign_host_is_refused(site: TestClient, host: str):
    """S-58: Host header not on the list → 400, and it is not repeated in the answer."""
    answer = site.get("/form", headers={"host": host})

    assert answer.status_code == 400
    assert "evil" not in answer.text


@pytest.mark.parametrize("host", ["testserver", "TESTSERVER:8443", "localhost:8000", "127.0.0.1"])
def test_our_own_hosts_pass(site: TestClient, host: str):
    assert site.get("/form", headers={"host": host}).status_code == 200


def test_a_large_form_is_refused_and_a_photo_form_is_not(site: TestClient):
    """S-41: 1 MB for a form, 25 MB where photos come along; with a declared length and without."""
    token = token_on(site)
    photo = ("a.jpg", b"\xff" * 2_000_000, "image/jpeg")
    form = {"csrf_token": token}

    assert site.post("/report", data=form, files={"photos": photo}).status_code == 200
    assert site.post("/form", data=form, files={"photos": photo}).status_code == 413
    chunks = iter([b"csrf_token=" + token.encode() + b"&a=", *[b"b" * 100_000] * 12])
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert site.post("/form", content=chunks, headers=kind).status_code == 413
    refused = site.post("/report", content=b"", headers={"content-length": "300000000", **kind})
    assert refused.status_code == 413
    assert refused.headers["connection"] == "close"


def test_a_form_with_many_files_or_fields_is_refused(site: TestClient):
    """S-41: at most 6 files; a form has no thousand fields."""
    token = token_on(site)
    files = [("photos", (f"{n}.jpg", b"x", "image/jpeg")) for n in range(7)]

    assert site.post("/report", data={"csrf_token": token}, files=files).status_code == 400
    many = {"csrf_token": token, **{f"f{n}": "x" for n in range(60)}}
    assert site.post("/report", data=many, files=files[:1]).status_code == 400


def test_nul_in_a_form_is_refused(site: TestClient):
    """S-66: NUL in a field is 422, never 500."""
    assert site.post("/form", data={"csrf_token": token_on(site), "words": "a\x00b"}).status_code == 422


async def _send_slowly(app: Any, chunks: AsyncIterator[bytes]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        try:
            return {"type": "http.request", "body": await anext(chunks), "more_body": True}
        except StopAsyncIteration:
            return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"host", b"testserver"), (b"content-type", b"application/json"), (b"accept", b"application/json")]
    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/notes", "raw_path": b"", "query_string": b"",
        "headers": headers, "http_version": "1.1", "scheme": "https", "client": ("127.0.0.1", 1), "server": ("s", 1),
        "root_path": "", "asgi": {"version": "3.0"},
    }  # fmt: skip
    await app(scope, receive, send)
    return sent


@pytest.mark.parametrize("pause", [0.02, 10.0])
def test_a_body_sent_byte_by_byte_is_cut_off(session: Session, monkeypatch: pytest.MonkeyPatch, pause: float):
    """Finding 3: neither a trickle nor silence holds a connection for ever."""
    del session
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 0.2)
    monkeypatch.setattr(bodies, "DRAIN_SECONDS", 0.1)

    async def trickle() -> AsyncIterator[bytes]:
        for _ in range(1000):
            await asyncio.sleep(pause)
            yield b" "

    async def run() -> list[dict[str, Any]]:
        async with asyncio.timeout(5):
            return await _send_slowly(probe_app(), trickle())

    sent = asyncio.run(run())

    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in [(name.lower(), value) for name, value in sent[0]["headers"]]
    assert sent[-1]["more_body"] is False


def test_the_access_log_knows_no_address_no_query_and_no_path(
    site: TestClient, session: Session, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
):
    """Path n of the threat model: routes, not paths; staff by id, residents not at all."""
    caplog.set_level("WARNING", logger="httpx2")  # the browser of the tests, which is not the service
    member = make_staff(session)
    capsys.readouterr()
    site.get("/errors/not-found?phone=13900001111", headers={"user-agent": "canary-agent"})
    sign_in_as(site, session, member).get("/bureau/probe?q=canary-query")
    output = "".join(capsys.readouterr())

    assert "/errors/{kind}" in output
    assert str(member.staff_id) in output
    for canary in ("13900001111", "canary-agent", "canary-query", "testclient", "not-found?"):
        assert canary not in output


def test_no_template_holds_inline_script_style_or_unescaped_text():
    """S-52, S-54: 0 `<script>` without src, 0 `on*=`, 0 `style=`, 0 `|safe`, autoescape never off."""
    from backend.web.templates import FRONTEND_DIR

    wrong = re.compile(
        r"<script(?![^>]*\bsrc=)|\son[a-z]+\s*=|\sstyle\s*=|<style|\|\s*safe\b|autoescape\s+false", re.IGNORECASE
    )
    found = [
        f"{path.name}: {match[0]}"
        for path in (FRONTEND_DIR / "templates").rglob("*.html")
        for match in wrong.finditer(re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL))
    ]

    assert found == []


def test_text_in_a_page_is_escaped_and_never_a_template():
    """S-54: `{{7*7}}` renders literally, markup is shown as text, an unknown name is an error."""
    from jinja2 import UndefinedError

    from backend.web.templates import environment

    page = environment("en").from_string("<p title='{{ text }}'>{{ text }}</p>").render(text="{{7*7}}<b>'\"")
    assert page == "<p title='{{7*7}}&lt;b&gt;&#39;&#34;'>{{7*7}}&lt;b&gt;&#39;&#34;</p>"
    with pytest.raises(UndefinedError):
        environment("en").from_string("{{ nobody_set_this }}").render()
