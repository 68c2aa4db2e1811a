"""What this browser logged before anybody signed in: ids in a cookie, until they are taken over or their time has passed."""

from collections.abc import Collection
from uuid import UUID

from starlette.requests import Request

from backend.accounts.residents.rules import KEPT_LIFE
from backend.web import cookies

COOKIE = "__Host-green-kept"
ANSWERED = "__Host-green-kept-answered"
"""Whoever is signed in has said what is to become of it: nobody is asked on every page."""
MOST = 20


def ids_of(request: Request) -> list[UUID]:
    """Return the ids; whatever else stands there is nothing."""
    found: list[UUID] = []
    for part in (cookies.read(request, COOKIE) or "").split(".")[:MOST]:
        try:
            found.append(UUID(part))
        except ValueError:
            continue
    return found


def to_ask_about(request: Request) -> list[UUID]:
    """Return the ids that the resident who is signed in has not yet been asked about."""
    return [] if cookies.read(request, ANSWERED) else ids_of(request)


def remember(request: Request, thing_id: UUID) -> None:
    """Keep one more; the oldest goes when there are too many."""
    _write(request, list(dict.fromkeys([*ids_of(request), thing_id]))[-MOST:])


def forget(request: Request, gone: Collection[UUID]) -> None:
    """They are somebody's now, or no more; the others stay on this phone."""
    _write(request, [one for one in ids_of(request) if one not in gone])


def note_answer(request: Request) -> None:
    """Leave whoever is signed in alone from now on; the page itself stays open to them."""
    cookies.queue(request, ANSWERED, "1", max_age=int(KEPT_LIFE.total_seconds()))


def ask_anew(request: Request) -> None:
    """Somebody else signs in on this phone: their answer is not given yet."""
    if cookies.read(request, ANSWERED):
        cookies.drop(request, ANSWERED)


def _write(request: Request, ids: list[UUID]) -> None:
    if ids:
        cookies.queue(request, COOKIE, ".".join(one.hex for one in ids), max_age=int(KEPT_LIFE.total_seconds()))
    elif cookies.read(request, COOKIE) is not None:
        cookies.drop(request, COOKIE)
