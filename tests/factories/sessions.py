"""Sessions without a sign-in: for tests of what stands behind one."""

import secrets
from uuid import UUID

from sqlmodel import Session
from starlette.testclient import TestClient

from backend.core import clock
from backend.web import sessions
from backend.web.models import WebSession
from backend.web.sessions import LIFETIMES, Audience


def open_session(session: Session, audience: Audience, owner_id: UUID) -> str:
    """Keep a fresh session and return its token."""
    token, now, life = secrets.token_urlsafe(32), clock.now(), LIFETIMES[audience]
    session.add(
        WebSession(
            token_digest=sessions._digest(token),
            audience=audience,
            owner_id=owner_id,
            created_at=now,
            seen_at=now,
            expires_at=now + life.idle,
            absolute_until=now + life.absolute,
        )
    )
    session.commit()
    return token


def carry(client: TestClient, audience: Audience, token: str) -> TestClient:
    """Give a browser the cookie of a session."""
    host = client.base_url.host
    # Python's cookie jar files a host without a dot under `.local`; elsewhere the answer's cookie would be a second one.
    client.cookies.set(LIFETIMES[audience].cookie, token, domain=host if "." in host else f"{host}.local")
    return client
