"""Sessions are rows: every request reads its own, so that a revoked one is dead in all processes at once."""

import re
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, delete, select, update
from starlette.requests import HTTPConnection

from backend.core import clock
from backend.core.crypto import get_keys
from backend.web import cookies
from backend.web.models import WebSession

TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
SEEN_EVERY = timedelta(minutes=1)
"""`seen_at` is written at most this often: a click costs one read, not a write."""

PROVEN = "proven_at"
"""Where a session remembers when the second factor was shown again."""


class Audience(StrEnum):
    """Who the session is for; each has its own cookie, so that neither can be used as the other."""

    STAFF = "staff"
    RECEIPT = "receipt"
    RESIDENT = "resident"
    MERCHANT = "merchant"


@dataclass(frozen=True)
class Lifetime:
    """How long a session lives unused, and at most."""

    cookie: str
    idle: timedelta
    absolute: timedelta
    same_site: Literal["lax", "strict"]
    is_kept: bool = False
    """Whether the browser keeps it when it is closed: a resident signs in once on the own phone."""


LIFETIMES: Mapping[Audience, Lifetime] = {
    Audience.STAFF: Lifetime("__Host-green-staff", timedelta(minutes=30), timedelta(hours=12), "lax"),
    Audience.RECEIPT: Lifetime("__Host-green-receipt", timedelta(days=7), timedelta(days=30), "strict"),
    Audience.RESIDENT: Lifetime("__Host-green-resident", timedelta(days=90), timedelta(days=365), "lax", is_kept=True),
    Audience.MERCHANT: Lifetime(
        "__Host-green-merchant", timedelta(days=30), timedelta(days=180), "strict", is_kept=True
    ),
}


def start(
    session: Session,
    request: HTTPConnection,
    audience: Audience,
    *,
    owner_id: uuid.UUID | None,
    data: Mapping[str, Any] | None = None,
) -> WebSession:
    """Open a session under a fresh token and end the one the browser held before."""
    end(session, request, audience)
    life, now, token = LIFETIMES[audience], clock.now(), secrets.token_urlsafe(TOKEN_BYTES)
    row = WebSession(
        token_digest=_digest(token),
        audience=audience,
        owner_id=owner_id,
        data=dict(data or {}),
        created_at=now,
        seen_at=now,
        expires_at=now + life.idle,
        absolute_until=now + life.absolute,
    )
    session.add(row)
    session.flush()
    kept = int(life.absolute.total_seconds()) if life.is_kept else None
    cookies.queue(request, life.cookie, token, max_age=kept, same_site=life.same_site)
    return row


def load(session: Session, request: HTTPConnection, audience: Audience) -> WebSession | None:
    """Return the browser's live session, or `None`."""
    token_digest = presented(request, audience)
    if token_digest is None:
        return None
    row = session.exec(select(WebSession).where(*alive(token_digest, audience))).first()
    if row:
        touch(session, row.token_digest, audience, row.seen_at, row.absolute_until)
    return row


def presented(request: HTTPConnection, audience: Audience) -> bytes | None:
    """Return the digest of the token that the browser shows, or `None`."""
    token = cookies.read(request, LIFETIMES[audience].cookie)
    return _digest(token) if token and _TOKEN.fullmatch(token) else None


def alive(token_digest: bytes, audience: Audience) -> list[ColumnElement[bool]]:
    """Return the conditions under which a row is the live session of this token."""
    return [
        col(WebSession.token_digest) == token_digest,
        col(WebSession.audience) == audience.value,
        col(WebSession.expires_at) > clock.now(),
    ]


def touch(
    session: Session, token_digest: bytes, audience: Audience, seen_at: datetime, absolute_until: datetime
) -> None:
    """Prolong a session that is in use, up to its absolute end."""
    now = clock.now()
    if now - seen_at < SEEN_EVERY:
        return
    session.execute(
        update(WebSession)
        .where(col(WebSession.token_digest) == token_digest)
        .values(seen_at=now, expires_at=min(now + LIFETIMES[audience].idle, absolute_until))
    )


def shorten(session: Session, request: HTTPConnection, audience: Audience, left: timedelta) -> None:
    """Let the browser's session end with the browser, and by itself after `left`: a device that belongs to others."""
    token_digest, life = presented(request, audience), LIFETIMES[audience]
    if token_digest is None:
        return
    until = clock.now() + left
    session.execute(
        update(WebSession)
        .where(*alive(token_digest, audience))
        .values(
            absolute_until=func.least(col(WebSession.absolute_until), until),
            expires_at=func.least(col(WebSession.expires_at), until),
        )
    )
    cookies.queue(request, life.cookie, str(cookies.read(request, life.cookie)), same_site=life.same_site)


def prove(session: Session, token_digest: bytes, audience: Audience) -> None:
    """Note that whoever holds this session has just shown the second factor again."""
    session.execute(
        update(WebSession)
        .where(*alive(token_digest, audience))
        .values(data=col(WebSession.data).op("||")({PROVEN: clock.now().isoformat()}))
    )


def proven_at(row: WebSession) -> datetime:
    """Return when the second factor was last shown: at the sign-in, or later."""
    later = row.data.get(PROVEN)
    return datetime.fromisoformat(later) if later else row.created_at


def end(session: Session, request: HTTPConnection, audience: Audience) -> None:
    """End the browser's session, if it has one."""
    token_digest = presented(request, audience)
    if token_digest is not None:
        session.execute(delete(WebSession).where(col(WebSession.token_digest) == token_digest))
    if LIFETIMES[audience].cookie in request.cookies:
        cookies.drop(request, LIFETIMES[audience].cookie)


def end_all(session: Session, audience: Audience, owner_id: uuid.UUID) -> None:
    """End every session of one person or report, in every browser."""
    session.execute(
        delete(WebSession).where(col(WebSession.audience) == audience.value, col(WebSession.owner_id) == owner_id)
    )


def sweep(session: Session) -> None:
    """Remove sessions that have ended by themselves."""
    session.execute(delete(WebSession).where(col(WebSession.expires_at) <= clock.now()))


def _digest(token: str) -> bytes:
    return get_keys().digest("web-session", token.encode())
