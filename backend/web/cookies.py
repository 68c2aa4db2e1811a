"""Cookies are queued on the request and sent by a middleware, so that no route has to carry a response around."""

from typing import Literal

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_QUEUE = "green.cookies"
SERVER_ERROR = 500


def queue(
    request: HTTPConnection,
    name: str,
    value: str,
    *,
    max_age: int | None = None,
    same_site: Literal["lax", "strict"] = "lax",
    http_only: bool = True,
) -> None:
    """Send `name` with the answer; without `max_age` the browser forgets it when it is closed."""
    line = f"{name}={value}; Path=/; Secure; SameSite={same_site.capitalize()}"
    if http_only:
        line += "; HttpOnly"
    if max_age is not None:
        line += f"; Max-Age={max_age}"
    _queue(request.scope)[name] = (value, line)


def drop(request: HTTPConnection, name: str) -> None:
    """Tell the browser to forget `name`."""
    _queue(request.scope)[name] = (None, f"{name}=; Path=/; Secure; SameSite=Lax; HttpOnly; Max-Age=0")


def read(request: HTTPConnection, name: str) -> str | None:
    """Return the value that the browser will hold after this answer."""
    queued = _queue(request.scope).get(name)
    return queued[0] if queued else request.cookies.get(name)


def _queue(scope: Scope) -> dict[str, tuple[str | None, str]]:
    return scope.setdefault(_QUEUE, {})


class QueuedCookies:
    """Adds the queued cookies to the head of the answer, unless the request failed on our side."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < SERVER_ERROR:
                lines = [(b"set-cookie", line.encode("latin-1")) for _, line in _queue(scope).values()]
                message["headers"] = [*message.get("headers", ()), *lines]
            await send(message)

        await self.app(scope, receive, send_with_cookies)
