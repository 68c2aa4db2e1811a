"""Which till calls a route: a device that was paired with a merchant, signed in by its own cookie."""

from typing import Annotated

from fastapi import Depends
from sqlmodel import Session
from starlette.requests import Request

from backend.core.db import session_scope
from backend.coupons import queries
from backend.coupons.schemas import Till
from backend.web import csrf, sessions
from backend.web.errors import SignInNeeded
from backend.web.sessions import Audience

PAIRING_PATH = "/merchant/pairing"


def find_till(request: Request) -> Till | None:
    """Return the paired device, on a short connection; a browser without the cookie costs nothing."""
    token_digest = sessions.presented(request, Audience.MERCHANT)
    if token_digest is None:
        return None
    with session_scope() as session:
        return queries.till_of(session, token_digest)


def require_till(request: Request) -> Till:
    """Return the paired device, or ask for a pairing."""
    till = find_till(request)
    if till is None:
        raise SignInNeeded(PAIRING_PATH)
    return till


TillDep = Annotated[Till, Depends(require_till)]


def start_session(session: Session, request: Request, till: Till) -> None:
    """Let this browser be the till."""
    sessions.start(session, request, Audience.MERCHANT, owner_id=till.terminal_id)
    csrf.renew(request)


def end_session(session: Session, request: Request) -> None:
    """Let this browser be the till no more."""
    sessions.end(session, request, Audience.MERCHANT)
    csrf.renew(request)
