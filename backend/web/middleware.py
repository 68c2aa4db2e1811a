"""What holds for every request whatever the route: headers, hosts, limits, the access log and the last resort."""

import time
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core.config import Settings
from backend.core.logging import get_logger
from backend.web import metrics
from backend.web.bodies import BoundedBody, CheckedJson
from backend.web.cookies import QueuedCookies
from backend.web.csrf import OfferedTokens
from backend.web.errors import Answer, error_id, last_resort, respond
from backend.web.sessions import LIFETIMES

log = get_logger(__name__)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = ("/static/", "/livez", "/readyz")
"""Paths whose success is not worth a log line."""
_SESSION_COOKIES = tuple(life.cookie.encode() for life in LIFETIMES.values())
_REFUSED_FEATURES = (
    "accelerometer", "autoplay", "browsing-topics", "display-capture", "encrypted-media", "gyroscope", "hid",
    "magnetometer", "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
# A ticket held up at a till keeps the screen on.
_OUR_FEATURES = ("camera", "geolocation", "screen-wake-lock")
PERMISSIONS_POLICY = ", ".join(
    [*(f"{name}=(self)" for name in _OUR_FEATURES), *(f"{name}=()" for name in _REFUSED_FEATURES)]
)


PRIVATE = ("/account", "/bureau", "/reports", "/api/v1/account", "/api/v1/bureau", "/api/v1/receipts")


def install(app: FastAPI, settings: Settings) -> None:
    """Put the middlewares around the application, from the outside in."""
    app.user_middleware[:] = [
        Middleware(AccessLog),
        Middleware(SecurityHeaders, settings=settings),
        Middleware(HeadAsGet),
        Middleware(Compressed),
        Middleware(QueuedCookies),
        Middleware(OfferedTokens),
        Middleware(LastResort),
        Middleware(SoundRequests, settings=settings),
        Middleware(BoundedBody),
        Middleware(CheckedJson),
    ]


def content_security_policy(tile_url: str | None) -> str:
    """Return the policy: nothing but our own files, and pictures of the one tile server that was named."""
    images = "img-src 'self' blob:" + (f" {tile_origin(tile_url)}" if tile_url else "")
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; {images}; connect-src 'self'; font-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "object-src 'none'"
    )


def tile_origin(tile_url: str) -> str:
    """Return the origin of `https://{s}.example.cn/{z}/{x}/{y}.png` as the policy writes it."""
    parts = urlsplit(tile_url.replace("{s}.", "*.", 1))
    return f"{parts.scheme}://{parts.netloc}"


class SecurityHeaders:
    """Puts the headers of S-52 and S-56 on every answer; a route may be stricter by setting its own."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.headers: list[tuple[bytes, bytes]] = [
            (b"content-security-policy", content_security_policy(settings.tile_url).encode()),
            (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"permissions-policy", PERMISSIONS_POLICY.encode()),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                names = {name.lower() for name, _ in given}
                given += [header for header in self.headers if header[0] not in names]
                if b"cache-control" not in names:
                    given.append((b"cache-control", _cache_control(scope, message["status"], given)))
                message["headers"] = given
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _cache_control(scope: Scope, status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
    path: str = scope["path"]
    if status >= HTTPStatus.BAD_REQUEST or scope["method"] not in {"GET", "HEAD"}:
        return b"no-store"
    if path.startswith("/static/build/"):
        return b"public, max-age=31536000, immutable"
    if path.startswith("/static/"):
        return b"public, max-age=3600"
    if _is_personal(scope, headers):
        return b"no-store"
    return b"private, no-cache"


def _is_personal(scope: Scope, headers: list[tuple[bytes, bytes]]) -> bool:
    if scope["path"].startswith(("/bureau", "/api/")):
        return True
    lines = [value for name, value in scope["headers"] if name == b"cookie"]
    lines += [value for name, value in headers if name == b"set-cookie"]
    return any(cookie in line for line in lines for cookie in _SESSION_COOKIES)


class LastResort:
    """Turns what nobody caught into a plain answer; inside the headers, so that it carries them too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            await last_resort(Request(scope), error)(scope, receive, send)


class SoundRequests:
    """Refuses hosts that are not ours (S-58), methods nobody offers (S-60) and paths that no database can hold."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.hosts = {host.lower() for host in settings.allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        status = self._refusal(scope) if scope["type"] == "http" else None
        if status is None:
            await self.app(scope, receive, send)
        else:
            request = Request(scope)
            await respond(request, Answer(status))(scope, receive, send)

    def _refusal(self, scope: Scope) -> HTTPStatus | None:
        hosts = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or _without_port(hosts[0]) not in self.hosts:
            # Links and pages are made from the host: a wrong one must not appear in the answer either.
            _replace_host(scope, min(self.hosts, default="localhost"))
            return HTTPStatus.BAD_REQUEST
        if scope["method"] not in METHODS:
            return HTTPStatus.METHOD_NOT_ALLOWED
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            return HTTPStatus.BAD_REQUEST
        return None


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).strip("[]")


def _replace_host(scope: Scope, host: str) -> None:
    scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"host"] + [(b"host", host.encode())]


class HeadAsGet:
    """Answers HEAD with the head that GET would have: FastAPI's routes know no HEAD, link checkers and monitors ask for it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        # The access log reads the route from the outer scope; it is the inner one's.
        inner = {**scope, "method": "GET"}
        await self.app(inner, receive, send_head)
        scope["route"] = inner.get("route")


class Compressed:
    """Sends files and public pages compressed.

    What only one person may read stays as it is: compressed together with something a stranger chose, the length of an
    answer could tell what stands in it (BREACH).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.plain = app
        self.compressed = GZipMiddleware(app, minimum_size=1024, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_public = scope["type"] == "http" and scope["method"] == "GET" and not scope["path"].startswith(PRIVATE)
        await (self.compressed if is_public else self.plain)(scope, receive, send)


class AccessLog:
    """One line for each request: what, how it ended, how long. Of whom, only for staff; never address or query."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note_status)
        finally:
            seconds = time.perf_counter() - began
            method = scope["method"] if scope["method"] in METHODS else "other"
            # The route, not the path: a path can hold a case number.
            route = getattr(scope.get("route"), "path", None) or "none"
            metrics.note(method, route, status, seconds)
            if status >= HTTPStatus.BAD_REQUEST or not scope["path"].startswith(QUIET):
                _write_line(scope, method, route, status, round(seconds * 1000))


def _write_line(scope: Scope, method: str, route: str, status: int, milliseconds: int) -> None:
    facts: dict[str, object] = {
        "method": method,
        "route": route,
        "status": int(status),
        "milliseconds": milliseconds,
    }
    if staff := scope.get("green.staff"):
        facts["staff"] = staff
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        facts["request_id"] = error_id(Request(scope))
    log.info("request", **facts)
