"""Which resident calls a route: `ResidentDep` asks for a sign-in, `MaybeResident` does not."""

from typing import Annotated, Any

from fastapi import Depends
from sqlmodel import Session
from starlette.requests import Request

from backend.accounts.residents import parts, queries
from backend.core.actor import Actor
from backend.core.db import session_scope
from backend.web import sessions
from backend.web.errors import SignInNeeded
from backend.web.sessions import Audience

SIGN_IN_PATH = "/account/sign-in"


def find_resident(request: Request) -> Actor | None:
    """Return the resident who is signed in, on a short connection; a browser without the cookie costs nothing."""
    token_digest = sessions.presented(request, Audience.RESIDENT)
    if token_digest is None:
        return None
    with session_scope() as session:
        actor = queries.signed_in(session, token_digest)
        if actor and actor.id and not request.url.path.startswith("/api/"):
            # For the mark on the way to 我的: whoever shows this cookie gets pages that no cache keeps.
            request.state.unseen = parts.unseen(session, actor.id)
        return actor


def require_resident(request: Request) -> Actor:
    """Return the resident who is signed in, or ask for a sign-in."""
    actor = find_resident(request)
    if actor is None:
        raise SignInNeeded(SIGN_IN_PATH)
    return actor


def resident_of(request: Request, session: Session) -> Actor:
    """Do the same on the request's own session: for the busiest routes, which save a connection and a change of threads."""
    token_digest = sessions.presented(request, Audience.RESIDENT)
    actor = queries.signed_in(session, token_digest) if token_digest else None
    if actor is None:
        raise SignInNeeded(SIGN_IN_PATH)
    return actor


async def asks_resident(request: Request) -> None:
    """Turn away who shows no sign-in at all; the first line of such a route is `resident_of`, which asks whose it is."""
    if sessions.presented(request, Audience.RESIDENT) is None:
        raise SignInNeeded(SIGN_IN_PATH)


ResidentDep = Annotated[Actor, Depends(require_resident)]
MaybeResident = Annotated[Actor | None, Depends(find_resident)]
AsksResident: Any = Depends(asks_resident)
