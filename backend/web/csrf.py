"""Nobody else's page may act in a resident's or an officer's name (S-12).

An anonymous browser carries one random cookie and nothing else. The token in a form is bound to it, and on the bureau's
pages to the staff session too, so that a form from before the sign-in is stale. Where the browser says from which site
a request comes, another site is refused before anything is read.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.core.crypto import get_keys
from backend.core.errors import N_, Forbidden, Invalid
from backend.web import cookies, forms
from backend.web.sessions import Audience, presented

FORM_COOKIE = "__Host-green-form"
FIELD = "csrf_token"
HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
NOT_SENT_AGAIN = frozenset({FIELD, "password", "new_password", "code", "step_up_code"})
_BROWSER_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class ForeignRequest(Forbidden):
    """The request was made by another site's page."""

    message = N_("This was sent from another website and has not been carried out.")


class StaleForm(Forbidden):
    """The form was made for another session; `fields` is what was typed, to be sent again by one tap."""

    message = N_("This page was open for too long. Nothing is lost: check and send it again.")

    def __init__(self, action: str = "", fields: list[tuple[str, str]] | None = None) -> None:
        super().__init__()
        self.action = action
        self.fields = fields or []


class UnsupportedType(Invalid):
    """The body is of a kind that the interface does not read."""

    message = N_("Send this as application/json.")


def form_token(request: HTTPConnection) -> str:
    """Return the token for the forms of this page; a browser that has no cookie yet gets one."""
    browser = cookies.read(request, FORM_COOKIE)
    if not browser or not _BROWSER_TOKEN.fullmatch(browser):
        browser = secrets.token_urlsafe(32)
        cookies.queue(request, FORM_COOKIE, browser)
    return _token(browser, presented(request, Audience.STAFF) if _staff_side(request) else None)


def renew(request: HTTPConnection) -> None:
    """Give the browser another cookie: forms from before a sign-in or sign-out are stale, whoever opened them."""
    cookies.queue(request, FORM_COOKIE, secrets.token_urlsafe(32))


class OfferedTokens:
    """Offers `request.state.csrf_token`: made when a page writes it down, so that other answers set no cookie."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            scope.setdefault("state", {})["csrf_token"] = _LateToken(HTTPConnection(scope))
        await self.app(scope, receive, send)


class _LateToken:
    def __init__(self, request: HTTPConnection) -> None:
        self.request = request

    def __str__(self) -> str:
        return form_token(self.request)


async def refuse_forged_form(request: Request) -> None:
    """Let a form through only from our own page in the same browser."""
    if request.method in SAFE_METHODS:
        return
    refuse_foreign(request)
    form = await forms.read_form(request)
    sent = request.headers.get(HEADER) or form.get(FIELD)
    if is_ours(request, sent):
        return
    if request.headers.get("sec-fetch-site") not in {"same-origin", "none"} and not _from_our_origin(request):
        # We cannot tell whose page it was: then nothing of it is shown again.
        raise StaleForm
    typed = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    raise StaleForm(request.url.path, [(name, value) for name, value in typed if name not in NOT_SENT_AGAIN])


async def refuse_forged_call(request: Request) -> None:
    """Let a call of the JSON interface through: no form of any site can make one, and staff calls carry a token."""
    if request.method in SAFE_METHODS:
        return
    refuse_foreign(request)
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind in FORM_TYPES or (request.method == "POST" and kind not in {"", "application/json"}):
        raise UnsupportedType
    if _staff_side(request) and not is_ours(request, request.headers.get(HEADER)):
        raise StaleForm


# Router-level: APIRouter(dependencies=[FormGuard]). A test fails on a route that changes things without one of them.
FormGuard: Any = Depends(refuse_forged_form)
ApiGuard: Any = Depends(refuse_forged_call)


def refuse_foreign(request: HTTPConnection) -> None:
    """Refuse what the browser itself marks as another site's doing."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise ForeignRequest
    # With `Referrer-Policy: no-referrer` browsers send `Origin: null` for our own forms; then the token decides.
    if request.headers.get("origin", "null") != "null" and not _from_our_origin(request):
        raise ForeignRequest


def is_ours(request: HTTPConnection, sent: object) -> bool:
    """Whether `sent` is the token that this browser was given."""
    browser = request.cookies.get(FORM_COOKIE)
    if not browser or not isinstance(sent, str) or not sent.isascii():
        return False
    staff_session = presented(request, Audience.STAFF)
    # The bureau's pages post to the common ones too (preferences); the other way round a form is stale.
    right = [_token(browser, staff_session)] + ([] if _staff_side(request) else [_token(browser, None)])
    return any(hmac.compare_digest(sent, token) for token in right)


def _from_our_origin(request: HTTPConnection) -> bool:
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


def _staff_side(request: HTTPConnection) -> bool:
    return request.url.path.startswith(("/bureau", "/api/v1/bureau"))


def _token(browser: str, staff_session: bytes | None) -> str:
    digest = get_keys().digest("form-token", browser.encode() + b"|" + (staff_session or b""))
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
