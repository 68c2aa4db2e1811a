"""What comes in is bounded in size and in time while it arrives, and JSON is checked before anything reads it.

uvicorn has no receive deadline, so a body sent byte by byte would hold its connection for ever. A body must keep up
with the slowest mobile network; the deadline grows with what has arrived.
"""

import asyncio
import json
import math
import re
import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.web.csrf import SAFE_METHODS
from backend.web.errors import Answer, BodyRefused, respond
from backend.web.forms import OPENED

MB = 1024 * 1024
DEFAULT_LIMIT = MB
# Method and path begin → bytes. Six photos without JavaScript come in one form; with it, one photo a call.
LIMITS: tuple[tuple[str, str, int], ...] = (
    ("POST", "/report", 25 * MB),
    ("POST", "/reports/current/", 25 * MB),
    ("POST", "/green/log", 12 * MB),
    ("PUT", "/api/v1/photos/", 12 * MB),
    ("POST", "/bureau/plan/texts", 12 * MB),
    ("POST", "/bureau/plan/drafts/", 2 * MB),
)
IDLE_SECONDS = 20.0
SLOWEST_BYTES_PER_SECOND = 4 * 1024
LONGEST_SECONDS = 600.0
DRAIN_SECONDS = 5.0

DEEPEST = 32
LARGEST_INTEGER = 2**63 - 1
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class BoundedBody:
    """Refuses a body that is too large (413) or too slow (408)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(scope, receive, send)
        try:
            if body.declared > body.limit:
                raise body.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            await self.app(scope, body.receive, body.send)
        except BodyRefused as error:
            if body.answered:
                raise
            request = Request(scope)
            answer = Answer(error.status_code, headers=error.headers or {})
            await respond(request, answer)(scope, body.receive, body.send)
        finally:
            if form := scope.get(OPENED):
                await form.close()


class _Body:
    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self.limit = next((size for method, path, size in LIMITS if _matches(scope, method, path)), DEFAULT_LIMIT)
        self.declared = next((_number(value) for name, value in scope["headers"] if name == b"content-length"), 0)
        self.arrived = 0
        self.complete = False
        self.refused = False
        self.answered = False
        self.began = time.monotonic()

    def refuse(self, status: HTTPStatus) -> BodyRefused:
        self.refused = True
        return BodyRefused(status, headers={"Connection": "close"})

    async def receive(self) -> Message:
        if self.complete:
            return await self._receive()
        message = await self._within_deadline()
        if message["type"] == "http.request":
            self.arrived += len(message.get("body", b""))
            self.complete = not message.get("more_body", False)
            if self.arrived > self.limit:
                raise self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    async def _within_deadline(self) -> Message:
        allowed = min(LONGEST_SECONDS, IDLE_SECONDS + self.arrived / SLOWEST_BYTES_PER_SECOND)
        left = min(IDLE_SECONDS, self.began + allowed - time.monotonic())
        try:
            async with asyncio.timeout(max(0.0, left)):
                return await self._receive()
        except TimeoutError:
            raise self.refuse(HTTPStatus.REQUEST_TIMEOUT) from None

    async def send(self, message: Message) -> None:
        self.answered = True
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        if not (last and self.refused and not self.complete):
            await self._send(message)
            return
        # A browser reads the answer only when it has sent its body: swallow the rest for a moment before closing.
        await self._send({**message, "more_body": True})
        await self._drain()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                more = True
                while more:
                    message = await self._receive()
                    more = message["type"] == "http.request" and message.get("more_body", False)
        except TimeoutError:
            return


def _matches(scope: Scope, method: str, path: str) -> bool:
    asked: str = scope["path"]
    return scope["method"] == method and (asked.startswith(path) if path.endswith("/") else asked == path)


def _number(value: bytes) -> int:
    return int(value) if value.isdigit() else 0


class CheckedJson:
    """Reads a JSON body whole, refuses what parsers disagree about or a database cannot hold, and passes it on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or not _is_json(scope):
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > DEFAULT_LIMIT:
                raise BodyRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, headers={"Connection": "close"})
        if body and not is_sound(bytes(body)):
            await respond(request, Answer(HTTPStatus.UNPROCESSABLE_ENTITY))(scope, receive, send)
            return
        given = False

        async def receive_again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self.app(scope, receive_again, send)


def is_sound(body: bytes) -> bool:
    """Whether `body` is one JSON text without repeated keys, NaN, huge numbers, deep nesting or broken characters."""
    try:
        value: Any = json.loads(body.decode(), object_pairs_hook=_no_repeats, parse_constant=_no_constant)
        return all(_fits(part) for part in _walk(value, 1))
    except (ValueError, RecursionError):
        return False


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeated key")
    return found


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _walk(value: Any, depth: int) -> Iterator[Any]:
    if depth > DEEPEST + 1:
        raise ValueError("too deep")
    if isinstance(value, dict):
        for key, part in value.items():  # pyright: ignore[reportUnknownVariableType] -- any JSON
            yield key
            yield from _walk(part, depth + 1)
    elif isinstance(value, list):
        for part in value:  # pyright: ignore[reportUnknownVariableType] -- any JSON
            yield from _walk(part, depth + 1)
    else:
        yield value


def _fits(part: Any) -> bool:
    if isinstance(part, str):
        return not _UNSTORABLE.search(part)
    if isinstance(part, float):
        return math.isfinite(part)
    return not isinstance(part, int) or -LARGEST_INTEGER <= part <= LARGEST_INTEGER


def _is_json(scope: Scope) -> bool:
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    kind = kind.split(b";")[0].strip().lower()
    return kind == b"application/json" or kind.endswith(b"+json")
